//! Rules of the control plane, one small mesh each.

use pointsman_api::istio::networking::{DestinationRule, Sidecar, VirtualService};
use pointsman_api::{Kind, Object, api_version};
use pointsman_manifest::Value;
use pointsman_route::destination_rule::DestinationRules;
use pointsman_route::{
    Connection, Draws, EndpointsBy, Mesh, MeshPort, MeshService, MeshSettings, Protocol, Proxy, Request,
    Scratch, Visibility,
};
use pointsman_types::{ObjectRef, Profile};
use serde_json::json;

/// An object of a kind, by `namespace/name`.
fn object<T: Kind>(place: &str, spec: &serde_json::Value) -> Object<T> {
    annotated(place, &json!({}), spec)
}

fn annotated<T: Kind>(place: &str, annotations: &serde_json::Value, spec: &serde_json::Value) -> Object<T> {
    let (namespace, name) = place.split_once('/').expect("a place");
    let document = json!({"apiVersion": api_version::<T>(), "kind": T::KIND, "spec": spec,
        "metadata": {"namespace": namespace, "name": name, "annotations": annotations}});
    let read = Object::<T>::from_value(&Value::from_json(&document.to_string()).expect("JSON"));
    read.ok().expect("an object")
}

fn mesh(documents: &[serde_json::Value]) -> Mesh {
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in documents {
        mesh.apply(&Value::from_json(&document.to_string()).expect("JSON")).expect("applied");
    }
    mesh
}

fn document(kind: &str, place: &str, spec: &serde_json::Value) -> serde_json::Value {
    let (namespace, name) = place.split_once('/').expect("a place");
    let version = if kind == "Service" { "v1" } else { "networking.istio.io/v1" };
    json!({"apiVersion": version, "kind": kind, "spec": spec,
        "metadata": {"namespace": namespace, "name": name}})
}

fn service(place: &str, ports: &serde_json::Value) -> serde_json::Value {
    document("Service", place, &json!({"ports": ports}))
}

fn client() -> Proxy {
    Proxy::sidecar("default", [("app", "client")])
}

/// The cluster of a request, or its status.
fn to(mesh: &mut Mesh, proxy: &Proxy, authority: &str, path: &str) -> String {
    let table = mesh.compile(proxy).table;
    let mut scratch = Scratch::new();
    let request = Request::get(authority, path);
    let decision = table.select(&request, &Draws::default(), &mut scratch);
    decision.cluster().map_or_else(|| format!("{:?}", decision.status()), ToOwned::to_owned)
}

/// The names of the rules that were folded together, of each rule that a namespace has for a host.
fn folded(rules: &[Object<DestinationRule>]) -> Vec<Vec<String>> {
    let folded = DestinationRules::fold(rules, &MeshSettings::new());
    let names = |from: &[ObjectRef]| from.iter().map(|object| object.name.clone()).collect();
    folded.local("a", "x.test").iter().map(|rule| names(&rule.from)).collect()
}

#[test]
fn rules_for_the_same_workloads_are_one_whoever_else_sees_the_newer_one() {
    let rule = |name: &str, export_to: &[&str], labels: Option<&str>| {
        let selector = labels.map(|app| json!({"matchLabels": {"app": app}}));
        object::<DestinationRule>(
            &format!("a/{name}"),
            &json!({"host": "x.test", "exportTo": export_to, "workloadSelector": selector}),
        )
    };
    // The newer one is seen by more.
    assert_eq!(folded(&[rule("1", &["."], None), rule("2", &[".", "b"], None)]), [["1", "2"]]);
    // By fewer.
    assert_eq!(folded(&[rule("1", &[".", "b"], None), rule("2", &["."], None)]), [["1"], ["2"]]);
    // The older one is for some workloads alone: it takes the newer one in, which counts for the others too.
    let mixed = folded(&[rule("1", &[], Some("p")), rule("2", &[".", "b"], None)]);
    assert_eq!(mixed, [vec!["1", "2"], vec!["2"]]);
    let two = folded(&[rule("1", &[], Some("p")), rule("2", &[], Some("q")), rule("3", &[], Some("p"))]);
    // Whether one stands alone too is said by the last that is there already.
    assert_eq!(two, [vec!["1", "3"], vec!["2"], vec!["3"]]);
}

