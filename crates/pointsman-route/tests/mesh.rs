//! From manifests to the destination of a request.

use pointsman_manifest::Value;
use pointsman_route::{Draws, Mesh, Proxy, Request, Scratch};
use pointsman_types::Profile;

/// A mesh of JSON documents.
fn mesh(documents: &[&str]) -> Mesh {
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in documents {
        mesh.apply(&Value::from_json(document).expect("JSON")).expect("applied");
    }
    mesh
}

fn service(name: &str, port: u16) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{name}", "namespace": "default"}},
            "spec": {{"clusterIP": "10.1.0.1", "selector": {{"app": "{name}"}},
                      "ports": [{{"name": "http", "port": {port}, "targetPort": "web"}}]}}}}"#
    )
}

fn deployment(app: &str, version: &str, replicas: u32) -> String {
    format!(
        r#"{{"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {{"name": "{app}-{version}", "namespace": "default"}},
            "spec": {{"replicas": {replicas}, "template": {{
                "metadata": {{"labels": {{"app": "{app}", "version": "{version}"}}}},
                "spec": {{"containers": [{{"ports": [{{"name": "web", "containerPort": 8080}}]}}]}}}}}}}}"#
    )
}

fn rule() -> &'static str {
    r#"{"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
        "metadata": {"name": "reviews", "namespace": "default"},
        "spec": {"host": "reviews", "subsets": [{"name": "v1", "labels": {"version": "v1"}},
                                                {"name": "v2", "labels": {"version": "v2"}}]}}"#
}

/// A VirtualService of the namespace `default`.
fn virtual_service(name: &str, spec: &str) -> String {
    format!(
        r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": {{"name": "{name}", "namespace": "default"}}, "spec": {spec}}}"#
    )
}

fn productpage() -> Proxy {
    Proxy::sidecar("default", [("app", "productpage")])
}

/// The cluster of a request, or its status.
fn to(mesh: &mut Mesh, proxy: &Proxy, authority: &str, path: &str, draw: u64) -> String {
    let table = mesh.compile(proxy).table;
    let mut scratch = Scratch::new();
    let request = Request::get(authority, path);
    let decision = table.select(&request, &Draws::default().with_route(draw), &mut scratch);
    match decision.cluster() {
        Some(cluster) => cluster.to_owned(),
        None => format!("{:?}", decision.status()),
    }
}

#[test]
fn every_form_of_a_name_reaches_the_service() {
    let mut mesh = mesh(&[&service("reviews", 9080)]);
    for authority in [
        "reviews:9080",
        "reviews.default:9080",
        "reviews.default.svc:9080",
        "reviews.default.svc.cluster.local:9080",
        "reviews.default.svc.cluster.local.:9080",
        "10.1.0.1:9080",
    ] {
        assert_eq!(
            to(&mut mesh, &productpage(), authority, "/", 0),
            "outbound|9080||reviews.default.svc.cluster.local",
            "{authority}"
        );
    }
    assert_eq!(to(&mut mesh, &productpage(), "unknown:9080", "/", 0), "PassthroughCluster");
    let elsewhere = Proxy::sidecar("other", [("app", "x")]);
    assert_eq!(to(&mut mesh, &elsewhere, "reviews:9080", "/", 0), "PassthroughCluster");
}

#[test]
fn zero_weights_of_several_are_never_chosen() {
    let split = virtual_service(
        "reviews",
        r#"{"hosts": ["reviews"], "http": [{"route": [
            {"destination": {"host": "reviews", "subset": "v1"}, "weight": 0},
            {"destination": {"host": "reviews", "subset": "v2"}, "weight": 3}]}]}"#,
    );
    let mut mesh = mesh(&[&service("reviews", 9080), rule(), &split]);
    for draw in 0..6 {
        assert_eq!(
            to(&mut mesh, &productpage(), "reviews:9080", "/", draw),
            "outbound|9080|v2|reviews.default.svc.cluster.local"
        );
    }
}

#[test]
fn ready_copies_are_the_endpoints_of_their_subset() {
    let mut mesh = mesh(&[
        &service("reviews", 9080),
        rule(),
        &deployment("reviews", "v1", 3),
        &deployment("reviews", "v2", 1),
    ]);
    let endpoints = |mesh: &mut Mesh, subset: &str| {
        let name = format!("outbound|9080|{subset}|reviews.default.svc.cluster.local");
        let table = mesh.compile(&productpage()).table;
        let cluster =
            table.config().clusters.iter().find(|cluster| cluster.name.as_str() == name).expect("a cluster");
        cluster.endpoints.iter().map(|endpoint| endpoint.address.clone()).collect::<Vec<_>>()
    };
    assert_eq!(endpoints(&mut mesh, "").len(), 4);
    assert_eq!(endpoints(&mut mesh, "v1").len(), 3);
    assert!(endpoints(&mut mesh, "v2").iter().all(|address| address.ends_with(":8080")));
    mesh.set_ready("default", "reviews-v2", Some(0));
    assert_eq!(endpoints(&mut mesh, "v2").len(), 0);
}

