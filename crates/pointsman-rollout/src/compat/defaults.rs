//! What holds where a manifest says nothing.

use pointsman_types::{Rounding, duration::TimeDelta};

use super::model::Rollout;
use super::{Amount, InvalidAmount};
use crate::replicas::Bounds;

/// A text without a percent sign is a percentage, too.
const QUARTER: &str = "25";

/// A delay, and who set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delay {
    /// The manifest.
    Set(TimeDelta),
    /// Nobody; this is the default.
    Default(TimeDelta),
    /// The manifest says 0: never.
    Never,
}

/// `maxSurge`, by default 25%.
///
/// Source: `GetMaxSurgeOrDefault`.
#[must_use]
pub fn max_surge_or_default(rollout: &Rollout) -> Amount {
    let canary = rollout.spec.strategy.canary.as_ref();
    canary.and_then(|canary| canary.max_surge.clone()).unwrap_or_else(|| Amount::Text(QUARTER.into()))
}

/// `maxUnavailable`, by default 25%.
///
/// Source: `GetMaxUnavailableOrDefault`.
#[must_use]
pub fn max_unavailable_or_default(rollout: &Rollout) -> Amount {
    let strategy = &rollout.spec.strategy;
    let blue_green = strategy.blue_green.as_ref().and_then(|blue_green| blue_green.max_unavailable.clone());
    let canary = || strategy.canary.as_ref().and_then(|canary| canary.max_unavailable.clone());
    blue_green.or_else(canary).unwrap_or_else(|| Amount::Text(QUARTER.into()))
}

/// How many pods more and fewer than `size`: the surge is rounded up, the rest down; one fewer where both would be none.
///
/// # Errors
/// The text that is no amount.
///
/// Source: `resolveFenceposts`.
pub fn fenceposts(surge: &Amount, unavailable: &Amount, size: u32) -> Result<(i32, i32), InvalidAmount> {
    let surge = surge.of(size, Rounding::Up)?;
    let unavailable = unavailable.of(size, Rounding::Down)?;
    Ok(if (surge, unavailable) == (0, 0) { (0, 1) } else { (surge, unavailable) })
}

/// The bounds of a canary, resolved for its replicas; what cannot be read allows nothing.
#[must_use]
pub fn bounds(rollout: &Rollout) -> Bounds {
    let size = rollout.replicas();
    let count = |count| u32::try_from(count).unwrap_or(0);
    let (surge, unavailable) =
        fenceposts(&max_surge_or_default(rollout), &max_unavailable_or_default(rollout), size)
            .unwrap_or_default();
    Bounds { surge: count(surge), unavailable: count(unavailable) }.within(size)
}

/// How many pods more than wanted: 0 without a canary.
///
/// Source: `MaxSurge`.
#[must_use]
pub fn max_surge(rollout: &Rollout) -> u32 {
    if rollout.spec.strategy.canary.is_none() { 0 } else { bounds(rollout).surge }
}

/// How many pods fewer than wanted, at most all of them. In a blue-green rollout only restarts have any.
///
/// Source: `MaxUnavailable`.
#[must_use]
pub fn max_unavailable(rollout: &Rollout) -> u32 {
    if rollout.spec.strategy.canary.is_some() {
        return bounds(rollout).unavailable;
    }
    let size = rollout.replicas();
    let unavailable = max_unavailable_or_default(rollout).of(size, Rounding::Down).unwrap_or(0);
    u32::try_from(unavailable).unwrap_or(0).min(size)
}

/// `progressDeadlineSeconds`, by default 600.
#[must_use]
pub fn progress_deadline_seconds(rollout: &Rollout) -> i32 {
    rollout.spec.progress_deadline_seconds.unwrap_or(600)
}

/// `scaleDownDelaySeconds`: by default 30, and 0 for a canary without a route.
///
/// Source: `GetScaleDownDelaySecondsOrDefault`.
#[must_use]
pub fn scale_down_delay_seconds(rollout: &Rollout) -> i32 {
    let strategy = &rollout.spec.strategy;
    match (&strategy.blue_green, &strategy.canary) {
        (_, Some(canary)) if canary.traffic_routing.is_some() => {
            canary.scale_down_delay_seconds.unwrap_or(30)
        }
        (Some(blue_green), _) => blue_green.scale_down_delay_seconds.unwrap_or(30),
        _ => 0,
    }
}

/// `abortScaleDownDelaySeconds`: by default 30, 0 for a canary without a route; an explicit 0 is never.
///
/// Source: `GetAbortScaleDownDelaySecondsOrDefault`.
#[must_use]
pub fn abort_scale_down_delay(rollout: &Rollout) -> Delay {
    let strategy = &rollout.spec.strategy;
    let set = match (&strategy.blue_green, &strategy.canary) {
        (Some(blue_green), _) => blue_green.abort_scale_down_delay_seconds,
        (None, Some(canary)) if canary.traffic_routing.is_some() => canary.abort_scale_down_delay_seconds,
        _ => return Delay::Default(TimeDelta::ZERO),
    };
    match set {
        Some(0) => Delay::Never,
        Some(seconds) => Delay::Set(TimeDelta::from_secs(i64::from(seconds))),
        None => Delay::Default(TimeDelta::from_secs(30)),
    }
}

/// `autoPromotionEnabled`, by default true.
#[must_use]
pub fn auto_promotion_enabled(rollout: &Rollout) -> bool {
    let blue_green = rollout.spec.strategy.blue_green.as_ref();
    blue_green.and_then(|blue_green| blue_green.auto_promotion_enabled).unwrap_or(true)
}

/// `revisionHistoryLimit`, by default 10.
#[must_use]
pub fn revision_history_limit(rollout: &Rollout) -> i32 {
    rollout.spec.revision_history_limit.unwrap_or(10)
}

/// `analysis.successfulRunHistoryLimit`, by default 5.
#[must_use]
pub fn successful_run_history_limit(rollout: &Rollout) -> i32 {
    rollout.spec.analysis.as_ref().and_then(|kept| kept.successful_run_history_limit).unwrap_or(5)
}

/// `analysis.unsuccessfulRunHistoryLimit`, by default 5.
#[must_use]
pub fn unsuccessful_run_history_limit(rollout: &Rollout) -> i32 {
    rollout.spec.analysis.as_ref().and_then(|kept| kept.unsuccessful_run_history_limit).unwrap_or(5)
}

/// What the annotations of a canary's Ingress begin with, by default `nginx.ingress.kubernetes.io`.
#[must_use]
pub fn ingress_annotation_prefix(rollout: &Rollout) -> &str {
    let routing = rollout.spec.strategy.canary.as_ref().and_then(|canary| canary.traffic_routing.as_ref());
    let prefix =
        routing.and_then(|routing| routing.nginx.as_ref()).map(|nginx| nginx.annotation_prefix.as_str());
    prefix.filter(|prefix| !prefix.is_empty()).unwrap_or("nginx.ingress.kubernetes.io")
}
