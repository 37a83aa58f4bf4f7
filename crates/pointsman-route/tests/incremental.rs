//! Compiling after a change answers the same as compiling everything from scratch.

use pointsman_manifest::Value;
use pointsman_route::{Mesh, Proxy};
use pointsman_types::{ObjectRef, Profile};
use proptest::prelude::*;

const SERVICES: [&str; 4] = ["a", "b", "c", "d"];

fn base() -> Vec<String> {
    let mut documents = Vec::new();
    for name in SERVICES {
        documents.push(format!(
            r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{name}", "namespace": "default"}},
                "spec": {{"selector": {{"app": "{name}"}},
                "ports": [{{"name": "http", "port": 80}}, {{"name": "http-alt", "port": 8080}}]}}}}"#
        ));
        documents.push(rule(name, 2));
    }
    documents.push(
        r#"{"apiVersion": "networking.istio.io/v1", "kind": "Gateway",
            "metadata": {"name": "gw", "namespace": "default"}, "spec": {"selector": {"istio": "ingress"},
            "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}]}}"#
            .to_owned(),
    );
    documents
}

fn rule(name: &str, subsets: usize) -> String {
    let subsets: Vec<_> = (0..subsets)
        .map(|number| format!(r#"{{"name": "v{number}", "labels": {{"version": "v{number}"}}}}"#))
        .collect();
    format!(
        r#"{{"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
            "metadata": {{"name": "{name}", "namespace": "default"}},
            "spec": {{"host": "{name}", "subsets": [{}]}}}}"#,
        subsets.join(",")
    )
}

/// One change of the mesh.
#[derive(Debug, Clone)]
enum Change {
    Apply(String),
    Remove(usize),
    Ready(u32),
}

fn virtual_service() -> impl Strategy<Value = String> {
    let hosts = prop::sample::select(vec![
        r#"["a"]"#,
        r#"["b"]"#,
        r#"["a", "b"]"#,
        r#"["*.default.svc.cluster.local"]"#,
        r#"["nowhere.test"]"#,
        "[]",
    ]);
    let gateways =
        prop::sample::select(vec!["", r#", "gateways": ["gw"]"#, r#", "gateways": ["gw", "mesh"]"#]);
    let port = prop::sample::select(vec![
        "",
        r#""match": [{"port": 80}], "#,
        r#""match": [{"uri": {"prefix": "/x"}}], "#,
        // No expression: a finding of the table, not of the rules.
        r#""match": [{"headers": {"x": {"regex": "("}}}], "#,
    ]);
    let to = prop::sample::select(SERVICES.to_vec());
    let action = prop::sample::select(vec!["route", "delegate"]);
    (0_usize..5, hosts, gateways, port, to, 0_u32..100, action, 0_usize..5).prop_map(
        |(number, hosts, gateways, condition, to, weight, action, delegate)| {
            let action = if action == "delegate" && hosts != "[]" {
                format!(r#""delegate": {{"name": "vs-{delegate}"}}"#)
            } else {
                format!(
                    r#""route": [{{"destination": {{"host": "{to}", "subset": "v{}"}}, "weight": {weight}}},
                                 {{"destination": {{"host": "a"}}, "weight": 1}}]"#,
                    weight % 3
                )
            };
            // A delegate has no gateways.
            let gateways = if hosts == "[]" { "" } else { gateways };
            format!(
                r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                    "metadata": {{"name": "vs-{number}", "namespace": "default"}},
                    "spec": {{"hosts": {hosts}{gateways}, "http": [{{"name": "r", {condition}{action}}}]}}}}"#
            )
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let sidecar = prop::sample::select(vec![
        r#"{"apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": {"name": "s", "namespace": "default"},
            "spec": {"egress": [{"hosts": ["./a.default.svc.cluster.local"]}]}}"#
            .to_owned(),
        r#"{"apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": {"name": "s", "namespace": "default"},
            "spec": {"egress": [{"hosts": ["*/*"]}]}}"#
            .to_owned(),
    ]);
    let rules =
        (prop::sample::select(SERVICES.to_vec()), 0_usize..4).prop_map(|(name, count)| rule(name, count));
    prop_oneof![
        12 => virtual_service().prop_map(Change::Apply),
        2 => (0_usize..5).prop_map(Change::Remove),
        1 => sidecar.prop_map(Change::Apply),
        1 => rules.prop_map(Change::Apply),
        1 => (0_u32..3).prop_map(Change::Ready),
    ]
}

