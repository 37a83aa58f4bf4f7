//! The answers of other tools in their own words, where ours differ.

use crate::Provider;
use crate::analysis::{
    Arg, Assessment, ConditionFailed, CountLimit, Limits, MetricResult, MetricTemplate, Phase, Problem,
    QueryTemplate, Run, assess_metric, limit_reached,
};
use crate::expr::{ConditionError, Wanted};

/// What Argo Rollouts says of a metric: what is stopped before its end counts as successful there.
#[must_use]
pub fn argo_metric_phase(limits: &Limits, result: &MetricResult, terminating: bool) -> Phase {
    as_argo(assess_metric(limits, result, terminating))
}

/// What Argo Rollouts says of a run, in its words: what is stopped before its end counts as successful there, and a run
/// without a metric that came to an end goes on.
#[must_use]
pub fn argo_run_phase(run: &Run, metrics: &[(Limits, Option<&MetricResult>)]) -> Assessment {
    let terminating = run.is_terminating();
    let mut worst: Option<Phase> = None;
    let mut message = if run.cancelled { "Run Terminated".to_owned() } else { String::new() };
    let mut phases = Vec::new();
    for (limits, result) in metrics {
        let Some(result) = result else {
            phases.push(Phase::Pending);
            continue;
        };
        let phase = argo_metric_phase(limits, result, terminating);
        phases.push(phase);
        if !phase.is_completed() {
            continue;
        }
        if result.dry_run {
            worst = worst.or(Some(Phase::Successful));
        } else if worst.is_none_or(|so_far| so_far.is_worse_in(phase)) {
            worst = Some(phase);
            if let Some(reached) = limit_reached(limits, result) {
                message = argo_run_message(result, phase, &reached.to_string());
            }
        }
    }
    let goes_on = !terminating && (worst.is_none() || phases.iter().any(|phase| !phase.is_completed()));
    let (phase, message) = if goes_on {
        (Phase::Running, String::new())
    } else {
        (worst.unwrap_or(Phase::Successful), message.trim().to_owned())
    };
    Assessment { phase, message, metrics: phases }
}

/// With what the last measurement said, where the metric comes to its end now.
fn argo_run_message(result: &MetricResult, phase: Phase, reached: &str) -> String {
    let last = result.measurements.last().filter(|_| result.phase != phase);
    let said = last.map_or(result.message.as_str(), |last| last.message.as_str());
    let said = if said.is_empty() { String::new() } else { format!(": \"Error Message: {said}\"") };
    format!("Metric \"{}\" assessed {phase} due to {reached}{said}", result.name)
}

const fn as_argo(phase: Phase) -> Phase {
    match phase {
        Phase::Cancelled => Phase::Successful,
        other => other,
    }
}

/// A metric of an AnalysisTemplate as its manifest has it: `provider` is a map with one entry, named as Argo names it.
///
/// The question of a provider is in its field `query` (else `jsonPath`, else empty) and the address in `address` (else
/// `url`); all other plain fields become parameters.
///
/// # Errors
/// What is not of that shape.
pub fn argo_metric(json: &serde_json::Value) -> Result<MetricTemplate, serde_json::Error> {
    let mut metric: MetricTemplate = serde_json::from_value(json.clone())?;
    let providers = json.get("provider").and_then(serde_json::Value::as_object);
    for (name, fields) in providers.into_iter().flatten() {
        if name == "plugin" {
            let plugins = fields.as_object().into_iter().flatten();
            metric.queries.extend(plugins.map(|(name, fields)| query(Provider::Other(name.clone()), fields)));
        } else {
            metric.queries.push(query(provider(name), fields));
        }
    }
    Ok(metric)
}

fn provider(name: &str) -> Provider {
    match name {
        "prometheus" => Provider::Prometheus,
        "datadog" => Provider::Datadog,
        "newRelic" => Provider::NewRelic,
        "wavefront" => Provider::Wavefront,
        "cloudWatch" => Provider::CloudWatch,
        "graphite" => Provider::Graphite,
        "influxdb" => Provider::InfluxDb,
        "skywalking" => Provider::SkyWalking,
        "kayenta" => Provider::Kayenta,
        "web" => Provider::Web,
        "job" => Provider::Job,
        other => Provider::Other(other.to_owned()),
    }
}

