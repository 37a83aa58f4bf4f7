//! The phase of a rollout and a step in a line, as Argo's tools show them.

use super::conditions::is_generation_observed;
use super::model::{CanaryStep, PauseDuration, Rollout};

/// The phase of a rollout, with Argo's message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Phase {
    /// On its way.
    Progressing(String),
    /// It waits.
    Paused(String),
    /// It failed.
    Degraded(String),
    /// It is done.
    Healthy,
    /// Another phase, as the status says.
    Other {
        /// The phase.
        phase: String,
        /// Its message.
        message: String,
    },
}

impl Phase {
    /// The name of the phase.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Progressing(_) => "Progressing",
            Self::Paused(_) => "Paused",
            Self::Degraded(_) => "Degraded",
            Self::Healthy => "Healthy",
            Self::Other { phase, .. } => phase,
        }
    }

    /// The message, empty for a healthy one.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Progressing(message) | Self::Paused(message) | Self::Degraded(message) => message,
            Self::Other { message, .. } => message,
            Self::Healthy => "",
        }
    }
}

/// The phase of a rollout.
///
/// Source: `GetRolloutPhase`.
#[must_use]
pub fn phase(rollout: &Rollout) -> Phase {
    let (spec, status) = (&rollout.spec, &rollout.status);
    if !is_generation_observed(rollout) {
        return Phase::Progressing("waiting for rollout spec update to be observed".into());
    }
    if status.controller_pause && status.pause_conditions.is_empty() {
        return Phase::Progressing("waiting for rollout to unpause".into());
    }
    if !status.phase.is_empty() {
        return Phase::Other { phase: status.phase.clone(), message: status.message.clone() };
    }
    if let Some(failure) = failure(rollout) {
        return Phase::Degraded(failure);
    }
    if spec.paused {
        return Phase::Paused("manually paused".into());
    }
    if let Some(condition) = status.pause_conditions.first() {
        return Phase::Paused(condition.reason.clone());
    }
    unfinished(rollout).map_or(Phase::Healthy, |why| Phase::Progressing(why.into()))
}

fn failure(rollout: &Rollout) -> Option<String> {
    rollout.status.conditions.iter().find_map(|condition| {
        let name = match (condition.kind.as_str(), condition.reason.as_str()) {
            ("InvalidSpec", _) => "InvalidSpec",
            (_, reason @ ("RolloutAborted" | "ProgressDeadlineExceeded")) => reason,
            _ => return None,
        };
        Some(format!("{name}: {}", condition.message))
    })
}

fn unfinished(rollout: &Rollout) -> Option<&'static str> {
    let (spec, status) = (&rollout.spec, &rollout.status);
    let promoted = !status.stable_rs.is_empty() && rollout.is_promoted();
    if spec.restart_at.is_some() && spec.restart_at != status.restarted_at {
        Some("rollout is restarting")
    } else if status.updated_replicas < rollout.replicas() {
        Some("more replicas need to be updated")
    } else if status.available_replicas < status.updated_replicas {
        Some("updated replicas are still becoming available")
    } else if spec.strategy.blue_green.is_some() {
        let active = &status.blue_green.active_selector;
        if active.is_empty() || *active != status.current_pod_hash {
            Some("active service cutover pending")
        } else {
            (!promoted).then_some("waiting for analysis to complete")
        }
    } else if spec.strategy.canary.is_some() {
        if !rollout.is_routed() && status.replicas > status.updated_replicas {
            Some("old replicas are pending termination")
        } else {
            (!promoted).then_some("waiting for all steps to complete")
        }
    } else {
        None
    }
}

/// A step in a line; `None` for one that says nothing.
///
/// Source: `CanaryStepString`.
#[must_use]
pub fn step_text(step: &CanaryStep) -> Option<String> {
    if let Some(weight) = step.set_weight {
        return Some(format!("setWeight: {weight}"));
    }
    if let Some(pause) = &step.pause {
        return Some(match &pause.duration {
            None => "pause".into(),
            Some(PauseDuration::Seconds(seconds)) => format!("pause: {seconds}"),
            Some(PauseDuration::Text(text)) => format!("pause: {text}"),
        });
    }
    if step.experiment.is_some() {
        return Some("experiment".into());
    }
    if step.analysis.is_some() {
        return Some("analysis".into());
    }
    if let Some(scale) = &step.set_canary_scale {
        return Some(match (scale.match_traffic_weight, scale.weight, scale.replicas) {
            (true, ..) => "setCanaryScale{matchTrafficWeight: true}".into(),
            (false, Some(weight), _) => format!("setCanaryScale{{weight: {weight}}}"),
            (false, None, Some(replicas)) => format!("setCanaryScale{{replicas: {replicas}}}"),
            (false, None, None) => "setCanaryScale".into(),
        });
    }
    let named = [
        ("setHeaderRoute", &step.set_header_route),
        ("setMirrorRoute", &step.set_mirror_route),
        ("plugin", &step.plugin),
    ];
    named
        .into_iter()
        .find_map(|(field, route)| route.as_ref().map(|route| format!("{field}: {}", route.name)))
}
