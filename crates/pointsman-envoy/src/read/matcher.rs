//! Conditions.

use pointsman_route::ir::{
    HeaderCondition, HeaderMatch, MetadataCondition, MetadataMatch, PathMatch, QueryCondition, QueryMatch,
    RouteMatch, StringMatch, StringPattern, TlsContextMatch,
};

use super::node::{NOT_MODELLED, Node, REFUSED};
use super::policy::runtime_fraction;

/// How deep values of metadata, and conditions on them, may stand in one another.
pub(super) const DEEPEST: usize = 32;

pub(super) fn route_match(node: &Node<'_>) -> RouteMatch {
    const PATHS: [&str; 5] = ["prefix", "path", "path_separated_prefix", "safe_regex", "connect_matcher"];
    let path = match node.one_of(&PATHS) {
        Some((0, path)) => PathMatch::Prefix(path.as_text()),
        Some((1, path)) => PathMatch::Exact(path.as_text()),
        Some((2, path)) => PathMatch::PathSeparatedPrefix(path.as_text()),
        Some((3, path)) => PathMatch::Regex(path.text("regex").unwrap_or_default()),
        Some(_) => PathMatch::Connect,
        None => {
            node.error(REFUSED, "a route needs a condition on the path");
            PathMatch::Missing
        }
    };
    node.not_modelled(&["path_match_policy", "filter_state", "cookies"]);
    RouteMatch {
        case_sensitive: node.boolean("case_sensitive").unwrap_or(true),
        headers: node.items("headers").iter().map(header_match).collect(),
        query: node.items("query_parameters").iter().map(query_match).collect(),
        metadata: node.items("dynamic_metadata").iter().map(metadata_match).collect(),
        fraction: node.field("runtime_fraction").map(|fraction| runtime_fraction(&fraction)),
        grpc_only: node.field("grpc").is_some(),
        tls: node.field("tls_context").map(|tls| TlsContextMatch {
            presented: tls.boolean("presented"),
            validated: tls.boolean("validated"),
        }),
        ..RouteMatch::path(path)
    }
}

pub(super) fn string_match(node: &Node<'_>) -> StringMatch {
    const KINDS: [&str; 5] = ["exact", "prefix", "suffix", "contains", "safe_regex"];
    let pattern = match node.one_of(&KINDS) {
        Some((0, text)) => StringPattern::Exact(text.as_text()),
        Some((1, text)) => StringPattern::Prefix(text.as_text()),
        Some((2, text)) => StringPattern::Suffix(text.as_text()),
        Some((3, text)) => StringPattern::Contains(text.as_text()),
        Some((_, regex)) => StringPattern::Regex(regex.text("regex").unwrap_or_default()),
        None => {
            node.error(NOT_MODELLED, "a condition on a text of a kind that is not known");
            StringPattern::Exact(String::new())
        }
    };
    StringMatch { pattern, ignore_case: node.flag("ignore_case") }
}

pub(super) fn header_match(node: &Node<'_>) -> HeaderMatch {
    const KINDS: [&str; 9] = [
        "string_match",
        "range_match",
        "present_match",
        "exact_match",
        "safe_regex_match",
        "prefix_match",
        "suffix_match",
        "contains_match",
        "safe_regex",
    ];
    let text = |pattern| HeaderCondition::Text(StringMatch::new(pattern));
    let condition = match node.one_of(&KINDS) {
        Some((0, text)) => HeaderCondition::Text(string_match(&text)),
        Some((1, range)) => HeaderCondition::Range {
            start: range.integer("start").unwrap_or(0),
            end: range.integer("end").unwrap_or(0),
        },
        Some((2, present)) => HeaderCondition::Present(present.value().as_bool().unwrap_or(true)),
        // An empty one of the old form means that the header is there.
        Some((3, exact)) => match exact.as_text() {
            exact if exact.is_empty() => HeaderCondition::Present(true),
            exact => text(StringPattern::Exact(exact)),
        },
        Some((4 | 8, regex)) => text(StringPattern::Regex(regex.text("regex").unwrap_or_default())),
        Some((5, prefix)) => text(StringPattern::Prefix(prefix.as_text())),
        Some((6, suffix)) => text(StringPattern::Suffix(suffix.as_text())),
        Some((_, contained)) => text(StringPattern::Contains(contained.as_text())),
        None => HeaderCondition::Present(true),
    };
    HeaderMatch {
        name: node.text("name").unwrap_or_default(),
        condition,
        invert: node.flag("invert_match"),
        treat_missing_as_empty: node.flag("treat_missing_header_as_empty"),
    }
}

fn query_match(node: &Node<'_>) -> QueryMatch {
    let condition = match node.one_of(&["string_match", "present_match"]) {
        Some((0, text)) => QueryCondition::Text(string_match(&text)),
        Some((_, present)) => QueryCondition::Present(present.value().as_bool().unwrap_or(true)),
        None => QueryCondition::Present(true),
    };
    QueryMatch { name: node.text("name").unwrap_or_default(), condition }
}

fn metadata_match(node: &Node<'_>) -> MetadataMatch {
    let condition = node.field("value").map(|value| metadata_condition(&value, DEEPEST));
    MetadataMatch {
        filter: node.text("filter").unwrap_or_default(),
        path: node.items("path").iter().filter_map(|segment| segment.text("key")).collect(),
        condition: condition.unwrap_or(MetadataCondition::Present(true)),
        invert: node.flag("invert"),
    }
}

fn metadata_condition(node: &Node<'_>, depth: usize) -> MetadataCondition {
    const KINDS: [&str; 6] =
        ["null_match", "bool_match", "string_match", "present_match", "list_match", "or_match"];
    let Some(deeper) = depth.checked_sub(1) else {
        node.error(REFUSED, "conditions on metadata stand too deep in one another");
        return MetadataCondition::Present(false);
    };
    match node.one_of(&KINDS) {
        Some((0, _)) => MetadataCondition::Null,
        Some((1, wanted)) => MetadataCondition::Bool(wanted.value().as_bool().unwrap_or_default()),
        Some((2, text)) => MetadataCondition::Text(string_match(&text)),
        Some((3, wanted)) => MetadataCondition::Present(wanted.value().as_bool().unwrap_or_default()),
        Some((4, list)) => match list.field("one_of") {
            Some(inner) => MetadataCondition::AnyElement(Box::new(metadata_condition(&inner, deeper))),
            None => MetadataCondition::Present(false),
        },
        Some((_, any)) => MetadataCondition::AnyOf(
            any.items("value_matchers").iter().map(|inner| metadata_condition(inner, deeper)).collect(),
        ),
        None => {
            node.error(NOT_MODELLED, "a condition on metadata of a kind that is not known");
            MetadataCondition::Present(false)
        }
    }
}