#[test]
fn what_users_write_goes_before_policies_of_the_gateway_api() {
    let port = |number: u32, max: u32| json!({"port": {"number": number}, "connectionPool": {"tcp": {"maxConnections": max}}});
    let with_tls = |mut entry: serde_json::Value| {
        entry["tls"] = json!({"mode": "SIMPLE"});
        entry
    };
    let made = |name: &str| {
        annotated::<DestinationRule>(
            &format!("a/{name}"),
            &json!({"internal.istio.io/parents": "XBackendTrafficPolicy/p.a"}),
            &json!({"host": "x.test", "trafficPolicy": {
                "loadBalancer": {"simple": "RANDOM"}, "tls": {"mode": "SIMPLE"},
                "portLevelSettings": [port(80, 1), with_tls(port(81, 2))]}}),
        )
    };
    let written = object::<DestinationRule>(
        "a/m",
        &json!({"host": "x.test", "trafficPolicy": {"loadBalancer": {"simple": "ROUND_ROBIN"},
            "portLevelSettings": [port(81, 3), port(82, 4)]}}),
    );
    for rules in [[made("a"), written.clone()], [written.clone(), made("z")]] {
        let folded = DestinationRules::fold(&rules, &MeshSettings::new());
        let policy = folded.local("a", "x.test")[0].rule.traffic_policy.clone().expect("a policy");
        let balancer = policy.load_balancer.expect("a balancer");
        assert_eq!(balancer, written.spec.traffic_policy.clone().unwrap().load_balancer.unwrap());
        assert!(policy.tls.is_some());
        let mut ports: Vec<_> = policy
            .port_level_settings
            .iter()
            .map(|entry| {
                let tcp = entry.connection_pool.as_ref().and_then(|pool| pool.tcp.as_ref()).expect("a pool");
                (entry.port.as_ref().map(|port| port.number), tcp.max_connections, entry.tls.is_some())
            })
            .collect();
        ports.sort();
        assert_eq!(ports, [(Some(80), 1, false), (Some(81), 3, true), (Some(82), 4, false)]);
    }
}

fn registered(host: &str, place: &str, ports: &[u16], kind: &str) -> MeshService {
    let (namespace, name) = place.split_once('/').expect("a place");
    let ports = ports.iter().map(|&port| MeshPort::new(port, format!("p{port}"), Protocol::Http));
    MeshService::new(host, ObjectRef::new("v1", kind, namespace, name)).with_ports(ports)
}

/// The services that a workload of `own` knows whose Sidecar imports nothing but `x/*`, with ports.
fn known(services: Vec<MeshService>, http: &serde_json::Value) -> Vec<(String, String, Vec<u16>)> {
    let mut mesh = Mesh::new(Profile::MEASURED);
    services.into_iter().for_each(|service| mesh.register(service));
    let route = json!({"hosts": ["entry.test"], "http": http});
    mesh.apply_object(object::<VirtualService>("x/entry", &route));
    mesh.apply_object(object::<Sidecar>("own/s", &json!({"egress": [{"hosts": ["x/*"]}]})));
    let known = mesh.known_services(&Proxy::sidecar("own", [("app", "client")]));
    let shape = |service: MeshService| {
        (service.host, service.namespace, service.ports.iter().map(|port| port.number).collect())
    };
    known.into_iter().map(shape).collect()
}

fn route_to(host: &str, port: Option<u16>) -> serde_json::Value {
    let port = port.map(|number| json!({"number": number}));
    json!({"route": [{"destination": {"host": host, "port": port}}]})
}

