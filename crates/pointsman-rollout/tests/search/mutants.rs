//! Engines that break one law each: the search has to find every one of them.

use super::laws;
use pointsman_rollout::{Condition, Effect, Presence, State, Status};

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mutant {
    /// Nothing.
    None,
    /// Scales down before the traffic has left.
    ScalesDownFirst,
    /// Does not wait until every proxy has the split.
    DoesNotWaitForProxies,
    /// Lets a route name a version before it has a subset.
    ForgetsTheSubset,
    /// Removes a subset while a route names it.
    RemovesTheSubsetFirst,
    /// Gives a canary traffic before it is ready.
    RoutesToUnready,
    /// Leaves the traffic where it is on an abort.
    KeepsTheTrafficOnAbort,
    /// Forgets to ask for pods.
    ForgetsToScaleUp,
    /// Rounds the canary's share down, and does not give the rest to stable.
    RoundsDown,
    /// Gives the canary more than its step says.
    GivesTooMuch,
    /// Keeps the pods of versions with traffic though none are wanted.
    KeepsPodsAtZero,
    /// Takes the pods from under a route though some are wanted.
    ScalesToZeroUnasked,
    /// Goes on after zero without waiting for pods.
    ForgetsToComeBack,
    /// Gives stable everything while no pods are wanted.
    MovesTheRouteAtZero,
    /// Takes all pods of a version at once to make them anew.
    RestartsAllAtOnce,
}

impl Mutant {
    pub(super) const BROKEN: [Self; 14] = [
        Self::ScalesDownFirst,
        Self::DoesNotWaitForProxies,
        Self::ForgetsTheSubset,
        Self::RemovesTheSubsetFirst,
        Self::RoutesToUnready,
        Self::KeepsTheTrafficOnAbort,
        Self::ForgetsToScaleUp,
        Self::RoundsDown,
        Self::GivesTooMuch,
        Self::KeepsPodsAtZero,
        Self::ScalesToZeroUnasked,
        Self::ForgetsToComeBack,
        Self::MovesTheRouteAtZero,
        Self::RestartsAllAtOnce,
    ];

