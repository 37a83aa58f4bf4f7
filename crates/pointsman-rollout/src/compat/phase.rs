//! The phase of a rollout and a step in a line, as Argo's tools show them.

use super::conditions::{is_generation_observed, is_workload_generation_observed};
use super::model::{AnalysisRunStatus, Rollout};
use super::steps::{CanaryStep, PauseDuration, ScaleStep};

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
    if spec.template_is_referenced() && !is_workload_generation_observed(rollout) {
        return Phase::Progressing(
            "waiting for rollout spec update to be observed for the reference workload".into(),
        );
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
    } else if let Some(blue_green) = &spec.strategy.blue_green {
        let active = &status.blue_green.active_selector;
        if active.is_empty() || *active != status.current_pod_hash {
            Some("active service cutover pending")
        } else {
            let judges = blue_green.post_promotion_analysis.is_some();
            let judged = status.blue_green.post_promotion_analysis_run_status.as_ref();
            let why = if judges && !judged.is_some_and(AnalysisRunStatus::is_completed) {
                "waiting for analysis to complete"
            } else {
                "waiting for post-promotion verification to complete"
            };
            (!promoted).then_some(why)
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
    let plugin = step.plugin.as_ref().map(|plugin| ("plugin", &plugin.name));
    let header = step.set_header_route.as_ref().map(|route| ("setHeaderRoute", &route.name));
    let mirror = step.set_mirror_route.as_ref().map(|route| ("setMirrorRoute", &route.name));
    let scale = step.set_canary_scale.as_ref().and_then(scale_text);
    scale.or_else(|| plugin.or(header).or(mirror).map(|(field, name)| format!("{field}: {name}")))
}

/// `None` for one that says nothing.
fn scale_text(scale: &ScaleStep) -> Option<String> {
    let text = match (scale.weight, scale.match_traffic_weight, scale.replicas) {
        (Some(weight), ..) => format!("weight: {weight}"),
        (None, true, _) => "matchTrafficWeight: true".to_owned(),
        (None, false, Some(replicas)) => format!("replicas: {replicas}"),
        (None, false, None) => return None,
    };
    Some(format!("setCanaryScale{{{text}}}"))
}

#[cfg(test)]
mod tests {
    use super::super::{
        AnalysisRunStatus, BlueGreenSpec, CanaryStep, HeaderRouteStep, PluginStep, PromotionAnalysis,
        Rollout, ScaleStep, WorkloadRef,
    };
    use super::{phase, step_text};

    #[test]
    fn what_a_blue_green_rollout_waits_for_after_the_switch() {
        let mut rollout = Rollout::default();
        rollout.spec.replicas = Some(0);
        rollout.status.current_pod_hash = "new".into();
        rollout.status.blue_green.active_selector = "new".into();
        let with = |rollout: &Rollout, judged: Option<&str>, judges: bool| {
            let mut rollout = rollout.clone();
            rollout.status.blue_green.post_promotion_analysis_run_status =
                judged.map(|status| AnalysisRunStatus { status: status.into() });
            rollout.spec.strategy.blue_green = Some(BlueGreenSpec {
                post_promotion_analysis: judges.then(PromotionAnalysis::default),
                ..BlueGreenSpec::default()
            });
            phase(&rollout).message().to_owned()
        };
        let verification = "waiting for post-promotion verification to complete";
        assert_eq!(with(&rollout, None, false), verification);
        assert_eq!(with(&rollout, Some("Running"), true), "waiting for analysis to complete");
        assert_eq!(with(&rollout, Some("Successful"), true), verification);
        rollout.status.stable_rs = "new".into();
        assert_eq!(with(&rollout, None, true), "");
    }

    #[test]
    fn a_changed_workload_is_waited_for() {
        let mut rollout = Rollout::default();
        rollout.spec.workload_ref = Some(WorkloadRef::default());
        rollout.metadata.annotations.insert("rollout.argoproj.io/workload-generation".into(), "4".into());
        rollout.status.phase = "Healthy".into();
        assert_eq!(phase(&rollout).name(), "Healthy");
        rollout.status.workload_observed_generation = "3".into();
        assert_eq!(phase(&rollout).name(), "Progressing");
        rollout.status.workload_observed_generation = "4".into();
        assert_eq!(phase(&rollout).name(), "Healthy");
    }

    #[test]
    fn the_first_part_of_a_step_that_says_something_is_shown() {
        let scale = ScaleStep { weight: Some(5), match_traffic_weight: true, ..ScaleStep::default() };
        let text = |scale| step_text(&CanaryStep { set_canary_scale: Some(scale), ..CanaryStep::default() });
        assert_eq!(text(scale).as_deref(), Some("setCanaryScale{weight: 5}"));
        assert_eq!(text(ScaleStep::default()), None);
        let step = CanaryStep {
            plugin: Some(PluginStep { name: "p".into(), ..PluginStep::default() }),
            set_header_route: Some(HeaderRouteStep { name: "h".into(), ..HeaderRouteStep::default() }),
            ..CanaryStep::default()
        };
        assert_eq!(step_text(&step).as_deref(), Some("plugin: p"));
    }
}
