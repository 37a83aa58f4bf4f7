//! Findings about security, telemetry and extensions: each rule on its own.

use pointsman_manifest::{Manifest, Value};
use pointsman_validate::validate;

/// Severity and path of each finding about a spec.
fn found(api_version: &str, kind: &str, spec: &str) -> Vec<String> {
    let text = format!(
        "{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a, namespace: b}}, spec: {spec}}}"
    );
    let manifest = Manifest::parse(&text).expect(spec);
    let object: &Value = manifest.documents().first().expect("a document").value();
    let findings = validate(object);
    assert!(
        findings.iter().all(|finding| !finding.help.is_empty() && finding.object.name == "a"),
        "{findings:?}"
    );
    findings
        .iter()
        .map(|finding| format!("{}:{} {}", &finding.severity.to_string()[..1], finding.code, finding.path))
        .collect()
}

fn check(api_version: &str, kind: &str, cases: &[(&str, &[&str])]) {
    for (spec, expected) in cases {
        assert_eq!(found(api_version, kind, spec), *expected, "{spec}");
    }
}

#[test]
fn peer_authentication() {
    check(
        "security.istio.io/v1",
        "PeerAuthentication",
        &[
            ("{}", &[]),
            ("{selector: {matchLabels: {a: b}}, portLevelMtls: {'80': {mode: STRICT}}}", &[]),
            ("{portLevelMtls: {'80': {}}}", &["e:PV0801 spec.portLevelMtls"]),
            ("{selector: {matchLabels: {a: b}}, portLevelMtls: {}}", &["e:PV0802 spec.portLevelMtls"]),
            (
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {'0': {}}}",
                &["e:PV0803 spec.portLevelMtls.0"],
            ),
            ("{selector: {}}", &["w:PV0035 spec.selector"]),
        ],
    );
}

#[test]
fn request_authentication() {
    let rsa = r#"'{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}'"#;
    let private = r#"'{"kty": "oct", "k": "AQAB"}'"#;
    check(
        "security.istio.io/v1",
        "RequestAuthentication",
        &[
            ("{jwtRules: [{issuer: a, jwksUri: 'https://a/b', timeout: 1s}]}", &[]),
            (&format!("{{jwtRules: [{{issuer: a, jwks: {rsa}}}]}}"), &[]),
            (&format!("{{jwtRules: [{{issuer: a, jwks: {private}}}]}}"), &["w:PV0809 spec.jwtRules[0].jwks"]),
            (
                "{jwtRules: [{jwks: '{}'}]}",
                &["e:PV0805 spec.jwtRules[0].issuer", "e:PV0808 spec.jwtRules[0].jwks"],
            ),
            ("{jwtRules: [{issuer: a, jwksUri: 'ftp://a'}]}", &["e:PV0807 spec.jwtRules[0].jwksUri"]),
            ("{jwtRules: [{issuer: a, audiences: [x, '']}]}", &["e:PV0804 spec.jwtRules[0].audiences[1]"]),
            (
                "{jwtRules: [{issuer: a, fromHeaders: [{prefix: x}]}]}",
                &["e:PV0810 spec.jwtRules[0].fromHeaders[0].name"],
            ),
            (
                "{jwtRules: [{issuer: a, outputClaimToHeaders: [{header: a b}]}]}",
                &[
                    "e:PV0811 spec.jwtRules[0].outputClaimToHeaders[0].claim",
                    "e:PV0812 spec.jwtRules[0].outputClaimToHeaders[0].header",
                ],
            ),
            ("{jwtRules: [{issuer: a, timeout: 0s}]}", &["e:PV0005 spec.jwtRules[0].timeout"]),
            ("{jwtRules: [{issuer: a}, {issuer: a}]}", &["i:PV0806 spec.jwtRules[1].issuer"]),
        ],
    );
}

#[test]
fn actions_of_authorization_policies() {
    check(
        "security.istio.io/v1",
        "AuthorizationPolicy",
        &[
            ("{}", &[]),
            ("{action: DENY}", &["e:PV0817 spec"]),
            ("{action: DENY, rules: [{}]}", &[]),
            ("{action: CUSTOM}", &["e:PV0813 spec"]),
            ("{action: CUSTOM, rules: [{}]}", &["e:PV0814 spec.provider"]),
            (
                "{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {principals: [a]}}]}]}",
                &["e:PV0815 spec.rules[0].from[0].source.principals"],
            ),
            (
                "{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {ipBlocks: ['1.1.1.1']}}]}]}",
                &[],
            ),
            ("{provider: {name: x}}", &["e:PV0816 spec.provider"]),
            ("{selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: x}}", &["e:PV0036 spec"]),
        ],
    );
}

