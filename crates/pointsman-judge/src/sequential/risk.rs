//! How often a verdict may be wrong.

use serde::{Deserialize, Serialize};

/// How often a verdict may be wrong: the probability of it, over the whole judgement and however often one looks.
///
/// Shape: above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Risk(f64);

/// A number that is no risk.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`{0}` is not a risk: expected a probability above 0 and below 1")]
pub struct InvalidRisk(f64);

impl Risk {
    /// One in twenty.
    pub const FIVE_PERCENT: Self = Self(0.05);
    /// One in a hundred.
    pub const ONE_PERCENT: Self = Self(0.01);

    /// A probability.
    ///
    /// # Errors
    /// Not above 0 and below 1.
    pub fn new(probability: f64) -> Result<Self, InvalidRisk> {
        if probability > 0.0 && probability < 1.0 {
            Ok(Self(probability))
        } else {
            Err(InvalidRisk(probability))
        }
    }

    /// The probability.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// What the logarithm of an e-value must reach.
    pub(crate) fn ln_bar(self) -> f64 {
        -self.0.ln()
    }
}

impl TryFrom<f64> for Risk {
    type Error = InvalidRisk;

    fn try_from(probability: f64) -> Result<Self, InvalidRisk> {
        Self::new(probability)
    }
}

impl From<Risk> for f64 {
    fn from(risk: Risk) -> Self {
        risk.0
    }
}
