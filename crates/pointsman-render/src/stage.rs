//! What is applied before what, and why.

use pointsman_rollout::{Condition, Effect};
use pointsman_types::ObjectRef;

use crate::{Located, ManifestSet, RenderError};

/// One effect of a rollout as changes of manifests. Stages are applied in order, each only when what it requires holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Stage {
    /// The effect.
    pub effect: Effect,
    /// Why it stands in this place.
    pub why: &'static str,
    /// What must hold before it is applied.
    pub requires: Vec<Condition>,
    /// What changes; nothing for a wait, and where everything is so already.
    pub changes: Vec<Change>,
}

/// One object that is made, changed or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens to it.
    pub action: Action,
    /// Which object.
    pub object: ObjectRef,
    /// Its file.
    pub file: String,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is taken away.
    Delete,
}

impl Change {
    pub(crate) fn new(action: Action, object: &Located) -> Self {
        Self { action, object: object.object_ref.clone(), file: object.file.clone() }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        write!(f, "{verb} {} ({})", self.object, self.file)
    }
}

/// Why an effect stands where it does.
pub(crate) const fn why(effect: &Effect) -> &'static str {
    match effect {
        Effect::EnsureVersion { .. } => "a version must exist before anything can be sent to it",
        Effect::Scale { replicas: 0, .. } => "no proxy sends anything there any more",
        Effect::Scale { .. } => "pods come before the traffic they are for",
        Effect::ScaleToZero { .. } => "nobody wants any pods, so requests have nowhere to go",
        Effect::AwaitReady { .. } => "no route may name a version without ready pods",
        Effect::EnsureSubset { .. } => {
            "a route that names a missing subset answers 503, so the subset comes first"
        }
        Effect::SetSplit { .. } => "the subsets exist and the pods are ready",
        Effect::SetRoutes { .. } => "they point only to what exists and is ready",
        Effect::AwaitPropagation { .. } => {
            "proxies learn of a route one after the other: what the old one names stays until all have the new one"
        }
        Effect::StartAnalysis { .. } => "there is traffic to measure",
        Effect::StopAnalysis { .. } => "its answer is not needed any more",
        Effect::RestartPods { .. } => "pods are made anew while others serve",
        Effect::RemoveSubset { .. } => "no route names it any more",
        Effect::RemoveVersion { .. } => "no route and no subset names it any more",
        Effect::AwaitGone { .. } => "the release ends when nothing is left of it",
        _ => "",
    }
}

/// A group of objects that are applied together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ApplyStage {
    /// Why it comes here.
    pub why: &'static str,
    /// The objects.
    pub objects: Vec<Located>,
}

/// The order in which the objects of a set are applied the first time.
///
/// Workloads and services first; then, with their pods ready, destination rules; then whatever routes to them. So no route ever
/// names a subset that does not exist, and no subset is without pods.
///
/// # Errors
///
/// A file that cannot be read.
pub fn stages_of(set: &ManifestSet) -> Result<Vec<ApplyStage>, RenderError> {
    const WHYS: [&str; 5] = [
        "identities and services have no effect by themselves",
        "pods must be ready before anything routes to them",
        "subsets must exist before a route names them",
        "all that a route names exists and is ready",
        "what is attached to others comes last",
    ];
    let rank = |object: &Located| match object.object_ref.kind.as_str() {
        "Namespace" | "ServiceAccount" | "Service" | "ConfigMap" | "Secret" | "ServiceEntry" => 0,
        "Deployment" | "StatefulSet" | "DaemonSet" | "Pod" | "WorkloadEntry" | "WorkloadGroup" => 1,
        "DestinationRule" => 2,
        "Gateway" | "VirtualService" | "Sidecar" | "HTTPRoute" => 3,
        _ => 4,
    };
    let mut stages: Vec<ApplyStage> = WHYS.map(|why| ApplyStage { why, objects: Vec::new() }).into();
    for object in set.objects()? {
        if let Some(stage) = stages.get_mut(rank(&object)) {
            stage.objects.push(object);
        }
    }
    stages.retain(|stage| !stage.objects.is_empty());
    Ok(stages)
}
