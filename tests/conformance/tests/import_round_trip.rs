//! What is imported of the manifests that people write, and written back, is the same plan when it is read again.

#![allow(clippy::unwrap_used, reason = "a test")]

use pointsman_conformance::{Corpora, default_corpora_dir};
use pointsman_import::{Imported, Source, import, to_canary, to_rollout};
use pointsman_manifest::{Manifest, Value};
use pointsman_types::Diagnostic;

const FOLDERS: &[&str] = &["argo-rollouts/manifests", "flagger/docs", "flagger/examples", "flagger/test"];

fn written(imported: &Imported, base: Option<&Value>) -> (Value, Vec<Diagnostic>) {
    let plan = imported.plan().unwrap();
    match imported.source() {
        Source::Flagger => to_canary(plan, base),
        _ => to_rollout(plan, base),
    }
}

/// The objects that something is imported of, as numbers.
fn releases(objects: &[&Value]) -> Vec<usize> {
    let is_release = |at: &usize| objects.get(*at).is_some_and(|object| !import([*object]).is_empty());
    (0..objects.len()).filter(is_release).collect()
}

/// How many plans come of these objects, and which are not the same after being written into their manifest or anew.
fn compared(objects: &[&Value]) -> (usize, Vec<String>) {
    let (mut count, mut wrong) = (0, Vec::new());
    let all = import(objects.iter().copied());
    let places = releases(objects);
    for (number, (imported, at)) in
        all.iter().zip(places).enumerate().filter(|(_, (found, _))| found.plan().is_some())
    {
        count += 1;
        let name = imported.object();
        let base = *objects.get(at).unwrap();
        let (value, findings) = written(imported, Some(base));
        if value != *base {
            wrong.push(format!("{name} is changed: {} {findings:?}", value.to_json()));
        }
        let (value, findings) = written(imported, None);
        let mut others = objects.to_vec();
        *others.get_mut(at).unwrap() = &value;
        let back = import(others).into_iter().nth(number).unwrap();
        if back.plan() != imported.plan() {
            wrong.push(format!("{name}: {:?}\n{:?}\n{findings:?}", imported.spec(), back.spec()));
        }
    }
    (count, wrong)
}

#[test]
fn manifests_are_the_same_plan_after_being_written() {
    let corpora = Corpora::new(default_corpora_dir());
    if !corpora.exist() {
        eprintln!("the corpora are not there: nothing was compared");
        return;
    }
    let mut plans = 0;
    for folder in FOLDERS {
        for file in corpora.files(folder, &["yaml", "yml"]) {
            let file = format!("{folder}/{file}");
            let Some(manifest) = corpora.text(&file).and_then(|text| Manifest::parse(&text).ok()) else {
                continue;
            };
            let objects: Vec<&Value> = manifest.objects().map(|object| object.value()).collect();
            let (count, wrong) = compared(&objects);
            assert!(wrong.is_empty(), "{file}: {}", wrong.join("\n"));
            plans += count;
        }
    }
    assert!(plans > 100, "only {plans} plans were compared");
}
