//! The configuration of proxies inside MeshConfig.

use pointsman_api::istio::mesh::{
    AuthenticationPolicy, ClusterName, ConnectionSettings, ProxyConfig, ProxyCustomTagType, Tracer, Tracing,
};
use pointsman_types::duration::TimeDelta;
use pointsman_types::host;

use super::config::signed_port;
use crate::codes;
use crate::destination_rule::tls;
use crate::report::{Place, Report};
use crate::words::address::{host_and_port, is_ip};
use crate::words::{self, quote};

/// Envoy's smallest window of HTTP/2.
const SMALLEST_WINDOW: i32 = 65_535;

/// What was not written counts as the control plane's default.
pub(crate) fn check(config: &ProxyConfig, at: &Place<'_>, out: &mut Report) {
    if let Some(ClusterName::ServiceCluster(name)) = &config.cluster_name
        && name.is_empty()
    {
        words::missing("serviceCluster", at, out);
    }
    if let Some(time) = config.drain_duration {
        drain_duration(time, &at.field("drainDuration"), out);
    }
    let addresses = [
        ("discoveryAddress", &config.discovery_address),
        ("statsdUdpAddress", &config.statsd_udp_address),
        ("zipkinAddress", &config.zipkin_address),
        ("envoyMetricsServiceAddress", &config.envoy_metrics_service_address),
    ];
    for (name, text) in addresses.into_iter().filter(|(_, text)| !text.is_empty()) {
        address(text, &at.field(name), out);
    }
    let services = [
        ("envoyMetricsService", &config.envoy_metrics_service),
        ("envoyAccessLogService", &config.envoy_access_log_service),
    ];
    for (name, service) in services {
        if let Some(service) = service.as_ref().filter(|service| !service.address.is_empty()) {
            address(&service.address, &at.field(name).field("address"), out);
        }
    }
    for (name, number) in [("statusPort", config.status_port), ("proxyAdminPort", config.proxy_admin_port)] {
        if number != 0 {
            signed_port(number, &at.field(name), out);
        }
    }
    control_plane_auth(config.control_plane_auth_policy, &at.field("controlPlaneAuthPolicy"), out);
    if let Some(settings) = &config.tracing {
        tracing(settings, &at.field("tracing"), out);
    }
    if let Some(settings) = &config.connection_settings {
        connection_settings(settings, &at.field("connectionSettings"), out);
    }
}

/// What was not written is missing: of settings that the defaults have been put into.
pub(crate) fn complete(config: &ProxyConfig, at: &Place<'_>, out: &mut Report) {
    check(config, at, out);
    let missing = [
        ("configPath", config.config_path.is_empty()),
        ("binaryPath", config.binary_path.is_empty()),
        ("serviceCluster", config.cluster_name.is_none()),
        ("drainDuration", config.drain_duration.is_none()),
        ("statusPort", config.status_port == 0),
        ("proxyAdminPort", config.proxy_admin_port == 0),
    ];
    for (name, _) in missing.iter().filter(|(_, missing)| *missing) {
        words::missing(name, at, out);
    }
}

pub(crate) fn control_plane_auth(policy: AuthenticationPolicy, at: &Place<'_>, out: &mut Report) {
    if !matches!(policy, AuthenticationPolicy::None | AuthenticationPolicy::MutualTls) {
        let message = format!("the policy `{policy}` is none towards the control plane");
        out.error(at, codes::CONTROL_PLANE_AUTH, message);
    }
}

fn tracing(settings: &Tracing, at: &Place<'_>, out: &mut Report) {
    match &settings.tracer {
        Some(Tracer::Zipkin(tracer)) => address(&tracer.address, &at.field("zipkin").field("address"), out),
        Some(Tracer::Datadog(tracer)) => address(&tracer.address, &at.field("datadog").field("address"), out),
        Some(Tracer::Lightstep(tracer)) => {
            let here = at.field("lightstep");
            address(&tracer.address, &here.field("address"), out);
            if tracer.access_token.is_empty() {
                words::missing("accessToken", &here, out);
            }
        }
        _ => {}
    }
    words::percent(settings.sampling, &at.field("sampling"), out);
    custom_tags(settings, &at.field("customTags"), out);
    if let Some(settings) = &settings.tls_settings {
        tls::check(settings, "", &at.field("tlsSettings"), out);
    }
}

