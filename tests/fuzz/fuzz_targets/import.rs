//! Any release of Argo Rollouts and Flagger: a plan or an error, findings at places that are there, and a plan that is
//! written into its own manifest changes nothing of it.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pointsman_fuzz::path;
use pointsman_import::{codes::CHOSEN_NAME, import, to_canary, to_rollout};
use pointsman_manifest::{Manifest, Map, Value};
use pointsman_types::Diagnostic;

const MANIFESTS: [&str; 2] = [
    include_str!("../../../crates/pointsman-import/tests/manifests/rollout.yaml"),
    include_str!("../../../crates/pointsman-import/tests/manifests/canary.yaml"),
];

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    Text(&'a str),
    Changed { flagger: bool, changes: Vec<(Vec<u8>, Change<'a>)> },
}

#[derive(Debug, Arbitrary)]
enum Change<'a> {
    Nothing,
    Flag(bool),
    Number(i64),
    Text(&'a str),
    List,
    Map,
    /// What stands somewhere else.
    Copy(Vec<u8>),
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => {
        let Ok(manifest) = Manifest::parse(text) else { return };
        let objects: Vec<Value> =
            manifest.documents().iter().map(|document| document.value().clone()).collect();
        check(&objects);
    }
    Input::Changed { flagger, changes } => {
        let manifest = Manifest::parse(MANIFESTS[usize::from(flagger)]).expect("it is read");
        let mut object = manifest.documents()[0].value().clone();
        for (steps, change) in changes.iter().take(8) {
            let value = match change {
                Change::Nothing => Value::Null,
                Change::Flag(flag) => (*flag).into(),
                Change::Number(number) => (*number).into(),
                Change::Text(text) => (*text).into(),
                Change::List => Value::List(Vec::new()),
                Change::Map => Value::Map(Map::new()),
                Change::Copy(steps) => object.at(&path(&object, steps)).expect("it is there").clone(),
            };
            let place = path(&object, steps);
            *object.at_mut(&place).expect("it is there") = value;
        }
        check(&[object]);
    }
});

fn check(objects: &[Value]) {
    for imported in import(objects) {
        let errors = imported.findings().iter().filter(|finding| finding.is_error()).count();
        assert_eq!(imported.plan().is_none(), errors > 0, "{:?}", imported.findings());
        let built = imported.spec().clone().build();
        let Some(plan) = imported.plan() else { continue };
        assert_eq!(built.as_ref(), Ok(plan));
        for base in objects.iter().filter(|object| object.object_ref() == *imported.object()) {
            let mine = import([base]);
            let Some(plan) = mine[0].plan() else { continue };
            let (to, back): (fn(_, _) -> _, fn(_, _) -> _) = match imported.source() {
                pointsman_import::Source::Flagger => (to_canary, to_rollout),
                _ => (to_rollout, to_canary),
            };
            let (written, _): (Value, Vec<Diagnostic>) = to(plan, Some(base));
            assert_eq!(written.to_json(), base.to_json());
            let _as_the_other: (Value, Vec<Diagnostic>) = back(plan, None);
            let (anew, findings) = to(plan, None);
            if findings.iter().all(|finding| finding.code == CHOSEN_NAME) {
                assert_eq!(import([&anew])[0].plan(), Some(plan), "{}", anew.to_json());
            }
        }
    }
}
