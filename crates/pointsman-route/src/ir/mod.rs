//! What a proxy is told to do with requests: plain data close to what Envoy understands, in our words.
//!
//! A [`TableConfig`] is everything that [`RoutingTable::build`](crate::RoutingTable::build) needs: route configurations
//! with their virtual hosts and routes, listeners that choose by server name, address and port, and clusters with their
//! endpoints. The compiler makes it from Istio configuration; `pointsman-envoy` reads it from and writes it as Envoy
//! configuration. Nothing here is checked: a table is built from any value, and what cannot work is reported as a
//! finding and never matches.
//!
//! Virtual hosts, route configurations and clusters stand behind [`Arc`](std::sync::Arc), so that a change of one costs
//! only that one: building again reuses whatever is the same allocation as before.
//!
//! Source: the route, listener and cluster messages of the Envoy API v3, as far as Istio emits them and a little more.

mod action;
mod cluster;
mod cluster_name;
mod config;
mod headers;
mod listener;
mod matcher;
mod policy;
mod route;
mod upstream;

pub use action::{
    Action, DestinationChoice, DirectResponse, Forward, HostRewrite, MaxStreamDuration, PathRewrite,
    Redirect, RedirectPath, RegexRewrite, WeightedDestination,
};
pub use cluster::{Cluster, Endpoint, HashKey, Health, LoadBalancing, Locality};
pub use cluster_name::{ClusterName, ClusterParts};
pub use config::{
    PathNormalization, RouteConfig, SlashHandling, TableConfig, TlsRequirement, VirtualCluster, VirtualHost,
};
pub use headers::{AppendAction, HeaderOp, HeaderOps};
pub use listener::{Cidr, FilterChain, InvalidCidr, L4Action, Listener, TcpRoute};
pub use matcher::{
    HeaderCondition, HeaderMatch, MetadataCondition, MetadataMatch, PathMatch, QueryCondition, QueryMatch,
    RouteMatch, StringMatch, StringPattern, TlsContextMatch,
};
pub use policy::{
    AbortFault, AbortStatus, Cors, DelayFault, Denominator, Fault, Fraction, HashPolicy, HashSource, Mirror,
    Retry, RuntimeFraction,
};
pub use route::{ExternalProcessor, Origin, Route, RouteDetails};
pub use upstream::{Discovery, Keepalive, Outlier, Upstream};
