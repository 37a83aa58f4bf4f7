//! Findings about networking: each rule on its own.

use pointsman_manifest::{Manifest, Value};
use pointsman_validate::validate;

/// Severity, code and path of each finding about a spec, with metadata of its own.
fn found_with(metadata: &str, kind: &str, spec: &str) -> Vec<String> {
    let version = match kind {
        "EnvoyFilter" => "v1alpha3",
        "ProxyConfig" => "v1beta1",
        _ => "v1",
    };
    let text = format!(
        "{{apiVersion: networking.istio.io/{version}, kind: {kind}, metadata: {metadata}, spec: {spec}}}"
    );
    let manifest = Manifest::parse(&text).expect(spec);
    let object: &Value = manifest.documents().first().expect("a document").value();
    let findings = validate(object);
    assert!(findings.iter().all(|finding| finding.object.name == "a"), "{findings:?}");
    assert!(
        findings
            .iter()
            .filter(|finding| finding.code.as_str().starts_with("PV"))
            .all(|finding| !finding.help.is_empty()),
        "{findings:?}"
    );
    let line = |finding: &pointsman_types::Diagnostic| {
        format!("{}:{} {}", &finding.severity.to_string()[..1], finding.code, finding.path)
    };
    findings.iter().map(line).collect()
}

fn found(kind: &str, spec: &str) -> Vec<String> {
    found_with("{name: a, namespace: b}", kind, spec)
}

fn check(kind: &str, cases: &[(&str, &[&str])]) {
    for (spec, expected) in cases {
        assert_eq!(found(kind, spec), *expected, "{spec}");
    }
}

/// Cases about one HTTP route with a destination.
fn check_route(cases: &[(&str, &[&str])]) {
    for (fields, expected) in cases {
        let spec = format!("{{hosts: [a], http: [{{route: [{{destination: {{host: a}}}}], {fields}}}]}}");
        let expected: Vec<String> =
            expected.iter().map(|line| line.replacen(' ', " spec.http[0].", 1)).collect();
        assert_eq!(found("VirtualService", &spec), expected, "{fields}");
    }
}

const ROUTE: &str = "http: [{route: [{destination: {host: a}}]}]";

#[test]
fn hosts_and_gateways_of_a_virtual_service() {
    for (fields, expected) in [
        ("hosts: [a, '*.b', c.d]", vec![]),
        ("hosts: ['*']", vec!["e:PV0105 spec.hosts[0]"]),
        ("hosts: ['*'], gateways: [g]", vec![]),
        ("hosts: [1.2.3.4]", vec![]),
        ("hosts: [a_b]", vec!["e:PV0001 spec.hosts[0]"]),
        ("hosts: ['*.b', x.b, y.b]", vec!["e:PV0107 spec.hosts[1]", "e:PV0107 spec.hosts[2]"]),
        ("hosts: [x.b, '*.b']", vec!["e:PV0107 spec.hosts[1]"]),
        ("hosts: ['*.a.b', '*.b', c]", vec!["e:PV0107 spec.hosts[1]"]),
        ("hosts: [a, a_b, a]", vec!["e:PV0001 spec.hosts[1]"]),
        ("gateways: [x/y]", vec!["e:PV0102 spec.gateways"]),
        ("hosts: [a], gateways: [./g]", vec!["e:PV0039 spec.gateways[0]"]),
        ("hosts: [a], gateways: [g.ns.svc]", vec!["w:PV0040 spec.gateways[0]"]),
        ("hosts: [a], gateways: [mesh, a/]", vec![]),
        ("hosts: [a], exportTo: ['*', x]", vec!["e:PV0032 spec.exportTo"]),
        ("hosts: [a], exportTo: [., b]", vec!["e:PV0031 spec.exportTo[1]"]),
        ("hosts: [a], exportTo: ['~']", vec!["e:PV0030 spec.exportTo[0]"]),
    ] {
        assert_eq!(found("VirtualService", &format!("{{{fields}, {ROUTE}}}")), expected, "{fields}");
    }
    check("VirtualService", &[("{hosts: [a]}", &["e:PV0101 spec"])]);
}

