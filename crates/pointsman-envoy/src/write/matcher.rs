//! Conditions.

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{
    HeaderCondition, HeaderMatch, MetadataCondition, MetadataMatch, PathMatch, QueryCondition, QueryMatch,
    RouteMatch, StringMatch, StringPattern, TlsContextMatch,
};

use super::policy::runtime_fraction;
use super::{Message, only, when};

pub(super) fn route_match(matches: &RouteMatch) -> Value {
    let message = Message::new();
    let message = match &matches.path {
        PathMatch::Exact(path) => message.with("path", path.as_str()),
        PathMatch::Prefix(prefix) => message.with("prefix", prefix.as_str()),
        PathMatch::PathSeparatedPrefix(prefix) => message.with("pathSeparatedPrefix", prefix.as_str()),
        PathMatch::Regex(regex) => message.with("safeRegex", regex_matcher(regex)),
        PathMatch::Connect => message.with("connectMatcher", Map::new()),
        PathMatch::Missing => message,
    };
    message
        .maybe("caseSensitive", (!matches.case_sensitive).then_some(false))
        .maybe("runtimeFraction", matches.fraction.as_ref().map(runtime_fraction))
        .list("headers", &matches.headers, header_matcher)
        .list("queryParameters", &matches.query, query_matcher)
        .maybe("grpc", matches.grpc_only.then(Map::new))
        .maybe("tlsContext", matches.tls.as_ref().map(tls_context))
        .list("dynamicMetadata", &matches.metadata, metadata_matcher)
        .done()
}

pub(super) fn regex_matcher(regex: &str) -> Value {
    only("regex", regex)
}

/// A condition on a text as Envoy's `StringMatcher`.
#[must_use]
pub fn string_matcher(text: &StringMatch) -> Value {
    let message = Message::new();
    let message = match &text.pattern {
        StringPattern::Exact(text) => message.with("exact", text.as_str()),
        StringPattern::Prefix(text) => message.with("prefix", text.as_str()),
        StringPattern::Suffix(text) => message.with("suffix", text.as_str()),
        StringPattern::Contains(text) => message.with("contains", text.as_str()),
        StringPattern::Regex(regex) => message.with("safeRegex", regex_matcher(regex)),
    };
    message.flag("ignoreCase", when(text.ignore_case)).done()
}

pub(super) fn header_matcher(header: &HeaderMatch) -> Value {
    let message = Message::new().with("name", header.name.as_str());
    let message = match &header.condition {
        HeaderCondition::Text(text) => message.with("stringMatch", string_matcher(text)),
        HeaderCondition::Range { start, end } => {
            // 64-bit integers are texts in proto JSON; zero is left out.
            let number = |number: i64| (number != 0).then(|| number.to_string());
            let range = Message::new().maybe("start", number(*start)).maybe("end", number(*end));
            message.with("rangeMatch", range.done())
        }
        HeaderCondition::Present(present) => message.with("presentMatch", *present),
    };
    message
        .flag("invertMatch", when(header.invert))
        .flag("treatMissingHeaderAsEmpty", when(header.treat_missing_as_empty))
        .done()
}

fn query_matcher(query: &QueryMatch) -> Value {
    let message = Message::new().with("name", query.name.as_str());
    match &query.condition {
        QueryCondition::Text(text) => message.with("stringMatch", string_matcher(text)),
        QueryCondition::Present(present) => message.with("presentMatch", *present),
    }
    .done()
}

fn tls_context(tls: &TlsContextMatch) -> Value {
    Message::new().maybe("presented", tls.presented).maybe("validated", tls.validated).done()
}

fn metadata_matcher(metadata: &MetadataMatch) -> Value {
    Message::new()
        .with("filter", metadata.filter.as_str())
        .list("path", &metadata.path, |key| only("key", key.as_str()))
        .with("value", value_matcher(&metadata.condition))
        .flag("invert", when(metadata.invert))
        .done()
}

fn value_matcher(condition: &MetadataCondition) -> Value {
    match condition {
        MetadataCondition::Null => only("nullMatch", Map::new()),
        MetadataCondition::Bool(wanted) => only("boolMatch", *wanted),
        MetadataCondition::Text(text) => only("stringMatch", string_matcher(text)),
        MetadataCondition::Present(wanted) => only("presentMatch", *wanted),
        MetadataCondition::AnyElement(inner) => only("listMatch", only("oneOf", value_matcher(inner))),
        MetadataCondition::AnyOf(inner) => {
            let matchers: Value = inner.iter().map(value_matcher).collect();
            only("orMatch", only("valueMatchers", matchers))
        }
    }
}