fn query(provider: Provider, fields: &serde_json::Value) -> QueryTemplate {
    let text = |name: &str| fields.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let mut template =
        QueryTemplate::new(provider, text("query").or_else(|| text("jsonPath")).unwrap_or_default());
    template.address = text("address").or_else(|| text("url")).unwrap_or_default();
    for (name, value) in fields.as_object().into_iter().flatten() {
        if matches!(name.as_str(), "query" | "jsonPath" | "address" | "url") {
            continue;
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        template.parameters.insert(name.clone(), value);
    }
    template
}

/// What Argo Rollouts writes for a problem of a template.
#[must_use]
pub fn argo_problem(metric: Option<usize>, problem: &Problem) -> String {
    let text = match problem {
        Problem::NoMetrics => "no metrics specified".to_owned(),
        Problem::DuplicateName(name) => format!("duplicate name '{name}'"),
        Problem::NoProvider => "no provider specified".to_owned(),
        Problem::SeveralProviders => "multiple providers specified".to_owned(),
        Problem::TooLow { field: "failureLimit", .. } => {
            "failureLimit must be >= 0, or -1 to be disabled".to_owned()
        }
        Problem::TooLow { field, .. } => format!("{field} must be >= 0"),
        Problem::NoLimits => "failureLimit and consecutiveSuccessLimit cannot both be disabled".to_owned(),
        Problem::CountBelow { count, limit } => argo_count(*count, *limit),
        Problem::NoInterval => "interval must be specified when count > 1".to_owned(),
        Problem::Duration { field: "initialDelay", text, .. } => {
            format!("invalid startDelay string: {}", go_duration_error(text))
        }
        Problem::Duration { field, text, .. } => {
            format!("invalid {field} string: {}", go_duration_error(text))
        }
        Problem::UnresolvedArg(name) => return format!("args.{name} was not resolved"),
        other => other.to_string(),
    };
    metric.map_or_else(|| text.clone(), |index| format!("metrics[{index}]: {text}"))
}

fn argo_count(count: i64, limit: CountLimit) -> String {
    match limit {
        CountLimit::FailuresAndSuccesses(failures, successes) => format!(
            "count ({count}) must be >= failureLimit + consecutiveSuccessLimit ({failures} + {successes}) if both >= 0"
        ),
        CountLimit::Successes(_) => "count must be >= consecutiveSuccessLimit".to_owned(),
        CountLimit::Inconclusive(_) => "count must be >= inconclusiveLimit".to_owned(),
    }
}

/// The arguments of a template with those of the caller over them, as the reference puts them together: a value and a
/// place to take it from stand beside each other, and it is the place that counts there in the end. With
/// [`merge_args`](crate::analysis::merge_args) what the caller gives counts.
///
/// Source: `MergeArgs`.
///
/// # Errors
/// The first argument that has neither.
pub fn argo_merged_args(given: &[Arg], template: &[Arg]) -> Result<Vec<Arg>, Problem> {
    let mut merged = template.to_vec();
    for arg in given {
        let Some(own) = merged.iter_mut().find(|own| own.name == arg.name) else { continue };
        if arg.value.is_some() {
            own.value.clone_from(&arg.value);
        } else if arg.value_from.is_some() {
            own.value_from.clone_from(&arg.value_from);
        }
    }
    match merged.iter().find(|arg| arg.value.is_none() && arg.value_from.is_none()) {
        Some(open) => Err(Problem::UnresolvedArg(open.name.clone())),
        None => Ok(merged),
    }
}

/// What Argo Rollouts writes where a rule speaks of no metric.
#[must_use]
pub fn argo_rule_problem(field: &str, index: usize) -> String {
    format!("{field}[{index}]: Rule didn't match any metric name(s)")
}

/// What Go's `time.ParseDuration` says of a text that it refuses.
fn go_duration_error(text: &str) -> String {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut rest = unsigned;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if number.len() == rest.len() {
            break;
        }
        let end = number.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(number.len());
        let (unit, after) = number.split_at_checked(end).unwrap_or((number, ""));
        if unit.is_empty() {
            return format!("time: missing unit in duration {text:?}");
        }
        if !matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h") {
            return format!("time: unknown unit {unit:?} in duration {text:?}");
        }
        rest = after;
    }
    format!("time: invalid duration {text:?}")
}

