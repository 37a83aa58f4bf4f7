//! `argo-analysis/<file stem>`: what the functions of Argo Rollouts' analysis answer.

use std::collections::BTreeMap;

use pointsman_judge::Value as Answer;
use pointsman_judge::analysis::{
    Arg, Conditions, Limits, MetricResult, MetricTemplate, Phase, Run, limit_reached, matching, problems,
};
use pointsman_judge::compat;
use pointsman_judge::expr::Condition;
use pointsman_types::{Time, duration::TimeDelta};
use serde_json::{Value, json};

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    corpora.suites_of("argo-analysis", "argo-rollouts/analysis", |name, _, file| {
        Some(SuiteResult::of_cases(name, file, run_case))
    })
}

const NOW: Time = Time::from_secs(1_767_225_600);

fn run_case(case: &Value) -> Outcome {
    let mut args = case["args"].clone();
    plain_times(&mut args);
    match answer(case["fn"].as_str().unwrap_or_default(), &args) {
        Ok(answer) => {
            let passed = case["expect"].as_object().is_some_and(|fields| {
                fields.iter().all(|(path, expected)| agrees(expected, at(&answer, path).as_ref()))
            });
            Outcome::judged(passed, &case["expect"], answer)
        }
        Err(why) => Outcome::unsupported(why),
    }
}

/// Writes `{"$nowPlusSeconds": n}` as the time it stands for.
fn plain_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(seconds) = fields.get("$nowPlusSeconds").and_then(Value::as_f64) {
                *value = json!(NOW.plus(TimeDelta::from_nanos((seconds * 1e9) as i64)));
                return;
            }
            fields.values_mut().for_each(plain_times);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_times),
        _ => {}
    }
}

/// What a path such as `args.0.name`, `args.#len` or `err.#message` leads to.
fn at(answer: &Value, path: &str) -> Option<Value> {
    if let Some(whole) = answer.get(path) {
        return Some(whole.clone());
    }
    let mut value = answer.clone();
    for part in path.split('.') {
        value = match (part, &value) {
            ("#len", Value::Array(items)) => json!(items.len()),
            ("#len", Value::Object(fields)) => json!(fields.len()),
            ("#message", message) => message.clone(),
            (_, Value::Array(items)) => items.get(part.parse::<usize>().ok()?)?.clone(),
            (_, fields) => fields.get(part)?.clone(),
        };
    }
    Some(value)
}

fn agrees(expected: &Value, actual: Option<&Value>) -> bool {
    let actual = actual.unwrap_or(&Value::Null);
    let marker = expected.as_object().and_then(|fields| fields.iter().next());
    let text = || actual.as_str().unwrap_or_default();
    match marker.map(|(name, wanted)| (name.as_str(), wanted)) {
        Some(("$isError" | "$notNil", _)) => !actual.is_null(),
        Some(("$error", wanted)) => actual == wanted,
        Some(("$errorContains" | "$contains", wanted)) => text().contains(wanted.as_str().unwrap_or("\0")),
        Some(("$regexp", wanted)) => wanted
            .as_str()
            .and_then(|wanted| regex::Regex::new(wanted).ok())
            .is_some_and(|r| r.is_match(text())),
        _ => actual == expected,
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("`{value}`: {error}"))
}

fn read_or_default<T: serde::de::DeserializeOwned + Default>(value: &Value) -> Result<T, String> {
    read::<Option<T>>(value).map(Option::unwrap_or_default)
}

fn metric(value: &Value) -> Result<MetricTemplate, String> {
    compat::argo_metric(value).map_err(|error| error.to_string())
}

fn limits(value: &Value) -> Result<Limits, String> {
    metric(value)?.limits().map_err(|problem| problem.to_string())
}

fn metrics(args: &Value) -> Result<Vec<MetricTemplate>, String> {
    args["metrics"].as_array().into_iter().flatten().map(metric).collect()
}

fn run_of(value: &Value) -> Result<Run, String> {
    let status = &value["status"];
    let value = json!({
        "phase": read_or_default::<Phase>(&status["phase"])?,
        "startedAt": NOW,
        "cancelled": value.pointer("/spec/terminate") == Some(&json!(true)),
        "metrics": read_or_default::<Vec<MetricResult>>(&status["metricResults"])?,
    });
    read(&value)
}