#[test]
fn destinations_of_routes_are_known() {
    let ab =
        |host: &str, namespace: &str, ports: &[u16]| (host.to_owned(), namespace.to_owned(), ports.to_vec());
    let a = || registered("a.test", "other/a", &[80, 81], "ServiceEntry");
    assert_eq!(known(vec![a()], &json!([route_to("a.test", None)])), [ab("a.test", "other", &[80, 81])]);
    assert_eq!(known(vec![a()], &json!([route_to("a.test", Some(81))])), [ab("a.test", "other", &[81])]);
    assert_eq!(known(vec![a()], &json!([route_to("a.test", Some(9))])), []);
    let without_ports = registered("a.test", "other/a", &[], "ServiceEntry");
    assert_eq!(
        known(vec![without_ports], &json!([route_to("a.test", Some(9))])),
        [ab("a.test", "other", &[])]
    );
    // The own namespace first, seen or not; then Kubernetes; then the oldest.
    let hidden =
        registered("a.test", "own/a", &[82], "Service").with_visibility(Visibility::of(&["x".into()], &[]));
    assert_eq!(known(vec![a(), hidden], &json!([route_to("a.test", None)])), [ab("a.test", "own", &[82])]);
    let kubernetes = registered("a.test", "z/a", &[83], "Service");
    assert_eq!(known(vec![a(), kubernetes], &json!([route_to("a.test", None)])), [ab("a.test", "z", &[83])]);
    // What is imported gives way to Kubernetes too.
    let imported = registered("a.test", "x/a", &[84], "ServiceEntry");
    let kubernetes = registered("a.test", "own/a", &[83], "Service");
    assert_eq!(
        known(vec![imported, kubernetes], &json!([route_to("a.test", None)])),
        [ab("a.test", "own", &[83])]
    );
}

#[test]
fn routes_for_other_namespaces_make_nothing_known() {
    let services = || vec![registered("a.test", "other/a", &[80], "ServiceEntry")];
    let with = |conditions: serde_json::Value| {
        let mut route = route_to("a.test", None);
        route["match"] = conditions;
        known(services(), &json!([route])).len()
    };
    assert_eq!(with(json!([{"sourceNamespace": "own"}])), 1);
    assert_eq!(with(json!([{"sourceNamespace": "elsewhere"}])), 0);
    assert_eq!(with(json!([{"sourceNamespace": "elsewhere"}, {"sourceNamespace": "own"}])), 1);
    // A condition that names no namespace is not looked at where another names one.
    assert_eq!(with(json!([{"sourceNamespace": "elsewhere"}, {"uri": {"prefix": "/"}}])), 0);
}

#[test]
fn a_sidecar_with_an_empty_selector_is_for_all_and_still_among_those_with_one() {
    let mut mesh = Mesh::new(Profile::MEASURED);
    mesh.register(registered("a.test", "a/a", &[80], "ServiceEntry"));
    mesh.register(registered("b.test", "b/b", &[80], "ServiceEntry"));
    let imports = |namespace: &str, selector: Option<serde_json::Value>| json!({"workloadSelector": selector, "egress": [{"hosts": [format!("{namespace}/*")]}]});
    // By age both selectors match; the one without any comes last although it has the first name.
    mesh.apply_object(object::<Sidecar>("own/1", &imports("b", None)));
    mesh.apply_object(object::<Sidecar>("own/2", &imports("a", Some(json!({"labels": {}})))));
    let known = mesh.known_services(&Proxy::sidecar("own", [("app", "client")]));
    assert_eq!(known.iter().map(|service| service.host.as_str()).collect::<Vec<_>>(), ["a.test"]);
}

