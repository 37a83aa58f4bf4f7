//! Names of clusters.

use serde::{Deserialize, Serialize};

/// The name of a cluster: `outbound|9080|v2|reviews.prod.svc.cluster.local`, or any other text.
///
/// ```
/// use pointsman_route::ir::ClusterName;
/// let name = ClusterName::outbound(9080, "v2", "reviews.prod.svc.cluster.local");
/// assert_eq!(name.as_str(), "outbound|9080|v2|reviews.prod.svc.cluster.local");
/// assert_eq!(name.subset(), "v2");
/// assert_eq!(name.port(), Some(9080));
/// assert_eq!(ClusterName::new("PassthroughCluster").parts(), None);
/// ```
///
/// Source: `BuildSubsetKey` of Istio at 86c9f01f.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterName(String);

/// The parts of a cluster name that Istio made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClusterParts<'a> {
    /// `outbound`, `inbound`, `outbound_` and the like.
    pub direction: &'a str,
    /// Service port.
    pub port: u16,
    /// Subset of the DestinationRule; empty for all endpoints.
    pub subset: &'a str,
    /// Service host.
    pub host: &'a str,
}

impl ClusterName {
    /// The cluster of every sidecar that goes to where the client wanted.
    pub const PASSTHROUGH: &'static str = "PassthroughCluster";

    /// Any name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name that Istio gives to a subset of a service seen by its clients.
    #[must_use]
    pub fn outbound(port: u16, subset: &str, host: &str) -> Self {
        Self(format!("outbound|{port}|{subset}|{host}"))
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no name.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts, where the name has the form `direction|port|subset|host`.
    #[must_use]
    pub fn parts(&self) -> Option<ClusterParts<'_>> {
        let mut parts = self.0.splitn(4, '|');
        let direction = parts.next()?;
        let port = parts.next()?.parse().ok()?;
        Some(ClusterParts { direction, port, subset: parts.next()?, host: parts.next()? })
    }

    /// The service host; empty for a name of another form.
    #[must_use]
    pub fn host(&self) -> &str {
        self.parts().map_or("", |parts| parts.host)
    }

    /// The subset; empty for all endpoints and for a name of another form.
    #[must_use]
    pub fn subset(&self) -> &str {
        self.parts().map_or("", |parts| parts.subset)
    }

    /// The service port; `None` for a name of another form.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.parts().map(|parts| parts.port)
    }
}

impl std::fmt::Display for ClusterName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
