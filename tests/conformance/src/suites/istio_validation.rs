//! `istio-validation/<file stem>`: what Istio's validation says of whole resources, of fragments, hosts and labels.

mod fragments;
mod resources;

use std::cmp::Ordering;

use pointsman_types::{Labels, Selector, host};
use serde_json::{Value, json};

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    corpora.suites_of("istio-validation", "istio-validation", |name, stem, file| {
        Some(SuiteResult::of_cases(name, file, |case| judge(stem, case)))
    })
}

/// By the name of the function under test, then by what the case holds.
fn judge(stem: &str, case: &Value) -> Outcome {
    if let Some(adapter) = of_words(stem) {
        return adapter(case);
    }
    match case["fragment"].as_bool() {
        Some(true) => fragments::judge(stem, case),
        Some(false) => resources::judge(case),
        None => Outcome::unsupported(format!("no function is known for `{stem}`")),
    }
}

type Adapter = fn(&Value) -> Outcome;

/// Suites of hosts and labels.
fn of_words(stem: &str) -> Option<Adapter> {
    let adapter: Adapter = match stem {
        "BenchmarkNameMatch" | "TestNameMatches" => |case| of_two_hosts(case, host::matches),
        "TestNameSubsetOf" => |case| of_two_hosts(case, host::subset_of),
        "TestMoreSpecific" => {
            |case| of_two_hosts(case, |a, b| host::compare_specificity(a, b) != Ordering::Greater)
        }
        "TestNamesSortOrder" => |case| {
            let mut names = texts(case, "in");
            names.sort_by(|a, b| host::compare_specificity(a, b));
            Outcome::equal(&case["expect"], json!(names))
        },
        "TestNamesIntersection" => |case| {
            let both = host::intersection(&texts(case, "a"), &texts(case, "b"));
            Outcome::equal(&case["expect"], json!(both))
        },
        "TestNamesForNamespace" => |case| {
            let namespace = case["namespace"].as_str().unwrap_or_default();
            Outcome::equal(&case["expect"], json!(host::of_namespace(&texts(case, "hosts"), namespace)))
        },
        "TestInstance" => |case| {
            let (left, right) = (labels(case, "left"), labels(case, "right"));
            let subset = left.is_subset_of(&right);
            // Istio's `Match` takes no object where nothing is selected.
            let selector = Selector::of(left);
            let selected = !selector.is_empty() && selector.matches(&right);
            Outcome::equal(&case["expect"], json!({"subsetOf": subset, "selected": selected}))
        },
        "TestString" => |case| Outcome::equal(&case["expect"], json!(labels(case, "in").to_string())),
        "TestInstanceValidate" => {
            |case| Outcome::equal(&case["valid"], labels(case, "in").check().is_empty())
        }
        _ => return None,
    };
    Some(adapter)
}

fn of_two_hosts(case: &Value, ask: fn(&str, &str) -> bool) -> Outcome {
    match (case["a"].as_str(), case["b"].as_str()) {
        (Some(a), Some(b)) => Outcome::equal(&case["expect"], ask(a, b)),
        _ => Outcome::unsupported("`a` and `b` must be strings"),
    }
}

fn texts<'a>(case: &'a Value, field: &str) -> Vec<&'a str> {
    case[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn labels(case: &Value, field: &str) -> Labels {
    let fields = case[field].as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect()
}
