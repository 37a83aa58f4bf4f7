//! Delegates: routes of one VirtualService put into another.
//!
//! Source: `mergeVirtualServicesIfNeeded` and its helpers of Istio at 86c9f01f.

use std::collections::BTreeMap;

use pointsman_api::istio::networking::{HTTPMatchRequest, HTTPRoute, StringMatch, StringMatchKind};

/// The routes of a delegate under one route of its root, in order; those whose conditions exclude the root's are left out.
#[must_use]
pub fn merge_routes(root: &HTTPRoute, delegate: &[HTTPRoute]) -> Vec<HTTPRoute> {
    delegate.iter().filter_map(|route| merge_route(root, route)).collect()
}

/// A route of a delegate under one route of its root; `None` where a condition of the delegate excludes every one of the
/// root's.
#[must_use]
pub fn merge_route(root: &HTTPRoute, delegate: &HTTPRoute) -> Option<HTTPRoute> {
    let mut merged = delegate.clone();
    merged.r#match = merge_matches(&root.r#match, &delegate.r#match)?;
    merged.name = merge_names(&root.name, &delegate.name);
    macro_rules! inherit {
        ($($field:ident),*) => {$(
            if merged.$field.is_none() {
                merged.$field.clone_from(&root.$field);
            }
        )*};
    }
    inherit!(rewrite, direct_response, timeout, retries, fault, mirror, mirror_percent);
    inherit!(mirror_percentage, cors_policy, headers);
    if merged.mirrors.is_empty() {
        merged.mirrors.clone_from(&root.mirrors);
    }
    Some(merged)
}

/// The conditions of a delegate under those of its root: each pair that can hold together, by delegate first. `None` where
/// a condition of the delegate can hold with none of the root's.
#[must_use]
pub fn merge_matches(
    root: &[HTTPMatchRequest],
    delegate: &[HTTPMatchRequest],
) -> Option<Vec<HTTPMatchRequest>> {
    Some(merge_with_places(root, delegate)?.into_iter().map(|(merged, _)| merged).collect())
}

/// As [`merge_matches`], each with the position of the condition it was written as: of the delegate, or of the root where
/// the delegate has none.
pub(crate) fn merge_with_places(
    root: &[HTTPMatchRequest],
    delegate: &[HTTPMatchRequest],
) -> Option<Vec<(HTTPMatchRequest, usize)>> {
    if root.is_empty() || delegate.is_empty() {
        let all = if root.is_empty() { delegate } else { root };
        return Some(all.iter().cloned().zip(0..).collect());
    }
    let mut merged = Vec::new();
    for (place, leaf) in delegate.iter().enumerate() {
        let before = merged.len();
        let compatible = root.iter().filter(|above| !has_conflict(above, leaf));
        merged.extend(compatible.map(|above| (merge_match(above, leaf), place)));
        if merged.len() == before {
            return None;
        }
    }
    Some(merged)
}

fn merge_match(root: &HTTPMatchRequest, leaf: &HTTPMatchRequest) -> HTTPMatchRequest {
    let mut merged = leaf.clone();
    merged.name = merge_names(&root.name, &leaf.name);
    macro_rules! inherit {
        ($($field:ident),*) => {$(
            if merged.$field.is_none() {
                merged.$field.clone_from(&root.$field);
            }
        )*};
    }
    inherit!(uri, scheme, method, authority);
    unite(&mut merged.headers, &root.headers);
    unite(&mut merged.without_headers, &root.without_headers);
    unite(&mut merged.query_params, &root.query_params);
    unite(&mut merged.source_labels, &root.source_labels);
    if merged.port == 0 {
        merged.port = root.port;
    }
    if merged.source_namespace.is_empty() {
        merged.source_namespace.clone_from(&root.source_namespace);
    }
    if merged.gateways.is_empty() {
        merged.gateways.clone_from(&root.gateways);
    }
    if merged.stat_prefix.is_empty() {
        merged.stat_prefix.clone_from(&root.stat_prefix);
    }
    merged
}

