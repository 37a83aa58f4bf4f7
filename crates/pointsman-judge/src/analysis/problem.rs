//! What is wrong with a template.

use pointsman_types::{Code, Diagnostic, FieldPath};

/// What is wrong with a template, or with one of its metrics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It measures nothing.
    #[error("there is nothing to measure")]
    NoMetrics,
    /// Two metrics bear one name.
    #[error("two metrics are called `{0}`")]
    DuplicateName(String),
    /// A metric asks nobody.
    #[error("the metric asks no provider")]
    NoProvider,
    /// A metric asks several providers.
    #[error("the metric asks several providers")]
    SeveralProviders,
    /// A field that must not be below a bound.
    #[error("`{field}` is below {least}")]
    TooLow {
        /// The field.
        field: &'static str,
        /// The lowest that is allowed.
        least: i64,
    },
    /// Nothing could ever end the metric badly or well.
    #[error("`failureLimit` and `consecutiveSuccessLimit` are both off")]
    NoLimits,
    /// A limit that so many measurements cannot reach.
    #[error("`count` {count} is below {limit}")]
    CountBelow {
        /// How many measurements there are.
        count: i64,
        /// What it is compared with.
        limit: CountLimit,
    },
    /// Several measurements, and nothing says how far apart.
    #[error("`interval` is missing, and `count` is above 1")]
    NoInterval,
    /// A text that is no length of time.
    #[error("`{field}`: {why}")]
    Duration {
        /// The field.
        field: &'static str,
        /// The text.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text that is no whole number.
    #[error("`{field}`: `{text}` is not a whole number")]
    Number {
        /// The field.
        field: &'static str,
        /// The text.
        text: String,
    },
    /// A condition that cannot be read.
    #[error("`{field}`: {why}")]
    Condition {
        /// The field.
        field: &'static str,
        /// What is wrong.
        why: crate::expr::ConditionError,
    },
    /// A text that is no address.
    #[error("`{0}` is not an address")]
    Address(String),
    /// An argument that nobody gives.
    #[error("nothing is given for the argument `{0}`")]
    UnresolvedArg(String),
    /// A rule about metrics that speaks of none.
    #[error("no metric is called like `{0}`")]
    MatchesNothing(String),
    /// A rule that is no regular expression.
    #[error("`{0}` is not a regular expression")]
    Pattern(String),
}

/// What `count` is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountLimit {
    /// Failures that are allowed and successes that are wanted in a row.
    FailuresAndSuccesses(i64, i64),
    /// Successes that are wanted in a row.
    Successes(i64),
    /// Inconclusive measurements that are allowed.
    Inconclusive(i64),
}

impl std::fmt::Display for CountLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::FailuresAndSuccesses(failures, successes) => {
                write!(f, "`failureLimit` and `consecutiveSuccessLimit` together, {failures} + {successes}")
            }
            Self::Successes(limit) => write!(f, "`consecutiveSuccessLimit`, {limit}"),
            Self::Inconclusive(limit) => write!(f, "`inconclusiveLimit`, {limit}"),
        }
    }
}

impl Problem {
    /// The finding, about this metric or about what leads there.
    #[must_use]
    pub fn at(&self, path: FieldPath) -> Diagnostic {
        let (code, field, help) = self.kind();
        let path = if field.is_empty() { path } else { path.field(field) };
        Diagnostic::error(Code::from_static(code), self.to_string()).at(path).with_help(help)
    }

    fn kind(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoMetrics => ("PM0601", "", "add a metric"),
            Self::DuplicateName(_) => ("PM0602", "name", "give each metric a name of its own"),
            Self::NoProvider => ("PM0603", "provider", "name one provider"),
            Self::SeveralProviders => {
                ("PM0603", "provider", "keep one provider, and make a metric of each other")
            }
            Self::TooLow { field, .. } => ("PM0604", field, "write a higher number"),
            Self::NoLimits => ("PM0605", "failureLimit", "set one of the two"),
            Self::CountBelow { .. } => ("PM0606", "count", "raise `count` or lower the limit"),
            Self::NoInterval => {
                ("PM0607", "interval", "write how far apart the measurements are, such as `1m`")
            }
            Self::Duration { field, .. } => ("PM0608", field, "write a number and a unit, such as `90s`"),
            Self::Number { field, .. } => ("PM0609", field, "write a whole number"),
            Self::Condition { field, .. } => ("PM0610", field, "see the table of the condition language"),
            Self::Address(_) => {
                ("PM0611", "provider", "write it with a scheme, such as `http://prometheus:9090`")
            }
            Self::UnresolvedArg(_) => {
                ("PM0612", "", "give it a value in the template or where the run is started")
            }
            Self::MatchesNothing(_) => ("PM0613", "metricName", "write the name of a metric"),
            Self::Pattern(_) => ("PM0614", "metricName", "escape what is meant as it stands"),
        }
    }
}

/// Everything that is wrong with a template, as findings. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The findings, sorted.
    pub findings: Vec<Diagnostic>,
}

impl Problems {
    pub(super) fn new(mut findings: Vec<Diagnostic>) -> Self {
        Diagnostic::sort(&mut findings);
        findings.dedup();
        Self { findings }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            write!(f, "{}{finding}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