#[test]
fn what_a_route_does() {
    for (fields, expected) in [
        ("{}", vec!["e:PV0108 spec.http[0]"]),
        ("{delegate: {name: x}}", vec![]),
        ("{delegate: {name: x}, redirect: {uri: /a}}", vec!["e:PV0109 spec.http[0].redirect"]),
        ("{redirect: {uri: /a}, fault: {abort: {httpStatus: 500}}}", vec!["e:PV0109 spec.http[0].fault"]),
        ("{directResponse: {status: 200}, rewrite: {uri: /}}", vec!["e:PV0109 spec.http[0].rewrite"]),
        ("{redirect: {uri: /a}, timeout: 1s}", vec![]),
        ("{redirect: {redirectCode: 302}}", vec!["e:PV0116 spec.http[0].redirect"]),
        ("{redirect: {uri: /a, redirectCode: 200}}", vec!["e:PV0117 spec.http[0].redirect.redirectCode"]),
        ("{redirect: {scheme: ftp}}", vec!["e:PV0118 spec.http[0].redirect.scheme"]),
        (
            "{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}}",
            vec!["e:PV0115 spec.http[0].redirect.prefixRewrite"],
        ),
        ("{directResponse: {status: 600}}", vec![]),
        ("{directResponse: {status: 199}}", vec!["e:PV0011 spec.http[0].directResponse.status"]),
        ("{route: [{destination: {host: '*'}}]}", vec!["e:PV0110 spec.http[0].route[0].destination.host"]),
        ("{route: [{}]}", vec!["e:PV0013 spec.http[0].route[0].destination"]),
        (
            "{route: [{destination: {host: a}, weight: 0}, {destination: {host: b}}]}",
            vec!["e:PV0112 spec.http[0].route"],
        ),
        (
            "{route: [{destination: {host: a, port: {}}}]}",
            vec!["e:PV0004 spec.http[0].route[0].destination.port.number"],
        ),
    ] {
        let spec = format!("{{hosts: [a], http: [{fields}]}}");
        assert_eq!(found("VirtualService", &spec), expected, "{fields}");
    }
    let spec = "{http: [{delegate: {name: x}}]}";
    assert_eq!(found("VirtualService", spec), ["e:PV0103 spec.http[0].delegate"]);
}

#[test]
fn conditions_of_a_route() {
    check_route(&[
        ("match: [{uri: {prefix: ''}}]", &[]),
        ("match: [{uri: {regex: '('}}]", &["e:PV0020 match[0].uri.regex"]),
        ("match: [{scheme: {prefix: ''}}]", &["e:PV0023 match[0].scheme.prefix"]),
        ("match: [{headers: {'a b': {exact: x}}}]", &["e:PV0024 match[0].headers[\"a b\"]"]),
        ("match: [{headers: {':path': {exact: x}}}]", &[]),
        ("match: [{headers: {a: {regex: '*'}}}]", &["e:PV0020 match[0].headers.a.regex"]),
        ("match: [{withoutHeaders: {a: {regex: '*'}, b: null}}]", &["i:PV0043 match[0].withoutHeaders.b"]),
        ("match: [null]", &["i:PV0043 match[0]"]),
        (
            "match: [{headers: {'@request.auth.claims.a': {exact: x}}}]",
            &["e:PV0104 match[0].headers[\"@request.auth.claims.a\"]"],
        ),
        ("match: [{port: 70000}]", &["e:PV0004 match[0].port"]),
        ("match: [{sourceLabels: {'a b': c}}]", &["e:PV0006 match[0].sourceLabels[\"a b\"]"]),
        ("match: [{gateways: [a.b]}]", &["i:PV0040 match[0].gateways[0]"]),
        ("match: [{sourceNamespace: a.b}]", &["e:PV0007 match[0].sourceNamespace"]),
    ]);
}

