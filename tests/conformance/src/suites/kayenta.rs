//! `kayenta`: classifications, intervals and scores of the Kayenta judge.

use pointsman_judge::kayenta::{
    Class, Direction, EffectMeasure, EffectSize, GroupWeights, Level, MetricConfig, MissingValues,
    ScoredMetric, score, shift,
};
use serde_json::{Value, json};

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    let suite = corpora.suite_of("kayenta", "kayenta/judge_vectors.json", |file| {
        let list = |name: &str, run: fn(&Value) -> Result<Outcome, String>| {
            let empty = Vec::new();
            let cases = file[name].as_array().unwrap_or(&empty);
            SuiteResult::of_list("kayenta", cases, |case| run(case).unwrap_or_else(Outcome::unsupported))
                .cases
        };
        let mut cases = list("classifier", classifier);
        cases.extend(list("interval", interval));
        cases.extend(list("scorer", scorer));
        SuiteResult { name: "kayenta".into(), cases }
    });
    suite.into_iter().collect()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("`{value}`: {error}"))
}

/// What is not said has this value.
fn read_or<T: serde::de::DeserializeOwned>(value: &Value, default: T) -> Result<T, String> {
    read::<Option<T>>(value).map(|found| found.unwrap_or(default))
}

/// A series; what is no number is a missing value.
fn series(value: &Value) -> Vec<f64> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item.as_f64().unwrap_or(f64::NAN)).collect()
}

fn classifier(case: &Value) -> Result<Outcome, String> {
    let (params, options) = (&case["params"], &case["options"]);
    let [allowed_decrease, allowed_increase] = read_or(&params["effect"], [1.0, 1.0])?;
    let [critical_decrease, critical_increase] = read_or(&params["critical"], [1.0, 1.0])?;
    let effect = EffectSize::of(read_or(&params["measure"], EffectMeasure::default())?)
        .with_allowed(allowed_decrease, allowed_increase)
        .with_critical(critical_decrease, critical_increase);
    let mut config = MetricConfig::new()
        .with_direction(read_or(&options["direction"], Direction::default())?)
        .with_missing(read_or(&options["nan"], MissingValues::default())?)
        .with_effect_size(effect);
    if options["critical"] == json!(true) {
        config = config.critical();
    }
    if options["must_have_data"] == json!(true) {
        config = config.must_have_data();
    }
    let (experiment, control) = (series(&case["experiment"]), series(&case["control"]));
    let tolerance = read_or(&params["tolerance"], 0.25)?;
    let level: f64 = read_or(&params["confidence"], 0.95)?;
    let found = config.classify_at(&experiment, &control, tolerance, Level::try_from(level)?);
    let actual = json!({"class": found.class, "critical": found.critical});
    let expect = &case["expect"];
    let passed =
        expect.as_object().is_some_and(|fields| fields.iter().all(|(name, v)| actual.get(name) == Some(v)));
    Ok(Outcome::judged(passed, expect, actual))
}

/// The expected values come from a solver with a tolerance of 1e-4.
fn interval(case: &Value) -> Result<Outcome, String> {
    let level: Level = read(&case["confidence"])?;
    let found = shift(&series(&case["experiment"]), &series(&case["control"]), level).ok_or("no interval")?;
    let actual = json!({"low": found.low, "high": found.high, "estimate": found.estimate});
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let close = |(name, wanted): (&String, &Value)| {
        let (Some(wanted), Some(found)) = (number(wanted.get("value")), number(actual.get(name))) else {
            return false;
        };
        (wanted - found).abs() <= 1e-4
    };
    let passed = case["expect"].as_object().is_some_and(|fields| fields.iter().all(close));
    Ok(Outcome::judged(passed, &case["expect"], actual))
}

fn scorer(case: &Value) -> Result<Outcome, String> {
    let mut metrics = Vec::new();
    for (index, metric) in case["metrics"].as_array().into_iter().flatten().enumerate() {
        let groups: Vec<String> = read_or(&metric["groups"], Vec::new())?;
        let class: Class = read(&metric["cls"])?;
        let mut scored = ScoredMetric::new(format!("#{index}"), class).in_groups(groups);
        if metric["critical"] == json!(true) {
            scored = scored.critical();
        }
        if metric["muted"] == json!(true) {
            scored = scored.muted();
        }
        metrics.push(scored);
    }
    let weights = read_or(&case["weights"], GroupWeights::default())?;
    let expected: f64 = read(&case["expect"])?;
    Ok(Outcome::equal(expected, score(&metrics, &weights).score))
}
