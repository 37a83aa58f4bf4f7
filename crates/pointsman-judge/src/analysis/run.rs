//! An analysis as it goes on.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::{Time, duration::TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Measured, Metric, MetricResult, Phase, assess_run};
use crate::{Answer, Measurement, Query};

/// How many measurements are kept where no rule says otherwise.
const KEPT: u32 = 10;
/// How long after an error the next try comes.
const AFTER_ERROR: TimeDelta = TimeDelta::from_secs(10);

/// What is measured: made by [`AnalysisTemplate::resolve`](super::AnalysisTemplate::resolve).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    metrics: Vec<Metric>,
    dry_run: BTreeSet<String>,
    kept: BTreeMap<String, u32>,
}

/// How far an analysis is: plain data that the caller keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Run {
    /// The whole of it.
    pub phase: Phase,
    /// Why; often empty.
    #[serde(default)]
    pub message: String,
    /// When it began.
    pub started_at: Time,
    /// Whether it was asked to stop.
    #[serde(default)]
    pub cancelled: bool,
    /// Metric by metric.
    pub metrics: Vec<MetricResult>,
}

/// One look at a run: what is to be done now, and when to look again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pass {
    /// The run after it.
    pub run: Run,
    /// What is to be asked now.
    pub asks: Vec<Ask>,
    /// The metrics whose measurement is given up: end what goes on there, such as a job.
    pub stops: Vec<String>,
    /// When to look again; `None` while only answers are waited for, or at the end.
    pub wake: Option<Time>,
}

/// A question that is due.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// For which metric.
    pub metric: String,
    /// What to ask.
    pub query: Query,
    /// What the provider said when it answered "not yet"; `None` for a new question.
    pub resumed: Option<BTreeMap<String, String>>,
}

/// An answer that nobody waits for: to an unknown metric, a second time, or after the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no answer is waited for from `{metric}`")]
pub struct NotAsked {
    metric: String,
}

impl Run {
    /// Whether it comes to its end: it was stopped, or a metric that decides ended badly.
    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.cancelled || self.metrics.iter().any(|result| !result.dry_run && result.phase.ends_run())
    }

    /// The same run, asked to stop. What has not settled at the next pass is `Cancelled`.
    #[must_use]
    pub fn cancel(&self) -> Self {
        Self { cancelled: true, ..self.clone() }
    }

    /// What one metric has come to.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricResult> {
        self.metrics.iter().find(|result| result.name == name)
    }
}

impl Analysis {
    pub(super) const fn new(
        metrics: Vec<Metric>,
        dry_run: BTreeSet<String>,
        kept: BTreeMap<String, u32>,
    ) -> Self {
        Self { metrics, dry_run, kept }
    }

    /// What is measured.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// A run that begins now. Nothing is asked before the first [`advance`](Self::advance).
    #[must_use]
    pub fn start(&self, now: Time) -> Run {
        let metrics = self.metrics.iter().map(|metric| MetricResult {
            dry_run: self.dry_run.contains(&metric.name),
            ..MetricResult::new(metric.name.clone())
        });
        Run {
            phase: Phase::Pending,
            message: String::new(),
            started_at: now,
            cancelled: false,
            metrics: metrics.collect(),
        }
    }

    /// Looks at a run: what is due is asked once, what has settled is said. Early and repeated looks do nothing.
    ///
    /// A metric that ends badly stops the others at the next look.
    #[must_use]
    pub fn advance(&self, run: &Run, now: Time) -> Pass {
        let mut pass = Pass { run: run.clone(), asks: Vec::new(), stops: Vec::new(), wake: None };
        if run.phase.is_completed() {
            return pass;
        }
        let stopping = run.is_terminating();
        let started_at = run.started_at;
        for (metric, result) in self.with_results(&mut pass.run.metrics) {
            if result.phase.is_completed() {
                continue;
            }
            if stopping {
                if result.in_flight().is_some() {
                    result.measurements.pop();
                    pass.stops.push(metric.name.clone());
                }
                continue;
            }
            let Some(due) = due(metric, result, started_at) else { continue };
            if due > now {
                pass.wake = Some(pass.wake.map_or(due, |wake| wake.min(due)));
                continue;
            }
            pass.asks.push(ask(metric, result, now));
        }
        self.assess(&mut pass.run, stopping);
        if pass.run.phase.is_completed() {
            pass.wake = None;
        }
        pass
    }