#[test]
fn a_gateway_puts_the_routes_of_several_virtual_services_together() {
    let gateway = r#"{"apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": {"name": "gw", "namespace": "default"}, "spec": {"selector": {"istio": "ingress"},
        "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*.example.com"]}]}}"#;
    let all = virtual_service(
        "a",
        r#"{"hosts": ["shop.example.com"], "gateways": ["gw"],
            "http": [{"route": [{"destination": {"host": "shop"}}]}]}"#,
    );
    let some = virtual_service(
        "b",
        r#"{"hosts": ["shop.example.com", "elsewhere.org"], "gateways": ["gw"],
            "http": [{"match": [{"uri": {"prefix": "/reviews"}}], "route": [{"destination": {"host": "reviews"}}]}]}"#,
    );
    let mut mesh = mesh(&[&service("reviews", 9080), &service("shop", 8080), gateway, &all, &some]);
    let ingress = Proxy::gateway("istio-system", [("istio", "ingress")]);
    let cluster = |mesh: &mut Mesh, authority: &str, path: &str| to(mesh, &ingress, authority, path, 0);
    assert_eq!(
        cluster(&mut mesh, "shop.example.com", "/reviews/1"),
        "outbound|9080||reviews.default.svc.cluster.local"
    );
    assert_eq!(cluster(&mut mesh, "shop.example.com", "/"), "outbound|8080||shop.default.svc.cluster.local");
    assert_eq!(cluster(&mut mesh, "elsewhere.org", "/"), "Some(404)");
    assert_eq!(to(&mut mesh, &productpage(), "shop.example.com:8080", "/", 0), "PassthroughCluster");
}

#[test]
fn connections_go_by_server_name_and_by_address() {
    use pointsman_route::Connection;
    let entry = r#"{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
        "metadata": {"name": "ext", "namespace": "default"}, "spec": {"hosts": ["a.ext.test", "b.ext.test"],
        "resolution": "DNS", "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}]}}"#;
    let database = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "default"},
        "spec": {"clusterIP": "10.2.0.1", "ports": [{"name": "tcp-sql", "port": 3306}]}}"#;
    let by_name = virtual_service(
        "ext",
        r#"{"hosts": ["a.ext.test"], "tls": [{"match": [{"port": 443, "sniHosts": ["a.ext.test"]}],
            "route": [{"destination": {"host": "b.ext.test"}, "weight": 0}]}]}"#,
    );
    let split = virtual_service(
        "db",
        r#"{"hosts": ["db"], "tcp": [{"match": [{"sourceLabels": {"app": "other"}}],
                                      "route": [{"destination": {"host": "nowhere"}}]},
            {"route": [{"destination": {"host": "db", "subset": "v1"}, "weight": 0},
                       {"destination": {"host": "db", "subset": "v2"}, "weight": 5}]}]}"#,
    );
    let mut mesh = mesh(&[entry, database, &by_name, &split]);
    let table = mesh.compile(&productpage()).table;
    let cluster = |connection: Connection<'_>| {
        table.select_connection(&connection, &Draws::default()).cluster().map(ToOwned::to_owned)
    };
    let named = |name| cluster(Connection::to_port(443).with_server_name(name));
    assert_eq!(named("a.ext.test").as_deref(), Some("outbound|443||b.ext.test"));
    assert_eq!(named("b.ext.test").as_deref(), Some("outbound|443||b.ext.test"));
    assert_eq!(named("c.ext.test").as_deref(), Some("PassthroughCluster"));
    let to_database = Connection::to_port(3306).with_destination("10.2.0.1".parse().expect("an address"));
    assert_eq!(cluster(to_database).as_deref(), Some("outbound|3306|v2|db.default.svc.cluster.local"));
}

