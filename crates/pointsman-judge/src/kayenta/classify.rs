//! One metric: is the canary higher, lower, or neither?

use serde::{Deserialize, Serialize};

use super::series::{cleaned, mean};
use super::{EffectMeasure, Level, MetricConfig, MissingValues, Shift, shift};
use crate::histogram::to_f64;

/// What the reference fixes.
const TOLERANCE: f64 = 0.25;

/// What became of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Classification {
    /// Higher, lower, or neither.
    pub class: Class,
    /// Whether it alone fails the canary (unless it passed).
    pub critical: bool,
    /// How far the canary is shifted; `None` where nothing was compared.
    pub shift: Option<Shift>,
    /// The size of the difference; `None` where there is none to tell.
    pub effect: Option<f64>,
    /// Why, in words.
    pub reason: String,
}

/// Higher, lower, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Class {
    /// No difference that matters.
    Pass,
    /// The canary is higher.
    High,
    /// The canary is lower.
    Low,
    /// A series has no values; left out.
    Nodata,
    /// A series has no values, and must have some: a failure.
    NodataFailMetric,
    /// One value against another one, or against zeros only: no rank test can tell them apart. Not counted.
    Error,
}

/// Classifies one metric with the reference's tolerance (a quarter of the shift) and [`Level::KAYENTA`].
///
/// A value that is no finite number is a missing one.
///
/// ```
/// use pointsman_judge::kayenta::{Class, MetricConfig, classify};
/// let control = [10.0, 11.0, 9.5, 10.2, 10.8, 9.9, 10.4, 10.1];
/// let experiment = control.map(|value| value * 3.0);
/// assert_eq!(classify(&experiment, &control, &MetricConfig::new()).class, Class::High);
/// ```
#[must_use]
pub fn classify(experiment: &[f64], control: &[f64], config: &MetricConfig) -> Classification {
    classify_with(experiment, control, config, TOLERANCE, Level::KAYENTA)
}

impl Classification {
    fn new(class: Class, reason: impl Into<String>) -> Self {
        Self { class, critical: false, shift: None, effect: None, reason: reason.into() }
    }
}

impl MetricConfig {
    /// Classifies with another tolerance (a share of the shift) and level than the reference's.
    #[must_use]
    pub fn classify_at(
        &self,
        experiment: &[f64],
        control: &[f64],
        tolerance: f64,
        level: Level,
    ) -> Classification {
        classify_with(experiment, control, self, tolerance, level)
    }
}

fn classify_with(
    experiment: &[f64],
    control: &[f64],
    config: &MetricConfig,
    tolerance: f64,
    level: Level,
) -> Classification {
    let experiment = cleaned(experiment, config.missing, config.outliers);
    let control = cleaned(control, config.missing, config.outliers);
    if experiment.is_empty() || control.is_empty() {
        return without_data(config, experiment.is_empty());
    }
    if experiment == control {
        return Classification::new(Class::Pass, "the series are the same");
    }
    if is_all_tied(&experiment, &control) || is_all_tied(&control, &experiment) {
        return Classification::new(
            Class::Error,
            "one value cannot be compared with one other, or with zeros",
        );
    }
    let Some(found) = shift(&experiment, &control, level) else {
        return without_data(config, true);
    };
    let effect = effect_size(&experiment, &control, config.effect_size.measure);
    let (class, reason) = compare(config, found, effect, Limits { tolerance, level });
    let critical = config.critical && is_critical(config, class, effect);
    Classification { class, critical, shift: Some(found), effect, reason }
}

/// Whether all values are one as soon as the series are shifted onto each other, so that there are no ranks.
///
/// The reference tells equal values apart by noise in proportion to them, so only zeros stay equal.
fn is_all_tied(series: &[f64], other: &[f64]) -> bool {
    other.len() == 1 && (series.len() == 1 || series.iter().all(|value| *value == 0.0))
}

