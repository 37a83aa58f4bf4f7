//! Whatever a mesh holds, compiling and asking neither panics nor runs on, and what cannot work is a finding.

#![expect(clippy::indexing_slicing, reason = "an index that is not there answers null")]

use std::net::SocketAddr;

use pointsman_manifest::Value;
use pointsman_route::{Connection, Draws, Mesh, Proxy, Request, Scratch};
use pointsman_types::{Diagnostic, ObjectRef, Profile};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn apply(mesh: &mut Mesh, document: &Json) -> Vec<Diagnostic> {
    match mesh.apply(&Value::from_json(&document.to_string()).expect("JSON")) {
        Ok(applied) => applied.findings,
        Err(refused) => refused.findings,
    }
}

fn word(words: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(words.to_vec())
}

fn host() -> impl Strategy<Value = &'static str> {
    word(&[
        "a",
        "b",
        "A",
        "a.default",
        "a.default.svc.cluster.local",
        "a.default.svc.cluster.local.",
        "B.Default.SVC.cluster.local",
        "*",
        "*.test",
        "*a",
        "*-x.test",
        "**.test",
        "a.*.test",
        "x.test",
        "X.test",
        "x.test:80",
        "10.1.0.1",
        "::1",
        "[::1]",
        "",
        ".",
        "..",
        "svc.cluster.local",
        ".svc.cluster.local",
        "é.test",
        "a/b",
        "outbound|80||a",
        "*.default.svc.cluster.local",
    ])
}

fn namespace() -> impl Strategy<Value = &'static str> {
    word(&["default", "other", "istio-system", "", ".", "*"])
}

fn name() -> impl Strategy<Value = &'static str> {
    word(&["a", "b", "c", "gw", ""])
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => prop::sample::select(vec![80_i64, 443, 8080]),
        1 => prop::sample::select(vec![0_i64, -1, 65_535, 65_536, 70_000, i64::from(u32::MAX), i64::MAX]),
    ]
    .prop_map(Json::from)
}

fn weight() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![0_i64, 1, 50, 100, i64::from(i32::MAX), i64::from(u32::MAX), -1])
        .prop_map(Json::from)
}

fn pattern() -> impl Strategy<Value = &'static str> {
    word(&[
        "",
        "/",
        "/a",
        ".*",
        "*",
        "(",
        "[",
        "a{1001}",
        "(?=a)",
        r"\1",
        r"\p{Greek}",
        "(a|b)*c",
        "\u{0}",
        "é",
        "%",
        "a//b",
        "/a/",
    ])
}

fn string_match() -> impl Strategy<Value = Json> {
    (word(&["exact", "prefix", "regex", "none"]), pattern())
        .prop_map(|(kind, text)| if kind == "none" { json!({}) } else { json!({kind: text}) })
}

fn destination() -> impl Strategy<Value = Json> {
    (host(), word(&["", "v1", "|", "é"]), prop::option::of(number())).prop_map(|(host, subset, port)| {
        json!({"host": host, "subset": subset, "port": port.map(|number| json!({"number": number}))})
    })
}

fn share() -> impl Strategy<Value = Json> {
    (prop::option::weighted(0.9, destination()), weight())
        .prop_map(|(destination, weight)| json!({"destination": destination, "weight": weight}))
}

fn condition() -> impl Strategy<Value = Json> {
    let header = word(&[
        "x-a",
        ":path",
        ":authority",
        "",
        "@request.auth.claims",
        "@request.auth.claims[a",
        "@request.auth.claims.a..b",
        "é",
    ]);
    let gateways = prop::collection::vec(word(&["mesh", "gw", "default/gw", "/", ".", "./gw"]), 0..3);
    (
        prop::option::of(string_match()),
        prop::collection::btree_map(header, string_match(), 0..3),
        number(),
        gateways,
        namespace(),
    )
        .prop_map(|(uri, headers, port, gateways, namespace)| {
            json!({"uri": uri, "headers": headers, "withoutHeaders": headers, "queryParams": headers,
                "port": port, "gateways": gateways, "sourceNamespace": namespace})
        })
}

