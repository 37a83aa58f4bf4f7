//! When a pause is over.

use pointsman_types::{
    Time,
    duration::{TimeDelta, go},
};

use super::defaults;
use super::model::{PauseDuration, PauseStep, Rollout};
use super::weights::current_step;

fn pause_start(rollout: &Rollout, reason: &str) -> Option<Option<Time>> {
    let condition = rollout.status.pause_conditions.iter().find(|condition| condition.reason == reason);
    condition.map(|condition| condition.start_time)
}

impl PauseDuration {
    /// The length; `None` for a text that is none.
    #[must_use]
    pub fn length(&self) -> Option<TimeDelta> {
        match self {
            Self::Seconds(seconds) => Some(TimeDelta::from_secs(*seconds)),
            Self::Text(text) => match text.parse() {
                Ok(seconds) => Some(TimeDelta::from_secs(seconds)),
                Err(_) => go::parse(text).ok(),
            },
        }
    }
}

/// Whether a pause step is over: a person cleared it, or its time has strictly passed.
///
/// Source: `CompletedCanaryPauseStep`.
#[must_use]
pub fn canary_pause_is_over(rollout: &Rollout, pause: &PauseStep, now: Time) -> bool {
    match pause_start(rollout, "CanaryPauseStep") {
        None => rollout.status.controller_pause,
        Some(start) => {
            let length = pause.duration.as_ref().and_then(PauseDuration::length);
            matches!((start, length), (Some(start), Some(length)) if now > start.plus(length))
        }
    }
}

/// Whether the pause before a blue-green switch is over.
///
/// Source: `CompletedBlueGreenPause`.
#[must_use]
pub fn blue_green_pause_is_over(rollout: &Rollout, now: Time) -> bool {
    let status = &rollout.status;
    if status.blue_green.scale_up_preview_check_point {
        return true;
    }
    let condition = pause_start(rollout, "BlueGreenPause");
    if !defaults::auto_promotion_enabled(rollout) {
        return status.controller_pause && condition.is_none();
    }
    let seconds = rollout.spec.strategy.blue_green.as_ref().map_or(0, |spec| spec.auto_promotion_seconds);
    let length = TimeDelta::from_secs(i64::from(seconds));
    match condition {
        _ if seconds == 0 => true,
        Some(Some(start)) => now > start.plus(length),
        Some(None) => false,
        None => status.controller_pause,
    }
}

/// Whether only a person ends a pause of this reason.
///
/// Source: `requiresManualAction`.
#[must_use]
pub fn needs_a_person(rollout: &Rollout, reason: &str) -> bool {
    match reason {
        "InconclusiveAnalysisRun" | "InconclusiveExperiment" => true,
        "CanaryPauseStep" => current_step(rollout)
            .and_then(|(_, step)| step.pause.as_ref())
            .is_some_and(|pause| pause.duration.is_none()),
        "BlueGreenPause" => !defaults::auto_promotion_enabled(rollout),
        _ => false,
    }
}
