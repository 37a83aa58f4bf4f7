//! What holds for the whole mesh.

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
        }
    }
}

impl MeshSettings {
    /// Istio's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
