//! The number of the layout in which judges save what they have seen.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Layout 1, the only one so far, of every state of a judge. Serialised it is its number; a state without one is of layout
/// 1, from before numbers were written; another number is refused.
///
/// Numbers that mean something else need another layout too, such as sums over other sizes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Schema;

impl Schema {
    const NUMBER: u64 = 1;
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(Self::NUMBER)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            Self::NUMBER => Ok(Self),
            found => Err(D::Error::custom(format!(
                "a judge's state of layout {found} was written by another release: this one reads layout {}",
                Self::NUMBER
            ))),
        }
    }
}
