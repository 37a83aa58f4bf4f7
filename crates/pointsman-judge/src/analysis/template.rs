//! What is to be measured, with arguments left open.

use std::collections::BTreeMap;

use pointsman_types::FieldPath;
use pointsman_types::duration::{TimeDelta, go};
use serde::{Deserialize, Serialize};
use url::Url;

use super::args::substitute;
use super::{Analysis, Arg, Conditions, CountLimit, Limits, Metric, Problem, Problems, merge_args};
use crate::expr::Condition;
use crate::{Provider, Query};

/// What is to be measured, with arguments left open.
///
/// Shape: as `spec` of an AnalysisTemplate; texts hold `{{args.NAME}}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AnalysisTemplate {
    /// What is left open.
    pub args: Vec<Arg>,
    /// What is measured.
    pub metrics: Vec<MetricTemplate>,
    /// Regular expressions of the metrics that are looked at and decide nothing; not anchored.
    pub dry_run: Vec<String>,
    /// How many measurements are kept of which metrics.
    pub retention: Vec<Retention>,
}

/// How many measurements are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Retention {
    /// A regular expression of the metrics it speaks of; not anchored.
    pub metric_name: String,
    /// How many are kept. Without a rule: 10.
    pub limit: u32,
}

/// One metric, with arguments left open.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MetricTemplate {
    /// Its name, unique in the template.
    pub name: String,
    /// From the end of one measurement to the next, as Go writes durations; may be empty.
    pub interval: String,
    /// How long the first measurement waits, as Go writes durations; may be empty.
    pub initial_delay: String,
    /// How many measurements. Without it (or with 0): one without an interval, no end with one.
    pub count: Option<IntOrText>,
    /// Good if this holds; may be empty.
    pub success_condition: String,
    /// Bad if this holds; may be empty.
    pub failure_condition: String,
    /// How many failures are allowed, -1 for any number. Default 0.
    pub failure_limit: Option<IntOrText>,
    /// How many inconclusive measurements are allowed. Default 0.
    pub inconclusive_limit: Option<IntOrText>,
    /// How many errors in a row are allowed. Default 4.
    pub consecutive_error_limit: Option<IntOrText>,
    /// So many successes in a row end it well; 0 is off. Default 0.
    pub consecutive_success_limit: Option<IntOrText>,
    /// What is asked: exactly one.
    pub queries: Vec<QueryTemplate>,
}

/// A question, with arguments left open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueryTemplate {
    /// Whose language it is.
    pub provider: Provider,
    /// Where to ask; may be empty.
    #[serde(default)]
    pub address: String,
    /// The question.
    #[serde(default)]
    pub text: String,
    /// What else the provider wants to know.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// A whole number, or a text that becomes one when the arguments are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IntOrText {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<i64> for IntOrText {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl QueryTemplate {
    /// A question to this provider.
    pub fn new(provider: Provider, text: impl Into<String>) -> Self {
        Self { provider, address: String::new(), text: text.into(), parameters: BTreeMap::new() }
    }

    /// Asked there.
    #[must_use]
    pub fn with_address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// With one thing more that the provider wants to know.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }
}

impl MetricTemplate {
    /// A metric of this name that is measured once.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Asking this.
    #[must_use]
    pub fn with_query(mut self, query: QueryTemplate) -> Self {
        self.queries.push(query);
        self
    }

    /// Good if this holds.
    #[must_use]
    pub fn with_success_condition(mut self, condition: impl Into<String>) -> Self {
        self.success_condition = condition.into();
        self
    }

    /// Bad if this holds.
    #[must_use]
    pub fn with_failure_condition(mut self, condition: impl Into<String>) -> Self {
        self.failure_condition = condition.into();
        self
    }

    /// Measured at this distance, such as `1m`.
    #[must_use]
    pub fn with_interval(mut self, interval: impl Into<String>) -> Self {
        self.interval = interval.into();
        self
    }

    /// Measured so often.
    #[must_use]
    pub fn with_count(mut self, count: i64) -> Self {
        self.count = Some(count.into());
        self
    }

    /// With so many failures allowed; -1 for any number.
    #[must_use]
    pub fn with_failure_limit(mut self, limit: i64) -> Self {
        self.failure_limit = Some(limit.into());
        self
    }

    /// Its limits.
    ///
    /// # Errors
    /// A text that is no whole number.
    pub fn limits(&self) -> Result<Limits, Problem> {
        let count = int("count", self.count.as_ref(), 0)?;
        let failure = int("failureLimit", self.failure_limit.as_ref(), 0)?;
        let successes = int("consecutiveSuccessLimit", self.consecutive_success_limit.as_ref(), 0)?;
        let endless = !self.interval.is_empty();
        Ok(Limits {
            count: if count > 0 {
                Some(clamped(count))
            } else if endless {
                None
            } else {
                Some(1)
            },
            failure: (failure >= 0).then(|| clamped(failure)),
            inconclusive: clamped(int("inconclusiveLimit", self.inconclusive_limit.as_ref(), 0)?),
            consecutive_error: clamped(int(
                "consecutiveErrorLimit",
                self.consecutive_error_limit.as_ref(),
                4,
            )?),
            consecutive_success: (successes > 0).then(|| clamped(successes)),
        })
    }