#[test]
fn rules_of_authorization_policies() {
    let cases: &[(&str, &[&str])] = &[
        ("{from: [{}]}", &["e:PV0818 spec.rules[0].from[0].source"]),
        ("{to: [{operation: {}}]}", &["e:PV0818 spec.rules[0].to[0].operation"]),
        (
            "{from: [{source: {serviceAccounts: [a/b], namespaces: [c]}}]}",
            &["e:PV0819 spec.rules[0].from[0].source"],
        ),
        (
            "{from: [{source: {serviceAccounts: [a/b/c, '*', /a]}}]}",
            &[
                "e:PV0828 spec.rules[0].from[0].source.serviceAccounts[0]",
                "e:PV0828 spec.rules[0].from[0].source.serviceAccounts[1]",
                "e:PV0828 spec.rules[0].from[0].source.serviceAccounts[2]",
            ],
        ),
        (
            "{from: [{source: {trustDomains: ['*.a', 'a*', 'a*b', 'a/b']}}]}",
            &[
                "e:PV0830 spec.rules[0].from[0].source.trustDomains[2]",
                "e:PV0830 spec.rules[0].from[0].source.trustDomains[3]",
            ],
        ),
        (
            "{from: [{source: {ipBlocks: ['10.0.0.0/8', x]}}]}",
            &["e:PV0003 spec.rules[0].from[0].source.ipBlocks[1]"],
        ),
        (
            "{to: [{operation: {ports: ['0', '65536', '+80']}}]}",
            &[
                "e:PV0827 spec.rules[0].to[0].operation.ports[1]",
                "e:PV0827 spec.rules[0].to[0].operation.ports[2]",
            ],
        ),
        (
            "{to: [{operation: {paths: ['/a/{*}', '/a{*}']}}]}",
            &["e:PV0820 spec.rules[0].to[0].operation.paths[1]"],
        ),
        ("{when: [{values: [a]}]}", &["e:PV0822 spec.rules[0].when[0].key"]),
        ("{when: [{key: source.ip}]}", &["e:PV0823 spec.rules[0].when[0]"]),
        ("{when: [{key: source.ipp, values: [a]}]}", &["e:PV0824 spec.rules[0].when[0].key"]),
        ("{when: [{key: 'destination.labels[a]', values: [a]}]}", &["e:PV0825 spec.rules[0].when[0].key"]),
        ("{when: [{key: 'request.headers[]', values: [a]}]}", &["e:PV0826 spec.rules[0].when[0].key"]),
        ("{when: [{key: 'request.headers[a]', values: [a]}]}", &[]),
        (
            "{when: [{key: destination.port, notValues: [x]}]}",
            &["e:PV0827 spec.rules[0].when[0].notValues[0]"],
        ),
    ];
    for (rule, expected) in cases {
        let spec = format!("{{rules: [{rule}]}}");
        assert_eq!(found("security.istio.io/v1", "AuthorizationPolicy", &spec), *expected, "{rule}");
    }
}

#[test]
fn rules_that_refuse_every_connection() {
    let warns = |rule: &str| {
        let spec = format!("{{action: DENY, rules: [{rule}]}}");
        found("security.istio.io/v1", "AuthorizationPolicy", &spec) == ["w:PV0821 spec.rules[0]"]
    };
    assert!(warns("{to: [{operation: {methods: [GET]}}]}"));
    assert!(warns("{from: [{source: {trustDomains: [a]}}]}"));
    assert!(warns("{from: [{source: {principals: [a]}}], to: [{operation: {paths: [/a]}}]}"));
    assert!(!warns("{from: [{source: {principals: [a]}}]}"));
    assert!(!warns("{to: [{operation: {methods: [GET], ports: ['80']}}]}"));
}

#[test]
fn telemetry() {
    check(
        "telemetry.istio.io/v1",
        "Telemetry",
        &[
            ("{tracing: [{}, {}]}", &["w:PV0901 spec.tracing"]),
            (
                "{tracing: [{providers: [{name: a}, {}]}]}",
                &["w:PV0902 spec.tracing[0].providers", "e:PV0903 spec.tracing[0].providers[1].name"],
            ),
            (
                "{tracing: [{randomSamplingPercentage: 100.1}]}",
                &["e:PV0010 spec.tracing[0].randomSamplingPercentage"],
            ),
            (
                "{tracing: [{customTags: {a: {}, b: {header: {name: ''}}, c: {formatter: {}}}}]}",
                &[
                    "e:PV0905 spec.tracing[0].customTags.a",
                    "e:PV0905 spec.tracing[0].customTags.b.header.name",
                ],
            ),
            (
                "{metrics: [{overrides: [{tagOverrides: {a: {}, b: {operation: REMOVE, value: x}}}]}]}",
                &[
                    "e:PV0906 spec.metrics[0].overrides[0].tagOverrides.a.value",
                    "e:PV0907 spec.metrics[0].overrides[0].tagOverrides.b.value",
                ],
            ),
            (
                "{metrics: [{overrides: [{match: {customMetric: ''}}]}]}",
                &["e:PV0908 spec.metrics[0].overrides[0].match.customMetric"],
            ),
            (
                "{accessLogging: [{filter: {expression: 'a =='}}]}",
                &["e:PV0909 spec.accessLogging[0].filter.expression"],
            ),
        ],
    );
}

#[test]
fn extensions() {
    check(
        "extensions.istio.io/v1alpha1",
        "WasmPlugin",
        &[
            ("{url: 'oci://a/b:c'}", &[]),
            ("{url: a.com/b}", &[]),
            ("{}", &["e:PV0920 spec.url"]),
            ("{url: 'ftp://a'}", &["e:PV0920 spec.url"]),
            ("{url: a, sha256: ABC}", &["e:PV0921 spec.sha256"]),
            (
                "{url: a, vmConfig: {env: [{name: x}, {name: x}, {value: z}]}}",
                &["e:PV0925 spec.vmConfig.env[1].name", "e:PV0924 spec.vmConfig.env[2].name"],
            ),
            (
                "{url: a, vmConfig: {env: [{name: x, valueFrom: HOST, value: z}]}}",
                &["e:PV0926 spec.vmConfig.env[0].value"],
            ),
            ("{url: a, match: [{ports: [{number: 0}]}]}", &["e:PV0004 spec.match[0].ports[0].number"]),
        ],
    );
    check(
        "extensions.istio.io/v1alpha1",
        "TrafficExtension",
        &[
            ("{lua: {inlineCode: x}}", &[]),
            ("{}", &["e:PV0927 spec"]),
            ("{lua: {}}", &["e:PV0927 spec.lua.inlineCode"]),
            ("{wasm: {url: ''}}", &["e:PV0920 spec.wasm.url"]),
        ],
    );
}
