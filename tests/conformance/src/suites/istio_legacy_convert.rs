//! `istio-legacy/convert`: objects of the old model against those that the converter of the time made of them.

use pointsman_api::Resource;
use pointsman_api::istio::legacy::Upgrade;
use pointsman_manifest::{Manifest, Map, Value as Document};
use serde_json::Value;

use crate::{Corpora, Outcome, SuiteResult};

pub(super) fn run(corpora: &Corpora) -> Option<SuiteResult> {
    let name = "istio-legacy/convert";
    corpora.suite_of(name, "istio-legacy/cases.json", |file| {
        SuiteResult::of_cases(name, file, |case| convert(corpora, case).unwrap_or_else(Outcome::unsupported))
    })
}

fn convert(corpora: &Corpora, case: &Value) -> Result<Outcome, String> {
    let mut old = Vec::new();
    for file in case["in"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        old.extend(documents(corpora, file)?);
    }
    let upgraded = Upgrade::new().run(&old);
    let golden: Vec<Resource> = documents(corpora, case["golden"].as_str().unwrap_or_default())?
        .into_iter()
        .map(|mut object| {
            rename(&mut object);
            Resource::from_value(&object).value
        })
        .collect();
    let (expected, actual) = (meanings(golden), meanings(upgraded.objects));
    Ok(Outcome::judged(expected == actual, expected.join(" "), actual.join(" ")))
}

fn documents(corpora: &Corpora, file: &str) -> Result<Vec<Document>, String> {
    let text =
        corpora.text(&format!("istio-legacy/{file}")).ok_or_else(|| format!("there is no file `{file}`"))?;
    let manifest = Manifest::parse(&text).map_err(|error| error.to_string())?;
    Ok(manifest.into_documents().into_iter().map(pointsman_manifest::Document::into_value).collect())
}

/// Kind, namespace and spec of each object, in one order.
fn meanings(objects: Vec<Resource>) -> Vec<String> {
    let mut meanings: Vec<String> = objects.into_iter().map(meaning).collect();
    meanings.sort();
    meanings
}

fn meaning(mut object: Resource) -> String {
    match &mut object {
        Resource::VirtualService(service) => {
            // The weight of a single destination says nothing.
            for route in service.spec.http.iter_mut().filter(|route| route.route.len() == 1) {
                route.route.iter_mut().for_each(|share| share.weight = 0);
            }
        }
        Resource::DestinationRule(rule) => rule.spec.subsets.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => {}
    }
    let named = object.object_ref();
    let spec = object.to_value().get("spec").map(Document::to_json).unwrap_or_default();
    format!("{} {} {spec}", named.kind, named.namespace)
}

/// Gives fields that were renamed since the names of their successors, as the corpus's SOURCE.md lists them.
fn rename(value: &mut Document) {
    match value {
        Document::List(items) => items.iter_mut().for_each(rename),
        Document::Map(fields) => {
            rename_fields(fields);
            fields.iter_mut().for_each(|(_, value)| rename(value));
        }
        _ => {}
    }
}

fn rename_fields(fields: &mut Map) {
    if let Some(headers) = fields.remove("appendHeaders") {
        fields.insert("headers", map("request", map("add", headers)));
    }
    fields.remove("websocketUpgrade");
    if let Some(Document::List(origins)) = fields.remove("allowOrigin") {
        let origin = |origin: Document| match origin.as_str() {
            Some("*") => map("regex", ".*".into()),
            _ => map("exact", origin),
        };
        fields.insert("allowOrigins", origins.into_iter().map(origin).collect::<Vec<_>>());
    }
    if let Some(percent) = fields.remove("percent") {
        fields.insert("percentage", map("value", percent));
    }
    if let Some(Document::Map(detection)) = fields.get_mut("outlierDetection")
        && let Some(Document::Map(nested)) = detection.remove("http")
    {
        nested.into_iter().for_each(|(name, value)| {
            detection.insert(name, value);
        });
    }
    if let Some(errors) = fields.remove("consecutiveErrors") {
        fields.insert("consecutive5xxErrors", errors);
    }
    if fields.get("simple").and_then(Document::as_str) == Some("LEAST_CONN") {
        fields.insert("simple", "LEAST_REQUEST");
    }
}

fn map(name: &str, value: Document) -> Document {
    Document::Map(Map::from_iter([(name, value)]))
}
