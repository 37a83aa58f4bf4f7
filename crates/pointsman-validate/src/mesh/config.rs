//! MeshConfig.

use std::collections::BTreeSet;

use pointsman_api::istio::mesh::{DefaultTrafficPolicy, MeshConfig, ServiceSettings};
use pointsman_api::istio::networking::HTTPRetry;
use pointsman_types::duration::TimeDelta;

use super::{provider, proxy};
use crate::codes;
use crate::destination_rule::{connection, locality, outlier};
use crate::report::{Place, Report};
use crate::virtual_service::retry;
use crate::words::{self, quote};

/// What was not written counts as the control plane's default.
pub(crate) fn check(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    let ports = [
        ("proxyListenPort", config.proxy_listen_port),
        ("proxyInboundListenPort", config.proxy_inbound_listen_port),
        ("proxyHttpPort", config.proxy_http_port),
    ];
    for (name, number) in ports.into_iter().filter(|(_, number)| *number != 0) {
        signed_port(number, &at.field(name), out);
    }
    if let Some(time) = config.connect_timeout {
        connect_timeout(time, &at.field("connectTimeout"), out);
    }
    if let Some(time) = config.protocol_detection_timeout {
        detection_timeout(time, &at.field("protocolDetectionTimeout"), out);
    }
    if let Some(settings) = &config.default_config {
        proxy::check(settings, &at.field("defaultConfig"), out);
    }
    if !config.trust_domain.is_empty() {
        trust_domain(&config.trust_domain, &at.field("trustDomain"), out);
    }
    for (position, name) in config.trust_domain_aliases.iter().enumerate() {
        trust_domain(name, &at.item("trustDomainAliases", position), out);
    }
    localities(config, at, out);
    for (position, settings) in config.service_settings.iter().enumerate() {
        service_settings(settings, &at.item("serviceSettings", position), out);
    }
    let mut names = BTreeSet::new();
    for (position, one) in config.extension_providers.iter().enumerate() {
        let here = at.item("extensionProviders", position);
        provider::check(one, &here, out);
        if !one.name.is_empty() && !names.insert(one.name.as_str()) {
            let message = format!("another provider has the name {} already", quote(&one.name));
            out.error(&here.field("name"), codes::PROVIDER_TWICE, message);
        }
    }
    policies(config, at, out);
}

fn localities(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    let watched =
        config.default_traffic_policy.as_ref().is_some_and(|policy| policy.outlier_detection.is_some());
    if let Some(setting) = &config.locality_lb_setting {
        // Rules may watch endpoints.
        out.hushed(|out| locality::check(setting, watched, &at.field("localityLbSetting"), out));
    }
    if let Some(setting) = &config.zone_aware_lb_setting {
        out.hushed(|out| locality::zone_aware(setting, watched, &at.field("zoneAwareLbSetting"), out));
    }
}

fn policies(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    if let Some(retries) = &config.default_http_retry_policy {
        retry::check(retries, &at.field("defaultHttpRetryPolicy"), out);
    }
    if let Some(retries) = &config.default_inbound_http_retry_policy {
        inbound_retries(retries, &at.field("defaultInboundHttpRetryPolicy"), out);
    }
    if let Some(policy) = &config.default_traffic_policy {
        traffic_policy(policy, &at.field("defaultTrafficPolicy"), out);
    }
}

pub(crate) fn service_settings(settings: &ServiceSettings, at: &Place<'_>, out: &mut Report) {
    for (position, name) in settings.hosts.iter().enumerate() {
        words::wildcard_host(name, &at.item("hosts", position), out);
    }
}

pub(crate) fn traffic_policy(policy: &DefaultTrafficPolicy, at: &Place<'_>, out: &mut Report) {
    if let Some(pool) = &policy.connection_pool {
        connection::check(pool, &at.field("connectionPool"), out);
    }
    if let Some(settings) = &policy.outlier_detection {
        outlier::check(settings, &at.field("outlierDetection"), out);
    }
}

/// Towards the workload there is one endpoint, so what chooses another one has no effect.
pub(crate) fn inbound_retries(retries: &HTTPRetry, at: &Place<'_>, out: &mut Report) {
    retry::check(retries, at, out);
    let ignored = [
        ("perTryTimeout", retries.per_try_timeout.is_some()),
        ("retryRemoteLocalities", retries.retry_remote_localities.is_some()),
        ("retryIgnorePreviousHosts", retries.retry_ignore_previous_hosts.is_some()),
    ];
    for (name, _) in ignored.iter().filter(|(_, set)| *set) {
        let message = format!("`{name}` has no effect on retries towards the workload");
        out.warn(&at.field(name), codes::INBOUND_RETRY, message);
    }
}

pub(crate) fn trust_domain(name: &str, at: &Place<'_>, out: &mut Report) {
    if let Err(why) = pointsman_types::host::check_fqdn(name) {
        let message = format!("{} is not a trust domain: {why}", quote(name));
        out.error(at, codes::MESH_TRUST_DOMAIN, message);
    }
}

/// The longest time that connecting may take in a whole mesh. The limit is the control plane's own.
const LONGEST_CONNECT: TimeDelta = TimeDelta::from_secs(3_600);

/// How long connecting may take, in a whole mesh.
pub(crate) fn connect_timeout(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    words::duration(time, at, out);
    if time.nanos() > LONGEST_CONNECT.nanos() {
        let message = format!("the timeout `{time}` is longer than `{LONGEST_CONNECT}`");
        out.error(at, codes::DURATION_RANGE, message);
    }
}

/// Nothing means that no protocol is detected.
pub(crate) fn detection_timeout(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    if !time.is_zero() {
        words::duration(time, at, out);
    }
}

pub(super) fn signed_port(number: i32, at: &Place<'_>, out: &mut Report) {
    match u32::try_from(number) {
        Ok(number) => words::port(number, at, out),
        Err(_) => out.error(at, codes::INVALID_PORT, format!("port `{number}` is not between 1 and 65535")),
    }
}
