//! Shares are exact over a full cycle of the random number, from the VirtualService to the destination.

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_route::{Draws, Mesh, Proxy, Request, Scratch};
use pointsman_types::Profile;
use proptest::prelude::*;

/// A mesh whose only route shares requests by these weights among the subsets `v0`, `v1`, ….
fn mesh(weights: &[u32]) -> Mesh {
    let shares: Vec<_> = (0..)
        .zip(weights)
        .map(|(number, weight)| {
            format!(r#"{{"destination": {{"host": "a", "subset": "v{number}"}}, "weight": {weight}}}"#)
        })
        .collect();
    let service = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "default"},
        "spec": {"ports": [{"name": "http", "port": 80}]}}"#;
    let route = format!(
        r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": {{"name": "a", "namespace": "default"}},
            "spec": {{"hosts": ["a"], "http": [{{"route": [{}]}}]}}}}"#,
        shares.join(", ")
    );
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in [service, &route] {
        mesh.apply(&Value::from_json(document).expect("JSON")).expect("applied");
    }
    mesh
}

/// How many of the draws `0..cycle`, after any number of whole cycles, go to each subset.
fn counts(weights: &[u32], cycle: u64, cycles_before: u64) -> BTreeMap<String, u64> {
    let table = mesh(weights).compile(&Proxy::sidecar("default", [("app", "x")])).table;
    let mut scratch = Scratch::new();
    let request = Request::get("a", "/");
    let mut counts = BTreeMap::new();
    for draw in 0..cycle {
        let draws = Draws::default().with_route(cycle * cycles_before + draw);
        let decision = table.select(&request, &draws, &mut scratch);
        assert!(decision.cluster().is_some(), "{weights:?} {draw}");
        *counts.entry(decision.subset().to_owned()).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn of_several_each_has_its_weight(
        weights in prop::collection::vec(0_u32..=100, 2..=5),
        cycles_before in 0_u64..1_000_000,
    ) {
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        prop_assume!(sum > 0);
        let expected: BTreeMap<_, _> = (0..)
            .zip(&weights)
            .filter(|(_, weight)| **weight > 0)
            .map(|(number, weight)| (format!("v{number}"), u64::from(*weight)))
            .collect();
        prop_assert_eq!(counts(&weights, sum, cycles_before), expected);
    }

    #[test]
    fn one_alone_has_everything(weight in 0_u32..=100, cycles_before in 0_u64..1_000_000) {
        prop_assert_eq!(counts(&[weight], 100, cycles_before), BTreeMap::from([("v0".to_owned(), 100)]));
    }
}

#[test]
fn without_any_weight_nobody_is_chosen() {
    let table = mesh(&[0, 0]).compile(&Proxy::sidecar("default", [("app", "x")])).table;
    let mut scratch = Scratch::new();
    let request = Request::get("a", "/");
    let decision = table.select(&request, &Draws::default(), &mut scratch);
    assert_eq!((decision.cluster(), decision.status()), (None, Some(404)));
}
