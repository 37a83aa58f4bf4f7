//! Changes of headers.

use pointsman_api::istio::networking::{HTTPRoute, HeaderOperations, Headers};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::header;

pub(crate) fn check(headers: &Headers, at: &Place<'_>, out: &mut Report) {
    if let Some(request) = &headers.request {
        operations(request, header::set_name, &at.field("request"), out);
    }
    if let Some(response) = &headers.response {
        operations(response, header::change_name, &at.field("response"), out);
    }
}

fn operations(
    operations: &HeaderOperations,
    set_name: fn(&str, &Place<'_>, &mut Report),
    at: &Place<'_>,
    out: &mut Report,
) {
    for (field, headers) in [("set", &operations.set), ("add", &operations.add)] {
        let inner = at.field(field);
        for (name, value) in headers {
            set_name(name, &inner.field(name), out);
            header::value(value, &inner.field(name), out);
        }
    }
    for (position, name) in operations.remove.iter().enumerate() {
        header::change_name(name, &at.item("remove", position), out);
    }
}

/// The authority of a request may be written once: by the rewrite, or by one header.
pub(super) fn authority_once(route: &HTTPRoute, at: &Place<'_>, out: &mut Report) {
    let rewritten = route.rewrite.as_ref().is_some_and(|rewrite| !rewrite.authority.is_empty());
    let request = route.headers.as_ref().and_then(|headers| headers.request.as_ref());
    let set = request.into_iter().flat_map(|request| request.set.iter().chain(&request.add));
    let set = set.filter(|(name, value)| header::is_authority(name) && !value.is_empty()).count();
    if set + usize::from(rewritten) > 1 {
        let here = if rewritten { "rewrite" } else { "headers" };
        out.error(&at.field(here), codes::AUTHORITY_TWICE, "the authority is written more than once");
    }
}
