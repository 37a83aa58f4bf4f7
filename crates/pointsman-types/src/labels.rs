//! Labels and selectors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Labels of an object: names to values, in the order of the names.
///
/// Shape: any text is held, because a cluster may hold it; [`Labels::check`] says what Istio would refuse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

/// A label that is not well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLabel {
    /// The name is not `[prefix/]name`.
    #[error(
        "`{name}` is not a label name: expected at most 63 letters, digits, `-`, `_`, `.` with an optional DNS prefix and `/` before them"
    )]
    Name {
        /// The name as given.
        name: String,
    },
    /// The value has other characters, or does not begin and end with a letter or digit.
    #[error(
        "`{value}` is not a value for the label `{name}`: expected letters, digits, `-`, `_`, `.` that begin and end with a letter or digit"
    )]
    Value {
        /// The name of the label.
        name: String,
        /// The value as given.
        value: String,
    },
}

impl Labels {
    /// No labels.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a label.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a label and gives its old value back.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) -> Option<String> {
        self.0.insert(name.into(), value.into())
    }

    /// Takes a label away and gives its value back.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// With one label more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Name and value of each, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of these stand in `other` with the same values. No labels are part of any.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.iter().all(|(name, value)| other.value(name) == Some(value))
    }

    /// Each label that Istio would refuse. Value length is not limited here, as in Istio.
    #[must_use]
    pub fn check(&self) -> Vec<InvalidLabel> {
        let mut found = Vec::new();
        for (name, value) in self.iter() {
            if !is_label_name(name) {
                found.push(InvalidLabel::Name { name: name.to_owned() });
            }
            if !value.is_empty() && !is_word(value) {
                found.push(InvalidLabel::Value { name: name.to_owned(), value: value.to_owned() });
            }
        }
        found
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(labels: I) -> Self {
        Self(labels.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Labels {
    fn from(labels: [(K, V); N]) -> Self {
        labels.into_iter().collect()
    }
}

impl std::fmt::Display for Labels {
    /// `app=reviews,version=v1`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if value.is_empty() {
                write!(f, "{comma}{name}")?;
            } else {
                write!(f, "{comma}{name}={value}")?;
            }
        }
        Ok(())
    }
}

/// Whether a text is a label name: an optional DNS prefix of at most 253 characters and `/`, then 1 to 63 letters,
/// digits, `-`, `_` and `.` that begin and end with a letter or digit.
#[must_use]
pub(crate) fn is_label_name(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, name)) => {
            if prefix.len() > 253 || !prefix.split('.').all(crate::host::is_dns_label) {
                return false;
            }
            name
        }
        None => text,
    };
    name.len() <= 63 && is_word(name)
}

fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Which objects are meant, by their labels.
///
/// Shape: all labels of `match_labels` and all `match_expressions` must hold; an empty selector takes every object.
///
/// Source: Kubernetes `metav1.LabelSelector`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// Labels that must be there with these values.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub match_labels: Labels,
    /// Further requirements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
}

/// One requirement of a [`Selector`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "operator")]
pub enum Requirement {
    /// The label is there with one of the values.
    In {
        /// Name of the label.
        key: String,
        /// Values allowed.
        values: Vec<String>,
    },
    /// The label is absent or has none of the values.
    NotIn {
        /// Name of the label.
        key: String,
        /// Values refused.
        values: Vec<String>,
    },
    /// The label is there.
    Exists {
        /// Name of the label.
        key: String,
    },
    /// The label is absent.
    DoesNotExist {
        /// Name of the label.
        key: String,
    },
}

impl Selector {
    /// A selector of these labels.
    #[must_use]
    pub const fn of(match_labels: Labels) -> Self {
        Self { match_labels, match_expressions: Vec::new() }
    }

    /// Whether it takes an object with these labels.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.match_labels.is_subset_of(labels)
            && self.match_expressions.iter().all(|required| required.holds(labels))
    }

    /// Whether it says nothing, so takes every object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
}

impl Requirement {
    /// Whether these labels satisfy it.
    #[must_use]
    pub fn holds(&self, labels: &Labels) -> bool {
        match self {
            Self::In { key, values } => {
                labels.value(key).is_some_and(|value| values.iter().any(|v| v == value))
            }
            Self::NotIn { key, values } => {
                !labels.value(key).is_some_and(|value| values.iter().any(|v| v == value))
            }
            Self::Exists { key } => labels.value(key).is_some(),
            Self::DoesNotExist { key } => labels.value(key).is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_follow_kubernetes() {
        let pod = Labels::from([("app", "reviews"), ("version", "v1")]);
        let json = r#"{"matchLabels":{"app":"reviews"},"matchExpressions":[
            {"key":"version","operator":"In","values":["v1","v2"]},{"key":"canary","operator":"DoesNotExist"}]}"#;
        let selector: Selector = serde_json::from_str(json).expect("reads");
        assert!(selector.matches(&pod));
        assert!(!selector.matches(&pod.clone().with("canary", "")));
        assert!(!selector.matches(&pod.with("version", "v3")));
        assert!(Selector::default().matches(&Labels::new()));
    }

    #[test]
    fn labels_are_checked() {
        assert!(Labels::from([("a.b/c", "d"), ("e", "")]).check().is_empty());
        assert_eq!(Labels::from([("a b", "c"), ("d", "-e"), ("/f", "g"), ("", "h")]).check().len(), 4);
    }
}
