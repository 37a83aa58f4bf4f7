//! Why a proxy does not know a service.

use std::collections::BTreeSet;
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::Sidecar;
use pointsman_types::{FieldPath, ObjectRef, host};

use super::LeftOut;
use crate::Proxy;
use crate::compile::World;
use crate::ir::Origin;
use crate::scope::{Scope, imports, sidecar_of};
use crate::service::{EndpointsBy, MeshService};

/// What keeps services out of the routes of one port.
pub(super) struct Keeper<'a> {
    world: &'a World,
    scope: &'a Scope,
    namespace: &'a str,
    port: u16,
    sidecar: Option<&'a Arc<Object<Sidecar>>>,
}

/// What decides, why in words, and who decides where it is not the service itself.
struct Reason {
    condition: &'static str,
    why: String,
    by: Option<ObjectRef>,
}

impl<'a> Keeper<'a> {
    pub(super) fn of(world: &'a World, proxy: &'a Proxy, scope: &'a Scope, port: u16) -> Self {
        let sidecar = sidecar_of(world, proxy).filter(|sidecar| !sidecar.spec.egress.is_empty());
        Self { world, scope, namespace: &proxy.namespace, port, sidecar }
    }

    /// The services with one of these names that the proxy does not know on the port. `is_routed`: VirtualServices have
    /// routes for the host, so that the service need not have the port.
    pub(super) fn services(&self, names: &BTreeSet<String>, is_routed: bool) -> Vec<LeftOut> {
        let services = self.world.registry.services.iter().map(|registered| &registered.service);
        let of_host = services.filter(|service| names.iter().any(|name| host::matches(&service.host, name)));
        let unknown = of_host.filter(|service| !self.is_known(service, names));
        let mut told: Vec<LeftOut> = unknown
            .filter_map(|service| {
                let reason = self.kept_out(service).or_else(|| self.without_port(service, is_routed))?;
                let origin =
                    Origin { object: service.origin.clone(), path: place(service, reason.condition) };
                let condition = reason.condition.to_owned();
                Some(LeftOut { origin, condition, why: reason.why, by: reason.by })
            })
            .collect();
        // An entry may have several hosts that cover the name.
        told.dedup();
        told
    }

    /// Whether a service with that host, or a more specific one, answers on the port.
    fn is_known(&self, service: &MeshService, names: &BTreeSet<String>) -> bool {
        let here = self.scope.listeners.iter().filter(|listener| self.scope.answers(listener, self.port));
        let mut known = here.flat_map(|listener| &listener.services.list).map(|known| &known.service);
        known.any(|known| {
            known.port(self.port).is_some()
                && host::subset_of(&known.host, &service.host)
                && names.iter().any(|name| host::matches(&known.host, name))
        })
    }

    fn kept_out(&self, service: &MeshService) -> Option<Reason> {
        if !service.visibility.is_seen(&service.namespace, self.namespace) {
            let why = format!("not exported to the namespace `{}`", self.namespace);
            return Some(Reason { condition: "exportTo", why, by: None });
        }
        let sidecar = self.sidecar?;
        let listeners = self.scope.listeners.iter().zip(&sidecar.spec.egress);
        let importing: Vec<_> = listeners
            .filter(|(_, written)| imports(written, self.namespace, service))
            .map(|(listener, _)| listener)
            .collect();
        if importing.iter().any(|listener| self.scope.answers(listener, self.port)) {
            return None;
        }
        let (port, by) = (self.port, sidecar.object_ref());
        let (condition, why) = if importing.is_empty() {
            ("egress", format!("{by} does not import it"))
        } else if self.scope.listeners.iter().any(|listener| listener.port == Some(port)) {
            ("port", format!("{by} does not import it in its egress listener for port {port}"))
        } else {
            let only = in_words(importing.iter().filter_map(|listener| listener.port));
            ("port", format!("{by} imports it only for {only}, and this is port {port}"))
        };
        Some(Reason { condition, why, by: Some(by) })
    }

    fn without_port(&self, service: &MeshService, is_routed: bool) -> Option<Reason> {
        // What is another name of something else is called on the ports of that.
        let is_alias = service.endpoints_by == EndpointsBy::Alias;
        if is_routed || is_alias || service.port(self.port).is_some() {
            return None;
        }
        let why = match service.ports.as_slice() {
            [] => "it has no ports".to_owned(),
            ports => {
                let own = in_words(ports.iter().map(|port| port.number));
                format!("it has {own}, and this is port {}", self.port)
            }
        };
        Some(Reason { condition: "port", why, by: None })
    }
}

fn in_words(ports: impl Iterator<Item = u16>) -> String {
    let ports: Vec<_> = ports.map(|port| port.to_string()).collect();
    let plural = if ports.len() == 1 { "" } else { "s" };
    format!("port{plural} {}", ports.join(", "))
}

/// The field of a service that a condition is about.
fn place(service: &MeshService, condition: &str) -> FieldPath {
    let root = FieldPath::root();
    match (condition, service.is_kubernetes()) {
        ("port", _) => root.field("spec").field("ports"),
        ("exportTo", true) => {
            root.field("metadata").field("annotations").field("networking.istio.io/exportTo")
        }
        ("exportTo", false) => root.field("spec").field("exportTo"),
        (_, true) => root.field("metadata").field("name"),
        (_, false) => root.field("spec").field("hosts"),
    }
}
