//! Findings about the configuration of a mesh.

use pointsman_api::Decoded;
use pointsman_api::field::Message;
use pointsman_api::istio::mesh::{MeshConfig, MeshNetworks, ProxyConfig};
use pointsman_manifest::Manifest;
use pointsman_types::duration::TimeDelta;
use pointsman_types::{Diagnostic, ObjectRef};
use pointsman_validate::fragment;

fn read<T: Message>(text: &str) -> T {
    let manifest = Manifest::parse(text).expect(text);
    let document = manifest.documents().first().expect("a document");
    let read = Decoded::<T>::of_message(document.value(), ObjectRef::default());
    assert_eq!(read.findings, [], "{text}");
    read.value
}

fn paths(findings: &[Diagnostic]) -> Vec<String> {
    assert!(findings.iter().all(|finding| !finding.help.is_empty()));
    findings.iter().map(|finding| finding.path.to_string()).collect()
}

#[test]
fn whole_meshes() {
    let config: MeshConfig = read(
        "{trustDomain: a:b, trustDomainAliases: [a.b., ''], connectTimeout: 2h, serviceSettings: [{hosts: ['a_b']}],
        defaultInboundHttpRetryPolicy: {attempts: 1, perTryTimeout: 1s}, defaultTrafficPolicy: {connectionPool: {}},
        defaultConfig: {drainDuration: 45s, tracing: {customTags: {a: {}, b: {literal: {value: x}}}}},
        extensionProviders: [{name: x, zipkin: {service: a.b, port: 1}}, {name: x}, {name: z, datadog: {service: a/b_c, port: 0}}]}",
    );
    let expected = [
        "connectTimeout",
        "defaultConfig.tracing.customTags.a",
        "defaultInboundHttpRetryPolicy.perTryTimeout",
        "defaultTrafficPolicy.connectionPool",
        "extensionProviders[1].name",
        "extensionProviders[2].datadog.port",
        "extensionProviders[2].datadog.service",
        "serviceSettings[0].hosts[0]",
        "trustDomain",
        "trustDomainAliases[1]",
    ];
    assert_eq!(paths(&fragment::mesh_config(&config)), expected);
}

#[test]
fn proxies() {
    let good: ProxyConfig = read(
        "{configPath: /a, binaryPath: /b, serviceCluster: c, drainDuration: 45s, proxyAdminPort: 15000, statusPort: 15020,
        controlPlaneAuthPolicy: MUTUAL_TLS, discoveryAddress: 'istiod.istio-system.svc:15012',
        tracing: {zipkin: {address: '$(HOST_IP):9411'}}}",
    );
    assert_eq!(fragment::mesh_proxy_config(&good), []);
    let bad: ProxyConfig = read(
        "{configPath: /a, drainDuration: 1500ms, statusPort: 1, statsdUdpAddress: a, tracing: {lightstep: {address: 'a:0'}},
        connectionSettings: {http2InitialStreamWindowSize: 100, httpIdleTimeout: -1s}}",
    );
    let expected = [
        "binaryPath",
        "connectionSettings.http2InitialStreamWindowSize",
        "connectionSettings.httpIdleTimeout",
        "drainDuration",
        "proxyAdminPort",
        "serviceCluster",
        "statsdUdpAddress",
        "tracing.lightstep.accessToken",
        "tracing.lightstep.address",
    ];
    assert_eq!(paths(&fragment::mesh_proxy_config(&bad)), expected);
}

#[test]
fn networks() {
    let networks: MeshNetworks = read(
        "{networks: {net: {endpoints: [{fromRegistry: a.b}, {fromCidr: 10.0.0.0/8}, {fromCidr: 10.0.0.0/33}],
        gateways: [{address: a_b, port: 1}, {registryServiceName: a.b, port: 0}]}}}",
    );
    let expected = [
        "networks.net.endpoints[0].fromRegistry",
        "networks.net.endpoints[2].fromCidr",
        "networks.net.gateways[0].address",
        "networks.net.gateways[1].port",
    ];
    assert_eq!(paths(&fragment::mesh_networks(&networks)), expected);
}

#[test]
fn times() {
    let is_good = |found: Vec<Diagnostic>| found.is_empty();
    let millis = TimeDelta::from_millis;
    let connect = [0, 1, 3_600_000, 3_600_001].map(|time| is_good(fragment::connect_timeout(millis(time))));
    assert_eq!(connect, [false, true, true, false]);
    assert!(is_good(fragment::protocol_detection_timeout(millis(0))));
    assert!(!is_good(fragment::protocol_detection_timeout(TimeDelta::from_nanos(1_500_000))));
    let drain = [0, 1_000, 1_500].map(|time| is_good(fragment::drain_duration(millis(time))));
    assert_eq!(drain, [false, true, false]);
}
