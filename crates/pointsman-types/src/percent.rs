//! A share of a hundred.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A share of a hundred, exact to a millionth.
///
/// Shape: 0 to 100 inclusive in steps of 0.0001, kept as whole millionths of the whole, so `Eq` and `Hash` hold. In
/// JSON a number: `20` or `0.5`.
///
/// ```
/// use pointsman_types::Percent;
/// assert_eq!(Percent::new(20)?.millionths(), 200_000);
/// assert_eq!("0.5%".parse::<Percent>()?.to_string(), "0.5%");
/// assert!(Percent::new(120).is_err());
/// # Ok::<(), pointsman_types::InvalidPercent>(())
/// ```
///
/// Source: Envoy's `FractionalPercent` with the denominator `MILLION`, which is what Istio emits for `percentage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Percent {
    millionths: u32,
}

/// A number that is no percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a percentage: expected a number from 0 to 100")]
pub struct InvalidPercent {
    value: String,
}

impl InvalidPercent {
    fn new(value: impl ToString) -> Self {
        Self { value: value.to_string() }
    }
}

impl Percent {
    /// None of it.
    pub const ZERO: Self = Self { millionths: 0 };
    /// All of it.
    pub const HUNDRED: Self = Self { millionths: 1_000_000 };

    /// A whole number of percent.
    ///
    /// # Errors
    /// Above 100.
    pub fn new(percent: u32) -> Result<Self, InvalidPercent> {
        if percent > 100 {
            return Err(InvalidPercent::new(percent));
        }
        Ok(Self { millionths: percent * 10_000 })
    }

    /// A number of percent with a fraction; what is finer than a millionth of the whole is cut off, as Istio does.
    ///
    /// # Errors
    /// Not a number, negative, or above 100.
    pub fn from_f64(percent: f64) -> Result<Self, InvalidPercent> {
        if !(0.0..=100.0).contains(&percent) {
            return Err(InvalidPercent::new(percent));
        }
        // The range check above makes the product at most 1,000,000.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1,000,000 by the check above"
        )]
        Ok(Self { millionths: (percent * 10_000.0 + 1e-6) as u32 })
    }

    /// A number of millionths of the whole.
    ///
    /// # Errors
    /// Above 1,000,000.
    pub fn from_millionths(millionths: u32) -> Result<Self, InvalidPercent> {
        if millionths > 1_000_000 {
            return Err(InvalidPercent::new(format!("{millionths} millionths")));
        }
        Ok(Self { millionths })
    }

    /// How many millionths of the whole: `0..=1_000_000`.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.millionths
    }

    /// The share as a number of percent, `0.0..=100.0`.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.millionths) / 10_000.0
    }

    /// Whether the event happens for this draw: as Envoy decides, `draw % 1_000_000 < millionths`.
    #[must_use]
    pub const fn holds(self, draw: u64) -> bool {
        draw % 1_000_000 < self.millionths as u64
    }
}

impl std::str::FromStr for Percent {
    type Err = InvalidPercent;

    /// Reads `20`, `20%`, `0.5` or `0.5 %`.
    fn from_str(text: &str) -> Result<Self, InvalidPercent> {
        let bare = text.trim().trim_end_matches('%').trim_end();
        let number: f64 = bare.parse().map_err(|_| InvalidPercent::new(text))?;
        Self::from_f64(number).map_err(|_| InvalidPercent::new(text))
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.as_f64())
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.millionths.is_multiple_of(10_000) {
            serializer.serialize_u32(self.millionths / 10_000)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Percent;

    #[test]
    fn whole_and_fractional_values_are_exact() {
        for millionths in [0, 1, 3, 9_999, 10_000, 333_333, 999_999, 1_000_000] {
            let percent = Percent::from_millionths(millionths).expect("in range");
            assert_eq!(Percent::from_f64(percent.as_f64()), Ok(percent));
            let json = serde_json::to_string(&percent).expect("serialises");
            assert_eq!(serde_json::from_str::<Percent>(&json).expect("reads back"), percent);
        }
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        for text in ["", "x", "-1", "100.0001", "120", "NaN", "inf"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert_eq!(
            Percent::new(120).map_err(|e| e.to_string()),
            Err("`120` is not a percentage: expected a number from 0 to 100".into())
        );
    }
}
