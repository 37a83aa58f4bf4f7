//! How one metric is judged.

use serde::{Deserialize, Serialize};

/// How one metric is judged.
///
/// Shape: as `analysisConfigurations.canary` of a metric; the defaults are those of the reference.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricConfig {
    /// The groups it counts in.
    pub groups: Vec<String>,
    /// Which way is worse. Default: either.
    pub direction: Direction,
    /// What a missing value is. Default: left out.
    pub missing: MissingValues,
    /// What happens to outliers. Default: kept.
    pub outliers: Outliers,
    /// Whether this metric alone can fail the canary.
    pub critical: bool,
    /// Whether a series without data is a failure and not merely left out.
    pub must_have_data: bool,
    /// Whether it is classified but not counted.
    pub muted: bool,
    /// From which size on a difference matters.
    pub effect_size: EffectSize,
}

/// Which way is worse. A word that is not known reads as the default, here and in what follows, as in the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is worse.
    Increase,
    /// Less is worse.
    Decrease,
    /// Both are.
    #[default]
    #[serde(other)]
    Either,
}

impl Direction {
    pub(super) const fn allows_high(self) -> bool {
        matches!(self, Self::Increase | Self::Either)
    }

    pub(super) const fn allows_low(self) -> bool {
        matches!(self, Self::Decrease | Self::Either)
    }
}

/// What a missing value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingValues {
    /// A zero: right for counts of errors.
    Replace,
    /// Left out.
    #[default]
    #[serde(other)]
    Remove,
}

/// What happens to outliers.
///
/// Shape: the fences are the quartiles `factor` interquartile ranges further out, but at least the first and the last
/// percentile, so at most the outer hundredth of each side goes. The factor is above 0, default 3; it is checked also where
/// outliers are kept. Default: kept.
///
/// ```
/// use pointsman_judge::kayenta::Outliers;
/// assert!(Outliers::removed_beyond(1.5).is_ok());
/// let error = serde_json::from_str::<Outliers>(r#"{"remove": true, "factor": 0}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`outliers.factor` is `0`: must be above 0");
/// ```
///
/// Source: `IQRDetector` of Kayenta at a69573be, which requires a factor above 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Wire")]
pub struct Outliers {
    remove: bool,
    factor: f64,
}

/// As it is written: not checked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    remove: bool,
    factor: f64,
}

/// A number of interquartile ranges that is not above 0.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`outliers.factor` is `{factor}`: must be above 0")]
pub struct InvalidOutliers {
    /// The number.
    pub factor: f64,
}

impl Default for Wire {
    fn default() -> Self {
        Self { remove: false, factor: 3.0 }
    }
}

impl Default for Outliers {
    fn default() -> Self {
        let Wire { remove, factor } = Wire::default();
        Self { remove, factor }
    }
}

impl TryFrom<Wire> for Outliers {
    type Error = InvalidOutliers;

    fn try_from(wire: Wire) -> Result<Self, InvalidOutliers> {
        let Wire { remove, factor } = wire;
        // What is no number is not above 0 either.
        if factor > 0.0 { Ok(Self { remove, factor }) } else { Err(InvalidOutliers { factor }) }
    }
}

impl Outliers {
    /// Removed beyond so many interquartile ranges.
    ///
    /// # Errors
    /// A number that is not above 0.
    pub fn removed_beyond(factor: f64) -> Result<Self, InvalidOutliers> {
        Self::try_from(Wire { remove: true, factor })
    }

    /// Beyond how many interquartile ranges values are removed; `None` where they are kept.
    #[must_use]
    pub fn removes_beyond(&self) -> Option<f64> {
        self.remove.then_some(self.factor)
    }
}

/// From which size on a difference matters.
///
/// Shape: a missing bound is 1 for a ratio of means and 0.5 for the common language effect size: any difference.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct EffectSize {
    /// What is compared with the bounds.
    pub measure: EffectMeasure,
    /// `High` from here on.
    pub allowed_increase: Option<f64>,
    /// `Low` down from here.
    pub allowed_decrease: Option<f64>,
    /// A critical failure from here on.
    pub critical_increase: Option<f64>,
    /// A critical failure down from here.
    pub critical_decrease: Option<f64>,
}

