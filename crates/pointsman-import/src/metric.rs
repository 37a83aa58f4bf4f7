//! What a template measures.

use std::collections::BTreeMap;

use pointsman_judge::{Query, Threshold};
use pointsman_types::duration::TimeDelta;

use crate::Argument;

/// An AnalysisTemplate, a ClusterAnalysisTemplate, a MetricTemplate, or a check that needs none.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Template {
    /// The arguments it takes, with their defaults.
    pub arguments: BTreeMap<String, Option<Argument>>,
    /// What it measures.
    pub metrics: Vec<Metric>,
    /// Other templates that belong to it.
    pub includes: Vec<String>,
}

/// One metric.
///
/// Shape: `query.text` may hold `{{args.NAME}}` (Argo) or `{{ name }}` (Flagger), as it is written. Without `query` it is
/// one of Flagger's built-in metrics, by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// What is asked, and of whom.
    pub query: Option<Query>,
    /// From one measurement to the next; `None`: once.
    pub interval: Option<TimeDelta>,
    /// How long to wait before the first.
    pub initial_delay: Option<TimeDelta>,
    /// How many measurements; `None`: one without an interval, with one until it is stopped.
    pub count: Option<u32>,
    /// When it is a success, in the expression language of Argo Rollouts.
    pub success_condition: Option<String>,
    /// When it is a failure, in the same.
    pub failure_condition: Option<String>,
    /// Within which bounds the number must be, as Flagger says it.
    pub threshold: Option<Threshold>,
    /// Bounds of a query's own value: the least and the greatest.
    pub range: (Option<f64>, Option<f64>),
    /// What is forgiven.
    pub limits: Limits,
}

/// How many measurements may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Limits {
    /// Failed ones; −1 for any number. Default 0.
    pub failure: i64,
    /// Inconclusive ones. Default 0.
    pub inconclusive: i64,
    /// Errors in a row. Default 4.
    pub consecutive_error: Option<i64>,
    /// Successes in a row that end it; 0 for none. Default 0.
    pub consecutive_success: i64,
}

impl Metric {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            query: None,
            interval: None,
            initial_delay: None,
            count: None,
            success_condition: None,
            failure_condition: None,
            threshold: None,
            range: (None, None),
            limits: Limits::default(),
        }
    }
}
