//! What people suffer from in release manifests: a test that a naive lint, kept beside it, fails. The list of all traps stands
//! in `pointsman-rollout`, `tests/traps/main.rs`.

use pointsman_import::import;
use pointsman_manifest::{Manifest, Value};

/// A release that measures two things, of which one is there.
const MANIFESTS: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: reviews, namespace: shop}
spec:
  strategy:
    canary:
      steps:
      - setWeight: 20
      - analysis: {templates: [{templateName: errors}, {templateName: latency}]}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors, namespace: shop}
spec:
  metrics:
  - {name: error-rate, successCondition: 'result[0] < 0.05', provider: {prometheus: {address: 'http://p:9090', query: q}}}
---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: latency, namespace: elsewhere}
spec:
  metrics:
  - {name: p99, successCondition: 'result[0] < 1', provider: {prometheus: {address: 'http://p:9090', query: q}}}
";

/// All that is said of manifests.
fn ours(objects: &[Value]) -> Vec<String> {
    let imported = import(objects);
    imported.iter().flat_map(|one| one.findings()).map(ToString::to_string).collect()
}

/// A lint looks at one object after another, at the fields that each must have.
fn naive_lint(objects: &[Value]) -> Vec<String> {
    let text = |object: &Value, path: &str| {
        let path = path.parse().expect("a path");
        object.at(&path).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut said = Vec::new();
    for object in objects {
        let list = |path: &str| {
            let path = path.parse().expect("a path");
            object.at(&path).and_then(Value::as_list).unwrap_or_default()
        };
        if text(object, "metadata.name").is_empty() {
            said.push("metadata.name: is needed".into());
        }
        for (index, step) in list("spec.strategy.canary.steps").iter().enumerate() {
            let templates = step.get("analysis").and_then(|analysis| analysis.get("templates"));
            let templates = templates.and_then(Value::as_list).unwrap_or_default();
            if templates.iter().any(|template| text(template, "templateName").is_empty()) {
                said.push(format!("spec.strategy.canary.steps[{index}]: a template is called by its name"));
            }
        }
        for (index, metric) in list("spec.metrics").iter().enumerate() {
            if metric.get("provider").is_none() {
                said.push(format!("spec.metrics[{index}].provider: is needed"));
            }
        }
    }
    said
}

fn objects(text: &str) -> Vec<Value> {
    Manifest::parse(text).expect("YAML").objects().map(|object| object.value().clone()).collect()
}

/// ar#3907: a release names an object that is not there.
#[test]
fn a_template_that_is_not_there_is_seen() {
    let told = |lint: fn(&[Value]) -> Vec<String>| {
        let said = lint(&objects(MANIFESTS));
        let missing: Vec<&String> = said.iter().filter(|line| line.contains("AnalysisTemplate `")).collect();
        match missing.as_slice() {
            [only] if only.contains("there is no AnalysisTemplate `latency`") => Ok(()),
            _ => Err(format!("of missing templates it says {missing:?}")),
        }
    };
    assert_eq!(told(ours), Ok(()));
    assert_eq!(told(naive_lint), Err("of missing templates it says []".into()));
}

/// A lint that knows nothing would be no opponent.
#[test]
fn both_see_a_template_without_a_name() {
    let unnamed = MANIFESTS.replace("{templateName: errors}", "{templateName: ''}");
    for lint in [ours, naive_lint] {
        let said = lint(&objects(&unnamed));
        assert!(said.iter().any(|line| line.contains("a template is called by its name")), "{said:?}");
    }
}
