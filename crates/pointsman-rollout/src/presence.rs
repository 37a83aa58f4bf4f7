//! Scaled to zero by request, and back.

use pointsman_types::Time;
use serde::{Deserialize, Serialize};

use crate::goal::{self, Goal, Want};
use crate::state::{
    Analysing, Experimenting, Held, Inner, Paused, Promoting, PromotionReason, State, Update,
};
use crate::{Effect, Plan, Status, replicas};

/// Whether the component has the pods that it is released with.
///
/// Shape: [`AtZero`](Self::AtZero) exactly while the number of replicas that is wanted of the whole component is 0, by the plan or by
/// [`Scaled`](crate::Event::Scaled). Then all of its pods go, those with traffic too: it is the one case in which a route is left naming a
/// version without pods, because that is what was asked for. Nothing else moves: no weight, no step, no timer, and no analysis
/// counts. What a person says is remembered.
///
/// Source: Argo Rollouts scales to 0 with `spec.replicas` and keeps the weights, but goes through the steps meanwhile; here they wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// It has, or it is not known that it has not.
    #[default]
    Present,
    /// No pods are wanted.
    AtZero,
    /// Pods are wanted again and are not all there. They come before anything else; the step that was under way begins again with them.
    ComingBack,
}

impl Presence {
    pub(crate) const fn is_present(&self) -> bool {
        matches!(self, Self::Present)
    }
}

/// Notes that no pods are wanted, or that some are again.
pub(crate) fn follow(plan: &Plan, status: &mut Status, now: Time) {
    let presence = match (status.presence, goal::size(plan, status)) {
        (Presence::Present | Presence::ComingBack, 0) => Presence::AtZero,
        (Presence::AtZero, 1..) => Presence::ComingBack,
        _ => return,
    };
    if presence == Presence::AtZero {
        begin_again(&mut status.state);
    }
    status.presence = presence;
    status.progress = now;
    status.late = crate::Lateness::InTime;
}

/// What waits for time or for an answer waits for nothing while there are no pods: its step begins again afterwards.
fn begin_again(state: &mut State) {
    let update = match state {
        State::Held(Held { update, inner, .. }) => {
            if !matches!(inner, Inner::Analysed) {
                *inner = Inner::Stepping;
            }
            update.background = None;
            return;
        }
        State::Stepping(update)
        | State::Paused(Paused { update, .. })
        | State::Analysing(Analysing { update, .. })
        | State::Experimenting(Experimenting { update, .. }) => update,
        _ => return,
    };
    *state = State::Stepping(Update { background: None, ..update.clone() });
}

/// Whether it goes on at zero all the same: by a word and not by steps.
pub(crate) fn is_decided_at_zero(state: &State) -> bool {
    matches!(state, State::Promoting(Promoting { reason, .. }) if *reason != PromotionReason::StepsDone)
}

/// No pods, and the route as it is.
pub(crate) fn at_zero(status: &Status, goal: Goal) -> Goal {
    let none = |want| Want { replicas: 0, needed: 0, most: 0, ..want };
    let route = &status.route;
    Goal {
        wants: goal.wants.into_iter().map(none).collect(),
        shares: route.shares.clone(),
        intended: route.shares.clone(),
        managed: route.managed.clone(),
        managed_to: route.managed_to.clone(),
        pins: status.pins().cloned(),
    }
}

/// An update goes on when its stable version is there again, too, unless a person has said otherwise.
pub(crate) fn coming_back(plan: &Plan, status: &Status, goal: &mut Goal) {
    let stable = match &status.state {
        State::Promoting(_) | State::Aborted(_) => None,
        state => state.update().map(|update| &update.stable),
    };
    for want in goal.wants.iter_mut().filter(|want| Some(&want.version) == stable) {
        want.needed =
            replicas::needed(plan.spec().threshold, want.replicas).max(u32::from(want.replicas > 0));
    }
}

/// What is to be done at zero: the pods of every version go.
pub(crate) fn to_zero(status: &Status, goal: &Goal, list: &mut Vec<Effect>) {
    for Want { version, inherits, .. } in &goal.wants {
        let known = status.pods_of(version).replicas;
        if known.is_none() {
            list.push(Effect::EnsureVersion { version: version.clone(), inherits: inherits.clone() });
        }
        if known != Some(0) {
            list.push(Effect::ScaleToZero { version: version.clone() });
        }
    }
    let others = status.pods.iter().filter(|(version, pods)| {
        pods.replicas.is_some_and(|replicas| replicas > 0)
            && goal.wants.iter().all(|want| want.version != **version)
    });
    list.extend(others.map(|(version, _)| Effect::ScaleToZero { version: version.clone() }));
}