fn action() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => prop::collection::vec(share(), 0..5).prop_map(|route| json!({"route": route})),
        1 => (name(), namespace()).prop_map(|(name, namespace)| json!({"delegate": {"name": name, "namespace": namespace}})),
        1 => (pattern(), host(), number())
            .prop_map(|(uri, host, port)| json!({"redirect": {"uri": uri, "authority": host, "port": port}})),
        1 => (number(), pattern()).prop_map(|(status, body)| json!({"directResponse": {"status": status, "body": {"string": body}}})),
        1 => (pattern(), pattern(), share(), destination()).prop_map(|(from, to, share, mirror)| {
            json!({"rewrite": {"uriRegexRewrite": {"match": from, "rewrite": to}}, "route": [share],
                "mirror": mirror, "mirrorPercentage": {"value": 1e300}, "timeout": "-1s"})
        }),
    ]
}

fn route() -> impl Strategy<Value = Json> {
    (prop::collection::vec(condition(), 0..3), action()).prop_map(|(conditions, mut route)| {
        route["match"] = conditions.into();
        route
    })
}

fn document(kind: &str, place: (&str, &str), spec: &Json) -> Json {
    let version = if kind == "Service" { "v1" } else { "networking.istio.io/v1" };
    json!({"apiVersion": version, "kind": kind, "spec": spec,
        "metadata": {"namespace": place.0, "name": place.1}})
}

fn place() -> impl Strategy<Value = (&'static str, &'static str)> {
    (namespace(), name())
}

fn virtual_service() -> impl Strategy<Value = Json> {
    let l4 = (host(), number(), prop::collection::vec(share(), 0..3), word(&["10.0.0.0/8", "::/0", "10.0.0.0/99", ""]))
        .prop_map(|(name, port, route, subnet)| {
            json!({"match": [{"sniHosts": [name], "port": port, "destinationSubnets": [subnet]}], "route": route})
        });
    (
        place(),
        prop::collection::vec(host(), 0..3),
        prop::collection::vec(word(&["mesh", "gw", "default/gw", "", "/"]), 0..3),
        prop::collection::vec(route(), 0..4),
        prop::collection::vec(l4, 0..2),
        prop::collection::vec(namespace(), 0..2),
    )
        .prop_map(|(place, hosts, gateways, http, l4, export_to)| {
            let spec = json!({"hosts": hosts, "gateways": gateways, "http": http, "tls": l4, "tcp": l4, "exportTo": export_to});
            document("VirtualService", place, &spec)
        })
}

fn destination_rule() -> impl Strategy<Value = Json> {
    let hash = prop_oneof![
        Just(json!({"httpCookie": {"name": "", "ttl": "-1s"}})),
        Just(json!({"useSourceIp": false, "ringHash": {"minimumRingSize": 0}})),
        Just(json!({"httpHeaderName": ":path", "maglev": {"tableSize": 4}})),
        Just(json!({"minimumRingSize": "18446744073709551615"})),
    ];
    (place(), host(), hash, number(), prop::collection::vec(word(&["v1", "", "|"]), 0..3)).prop_map(
        |(place, host, hash, port, subsets)| {
            let balancer = json!({"consistentHash": hash});
            let subsets: Vec<_> = subsets.iter().map(|name| json!({"name": name})).collect();
            let spec = json!({"host": host, "subsets": subsets, "trafficPolicy": {"loadBalancer": balancer,
                "portLevelSettings": [{"port": {"number": port}, "loadBalancer": balancer}]}});
            document("DestinationRule", place, &spec)
        },
    )
}

fn service() -> impl Strategy<Value = Json> {
    let target = word(&[
        "",
        "a.default.svc.cluster.local",
        "b.default.svc.cluster.local",
        "c.default.svc.cluster.local",
        "example.com",
        ".",
    ]);
    let address = word(&["", "None", "10.1.0.1", "::1", "0.0.0.0", "nonsense"]);
    (
        place(),
        word(&["ClusterIP", "ExternalName"]),
        target,
        address,
        number(),
        word(&["http", "tcp", "", "grpc-web", "é"]),
    )
        .prop_map(|(place, kind, target, address, port, protocol)| {
            let spec = json!({"type": kind, "externalName": target, "clusterIP": address,
                "ports": [{"port": port, "name": protocol}, {"port": 80, "name": "http"}]});
            document("Service", place, &spec)
        })
}

