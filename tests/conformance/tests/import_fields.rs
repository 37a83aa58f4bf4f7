//! Every field of the manifests of other tools is carried over, or a finding says that it is not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use pointsman_conformance::{Corpora, default_corpora_dir};
use pointsman_import::{
    Imported,
    codes::{ELSEWHERE, NOT_CARRIED, UNKNOWN_FIELD},
    import,
};
use pointsman_manifest::{Manifest, Value as Tree};
use pointsman_types::FieldPath;
use serde_json::{Value, json};

/// Pods and which of them are the rollout's, with all that Kubernetes says of them: no matter of a release.
const NOT_OURS: &[&str] = &["template", "selector"];

/// References name an object by its kind and name; in which version of its form it is written changes nothing.
const SAYS_NOTHING: &[&str] = &["spec.workloadRef.apiVersion", "spec.targetRef.apiVersion"];

type Leaf = (Vec<String>, Vec<Value>);

/// The paths of all leaves of a schema, with values for each; `*` is an item of a list.
fn leaves(schema: &Tree, path: &[String], found: &mut Vec<Leaf>) {
    let at = |name: &str| [path, &[name.to_owned()]].concat();
    let kind = schema.get("type").and_then(Tree::as_str).unwrap_or("integer");
    if let Some(fields) = schema.get("properties").and_then(Tree::as_map) {
        for (name, inner) in fields.iter() {
            if !NOT_OURS.contains(&name) {
                leaves(inner, &at(name), found);
            }
        }
    } else if let Some(items) = schema.get("items") {
        leaves(items, &at("*"), found);
    } else if kind == "object" {
        match schema.get("additionalProperties") {
            Some(inner) if inner.as_map().is_some() => leaves(inner, &at("some"), found),
            _ => found.push((path.to_vec(), vec![json!({"some": "thing"})])),
        }
    } else {
        let words = schema.get("enum").and_then(Tree::as_list).unwrap_or_default();
        let mut values: Vec<Value> = words.iter().filter_map(Tree::as_str).map(|word| json!(word)).collect();
        values.extend(match kind {
            "boolean" => vec![json!(true), json!(false)],
            "string" => vec![
                json!("7s"),
                json!("t"),
                json!("2026-01-01T00:00:00Z"),
                json!("Pods"),
                json!("stable"),
                json!("Deployment"),
            ],
            _ => vec![json!(1), json!(7)],
        });
        found.push((path.to_vec(), values));
    }
}

/// Puts a value at a path of an object; without one, only what is around it.
fn put(at: &mut Value, path: &[String], value: Option<&Value>) {
    match path {
        [] => *at = value.cloned().unwrap_or_default(),
        [name, rest @ ..] if name == "*" => {
            if at.get(0).is_none() {
                *at = json!([rest.first().map_or(json!("other"), |_| json!({}))]);
            }
            put(&mut at[0], rest, value.or(if rest.is_empty() { Some(&Value::Null) } else { None }));
        }
        [name] if value.is_none() => {
            at.as_object_mut().unwrap().remove(name);
        }
        [name, rest @ ..] => {
            if !at.is_object() {
                *at = json!({});
            }
            let inner = at.as_object_mut().unwrap().entry(name.clone()).or_insert(json!({}));
            put(inner, rest, value);
        }
    }
}

fn field_path(path: &[String]) -> FieldPath {
    path.iter().fold(
        FieldPath::root(),
        |all, name| {
            if name == "*" { all.index(0) } else { all.field(name.clone()) }
        },
    )
}

fn imported(objects: &[Value]) -> Imported {
    let trees: Vec<Tree> =
        objects.iter().map(|object| Tree::from_json(&object.to_string()).unwrap()).collect();
    import(&trees).into_iter().next().unwrap()
}

fn schema(corpora: &Corpora, file: &str, kind: &str) -> Tree {
    let text = corpora.text(file).unwrap();
    let documents = Manifest::parse(&text).unwrap().into_documents();
    let is_of = |tree: &Tree| {
        let path = "spec.names.kind".parse().unwrap();
        tree.at(&path).and_then(Tree::as_str) == Some(kind)
    };
    let crd = documents.into_iter().map(pointsman_manifest::Document::into_value).find(is_of).unwrap();
    let path = "spec.versions[0].schema.openAPIV3Schema.properties.spec".parse().unwrap();
    crd.at(&path).unwrap().clone()
}

/// Whether the field makes another plan, other questions, other objects, or a finding that is no error.
fn carries(with: &Imported, without: &Imported) -> bool {
    let errors =
        |imported: &Imported| imported.findings().iter().filter(|finding| finding.is_error()).count();
    let knows = with.findings().iter().all(|finding| finding.code != UNKNOWN_FIELD);
    knows && with != without && errors(with) <= errors(without)
}

/// Whether a finding says that the field, or a whole that it is a part of, is no matter of the plan. One that lists names
/// speaks of those alone.
fn tells(with: &Imported, path: &[String]) -> bool {
    let place = field_path(path);
    with.findings().iter().any(|finding| {
        let next = path.get(finding.path.segments().len());
        let is_named = next.is_none_or(|next| finding.message.contains(&format!("`{next}`")));
        [NOT_CARRIED, ELSEWHERE].contains(&finding.code)
            && finding.path.is_prefix_of(&place)
            && (is_named || !finding.message.starts_with("a plan does not say `"))
    })
}

