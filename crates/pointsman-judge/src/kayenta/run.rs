//! Whole judgements, and runs of several of them.

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Class, Classification, GroupWeights, MetricConfig, Score, ScoredMetric, classify, score};
use crate::Verdict;

/// One metric with its two series. A missing value is NaN.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MetricSeries {
    /// What it is called.
    pub name: String,
    /// How it is judged.
    pub config: MetricConfig,
    /// The values of the canary.
    pub experiment: Vec<f64>,
    /// The values of the baseline.
    pub control: Vec<f64>,
}

impl MetricSeries {
    /// A metric of this name, judged by the defaults.
    pub fn new(name: impl Into<String>, experiment: Vec<f64>, control: Vec<f64>) -> Self {
        Self { name: name.into(), config: MetricConfig::default(), experiment, control }
    }

    /// Judged so.
    #[must_use]
    pub fn with_config(mut self, config: MetricConfig) -> Self {
        self.config = config;
        self
    }
}

/// From which score on a canary passes, and below which it fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Thresholds {
    /// Passes at this score and above.
    pub pass: f64,
    /// Fails below this score.
    pub marginal: f64,
}

impl Thresholds {
    /// These two scores, 0 to 100.
    #[must_use]
    pub const fn new(marginal: f64, pass: f64) -> Self {
        Self { pass, marginal }
    }

    /// What a score means.
    #[must_use]
    pub fn grade(&self, score: f64) -> Grade {
        if score >= self.pass {
            Grade::Pass
        } else if score >= self.marginal {
            Grade::Marginal
        } else {
            Grade::Fail
        }
    }
}

/// What a score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Good enough.
    Pass,
    /// Between the two.
    Marginal,
    /// Not good enough.
    Fail,
}

/// What came of one judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Judgement {
    /// Metric by metric, in the order given.
    pub metrics: Vec<(String, Classification)>,
    /// The score.
    pub score: Score,
    /// What it means.
    pub grade: Grade,
}

impl Judgement {
    /// The grade as a verdict: marginal is `Undecided`, and `NoData` when no metric that counts had any.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let data = |class| !matches!(class, Class::Nodata | Class::NodataFailMetric | Class::Error);
        if !self.metrics.iter().any(|(_, found)| data(found.class)) {
            return Verdict::NoData;
        }
        match self.grade {
            Grade::Pass => Verdict::Pass,
            Grade::Marginal => Verdict::Undecided { needed: None },
            Grade::Fail => Verdict::Fail,
        }
    }
}

/// Judges all metrics once.
///
/// ```
/// use pointsman_judge::kayenta::{Grade, GroupWeights, MetricConfig, MetricSeries, Thresholds, judge};
/// let control: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i % 7)).collect();
/// let experiment = control.iter().map(|value| value * 1.5).collect();
/// let latency =
///     MetricSeries::new("latency", experiment, control).with_config(MetricConfig::new().in_group("speed"));
/// let judgement = judge(&[latency], &GroupWeights::default(), Thresholds::new(75.0, 95.0));
/// assert_eq!((judgement.score.score, judgement.grade), (0.0, Grade::Fail));
/// ```
#[must_use]
pub fn judge(metrics: &[MetricSeries], weights: &GroupWeights, thresholds: Thresholds) -> Judgement {
    let found: Vec<(String, Classification)> = metrics
        .iter()
        .map(|metric| (metric.name.clone(), classify(&metric.experiment, &metric.control, &metric.config)))
        .collect();
    let scored: Vec<ScoredMetric> = metrics
        .iter()
        .zip(&found)
        .map(|(metric, (name, found))| ScoredMetric {
            name: name.clone(),
            groups: metric.config.groups.clone(),
            class: found.class,
            critical: found.critical,
            muted: metric.config.muted,
        })
        .collect();
    let score = score(&scored, weights);
    let grade = thresholds.grade(score.score);
    Judgement { metrics: found, score, grade }
}