fn service_entry() -> impl Strategy<Value = Json> {
    let address = word(&["10.2.0.1", "10.0.0.0/8", "::2", "::/0", "nonsense", "10.0.0.0/64"]);
    (
        place(),
        prop::collection::vec(host(), 0..3),
        prop::collection::vec(address, 0..3),
        number(),
        word(&["HTTP", "TLS", "TCP", "UDP", "HTTP_PROXY", "nonsense", ""]),
        word(&["NONE", "STATIC", "DNS", "DYNAMIC_DNS"]),
    )
        .prop_map(|(place, hosts, addresses, port, protocol, resolution)| {
            let spec = json!({"hosts": hosts, "addresses": addresses, "resolution": resolution,
                "ports": [{"number": port, "name": "p", "protocol": protocol}],
                "endpoints": [{"address": "10.3.0.1", "weight": u32::MAX}, {"address": "unix:///x"}]});
            document("ServiceEntry", place, &spec)
        })
}

fn gateway() -> impl Strategy<Value = Json> {
    let server = (
        prop::collection::vec((word(&["", "./", "*/", "default/", "/"]), host()), 0..3),
        number(),
        word(&["HTTP", "HTTPS", "TLS", "TCP", "GRPC", ""]),
        prop::option::of(word(&["PASSTHROUGH", "SIMPLE", "AUTO_PASSTHROUGH"])),
        word(&["", "10.0.0.1", "é"]),
    )
        .prop_map(|(hosts, port, protocol, mode, bind)| {
            let hosts: Vec<_> = hosts.iter().map(|(namespace, host)| format!("{namespace}{host}")).collect();
            let tls = mode.map(|mode| json!({"mode": mode, "httpsRedirect": mode == "PASSTHROUGH"}));
            json!({"hosts": hosts, "port": {"number": port, "name": "p", "protocol": protocol}, "tls": tls, "bind": bind})
        });
    (place(), prop::collection::vec(server, 0..4))
        .prop_map(|(place, servers)| document("Gateway", place, &json!({"servers": servers})))
}

fn sidecar() -> impl Strategy<Value = Json> {
    let listener = (
        prop::collection::vec((word(&["./", "*/", "~/", "~*/", "other/", "", "/", "a/b/"]), host()), 0..3),
        prop::option::of((number(), word(&["HTTP", "HTTP_PROXY", ""]))),
    )
        .prop_map(|(hosts, port)| {
            let hosts: Vec<_> = hosts.iter().map(|(namespace, host)| format!("{namespace}{host}")).collect();
            let port =
                port.map(|(number, protocol)| json!({"number": number, "protocol": protocol, "name": "p"}));
            json!({"hosts": hosts, "port": port})
        });
    (place(), prop::collection::vec(listener, 0..3))
        .prop_map(|(place, egress)| document("Sidecar", place, &json!({"egress": egress})))
}

fn any_object() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => virtual_service(),
        1 => destination_rule(),
        3 => service(),
        2 => service_entry(),
        2 => gateway(),
        1 => sidecar(),
    ]
}

