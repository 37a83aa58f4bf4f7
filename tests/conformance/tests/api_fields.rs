//! Every field of the schemas that a cluster has for Istio's kinds is known to the typed API, with its type, and comes back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use pointsman_api::Resource;
use pointsman_conformance::{Corpora, default_corpora_dir};
use pointsman_manifest::{Manifest, Map, Value};

/// A value for one field, and how it is expected back; several where the field has several forms.
struct Sample {
    path: String,
    value: Value,
    back: Value,
    /// Whether it may be left out when written: the default of an enumeration.
    optional: bool,
}

fn map(name: &str, value: Value) -> Value {
    Value::Map(Map::from_iter([(name, value)]))
}

impl Sample {
    fn leaf(path: &str, value: Value) -> Self {
        Self { path: path.to_owned(), back: value.clone(), value, optional: false }
    }

    fn in_field(self, name: &str, back: &str) -> Self {
        Self { value: map(name, self.value), back: map(back, self.back), ..self }
    }

    fn in_list(self) -> Self {
        Self { value: Value::List(vec![self.value]), back: Value::List(vec![self.back]), ..self }
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

fn samples(schema: &Value, path: &str) -> Vec<Sample> {
    if let Some(names) = schema.get("enum").and_then(Value::as_list) {
        let sample = |name: &Value| Sample { optional: true, ..Sample::leaf(path, name.clone()) };
        return names.iter().map(sample).collect();
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        // Every text may be a duration; this is how one is written.
        "string" => vec![Sample::leaf(path, "1.500s".into())],
        "boolean" => vec![Sample::leaf(path, true.into())],
        "integer" => {
            let smallest = schema.get("minimum").and_then(Value::as_i64).unwrap_or(0);
            vec![Sample::leaf(path, smallest.max(7).into())]
        }
        "number" => vec![Sample::leaf(path, Value::from_json("1.25").expect("a number"))],
        "array" => {
            let items = samples(schema.get("items").unwrap(), &format!("{path}[]"));
            items.into_iter().map(Sample::in_list).collect()
        }
        "object" => of_object(schema, path),
        other => panic!("{path}: a schema of type `{other}`"),
    }
}

fn of_object(schema: &Value, path: &str) -> Vec<Sample> {
    let mut all = Vec::new();
    if let Some(inner) = schema.get("additionalProperties").filter(|inner| inner.as_map().is_some()) {
        return samples(inner, &format!("{path}.*")).into_iter().map(|s| s.in_field("80", "80")).collect();
    }
    match schema.get("properties").and_then(Value::as_map) {
        None => all.push(Sample::leaf(path, map("anything", 1.into()))),
        Some(properties) => {
            all.push(Sample::leaf(path, Value::Map(Map::new())));
            for (name, inner) in properties.iter() {
                let inner = samples(inner, &format!("{path}.{name}"));
                all.extend(inner.into_iter().map(|sample| sample.in_field(name, &camel_case(name))));
            }
        }
    }
    all
}

/// What stays when every empty map is taken out, which is what an unset default leaves.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Map(fields) => {
            let kept = fields.iter().map(|(name, value)| (name, pruned(value)));
            Value::Map(kept.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::List(items) => items.iter().map(pruned).collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Map(fields) => fields.is_empty(),
        Value::List(items) => items.iter().all(is_empty),
        _ => false,
    }
}

fn wrong(api_version: &str, kind: &str, sample: Sample) -> Option<String> {
    let head = Map::from_iter([
        ("apiVersion", api_version.into()),
        ("kind", kind.into()),
        ("metadata", map("name", "a".into())),
        ("spec", sample.value.clone()),
    ]);
    let read = Resource::from_value(&Value::Map(head));
    let named = format!("{api_version} {kind} {}", sample.path);
    if matches!(read.value, Resource::Other(_)) {
        return Some(format!("{named}: the kind is not modelled"));
    }
    if let Some(finding) = read.findings.first() {
        return Some(format!("{named}: {finding}"));
    }
    let written = read.value.to_value();
    let written = written.get("spec").unwrap();
    let left_out = sample.optional && is_empty(&pruned(written));
    (*written != sample.back && !left_out)
        .then(|| format!("{named}: `{}` became `{}`", sample.value.to_json(), written.to_json()))
}

#[test]
fn every_field_of_the_schemas_is_known_and_comes_back() {
    let corpora = Corpora::new(default_corpora_dir());
    let Some(text) = corpora.text("istio-api/customresourcedefinitions.gen.yaml") else {
        eprintln!("not run: there are no schemas");
        return;
    };
    let manifest = Manifest::parse(&text).unwrap();
    let (mut checked, mut failures) = (0, Vec::new());
    for definition in manifest.documents() {
        let spec = definition.value().get("spec").unwrap();
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap().to_owned();
        let kind = text(spec.get("names").unwrap(), "kind");
        for version in spec.get("versions").and_then(Value::as_list).unwrap() {
            let api_version = format!("{}/{}", text(spec, "group"), text(version, "name"));
            let schema = version.get("schema").and_then(|s| s.get("openAPIV3Schema")).unwrap();
            let schema = schema.get("properties").and_then(|p| p.get("spec")).unwrap();
            for sample in samples(schema, "spec") {
                checked += 1;
                failures.extend(wrong(&api_version, &kind, sample));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {checked}:\n{}", failures.len(), failures.join("\n"));
    assert!(checked > 1000, "only {checked} fields");
}
