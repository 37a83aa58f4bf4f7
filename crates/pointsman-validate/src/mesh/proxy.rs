//! Settings of proxies.

use pointsman_api::istio::mesh::{
    AuthenticationPolicy, ClusterName, ProxyConfig, ProxyCustomTagType, RemoteService, Tracer, Tracing,
};
use pointsman_types::duration::TimeDelta;

use super::{address, connection};
use crate::codes;
use crate::destination_rule::tls;
use crate::report::{Place, Report};
use crate::words;

pub(super) fn check(config: &ProxyConfig, at: &Place<'_>, out: &mut Report) {
    for (field, text) in [("configPath", &config.config_path), ("binaryPath", &config.binary_path)] {
        if text.is_empty() {
            out.error(&at.field(field), codes::PROXY_PATH, format!("`{field}` is empty"));
        }
    }
    if config
        .cluster_name
        .as_ref()
        .is_none_or(|name| matches!(name, ClusterName::ServiceCluster(name) if name.is_empty()))
    {
        let message = "neither `serviceCluster` nor `tracingServiceName` says what the workload is called";
        out.error(&at.field("serviceCluster"), codes::PROXY_CLUSTER, message);
    }
    match config.drain_duration {
        Some(time) => drain_duration(time, &at.field("drainDuration"), out),
        None => out.error(&at.field("drainDuration"), codes::MISSING, "`drainDuration` is missing"),
    }
    for (field, text) in [
        ("discoveryAddress", &config.discovery_address),
        ("statsdUdpAddress", &config.statsd_udp_address),
        ("envoyMetricsServiceAddress", &config.envoy_metrics_service_address),
    ] {
        if !text.is_empty() {
            address::host_and_port(text, &at.field(field), out);
        }
    }
    for (field, service) in [
        ("envoyMetricsService", &config.envoy_metrics_service),
        ("envoyAccessLogService", &config.envoy_access_log_service),
    ] {
        if let Some(service) = service {
            remote(service, &at.field(field), out);
        }
    }
    for (field, port) in [("proxyAdminPort", config.proxy_admin_port), ("statusPort", config.status_port)] {
        words::port(u32::try_from(port).unwrap_or(0), &at.field(field), out);
    }
    control_plane_auth_policy(config.control_plane_auth_policy, &at.field("controlPlaneAuthPolicy"), out);
    if let Some(settings) = &config.tracing {
        tracing(settings, &at.field("tracing"), out);
    }
    if let Some(settings) = &config.connection_settings {
        connection::check(settings, &at.field("connectionSettings"), out);
    }
}

fn remote(service: &RemoteService, at: &Place<'_>, out: &mut Report) {
    if !service.address.is_empty() {
        address::host_and_port(&service.address, &at.field("address"), out);
    }
    if let Some(settings) = &service.tls_settings {
        tls::check(settings, "", &at.field("tlsSettings"), out);
    }
}

pub(super) fn drain_duration(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    words::duration(time, at, out);
    if time.nanos() % 1_000_000 == 0 && time.nanos() % 1_000_000_000 != 0 {
        out.error(at, codes::MESH_TIMEOUT, "proxies go after whole seconds, but a part of one is asked for");
    }
}

pub(super) fn control_plane_auth_policy(policy: AuthenticationPolicy, at: &Place<'_>, out: &mut Report) {
    if !matches!(policy, AuthenticationPolicy::None | AuthenticationPolicy::MutualTls) {
        out.error(at, codes::CONTROL_PLANE_AUTH, format!("`{policy}` is neither `NONE` nor `MUTUAL_TLS`"));
    }
}

fn tracing(settings: &Tracing, at: &Place<'_>, out: &mut Report) {
    match &settings.tracer {
        Some(Tracer::Zipkin(server)) => tracer(&server.address, &at.field("zipkin"), out),
        Some(Tracer::Datadog(server)) => tracer(&server.address, &at.field("datadog"), out),
        Some(Tracer::Lightstep(server)) => {
            let here = at.field("lightstep");
            tracer(&server.address, &here, out);
            if server.access_token.is_empty() {
                out.error(&here.field("accessToken"), codes::MISSING, "`accessToken` is missing");
            }
        }
        _ => {}
    }
    if let Some(settings) = &settings.tls_settings {
        tls::check(settings, "", &at.field("tlsSettings"), out);
    }
    if !(0.0..=100.0).contains(&settings.sampling) {
        words::percent(settings.sampling, &at.field("sampling"), out);
    }
    let tags = at.field("customTags");
    for (name, tag) in &settings.custom_tags {
        let here = tags.field(name);
        if name.is_empty() {
            out.error(&here, codes::TAG_NAME, "a tag has no name");
        }
        let filled = match &tag.kind {
            None => false,
            Some(ProxyCustomTagType::Literal(literal)) => !literal.value.is_empty(),
            Some(ProxyCustomTagType::Environment(variable)) => !variable.name.is_empty(),
            Some(ProxyCustomTagType::Header(header)) => !header.name.is_empty(),
            Some(_) => true,
        };
        if !filled {
            out.error(&here, codes::TAG_SOURCE, "the tag does not say where its value comes from");
        }
    }
}

/// The address of a tracer; `$(HOST_IP)` stands for that of the machine.
fn tracer(text: &str, at: &Place<'_>, out: &mut Report) {
    let text = text.replace("$(HOST_IP)", "0.0.0.0");
    address::host_and_port(&text, &at.field("address"), out);
}
