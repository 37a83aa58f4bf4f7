//! Routes that a rollout adds beside the split: by header, and mirrors.

use pointsman_types::{Labels, Percent};
use serde::{Deserialize, Serialize};

/// How a text of a request is compared.
///
/// Source: `StringMatch` of the Istio API; a regex is RE2 and must match the whole text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TextMatch {
    /// The same text.
    Exact(String),
    /// A text that begins so.
    Prefix(String),
    /// A text that this regular expression takes as a whole.
    Regex(String),
}

/// Which requests a managed route takes: all conditions hold.
///
/// Shape: without any condition it takes every request; names of headers are lower case.
///
/// ```
/// use pointsman_rollout::{RequestMatch, TextMatch};
/// let insiders = RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()));
/// assert_eq!(insiders.headers[0].0, "x-group");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RequestMatch {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<TextMatch>,
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<TextMatch>,
    /// Headers by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, TextMatch)>,
    /// Labels of the workload that sends the request.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub source_labels: Labels,
}

impl RequestMatch {
    /// With a header that must match too.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: TextMatch) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value));
        self
    }

    /// With a cookie of that name and value, anywhere among the cookies.
    #[must_use]
    pub fn with_cookie(self, name: &str, value: &str) -> Self {
        let quoted = format!("{}={}", quote(name), quote(value));
        self.with_header("cookie", TextMatch::Regex(format!("^(.*?;\\s*)?({quoted})(;.*)?$")))
    }

    /// With labels that the sender must have.
    #[must_use]
    pub fn with_source_labels(mut self, labels: Labels) -> Self {
        self.source_labels = labels;
        self
    }

    /// With a method.
    #[must_use]
    pub fn with_method(mut self, method: TextMatch) -> Self {
        self.method = Some(method);
        self
    }

    /// With a path.
    #[must_use]
    pub fn with_path(mut self, path: TextMatch) -> Self {
        self.path = Some(path);
        self
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_alphanumeric() && c != '_' && c.is_ascii() {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// A route that the rollout adds before the split and takes away again.
///
/// Shape: the name is unique among the managed routes of a plan. Requests that match none of `matches` fall through to
/// the split.
///
/// Source: `setHeaderRoute`, `setMirrorRoute` and `managedRoutes` of Argo Rollouts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedRoute {
    /// Its name in the route object.
    pub name: String,
    /// Any of these takes the request; none at all takes the route away.
    pub matches: Vec<RequestMatch>,
    /// What happens to such a request.
    pub action: RouteAction,
}

/// What a managed route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RouteAction {
    /// All of it goes to the canary.
    ToCanary,
    /// It goes where the split says, and this share of it is copied to the canary.
    Mirror(Percent),
}

#[cfg(test)]
mod tests {
    use super::{RequestMatch, TextMatch};

    #[test]
    fn a_cookie_is_found_among_others_and_quoted() {
        let [(name, TextMatch::Regex(regex))] =
            &RequestMatch::default().with_cookie("can.ary", "al+ways").headers[..]
        else {
            panic!("one regex");
        };
        assert_eq!(name, "cookie");
        assert_eq!(regex, r"^(.*?;\s*)?(can\.ary=al\+ways)(;.*)?$");
    }
}
