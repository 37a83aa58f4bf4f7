//! The conditions of a route.

use serde::{Deserialize, Serialize};

use super::RuntimeFraction;

/// Which requests a route takes: every condition must hold.
///
/// Shape: the default takes every request (prefix `/`, or rather the empty prefix: any path).
///
/// Source: Envoy's `RouteMatch`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteMatch {
    /// The path without query and fragment.
    pub path: PathMatch,
    /// Whether the path is compared by case; default true. Regular expressions never look at it.
    pub case_sensitive: bool,
    /// Headers. `:method`, `:authority`, `:scheme` and `:path` (with query) are headers too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderMatch>,
    /// Query parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<QueryMatch>,
    /// What filters found out about the request, mostly claims of a verified token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<MetadataMatch>,
    /// A share of requests, by [`Draws::route`](pointsman_types::Draws).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<RuntimeFraction>,
    /// Whether only gRPC requests match.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub grpc_only: bool,
    /// Conditions on the client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsContextMatch>,
}

impl Default for RouteMatch {
    fn default() -> Self {
        Self::path(PathMatch::Prefix("/".to_owned()))
    }
}

impl RouteMatch {
    /// The match of a path, without other conditions.
    #[must_use]
    pub const fn path(path: PathMatch) -> Self {
        Self {
            path,
            case_sensitive: true,
            headers: Vec::new(),
            query: Vec::new(),
            metadata: Vec::new(),
            fraction: None,
            grpc_only: false,
            tls: None,
        }
    }

    /// Whether it takes every request, as Istio judges: prefix `/` or regex `.*` and no header, query or metadata
    /// condition.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        let any_path = match &self.path {
            PathMatch::Prefix(prefix) | PathMatch::PathSeparatedPrefix(prefix) => {
                prefix == "/" || prefix.is_empty()
            }
            PathMatch::Regex(regex) => regex == ".*",
            _ => false,
        };
        any_path && self.headers.is_empty() && self.query.is_empty() && self.metadata.is_empty()
    }
}

/// A condition on the path.
///
/// Source: the path specifier of Envoy's `RouteMatch`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PathMatch {
    /// Equal.
    Exact(String),
    /// Begins with, character by character: `/api` takes `/apiary`.
    Prefix(String),
    /// Equal, or begins with it and a slash.
    PathSeparatedPrefix(String),
    /// The whole path matches the regular expression (RE2, bytes).
    Regex(String),
    /// A `CONNECT` request.
    Connect,
    /// No path condition at all, which Envoy refuses; never matches.
    Missing,
}

/// A condition on one header.
///
/// Source: Envoy's `HeaderMatcher`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HeaderMatch {
    /// Name, compared without case.
    pub name: String,
    /// What must hold of the value.
    pub condition: HeaderCondition,
    /// Whether the condition must *not* hold. A missing header fails a value condition all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invert: bool,
    /// Whether a missing header counts as one with an empty value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub treat_missing_as_empty: bool,
}

impl HeaderMatch {
    /// A condition on the value of a header.
    pub fn new(name: impl Into<String>, condition: HeaderCondition) -> Self {
        Self { name: name.into(), condition, invert: false, treat_missing_as_empty: false }
    }
}

/// What must hold of a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeaderCondition {
    /// Its value matches.
    Text(StringMatch),
    /// Its value is a whole number from `start` up to but not including `end`.
    Range {
        /// First number.
        start: i64,
        /// One past the last.
        end: i64,
    },
    /// `true`: it is there; `false`: it is not.
    Present(bool),
}

/// A condition on one query parameter; of a repeated one the first value counts. Nothing is percent-decoded.
///
/// Source: Envoy's `QueryParameterMatcher`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QueryMatch {
    /// Name, compared by case.
    pub name: String,
    /// What must hold of the value.
    pub condition: QueryCondition,
}

/// What must hold of a query parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QueryCondition {
    /// Its value matches.
    Text(StringMatch),
    /// `true`: it is there (`?p` is enough); `false`: it is not.
    Present(bool),
}

/// A condition on a text.
///
/// Source: Envoy's `StringMatcher`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StringMatch {
    /// What the text must be.
    pub pattern: StringPattern,
    /// Whether ASCII case is ignored; not for regular expressions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
}

impl StringMatch {
    /// Compared by case.
    #[must_use]
    pub const fn new(pattern: StringPattern) -> Self {
        Self { pattern, ignore_case: false }
    }

    /// Equal to that text.
    pub fn exact(text: impl Into<String>) -> Self {
        Self::new(StringPattern::Exact(text.into()))
    }

    /// Beginning with that text.
    pub fn prefix(text: impl Into<String>) -> Self {
        Self::new(StringPattern::Prefix(text.into()))
    }

    /// As a whole matching that regular expression.
    pub fn regex(pattern: impl Into<String>) -> Self {
        Self::new(StringPattern::Regex(pattern.into()))
    }
}

/// What a text must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StringPattern {
    /// Equal.
    Exact(String),
    /// Beginning with.
    Prefix(String),
    /// Ending with.
    Suffix(String),
    /// Containing.
    Contains(String),
    /// As a whole matching the regular expression (RE2, bytes).
    Regex(String),
}

/// A condition on dynamic metadata: what filters found out about the request.
///
/// Source: Envoy's `MetadataMatcher`; Istio makes it from headers named `@request.auth.claims…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MetadataMatch {
    /// The filter, such as `envoy.filters.http.jwt_authn`.
    pub filter: String,
    /// Keys from the outside in.
    pub path: Vec<String>,
    /// What must hold of the value found there.
    pub condition: MetadataCondition,
    /// Whether the condition must *not* hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invert: bool,
}

/// What must hold of a metadata value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MetadataCondition {
    /// It is null.
    Null,
    /// It is that truth value.
    Bool(bool),
    /// It is a text that matches.
    Text(StringMatch),
    /// `true`: it is there and not null; `false` never holds.
    Present(bool),
    /// It is a list with an element for which this holds.
    AnyElement(Box<Self>),
    /// One of these holds.
    AnyOf(Vec<Self>),
}

/// Conditions on the client certificate of the connection; a request without TLS fails them.
///
/// Source: `TlsContextMatchOptions` of Envoy's `RouteMatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct TlsContextMatch {
    /// Whether a certificate must (or must not) have been presented.
    pub presented: Option<bool>,
    /// Whether it must (or must not) have been validated.
    pub validated: Option<bool>,
}