impl EffectSize {
    /// By this measure, with its default bounds.
    #[must_use]
    pub fn of(measure: EffectMeasure) -> Self {
        Self { measure, ..Self::default() }
    }

    /// With these bounds of what is let pass, downwards and upwards.
    #[must_use]
    pub const fn with_allowed(mut self, decrease: f64, increase: f64) -> Self {
        (self.allowed_decrease, self.allowed_increase) = (Some(decrease), Some(increase));
        self
    }

    /// With these bounds of what is critical, downwards and upwards.
    #[must_use]
    pub const fn with_critical(mut self, decrease: f64, increase: f64) -> Self {
        (self.critical_decrease, self.critical_increase) = (Some(decrease), Some(increase));
        self
    }

    pub(super) fn or_default(self, bound: Option<f64>) -> f64 {
        bound.unwrap_or(match self.measure {
            EffectMeasure::MeanRatio => 1.0,
            EffectMeasure::Cles => 0.5,
        })
    }
}

/// How large a difference is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EffectMeasure {
    /// The common language effect size: how likely a value of the canary exceeds one of the baseline, ties half.
    Cles,
    /// The mean of the canary over the mean of the baseline; no number when either is 0.
    #[default]
    #[serde(other)]
    MeanRatio,
}

impl MetricConfig {
    /// The defaults: both directions, missing values left out, in no group.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counting in this group too.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Where this way is worse.
    #[must_use]
    pub const fn with_direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// With this meaning of a missing value.
    #[must_use]
    pub const fn with_missing(mut self, missing: MissingValues) -> Self {
        self.missing = missing;
        self
    }

    /// With this treatment of outliers.
    #[must_use]
    pub const fn with_outliers(mut self, outliers: Outliers) -> Self {
        self.outliers = outliers;
        self
    }

    /// One that alone can fail the canary.
    #[must_use]
    pub const fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// One whose lack of data is a failure.
    #[must_use]
    pub const fn must_have_data(mut self) -> Self {
        self.must_have_data = true;
        self
    }

    /// One that is classified but not counted.
    #[must_use]
    pub const fn muted(mut self) -> Self {
        self.muted = true;
        self
    }

    /// With this size from which on a difference matters.
    #[must_use]
    pub const fn with_effect_size(mut self, effect_size: EffectSize) -> Self {
        self.effect_size = effect_size;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_not_known_read_as_the_default() {
        let config: MetricConfig = serde_json::from_value(serde_json::json!({
            "direction": "sideways", "missing": "none", "effectSize": {"measure": "cohenD"},
        }))
        .unwrap();
        assert_eq!(config, MetricConfig::new());
        let config: MetricConfig = serde_json::from_value(serde_json::json!({
            "direction": "decrease", "missing": "replace", "effectSize": {"measure": "cles"},
        }))
        .unwrap();
        assert_eq!((config.direction, config.missing), (Direction::Decrease, MissingValues::Replace));
        assert_eq!(config.effect_size.or_default(None), 0.5);
    }

    #[test]
    fn a_factor_of_outliers_is_above_zero() {
        for factor in [0.0, -1.5, f64::NAN, f64::NEG_INFINITY] {
            assert!(Outliers::removed_beyond(factor).is_err(), "{factor}");
        }
        assert_eq!(
            Outliers::removed_beyond(f64::MIN_POSITIVE).unwrap().removes_beyond(),
            Some(f64::MIN_POSITIVE)
        );
        let read = |outliers| {
            let config: Result<MetricConfig, _> =
                serde_json::from_value(serde_json::json!({"outliers": outliers}));
            config.map(|config| config.outliers).map_err(|error| error.to_string())
        };
        let said = Err("`outliers.factor` is `-2`: must be above 0".to_owned());
        assert_eq!(read(serde_json::json!({"remove": true, "factor": -2.0})), said);
        assert_eq!(read(serde_json::json!({"factor": -2.0})), said, "also where they are kept");
        assert_eq!(read(serde_json::json!({})), Ok(Outliers::default()));
        let written = serde_json::to_value(Outliers::removed_beyond(2.0).unwrap()).unwrap();
        assert_eq!(written, serde_json::json!({"remove": true, "factor": 2.0}));
        assert_eq!(read(written), Ok(Outliers::removed_beyond(2.0).unwrap()));
    }
}