#[test]
fn changes_and_policies_of_a_route() {
    check_route(&[
        ("headers: {request: {set: {':authority': a}, add: {Host: b}}}", &["e:PV0113 headers"]),
        ("headers: {request: {remove: [host]}}", &["e:PV0025 headers.request.remove[0]"]),
        ("headers: {response: {add: {a: '5%'}}}", &["e:PV0026 headers.response.add.a"]),
        ("rewrite: {}", &["e:PV0122 rewrite"]),
        ("rewrite: {uri: /a, uriRegexRewrite: {match: a, rewrite: b}}", &["e:PV0121 rewrite"]),
        (
            "rewrite: {uriRegexRewrite: {match: a, rewrite: ''}}",
            &["e:PV0123 rewrite.uriRegexRewrite.rewrite"],
        ),
        (
            "rewrite: {uriRegexRewrite: {match: (a), rewrite: '\\2'}}",
            &["i:PV0124 rewrite.uriRegexRewrite.rewrite"],
        ),
        ("timeout: 0s", &["e:PV0005 timeout"]),
        ("timeout: 1.5ms", &["e:PV0005 timeout"]),
        ("retries: {attempts: 3, retryOn: '5xx,503'}", &[]),
        ("retries: {attempts: 3, retryOn: '5xx, reset'}", &["e:PV0133 retries.retryOn"]),
        ("retries: {retryOn: 5xx}", &["e:PV0132 retries"]),
        ("retries: {attempts: 0, backoff: 1s}", &[]),
        ("fault: {}", &["e:PV0125 fault"]),
        ("fault: {abort: {percentage: {value: 1}}}", &["i:PV0126 fault.abort"]),
        ("fault: {abort: {grpcStatus: unavailable}}", &["e:PV0127 fault.abort.grpcStatus"]),
        ("fault: {abort: {http2Error: x}}", &["e:PV0015 fault.abort.http2Error"]),
        (
            "fault: {delay: {fixedDelay: 1s, percentage: {value: 0.00001}}}",
            &["e:PV0010 fault.delay.percentage.value"],
        ),
        ("corsPolicy: {allowOrigins: [{exact: ''}]}", &["e:PV0130 corsPolicy.allowOrigins[0]"]),
        ("corsPolicy: {allowMethods: [get]}", &["e:PV0128 corsPolicy.allowMethods[0]"]),
        ("corsPolicy: {maxAge: 1.5s}", &["e:PV0129 corsPolicy.maxAge"]),
        ("mirrorPercent: 101", &["e:PV0010 mirrorPercent", "w:PV0014 mirrorPercent"]),
    ]);
    let both = "{hosts: [a], http: [{route: [{destination: {host: a}}], mirror: {host: a}, mirrors: [{destination: {host: b}}]}]}";
    assert_eq!(found("VirtualService", both), ["e:PV0131 spec.http[0]"]);
}

#[test]
fn routes_below_http() {
    let tls = |condition: &str| {
        format!("{{hosts: ['*.b'], tls: [{{match: [{condition}], route: [{{destination: {{host: a}}}}]}}]}}")
    };
    for (condition, expected) in [
        ("{sniHosts: [x.b]}", vec![]),
        ("{}", vec!["e:PV0013 spec.tls[0].match[0].sniHosts"]),
        ("{sniHosts: [x.c]}", vec!["e:PV0135 spec.tls[0].match[0].sniHosts[0]"]),
        ("{sniHosts: [1.2.3.4]}", vec!["w:PV0134 spec.tls[0].match[0].sniHosts[0]"]),
        (
            "{sniHosts: [x.b], destinationSubnets: [1.2.3.4/33]}",
            vec!["e:PV0003 spec.tls[0].match[0].destinationSubnets[0]"],
        ),
        ("{sniHosts: [x.b], gateways: [a.b]}", vec!["w:PV0040 spec.tls[0].match[0].gateways[0]"]),
    ] {
        assert_eq!(found("VirtualService", &tls(condition)), expected, "{condition}");
    }
    check(
        "VirtualService",
        &[
            ("{hosts: [a], tls: [{}]}", &["e:PV0013 spec.tls[0].match", "e:PV0013 spec.tls[0].route"]),
            ("{hosts: [a], tcp: [{}]}", &["e:PV0013 spec.tcp[0].route"]),
            ("{hosts: [a], tcp: [{route: [{destination: {host: a}}]}]}", &[]),
        ],
    );
}