    /// The questions that were put and not answered, to put again after a crash.
    #[must_use]
    pub fn open_asks(&self, run: &Run) -> Vec<Ask> {
        let open = |metric: &Metric| {
            let waiting = run.metric(&metric.name)?.in_flight().filter(|last| last.resume_at.is_none())?;
            let resumed = (!waiting.metadata.is_empty()).then(|| waiting.metadata.clone());
            Some(Ask { metric: metric.name.clone(), query: metric.query.clone(), resumed })
        };
        self.metrics.iter().filter_map(open).collect()
    }

    /// Takes the answer to a question in.
    ///
    /// # Errors
    /// No answer is waited for from that metric; nothing is lost.
    pub fn measured(&self, run: &Run, metric: &str, measurement: &Measurement) -> Result<Run, NotAsked> {
        let refused = || NotAsked { metric: metric.to_owned() };
        let spec = self.metrics.iter().find(|known| known.name == metric).ok_or_else(refused)?;
        let mut next = run.clone();
        let result = next.metrics.iter_mut().find(|result| result.name == metric).ok_or_else(refused)?;
        let waits = result.in_flight().is_some_and(|last| last.resume_at.is_none());
        if run.phase.is_completed() || result.phase.is_completed() || !waits {
            return Err(refused());
        }
        let Some(last) = result.measurements.last_mut() else { return Err(refused()) };
        last.metadata.extend(measurement.metadata.clone());
        take(spec, last, measurement);
        if last.finished_at.is_some() {
            let (phase, message) = (last.phase, last.message.clone());
            result.tally(phase);
            result.message = message;
            let kept = self.kept.get(metric).copied().unwrap_or(KEPT).max(1);
            let extra = result.measurements.len().saturating_sub(kept as usize);
            result.measurements.drain(..extra);
            let stopping = run.is_terminating();
            result.phase = super::assess_metric(&spec.limits, result, stopping);
        }
        Ok(next)
    }

    fn with_results<'a>(
        &'a self,
        results: &'a mut [MetricResult],
    ) -> impl Iterator<Item = (&'a Metric, &'a mut MetricResult)> {
        results.iter_mut().filter_map(|result| {
            let metric = self.metrics.iter().find(|metric| metric.name == result.name)?;
            Some((metric, result))
        })
    }

    fn assess(&self, run: &mut Run, stopping: bool) {
        let known: Vec<_> =
            self.metrics.iter().map(|metric| (metric.limits, run.metric(&metric.name))).collect();
        let assessment = assess_run(&known, stopping);
        for (metric, phase) in self.metrics.iter().zip(assessment.metrics) {
            if let Some(result) = run.metrics.iter_mut().find(|result| result.name == metric.name) {
                result.phase = phase;
            }
        }
        (run.phase, run.message) = (assessment.phase, assessment.message);
    }
}

/// When the metric is to be asked next; `None` while an answer is waited for, or when nothing more comes.
fn due(metric: &Metric, result: &MetricResult, started_at: Time) -> Option<Time> {
    let Some(last) = result.measurements.last() else { return Some(started_at.plus(metric.initial_delay)) };
    let Some(finished_at) = last.finished_at else { return last.resume_at };
    if metric.limits.count.is_some_and(|count| result.count >= count) {
        return None;
    }
    let wait = if last.phase == Phase::Error { AFTER_ERROR } else { metric.interval.unwrap_or(AFTER_ERROR) };
    Some(finished_at.plus(wait))
}

fn ask(metric: &Metric, result: &mut MetricResult, now: Time) -> Ask {
    let resumed = match result.measurements.last_mut().filter(|last| last.finished_at.is_none()) {
        Some(last) => {
            last.resume_at = None;
            Some(last.metadata.clone())
        }
        None => {
            let begun = Measured { phase: Phase::Running, started_at: Some(now), ..Measured::default() };
            result.measurements.push(begun);
            None
        }
    };
    Ask { metric: metric.name.clone(), query: metric.query.clone(), resumed }
}

fn take(metric: &Metric, last: &mut Measured, measurement: &Measurement) {
    match &measurement.answer {
        Answer::Running { resume_at } => {
            last.resume_at = Some(resume_at.unwrap_or(measurement.started_at));
            return;
        }
        Answer::Failed { message, .. } => {
            last.phase = Phase::Error;
            last.message.clone_from(message);
        }
        Answer::Value { value, .. } => {
            last.value = Some(value.clone());
            match metric.conditions.phase(value) {
                Ok(phase) => last.phase = phase,
                Err(error) => {
                    last.phase = Phase::Error;
                    last.message = error.to_string();
                }
            }
        }
    }
    last.finished_at = measurement.finished_at();
}
