//! Changes of headers.

use serde::{Deserialize, Serialize};

/// Changes of request and response headers at one level (destination, route, virtual host, route configuration).
///
/// Shape: within a level removals come first, then what overwrites, then what appends.
///
/// Source: Envoy's `HeaderParser`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderOps {
    /// Set or added on the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<HeaderOp>,
    /// Removed from the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_remove: Vec<String>,
    /// Set or added on the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<HeaderOp>,
    /// Removed from the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_remove: Vec<String>,
}

impl HeaderOps {
    /// Whether nothing changes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.request.is_empty()
            && self.request_remove.is_empty()
            && self.response.is_empty()
            && self.response_remove.is_empty()
    }
}

/// One header set or added.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HeaderOp {
    /// Name.
    pub name: String,
    /// Value; `%REQ(x)%` and other operators of Envoy's formatter stand as they are, `%%` is a percent sign.
    pub value: String,
    /// What happens where the header is there already.
    #[serde(default)]
    pub append: AppendAction,
    /// Whether an empty value is written too; otherwise the operation is dropped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_empty: bool,
}

impl HeaderOp {
    /// The value replaces what is there: Istio's `set`.
    pub fn set(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            append: AppendAction::OverwriteOrAdd,
            keep_empty: false,
        }
    }

    /// The value is added to what is there: Istio's `add`.
    pub fn add(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), append: AppendAction::AppendOrAdd, keep_empty: false }
    }
}

/// What happens where a header is there already.
///
/// Source: Envoy's `HeaderAppendAction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum AppendAction {
    /// Another line is added.
    #[default]
    AppendOrAdd,
    /// The old one stays; added only where there was none.
    AddIfAbsent,
    /// All old lines are replaced; added where there was none.
    OverwriteOrAdd,
    /// All old lines are replaced; nothing where there was none.
    OverwriteIfExists,
}