#[test]
fn what_was_made_from_the_gateway_api_goes_first_for_its_own_namespace() {
    let made = json!({"internal.istio.io/route-semantics": "gateway"});
    let spec = json!({"hosts": ["x.test"], "http": [{"route": [{"destination": {"host": "short"}}]}]});
    let mut mesh = Mesh::new(Profile::MEASURED);
    mesh.apply_object(object::<VirtualService>("a/1", &spec));
    mesh.apply_object(annotated::<VirtualService>("own/2", &made, &spec));
    let names = |mesh: &mut Mesh, namespace: &str| {
        let known = mesh.known_virtual_services(&Proxy::sidecar(namespace, [("app", "client")]));
        known.into_iter().map(|object| object.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&mut mesh, "own"), ["2", "1"]);
    assert_eq!(names(&mut mesh, "elsewhere"), ["1", "2"]);
    // Its names are full already.
    let destination = |object: &Object<VirtualService>| {
        object.spec.http[0].route[0].destination.as_ref().map(|to| to.host.clone())
    };
    let written: Vec<_> = mesh.virtual_services("own", "mesh").iter().map(destination).collect();
    assert_eq!(written, [Some("short".to_owned()), Some("short.a.svc.cluster.local".to_owned())]);
}

#[test]
fn aliases_lead_to_what_they_stand_for() {
    let alias = |name: &str, target: &str| {
        let place = format!("default/{name}");
        document("Service", &place, &json!({"type": "ExternalName", "externalName": target}))
    };
    let http = json!([{"name": "http", "port": 80}]);
    let mut mesh = mesh(&[
        service("other/real", &http),
        alias("alias", "real.other.svc.cluster.local"),
        alias("second", "alias.default.svc.cluster.local"),
        alias("circle", "turn.default.svc.cluster.local"),
        alias("turn", "circle.default.svc.cluster.local"),
        alias("outside", "example.com"),
    ]);
    let real = "outbound|80||real.other.svc.cluster.local";
    for name in ["alias", "second", "second.default", "alias.default.svc.cluster.local", "real.other"] {
        assert_eq!(to(&mut mesh, &client(), name, "/"), real, "{name}");
    }
    for name in ["circle", "turn", "outside", "real"] {
        assert_eq!(to(&mut mesh, &client(), name, "/"), "PassthroughCluster", "{name}");
    }
    // Only aliases that are imported lead there.
    mesh.apply_object(object::<Sidecar>("default/s", &json!({"egress": [{"hosts": ["other/*"]}]})));
    assert_eq!(to(&mut mesh, &client(), "alias", "/"), real);
    let one = json!({"egress": [{"hosts": ["other/real.other.svc.cluster.local"]}]});
    mesh.apply_object(object::<Sidecar>("default/s", &one));
    assert_eq!(to(&mut mesh, &client(), "real.other", "/"), real);
    assert_eq!(to(&mut mesh, &client(), "alias", "/"), "PassthroughCluster");
}

#[test]
fn wildcard_hosts_may_end_in_a_dot() {
    let entry = json!({"hosts": ["*.wild.test"], "resolution": "NONE",
        "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}]});
    let mut mesh = mesh(&[document("ServiceEntry", "default/w", &entry)]);
    for authority in ["a.wild.test", "a.wild.test."] {
        assert_eq!(to(&mut mesh, &client(), authority, "/"), "outbound|80||*.wild.test", "{authority}");
    }
}

#[test]
fn a_host_that_is_no_service_is_reached_on_port_80_beside_one_that_speaks_no_http() {
    let route = json!({"hosts": ["db", "extra.test"], "http": [route_to("db", None)]});
    let mut mesh = mesh(&[
        service("default/db", &json!([{"name": "tcp", "port": 80}])),
        service("default/web", &json!([{"name": "http", "port": 80}])),
        document("VirtualService", "default/r", &route),
    ]);
    assert_eq!(to(&mut mesh, &client(), "extra.test", "/"), "outbound|80||db.default.svc.cluster.local");
}

fn gateway(servers: &serde_json::Value) -> serde_json::Value {
    document("Gateway", "default/gw", &json!({"selector": {"istio": "ingress"}, "servers": servers}))
}

fn ingress() -> Proxy {
    Proxy::gateway("default", [("istio", "ingress")])
}

#[test]
fn a_gateway_counts_the_port_that_it_names_and_not_that_of_its_workload() {
    let front = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "default", "name": "front"},
        "spec": {"selector": {"istio": "ingress"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "default", "name": "p", "labels": {"istio": "ingress"}},
        "spec": {"containers": [{"name": "c"}]}, "status": {"podIP": "10.0.0.9", "phase": "Running"}});
    let route = json!({"hosts": ["x.test"], "gateways": ["gw"], "http": [
        {"match": [{"port": 8080}], "route": [{"destination": {"host": "wrong.test"}}]},
        {"match": [{"port": 80}], "redirect": {"derivePort": "FROM_REQUEST_PORT", "uri": "/r"}}]});
    let http = json!([{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}]);
    let mut mesh = mesh(&[front, pod, gateway(&http), document("VirtualService", "default/r", &route)]);
    let table = mesh.compile(&ingress()).table;
    let mut scratch = Scratch::new();
    let request = Request::get("x.test", "/").with_port(8080);
    let decision = table.select(&request, &Draws::default(), &mut scratch);
    assert_eq!(decision.location().as_deref(), Some(&b"http://x.test/r"[..]));
}

