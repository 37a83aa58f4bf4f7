//! `istio-webhook` and `istio-samples`: objects that are right.

use pointsman_manifest::{Document, Manifest, to_yaml_documents};
use pointsman_validate::validate;

use crate::{CaseResult, Corpora, Outcome, SuiteResult};

pub(super) fn run_webhook(corpora: &Corpora) -> Vec<SuiteResult> {
    run(corpora, "istio-webhook", "istio-webhook-dataset")
}

pub(super) fn run_samples(corpora: &Corpora) -> Vec<SuiteResult> {
    run(corpora, "istio-samples", "istio-samples")
}

/// One case a file: it reads, says the same after being written, and no object has an error.
fn run(corpora: &Corpora, name: &str, folder: &str) -> Vec<SuiteResult> {
    if !corpora.wants(name) {
        return Vec::new();
    }
    let files = corpora.files(folder, &["yaml"]);
    let manifests = files.iter().filter(|file| !file.ends_with("swagger.yaml"));
    let cases: Vec<CaseResult> = manifests
        .map(|file| {
            CaseResult::run(file, || {
                let text = corpora.text(&format!("{folder}/{file}")).unwrap_or_default();
                match check(&text) {
                    Ok(answer) => Outcome::judged(true, "no error", answer),
                    Err(problem) => Outcome::judged(false, "no error", problem),
                }
            })
        })
        .collect();
    if cases.is_empty() { Vec::new() } else { vec![SuiteResult { name: name.to_owned(), cases }] }
}

fn check(text: &str) -> Result<String, String> {
    let manifest = Manifest::parse(text).map_err(|error| error.to_string())?;
    let values = || manifest.documents().iter().map(Document::value);
    let written = to_yaml_documents(values());
    let again = Manifest::parse(&written).map_err(|error| format!("after being written: {error}"))?;
    if !again.documents().iter().map(Document::value).eq(values()) {
        return Err("says something else after being written".to_owned());
    }
    let mut objects = 0;
    for object in manifest.objects() {
        objects += 1;
        if let Some(error) = validate(object.value()).iter().find(|finding| finding.is_error()) {
            return Err(error.to_string());
        }
    }
    Ok(format!("{objects} objects"))
}