/// Judgements at equal distances over the lifetime of a canary.
///
/// Shape: the first after one interval; as many as whole intervals fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CanaryRun {
    /// How long the canary lives.
    pub lifetime: TimeDelta,
    /// From one judgement to the next.
    pub interval: TimeDelta,
    /// What a score means; without them every score passes.
    pub thresholds: Option<Thresholds>,
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunOutcome {
    /// The next judgement is due so long after the start.
    NextAt(TimeDelta),
    /// The last score was good enough.
    Passed,
    /// A score was not, or there was none at all.
    Failed,
}

impl CanaryRun {
    /// Judged every `interval` for `lifetime`.
    #[must_use]
    pub const fn new(lifetime: TimeDelta, interval: TimeDelta) -> Self {
        Self { lifetime, interval, thresholds: None }
    }

    /// With this meaning of a score.
    #[must_use]
    pub const fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = Some(thresholds);
        self
    }

    /// How many judgements there are.
    #[must_use]
    pub fn judgements(&self) -> u64 {
        if self.interval.nanos() <= 0 {
            return 0;
        }
        u64::try_from(self.lifetime.nanos() / self.interval.nanos()).unwrap_or(0)
    }

    /// What the run comes to after these scores, oldest first.
    ///
    /// As in the reference, a score that *equals* the marginal one ends the run as failed although the judge itself calls
    /// it marginal.
    #[must_use]
    pub fn outcome(&self, scores: &[f64]) -> RunOutcome {
        let total = self.judgements();
        let Some(thresholds) = self.thresholds else {
            return self.next_or(scores, if total == 0 { RunOutcome::Failed } else { RunOutcome::Passed });
        };
        if total == 0 || scores.iter().any(|score| *score <= thresholds.marginal) {
            return RunOutcome::Failed;
        }
        let last_is_good = scores.last().is_some_and(|score| *score >= thresholds.pass);
        self.next_or(scores, if last_is_good { RunOutcome::Passed } else { RunOutcome::Failed })
    }

    fn next_or(&self, scores: &[f64], end: RunOutcome) -> RunOutcome {
        let done = scores.len() as u64;
        if done >= self.judgements() {
            return end;
        }
        let after = i64::try_from(done + 1).unwrap_or(i64::MAX).saturating_mul(self.interval.nanos());
        RunOutcome::NextAt(TimeDelta::from_nanos(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marginal_score_is_marginal_for_the_judge_and_ends_the_run() {
        let thresholds = Thresholds::new(50.0, 80.0);
        assert_eq!(thresholds.grade(50.0), Grade::Marginal);
        let run =
            CanaryRun::new(TimeDelta::from_secs(200), TimeDelta::from_secs(60)).with_thresholds(thresholds);
        assert_eq!(run.judgements(), 3);
        assert_eq!(run.outcome(&[]), RunOutcome::NextAt(TimeDelta::from_secs(60)));
        assert_eq!(run.outcome(&[50.0]), RunOutcome::Failed);
        assert_eq!(run.outcome(&[60.0, 60.0]), RunOutcome::NextAt(TimeDelta::from_secs(180)));
        assert_eq!(run.outcome(&[60.0, 60.0, 80.0]), RunOutcome::Passed);
        assert_eq!(run.outcome(&[90.0, 90.0, 79.9]), RunOutcome::Failed);
    }

    #[test]
    fn a_run_without_a_judgement_fails_and_one_without_thresholds_passes() {
        let run = CanaryRun::new(TimeDelta::from_secs(10), TimeDelta::from_secs(60));
        assert_eq!(run.outcome(&[]), RunOutcome::Failed);
        let run = CanaryRun::new(TimeDelta::from_secs(60), TimeDelta::from_secs(60));
        assert_eq!(run.outcome(&[0.0]), RunOutcome::Passed);
        assert_eq!(CanaryRun::new(TimeDelta::from_secs(60), TimeDelta::ZERO).judgements(), 0);
    }

    #[test]
    fn nothing_to_compare_is_no_data() {
        let thresholds = Thresholds::new(50.0, 80.0);
        let empty = judge(&[MetricSeries::new("m", vec![], vec![1.0])], &GroupWeights::default(), thresholds);
        assert_eq!(empty.verdict(), Verdict::NoData);
    }
}