#[test]
fn servers_that_only_send_to_https_claim_their_hosts() {
    let server = |name: &str, redirects: bool| {
        let tls = redirects.then(|| json!({"httpsRedirect": true}));
        json!({"port": {"number": 80, "name": name, "protocol": "HTTP"}, "hosts": ["x.test"], "tls": tls})
    };
    let findings = |servers: serde_json::Value| mesh(&[gateway(&servers)]).compile(&ingress()).findings.len();
    assert_eq!(findings(json!([server("a", true), server("b", true)])), 1);
    assert_eq!(findings(json!([server("a", true), server("b", false)])), 0);
    assert_eq!(findings(json!([server("a", false), server("b", false)])), 0);
}

#[test]
fn plain_text_may_stand_beside_tls_that_came_first() {
    let tls = json!({"port": {"number": 443, "name": "tls", "protocol": "TLS"}, "hosts": ["x.test"],
        "tls": {"mode": "PASSTHROUGH"}});
    let plain = json!({"port": {"number": 443, "name": "http", "protocol": "HTTP"}, "hosts": ["x.test"]});
    let findings = |servers: serde_json::Value| mesh(&[gateway(&servers)]).compile(&ingress()).findings.len();
    assert_eq!(findings(json!([tls, plain])), 0);
    assert_eq!(findings(json!([plain, tls])), 1);
}

#[test]
fn a_gateway_does_not_look_where_connections_come_from() {
    let server = json!([{"port": {"number": 443, "name": "tls", "protocol": "TLS"}, "hosts": ["*.test"],
        "tls": {"mode": "PASSTHROUGH"}}]);
    let condition = |name: &str| json!({"sniHosts": [name], "sourceLabels": {"app": "nobody"}, "port": 443});
    let to = |host: &str| json!([{"destination": {"host": host, "port": {"number": 443}}}]);
    let route = json!({"hosts": ["*.test"], "gateways": ["gw"], "tls": [
        {"match": [condition("a.test")], "route": []},
        {"match": [condition("a.test")], "route": to("a.test")},
        // A name that is taken leaves the whole condition out.
        {"match": [{"sniHosts": ["b.test", "a.test"]}], "route": to("wrong.test")},
        {"match": [{"sniHosts": ["b.test"], "destinationSubnets": ["10.9.0.0/16"]}], "route": to("b.test")}]});
    let mut mesh = mesh(&[gateway(&server), document("VirtualService", "default/r", &route)]);
    let table = mesh.compile(&ingress()).table;
    let cluster = |name: &str| {
        let connection = Connection::to_port(443).with_server_name(name);
        table.select_connection(&connection, &Draws::default()).cluster().map(ToOwned::to_owned)
    };
    assert_eq!(cluster("a.test").as_deref(), Some("outbound|443||a.test"));
    assert_eq!(cluster("b.test").as_deref(), Some("outbound|443||b.test"));
}

