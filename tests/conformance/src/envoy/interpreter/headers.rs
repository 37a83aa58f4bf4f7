//! Header operations.

use serde_json::Value;

/// Headers after the operations of a route and one of its destinations. With one destination alone its operations follow the
/// route's; with several they come first.
pub(super) fn edited(
    headers: Vec<(String, Vec<u8>)>,
    route: &Value,
    share: &Value,
    is_only: bool,
    direction: &str,
) -> Vec<(String, Vec<u8>)> {
    let (of_route, of_share) = (&route["headers"][direction], &share["headers"][direction]);
    if is_only {
        return apply(headers, &[of_route, of_share]);
    }
    apply(apply(headers, &[of_share]), &[of_route])
}

/// One level: first everything is removed, then set, then added.
fn apply(mut headers: Vec<(String, Vec<u8>)>, parts: &[&Value]) -> Vec<(String, Vec<u8>)> {
    let is = |name: &str, header: &(String, Vec<u8>)| header.0.eq_ignore_ascii_case(name);
    for name in parts.iter().flat_map(|part| super::texts(&part["remove"])) {
        headers.retain(|header| !is(&name, header));
    }
    for (name, value) in parts.iter().flat_map(|part| sorted(&part["set"])) {
        headers.retain(|header| !is(&name, header));
        headers.push((name, value));
    }
    headers.extend(parts.iter().flat_map(|part| sorted(&part["add"])));
    headers
}

/// Names in order, without those that change the authority; two percent signs are one.
fn sorted(fields: &Value) -> Vec<(String, Vec<u8>)> {
    let mut fields: Vec<_> = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "host" && !name.starts_with(':'))
        .map(|(name, value)| (name.clone(), super::text(value).replace("%%", "%").into_bytes()))
        .collect();
    fields.sort();
    fields
}
