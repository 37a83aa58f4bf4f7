//! Conditions of routes.

use pointsman_api::istio::networking::{self as api, HTTPMatchRequest, StringMatchKind};
use pointsman_types::Labels;

use super::Semantics;
use crate::ir::{
    HeaderCondition, HeaderMatch, MetadataCondition, MetadataMatch, PathMatch, QueryCondition, QueryMatch,
    RouteMatch, StringMatch,
};

/// The condition of a route; without one it takes every request.
#[must_use]
pub fn route_match(condition: Option<&HTTPMatchRequest>, semantics: Semantics) -> RouteMatch {
    let Some(condition) = condition else { return RouteMatch::default() };
    let mut matched = RouteMatch::path(path_match(condition.uri.as_ref(), semantics));
    matched.case_sensitive = !condition.ignore_uri_case;
    add_headers(&mut matched, condition);
    for (name, text) in
        [(":method", &condition.method), (":authority", &condition.authority), (":scheme", &condition.scheme)]
    {
        if let Some(text) = text {
            matched.headers.push(HeaderMatch::new(name, header_condition(text)));
        }
    }
    for (name, text) in &condition.query_params {
        let condition = string_match(text).map_or(QueryCondition::Present(true), QueryCondition::Text);
        matched.query.push(QueryMatch { name: name.clone(), condition });
    }
    matched
}

fn path_match(uri: Option<&api::StringMatch>, semantics: Semantics) -> PathMatch {
    match uri.and_then(|uri| uri.kind.as_ref()) {
        Some(StringMatchKind::Exact(path)) => PathMatch::Exact(path.clone()),
        Some(StringMatchKind::Prefix(prefix)) if semantics.has_segment_prefixes() && prefix != "/" => {
            PathMatch::PathSeparatedPrefix(prefix.strip_suffix('/').unwrap_or(prefix).to_owned())
        }
        Some(StringMatchKind::Prefix(prefix)) => PathMatch::Prefix(prefix.clone()),
        Some(StringMatchKind::Regex(pattern)) => PathMatch::Regex(pattern.clone()),
        _ => PathMatch::Prefix("/".to_owned()),
    }
}

fn add_headers(matched: &mut RouteMatch, condition: &HTTPMatchRequest) {
    for (name, text) in &condition.headers {
        match metadata_match(name, text) {
            Some(metadata) => matched.metadata.push(metadata),
            None => matched.headers.push(HeaderMatch::new(name.clone(), header_condition(text))),
        }
    }
    for (name, text) in &condition.without_headers {
        match metadata_match(name, text) {
            Some(metadata) => matched.metadata.push(MetadataMatch { invert: true, ..metadata }),
            None => {
                let condition = header_condition(text);
                let treat_missing_as_empty = !matches!(condition, HeaderCondition::Present(_));
                let name = name.clone();
                matched.headers.push(HeaderMatch { name, condition, invert: true, treat_missing_as_empty });
            }
        }
    }
    matched.headers.sort_by(|a, b| a.name.cmp(&b.name));
}

/// A condition on a text; `None` where the text only has to be there: nothing is set, or the regular expression `*`.
fn string_match(text: &api::StringMatch) -> Option<StringMatch> {
    match text.kind.as_ref()? {
        StringMatchKind::Exact(text) => Some(StringMatch::exact(text.clone())),
        StringMatchKind::Prefix(text) => Some(StringMatch::prefix(text.clone())),
        StringMatchKind::Regex(pattern) if pattern == "*" => None,
        StringMatchKind::Regex(pattern) => Some(StringMatch::regex(pattern.clone())),
        _ => None,
    }
}

fn header_condition(text: &api::StringMatch) -> HeaderCondition {
    string_match(text).map_or(HeaderCondition::Present(true), HeaderCondition::Text)
}

const CLAIMS: &str = "@request.auth.claims";

/// The condition on a claim of a verified token, where the header is named `@request.auth.claims.NAME` or
/// `@request.auth.claims[NAME]`; claims inside claims follow with more dots or brackets.
#[must_use]
pub fn metadata_match(header: &str, text: &api::StringMatch) -> Option<MetadataMatch> {
    let claims = claim_names(header)?;
    let condition = match string_match(text) {
        Some(text) => MetadataCondition::AnyOf(vec![
            MetadataCondition::AnyElement(Box::new(MetadataCondition::Text(text.clone()))),
            MetadataCondition::Text(text),
        ]),
        None => MetadataCondition::Present(true),
    };
    let path = std::iter::once("payload".to_owned()).chain(claims).collect();
    Some(MetadataMatch { filter: "envoy.filters.http.jwt_authn".to_owned(), path, condition, invert: false })
}

fn claim_names(header: &str) -> Option<Vec<String>> {
    let (start, names) = header.split_at_checked(CLAIMS.len())?;
    if !start.eq_ignore_ascii_case(CLAIMS) {
        return None;
    }
    if let Some(names) = names.strip_prefix('.') {
        return (!names.is_empty()).then(|| names.split('.').map(str::to_owned).collect());
    }
    let inside = names.strip_prefix('[')?.strip_suffix(']')?;
    (!inside.is_empty()).then(|| inside.split("][").map(str::to_owned).collect())
}

/// Whether a condition counts for a proxy with these labels in that namespace.
///
/// Where the condition names gateways, only they are looked at, not labels and namespace.
#[must_use]
pub fn applies_to_source(
    condition: &HTTPMatchRequest,
    labels: &Labels,
    namespace: &str,
    gateways: &[&str],
) -> bool {
    if !condition.gateways.is_empty() {
        return condition.gateways.iter().any(|name| gateways.contains(&name.as_str()));
    }
    condition.source_labels.iter().all(|(name, value)| labels.value(name) == Some(value))
        && (condition.source_namespace.is_empty() || condition.source_namespace == namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_sorted_and_inverted() {
        let condition = HTTPMatchRequest::new()
            .with_uri(api::StringMatch::prefix("/a/"))
            .with_method(api::StringMatch::exact("GET"))
            .with_headers([("b".to_owned(), api::StringMatch::exact("1"))])
            .with_without_headers([
                ("a".to_owned(), api::StringMatch::regex("x+")),
                ("c".to_owned(), api::StringMatch::present()),
            ]);
        let matched = route_match(Some(&condition), Semantics::Gateway);
        assert_eq!(matched.path, PathMatch::PathSeparatedPrefix("/a".to_owned()));
        let names: Vec<_> = matched.headers.iter().map(|header| header.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", ":method"]);
        let inverted: Vec<_> = matched.headers.iter().map(|h| (h.invert, h.treat_missing_as_empty)).collect();
        assert_eq!(inverted, [(true, true), (false, false), (true, false), (false, false)]);
    }

    #[test]
    fn claims_are_found_by_dots_or_brackets() {
        let table = [
            ("@request.auth.claims.a.b", Some(vec!["a", "b"])),
            ("@REQUEST.auth.claims[a.b][c]", Some(vec!["a.b", "c"])),
            ("@request.auth.claims", None),
            ("@request.auth.claims.", None),
            ("@request.auth.claims[]", None),
            ("@request.auth.claims[a", None),
            ("@request.auth.claims-a", None),
            ("end-user", None),
        ];
        for (header, expected) in table {
            let expected: Option<Vec<String>> =
                expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(claim_names(header), expected, "{header}");
        }
    }
}
