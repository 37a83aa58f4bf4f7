//! What holds for the whole mesh.

use std::collections::BTreeSet;

use pointsman_api::istio::mesh::{DefaultTrafficPolicy, MeshConfig, ServiceSettings};
use pointsman_api::istio::networking::HTTPRetry;
use pointsman_types::duration::TimeDelta;
use pointsman_types::host;

use super::{provider, proxy};
use crate::codes;
use crate::destination_rule::{connection, locality, outlier};
use crate::report::{Place, Report};
use crate::virtual_service::retry;
use crate::words::{self, quote};

pub(super) fn check(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    for (field, port) in [
        ("proxyListenPort", config.proxy_listen_port),
        ("proxyInboundListenPort", config.proxy_inbound_listen_port),
    ] {
        // Zero stands for the default.
        if port != 0 {
            words::port(u32::try_from(port).unwrap_or(0), &at.field(field), out);
        }
    }
    if let Some(time) = config.connect_timeout {
        connect_timeout(time, &at.field("connectTimeout"), out);
    }
    if let Some(time) = config.protocol_detection_timeout {
        protocol_detection_timeout(time, &at.field("protocolDetectionTimeout"), out);
    }
    domains(config, at, out);
    service_settings(&config.service_settings, &at.field("serviceSettings"), out);
    if let Some(setting) = &config.locality_lb_setting {
        locality::check(setting, true, &at.field("localityLbSetting"), out);
    }
    if let Some(setting) = &config.zone_aware_lb_setting {
        locality::zone_aware(setting, true, &at.field("zoneAwareLbSetting"), out);
    }
    if let Some(policy) = &config.default_traffic_policy {
        default_traffic_policy(policy, &at.field("defaultTrafficPolicy"), out);
    }
    if let Some(retries) = &config.default_http_retry_policy {
        retry::check(retries, &at.field("defaultHttpRetryPolicy"), out);
    }
    if let Some(retries) = &config.default_inbound_http_retry_policy {
        default_inbound_retry(retries, &at.field("defaultInboundHttpRetryPolicy"), out);
    }
    if let Some(proxies) = &config.default_config {
        proxy::check(proxies, &at.field("defaultConfig"), out);
    }
    providers(config, at, out);
}

fn domains(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    if !config.trust_domain.is_empty() {
        trust_domain(&config.trust_domain, &at.field("trustDomain"), out);
    }
    for (position, domain) in config.trust_domain_aliases.iter().enumerate() {
        trust_domain(domain, &at.item("trustDomainAliases", position), out);
    }
}

fn providers(config: &MeshConfig, at: &Place<'_>, out: &mut Report) {
    let mut seen = BTreeSet::new();
    for (position, one) in config.extension_providers.iter().enumerate() {
        let here = at.item("extensionProviders", position);
        provider::check(one, &here, out);
        if !one.name.is_empty() && !seen.insert(one.name.as_str()) {
            let message = format!("the provider {} is there twice", quote(&one.name));
            out.error(&here.field("name"), codes::PROVIDER_TWICE, message);
        }
    }
}

/// A DNS name that may end with a dot.
pub(super) fn trust_domain(domain: &str, at: &Place<'_>, out: &mut Report) {
    let name = domain.strip_suffix('.').unwrap_or(domain);
    let good = !name.is_empty() && name.split('.').all(host::is_dns_label);
    if !good {
        out.error(at, codes::MESH_TRUST_DOMAIN, format!("{} is not a trust domain", quote(domain)));
    }
}

pub(super) fn connect_timeout(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    words::duration(time, at, out);
    if time > TimeDelta::from_secs(3_600) {
        out.error(at, codes::MESH_TIMEOUT, format!("{} s are longer than an hour", time.secs()));
    }
}

pub(super) fn protocol_detection_timeout(time: TimeDelta, at: &Place<'_>, out: &mut Report) {
    if time.nanos() % 1_000_000 != 0 {
        words::duration(time, at, out);
    }
}

pub(super) fn service_settings(settings: &[ServiceSettings], at: &Place<'_>, out: &mut Report) {
    for (position, setting) in settings.iter().enumerate() {
        let here = at.index(position);
        for (position, name) in setting.hosts.iter().enumerate() {
            words::wildcard_host(name, &here.item("hosts", position), out);
        }
    }
}

pub(super) fn default_traffic_policy(policy: &DefaultTrafficPolicy, at: &Place<'_>, out: &mut Report) {
    if let Some(pool) = &policy.connection_pool {
        connection::check(pool, &at.field("connectionPool"), out);
    }
    if let Some(detection) = &policy.outlier_detection {
        outlier::check(detection, &at.field("outlierDetection"), out);
    }
}

pub(super) fn default_inbound_retry(retries: &HTTPRetry, at: &Place<'_>, out: &mut Report) {
    retry::check(retries, at, out);
    for (field, set) in [
        ("perTryTimeout", retries.per_try_timeout.is_some()),
        ("retryRemoteLocalities", retries.retry_remote_localities.is_some()),
        ("retryIgnorePreviousHosts", retries.retry_ignore_previous_hosts.is_some()),
    ] {
        if set {
            let message = format!("`{field}` has no meaning for the one workload that a proxy stands before");
            out.warn(&at.field(field), codes::INBOUND_RETRY, message);
        }
    }
}
