//! Classified metrics to one score.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Class;
use crate::histogram::to_f64;

/// How much each group counts, in percent. Groups without a weight share what is left equally.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupWeights {
    weights: BTreeMap<String, f64>,
}

impl GroupWeights {
    /// These weights, in percent.
    pub fn new<N: Into<String>>(weights: impl IntoIterator<Item = (N, f64)>) -> Self {
        Self { weights: weights.into_iter().map(|(name, weight)| (name.into(), weight)).collect() }
    }
}

/// A metric as far as the score needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScoredMetric {
    /// What it is called.
    pub name: String,
    /// The groups it counts in.
    pub groups: Vec<String>,
    /// What became of it.
    pub class: Class,
    /// Whether it alone fails the canary unless it passed.
    pub critical: bool,
    /// Whether it is not counted.
    pub muted: bool,
}

impl ScoredMetric {
    /// A metric of this name and class, in no group.
    pub fn new(name: impl Into<String>, class: Class) -> Self {
        Self { name: name.into(), groups: Vec::new(), class, critical: false, muted: false }
    }

    /// In these groups.
    #[must_use]
    pub fn in_groups<N: Into<String>>(mut self, groups: impl IntoIterator<Item = N>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// One that alone fails the canary unless it passed.
    #[must_use]
    pub const fn critical(mut self) -> Self {
        self.critical = true;
        self
    }

    /// One that is not counted.
    #[must_use]
    pub const fn muted(mut self) -> Self {
        self.muted = true;
        self
    }
}

/// The score of a canary, 0 to 100, rounded to two places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Score {
    /// The score.
    pub score: f64,
    /// Why it is 0 whatever the groups say; empty otherwise.
    pub reason: String,
    /// Group by group, sorted by name.
    pub groups: Vec<GroupScore>,
}

/// The score of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupScore {
    /// Its name.
    pub name: String,
    /// The share of metrics that passed, 0 to 100; 0 without data, which counts as 100 in the sum.
    pub score: f64,
    /// Whether none of its metrics had data.
    pub without_data: bool,
}

/// Puts classified metrics together. Muted ones are left out; a weighted group without a metric adds nothing.
///
/// ```
/// use pointsman_judge::kayenta::{Class, GroupWeights, ScoredMetric, score};
/// let metrics = [
///     ScoredMetric::new("errors", Class::Pass).in_groups(["quality"]),
///     ScoredMetric::new("latency", Class::High).in_groups(["speed"]),
/// ];
/// let weights = GroupWeights::new([("quality", 75.0), ("speed", 25.0)]);
/// assert_eq!(score(&metrics, &weights).score, 75.0);
/// ```
#[must_use]
pub fn score(metrics: &[ScoredMetric], weights: &GroupWeights) -> Score {
    let counted: Vec<&ScoredMetric> = metrics.iter().filter(|metric| !metric.muted).collect();
    let groups = group_scores(&counted);
    if let Some(failed) = counted.iter().find(|metric| metric.critical && metric.class != Class::Pass) {
        let reason = format!("the critical metric `{}` did not pass", failed.name);
        return Score { score: 0.0, reason, groups };
    }
    let missing = counted.iter().filter(|metric| metric.class == Class::Nodata).count();
    if missing > 0 && missing * 2 >= counted.len() {
        let reason = format!("{missing} of {} metrics have no data", counted.len());
        return Score { score: 0.0, reason, groups };
    }
    Score { score: weighted_sum(&groups, weights), reason: String::new(), groups }
}

fn group_scores(metrics: &[&ScoredMetric]) -> Vec<GroupScore> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for metric in metrics {
        for group in &metric.groups {
            let (passed, total) = counts.entry(group).or_default();
            *passed += u64::from(metric.class == Class::Pass);
            *total += u64::from(!matches!(metric.class, Class::Nodata | Class::Error));
        }
    }
    let scored = counts.into_iter().map(|(name, (passed, total))| GroupScore {
        name: name.to_owned(),
        score: if total == 0 { 0.0 } else { to_f64(passed) / to_f64(total) * 100.0 },
        without_data: total == 0,
    });
    scored.collect()
}

