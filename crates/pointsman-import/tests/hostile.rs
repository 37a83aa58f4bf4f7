//! Manifests in which anything stands anywhere.

use pointsman_import::import;
use pointsman_manifest::{Manifest, Map, Value};
use pointsman_types::{Diagnostic, FieldPath, Segment};

const ROLLOUT: &str = include_str!("manifests/rollout.yaml");
const CANARY: &str = include_str!("manifests/canary.yaml");

fn paths(value: &Value, at: &FieldPath, found: &mut Vec<FieldPath>) {
    found.push(at.clone());
    match value {
        Value::Map(map) => map.iter().for_each(|(name, value)| paths(value, &at.clone().field(name), found)),
        Value::List(items) => {
            items.iter().enumerate().for_each(|(index, value)| paths(value, &at.clone().index(index), found));
        }
        _ => {}
    }
}

/// An error points to something that is there, or to what is missing in something that is.
fn points_into(value: &Value, finding: &Diagnostic) -> bool {
    let parent = finding.path.parent().unwrap_or_else(FieldPath::root);
    value.at(&finding.path).is_some()
        || value.at(&parent).is_some()
        || matches!(finding.path.segments().last(), Some(Segment::Field(_)))
            && value.at(&parent.parent().unwrap_or_default()).is_some()
}

#[test]
fn anything_anywhere_is_a_finding_and_never_a_panic() {
    for text in [ROLLOUT, CANARY] {
        let manifest = Manifest::parse(text).expect("yaml");
        let object = manifest.objects().next().expect("one").value().clone();
        assert!(import([&object])[0].plan().is_some(), "{:?}", import([&object])[0].findings());
        let mut all = Vec::new();
        paths(object.get("spec").expect("a spec"), &FieldPath::root().field("spec"), &mut all);
        let others = [
            Value::Null,
            Value::from(-1_i64),
            Value::from(i64::MAX),
            Value::from("x".repeat(300).as_str()),
            Value::List(vec![Value::Null, Value::from("1h")]),
            Value::Map(Map::new()),
            Value::Map([("exact", 3_u32)].into_iter().collect()),
            Value::Bool(true),
        ];
        for path in &all {
            for other in &others {
                let mut changed = object.clone();
                *changed.at_mut(path).expect("there") = other.clone();
                let imported = import([&changed]);
                let errors = imported[0].findings().iter().filter(|finding| finding.is_error());
                let errors: Vec<&Diagnostic> = errors.collect();
                assert_eq!(imported[0].plan().is_none(), !errors.is_empty(), "{path}: {errors:?}");
                let astray = errors.iter().find(|finding| !points_into(&changed, finding));
                assert!(astray.is_none(), "{path} = {}: {astray:?}", other.to_json());
            }
        }
    }
}

#[test]
fn a_release_of_very_many_iterations_is_refused_at_once() {
    let text = CANARY.replace("iterations: 2", "iterations: 4000000000");
    let manifest = Manifest::parse(&text).expect("yaml");
    assert!(import(manifest.objects().map(|object| object.value()))[0].plan().is_none());
    let blue_green = text.replace("match: [{headers: {x: {exact: one}}, sourceLabels: {a: b}}]", "match: []");
    let manifest = Manifest::parse(&blue_green).expect("yaml");
    assert!(import(manifest.objects().map(|object| object.value()))[0].plan().is_none());
}
