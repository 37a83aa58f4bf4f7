//! Every YAML file of the corpora that hold manifests: it reads, says the same after being written, and takes another weight in
//! each VirtualService as a change of one line.

use pointsman_manifest::{Document, Manifest, Value, to_yaml_documents};
use pointsman_types::FieldPath;

use crate::{CaseResult, Corpora, Outcome, SuiteResult};

/// Folders of YAML, and files in them that hold none.
const FOLDERS: [(&str, &[&str]); 4] = [
    ("istio-samples", &["swagger.yaml"]),
    ("flagger", &[]),
    ("argo-rollouts/manifests", &[]),
    ("gateway-api-conformance/manifests", &[]),
];

/// One suite a folder.
pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    FOLDERS.iter().filter_map(|(folder, left_out)| suite(corpora, folder, left_out)).collect()
}

fn suite(corpora: &Corpora, folder: &str, left_out: &[&str]) -> Option<SuiteResult> {
    let name = format!("manifests/{}", folder.split('/').next().unwrap_or(folder));
    if !corpora.wants(&name) {
        return None;
    }
    let files = corpora.files(folder, &["yaml", "yml"]);
    let is_wanted = |file: &&String| !left_out.iter().any(|end| file.ends_with(end));
    let cases: Vec<CaseResult> = files
        .iter()
        .filter(is_wanted)
        .map(|file| {
            CaseResult::run(file, || {
                let text = corpora.text(&format!("{folder}/{file}")).unwrap_or_default();
                match round_trip(&text).and_then(|manifest| other_weights(&manifest)) {
                    Ok(answer) => Outcome::judged(true, "", answer),
                    Err(problem) => Outcome::judged(false, "the same values, one line a weight", problem),
                }
            })
        })
        .collect();
    (!cases.is_empty()).then_some(SuiteResult { name, cases })
}

fn round_trip(text: &str) -> Result<Manifest, String> {
    let manifest = Manifest::parse(text).map_err(|error| error.to_string())?;
    let values: Vec<&Value> = manifest.documents().iter().map(Document::value).collect();
    let written = to_yaml_documents(values.iter().copied());
    let again = Manifest::parse(&written).map_err(|error| format!("after being written: {error}"))?;
    let same = again.documents().iter().map(Document::value).eq(values.iter().copied());
    if same { Ok(manifest) } else { Err("says something else after being written".to_owned()) }
}

fn other_weights(manifest: &Manifest) -> Result<String, String> {
    let mut weights = 0;
    for (number, document) in manifest.documents().iter().enumerate() {
        for object in document.objects().filter(|object| object.object_ref().kind == "VirtualService") {
            for (path, weight) in weights_of(object.value()) {
                one_line(manifest, number, &object.path().clone().join(&path), weight)?;
                weights += 1;
            }
        }
    }
    Ok(format!("{} documents, {weights} weights", manifest.documents().len()))
}

fn weights_of(object: &Value) -> Vec<(FieldPath, i64)> {
    let mut found = Vec::new();
    for kind in ["http", "tcp", "tls"] {
        let routes = FieldPath::root().field("spec").field(kind);
        let count = object.at(&routes).and_then(Value::as_list).map_or(0, <[Value]>::len);
        for route in (0..count).map(|position| routes.clone().index(position).field("route")) {
            let destinations = object.at(&route).and_then(Value::as_list).map_or(0, <[Value]>::len);
            let paths = (0..destinations).map(|position| route.clone().index(position).field("weight"));
            found.extend(
                paths
                    .filter_map(|path| Some((object.at(&path)?.as_i64()?, path)))
                    .map(|(weight, path)| (path, weight)),
            );
        }
    }
    found
}

fn one_line(manifest: &Manifest, document: usize, path: &FieldPath, weight: i64) -> Result<(), String> {
    let mut editor = manifest.edit();
    editor.set(document, path, weight + 1).map_err(|error| error.to_string())?;
    let (before, after) = (manifest.text(), editor.text());
    let changed: Vec<(&str, &str)> =
        before.split('\n').zip(after.split('\n')).filter(|(before, after)| before != after).collect();
    let same_count = before.split('\n').count() == after.split('\n').count();
    let [(old, new)] = changed.as_slice() else {
        return Err(format!("{} lines changed for `{path}`", changed.len()));
    };
    let expected = old.replacen(&weight.to_string(), &(weight + 1).to_string(), 1);
    if same_count && *new == expected { Ok(()) } else { Err(format!("`{old}` became `{new}` for `{path}`")) }
}
