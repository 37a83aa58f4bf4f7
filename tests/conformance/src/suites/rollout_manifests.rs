//! `argo-manifests` and `flagger-manifests`: what people write, imported.

use pointsman_import::import;
use pointsman_manifest::{Manifest, Value};

use crate::{CaseResult, Corpora, Outcome, SuiteResult};

pub(super) fn run_argo(corpora: &Corpora) -> Vec<SuiteResult> {
    run(corpora, "argo-manifests", &["argo-rollouts/manifests"], "Rollout")
}

pub(super) fn run_flagger(corpora: &Corpora) -> Vec<SuiteResult> {
    run(corpora, "flagger-manifests", &["flagger/docs", "flagger/examples", "flagger/test"], "Canary")
}

fn run(corpora: &Corpora, name: &str, folders: &[&str], kind: &str) -> Vec<SuiteResult> {
    if !corpora.wants(name) {
        return Vec::new();
    }
    let in_folder = |folder: &&str| {
        let files = corpora.files(folder, &["yaml", "yml"]);
        files.into_iter().map(|file| format!("{folder}/{file}")).collect::<Vec<_>>()
    };
    let files: Vec<String> = folders.iter().flat_map(in_folder).collect();
    let cases: Vec<CaseResult> = files.iter().flat_map(|file| of_file(corpora, file, kind)).collect();
    if cases.is_empty() { Vec::new() } else { vec![SuiteResult { name: name.into(), cases }] }
}

/// A case for each object of the kind; files that are no YAML have none.
fn of_file(corpora: &Corpora, file: &str, kind: &str) -> Vec<CaseResult> {
    let Some(manifest) = corpora.text(file).and_then(|text| Manifest::parse(&text).ok()) else {
        return Vec::new();
    };
    let objects: Vec<&Value> = manifest.objects().map(|object| object.value()).collect();
    let wanted = objects.iter().filter(|object| object.object_ref().kind == kind);
    let names: Vec<String> = wanted.map(|object| object.object_ref().name).collect();
    let free = file.contains("/test/e2e/expectedfailures/");
    let case = |(index, name): (usize, &String)| {
        CaseResult::run(format!("{file}#{index}:{name}"), || judged(&objects, index, free))
    };
    names.iter().enumerate().map(case).collect()
}

fn judged(objects: &[&Value], index: usize, free: bool) -> Outcome {
    let all = import(objects.iter().copied());
    let Some(imported) = all.get(index) else {
        return Outcome::unsupported("another group than Argo Rollouts' and Flagger's");
    };
    let errors: Vec<String> =
        imported.findings().iter().filter(|f| f.is_error()).map(ToString::to_string).collect();
    let actual = if errors.is_empty() { "a plan".to_owned() } else { errors.join("; ") };
    Outcome::judged(free || imported.plan().is_some(), "a plan without an error finding", actual)
}
