//! When a pause is over.

use pointsman_types::{
    Time,
    duration::{TimeDelta, go},
};

use super::defaults;
use super::model::Rollout;
use super::steps::{PauseDuration, PauseStep};
use super::weights::current_step;

fn pause_start(rollout: &Rollout, reason: &str) -> Option<Option<Time>> {
    let condition = rollout.status.pause_conditions.iter().find(|condition| condition.reason == reason);
    condition.map(|condition| condition.start_time)
}

impl PauseDuration {
    /// The length in whole seconds, cut towards zero; one second less than none for a text that is no length.
    ///
    /// Source: `RolloutPause.DurationSeconds`.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        let seconds = match self {
            Self::Seconds(seconds) => *seconds,
            Self::Text(text) => text
                .parse::<i32>()
                .map(i64::from)
                .or_else(|_| go::parse(text).map(TimeDelta::secs))
                .unwrap_or(-1),
        };
        TimeDelta::from_secs(seconds)
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
            let length = pause.duration.as_ref().map(PauseDuration::length);
            length.is_some_and(|length| is_past(start, length, now))
        }
    }
}

/// A pause without a start began long ago.
fn is_past(start: Option<Time>, length: TimeDelta, now: Time) -> bool {
    start.is_none_or(|start| now > start.plus(length))
}

/// Whether the pause before a blue-green switch is over: a person cleared it, or its time has strictly passed.
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
    seconds == 0 || condition.is_some_and(|start| is_past(start, length, now))
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
        // Without a blue-green strategy, promotion is automatic.
        "BlueGreenPause" => !defaults::auto_promotion_enabled(rollout),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use pointsman_types::{Time, duration::TimeDelta};

    use super::super::{BlueGreenSpec, PauseCondition, PauseDuration, PauseStep, Rollout};
    use super::{blue_green_pause_is_over, canary_pause_is_over};

    #[test]
    fn lengths_are_whole_seconds_and_what_is_none_is_over() {
        let length = |text: &str| PauseDuration::Text(text.into()).length().secs();
        assert_eq!((length("90"), length("1h30m"), length("1.9s"), length("1d")), (90, 5400, 1, -1));
        let mut rollout = Rollout::default();
        let start = Time::from_secs(100);
        rollout.status.pause_conditions =
            vec![PauseCondition { reason: "CanaryPauseStep".into(), start_time: Some(start) }];
        let over = |text: &str, seconds| {
            let pause = PauseStep { duration: Some(PauseDuration::Text(text.into())) };
            canary_pause_is_over(&rollout, &pause, start.plus(TimeDelta::from_secs(seconds)))
        };
        assert!(over("soon", 0) && !over("10s", 10) && over("10s", 11));
    }

    #[test]
    fn a_timed_promotion_that_never_paused_is_not_over() {
        let mut rollout = Rollout::default();
        rollout.spec.strategy.blue_green =
            Some(BlueGreenSpec { auto_promotion_seconds: 5, ..BlueGreenSpec::default() });
        rollout.status.controller_pause = true;
        assert!(!blue_green_pause_is_over(&rollout, Time::from_secs(1_000)));
    }
}