    /// The law that it breaks.
    pub(super) const fn breaks(self) -> &'static str {
        match self {
            Self::ScalesDownFirst
            | Self::DoesNotWaitForProxies
            | Self::RoutesToUnready
            | Self::RestartsAllAtOnce
            | Self::ScalesToZeroUnasked => laws::DARK,
            Self::ForgetsTheSubset | Self::RemovesTheSubsetFirst => laws::DANGLING,
            Self::KeepsTheTrafficOnAbort => laws::ABORT,
            Self::ForgetsToScaleUp | Self::None => laws::REST,
            Self::RoundsDown => laws::ADD_UP,
            Self::GivesTooMuch => laws::STEP,
            Self::KeepsPodsAtZero => laws::ZERO,
            Self::ForgetsToComeBack => laws::PODS,
            Self::MovesTheRouteAtZero => laws::STILL,
        }
    }

    /// A broken engine does not look at the precondition that would save it.
    pub(super) fn ignores(self, condition: &Condition) -> bool {
        match condition {
            Condition::Ready { .. } => matches!(self, Self::RoutesToUnready | Self::MovesTheRouteAtZero),
            Condition::SubsetExists { .. } => self == Self::ForgetsTheSubset,
            Condition::WithoutTraffic { .. } => {
                matches!(self, Self::ScalesDownFirst | Self::DoesNotWaitForProxies)
            }
            Condition::Unreferenced { .. } => self == Self::RemovesTheSubsetFirst,
            _ => false,
        }
    }

    /// What this engine would remember.
    pub(super) fn remembers(self, status: Status) -> Status {
        let (less, more) = match self {
            Self::RoundsDown => (1, 0),
            Self::GivesTooMuch => (10, 10),
            Self::ForgetsToComeBack => return as_present(&status),
            _ => return status,
        };
        let mut saved = serde_json::to_value(&status).expect("is written");
        let canary = status.state().canary().map(|version| version.as_str().to_owned());
        let shares = saved.pointer_mut("/route/shares").and_then(serde_json::Value::as_array_mut);
        if let Some([stable, of_canary]) = shares.map(Vec::as_mut_slice)
            && of_canary.get(0).and_then(serde_json::Value::as_str) == canary.as_deref()
            && let (Some(a), Some(b)) = (stable[1].as_u64(), of_canary[1].as_u64())
            && a > 20
            && b > 0
        {
            (stable[1], of_canary[1]) = ((a - less).into(), (b + more).into());
        }
        serde_json::from_value(saved).expect("loads")
    }

    /// The list as this engine would have it.
    pub(super) fn of(self, mut list: Vec<Effect>, status: &Status) -> Vec<Effect> {
        match self {
            Self::None | Self::RoundsDown | Self::GivesTooMuch | Self::ForgetsToComeBack => {}
            Self::ScalesDownFirst => {
                if let (Some(stable), Some(canary)) = (status.state().stable(), status.state().canary())
                    && matches!(status.state(), State::Aborted(_))
                    && stable != canary
                {
                    list.insert(0, Effect::Scale { version: canary.clone(), replicas: 0 });
                }
            }
            Self::KeepsPodsAtZero => list.retain(|effect| !matches!(effect, Effect::ScaleToZero { .. })),
            Self::MovesTheRouteAtZero => {
                if let (Presence::AtZero, Some(stable)) = (status.presence(), status.state().stable())
                    && let Ok(split) = pointsman_types::Split::all_to(stable.as_str())
                {
                    list.insert(0, Effect::SetSplit { change: status.change(), split, pins: None });
                }
            }
            Self::ScalesToZeroUnasked => {
                if let State::Aborted(aborted) = status.state() {
                    list.insert(0, Effect::ScaleToZero { version: aborted.update.canary.clone() });
                }
            }
            Self::DoesNotWaitForProxies => {
                let waits = list.iter().any(|effect| matches!(effect, Effect::AwaitPropagation { .. }));
                list.retain(|effect| !matches!(effect, Effect::AwaitPropagation { .. }));
                if waits && let State::Aborted(aborted) = status.state() {
                    list.push(Effect::Scale { version: aborted.update.canary.clone(), replicas: 0 });
                }
            }
            Self::RestartsAllAtOnce => {
                for effect in &mut list {
                    if let Effect::RestartPods { at_most, .. } = effect {
                        *at_most = u32::MAX;
                    }
                }
            }
            Self::ForgetsTheSubset => list.retain(|effect| !matches!(effect, Effect::EnsureSubset { .. })),
            Self::RemovesTheSubsetFirst => {
                if let State::Retiring(retiring) = status.state() {
                    list.insert(0, Effect::RemoveSubset { version: retiring.old.clone() });
                }
            }
            Self::RoutesToUnready => {
                if let (State::Stepping(update), 1) = (status.state(), status.shares().len())
                    && let Ok(split) = pointsman_types::Split::new([
                        (update.stable.as_str(), pointsman_types::Weight::new(80)),
                        (update.canary.as_str(), pointsman_types::Weight::new(20)),
                    ])
                {
                    list.insert(0, Effect::EnsureSubset { version: update.canary.clone() });
                    list.insert(1, Effect::SetSplit { change: status.change(), split, pins: None });
                }
            }
            Self::ForgetsToScaleUp => {
                let asks =
                    |effect: &Effect| matches!(effect, Effect::Scale { replicas, .. } if *replicas > 0);
                list.retain(|effect| !asks(effect));
            }
            Self::KeepsTheTrafficOnAbort => {
                if matches!(status.state(), State::Aborted(_)) {
                    list.retain(|effect| !matches!(effect, Effect::SetSplit { .. }));
                }
            }
        }
        list
    }
}

/// The status of an engine that takes pods for granted as soon as some are wanted.
fn as_present(status: &Status) -> Status {
    let mut saved = serde_json::to_value(status).expect("is written");
    if status.presence() == Presence::ComingBack
        && let Some(fields) = saved.as_object_mut()
    {
        fields.remove("presence");
    }
    serde_json::from_value(saved).expect("loads")
}