fn apply(mesh: &mut Mesh, change: &Change) {
    match change {
        Change::Apply(document) => {
            mesh.apply(&Value::from_json(document).expect("JSON")).expect("applied");
        }
        Change::Remove(number) => {
            let name = format!("vs-{number}");
            mesh.remove(&ObjectRef::new("networking.istio.io/v1", "VirtualService", "default", name));
        }
        Change::Ready(count) => mesh.set_ready("default", "a-v1", Some(*count)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_from_scratch(changes in prop::collection::vec(change(), 1..14)) {
        let mut mesh = Mesh::new(Profile::MEASURED);
        for document in base() {
            apply(&mut mesh, &Change::Apply(document));
        }
        let proxies = [
            Proxy::sidecar("default", [("app", "client")]),
            Proxy::sidecar("other", [("app", "client")]),
            Proxy::gateway("default", [("istio", "ingress")]),
        ];
        for (position, change) in changes.iter().enumerate() {
            apply(&mut mesh, change);
            for proxy in &proxies {
                // Sometimes several changes come before the next look.
                if position % 3 == 1 && proxy.is_gateway() {
                    continue;
                }
                let mut fresh = Mesh::new(Profile::MEASURED);
                for document in base() {
                    apply(&mut fresh, &Change::Apply(document));
                }
                for change in &changes[..=position] {
                    apply(&mut fresh, change);
                }
                let (was, is) = (mesh.compile(proxy), fresh.compile(proxy));
                prop_assert_eq!(was.table.config(), is.table.config());
                prop_assert_eq!(was.findings, is.findings);
            }
        }
    }
}

#[test]
fn a_changed_route_makes_only_its_own_virtual_host_again() {
    let to = |subset: &str| {
        format!(
            r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                "metadata": {{"name": "a", "namespace": "default"}}, "spec": {{"hosts": ["a"], "http": [
                {{"match": [{{"port": 80}}], "route": [{{"destination": {{"host": "a", "subset": "{subset}"}}}}]}}]}}}}"#
        )
    };
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in base().into_iter().chain([to("v0")]) {
        apply(&mut mesh, &Change::Apply(document));
    }
    let proxy = Proxy::sidecar("default", [("app", "client")]);
    let before = mesh.compile(&proxy).table;
    apply(&mut mesh, &Change::Apply(to("v1")));
    let after = mesh.compile(&proxy).table;
    let mut made_again = Vec::new();
    for (old, new) in before.config().routes.iter().zip(&after.config().routes) {
        for (old, new) in old.virtual_hosts.iter().zip(&new.virtual_hosts) {
            if !std::sync::Arc::ptr_eq(old, new) {
                made_again.push(new.name.clone());
            }
        }
    }
    assert_eq!(made_again, ["a.default.svc.cluster.local:80"]);
}

#[test]
fn findings_of_a_delegate_stay_where_another_root_takes_from_it_too() {
    let service = |name: &str, spec: &str| {
        format!(
            r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                "metadata": {{"name": "{name}", "namespace": "default"}}, "spec": {spec}}}"#
        )
    };
    let to = r#""route": [{"destination": {"host": "c", "subset": "v0"}}]"#;
    let delegate = format!(r#"{{"http": [{{"match": [{{"uri": {{"regex": "("}}}}], {to}}}]}}"#);
    let root = |host: &str, more: &str| {
        let spec =
            format!(r#"{{"hosts": ["{host}"], "http": [{{"delegate": {{"name": "shared"}}}}{more}]}}"#);
        service(host, &spec)
    };
    let first = [service("shared", &delegate), root("a", ""), root("b", "")];
    let change = root("a", &format!(r#", {{{to}}}"#));
    let proxy = Proxy::sidecar("default", [("app", "client")]);
    let (mut mesh, mut fresh) = (Mesh::new(Profile::MEASURED), Mesh::new(Profile::MEASURED));
    for document in base().into_iter().chain(first) {
        apply(&mut mesh, &Change::Apply(document.clone()));
        apply(&mut fresh, &Change::Apply(document));
    }
    assert!(!mesh.compile(&proxy).findings.is_empty());
    for mesh in [&mut mesh, &mut fresh] {
        apply(mesh, &Change::Apply(change.clone()));
    }
    assert_eq!(mesh.compile(&proxy).findings, fresh.compile(&proxy).findings);
}
