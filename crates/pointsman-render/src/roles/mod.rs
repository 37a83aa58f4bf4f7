//! Edits where the two versions are named by their roles, as Argo Rollouts does: a Service or a subset for stable, another
//! for the canary, whichever version that is at the time.
//!
//! [`Roles`] says which; its methods change one document tree at a time: the shares of a VirtualService's routes
//! ([`Roles::set_shares`]), the hashes of a DestinationRule's subsets ([`Roles::set_hashes`]), managed routes
//! ([`Roles::set_managed`], [`Roles::remove_managed`]). What is not theirs stays, and [`Kept`] says what: destinations and
//! subsets of somebody else, which the reference deletes. [`owned_fields`] lists what they write, for a GitOps tool to ignore.
//!
//! ```
//! use pointsman_manifest::Value;
//! use pointsman_render::roles::{Roles, Shares};
//!
//! let rollout = Value::from_json(r#"{"metadata": {"name": "reviews"}, "spec": {"strategy": {"canary": {
//!     "canaryService": "new", "stableService": "old", "trafficRouting": {"istio": {"virtualService": {"name": "reviews"}}}}}}}"#)?;
//! let roles = Roles::of_rollout(&rollout)?;
//! let mut service = Value::from_json(r#"{"spec": {"http": [{"retries": {"attempts": 3}, "route": [
//!     {"destination": {"host": "old"}, "weight": 100}, {"destination": {"host": "new"}, "weight": 0}]}]}}"#)?;
//! let kept = roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20))?;
//! assert!(kept.is_empty());
//! let weights = service.at(&"spec.http[0].route".parse()?).expect("a route").to_json();
//! assert_eq!(weights, r#"[{"destination":{"host":"old"},"weight":80},{"destination":{"host":"new"},"weight":20}]"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: `rollout/trafficrouting/istio` of Argo Rollouts at 9f8d111d8f8e. Differs: foreign destinations and subsets stay;
//! where no route is named, the only one that is not managed is taken, whether it has a name or not; a route list that is not
//! named stays as it is when another is and it lacks one of the destinations.

mod managed;
mod read;
mod select;
mod shares;
mod subsets;

use pointsman_types::FieldPath;

pub use self::select::{L4Route, shared_http};
pub use self::shares::{Extra, Kept, Shares};
pub use self::subsets::Giving;

/// How canary and stable are named in routes, and which routes share the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    pub(super) name: String,
    pub(super) canary: Role,
    pub(super) stable: Role,
    /// Subsets of others in the same routes, whose weights are taken from stable.
    pub(super) beside: Vec<String>,
    pub(super) rule: Option<String>,
    pub(super) ping_pong: bool,
    pub(super) routes: Vec<SharedRoutes>,
    /// Names of managed routes, the first has precedence.
    pub(super) managed: Vec<String>,
    /// Names of managed routes that only steps name.
    pub(super) of_steps: Vec<String>,
}

/// How a role is named; empty for not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Role {
    pub(super) service: String,
    pub(super) subset: String,
}

/// The routes of one VirtualService that share the traffic.
///
/// Shape: a list that is empty means the only route of its kind; where another list names routes, it means none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SharedRoutes {
    /// The VirtualService, `name` or `name.namespace`.
    pub virtual_service: String,
    /// Names of HTTP routes.
    pub http: Vec<String>,
    /// TLS routes by port and server names.
    pub tls: Vec<L4Route>,
    /// TCP routes by port.
    pub tcp: Vec<L4Route>,
}

/// Why an object cannot be changed. It is as it was then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleError {
    /// No route has the name.
    #[error("there is no HTTP route named `{name}`")]
    NoSuchRoute {
        /// The name.
        name: String,
    },
    /// No route has the port and server names.
    #[error("there is no matching route in `spec.{list}`")]
    NoMatchingRoute {
        /// `tls` or `tcp`.
        list: &'static str,
    },
    /// No route is named, and there is more than one.
    #[error("`spec.{list}` has more than one route, or none, and none is named")]
    Ambiguous {
        /// `http`, `tls` or `tcp`.
        list: &'static str,
    },
    /// A list of routes is none.
    #[error("`spec.{list}` is no list")]
    NotAList {
        /// `http`, `tls`, `tcp` or `subsets`.
        list: &'static str,
    },
    /// An item is no route.
    #[error("`spec.{list}[{position}]` is no map")]
    NotAMap {
        /// `http`, `tls`, `tcp` or `subsets`.
        list: &'static str,
        /// Which item.
        position: usize,
    },
    /// A route lacks one of the two destinations.
    #[error(
        "a shared route has no destination for the {role}: neither service `{service}` nor subset `{subset}`"
    )]
    NoDestination {
        /// `canary` or `stable`.
        role: &'static str,
        /// The Service it is looked for by; empty for none.
        service: String,
        /// The subset it is looked for by; empty for none.
        subset: String,
    },
    /// The rollout does not say how versions are routed to.
    #[error("the rollout has no `trafficRouting.istio`")]
    NotRouted,
}

impl Roles {
    /// The routes that share the traffic, by VirtualService.
    #[must_use]
    pub fn routes(&self) -> &[SharedRoutes] {
        &self.routes
    }

    /// The DestinationRule whose subsets are the two versions, where there is one.
    #[must_use]
    pub fn destination_rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }
}

/// The fields that these edits write, by kind; `[]` stands for any item.
#[must_use]
pub fn owned_fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("VirtualService", ".spec.http[].route[].weight"),
        ("VirtualService", ".spec.tls[].route[].weight"),
        ("VirtualService", ".spec.tcp[].route[].weight"),
        ("VirtualService", ".spec.http[].name of managed routes"),
        ("DestinationRule", ".spec.subsets[].labels.rollouts-pod-template-hash"),
        ("DestinationRule", ".metadata.annotations[argo-rollouts.argoproj.io/managed-by-rollouts]"),
    ]
}

pub(super) fn spec_list(list: &str) -> FieldPath {
    FieldPath::root().field("spec").field(list)
}