/// What Argo Rollouts writes for a condition that cannot be evaluated.
#[must_use]
pub fn argo_condition_failed(failed: &ConditionFailed) -> String {
    let why = if failed.had_no_data() {
        "metric result is nil or empty: no data returned from the metric provider".to_owned()
    } else {
        argo_condition_error(&failed.why)
    };
    format!("could not evaluate {} \"{}\": {why}", failed.field, failed.condition)
}

/// What the condition language of Argo Rollouts says of an error; some are only like it.
#[must_use]
pub fn argo_condition_error(error: &ConditionError) -> String {
    match error {
        ConditionError::UnknownName(name) => format!("unknown name {name}"),
        ConditionError::Mismatch { operator, left, right } => {
            format!("invalid operation: {operator} (mismatched types {left} and {right})")
        }
        ConditionError::NotBool(kind) => format!("expected bool, but got {kind}"),
        ConditionError::NoField { kind, field } => format!("type {kind} has no field {field}"),
        ConditionError::NoItem { index, length } => {
            format!("index out of range: {index} (array length is {length})")
        }
        ConditionError::NotANumber { text, wanted } => {
            let function = match wanted {
                Wanted::Int => "ParseInt",
                Wanted::Float => "ParseFloat",
            };
            format!("strconv.{function}: parsing {text:?}: invalid syntax")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Measured;
    use pointsman_types::Time;

    fn run(cancelled: bool, metrics: Vec<MetricResult>) -> Run {
        let json = serde_json::json!({
            "phase": "Running", "startedAt": Time::from_secs(0), "cancelled": cancelled, "metrics": metrics,
        });
        serde_json::from_value(json).expect("a run")
    }

    #[test]
    fn a_value_does_not_displace_where_one_is_taken_from() {
        let mut secret = Arg::new("token");
        secret.value_from = Some(serde_json::json!({"secretKeyRef": {"name": "s", "key": "k"}}));
        let plain = Arg::new("token").with_value("1");
        for (given, template) in [(&plain, &secret), (&secret, &plain)] {
            let merged =
                argo_merged_args(&[Arg::new("token"), given.clone()], std::slice::from_ref(template))
                    .unwrap();
            assert_eq!(merged.len(), 1);
            assert_eq!((&merged[0].value, &merged[0].value_from), (&plain.value, &secret.value_from));
        }
        let open = [plain.clone(), Arg::new("open")];
        assert_eq!(argo_merged_args(&[plain], &open), Err(Problem::UnresolvedArg("open".into())));
    }

    #[test]
    fn the_worst_metric_and_what_its_last_measurement_said() {
        let limits = MetricTemplate::new("a").limits().expect("numbers");
        let mut failed = MetricResult::new("a");
        (failed.failed, failed.count) = (1, 1);
        let mut last = Measured::default();
        (last.phase, last.message) = (Phase::Failed, "no data".into());
        failed.measurements = vec![last];
        let run = run(true, vec![failed.clone()]);
        let found = argo_run_phase(&run, &[(limits, Some(&failed))]);
        assert_eq!(found.phase, Phase::Failed);
        assert_eq!(
            found.message,
            "Metric \"a\" assessed Failed due to failed (1) > failureLimit (0): \"Error Message: no data\""
        );
        failed.dry_run = true;
        let found = argo_run_phase(&run, &[(limits, Some(&failed))]);
        assert_eq!((found.phase, found.message.as_str()), (Phase::Successful, "Run Terminated"));
    }

    #[test]
    fn a_run_without_metrics_goes_on_until_it_is_stopped() {
        assert_eq!(argo_run_phase(&run(false, Vec::new()), &[]).phase, Phase::Running);
        let stopped = argo_run_phase(&run(true, Vec::new()), &[]);
        assert_eq!((stopped.phase, stopped.message.as_str()), (Phase::Successful, "Run Terminated"));
    }
}