#[test]
fn rules_that_no_request_reaches() {
    let rules = |rules: &[&str]| {
        let rules: Vec<String> =
            rules.iter().map(|rule| format!("{{{rule}route: [{{destination: {{host: a}}}}]}}")).collect();
        found("VirtualService", &format!("{{hosts: [a], http: [{}]}}", rules.join(", ")))
    };
    assert_eq!(rules(&["", ""]), ["w:PV0136 spec.http[1]"]);
    assert_eq!(rules(&["match: [{uri: {exact: /a}}], ", ""]), [""; 0]);
    assert_eq!(rules(&["", "match: [{uri: {exact: /a}}], "]), ["w:PV0136 spec.http[1]"]);
    let same = "match: [{name: x, uri: {exact: /a}}], ";
    assert_eq!(
        rules(&[same, &same.replace("name: x", "name: other")]),
        ["w:PV0136 spec.http[1]", "w:PV0137 spec.http[1].match[0]"]
    );
    let (short, long) = ("match: [{uri: {prefix: /a}}], ", "match: [{uri: {prefix: /ab}}], ");
    assert_eq!(rules(&[short, long]), ["w:PV0137 spec.http[1].match[0]"]);
    assert_eq!(rules(&[long, short]), [""; 0]);
    let other_port = long.replace("}}]", "}, port: 80}]");
    assert_eq!(rules(&[short, &other_port]), [""; 0]);
}

#[test]
fn destination_rules() {
    let policy = |policy: &str| format!("{{host: a, trafficPolicy: {policy}}}");
    for (fields, expected) in [
        ("{}", vec![""]),
        ("{outlierDetection: {maxEjectionPercent: 101}}", vec![".outlierDetection.maxEjectionPercent"]),
        (
            "{outlierDetection: {consecutiveLocalOriginFailures: 1}}",
            vec![".outlierDetection.consecutiveLocalOriginFailures"],
        ),
        ("{connectionPool: {}}", vec![".connectionPool"]),
        (
            "{connectionPool: {tcp: {idleTimeout: 0s, connectTimeout: 0s}}}",
            vec![".connectionPool.tcp.connectTimeout"],
        ),
        (
            "{connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}",
            vec![".connectionPool.http.http2KeepAlive.timeout"],
        ),
        (
            "{connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}",
            vec![".connectionPool.http.useClientProtocol"],
        ),
        (
            "{loadBalancer: {consistentHash: {maglev: {tableSize: 65538}}}}",
            vec![".loadBalancer.consistentHash.maglev.tableSize"],
        ),
        ("{loadBalancer: {consistentHash: {maglev: {tableSize: 65537}}}}", vec![]),
        ("{loadBalancer: {warmup: {duration: 1s, aggression: 0}}}", vec![".loadBalancer.warmup.aggression"]),
        (
            "{loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 50}}]}}}",
            vec![".loadBalancer.localityLbSetting.distribute[0].to"],
        ),
        (
            "{loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 50, b/c: 50}}]}}}",
            vec![".loadBalancer.localityLbSetting.distribute[0].to[\"b/c\"]"],
        ),
        ("{tls: {mode: MUTUAL}}", vec![".tls.clientCertificate", ".tls.privateKey"]),
        ("{tls: {mode: SIMPLE, credentialName: 'configmap://c/x'}}", vec![".tls.credentialName"]),
        ("{tls: {mode: SIMPLE, credentialName: 'configmap://b/x'}}", vec![]),
        ("{tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: x}}", vec![".tls.caCertificates"]),
        ("{tunnel: {targetHost: a, targetPort: 1, protocol: GET}}", vec![".tunnel.protocol"]),
        ("{portLevelSettings: [{tls: {}}]}", vec![".portLevelSettings[0].port"]),
    ] {
        let found = found("DestinationRule", &policy(fields));
        let paths: Vec<&str> =
            found.iter().map(|line| line.split_once("spec.trafficPolicy").expect("a path").1).collect();
        assert_eq!(paths, expected, "{fields}");
        assert!(found.iter().all(|line| line.starts_with("e:")), "{found:?}");
    }
    check(
        "DestinationRule",
        &[
            ("{host: a, subsets: [{name: a}, {name: a}]}", &["e:PV0201 spec.subsets[1].name"]),
            ("{host: a, subsets: [{name: ''}]}", &["e:PV0007 spec.subsets[0].name"]),
            (
                "{host: a, workloadSelector: {matchLabels: {x: z}}, exportTo: ['*']}",
                &["e:PV0033 spec.exportTo"],
            ),
            ("{host: a, workloadSelector: {matchLabels: {x: z}}, exportTo: [b]}", &[]),
            (
                "{host: a, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}",
                &["w:PV0014 spec.trafficPolicy.outlierDetection.consecutiveErrors"],
            ),
            (
                "{host: a, subsets: [{name: v, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}]}",
                &["i:PV0014 spec.subsets[0].trafficPolicy.outlierDetection.consecutiveErrors"],
            ),
            (
                "{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}}}",
                &["w:PV0220 spec.trafficPolicy.loadBalancer.localityLbSetting.failover"],
            ),
        ],
    );
}

