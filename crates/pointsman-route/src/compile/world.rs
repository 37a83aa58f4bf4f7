//! Everything that compiling looks things up in.

use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::{Destination, Gateway, Sidecar};
use pointsman_types::Profile;

use crate::destination_rule::{DestinationRules, FoldedRule, consistent_hash, hashes_source_ip};
use crate::ir::{HashPolicy, TableConfig};
use crate::proxy::Proxy;
use crate::registry::{Registered, Registry};
use crate::settings::MeshSettings;
use crate::translate::hash_policies;
use crate::virtual_service::VirtualServices;

/// The mesh with everything resolved that does not depend on the proxy.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) profile: Profile,
    pub(crate) settings: Arc<MeshSettings>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) virtual_services: Arc<VirtualServices>,
    pub(crate) rules: Arc<DestinationRules>,
    /// By age, then name, then namespace.
    pub(crate) gateways: Arc<Vec<Arc<Object<Gateway>>>>,
    pub(crate) sidecars: Arc<Vec<Arc<Object<Sidecar>>>>,
}

impl World {
    /// Whether everything but the VirtualServices is the same.
    pub(crate) fn has_surroundings_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.registry, &other.registry)
            && Arc::ptr_eq(&self.rules, &other.rules)
            && Arc::ptr_eq(&self.gateways, &other.gateways)
            && Arc::ptr_eq(&self.sidecars, &other.sidecars)
            && Arc::ptr_eq(&self.settings, &other.settings)
    }

    /// A table without anything in it.
    pub(crate) fn empty_table(&self) -> TableConfig {
        TableConfig {
            profile: self.profile,
            path_normalization: self.settings.path_normalization,
            ..TableConfig::default()
        }
    }

    pub(crate) fn rule_of(&self, proxy: &Proxy, service: &Registered) -> Option<Arc<FoldedRule>> {
        let service = &service.service;
        self.rules.of_client(&proxy.namespace, &proxy.labels, &service.host, &service.namespace)
    }

    /// What is hashed for requests to a destination that is that service; `None` where endpoints are not chosen by hash.
    pub(crate) fn hash_of(
        &self,
        proxy: &Proxy,
        destination: &Destination,
        service: Option<&Registered>,
    ) -> Option<Vec<HashPolicy>> {
        let rule = self.rule_of(proxy, service?)?;
        let port = destination.port.as_ref().and_then(|port| u16::try_from(port.number).ok());
        consistent_hash(&rule.rule, &destination.subset, port).map(hash_policies)
    }

    /// Whether connections to a subset of that service, or to all of it, are spread by the address they come from.
    pub(crate) fn hashes_source_ip(&self, proxy: &Proxy, subset: &str, service: Option<&Registered>) -> bool {
        let rule = service.and_then(|service| self.rule_of(proxy, service));
        rule.is_some_and(|rule| hashes_source_ip(&rule.rule, subset))
    }
}
