//! What comes of one manifest.

use std::collections::BTreeMap;

use pointsman_rollout::{Plan, PlanSpec, Role};
use pointsman_types::{Diagnostic, ObjectRef};

use crate::Template;

/// What comes of one `Rollout` or `Canary`.
///
/// Shape: there is a plan exactly when no finding is an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    pub(crate) object: ObjectRef,
    pub(crate) source: Source,
    pub(crate) spec: PlanSpec,
    pub(crate) plan: Option<Plan>,
    pub(crate) measured: Vec<Measured>,
    pub(crate) templates: BTreeMap<String, Template>,
    pub(crate) routing: Routing,
    pub(crate) findings: Vec<Diagnostic>,
}

/// Which tool the manifest is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A `Rollout` of Argo Rollouts.
    ArgoRollouts,
    /// A `Canary` of Flagger.
    Flagger,
}

/// What an analysis of the plan measures, and with which arguments.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Measured {
    /// The step of the manifest that asks for it, from 0; `None`: beside or around the steps.
    pub step: Option<usize>,
    /// As in [`Analysis::templates`](pointsman_rollout::Analysis::templates).
    pub templates: Vec<String>,
    /// The arguments by name.
    pub arguments: BTreeMap<String, Argument>,
    /// Names of metrics, as regular expressions, whose answer does not count.
    pub dry_run: Vec<String>,
}

/// The value of an argument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Argument {
    /// This text.
    Value(String),
    /// The name of the version that plays this role.
    VersionOf(Role),
    /// This field of the manifest.
    Field(String),
    /// A key of a secret: its name, then the key.
    Secret(String, String),
}

/// Which objects share the traffic, for whoever writes manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Routing {
    /// The names of the routers: `istio`, `nginx`, `gatewayapi:v1`. Empty without a route.
    pub routers: Vec<String>,
    /// The Service of the version that is released.
    pub canary_service: Option<String>,
    /// The Service of the version that serves.
    pub stable_service: Option<String>,
    /// Istio's routes.
    pub istio: Vec<IstioRoute>,
    /// Istio's DestinationRule with the names of the canary's and of stable's subset.
    pub subsets: Option<(String, String, String)>,
    /// The names of managed routes, the first has precedence.
    pub managed_routes: Vec<String>,
}

/// A VirtualService, and which of its routes are shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct IstioRoute {
    /// `name` or `name.namespace`.
    pub virtual_service: String,
    /// Names of HTTP routes; empty for the only one.
    pub http: Vec<String>,
    /// TLS routes: port and server names.
    pub tls: Vec<(Option<u32>, Vec<String>)>,
    /// TCP routes: ports.
    pub tcp: Vec<Option<u32>>,
}

impl Imported {
    /// The manifest it came from.
    #[must_use]
    pub const fn object(&self) -> &ObjectRef {
        &self.object
    }

    /// Which tool it is for.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The plan, where nothing stands against it.
    #[must_use]
    pub const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The plan as far as it could be read, for changing it before it is built.
    #[must_use]
    pub const fn spec(&self) -> &PlanSpec {
        &self.spec
    }

    /// What its analyses measure, in the order of the manifest.
    #[must_use]
    pub fn measured(&self) -> &[Measured] {
        &self.measured
    }

    /// The templates that were found, by the names that analyses use.
    pub fn templates(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.templates.iter().map(|(name, template)| (name.as_str(), template))
    }

    /// Which objects share the traffic.
    #[must_use]
    pub const fn routing(&self) -> &Routing {
        &self.routing
    }

    /// All that is to be said about it, sorted.
    #[must_use]
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }
}
