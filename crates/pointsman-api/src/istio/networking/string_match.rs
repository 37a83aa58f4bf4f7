//! Conditions on texts.

use pointsman_manifest::Value;

use crate::decode::Decoder;
use crate::field::{Field, Message, OneOf};
use crate::macros::one_of;
use crate::message;

one_of! {
    /// How a text is compared. Case matters.
    StringMatchKind {
        /// The whole text is this.
        Exact(String) = "exact",
        /// The text begins with this.
        Prefix(String) = "prefix",
        /// The whole text matches this RE2 expression.
        Regex(String) = "regex",
    }
}

/// A condition on a text: exact, prefix, or regular expression; with none of them, the text only has to be there.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct StringMatch {
    /// How it is compared.
    pub kind: Option<StringMatchKind>,
}

impl StringMatch {
    /// The whole text is this.
    pub fn exact(text: impl Into<String>) -> Self {
        Self { kind: Some(StringMatchKind::Exact(text.into())) }
    }

    /// The text begins with this.
    pub fn prefix(text: impl Into<String>) -> Self {
        Self { kind: Some(StringMatchKind::Prefix(text.into())) }
    }

    /// The whole text matches this RE2 expression.
    pub fn regex(pattern: impl Into<String>) -> Self {
        Self { kind: Some(StringMatchKind::Regex(pattern.into())) }
    }

    /// The text is only there.
    #[must_use]
    pub const fn present() -> Self {
        Self { kind: None }
    }
}

impl Field for StringMatch {
    fn decode<'v>(value: &'v Value, decoder: &mut Decoder<'v>) -> Self {
        let mut kind = None;
        message::decode_fields(value, decoder, &Self::field_names, |name, value, decoder| {
            let member = StringMatchKind::decode_member(name, value, decoder);
            if member.is_none() {
                return false;
            }
            message::report_one_of(kind.is_some(), StringMatchKind::NAMES, decoder);
            kind = member;
            true
        });
        Self { kind }
    }

    fn to_value(&self) -> Value {
        let fields = self.kind.iter().map(OneOf::to_member).collect();
        Value::Map(fields)
    }

    fn is_unset(&self) -> bool {
        false
    }
}

impl Message for StringMatch {
    fn field_names() -> Vec<&'static str> {
        StringMatchKind::NAMES.to_vec()
    }
}
