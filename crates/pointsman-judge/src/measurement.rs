//! What came back from a question.

use std::collections::BTreeMap;

use pointsman_types::Time;
use serde::{Deserialize, Serialize};

use crate::Value;

/// What came back from a [`Query`](crate::Query): a value, an error, or "not yet, ask again then".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Measurement {
    /// When the question was put.
    pub started_at: Time,
    /// What came of it.
    pub answer: Answer,
    /// What the provider says besides, such as the name of a job.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// This.
    Value {
        /// The value; [`Value::Nil`] when the provider has none.
        value: Value,
        /// When it came.
        finished_at: Time,
    },
    /// It could not be answered.
    Failed {
        /// Why.
        message: String,
        /// When that was known.
        finished_at: Time,
    },
    /// It goes on: look again then. Jobs and Kayenta do that.
    Running {
        /// When to look again; at once when it is not there.
        resume_at: Option<Time>,
    },
}

impl Measurement {
    /// A value that came at once.
    pub fn of(value: impl Into<Value>, at: Time) -> Self {
        Self::new(at, Answer::Value { value: value.into(), finished_at: at })
    }

    /// An error that came at once.
    pub fn failed(message: impl Into<String>, at: Time) -> Self {
        Self::new(at, Answer::Failed { message: message.into(), finished_at: at })
    }

    /// An answer to a question put then.
    #[must_use]
    pub const fn new(started_at: Time, answer: Answer) -> Self {
        Self { started_at, answer, metadata: BTreeMap::new() }
    }

    /// When it came to its end.
    #[must_use]
    pub const fn finished_at(&self) -> Option<Time> {
        match self.answer {
            Answer::Value { finished_at, .. } | Answer::Failed { finished_at, .. } => Some(finished_at),
            Answer::Running { .. } => None,
        }
    }
}
