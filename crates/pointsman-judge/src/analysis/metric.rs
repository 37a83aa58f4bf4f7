//! A metric whose template was resolved.

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Phase;
use crate::expr::{Condition, ConditionError};
use crate::{Query, Value};

/// A metric whose template was resolved: nothing is left open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Metric {
    /// Its name, unique in the analysis.
    pub name: String,
    /// What is asked.
    pub query: Query,
    /// What an answer means.
    #[serde(default)]
    pub conditions: Conditions,
    /// From the end of one measurement to the next.
    #[serde(default)]
    pub interval: Option<TimeDelta>,
    /// How long the first measurement waits.
    #[serde(default)]
    pub initial_delay: TimeDelta,
    /// When it ends.
    #[serde(default)]
    pub limits: Limits,
}

/// When a metric ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Limits {
    /// How many measurements; `None`: until it is stopped. Default 1.
    pub count: Option<u32>,
    /// How many failures are allowed; `None`: any number. Default 0.
    pub failure: Option<u32>,
    /// How many inconclusive measurements are allowed. Default 0.
    pub inconclusive: u32,
    /// How many errors in a row are allowed. Default 4.
    pub consecutive_error: u32,
    /// So many successes in a row end it well; `None`: no number does. Default `None`.
    pub consecutive_success: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            count: Some(1),
            failure: Some(0),
            inconclusive: 0,
            consecutive_error: 4,
            consecutive_success: None,
        }
    }
}

/// What an answer means.
///
/// | success | failure | the measurement is |
/// |---|---|---|
/// | – | – | `Successful` |
/// | given | – | `Successful` if it holds, else `Failed` |
/// | – | given | `Failed` if it holds, else `Successful` |
/// | given | given | `Failed` if the failure holds, else `Successful` if the success does, else `Inconclusive` |
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// Good if this holds.
    #[serde(default)]
    pub success: Option<Condition>,
    /// Bad if this holds.
    #[serde(default)]
    pub failure: Option<Condition>,
}

/// A condition that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` `{condition}`: {why}{hint}")]
#[non_exhaustive]
pub struct ConditionFailed {
    /// `successCondition` or `failureCondition`.
    pub field: &'static str,
    /// The condition as it was written.
    pub condition: String,
    /// What is wrong.
    pub why: ConditionError,
    hint: &'static str,
}

impl ConditionFailed {
    /// Whether the provider answered with nothing.
    #[must_use]
    pub const fn had_no_data(&self) -> bool {
        !self.hint.is_empty()
    }
}

impl Conditions {
    /// What this answer means.
    ///
    /// # Errors
    /// A condition that cannot be evaluated for it.
    pub fn phase(&self, result: &Value) -> Result<Phase, ConditionFailed> {
        let success = self.holds("successCondition", self.success.as_ref(), result)?;
        let failure = self.holds("failureCondition", self.failure.as_ref(), result)?;
        Ok(match (success, failure) {
            (_, Some(true)) | (Some(false), None) => Phase::Failed,
            (None | Some(true), _) => Phase::Successful,
            (Some(false), Some(false)) => Phase::Inconclusive,
        })
    }

    fn holds(
        &self,
        field: &'static str,
        condition: Option<&Condition>,
        result: &Value,
    ) -> Result<Option<bool>, ConditionFailed> {
        let Some(condition) = condition else { return Ok(None) };
        let nothing = match result {
            Value::Nil => true,
            Value::List(items) => items.is_empty(),
            _ => false,
        };
        let hint = if nothing { ": the provider had no data" } else { "" };
        condition.holds(result).map(Some).map_err(|why| ConditionFailed {
            field,
            condition: condition.as_str().to_owned(),
            why,
            hint,
        })
    }
}