    /// What is wrong with it, as far as it can be told with its arguments in place. The order is the reference's.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        match self.numbers() {
            Ok(numbers) => found.extend(numbers.problems(self.interval.is_empty())),
            Err(problem) => found.push(problem),
        }
        for (field, text) in [("interval", &self.interval), ("initialDelay", &self.initial_delay)] {
            found.extend(duration(field, text).err());
        }
        match self.queries.len() {
            0 => found.push(Problem::NoProvider),
            1 => {}
            _ => found.push(Problem::SeveralProviders),
        }
        for (field, text) in
            [("successCondition", &self.success_condition), ("failureCondition", &self.failure_condition)]
        {
            found.extend(condition(field, text).err());
        }
        found
    }

    fn numbers(&self) -> Result<Numbers, Problem> {
        Ok(Numbers {
            count: int("count", self.count.as_ref(), 0)?,
            failure: int("failureLimit", self.failure_limit.as_ref(), 0)?,
            inconclusive: int("inconclusiveLimit", self.inconclusive_limit.as_ref(), 0)?,
            errors: int("consecutiveErrorLimit", self.consecutive_error_limit.as_ref(), 4)?,
            successes: int("consecutiveSuccessLimit", self.consecutive_success_limit.as_ref(), 0)?,
        })
    }

    /// The metric with its arguments in place.
    fn substituted(&self, args: &[Arg], missing: &mut Vec<String>) -> Self {
        let mut text = |text: &str| substitute(text, args, missing);
        let query = |query: &QueryTemplate, text: &mut dyn FnMut(&str) -> String| QueryTemplate {
            provider: query.provider.clone(),
            address: text(&query.address),
            text: text(&query.text),
            parameters: query.parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        };
        let queries = self.queries.iter().map(|one| query(one, &mut text)).collect();
        let mut number = |number: &Option<IntOrText>| match number {
            Some(IntOrText::Text(written)) => Some(IntOrText::Text(text(written))),
            other => other.clone(),
        };
        Self {
            count: number(&self.count),
            failure_limit: number(&self.failure_limit),
            inconclusive_limit: number(&self.inconclusive_limit),
            consecutive_error_limit: number(&self.consecutive_error_limit),
            consecutive_success_limit: number(&self.consecutive_success_limit),
            name: self.name.clone(),
            interval: text(&self.interval),
            initial_delay: text(&self.initial_delay),
            success_condition: text(&self.success_condition),
            failure_condition: text(&self.failure_condition),
            queries,
        }
    }

    /// Its arguments are in place and it has no problems.
    fn resolved(&self) -> Result<Metric, Problem> {
        let [query] = self.queries.as_slice() else { return Err(Problem::NoProvider) };
        let mut asked = Query::new(query.provider.clone(), query.text.clone());
        asked.parameters.clone_from(&query.parameters);
        if !query.address.is_empty() {
            asked.address =
                Some(Url::parse(&query.address).map_err(|_| Problem::Address(query.address.clone()))?);
        }
        Ok(Metric {
            name: self.name.clone(),
            query: asked,
            conditions: Conditions {
                success: condition("successCondition", &self.success_condition)?,
                failure: condition("failureCondition", &self.failure_condition)?,
            },
            interval: duration("interval", &self.interval)?,
            initial_delay: duration("initialDelay", &self.initial_delay)?.unwrap_or(TimeDelta::ZERO),
            limits: self.limits()?,
        })
    }
}

struct Numbers {
    count: i64,
    failure: i64,
    inconclusive: i64,
    errors: i64,
    successes: i64,
}

impl Numbers {
    fn problems(&self, no_interval: bool) -> Vec<Problem> {
        let Self { count, failure, inconclusive, errors, successes } = *self;
        let mut found = Vec::new();
        let mut when = |wrong: bool, problem: Problem| found.extend(wrong.then_some(problem));
        when(successes < 0, Problem::TooLow { field: "consecutiveSuccessLimit", least: 0 });
        when(failure < -1, Problem::TooLow { field: "failureLimit", least: -1 });
        when(successes == 0 && failure == -1, Problem::NoLimits);
        when(inconclusive < 0, Problem::TooLow { field: "inconclusiveLimit", least: 0 });
        when(errors < 0, Problem::TooLow { field: "consecutiveErrorLimit", least: 0 });
        if count > 0 && successes >= 0 {
            let both = CountLimit::FailuresAndSuccesses(failure, successes);
            let limit = if failure >= 0 { both } else { CountLimit::Successes(successes) };
            when(count < failure.max(0).saturating_add(successes), Problem::CountBelow { count, limit });
        }
        let limit = CountLimit::Inconclusive(inconclusive);
        when(count > 0 && count < inconclusive, Problem::CountBelow { count, limit });
        when(count > 1 && no_interval, Problem::NoInterval);
        found
    }
}

fn int(field: &'static str, number: Option<&IntOrText>, otherwise: i64) -> Result<i64, Problem> {
    match number {
        None => Ok(otherwise),
        Some(IntOrText::Int(number)) => Ok(*number),
        Some(IntOrText::Text(text)) => {
            text.trim().parse().map_err(|_| Problem::Number { field, text: text.clone() })
        }
    }
}