#[test]
fn connections_are_spread_by_source_where_the_rule_says_so() {
    use pointsman_route::Connection;
    use pointsman_route::ir::L4Action;
    let database = |name: &str, address: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{name}", "namespace": "default"}},
            "spec": {{"clusterIP": "{address}", "ports": [{{"name": "tcp-sql", "port": 3306}}]}}}}"#
        )
    };
    // By source as a whole and in v1; v2 says otherwise, v3 nothing.
    let rule = r#"{"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
        "metadata": {"name": "db", "namespace": "default"}, "spec": {"host": "db",
        "trafficPolicy": {"loadBalancer": {"consistentHash": {"useSourceIp": true}}},
        "subsets": [{"name": "v2", "labels": {"version": "v2"}, "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}},
                    {"name": "v3", "labels": {"version": "v3"}}]}}"#;
    let gateway = r#"{"apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": {"name": "gw", "namespace": "default"}, "spec": {"selector": {"istio": "ingress"},
        "servers": [{"port": {"number": 3306, "name": "sql", "protocol": "TCP"}, "hosts": ["*"]}]}}"#;
    let source = "10.9.9.9".parse().expect("an address");
    let hashed = |proxy: &Proxy, address: &str, destinations: &str| {
        let to = virtual_service(
            "db",
            &format!(
                r#"{{"hosts": ["db"], "gateways": ["mesh", "gw"], "tcp": [{{"route": {destinations}}}]}}"#
            ),
        );
        let (db, other) = (database("db", "10.2.0.1"), database("other", "10.2.0.2"));
        let table = mesh(&[&db, &other, rule, gateway, &to]).compile(proxy).table;
        let address = address.parse().expect("an address");
        let connection = Connection::to_port(3306).with_destination(address).with_source(source);
        let decision = table.select_connection(&connection, &Draws::default());
        matches!(decision.action(), Some(L4Action::Tcp(route)) if route.hash_source_ip)
    };
    let ingress = Proxy::gateway("default", [("istio", "ingress")]);
    for proxy in [&productpage(), &ingress] {
        for (expected, destinations) in [
            (true, r#"[{"destination": {"host": "db"}}]"#),
            (false, r#"[{"destination": {"host": "db", "subset": "v2"}}]"#),
            (true, r#"[{"destination": {"host": "db", "subset": "v3"}}]"#),
            (false, r#"[{"destination": {"host": "other"}}]"#),
            // Of several the first decides, whatever its subset says.
            (
                true,
                r#"[{"destination": {"host": "db", "subset": "v2"}, "weight": 1}, {"destination": {"host": "other"}, "weight": 9}]"#,
            ),
            (
                false,
                r#"[{"destination": {"host": "other"}, "weight": 1}, {"destination": {"host": "db"}, "weight": 9}]"#,
            ),
        ] {
            assert_eq!(hashed(proxy, "10.2.0.1", destinations), expected, "{destinations}");
        }
    }
    assert!(!hashed(&productpage(), "10.2.0.2", r#"[{"destination": {"host": "db"}}]"#));
}

#[test]
fn ports_of_services_that_are_no_port_numbers_are_found() {
    let bad_service = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad", "namespace": "default"},
        "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 65535}, {"name": "a", "port": 65536},
                           {"name": "b", "port": -1}, {"name": "c", "port": 81, "targetPort": 70000}]}}"#;
    let bad_entry = r#"{"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
        "metadata": {"name": "bad", "namespace": "default"},
        "spec": {"hosts": ["a.test", "b.test"], "ports": [{"number": 0, "name": "http", "protocol": "HTTP"},
                 {"number": 80, "targetPort": 65536, "name": "web", "protocol": "HTTP"}]}}"#;
    let mut mesh = mesh(&[bad_service, bad_entry]);
    let expected = [
        "ServiceEntry default/bad spec.ports[0].number: port `0` is not between 1 and 65535",
        "ServiceEntry default/bad spec.ports[1].targetPort: port `65536` is not between 1 and 65535",
        "Service default/bad spec.ports[1].port: port `65536` is not between 1 and 65535",
        "Service default/bad spec.ports[2].port: port `-1` is not between 1 and 65535",
        "Service default/bad spec.ports[3].targetPort: port `70000` is not between 1 and 65535",
    ];
    for proxy in [productpage(), Proxy::gateway("default", [("istio", "ingressgateway")])] {
        let findings = mesh.compile(&proxy).findings;
        assert!(findings.iter().all(|finding| finding.code.as_str() == "PC0501"), "{findings:?}");
        let said = findings.iter().map(|one| format!("{} {}: {}", one.object, one.path, one.message));
        assert_eq!(said.collect::<Vec<_>>(), expected);
    }
    mesh.apply(&Value::from_json(&service("bad", 80)).expect("JSON")).expect("applied");
    assert_eq!(mesh.compile(&productpage()).findings.len(), 2, "those of the entry");
}
