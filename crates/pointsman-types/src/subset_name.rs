//! The name of a version of a service, as a DestinationRule subset has it.

use crate::{host::is_dns_label, serde_str::string_type};

/// The name of a subset of a service's endpoints, mostly a version: `v1`.
///
/// Shape: 1 to 63 letters, digits and inner hyphens; upper case is allowed, as in Istio.
///
/// Source: subset name rule of Istio's DestinationRule validation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubsetName(String);

/// A text that is no subset name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a subset name: expected 1 to 63 letters, digits or inner hyphens")]
pub struct InvalidSubsetName {
    text: String,
}

impl SubsetName {
    /// A checked name.
    ///
    /// # Errors
    /// Empty, longer than 63, or with a character other than letters, digits and inner hyphens.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidSubsetName> {
        let text = text.into();
        if is_dns_label(&text) { Ok(Self(text)) } else { Err(InvalidSubsetName { text }) }
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for SubsetName {
    type Err = InvalidSubsetName;

    fn from_str(text: &str) -> Result<Self, InvalidSubsetName> {
        Self::new(text)
    }
}

string_type!(SubsetName, InvalidSubsetName);
