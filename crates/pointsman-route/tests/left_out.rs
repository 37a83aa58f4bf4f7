//! Why rules are not among the routes of a proxy.

use pointsman_manifest::Manifest;
use pointsman_route::{Draws, Mesh, MeshSettings, OutboundPolicy, Proxy, Request};
use pointsman_types::Profile;

const MESH: &str = r"
{apiVersion: v1, kind: Service, metadata: {name: reviews, namespace: a}, spec: {ports: [{name: http, port: 9080}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: ratings, namespace: a}, spec: {ports: [{name: http, port: 9080}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: details, namespace: a}, spec: {ports: [{name: http, port: 9080}]}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: one, namespace: a, creationTimestamp: '2020-01-01T00:00:00Z'}
spec:
  hosts: [reviews]
  http:
  - match:
    - {sourceLabels: {app: other}}
    - {sourceLabels: {version: v9}}
    - {sourceNamespace: b}
    - {port: 80}
    - {gateways: [gw]}
    - {uri: {prefix: /x}}
    route: [{destination: {host: reviews}}]
  - route: [{destination: {host: reviews}}]
  - name: late
    route: [{destination: {host: reviews}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: two, namespace: a, creationTimestamp: '2021-01-01T00:00:00Z'}
spec: {hosts: [reviews], http: [{route: [{destination: {host: ratings}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: hidden, namespace: c}
spec: {hosts: [reviews.a.svc.cluster.local], exportTo: [.], http: [{route: [{destination: {host: ratings}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: outside, namespace: a}
spec: {hosts: [reviews], gateways: [gw], http: [{match: [{port: 81}], route: [{destination: {host: reviews}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: only-others, namespace: a}
spec: {hosts: [ratings], http: [{match: [{sourceLabels: {app: other}}], route: [{destination: {host: reviews}}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: a}
spec: {selector: {istio: in}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: narrow, namespace: narrow}
spec: {egress: [{hosts: ['a/details.a.svc.cluster.local']}]}
";

fn mesh(settings: MeshSettings) -> Mesh {
    let mut mesh = Mesh::new(Profile::MEASURED).with_settings(settings);
    for document in Manifest::parse(MESH).expect("YAML").documents() {
        mesh.apply(document.value()).expect("applied");
    }
    mesh
}

/// What is left out for a request: object, path, condition and reason.
fn left_out(proxy: &Proxy, authority: &str) -> Vec<String> {
    let mut mesh = mesh(MeshSettings::new());
    let trace = mesh.explain(proxy, &Request::get(authority, "/"), &Draws::default());
    let said = |rule: &pointsman_route::LeftOut| {
        format!("{} {} [{}] {}", rule.origin.object.name, rule.origin.path, rule.condition, rule.why)
    };
    trace.left_out.iter().map(said).collect()
}

fn client() -> Proxy {
    Proxy::sidecar("a", [("app", "productpage")])
}

#[test]
fn each_condition_that_the_control_plane_decides_is_told() {
    assert_eq!(
        left_out(&client(), "reviews:9080"),
        [
            "hidden spec.exportTo [exportTo] not exported to the namespace `a`",
            "outside spec.gateways [gateways] only for the gateways `a/gw`; in force here: `mesh`",
            "one spec.http[0].match[0] [sourceLabels] only for callers with `app: other`; this one has `app: productpage`",
            "one spec.http[0].match[1] [sourceLabels] only for callers with `version: v9`; this one has no label `version`",
            "one spec.http[0].match[2] [sourceNamespace] only for callers in the namespace `b`; this one is in `a`",
            "one spec.http[0].match[3] [port] only for port 80, and this is port 9080",
            "one spec.http[0].match[4] [gateways] only for the gateways `a/gw`; in force here: `mesh`",
            "one spec.http[2] [shadowed] an earlier rule takes every request",
            "two spec.hosts [hosts] the host is that of VirtualService a/one: sidecars do not put routes of several together",
        ]
    );
    assert_eq!(left_out(&client(), "details:9080"), Vec::<String>::new());
}

#[test]
fn a_service_whose_rules_are_all_for_others_says_so() {
    let rule = "only-others spec.http[0].match[0] [sourceLabels] only for callers with `app: other`; this one has `app: productpage`";
    assert_eq!(left_out(&client(), "ratings:9080"), [rule]);
    assert_eq!(left_out(&Proxy::sidecar("a", [("app", "other")]), "ratings:9080"), Vec::<String>::new());
}

#[test]
fn what_a_sidecar_does_not_let_in_is_told() {
    let narrow = Proxy::sidecar("narrow", [("app", "x")]);
    let told = left_out(&narrow, "ratings.a.svc.cluster.local:9080");
    assert_eq!(
        told,
        [
            "ratings metadata.name [egress] Sidecar narrow/narrow does not import it",
            "only-others spec.hosts [egress] Sidecar narrow/narrow does not let its hosts in",
        ]
    );
}

#[test]
fn gateways_have_their_own_reasons() {
    let ingress = Proxy::gateway("a", [("istio", "in")]);
    assert_eq!(
        left_out(&ingress, "reviews.a.svc.cluster.local"),
        [
            "hidden spec.exportTo [exportTo] not exported to the namespace `a`",
            "outside spec.http[0].match[0] [port] only for port 81, and this is port 80",
            "one spec.gateways [gateways] only for the gateways `mesh`; in force here: `a/gw`",
            "two spec.gateways [gateways] only for the gateways `mesh`; in force here: `a/gw`",
        ]
    );
}

#[test]
fn a_port_that_nobody_has_goes_by_what_the_mesh_says_of_unknown_hosts() {
    let request = Request::get("www.example.com", "/").with_scheme("https");
    let explain = |outbound| {
        let mut mesh = mesh(MeshSettings::new().with_outbound(outbound));
        mesh.explain(&client(), &request, &Draws::default())
    };
    let open = explain(OutboundPolicy::AllowAny);
    assert_eq!((open.cluster.as_deref(), open.status), (Some("PassthroughCluster"), None));
    assert_eq!(
        open.verdict,
        "let out unread to where the client wants: no service known here has HTTP on port 443"
    );
    let closed = explain(OutboundPolicy::RegistryOnly);
    assert_eq!((closed.cluster, closed.status), (None, None));
    let ingress = Proxy::gateway("a", [("istio", "in")]);
    let outside = mesh(MeshSettings::new()).explain(&ingress, &request, &Draws::default());
    assert_eq!(
        (outside.status, outside.verdict.as_str()),
        (None, "closed: no server of the gateway has the port 443")
    );
}

const OUTSIDE: &str = r"
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: all, namespace: a}, spec: {hosts: ['*.test'], ports: [{number: 80, name: http, protocol: HTTP}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a-tls, namespace: a}, spec: {hosts: ['*.test'], tls: [{match: [{sniHosts: [x.test]}], route: [{destination: {host: reviews}}]}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: b-http, namespace: a}, spec: {hosts: ['*.test'], http: [{route: [{destination: {host: reviews}}]}]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: a}, spec: {selector: {istio: in}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*.test'], tls: {httpsRedirect: true}}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: one, namespace: a}, spec: {hosts: [one.test], gateways: [other], http: [{route: [{destination: {host: reviews}}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: in, namespace: a}, spec: {selector: {istio: in}, ports: [{name: http, port: 80, targetPort: 8080}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: in, namespace: a, labels: {istio: in}}, spec: {}, status: {podIP: 10.0.0.1}}
";

#[test]
fn wildcards_and_ports_of_services_are_explained() {
    let mut mesh = Mesh::new(Profile::MEASURED);
    for document in Manifest::parse(OUTSIDE).expect("YAML").documents() {
        mesh.apply(document.value()).expect("applied");
    }
    let mut explain = |proxy: &Proxy, authority: &str| {
        let trace = mesh.explain(proxy, &Request::get(authority, "/"), &Draws::default());
        let told: Vec<_> =
            trace.left_out.iter().map(|rule| format!("{}: {}", rule.origin.object.name, rule.why)).collect();
        (told, trace.verdict)
    };
    let (told, _) = explain(&client(), "two.test");
    let shared =
        "b-http: the host is that of VirtualService a/a-tls: sidecars do not put routes of several together";
    assert_eq!(told, [shared], "and nothing of `one.test`, which is another host");
    let ingress = Proxy::gateway("a", [("istio", "in")]);
    let (told, verdict) = explain(&ingress, "two.test:8080");
    assert_eq!(told.iter().filter(|told| told.starts_with("one:")).count(), 0, "{told:?}");
    assert_eq!(verdict, "redirected to `https://two.test:8080/` with 301: the virtual host demands TLS");
    let (_, verdict) = explain(&ingress, "two.test");
    assert_eq!(verdict, "closed: no server of the gateway has the port 80; Service a/in sends it to 8080");
}
