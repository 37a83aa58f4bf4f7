//! A number or a percentage of a whole, as Kubernetes writes both in one field.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A count (`3`) or a percentage of some whole (`25%`).
///
/// Shape: a count is any `i32`; a percentage is any whole number of percent, `0%` and more than `100%` included.
///
/// Source: Kubernetes `intstr.IntOrString` and `GetScaledValueFromIntOrPercent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntOrString {
    /// A count.
    Int(i32),
    /// Whole percent of something else.
    Percent(i32),
}

/// How a percentage of a whole becomes a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the next whole number above.
    Up,
    /// To the next whole number below.
    Down,
}

/// A text that is neither a whole number nor a whole percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither a whole number nor a whole percentage such as `25%`")]
pub struct InvalidIntOrString {
    text: String,
}

impl IntOrString {
    /// The count that this is of `total`; a plain count is itself.
    #[must_use]
    pub fn scaled(self, total: i32, rounding: Rounding) -> i32 {
        match self {
            Self::Int(count) => count,
            Self::Percent(percent) => {
                let product = i64::from(percent) * i64::from(total);
                let whole = match rounding {
                    Rounding::Up => product.div_euclid(100) + i64::from(product.rem_euclid(100) != 0),
                    Rounding::Down => product.div_euclid(100),
                };
                i32::try_from(whole).unwrap_or(if whole < 0 { i32::MIN } else { i32::MAX })
            }
        }
    }
}

impl std::str::FromStr for IntOrString {
    type Err = InvalidIntOrString;

    fn from_str(text: &str) -> Result<Self, InvalidIntOrString> {
        let read = match text.strip_suffix('%') {
            Some(number) => number.parse().map(Self::Percent),
            None => text.parse().map(Self::Int),
        };
        read.map_err(|_| InvalidIntOrString { text: text.to_owned() })
    }
}

impl From<i32> for IntOrString {
    fn from(count: i32) -> Self {
        Self::Int(count)
    }
}

impl std::fmt::Display for IntOrString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Serialize for IntOrString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(count) => serializer.serialize_i32(*count),
            Self::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = IntOrString;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number or a percentage such as `25%`")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<IntOrString, E> {
                i32::try_from(number)
                    .map(IntOrString::Int)
                    .map_err(|_| E::custom(format!("`{number}` is too large")))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<IntOrString, E> {
                i32::try_from(number)
                    .map(IntOrString::Int)
                    .map_err(|_| E::custom(format!("`{number}` is too large")))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<IntOrString, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{IntOrString, Rounding};

    #[test]
    fn percentages_round_as_asked() {
        let quarter = IntOrString::Percent(25);
        assert_eq!((quarter.scaled(5, Rounding::Up), quarter.scaled(5, Rounding::Down)), (2, 1));
        assert_eq!((quarter.scaled(8, Rounding::Up), quarter.scaled(8, Rounding::Down)), (2, 2));
        assert_eq!(IntOrString::Percent(i32::MAX).scaled(i32::MAX, Rounding::Up), i32::MAX);
        assert_eq!(IntOrString::Int(7).scaled(5, Rounding::Up), 7);
    }

    #[test]
    fn both_forms_survive_json() {
        for text in ["3", "\"25%\"", "-1"] {
            let value: IntOrString = serde_json::from_str(text).expect("reads");
            assert_eq!(serde_json::to_string(&value).expect("writes"), text);
        }
        assert!(serde_json::from_str::<IntOrString>("\"2.5%\"").is_err());
    }
}