fn clamped(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

fn duration(field: &'static str, text: &str) -> Result<Option<TimeDelta>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |why: String| Problem::Duration { field, text: text.to_owned(), why };
    go::parse(text).map(Some).map_err(|error| wrong(error.to_string()))
}

fn condition(field: &'static str, text: &str) -> Result<Option<Condition>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|why| Problem::Condition { field, why })
}

/// What is wrong with the metrics of a template, each with its position; the template's own at `None`.
#[must_use]
pub fn problems(metrics: &[MetricTemplate]) -> Vec<(Option<usize>, Problem)> {
    if metrics.is_empty() {
        return vec![(None, Problem::NoMetrics)];
    }
    let mut names = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for (index, metric) in metrics.iter().enumerate() {
        if !names.insert(metric.name.as_str()) {
            found.push((Some(index), Problem::DuplicateName(metric.name.clone())));
        }
        found.extend(metric.problems().into_iter().map(|problem| (Some(index), problem)));
    }
    found
}

/// Which of these names each pattern speaks of: for each name the position of the last pattern that does.
///
/// # Errors
/// The first pattern that is no regular expression or speaks of none, with its position.
pub fn matching<'a>(
    patterns: impl IntoIterator<Item = &'a str>,
    names: &[&str],
) -> Result<BTreeMap<String, usize>, (usize, Problem)> {
    let mut found = BTreeMap::new();
    for (index, pattern) in patterns.into_iter().enumerate() {
        let regex = regex::RegexBuilder::new(pattern)
            .size_limit(1 << 20)
            .build()
            .map_err(|_| (index, Problem::Pattern(pattern.to_owned())))?;
        let mut hits = names.iter().filter(|name| regex.is_match(name)).peekable();
        if hits.peek().is_none() {
            return Err((index, Problem::MatchesNothing(pattern.to_owned())));
        }
        found.extend(hits.map(|name| ((*name).to_owned(), index)));
    }
    Ok(found)
}

impl AnalysisTemplate {
    /// Measuring these.
    pub fn new(metrics: impl IntoIterator<Item = MetricTemplate>) -> Self {
        Self { metrics: metrics.into_iter().collect(), ..Self::default() }
    }

    /// With one more argument.
    #[must_use]
    pub fn with_arg(mut self, arg: Arg) -> Self {
        self.args.push(arg);
        self
    }

    /// Where metrics called like this are looked at and decide nothing.
    #[must_use]
    pub fn with_dry_run(mut self, pattern: impl Into<String>) -> Self {
        self.dry_run.push(pattern.into());
        self
    }

    /// Keeping so many measurements of the metrics called like this.
    #[must_use]
    pub fn with_retention(mut self, pattern: impl Into<String>, limit: u32) -> Self {
        self.retention.push(Retention { metric_name: pattern.into(), limit });
        self
    }

    /// Puts the arguments in place and checks everything.
    ///
    /// # Errors
    /// All that is wrong, as findings.
    pub fn resolve(&self, given: &[Arg]) -> Result<Analysis, Problems> {
        let root = || FieldPath::root().field("spec");
        let mut findings = Vec::new();
        let args = merge_args(given, &self.args).unwrap_or_else(|problem| {
            findings.push(problem.at(root().field("args")));
            Vec::new()
        });
        let mut missing = Vec::new();
        let metrics: Vec<MetricTemplate> =
            self.metrics.iter().map(|metric| metric.substituted(&args, &mut missing)).collect();
        if findings.is_empty() {
            findings.extend(
                missing.into_iter().map(|name| Problem::UnresolvedArg(name).at(root().field("args"))),
            );
        }
        let place = |index: Option<usize>| {
            let metrics = root().field("metrics");
            index.map_or_else(|| metrics.clone(), |index| metrics.clone().index(index))
        };
        findings.extend(problems(&metrics).into_iter().map(|(index, problem)| problem.at(place(index))));
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
        let mut rules = |field: &str, patterns: Vec<&str>| {
            matching(patterns, &names).unwrap_or_else(|(index, problem)| {
                findings.push(problem.at(root().field(field).index(index)));
                BTreeMap::new()
            })
        };
        let dry_run = rules("dryRun", self.dry_run.iter().map(String::as_str).collect());
        let kept = rules(
            "measurementRetention",
            self.retention.iter().map(|rule| rule.metric_name.as_str()).collect(),
        );
        let mut resolved = Vec::new();
        for (index, metric) in metrics.iter().enumerate() {
            match metric.resolved() {
                Ok(metric) => resolved.push(metric),
                Err(problem) => findings.push(problem.at(place(Some(index)))),
            }
        }
        if !findings.is_empty() {
            return Err(Problems::new(findings));
        }
        let limit = |index: usize| self.retention.get(index).map_or(0, |rule| rule.limit);
        let kept = kept.into_iter().map(|(name, index)| (name, limit(index))).collect();
        Ok(Analysis::new(resolved, dry_run.into_keys().collect(), kept))
    }
}