fn answer(function: &str, args: &Value) -> Result<Value, String> {
    let phase = |name: &str| read::<Phase>(&args[name]);
    Ok(match function {
        "IsWorse" => json!({"result": phase("current")?.is_worse_in(phase("new")?)}),
        "Worst" => json!({"phase": phase("left")?.worst(phase("right")?)}),
        "IsTerminating" => json!({"result": run_of(&args["run"])?.is_terminating()}),
        "MetricCompleted" => {
            let run = run_of(&args["run"])?;
            let result = run.metric(args["metricName"].as_str().unwrap_or_default());
            json!({"result": result.is_some_and(|result| result.phase.is_completed())})
        }
        "assessMetricStatus" => {
            let result: MetricResult = read(&args["result"])?;
            let terminating = args["terminating"] == json!(true);
            json!({"phase": compat::argo_metric_phase(&limits(&args["metric"])?, &result, terminating)})
        }
        "assessMetricFailureInconclusiveOrError" => {
            let reached = limit_reached(&limits(&args["metric"])?, &read(&args["result"])?);
            json!({
                "phase": reached.map(|reached| json!(reached.phase())).unwrap_or(json!("")),
                "message": reached.map(|reached| reached.to_string()).unwrap_or_default(),
            })
        }
        "assessRunStatus" => assess_run_status(args)?,
        "ValidateMetrics" => {
            let first = problems(&metrics(args)?).into_iter().next();
            json!({"err": first.map(|(index, problem)| compat::argo_problem(index, &problem))})
        }
        "MergeArgs" => merged(args)?,
        "GetDryRunMetrics" => matched(args, "dryRun")?,
        "GetMeasurementRetentionMetrics" => matched(args, "measurementRetention")?,
        "EvaluateResult" => evaluate_result(args),
        "EvalCondition" => eval_condition(args),
        other => return Err(format!("no function `{other}`")),
    })
}

fn assess_run_status(args: &Value) -> Result<Value, String> {
    let run = run_of(&args["run"])?;
    let dry_run: BTreeMap<String, bool> = read_or_default(&args["dryRunMetrics"])?;
    let mut results = run.metrics.clone();
    for result in &mut results {
        result.dry_run = dry_run.get(&result.name).copied().unwrap_or(result.dry_run);
    }
    let mut known = Vec::new();
    for template in args["metrics"].as_array().into_iter().flatten() {
        let name = template["name"].as_str().unwrap_or_default();
        known.push((limits(template)?, results.iter().find(|result| result.name == name)));
    }
    let found = compat::argo_run_phase(&run, &known);
    Ok(json!({"phase": found.phase, "message": found.message}))
}

fn merged(args: &Value) -> Result<Value, String> {
    let incoming: Vec<Arg> = read_or_default(&args["incoming"])?;
    let template: Option<Vec<Arg>> = read(&args["template"])?;
    Ok(match compat::argo_merged_args(&incoming, template.as_deref().unwrap_or_default()) {
        Ok(merged) => json!({"err": null, "args": template.map(|_| merged)}),
        Err(problem) => json!({"err": compat::argo_problem(None, &problem), "args": null}),
    })
}

fn matched(args: &Value, field: &str) -> Result<Value, String> {
    let metrics = metrics(args)?;
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    let rules = args[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let patterns = rules.iter().map(|rule| rule["metricName"].as_str().unwrap_or_default());
    let named = |found: BTreeMap<String, usize>| -> BTreeMap<String, bool> {
        found.into_keys().map(|name| (name, true)).collect()
    };
    Ok(match matching(patterns.clone(), &names) {
        Ok(found) => json!({"err": null, "names": named(found)}),
        Err((index, _)) => {
            // What the rules before speak of is told there nevertheless.
            let before = matching(patterns.take(index), &names).unwrap_or_default();
            json!({"err": compat::argo_rule_problem(field, index), "names": named(before)})
        }
    })
}

/// A condition that cannot be read is an error of the measurement there; ours is known before.
fn evaluate_result(args: &Value) -> Value {
    let mut conditions = Conditions::default();
    for field in ["successCondition", "failureCondition"] {
        let text = args["metric"].get(field).and_then(Value::as_str).unwrap_or_default();
        let read = match text {
            "" => None,
            text => match text.parse::<Condition>() {
                Ok(condition) => Some(condition),
                Err(error) => {
                    let why = compat::argo_condition_error(&error);
                    return json!({"phase": Phase::Error, "err": format!("{field} {text}: {why}")});
                }
            },
        };
        let place =
            if field == "successCondition" { &mut conditions.success } else { &mut conditions.failure };
        *place = read;
    }
    match conditions.phase(&Answer::from(&args["result"])) {
        Ok(phase) => json!({"phase": phase, "err": null}),
        Err(failed) => json!({"phase": Phase::Error, "err": compat::argo_condition_failed(&failed)}),
    }
}

fn eval_condition(args: &Value) -> Value {
    let text = args["condition"].as_str().unwrap_or_default();
    let result = Answer::from(&args["result"]);
    match text.parse::<Condition>().and_then(|condition| condition.holds(&result)) {
        Ok(truth) => json!({"err": null, "value": truth}),
        Err(error) => json!({"err": compat::argo_condition_error(&error), "value": false}),
    }
}
