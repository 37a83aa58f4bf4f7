//! Traffic policies.

use pointsman_api::istio::networking::{
    PortTrafficPolicy, ProxyProtocolVersion, TrafficPolicy, TunnelSettings,
};
use pointsman_types::host;

use super::{connection, load_balancer, outlier, tls};
use crate::codes;
use crate::report::{Place, Report};
use crate::words::address::is_ip;
use crate::words::{self, quote};

pub(crate) fn check(policy: &TrafficPolicy, namespace: &str, at: &Place<'_>, out: &mut Report) {
    if *policy == TrafficPolicy::default() {
        out.error(at, codes::POLICY_EMPTY, "the traffic policy says nothing");
        return;
    }
    if policy.tunnel.is_some() && policy.proxy_protocol.is_some() {
        out.error(
            &at.field("proxyProtocol"),
            codes::TUNNEL_AND_PROXY,
            "both `tunnel` and `proxyProtocol` are set",
        );
        return;
    }
    if let Some(outlier) = &policy.outlier_detection {
        outlier::check(outlier, &at.field("outlierDetection"), out);
    }
    if let Some(pool) = &policy.connection_pool {
        connection::check(pool, &at.field("connectionPool"), out);
    }
    if let Some(balancer) = &policy.load_balancer {
        let watched = policy.outlier_detection.is_some();
        load_balancer::check(balancer, watched, &at.field("loadBalancer"), out);
    }
    if let Some(settings) = &policy.tls {
        tls::check(settings, namespace, &at.field("tls"), out);
    }
    for (position, port) in policy.port_level_settings.iter().enumerate() {
        out.hushed(|out| port_policy(port, namespace, &at.item("portLevelSettings", position), out));
    }
    if let Some(settings) = &policy.tunnel {
        tunnel(settings, &at.field("tunnel"), out);
    }
    if let Some(protocol) = &policy.proxy_protocol
        && let ProxyProtocolVersion::Other(version) = protocol.version
    {
        let message = format!("`{version}` is not a version of the PROXY protocol");
        out.error(&at.field("proxyProtocol").field("version"), codes::PROXY_VERSION, message);
    }
}

fn port_policy(policy: &PortTrafficPolicy, namespace: &str, at: &Place<'_>, out: &mut Report) {
    if policy.port.is_none() {
        words::missing("port", at, out);
    }
    let empty = policy.load_balancer.is_none()
        && policy.connection_pool.is_none()
        && policy.outlier_detection.is_none()
        && policy.tls.is_none();
    if empty {
        out.error(at, codes::POLICY_EMPTY, "the policy of the port says nothing");
    }
    if let Some(outlier) = &policy.outlier_detection {
        outlier::check(outlier, &at.field("outlierDetection"), out);
    }
    if let Some(pool) = &policy.connection_pool {
        connection::check(pool, &at.field("connectionPool"), out);
    }
    if let Some(balancer) = &policy.load_balancer {
        let watched = policy.outlier_detection.is_some();
        load_balancer::check(balancer, watched, &at.field("loadBalancer"), out);
    }
    if let Some(settings) = &policy.tls {
        tls::check(settings, namespace, &at.field("tls"), out);
    }
}

fn tunnel(settings: &TunnelSettings, at: &Place<'_>, out: &mut Report) {
    if !["", "CONNECT", "POST"].contains(&settings.protocol.as_str()) {
        let message = format!("{} is neither `CONNECT` nor `POST`", quote(&settings.protocol));
        out.error(&at.field("protocol"), codes::TUNNEL_PROTOCOL, message);
    }
    if host::check_fqdn(&settings.target_host).is_err() && !is_ip(&settings.target_host) {
        let message = format!("{} is neither a host name nor an IP address", quote(&settings.target_host));
        out.error(&at.field("targetHost"), codes::INVALID_FQDN, message);
    }
    words::port(settings.target_port, &at.field("targetPort"), out);
}