fn without_data(config: &MetricConfig, experiment: bool) -> Classification {
    let reason = if experiment { "the canary has no data" } else { "the baseline has no data" };
    if config.missing == MissingValues::Replace {
        return Classification::new(Class::Pass, format!("{reason}, which counts as 0"));
    }
    if config.must_have_data && !config.critical {
        return Classification::new(Class::NodataFailMetric, format!("{reason}, and it must have some"));
    }
    Classification { critical: config.critical, ..Classification::new(Class::Nodata, reason) }
}

struct Limits {
    tolerance: f64,
    level: Level,
}

impl Limits {
    /// Whether the shift is up, and by more than the tolerance lets pass.
    ///
    /// Where most values are equal, the interval is exactly 0 while the rank test rejects "no shift": the shift is above
    /// 0 by less than any number, as the reference's solver finds it, and so is what the tolerance lets pass.
    fn is_up(&self, low: f64, estimate: f64, statistic: f64) -> bool {
        let bound = self.tolerance * estimate.abs();
        low > bound || (low == 0.0 && bound == 0.0 && statistic > self.level.deviations())
    }
}

fn compare(config: &MetricConfig, found: Shift, effect: Option<f64>, limits: Limits) -> (Class, String) {
    let up = limits.is_up(found.low, found.estimate, found.statistic);
    let down = limits.is_up(-found.high, -found.estimate, -found.statistic);
    let size = config.effect_size;
    let (most, least) = (size.or_default(size.allowed_increase), size.or_default(size.allowed_decrease));
    if config.direction.allows_high() && up && effect.is_none_or(|effect| effect >= most) {
        return (Class::High, format!("the canary is higher by {} or more", found.low));
    }
    if config.direction.allows_low() && down && effect.is_none_or(|effect| effect <= least) {
        return (Class::Low, format!("the canary is lower by {} or more", -found.high));
    }
    (Class::Pass, "no difference that matters".to_owned())
}

fn is_critical(config: &MetricConfig, class: Class, effect: Option<f64>) -> bool {
    let size = config.effect_size;
    match class {
        Class::High => effect.is_none_or(|effect| effect >= size.or_default(size.critical_increase)),
        Class::Low => effect.is_none_or(|effect| effect <= size.or_default(size.critical_decrease)),
        _ => false,
    }
}

