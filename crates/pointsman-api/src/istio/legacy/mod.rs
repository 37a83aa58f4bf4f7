//! The model before `networking.istio.io` (Istio 0.8 and older, Mixer until 1.8), and what became of it.
//!
//! Source: istio/api 0.8.0 at 8d67e57e and 1.0.0 at 123b0a79, istio/istio 0.8.0 at 6f9f420f and 1.0.0 at 3a136c90.

pub mod check;
mod expression;
mod meaning;
mod mixer;
mod policy;
mod routing;
mod security;
pub mod upgrade;

pub use expression::{Expression, InvalidExpression, Operator};
pub use meaning::{Caller, sort_route_rules};
pub use mixer::*;
pub use policy::*;
pub use routing::*;
pub use security::*;
pub use upgrade::{Upgrade, Upgraded};

use crate::object::Kind;

pub(crate) const GROUP: &str = "config.istio.io";
const VERSIONS: &[&str] = &["v1alpha2", "v1beta1"];

macro_rules! kinds {
    ($($type:ident = $kind:literal),* $(,)?) => {$(
        impl Kind for $type {
            const GROUP: &'static str = GROUP;
            const VERSIONS: &'static [&'static str] = VERSIONS;
            const KIND: &'static str = $kind;
        }
    )*};
}

kinds! {
    RouteRule = "RouteRule",
    IngressRule = "IngressRule",
    DestinationPolicy = "DestinationPolicy",
    EgressRule = "EgressRule",
    Rule = "rule",
    Handler = "handler",
    Instance = "instance",
    MemQuota = "memquota",
    RedisQuota = "redisquota",
    Quota = "quota",
    Denier = "denier",
    CheckNothing = "checknothing",
    ListEntry = "listentry",
    ListChecker = "listchecker",
    Prometheus = "prometheus",
    AttributeManifest = "attributemanifest",
    QuotaSpec = "QuotaSpec",
    QuotaSpecBinding = "QuotaSpecBinding",
    HTTPAPISpec = "HTTPAPISpec",
    HTTPAPISpecBinding = "HTTPAPISpecBinding",
}

crate::macros::kinds! {
    "authentication.istio.io";
    Policy: &["v1alpha1"],
}

crate::macros::kinds! {
    "rbac.istio.io";
    ServiceRole: &["v1alpha1"],
    ServiceRoleBinding: &["v1alpha1"],
}
