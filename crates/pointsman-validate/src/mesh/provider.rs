//! Extension providers.

use pointsman_api::istio::mesh::{ExtensionProvider, ProviderKind};
use pointsman_types::host;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::{self, quote};

pub(crate) fn check(provider: &ExtensionProvider, at: &Place<'_>, out: &mut Report) {
    if provider.name.is_empty() {
        words::missing("name", at, out);
    }
    let Some(kind) = &provider.provider else { return };
    let (member, _) = pointsman_api::field::OneOf::to_member(kind);
    if needs_service(kind) {
        let (name, number) = kind.service().unwrap_or_default();
        service(name, number, &at.field(member), out);
    }
}

const fn needs_service(kind: &ProviderKind) -> bool {
    !matches!(
        kind,
        ProviderKind::Stackdriver(_)
            | ProviderKind::Prometheus(_)
            | ProviderKind::EnvoyFileAccessLog(_)
            | ProviderKind::Sds(_)
    )
}

/// `[namespace/]host` and its port.
pub(crate) fn service(name: &str, number: u32, at: &Place<'_>, out: &mut Report) {
    let (namespace, host_name) = match name.split_once('/') {
        Some((namespace, rest)) => (Some(namespace), rest),
        None => (None, name),
    };
    let bad_namespace = namespace.is_some_and(|namespace| !host::is_dns_label(namespace));
    if name.is_empty() {
        words::missing("service", at, out);
    } else if bad_namespace || host::check_fqdn(host_name).is_err() {
        let message = format!("{} is not of the form `[namespace/]host`", quote(name));
        out.error(&at.field("service"), codes::PROVIDER_SERVICE, message);
    }
    words::port(number, &at.field("port"), out);
}
