//! What the API server asks, beside what the control plane asks.

use pointsman_manifest::Manifest;
use pointsman_validate::{Validator, schema};

fn found(group: &str, kind: &str, spec: &str) -> Vec<String> {
    let text =
        format!("{{apiVersion: {group}.istio.io/v1, kind: {kind}, metadata: {{name: a}}, spec: {spec}}}");
    let manifest = Manifest::parse(&text).expect(spec);
    let findings = schema::check(manifest.documents().first().expect("a document").value());
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.path)).collect()
}

#[test]
fn networking() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "VirtualService",
            "{http: [{timeout: 0s, mirrorPercent: null, name: null}]}",
            &["PV1002 spec.http[0].name", "PV1008 spec.http[0].timeout"],
        ),
        (
            "VirtualService",
            "{http: [{route: [{weight: '80'}]}]}",
            &["PV1003 spec.http[0].route[0].destination", "PV1012 spec.http[0].route[0].weight"],
        ),
        ("VirtualService", "{tls: [{match: [{}]}]}", &["PV1003 spec.tls[0].match[0].sniHosts"]),
        ("DestinationRule", "{}", &["PV1003 spec.host"]),
        (
            "DestinationRule",
            "{host: a, trafficPolicy: {tls: {mode: 1}}}",
            &["PV1013 spec.trafficPolicy.tls.mode"],
        ),
        (
            "DestinationRule",
            "{host: a, trafficPolicy: {retryBudget: {percent: 101, budgetInterval: 0s}}}",
            &["PV1006 spec.trafficPolicy.retryBudget.percent"],
        ),
        (
            "DestinationRule",
            "{host: a, subsets: [{name: a, trafficPolicy: {tunnel: {targetHost: a}}}]}",
            &["PV1003 spec.subsets[0].trafficPolicy.tunnel.targetPort"],
        ),
        (
            "Gateway",
            "{servers: [{port: {number: 1, name: a, protocol: b}, hosts: [], tls: {credentialNames: []}}]}",
            &["PV1004 spec.servers[0].tls.credentialNames"],
        ),
        ("ServiceEntry", "{hosts: []}", &["PV1004 spec.hosts"]),
        (
            "ServiceEntry",
            "{hosts: ['*'], ports: [{number: 1, name: a}, {number: 1, name: a}]}",
            &["PV1007 spec.hosts[0]", "PV1009 spec.ports[1].name", "PV1009 spec.ports[1].number"],
        ),
        (
            "ServiceEntry",
            "{hosts: [a], addresses: [10.0.0.0/8], resolution: DNS}",
            &["PV1016 spec.addresses"],
        ),
        ("WorkloadEntry", "{}", &["PV1015 spec.address"]),
        (
            "WorkloadEntry",
            "{address: 'unix://a/', ports: {a_b: 0}}",
            &["PV1007 spec.address", "PV1014 spec.ports", "PV1006 spec.ports.a_b", "PV1011 spec.ports.a_b"],
        ),
        ("WorkloadGroup", "{template: {}, probe: {grpc: {port: 1}}}", &[]),
    ];
    for (kind, spec, expected) in cases {
        assert_eq!(found("networking", kind, spec), *expected, "{kind} {spec}");
    }
}

#[test]
fn policies() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "security",
            "PeerAuthentication",
            "{selector: {matchLabels: {'*': a}}, portLevelMtls: {a: {}}}",
            &["PV1011 spec.portLevelMtls.a", "PV1011 spec.selector.matchLabels[\"*\"]"],
        ),
        (
            "security",
            "RequestAuthentication",
            "{jwtRules: [{issuer: '', jwks: a, jwksUri: 'https://a'}]}",
            &["PV1005 spec.jwtRules[0].issuer", "PV1010 spec.jwtRules[0].jwks"],
        ),
        (
            "security",
            "AuthorizationPolicy",
            "{targetRef: {kind: 1a, name: a}, selector: {}}",
            &["PV1010 spec.targetRef", "PV1007 spec.targetRef.kind"],
        ),
        (
            "telemetry",
            "Telemetry",
            "{metrics: [{overrides: [{tagOverrides: {a: {operation: UPSERT}, b: {}}}]}]}",
            &["PV0906 spec.metrics[0].overrides[0].tagOverrides.a.value"],
        ),
    ];
    for (group, kind, spec, expected) in cases {
        assert_eq!(found(group, kind, spec), *expected, "{kind} {spec}");
    }
}

#[test]
fn a_spec_may_be_missing_only_where_nothing_is_needed() {
    let found = |kind: &str, rest: &str| {
        let text =
            format!("{{apiVersion: networking.istio.io/v1, kind: {kind}, metadata: {{name: a}}{rest}}}");
        let manifest = Manifest::parse(&text).expect("YAML");
        schema::check(manifest.documents().first().expect("a document").value()).len()
    };
    assert_eq!(
        (found("Sidecar", ""), found("ServiceEntry", ""), found("Sidecar", ", spec: null")),
        (0, 1, 1)
    );
}

#[test]
fn a_place_with_an_error_of_the_control_plane_has_no_other() {
    let text = "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a},
        spec: {trafficPolicy: {outlierDetection: {interval: 0s}, tls: {mode: 1}}}}";
    let manifest = Manifest::parse(text).expect("YAML");
    let findings =
        Validator::new().with_schema().validate(manifest.documents().first().expect("one").value());
    let found: Vec<_> = findings.iter().map(|finding| format!("{} {}", finding.code, finding.path)).collect();
    assert_eq!(
        found,
        [
            "PV0001 spec.host",
            "PV0005 spec.trafficPolicy.outlierDetection.interval",
            "PV1013 spec.trafficPolicy.tls.mode",
        ]
    );
}