fn unite<T: Clone>(own: &mut BTreeMap<String, T>, root: &BTreeMap<String, T>) {
    for (name, value) in root {
        own.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

fn merge_names(root: &str, own: &str) -> String {
    match (root, own) {
        ("", own) => own.to_owned(),
        (root, "") => root.to_owned(),
        (root, own) => format!("{root}-{own}"),
    }
}

/// Whether a condition of a delegate is not a part of one of its root, as far as the control plane can tell.
///
/// It cannot tell for regular expressions: they conflict with everything, even with themselves.
#[must_use]
pub fn has_conflict(root: &HTTPMatchRequest, leaf: &HTTPMatchRequest) -> bool {
    let texts = [
        (&root.uri, &leaf.uri),
        (&root.scheme, &leaf.scheme),
        (&root.method, &leaf.method),
        (&root.authority, &leaf.authority),
    ];
    let gateways = !root.gateways.is_empty()
        && (root.gateways.len() < leaf.gateways.len()
            || leaf.gateways.iter().any(|name| !root.gateways.contains(name)));
    texts.iter().any(|(above, below)| texts_conflict(above.as_ref(), below.as_ref()))
        || maps_conflict(&root.headers, &leaf.headers)
        || maps_conflict(&root.without_headers, &leaf.without_headers)
        || maps_conflict(&root.query_params, &leaf.query_params)
        || root.ignore_uri_case != leaf.ignore_uri_case
        || (root.port > 0 && leaf.port > 0 && root.port != leaf.port)
        || leaf
            .source_labels
            .iter()
            .any(|(name, value)| root.source_labels.get(name).is_some_and(|other| other != value))
        || (!root.source_namespace.is_empty() && root.source_namespace != leaf.source_namespace)
        || gateways
}

fn maps_conflict(root: &BTreeMap<String, StringMatch>, leaf: &BTreeMap<String, StringMatch>) -> bool {
    leaf.iter().any(|(name, below)| texts_conflict(root.get(name), Some(below)))
}

fn texts_conflict(root: Option<&StringMatch>, leaf: Option<&StringMatch>) -> bool {
    use StringMatchKind::{Exact, Prefix, Regex};
    let (Some(root), Some(leaf)) = (root, leaf) else { return false };
    // An empty text counts as not set at all.
    match (root.kind.as_ref(), leaf.kind.as_ref()) {
        (Some(Regex(pattern)), _) | (_, Some(Regex(pattern))) if !pattern.is_empty() => true,
        (Some(Exact(above)), Some(Exact(below))) if !above.is_empty() => above != below,
        (Some(Prefix(above)), Some(Prefix(below) | Exact(below)))
            if !above.is_empty() && !below.is_empty() =>
        {
            !below.starts_with(above.as_str())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(prefix: &str) -> HTTPMatchRequest {
        HTTPMatchRequest::new().with_uri(StringMatch::prefix(prefix))
    }

    #[test]
    fn a_delegate_narrows_its_root() {
        let root = HTTPRoute::new().with_name("r").with_match(vec![uri("/a"), uri("/b")]);
        let inside = HTTPRoute::new().with_name("d").with_match(vec![uri("/b/1"), uri("/a/1")]);
        let merged = merge_route(&root, &inside).expect("compatible");
        assert_eq!(merged.name, "r-d");
        assert_eq!(merged.r#match, [uri("/b/1"), uri("/a/1")]);
        let outside = HTTPRoute::new().with_match(vec![uri("/b/1"), uri("/c")]);
        assert_eq!(merge_route(&root, &outside), None);
    }

    #[test]
    fn regular_expressions_conflict_even_with_themselves() {
        let regex = HTTPMatchRequest::new().with_uri(StringMatch::regex("/.*"));
        assert!(has_conflict(&regex, &regex));
        assert!(!has_conflict(&uri("/"), &uri("/a")));
        assert!(!has_conflict(&HTTPMatchRequest::new(), &regex));
    }
}