/// The leaves that change nothing of what comes of the objects: neither the plan nor a finding.
fn dropped(schema: &Tree, among: usize, bases: &[Vec<Value>]) -> Vec<String> {
    let mut found = Vec::new();
    leaves(schema, &["spec".to_owned()], &mut found);
    assert!(found.len() > 5, "the schema was read");
    let mut silent = Vec::new();
    for (path, values) in found {
        let sees = |base: &Vec<Value>, value: &Value| {
            let (mut with, mut without) = (base.clone(), base.clone());
            put(&mut with[among], &path, Some(value));
            put(&mut without[among], &path, None);
            let (with, without) = (imported(&with), imported(&without));
            carries(&with, &without) || tells(&with, &path)
        };
        if !bases.iter().any(|base| values.iter().any(|value| sees(base, value))) {
            silent.extend(Some(path.join(".")).filter(|path| !SAYS_NOTHING.contains(&path.as_str())));
        }
    }
    silent
}

#[test]
fn no_field_is_dropped_without_a_word() {
    let corpora = Corpora::new(default_corpora_dir());
    if !corpora.exist() {
        eprintln!("the corpora are not there: nothing was compared");
        return;
    }
    let rollout = |strategy: Value| {
        json!({"kind": "Rollout", "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {"name": "r"}, "spec": {"strategy": strategy}})
    };
    let istio = json!({"istio": {"virtualService": {"name": "v"}}, "managedRoutes": [{"name": "7s"}]});
    let routed = json!({"canaryService": "c", "stableService": "s", "trafficRouting": istio});
    let analysed = json!({"canary": {"steps": [{"analysis": {"templates": [{"templateName": "t"}]}}]}});
    let template = json!({"kind": "AnalysisTemplate", "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {"name": "t"}, "spec": {"metrics": [{"name": "m"}]}});
    let analysis = json!({"templates": [{"templateName": "t"}]});
    let mut measured = routed.clone();
    measured["analysis"] = analysis.clone();
    measured["replicaProgressThreshold"] = json!({"type": "Percent", "value": 7});
    measured["steps"] = json!([{"experiment": {"duration": "1m",
        "templates": [{"name": "e", "specRef": "canary"}],
        "analyses": [{"name": "x", "templateName": "t"}]}}]);
    let mut stepped = measured.clone();
    stepped["steps"] = json!([{"analysis": analysis}, {"pause": {}}]);
    let judged =
        json!({"activeService": "a", "prePromotionAnalysis": analysis, "postPromotionAnalysis": analysis});
    let mut referring = rollout(json!({"canary": {}}));
    referring["spec"]["workloadRef"] = json!({"kind": "Deployment", "name": "t"});
    let workload = json!({"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "t"},
        "spec": {"replicas": 3}});
    let rollouts = [
        vec![referring, workload.clone()],
        vec![rollout(json!({"canary": {}}))],
        vec![rollout(json!({"canary": routed}))],
        vec![rollout(json!({"canary": measured}))],
        vec![rollout(json!({"canary": stepped}))],
        vec![rollout(json!({"blueGreen": judged}))],
    ];
    let crds = "argo-rollouts/crds";
    let mut silent = dropped(&schema(&corpora, &format!("{crds}/rollout-crd.yaml"), "Rollout"), 0, &rollouts);
    let with_template = vec![rollout(analysed), template];
    let schema_of = schema(&corpora, &format!("{crds}/analysis-template-crd.yaml"), "AnalysisTemplate");
    silent.extend(dropped(&schema_of, 1, &[with_template]));
    let analysis = json!({"interval": "1m", "threshold": 5,
        "metrics": [{"name": "m", "templateRef": {"name": "t"}}], "webhooks": [{"name": "w", "url": "http://w"}]});
    let canary = |more: Value| {
        let mut analysis = analysis.clone();
        analysis.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"kind": "Canary", "apiVersion": "flagger.app/v1beta1", "metadata": {"name": "c"},
            "spec": {"targetRef": {"kind": "Deployment", "name": "t"}, "service": {"port": 80}, "analysis": analysis}})
    };
    let metric = |namespace: &str| {
        json!({"kind": "MetricTemplate", "apiVersion": "flagger.app/v1beta1",
            "metadata": {"name": "t", "namespace": namespace},
            "spec": {"provider": {"type": "prometheus", "address": "http://p"}, "query": format!("q of {namespace}")}})
    };
    let of = |more: Value| vec![canary(more), metric(""), metric("7s"), workload.clone()];
    let canaries = [
        of(json!({})),
        of(json!({"stepWeights": [7], "sessionAffinity": {"cookieName": "c"}})),
        of(json!({"stepWeights": [7], "mirror": true})),
        of(json!({"iterations": 7, "match": [{"headers": {"x": {"exact": "y"}}}]})),
    ];
    let flagger = "flagger/crd/crd.yaml";
    silent.extend(dropped(&schema(&corpora, flagger, "Canary"), 0, &canaries));
    silent.extend(dropped(&schema(&corpora, flagger, "MetricTemplate"), 1, &canaries));
    assert!(silent.is_empty(), "{}:\n{}", silent.len(), silent.join("\n"));
}
