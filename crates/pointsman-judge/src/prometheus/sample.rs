//! One number of one series.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One number of one series.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sample {
    /// The name of the metric; empty when an operation took it away.
    pub name: String,
    /// Its labels, without the name.
    pub labels: BTreeMap<String, String>,
    /// Its value; may be no number.
    pub value: f64,
}

impl Sample {
    /// A number of a series.
    pub fn new<N: Into<String>, V: Into<String>>(
        name: impl Into<String>,
        labels: impl IntoIterator<Item = (N, V)>,
        value: f64,
    ) -> Self {
        let labels = labels.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { name: name.into(), labels, value }
    }

    /// The value of a label; empty when it is not there, which means the same to Prometheus.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// A number as Prometheus writes it: `+Inf`, `-Inf` and `NaN` among them.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        other => other.parse().ok(),
    }
}
