//! Why a proxy does not know a service.

use pointsman_manifest::Manifest;
use pointsman_route::{Draws, Mesh, Proxy, Request, Trace};
use pointsman_types::Profile;

const MESH: &str = r"
{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: a}, spec: {clusterIP: 10.1.0.1, ports: [{name: http, port: 80}, {name: http-admin, port: 81}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: a}, spec: {ports: [{name: http, port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: hidden, namespace: a, annotations: {networking.istio.io/exportTo: '.'}}, spec: {ports: [{name: http, port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: other, namespace: a}, spec: {type: ExternalName, externalName: shop.a.svc.cluster.local, ports: []}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: a}
spec: {hosts: ['*.test', x.test], exportTo: [a], ports: [{number: 80, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: a}
spec: {hosts: [bank.com], ports: [{number: 80, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank-of-b, namespace: open}
spec: {hosts: [bank.com], exportTo: [.], ports: [{number: 80, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: one, namespace: narrow}
spec: {egress: [{hosts: ['a/cart.a.svc.cluster.local']}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: two, namespace: ports}
spec:
  egress:
  - {port: {number: 81, name: http, protocol: HTTP}, hosts: ['a/shop.a.svc.cluster.local']}
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ['a/cart.a.svc.cluster.local']}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: three, namespace: only}
spec: {egress: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ['*/*']}]}
";

fn explain(namespace: &str, authority: &str) -> Trace {
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in Manifest::parse(MESH).expect("YAML").documents() {
        mesh.apply(document.value()).expect("applied");
    }
    let proxy = Proxy::sidecar(namespace, [("app", "client")]);
    mesh.explain(&proxy, &Request::get(authority, "/"), &Draws::default())
}

/// What is told of services, with the object that decides.
fn told(namespace: &str, authority: &str) -> Vec<String> {
    let trace = explain(namespace, authority);
    let said = |left: &pointsman_route::LeftOut| {
        let by = left.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!("{} {} [{}]{by}: {}", left.origin.object, left.origin.path, left.condition, left.why)
    };
    trace.left_out.iter().map(said).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_service_that_the_sidecar_does_not_import_is_named() {
    let not_imported =
        "Service a/shop metadata.name [egress] by Sidecar narrow/one: Sidecar narrow/one does not import it";
    for authority in ["shop.a.svc.cluster.local", "shop.a.svc", "SHOP.a", "shop.a:81", "10.1.0.1"] {
        assert_eq!(told("narrow", authority), [not_imported], "{authority}");
    }
    assert_eq!(told("narrow", "cart.a"), NONE);
    assert_eq!(told("open", "shop.a"), NONE, "without a Sidecar everything is imported");
    assert_eq!(told("narrow", "shop"), NONE, "which is a name of its own namespace");
    let trace = explain("narrow", "shop.a").to_string();
    let line = "  left out (Service a/shop metadata.name): Sidecar narrow/one does not import it\nto `PassthroughCluster`\n";
    assert!(trace.ends_with(line), "{trace}");
    let entry = "ServiceEntry a/bank spec.hosts [egress] by Sidecar narrow/one: Sidecar narrow/one does not import it";
    assert_eq!(told("narrow", "bank.com").first().map(String::as_str), Some(entry));
}

#[test]
fn a_service_that_is_not_exported_is_named() {
    let hidden = r#"Service a/hidden metadata.annotations["networking.istio.io/exportTo"] [exportTo]: not exported to the namespace `open`"#;
    assert_eq!(told("open", "hidden.a"), [hidden]);
    assert_eq!(told("a", "hidden"), NONE);
    // Both hosts of the entry cover the name: it is told once.
    let outside = "ServiceEntry a/outside spec.exportTo [exportTo]: not exported to the namespace `open`";
    assert_eq!(told("open", "x.test"), [outside]);
    assert_eq!(told("a", "y.test"), NONE);
    // Another service with the host is known: what is hidden does not matter.
    assert_eq!(told("a", "bank.com"), NONE);
}

#[test]
fn a_port_that_the_egress_listeners_do_not_have_is_named() {
    let shop = "Service a/shop spec.ports [port] by Sidecar ports/two: Sidecar ports/two does not import it in its egress listener for port 80";
    assert_eq!(told("ports", "shop.a"), [shop]);
    assert_eq!(told("ports", "shop.a:81"), NONE);
    let only = "Service a/shop spec.ports [port] by Sidecar only/three: Sidecar only/three imports it only for port 81, and this is port 80";
    assert_eq!(told("only", "shop.a"), [only]);
    assert_eq!(told("only", "shop.a:81"), NONE);
}

#[test]
fn a_port_that_the_service_does_not_have_is_named() {
    assert_eq!(
        told("open", "shop.a:82"),
        ["Service a/shop spec.ports [port]: it has ports 80, 81, and this is port 82"]
    );
    assert_eq!(
        told("only", "cart.a:81"),
        ["Service a/cart spec.ports [port]: it has port 80, and this is port 81"]
    );
    assert_eq!(told("open", "other.a"), NONE, "which is another name of a service with that port");
}