#[test]
fn the_replaced_authority_is_told_where_the_mesh_wants_it() {
    let route = json!({"hosts": ["a"], "http": [
        {"match": [{"uri": {"prefix": "/both"}}], "rewrite": {"authority": "new.test"}, "route": [{"destination": {"host": "a"}}]},
        {"rewrite": {"uri": "/"}, "route": [{"destination": {"host": "a"}}]}]});
    let mut settings = MeshSettings::new();
    settings.forwards_host = true;
    let mut mesh = mesh(&[
        service("default/a", &json!([{"name": "http", "port": 80}])),
        document("VirtualService", "default/a", &route),
    ])
    .with_settings(settings);
    let table = mesh.compile(&client()).table;
    let mut scratch = Scratch::new();
    let mut told = |path: &str, before: &[(&str, &str)]| {
        let request = Request::get("a", path);
        let decision = table.select(&request, &Draws::default(), &mut scratch);
        let mut headers: Vec<_> =
            before.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        decision.edit_request_headers(&mut headers);
        headers.into_iter().map(|(_, value)| String::from_utf8(value).expect("text")).collect::<Vec<_>>()
    };
    assert_eq!(told("/both", &[]), ["a"]);
    assert_eq!(told("/both", &[("X-Forwarded-Host", "z")]), ["z,a"]);
    assert_eq!(told("/both", &[("x-forwarded-host", "z,a")]), ["z,a"]);
    assert!(told("/", &[]).is_empty());
}

#[test]
fn endpoints_tried_before_are_avoided_unless_a_route_chooses_by_hash() {
    let ring = |key: serde_json::Value| {
        let mut hash = json!({"maglev": {}});
        hash.as_object_mut().expect("fields").extend(key.as_object().cloned().expect("fields"));
        document(
            "DestinationRule",
            "default/a",
            &json!({"host": "a", "trafficPolicy": {"loadBalancer": {"consistentHash": hash}}}),
        )
    };
    let route = json!({"hosts": ["a"], "http": [route_to("a", None)]});
    let http = service("default/a", &json!([{"name": "http", "port": 80}]));
    let avoids = |documents: &[serde_json::Value]| {
        let table = mesh(documents).compile(&client()).table;
        let mut scratch = Scratch::new();
        let request = Request::get("a", "/");
        let decision = table.select(&request, &Draws::default(), &mut scratch);
        decision.retry().expect("retries").avoid_previous_hosts
    };
    let routed = document("VirtualService", "default/a", &route);
    let by_cookie = ring(
        json!({"httpCookie": {"name": "c", "ttl": "0s", "attributes": [{"name": "SameSite", "value": "Lax"}]}}),
    );
    assert!(avoids(&[http.clone(), routed.clone()]));
    assert!(!avoids(&[http.clone(), routed.clone(), by_cookie.clone()]));
    // A policy without a key is one all the same.
    assert!(!avoids(&[http.clone(), routed, ring(json!({}))]));
    // The route of a service without routes avoids them.
    assert!(avoids(&[http, by_cookie]));
}

#[test]
fn services_found_alike_are_put_together_and_others_are_not() {
    let entry = |name: &str, port: u16, label: &str| {
        let mut service = registered("a.test", &format!("x/{name}"), &[port], "ServiceEntry");
        service.labels.insert("l".to_owned(), label.to_owned());
        service.with_endpoints_by(EndpointsBy::Dns)
    };
    let ports =
        |services| known(services, &json!([])).into_iter().map(|(_, _, ports)| ports).collect::<Vec<_>>();
    assert_eq!(ports(vec![entry("1", 80, "p"), entry("2", 81, "p")]), [[80, 81]]);
    assert_eq!(ports(vec![entry("1", 80, "p"), entry("2", 81, "q")]), [[80]]);
}