#[test]
fn gateways() {
    let server = |fields: &str| format!("{{servers: [{{{fields}}}]}}");
    let http = "port: {number: 80, name: a, protocol: HTTP}, hosts: ";
    let https = "port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*'], tls: ";
    for (fields, expected) in [
        (format!("{http}[a.b, ./a.c, '*', x/*.d]"), vec![]),
        (format!("{http}[a]"), vec!["e:PV0308 spec.servers[0].hosts[0]"]),
        (format!("{http}['*x.b']"), vec!["e:PV0309 spec.servers[0].hosts[0]"]),
        (format!("{http}[a_b/a.b]"), vec!["e:PV0307 spec.servers[0].hosts[0]"]),
        (format!("{http}['*'], bind: x"), vec!["e:PV0003 spec.servers[0].bind"]),
        (format!("{http}['*'], bind: 'unix:///x'"), vec!["e:PV0305 spec.servers[0].port.number"]),
        (format!("{http}['*'], tls: {{httpsRedirect: true}}"), vec![]),
        (
            format!("{http}['*'], tls: {{mode: SIMPLE, credentialName: x}}"),
            vec!["e:PV0304 spec.servers[0].tls"],
        ),
        (
            "port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*']".to_owned(),
            vec!["e:PV0303 spec.servers[0].tls"],
        ),
        (
            format!("{https}{{mode: SIMPLE}}"),
            vec!["e:PV0013 spec.servers[0].tls.privateKey", "e:PV0013 spec.servers[0].tls.serverCertificate"],
        ),
        (
            format!("{https}{{mode: MUTUAL, serverCertificate: a, privateKey: b}}"),
            vec!["e:PV0013 spec.servers[0].tls.caCertificates"],
        ),
        (
            format!("{https}{{mode: ISTIO_MUTUAL, credentialName: a}}"),
            vec!["e:PV0310 spec.servers[0].tls.credentialName"],
        ),
        (
            format!("{https}{{mode: PASSTHROUGH, credentialName: a}}"),
            vec!["w:PV0311 spec.servers[0].tls.credentialName"],
        ),
        (
            format!("{https}{{mode: SIMPLE, credentialName: a, credentialNames: [b]}}"),
            vec!["e:PV0316 spec.servers[0].tls"],
        ),
        (
            format!("{https}{{mode: SIMPLE, credentialName: a, cipherSuites: [x, x]}}"),
            vec![
                "w:PV0314 spec.servers[0].tls.cipherSuites[0]",
                "w:PV0314 spec.servers[0].tls.cipherSuites[1]",
                "w:PV0315 spec.servers[0].tls.cipherSuites[1]",
            ],
        ),
        (
            format!("{https}{{mode: SIMPLE, credentialName: a, minProtocolVersion: TLSV1_1}}"),
            vec!["w:PV0313 spec.servers[0].tls.minProtocolVersion"],
        ),
        ("hosts: ['*']".to_owned(), vec!["e:PV0013 spec.servers[0].port"]),
    ] {
        assert_eq!(found("Gateway", &server(&fields)), expected, "{fields}");
    }
    let twice = "{servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ['*']}, {port: {number: 81, name: a, protocol: HTTP}, hosts: ['*']}]}";
    assert_eq!(found("Gateway", twice), ["e:PV0301 spec.servers[1].port.name"]);
}

