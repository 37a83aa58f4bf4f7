//! The name of one version of a component.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The name of one version of a component: `v2`, or the hash of a pod template.
///
/// Shape: 1 to 63 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit, so that it can be the
/// value of a label. Cheap to clone.
///
/// ```
/// use pointsman_rollout::Version;
/// assert_eq!(Version::new("v2")?.as_str(), "v2");
/// assert!(Version::new("").is_err());
/// # Ok::<(), pointsman_rollout::InvalidVersion>(())
/// ```
///
/// Source: label values of Kubernetes; Argo Rollouts names versions by `rollouts-pod-template-hash`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Arc<str>);

/// A text that cannot name a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` cannot name a version: expected 1 to 63 letters, digits, `-`, `_` or `.` that begin and end with a letter or digit"
)]
pub struct InvalidVersion {
    text: String,
}

impl Version {
    /// A checked name.
    ///
    /// # Errors
    /// The text is no label value, or empty.
    pub fn new(text: &str) -> Result<Self, InvalidVersion> {
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        let body = bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if body && bytes.len() <= 63 && ends(bytes.first()) && ends(bytes.last()) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidVersion { text: text.to_owned() })
        }
    }

    /// A name from a literal.
    ///
    /// # Panics
    /// When the literal cannot name a version.
    #[must_use]
    #[expect(clippy::panic, reason = "for literals: a bad one is a mistake in the program")]
    pub fn from_static(text: &'static str) -> Self {
        match Self::new(text) {
            Ok(version) => version,
            Err(error) => panic!("{error}"),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Version {
    type Error = InvalidVersion;

    fn try_from(text: &str) -> Result<Self, InvalidVersion> {
        Self::new(text)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_is_a_label_value() {
        for text in ["v1", "658c46c486", "1.5.0-v2", "a"] {
            assert_eq!(Version::new(text).expect("valid").as_str(), text);
        }
        for text in ["", "-v1", "v1-", "v 1", "v/1", &"v".repeat(64)] {
            assert!(Version::new(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Version>("\"\"").is_err());
    }
}
