//! Findings about the configuration of a mesh.

use pointsman_api::istio::mesh::{MeshConfig, MeshNetworks, ProxyConfig};
use pointsman_manifest::Manifest;
use pointsman_types::Diagnostic;
use pointsman_types::duration::TimeDelta;
use pointsman_validate::mesh;

fn read<T: pointsman_api::field::Message>(text: &str) -> T {
    let manifest = Manifest::parse(text).expect(text);
    let read = pointsman_api::Decoded::<T>::of_message(manifest.documents()[0].value(), Default::default());
    assert_eq!(read.findings, [], "{text}");
    read.value
}

fn paths(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(|finding| finding.path.to_string()).collect()
}

#[test]
fn whole_meshes() {
    let config: MeshConfig = read(
        "{trustDomain: a:b, trustDomainAliases: [a.b., ''], connectTimeout: 2h, serviceSettings: [{hosts: ['a_b']}],
        defaultInboundHttpRetryPolicy: {attempts: 1, perTryTimeout: 1s}, defaultTrafficPolicy: {connectionPool: {}},
        extensionProviders: [{name: x, zipkin: {service: a.b, port: 1}}, {name: x}, {name: z, datadog: {service: a/b_c, port: 0}}]}",
    );
    assert_eq!(
        paths(&mesh::mesh_config(&config)),
        [
            "connectTimeout",
            "defaultInboundHttpRetryPolicy.perTryTimeout",
            "defaultTrafficPolicy.connectionPool",
            "extensionProviders[1]",
            "extensionProviders[1].name",
            "extensionProviders[2].datadog.port",
            "extensionProviders[2].datadog.service",
            "serviceSettings[0].hosts[0]",
            "trustDomain",
            "trustDomainAliases[1]",
        ]
    );
}

#[test]
fn proxies() {
    let good: ProxyConfig = read(
        "{configPath: /a, binaryPath: /b, serviceCluster: c, drainDuration: 45s, proxyAdminPort: 15000, statusPort: 15020,
        controlPlaneAuthPolicy: MUTUAL_TLS, discoveryAddress: 'istiod.istio-system.svc:15012',
        tracing: {zipkin: {address: '$(HOST_IP):9411'}}}",
    );
    assert_eq!(mesh::proxy_config(&good), []);
    let bad: ProxyConfig = read(
        "{configPath: /a, drainDuration: 1500ms, statusPort: 1, statsdUdpAddress: a, tracing: {lightstep: {address: 'a:0'}},
        connectionSettings: {http2InitialStreamWindowSize: 100, httpIdleTimeout: -1s}}",
    );
    assert_eq!(
        paths(&mesh::proxy_config(&bad)),
        [
            "binaryPath",
            "connectionSettings.http2InitialStreamWindowSize",
            "connectionSettings.httpIdleTimeout",
            "drainDuration",
            "proxyAdminPort",
            "serviceCluster",
            "statsdUdpAddress",
            "tracing.lightstep.accessToken",
            "tracing.lightstep.address",
        ]
    );
}

#[test]
fn networks() {
    let networks: MeshNetworks = read(
        "{networks: {net: {endpoints: [{fromRegistry: a.b}, {fromCidr: 10.0.0.0/8}, {fromCidr: 10.0.0.0}],
        gateways: [{address: a_b, port: 1}, {registryServiceName: a.b, port: 0}]}}}",
    );
    assert_eq!(
        paths(&mesh::mesh_networks(&networks)),
        [
            "networks.net.endpoints[0].fromRegistry",
            "networks.net.endpoints[2].fromCidr",
            "networks.net.gateways[0].address",
            "networks.net.gateways[1].port",
        ]
    );
}

#[test]
fn times() {
    let count = |found: Vec<Diagnostic>| found.len();
    let millis = TimeDelta::from_millis;
    assert_eq!(
        [0, 1, 3_600_000, 3_600_001].map(|time| count(mesh::connect_timeout(millis(time)))),
        [1, 0, 0, 1]
    );
    assert_eq!([0, 1, 500].map(|time| count(mesh::protocol_detection_timeout(millis(time)))), [0, 0, 0]);
    assert_eq!(count(mesh::protocol_detection_timeout(TimeDelta::from_nanos(1_500_000))), 1);
    assert_eq!([0, 1_000, 1_500].map(|time| count(mesh::drain_duration(millis(time)))), [1, 0, 1]);
}