#[test]
fn service_entries() {
    check(
        "ServiceEntry",
        &[
            ("{hosts: [a.b], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}", &[]),
            ("{hosts: ['*']}", &["e:PV0402 spec.hosts[0]"]),
            ("{hosts: ['*a.b']}", &["w:PV0309 spec.hosts[0]"]),
            ("{hosts: ['*.b'], resolution: DNS}", &["e:PV0002 spec.hosts[0]"]),
            ("{hosts: [a.b], addresses: [1.0.0.0/8], resolution: DNS}", &["e:PV0403 spec.addresses[0]"]),
            ("{hosts: [a.b], ports: [{number: 1, name: x, protocol: TCP}]}", &["w:PV0405 spec.ports[0]"]),
            ("{hosts: [a.b], endpoints: [{address: 1.1.1.1}]}", &["e:PV0407 spec.endpoints"]),
            (
                "{hosts: [a.b], resolution: STATIC, endpoints: [{address: x.y}]}",
                &["e:PV0003 spec.endpoints[0].address"],
            ),
            (
                "{hosts: [a.b], resolution: STATIC, ports: [{number: 1, name: x, protocol: HTTP}], endpoints: [{address: 1.1.1.1, ports: {z: 1}}]}",
                &["e:PV0603 spec.endpoints[0].ports.z"],
            ),
            (
                "{hosts: [a.b], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a}, {address: b}]}",
                &["e:PV0409 spec.endpoints"],
            ),
            ("{hosts: [a.b], resolution: DYNAMIC_DNS}", &["e:PV0411 spec.hosts[0]"]),
            (
                "{hosts: ['*.b'], resolution: DYNAMIC_DNS, ports: [{number: 1, name: x, protocol: HTTPS}]}",
                &["e:PV0412 spec.ports[0].protocol"],
            ),
            (
                "{hosts: [a.b, c.d], resolution: DNS, ports: [{number: 1, name: x, protocol: MONGO}]}",
                &["e:PV0414 spec.ports[0].protocol"],
            ),
            (
                "{hosts: [a.b], workloadSelector: {labels: {a: '*'}}, exportTo: ['!']}",
                &["e:PV0034 spec.workloadSelector.labels.a"],
            ),
            ("{hosts: [a.b], exportTo: ['~']}", &[]),
            ("{hosts: [a.b], resolution: 9}", &["e:PV0406 spec.resolution"]),
        ],
    );
}

