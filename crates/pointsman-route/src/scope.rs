//! What a sidecar knows of the mesh.

use std::collections::HashMap;
use std::sync::Arc;

use crate::compile::World;
use crate::compile::sidecar::Outbound;
use crate::proxy::Proxy;
use crate::registry::Registered;
use crate::virtual_service::{MESH, ResolvedVirtualService};

/// The part of the mesh that a proxy knows.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// By host; of one host only the preferred service.
    pub(crate) services: Vec<Arc<Registered>>,
    by_host: HashMap<String, usize>,
    /// In order of precedence.
    pub(crate) virtual_services: Vec<Arc<ResolvedVirtualService>>,
    pub(crate) outbound: Outbound,
}

impl Scope {
    pub(crate) fn of(world: &World, proxy: &Proxy) -> Self {
        let mut scope = Self {
            services: Vec::new(),
            by_host: HashMap::new(),
            virtual_services: world.virtual_services.seen(&proxy.namespace, MESH),
            outbound: world.settings.outbound.into(),
        };
        for registered in &world.registry.services {
            let service = &registered.service;
            if service.visibility.is_seen(&service.namespace, &proxy.namespace) {
                scope.add(registered, &proxy.namespace);
            }
        }
        scope
    }

    /// Of several services with one host: that of the own namespace, else the first, Kubernetes before others.
    fn add(&mut self, registered: &Arc<Registered>, own: &str) {
        let host = &registered.service.host;
        match self.by_host.get(host).and_then(|position| self.services.get_mut(*position)) {
            Some(known) if registered.service.namespace == own && known.service.namespace != own => {
                *known = Arc::clone(registered);
            }
            Some(_) => {}
            None => {
                self.by_host.insert(host.clone(), self.services.len());
                self.services.push(Arc::clone(registered));
            }
        }
    }

    pub(crate) fn service_of(&self, host: &str) -> Option<usize> {
        self.by_host.get(host).copied()
    }
}
