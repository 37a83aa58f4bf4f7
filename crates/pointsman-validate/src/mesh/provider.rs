//! Services that policies and telemetry refer to by name.

use pointsman_api::field::OneOf;
use pointsman_api::istio::mesh::{ExtensionProvider, ProviderKind};
use pointsman_manifest::Value;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{self, address, quote};

pub(super) fn check(provider: &ExtensionProvider, at: &Place<'_>, out: &mut Report) {
    if provider.name.is_empty() {
        out.error(&at.field("name"), codes::PROVIDER_NAME, "the provider has no name");
    }
    let Some(kind) = &provider.provider else {
        out.error(at, codes::PROVIDER_KIND, "the provider does not say what it is");
        return;
    };
    let (name, fields) = kind.to_member();
    let here = at.field(name);
    match kind {
        ProviderKind::EnvoyExtAuthzHttp(authorizer) => {
            server(&authorizer.service, authorizer.port, &here, out);
            status(&authorizer.status_on_error, &here, out);
            if !authorizer.path_prefix.is_empty() && !authorizer.path_prefix.starts_with('/') {
                let message =
                    format!("the prefix {} does not begin with `/`", quote(&authorizer.path_prefix));
                out.error(&here.field("pathPrefix"), codes::PROVIDER_PATH, message);
            }
        }
        ProviderKind::EnvoyExtAuthzGrpc(authorizer) => {
            server(&authorizer.service, authorizer.port, &here, out);
            status(&authorizer.status_on_error, &here, out);
        }
        ProviderKind::Stackdriver(_)
        | ProviderKind::Prometheus(_)
        | ProviderKind::EnvoyFileAccessLog(_)
        | ProviderKind::Sds(_) => {}
        ProviderKind::Opentelemetry(_) => {
            of_fields(&fields, &here, out);
            if let Some(http) = fields
                .get("http")
                .filter(|http| http.get("path").and_then(Value::as_str).is_none_or(str::is_empty))
            {
                let place = here.field("http");
                let place = if http.as_map().is_some() { place.field("path") } else { place };
                out.error(&place, codes::PROVIDER_PATH, "spans sent over HTTP need a path");
            }
        }
        _ => of_fields(&fields, &here, out),
    }
}

fn of_fields(fields: &Value, at: &Place<'_>, out: &mut Report) {
    let port = fields.get("port").and_then(Value::as_u64).and_then(|port| u32::try_from(port).ok());
    server(fields.get("service").and_then(Value::as_str).unwrap_or_default(), port.unwrap_or(0), at, out);
}

fn server(name: &str, port: u32, at: &Place<'_>, out: &mut Report) {
    service(name, &at.field("service"), out);
    words::port(port, &at.field("port"), out);
}

/// `host` or `namespace/host`.
pub(super) fn service(text: &str, at: &Place<'_>, out: &mut Report) {
    if text.is_empty() {
        out.error(at, codes::PROVIDER_SERVICE, "the provider has no service");
        return;
    }
    match text.split_once('/') {
        None if address::is_ip(text) => {}
        None => words::fqdn(text, at, out),
        Some((namespace, name)) => {
            words::label(namespace, "namespace", at, out);
            words::fqdn(name, at, out);
        }
    }
}

fn status(text: &str, at: &Place<'_>, out: &mut Report) {
    // As Envoy knows them.
    let good = text.is_empty() || text.parse().is_ok_and(|status: u32| (100..=599).contains(&status));
    if !good {
        let message = format!("{} is not a status of HTTP", quote(text));
        out.error(&at.field("statusOnError"), codes::INVALID_STATUS, message);
    }
}