fn weighted_sum(groups: &[GroupScore], weights: &GroupWeights) -> f64 {
    let given: f64 = weights.weights.values().sum();
    let unweighted = groups.iter().filter(|group| !weights.weights.contains_key(&group.name)).count();
    let share = if unweighted == 0 { 0.0 } else { (100.0 - given) / to_f64(unweighted as u64) };
    let parts = groups.iter().map(|group| {
        let score = if group.without_data { 100.0 } else { group.score };
        score * (weights.weights.get(&group.name).copied().unwrap_or(share) / 100.0)
    });
    rounded(parts.sum())
}

/// To two places, halves away from 0, of the decimal number that a reader sees: 1.005 is 1.01 although the binary
/// number is a little less.
fn rounded(score: f64) -> f64 {
    let text = score.to_string();
    let Some((whole, fraction)) = text.split_once('.') else { return score };
    let Some((kept, dropped)) = fraction.split_at_checked(2) else { return score };
    let cut: f64 = format!("{whole}.{kept}").parse().unwrap_or(score);
    if dropped.starts_with(|digit| digit >= '5') {
        ((cut * 100.0).round() + score.signum()) / 100.0
    } else {
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(class: Class, group: &str) -> ScoredMetric {
        ScoredMetric::new(format!("{class:?}"), class).in_groups([group])
    }

    #[test]
    fn what_has_no_data_counts_as_passed_until_it_is_half() {
        let (pass, none) = (metric(Class::Pass, "a"), metric(Class::Nodata, "b"));
        let weights = GroupWeights::default();
        assert_eq!(score(&[pass.clone(), pass.clone(), none.clone()], &weights).score, 100.0);
        let halved = score(&[pass, none], &weights);
        assert_eq!((halved.score, halved.reason.as_str()), (0.0, "1 of 2 metrics have no data"));
    }

    #[test]
    fn a_metric_that_could_not_be_compared_does_not_count() {
        let (pass, high) = (metric(Class::Pass, "a"), metric(Class::High, "a"));
        let (error, alone) = (metric(Class::Error, "a"), metric(Class::Error, "b"));
        let weights = GroupWeights::default();
        assert_eq!(score(&[pass.clone(), high.clone(), error.clone()], &weights).score, 50.0);
        assert_eq!(score(&[high, alone.clone()], &weights).score, 50.0);
        assert_eq!(score(&[alone], &weights).score, 100.0);
        assert_eq!(score(&[pass, error.critical()], &weights).score, 0.0);
    }

    #[test]
    fn halves_are_rounded_as_they_are_written() {
        for (number, expected) in
            [(1.005, 1.01), (1.0049, 1.0), (99.995, 100.0), (-1.005, -1.01), (-0.25, -0.25)]
        {
            assert_eq!(rounded(number), expected, "{number}");
        }
        assert_eq!(rounded(100.0 / 3.0), 33.33);
        assert!(rounded(f64::NAN).is_nan());
        let metrics = [metric(Class::Pass, "a"), metric(Class::High, "b")];
        assert_eq!(score(&metrics, &GroupWeights::new([("a", 1.005)])).score, 1.01);
    }

    #[test]
    fn critical_metrics_overrule_and_muted_ones_do_not_count() {
        let (pass, high) = (metric(Class::Pass, "a"), metric(Class::High, "a"));
        let weights = GroupWeights::default();
        assert_eq!(score(&[pass.clone(), high.clone()], &weights).score, 50.0);
        assert_eq!(score(&[pass.clone(), high.clone().critical()], &weights).score, 0.0);
        assert_eq!(score(&[pass, high.critical().muted()], &weights).score, 100.0);
    }

    #[test]
    fn groups_without_a_weight_share_the_rest() {
        let metrics = [metric(Class::High, "a"), metric(Class::Pass, "b"), metric(Class::High, "c")];
        assert_eq!(score(&metrics, &GroupWeights::new([("a", 40.0)])).score, 30.0);
        assert_eq!(score(&metrics, &GroupWeights::new([("b", 60.0), ("absent", 40.0)])).score, 60.0);
        assert_eq!(score(&[], &GroupWeights::default()).score, 0.0);
    }
}
