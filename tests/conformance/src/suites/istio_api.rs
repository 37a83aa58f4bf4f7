//! `istio-api`: which documents the API server takes.

use pointsman_manifest::{Document, Manifest, Value};
use pointsman_validate::schema;
use serde_json::Value as Json;

use crate::{Corpora, Outcome, SuiteResult};

const NAME: &str = "istio-api";

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    let suite = corpora.suite_of(NAME, "istio-api/expected.json", |file| {
        let empty = Vec::new();
        let mut entries = file["docs"].as_array().unwrap_or(&empty).clone();
        for entry in &mut entries {
            entry["id"] = format!("{}#{}", text(entry, "file"), entry["index"]).into();
        }
        SuiteResult::of_list(NAME, &entries, |entry| judge(corpora, entry))
    });
    suite.into_iter().collect()
}

fn text<'a>(entry: &'a Json, field: &str) -> &'a str {
    entry[field].as_str().unwrap_or_default()
}

fn judge(corpora: &Corpora, entry: &Json) -> Outcome {
    let Some(content) = corpora.text(&format!("istio-api/{}", text(entry, "file"))) else {
        return Outcome::unsupported("the file is not there");
    };
    let manifest = match Manifest::parse(&content) {
        Ok(manifest) => manifest,
        Err(error) => return Outcome::unsupported(error),
    };
    let index = entry["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
    let mut documents = manifest.documents().iter().map(Document::value).filter(|value| !value.is_null());
    let Some(document) = documents.nth(index) else {
        return Outcome::unsupported("the document is not there");
    };
    // The mark of an expected error is no part of the object.
    let fields =
        document.as_map().into_iter().flat_map(|fields| fields.iter()).filter(|(name, _)| *name != "_err");
    let object = Value::Map(fields.map(|(name, value)| (name, value.clone())).collect());
    let findings = schema::check(&object);
    // Unknown fields are refused here, as a server does that is asked to be strict.
    let refusal = findings.iter().find(|finding| finding.is_error() || *finding.code.as_str() == *"PA0102");
    let accepted = refusal.is_none();
    let answer = refusal.map_or_else(|| "accepted".to_owned(), ToString::to_string);
    let expected = entry["valid"].as_bool() == Some(true);
    let wanted =
        if expected { "accepted".to_owned() } else { format!("refused: {}", text(entry, "errContains")) };
    Outcome::judged(accepted == expected, wanted, answer)
}