#[test]
fn sidecars() {
    check(
        "Sidecar",
        &[
            ("{}", &["e:PV0501 spec"]),
            ("{egress: [{hosts: ['*/*', '~/x.y', ./a.b]}]}", &["w:PV0508 spec.egress[0].hosts"]),
            ("{egress: [{hosts: ['a/*', a/x.y]}]}", &["w:PV0508 spec.egress[0].hosts[1]"]),
            ("{egress: [{hosts: [x.y]}]}", &["e:PV0307 spec.egress[0].hosts[0]"]),
            (
                "{egress: [{hosts: ['*/*']}, {port: {number: 1}, hosts: ['*/*']}]}",
                &["e:PV0506 spec.egress[0].port"],
            ),
            (
                "{egress: [{port: {}, bind: 'unix:///a', captureMode: IPTABLES, hosts: ['*/*']}]}",
                &["e:PV0507 spec.egress[0].captureMode"],
            ),
            (
                "{ingress: [{port: {number: 1}, defaultEndpoint: '1.2.3.4:80'}]}",
                &["e:PV0505 spec.ingress[0].defaultEndpoint"],
            ),
            ("{ingress: [{port: {number: 1}, defaultEndpoint: '[::1]:80'}]}", &[]),
            (
                "{ingress: [{port: {number: 1}}, {port: {number: 1}}]}",
                &["e:PV0404 spec.ingress[1].port.number"],
            ),
            (
                "{ingress: [{port: {number: 1, protocol: TCP}, connectionPool: {http: {}}}]}",
                &["w:PV0504 spec.ingress[0].connectionPool.http"],
            ),
            (
                "{ingress: [{port: {number: 1, protocol: HTTP}, tls: {mode: SIMPLE, serverCertificate: a, privateKey: b}}]}",
                &["e:PV0304 spec.ingress[0].tls"],
            ),
            (
                "{outboundTrafficPolicy: {egressProxy: {host: a.b, port: {number: 1}}}}",
                &["e:PV0503 spec.outboundTrafficPolicy.egressProxy"],
            ),
        ],
    );
}

#[test]
fn workloads_and_envoy_filters() {
    check(
        "WorkloadEntry",
        &[
            ("{address: a.b}", &[]),
            ("{}", &["e:PV0013 spec.address"]),
            ("{network: x}", &["w:PV0601 spec.address"]),
            ("{address: 'unix:///a', ports: {x: 1}}", &["e:PV0305 spec.ports"]),
        ],
    );
    check(
        "WorkloadGroup",
        &[
            (
                "{template: {}, probe: {httpGet: {port: 80, httpHeaders: [{name: a_b}]}}}",
                &["e:PV0024 spec.probe.httpGet.httpHeaders[0].name"],
            ),
            ("{probe: {}}", &["e:PV0604 spec.probe", "e:PV0013 spec.template"]),
        ],
    );
    check("ProxyConfig", &[("{concurrency: -1}", &["e:PV0012 spec.concurrency"])]);
    check(
        "EnvoyFilter",
        &[
            ("{configPatches: [{applyTo: CLUSTER}]}", &["e:PV0013 spec.configPatches[0].patch"]),
            (
                "{configPatches: [{applyTo: CLUSTER, match: {listener: {}}, patch: {operation: REMOVE}}]}",
                &["e:PV0702 spec.configPatches[0].match.listener"],
            ),
            (
                "{configPatches: [{applyTo: CLUSTER, patch: {operation: ADD, value: {name: 1}}}]}",
                &["e:PV0706 spec.configPatches[0].patch.value.name"],
            ),
        ],
    );
}

#[test]
fn metadata_is_judged_first() {
    let spec = format!("{{hosts: [a_b], {ROUTE}}}");
    let reject = "{name: a, annotations: {internal.istio.io/webhook-always-reject: 'true'}}";
    let lines = found_with(reject, "VirtualService", &spec);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("e:PV0041 metadata.annotations"), "{lines:?}");
    let relaxed = "{name: a, annotations: {internal.istio.io/route-semantics: gateway}}";
    let spec = "{hosts: [a], http: [{route: [{destination: {host: '*'}}]}]}";
    assert_eq!(found_with(relaxed, "VirtualService", spec), [""; 0]);
}

#[test]
fn what_follows_from_an_unread_field_is_not_said() {
    check(
        "VirtualService",
        &[
            ("{hosts: [a], http: x}", &["e:PA0101 spec.http"]),
            (
                "{hosts: [a], http: [{route: [{destination: {host: a}, weight: x}, {destination: {host: a}}]}]}",
                &["e:PA0101 spec.http[0].route[0].weight"],
            ),
            (
                "{hosts: [a], http: [{retries: {attempts: 3, retry_on: x}, route: [{destination: {host: a}}]}]}",
                &["e:PV0133 spec.http[0].retries.retry_on"],
            ),
        ],
    );
}
