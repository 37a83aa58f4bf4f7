//! The judge of Kayenta: series of a canary and of a baseline, metric by metric, to one score.
//!
//! ```text
//!  series ──► clean ──► classify (Mann-Whitney interval, effect size) ──► score (groups, weights) ──► pass, marginal, fail
//! ```
//!
//! Where it differs from the reference, each on purpose:
//! - **No solver.** The reference looks for the ends of the interval with an absolute tolerance of 1e-4, so its answer
//!   depends on the unit of the metric. Here the ends are the exact order statistics of all differences: the same
//!   classification in seconds and in milliseconds. The estimate is the middle between the two middle differences; the
//!   reference's is any number between them. In a thousand small random cases one or two are classified otherwise.
//! - A shift that is smaller than any number: where most values of both series are equal (mostly zeros), the interval is
//!   exactly 0 and the rank test decides; the reference gets there by what its solver is off.
//! - **No noise.** Where both series are constant the reference adds random noise; here the shift is the difference.
//!   One value against one value is never compared; there the noise decides now and then.
//! - A value that is infinite counts as no value.
//!
//! Source: `NetflixACAJudge-v1.0` of spinnaker/kayenta at a69573b.

mod classify;
mod config;
mod run;
mod score;
mod series;
mod shift;

pub use classify::{Class, Classification, classify};
pub use config::{
    Direction, EffectMeasure, EffectSize, InvalidOutliers, MetricConfig, MissingValues, Outliers,
};
pub use run::{CanaryRun, Grade, Judgement, MetricSeries, RunOutcome, Thresholds, judge};
pub use score::{GroupScore, GroupWeights, Score, ScoredMetric, score};
pub use shift::{Level, Shift, shift};
