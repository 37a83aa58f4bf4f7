//! The proxy that configuration is compiled for.

use pointsman_types::{Labels, Port};

use crate::ir::Locality;

/// Whose view of the mesh is compiled: a sidecar beside a workload, or a gateway.
///
/// Shape: the domain is that of the cluster, `cluster.local` unless said otherwise. Without ports, all of them are compiled.
///
/// ```
/// use pointsman_route::Proxy;
/// let client = Proxy::sidecar("default", [("app", "productpage")]);
/// let ingress = Proxy::gateway("istio-system", [("istio", "ingressgateway")]);
/// assert!(ingress.is_gateway() && !client.is_gateway());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Proxy {
    /// Sidecar or gateway.
    pub role: Role,
    /// Namespace of the workload.
    pub namespace: String,
    /// Labels of the workload.
    pub labels: Labels,
    /// Where the workload stands, for preference by locality.
    pub locality: Locality,
    /// The only ports that are compiled; empty: all.
    pub ports: Vec<Port>,
}

/// What kind of proxy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Beside a workload, for what the workload sends.
    Sidecar,
    /// On its own, for what comes in from outside.
    Gateway,
}

impl Proxy {
    /// The sidecar of a workload with these labels.
    pub fn sidecar(namespace: impl Into<String>, labels: impl Into<Labels>) -> Self {
        Self::new(Role::Sidecar, namespace.into(), labels.into())
    }

    /// A gateway workload with these labels.
    pub fn gateway(namespace: impl Into<String>, labels: impl Into<Labels>) -> Self {
        Self::new(Role::Gateway, namespace.into(), labels.into())
    }

    const fn new(role: Role, namespace: String, labels: Labels) -> Self {
        let locality = Locality { region: String::new(), zone: String::new(), subzone: String::new() };
        Self { role, namespace, labels, locality, ports: Vec::new() }
    }

    /// Standing there.
    #[must_use]
    pub fn with_locality(mut self, locality: Locality) -> Self {
        self.locality = locality;
        self
    }

    /// With only these ports compiled.
    #[must_use]
    pub fn with_ports(mut self, ports: impl IntoIterator<Item = Port>) -> Self {
        self.ports = ports.into_iter().collect();
        self
    }

    /// Whether it is a gateway.
    #[must_use]
    pub const fn is_gateway(&self) -> bool {
        matches!(self.role, Role::Gateway)
    }

    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|wanted| wanted.value() == port)
    }
}
