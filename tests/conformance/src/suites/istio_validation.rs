//! `istio-validation/<file stem>`: what Istio's validation says of whole resources, of fragments, hosts and labels.

use std::cmp::Ordering;

use pointsman_types::{Labels, host};
use serde_json::{Value, json};

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    corpora.suites_of("istio-validation", "istio-validation", |name, stem, file| {
        Some(SuiteResult::of_cases(name, file, adapter(stem)?))
    })
}

type Adapter = fn(&Value) -> Outcome;

/// The public function that the suite's function under test corresponds to.
fn adapter(stem: &str) -> Option<Adapter> {
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
