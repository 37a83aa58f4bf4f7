//! Conditions on requests.

use pointsman_api::istio::networking::{HTTPMatchRequest, StringMatchKind};

use super::Scope;
use crate::report::{Place, Report};
use crate::words::{self, gateway_name, header, labels, text};

pub(super) fn check(condition: &HTTPMatchRequest, scope: Scope, at: &Place<'_>, out: &mut Report) {
    headers(condition, at, out);
    // An empty prefix of a path is every path.
    if let Some(uri) = &condition.uri {
        text::regex_only(uri, &at.field("uri"), out);
    }
    let others =
        [("scheme", &condition.scheme), ("method", &condition.method), ("authority", &condition.authority)];
    for (field, value) in others {
        if let Some(value) = value {
            text::string_match(value, &at.field(field), out);
        }
    }
    let inner = at.field("queryParams");
    for (name, value) in &condition.query_params {
        text::string_match(value, &inner.field(name), out);
    }
    if condition.port != 0 {
        words::port(condition.port, &at.field("port"), out);
    }
    labels::labels(&condition.source_labels, &at.field("sourceLabels"), out);
    out.hushed(|out| {
        let here = at.field("gateways");
        gateway_name::gateway_names(&condition.gateways, scope.gateway_semantics, &here, out);
    });
    if !condition.source_namespace.is_empty() {
        words::label(&condition.source_namespace, "namespace", &at.field("sourceNamespace"), out);
    }
}

fn headers(condition: &HTTPMatchRequest, at: &Place<'_>, out: &mut Report) {
    let inner = at.field("headers");
    for (name, value) in &condition.headers {
        header::match_name(name, &inner.field(name), out);
        text::string_match(value, &inner.field(name), out);
    }
    let inner = at.field("withoutHeaders");
    for (name, value) in &condition.without_headers {
        header::match_name(name, &inner.field(name), out);
        // A lone `*` says that the header must not be there.
        if !matches!(&value.kind, Some(StringMatchKind::Regex(pattern)) if pattern == "*") {
            text::string_match(value, &inner.field(name), out);
        }
    }
}