fn request() -> impl Strategy<Value = (String, String, u64)> {
    let authority = prop_oneof![host().prop_map(str::to_owned), "[a-z.:\\[\\]*é]{0,12}"];
    (authority, prop_oneof![pattern().prop_map(str::to_owned), "[/a%.?#é]{0,12}"], any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn nothing_panics(
        objects in prop::collection::vec(any_object(), 1..16),
        requests in prop::collection::vec(request(), 1..6),
    ) {
        let mut mesh = Mesh::new(Profile::MEASURED);
        for object in &objects {
            apply(&mut mesh, object);
        }
        for proxy in [Proxy::sidecar("default", [("app", "x")]), Proxy::gateway("default", [("istio", "ingress")])] {
            let compiled = mesh.compile(&proxy);
            let table = &compiled.table;
            let mut scratch = Scratch::new();
            for (authority, path, draw) in &requests {
                let draws = Draws::all(*draw);
                for port in [80, 443, 8080] {
                    let address = SocketAddr::from(([10, 1, 0, 1], port));
                    let request = Request::get(authority.as_str(), path.as_str())
                        .with_port(port)
                        .with_source(address)
                        .with_destination(address);
                    let decision = table.select(&request, &draws, &mut scratch);
                    let (cluster, status) = (decision.cluster().map(ToOwned::to_owned), decision.status());
                    let _ = (decision.path(), decision.authority(), decision.location(), decision.endpoint());
                    let _ = (decision.faults(), decision.mirrors().count(), decision.own_response_headers());
                    decision.edit_request_headers(&mut Vec::new());
                    // The explanation tells of the same decision.
                    let trace = table.explain(&request, &draws);
                    prop_assert!(!trace.to_string().is_empty());
                    let again = table.select(&request, &draws, &mut scratch);
                    prop_assert_eq!((again.cluster().map(ToOwned::to_owned), again.status()), (cluster, status));
                }
                let connection = Connection::to_port(443).with_server_name(authority);
                let _ = table.select_connection(&connection, &draws);
            }
        }
        // Taking everything out again leaves nothing behind.
        for object in &objects {
            let metadata = &object["metadata"];
            let part = |value: &Json| value.as_str().unwrap_or_default().to_owned();
            mesh.remove(&ObjectRef::new(
                part(&object["apiVersion"]),
                part(&object["kind"]),
                part(&metadata["namespace"]),
                part(&metadata["name"]),
            ));
        }
        let empty = Mesh::new(Profile::MEASURED).compile(&Proxy::sidecar("default", [("app", "x")]));
        let left = mesh.compile(&Proxy::sidecar("default", [("app", "x")]));
        prop_assert_eq!(left.table.config(), empty.table.config());
    }
}

/// Everything that is said about a mesh of these objects, at a sidecar and at a gateway.
fn findings(objects: &[Json]) -> usize {
    let mut mesh = Mesh::new(Profile::MEASURED);
    let at_applying: usize = objects.iter().map(|object| apply(&mut mesh, object).len()).sum();
    let proxies =
        [Proxy::sidecar("default", [("app", "x")]), Proxy::gateway("default", [("istio", "ingress")])];
    at_applying + proxies.iter().map(|proxy| mesh.compile(proxy).findings.len()).sum::<usize>()
}

#[test]
fn what_cannot_work_is_said() {
    let service = document("Service", ("default", "a"), &json!({"ports": [{"port": 80, "name": "http"}]}));
    let with = |http: Json| {
        findings(&[
            service.clone(),
            document("VirtualService", ("default", "r"), &json!({"hosts": ["a"], "http": [http]})),
        ])
    };
    let to = |host: &str| json!({"destination": {"host": host}});
    assert_eq!(with(json!({"route": [to("a")]})), 0);
    let broken = [
        ("a regular expression", json!({"match": [{"uri": {"regex": "("}}], "route": [to("a")]})),
        ("a delegate of a delegate", json!({"delegate": {"name": "r"}})),
        ("a delegate that is not there", json!({"delegate": {"name": "nobody"}})),
        ("weights of nothing", json!({"route": [to("a"), to("a")]})),
        (
            "weights beyond all numbers",
            json!({"route": [
            {"destination": {"host": "a"}, "weight": i32::MAX}, {"destination": {"host": "a"}, "weight": i32::MAX},
            {"destination": {"host": "a"}, "weight": i32::MAX}]}),
        ),
        ("a subset that is not there", json!({"route": [{"destination": {"host": "a", "subset": "v1"}}]})),
        ("a host that is not there", json!({"route": [to("missing")]})),
        (
            "a port that is not there",
            json!({"route": [{"destination": {"host": "a", "port": {"number": 81}}}]}),
        ),
    ];
    for (what, http) in broken {
        assert!(with(http) > 0, "{what}");
    }
}

#[test]
fn a_row_of_delegates_ends_after_the_first() {
    let vs = |name: &str, hosts: &[&str], next: &str| {
        document(
            "VirtualService",
            ("default", name),
            &json!({"hosts": hosts, "http": [{"delegate": {"name": next}}]}),
        )
    };
    assert!(findings(&[vs("a", &["a"], "b"), vs("b", &[], "c"), vs("c", &[], "b")]) > 0);
}
