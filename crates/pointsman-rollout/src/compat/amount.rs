//! How many, as a manifest writes it.

use pointsman_types::{IntOrString, Rounding};
use serde::{Deserialize, Serialize};

/// A count (`3`) or a percentage (`"25%"`), as written. Argo takes every text for a percentage, with a sign or without.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// A count.
    Count(i32),
    /// A percentage, or a text that is none.
    Text(String),
}

/// A text that is no percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a percentage")]
pub struct InvalidAmount(String);

impl Amount {
    /// How many that is of `size`.
    ///
    /// ```
    /// use pointsman_rollout::compat::Amount;
    /// use pointsman_types::Rounding;
    /// assert_eq!(Amount::Text("25".into()).of(10, Rounding::Up), Ok(3));
    /// assert_eq!(Amount::Count(25).of(10, Rounding::Up), Ok(25));
    /// ```
    ///
    /// # Errors
    /// A text that is no percentage.
    ///
    /// Source: `intstr.GetValueFromIntOrPercent` of Kubernetes, which Argo uses.
    pub fn of(&self, size: u32, rounding: Rounding) -> Result<i32, InvalidAmount> {
        match self {
            Self::Count(count) => Ok(*count),
            Self::Text(text) => {
                let percent = text.replace('%', "").parse().map_err(|_| InvalidAmount(text.clone()))?;
                let whole = i32::try_from(size).unwrap_or(i32::MAX);
                Ok(IntOrString::Percent(percent).scaled(whole, rounding))
            }
        }
    }
}
