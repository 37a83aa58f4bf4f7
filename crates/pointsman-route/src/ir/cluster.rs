//! Clusters and their endpoints.

use pointsman_types::Labels;
use serde::{Deserialize, Serialize};

use super::{ClusterName, Discovery, Upstream};

/// The endpoints that a destination stands for, and how one of them is chosen.
///
/// Source: Envoy's `Cluster` and `ClusterLoadAssignment`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// Name.
    pub name: ClusterName,
    /// How an endpoint is chosen.
    pub balancing: LoadBalancing,
    /// Endpoints, in the order sent to the proxy: ring hash depends on it.
    pub endpoints: Vec<Endpoint>,
    /// Who knows the endpoints.
    #[serde(skip_serializing_if = "is_default")]
    pub discovery: Discovery,
    /// Limits, timeouts and outlier detection; `None`: all as Istio sends them by default. They do not decide where a request
    /// goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<Upstream>>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One address that answers requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// Address with port: `10.0.0.1:9080`, `[::1]:80`.
    pub address: String,
    /// Host name, where it was found by one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hostname: String,
    /// Relative share within the locality; 0 counts as 1.
    pub weight: u32,
    /// What is hashed instead of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_key: Option<String>,
    /// Priority: 0 is used first.
    pub priority: u32,
    /// Where it stands.
    #[serde(skip_serializing_if = "Locality::is_empty")]
    pub locality: Locality,
    /// Whether it may be used.
    pub health: Health,
    /// Labels of the workload.
    pub labels: Labels,
}

/// Region, zone and subzone; each may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Locality {
    /// Region.
    pub region: String,
    /// Zone.
    pub zone: String,
    /// Subzone.
    pub subzone: String,
}

impl Locality {
    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.region.is_empty() && self.zone.is_empty() && self.subzone.is_empty()
    }
}

/// Whether an endpoint may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Health {
    /// Yes.
    #[default]
    Healthy,
    /// Only where there are not enough healthy ones.
    Degraded,
    /// No.
    Unhealthy,
}

/// How an endpoint is chosen.
///
/// Source: the load-balancing policies of Envoy's `Cluster`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum LoadBalancing {
    /// The one with fewer requests of two: Istio's default.
    #[default]
    LeastRequest,
    /// One after the other.
    RoundRobin,
    /// By chance.
    Random,
    /// The address that the client asked for.
    Passthrough,
    /// By a ring of hashes.
    RingHash {
        /// Fewest points of the ring; `None`: 1024.
        minimum_size: Option<u64>,
        /// Most points of the ring; `None`: 8388608.
        maximum_size: Option<u64>,
        /// What of an endpoint is hashed.
        key: HashKey,
    },
    /// By a Maglev table.
    Maglev {
        /// Size of the table, a prime; `None`: 65537.
        table_size: Option<u64>,
        /// What of an endpoint is hashed.
        key: HashKey,
    },
}

/// What of an endpoint is hashed, where it has no hash key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum HashKey {
    /// Address with port.
    #[default]
    Address,
    /// Host name.
    Hostname,
}