fn custom_tags(settings: &Tracing, at: &Place<'_>, out: &mut Report) {
    for (name, tag) in &settings.custom_tags {
        let here = at.field(name);
        if name.is_empty() {
            out.error(&here, codes::TAG_NAME, "a tag has no name");
        }
        let says_nothing = match &tag.kind {
            None => true,
            Some(ProxyCustomTagType::Literal(literal)) => literal.value.is_empty(),
            Some(ProxyCustomTagType::Environment(variable)) => variable.name.is_empty(),
            Some(ProxyCustomTagType::Header(header)) => header.name.is_empty(),
            Some(_) => false,
        };
        if says_nothing {
            out.error(&here, codes::TAG_SOURCE, "the tag does not say where its value comes from");
        }
    }
}

/// `host:port`; variables of the environment may stand for the host.
pub(crate) fn address(text: &str, at: &Place<'_>, out: &mut Report) {
    let good = host_and_port(text).is_some_and(|(name, port)| {
        (is_ip(name) || host::check_fqdn(name).is_ok() || (name.starts_with("$(") && name.ends_with(')')))
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse().is_ok_and(words::is_port)
    });
    if !good {
        out.error(at, codes::HOST_PORT, format!("{} is not of the form `host:port`", quote(text)));
    }
}

/// Whole seconds, at most an hour.
pub(crate) fn drain_duration(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    words::duration(time, at, out);
    let limit = TimeDelta::from_secs(3_600);
    if time.nanos() > limit.nanos() || time.nanos() % 1_000_000_000 != 0 {
        let message = format!("the drain time `{time}` is not a whole number of seconds up to an hour");
        out.error(at, codes::DURATION_RANGE, message);
    }
}

pub(crate) fn connection_settings(settings: &ConnectionSettings, at: &Place<'_>, out: &mut Report) {
    let least = [
        ("listenerPerConnectionBufferLimitBytes", settings.listener_per_connection_buffer_limit_bytes, 0),
        ("clusterPerConnectionBufferLimitBytes", settings.cluster_per_connection_buffer_limit_bytes, 0),
        ("httpMaxConcurrentStreams", settings.http_max_concurrent_streams, 1),
        ("http2InitialStreamWindowSize", settings.http2_initial_stream_window_size, SMALLEST_WINDOW),
        ("http2InitialConnectionWindowSize", settings.http2_initial_connection_window_size, SMALLEST_WINDOW),
        ("listenerConnectionLimit", settings.listener_connection_limit, 0),
        ("globalDownstreamConnectionLimit", settings.global_downstream_connection_limit, 0),
    ];
    for (name, number, least) in least {
        if let Some(number) = number.filter(|number| *number < least) {
            let message = format!("`{name}` is `{number}`, below {least}");
            out.error(&at.field(name), codes::CONNECTION_SETTING, message);
        }
    }
    let times = [
        ("httpIdleTimeout", settings.http_idle_timeout),
        ("httpMaxConnectionDuration", settings.http_max_connection_duration),
        ("httpDrainTimeout", settings.http_drain_timeout),
        ("httpRequestTimeout", settings.http_request_timeout),
        ("httpRequestHeadersTimeout", settings.http_request_headers_timeout),
        ("httpStreamIdleTimeout", settings.http_stream_idle_timeout),
        ("httpMaxStreamDuration", settings.http_max_stream_duration),
    ];
    for (name, time) in times {
        if let Some(time) = time.filter(|time| time.is_negative()) {
            out.error(
                &at.field(name),
                codes::CONNECTION_SETTING,
                format!("the duration `{time}` is negative"),
            );
        }
    }
}