/// Both samples are sorted and hold a value.
fn effect_size(experiment: &[f64], control: &[f64], measure: EffectMeasure) -> Option<f64> {
    let effect = match measure {
        EffectMeasure::MeanRatio => {
            let (above, below) = (mean(experiment), mean(control));
            if above == 0.0 || below == 0.0 { f64::NAN } else { above / below }
        }
        EffectMeasure::Cles => {
            let wins = experiment.iter().map(|value| {
                let lower = control.partition_point(|other| other < value);
                let not_higher = control.partition_point(|other| other <= value);
                to_f64((lower + not_higher) as u64) / 2.0
            });
            // One division, so that a share on the border of what is allowed is on it.
            wins.sum::<f64>() / (to_f64(experiment.len() as u64) * to_f64(control.len() as u64))
        }
    };
    (!effect.is_nan()).then_some(effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kayenta::{Direction, EffectSize};

    #[test]
    fn ties_need_near_separation() {
        let control = [1.0; 10];
        let mut experiment = [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 1.0, 1.0, 1.0];
        let config = MetricConfig::new();
        assert_eq!(classify(&experiment, &control, &config).class, Class::Pass);
        experiment[7] = 100.0;
        assert_eq!(classify(&experiment, &control, &config).class, Class::High);
    }

    #[test]
    fn a_shift_smaller_than_any_number_is_seen_where_most_values_are_equal() {
        let control: Vec<f64> = (0..200).map(|i| if i % 12 == 0 { 2.0 } else { 0.0 }).collect();
        let experiment: Vec<f64> = (0..200).map(|i| if i % 3 == 0 { 2.0 } else { 0.0 }).collect();
        let found = classify(&experiment, &control, &MetricConfig::new());
        assert_eq!(found.class, Class::High);
        assert_eq!(found.shift.map(|shift| (shift.low, shift.high)), Some((0.0, 0.0)));
        assert_eq!(classify(&control, &experiment, &MetricConfig::new()).class, Class::Low);
    }

    #[test]
    fn constant_series_differ_without_dice() {
        let config = MetricConfig::new();
        let high = classify(&[10.0; 5], &[0.0; 5], &config);
        assert_eq!((high.class, high.effect), (Class::High, None));
        assert_eq!(high.shift.map(|shift| (shift.low, shift.high)), Some((10.0, 10.0)));
        assert_eq!(classify(&[0.0; 5], &[10.0; 5], &config).class, Class::Low);
        assert_eq!(classify(&[3.0; 4], &[3.0; 9], &config).class, Class::Pass);
    }

    #[test]
    fn a_missing_series_follows_the_policy() {
        let some = [1.0, 2.0];
        let config = MetricConfig::new();
        assert_eq!(classify(&[], &some, &config).class, Class::Nodata);
        assert_eq!(classify(&some, &[f64::NAN], &config).class, Class::Nodata);
        assert_eq!(classify(&[], &some, &config.clone().must_have_data()).class, Class::NodataFailMetric);
        let critical = classify(&[], &some, &config.clone().must_have_data().critical());
        assert_eq!((critical.class, critical.critical), (Class::Nodata, true));
        assert_eq!(classify(&[], &some, &config.with_missing(MissingValues::Replace)).class, Class::Pass);
    }

    #[test]
    fn one_value_against_another_or_zeros_is_no_comparison() {
        let config = MetricConfig::new().critical();
        let found = classify(&[9.0], &[3.0, f64::NAN], &config);
        assert_eq!((found.class, found.critical), (Class::Error, false));
        assert_eq!(classify(&[0.0; 5], &[3.0], &config).class, Class::Error);
        assert_eq!(classify(&[3.0], &[0.0; 2], &config).class, Class::Error);
        assert_eq!(classify(&[3.0], &[3.0], &config).class, Class::Pass);
        assert_eq!(classify(&[9.0], &[3.0, 3.0], &config).class, Class::High);
    }

    #[test]
    fn an_effect_on_the_border_is_on_it() {
        // Twelve of fifteen pairs: 12 / 5 / 3 is less than 0.8.
        let (experiment, control) = ([1.0, 5.0, 6.0, 7.0, 8.0], [2.0, 3.0, 4.0]);
        assert_eq!(effect_size(&experiment, &control, EffectMeasure::Cles), Some(0.8));
        assert_eq!(effect_size(&[0.1; 10], &[0.1], EffectMeasure::MeanRatio), Some(1.0));
        assert_eq!(effect_size(&[0.0], &[1.0], EffectMeasure::MeanRatio), None);
    }

    #[test]
    fn effect_sizes_hold_a_difference_back() {
        let (control, experiment) = ([1.0, 2.2, 1.1, 2.5, 3.0], [20.0, 22.0, 21.0, 25.0, 30.0]);
        let class = |size| {
            let config = MetricConfig::new().with_effect_size(size).critical();
            let found = classify_with(&experiment, &control, &config, 0.1, Level::new(0.95).unwrap());
            (found.class, found.critical)
        };
        assert_eq!(class(EffectSize::default()), (Class::High, true));
        assert_eq!(class(EffectSize::default().with_critical(1.0, 13.0)), (Class::High, false));
        assert_eq!(class(EffectSize::default().with_allowed(1.0, 13.0)), (Class::Pass, false));
        assert_eq!(class(EffectSize::of(EffectMeasure::Cles).with_allowed(0.2, 1.0)), (Class::High, true));
    }

    #[test]
    fn swapping_the_series_swaps_high_and_low() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [21.0, 22.0, 23.0, 24.0, 25.0, 26.0]);
        let config = MetricConfig::new();
        assert_eq!(classify(&a, &b, &config).class, Class::Low);
        assert_eq!(classify(&b, &a, &config).class, Class::High);
        let only_up = config.with_direction(Direction::Increase);
        assert_eq!(classify(&a, &b, &only_up).class, Class::Pass);
    }
}
