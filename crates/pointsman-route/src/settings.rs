//! What holds for the whole mesh.

use pointsman_api::istio::mesh::{MeshConfig, MeshOutboundMode, NormalizationType};
use pointsman_api::istio::networking::HTTPRetry;

use crate::ir::PathNormalization;

/// Settings of the whole mesh, as far as they decide where requests go.
///
/// Shape: the default is Istio's: everything is visible everywhere, unknown hosts are let out.
///
/// Source: `MeshConfig` of Istio at 86c9f01f.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MeshSettings {
    /// The namespace whose Sidecars and DestinationRules hold for all.
    pub root_namespace: String,
    /// The domain of the cluster.
    pub domain: String,
    /// What happens to hosts that nobody knows, where no Sidecar says so.
    pub outbound: OutboundPolicy,
    /// `exportTo` of VirtualServices without one.
    pub virtual_service_export_to: Vec<String>,
    /// `exportTo` of DestinationRules without one.
    pub destination_rule_export_to: Vec<String>,
    /// `exportTo` of services without one.
    pub service_export_to: Vec<String>,
    /// Retries of routes that say nothing of them; none: Istio's own.
    pub default_retry: Option<HTTPRetry>,
    /// How request paths are cleaned.
    pub path_normalization: PathNormalization,
    /// Whether the authority that a rewrite replaces is told in `x-forwarded-host`.
    pub forwards_host: bool,
    /// Whether `x-envoy-attempt-count` tells the number of attempts. Default: yes.
    pub counts_attempts: bool,
}

/// What happens to hosts that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum OutboundPolicy {
    /// They are let out.
    #[default]
    AllowAny,
    /// They are answered 502.
    RegistryOnly,
}

impl Default for MeshSettings {
    fn default() -> Self {
        let all = || vec!["*".to_owned()];
        Self {
            root_namespace: "istio-system".to_owned(),
            domain: "cluster.local".to_owned(),
            outbound: OutboundPolicy::AllowAny,
            virtual_service_export_to: all(),
            destination_rule_export_to: all(),
            service_export_to: all(),
            default_retry: None,
            path_normalization: PathNormalization::BASE,
            forwards_host: false,
            counts_attempts: true,
        }
    }
}

impl MeshSettings {
    /// Istio's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the configuration of a mesh says; where it says nothing, Istio's defaults.
    #[must_use]
    pub fn of(config: &MeshConfig) -> Self {
        let mut settings = Self::default();
        if !config.root_namespace.is_empty() {
            settings.root_namespace.clone_from(&config.root_namespace);
        }
        for (own, written) in [
            (&mut settings.virtual_service_export_to, &config.default_virtual_service_export_to),
            (&mut settings.destination_rule_export_to, &config.default_destination_rule_export_to),
            (&mut settings.service_export_to, &config.default_service_export_to),
        ] {
            if !written.is_empty() {
                own.clone_from(written);
            }
        }
        if let Some(policy) = &config.outbound_traffic_policy {
            settings.outbound = match policy.mode {
                MeshOutboundMode::RegistryOnly => OutboundPolicy::RegistryOnly,
                _ => OutboundPolicy::AllowAny,
            };
        }
        settings.default_retry.clone_from(&config.default_http_retry_policy);
        if let Some(paths) = &config.path_normalization {
            settings.path_normalization = match paths.normalization {
                NormalizationType::None => PathNormalization::NONE,
                NormalizationType::MergeSlashes => PathNormalization::MERGE_SLASHES,
                NormalizationType::DecodeAndMergeSlashes => PathNormalization::DECODE_AND_MERGE_SLASHES,
                _ => PathNormalization::BASE,
            };
        }
        if let Some(headers) = config.default_config.as_ref().and_then(|config| config.proxy_headers.as_ref())
        {
            let is_on = |switch: Option<bool>| switch == Some(true);
            settings.forwards_host = is_on(headers.x_forwarded_host.as_ref().and_then(|host| host.enabled));
            settings.counts_attempts =
                !is_on(headers.attempt_count.as_ref().and_then(|count| count.disabled));
        }
        settings
    }

    /// With that root namespace.
    #[must_use]
    pub fn with_root_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.root_namespace = namespace.into();
        self
    }

    /// With that cluster domain.
    #[must_use]
    pub fn with_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self
    }

    /// With that treatment of unknown hosts.
    #[must_use]
    pub const fn with_outbound(mut self, outbound: OutboundPolicy) -> Self {
        self.outbound = outbound;
        self
    }

    /// With that default for VirtualServices.
    #[must_use]
    pub fn with_virtual_service_export_to(mut self, namespaces: Vec<String>) -> Self {
        self.virtual_service_export_to = namespaces;
        self
    }

    /// With that default for DestinationRules.
    #[must_use]
    pub fn with_destination_rule_export_to(mut self, namespaces: Vec<String>) -> Self {
        self.destination_rule_export_to = namespaces;
        self
    }

    /// With that default for services.
    #[must_use]
    pub fn with_service_export_to(mut self, namespaces: Vec<String>) -> Self {
        self.service_export_to = namespaces;
        self
    }

    /// With these retries of routes that say nothing of them.
    #[must_use]
    pub fn with_default_retry(mut self, retry: HTTPRetry) -> Self {
        self.default_retry = Some(retry);
        self
    }

    /// With that cleaning of request paths.
    #[must_use]
    pub const fn with_path_normalization(mut self, normalization: PathNormalization) -> Self {
        self.path_normalization = normalization;
        self
    }
}

#[cfg(test)]
mod tests {
    use pointsman_api::istio::mesh::{
        HeaderSwitchedOff, HeaderSwitchedOn, MeshOutboundTrafficPolicy, ProxyConfig, ProxyHeaders,
        ProxyPathNormalization,
    };

    use super::*;

    #[test]
    fn a_configuration_that_says_nothing_has_the_defaults() {
        assert_eq!(MeshSettings::of(&MeshConfig::new()), MeshSettings::default());
    }

    #[test]
    fn a_configuration_is_taken_over() {
        let headers = ProxyHeaders::new()
            .with_x_forwarded_host(Some(HeaderSwitchedOn::new().with_enabled(Some(true))))
            .with_attempt_count(Some(HeaderSwitchedOff::new().with_disabled(Some(true))));
        let config = MeshConfig::new()
            .with_root_namespace("root")
            .with_default_virtual_service_export_to(vec![".".to_owned()])
            .with_outbound_traffic_policy(Some(
                MeshOutboundTrafficPolicy::new().with_mode(MeshOutboundMode::RegistryOnly),
            ))
            .with_default_http_retry_policy(Some(HTTPRetry::new().with_attempts(7)))
            .with_path_normalization(Some(
                ProxyPathNormalization::new().with_normalization(NormalizationType::MergeSlashes),
            ))
            .with_default_config(Some(ProxyConfig::new().with_proxy_headers(Some(headers))));
        let settings = MeshSettings::of(&config);
        assert_eq!(
            (settings.root_namespace.as_str(), settings.outbound),
            ("root", OutboundPolicy::RegistryOnly)
        );
        assert_eq!(settings.virtual_service_export_to, ["."]);
        assert_eq!(settings.destination_rule_export_to, ["*"]);
        assert_eq!(settings.default_retry.map(|retry| retry.attempts), Some(7));
        assert_eq!(settings.path_normalization, PathNormalization::MERGE_SLASHES);
        assert!(settings.forwards_host && !settings.counts_attempts);
    }
}
