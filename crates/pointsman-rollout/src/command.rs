//! What a command changes, state by state.

use pointsman_types::{Time, Weight};

use crate::handle::{abort, begun, hold};
use crate::state::{
    AbortReason, Aborted, Held, HoldReason, Inner, Paused, Promoting, PromotionReason, Retiring, Stable,
    State,
};
use crate::{Command, Event, Plan, Rejected, Status, Version, advance, handle, restart};

/// Carries a command out, or refuses it.
pub(crate) fn carry_out(
    plan: &Plan,
    status: &mut Status,
    command: &Command,
    now: Time,
) -> Result<(), Rejected> {
    match command {
        Command::Promote => promote(status),
        Command::TakeOver { confirmed } => take_over(plan, status, confirmed.as_ref()),
        Command::SetWeight(weight) => set_weight(plan, status, *weight),
        Command::Pause => pause(status, now),
        Command::Resume => resume(status),
        Command::Abort => abort_by_command(status, now),
        Command::Retry => retry(status),
        Command::Undo { to } => undo(plan, status, to.as_ref(), now),
        Command::Restart => restart(plan, status),
        Command::Retire { version } => retire(plan, status, version),
    }
}

impl Command {
    /// The name of the command, as in the transition table.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Promote => "Promote",
            Self::TakeOver { .. } => "TakeOver",
            Self::SetWeight(_) => "SetWeight",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Abort => "Abort",
            Self::Retry => "Retry",
            Self::Undo { .. } => "Undo",
            Self::Restart => "Restart",
            Self::Retire { .. } => "Retire",
        }
    }
}

fn not_now(event: &'static str, status: &Status, why: &'static str) -> Rejected {
    Rejected::NotNow { event, state: status.state.name(), why }
}

fn promote(status: &mut Status) -> Result<(), Rejected> {
    status.state = match &status.state {
        State::Stepping(update) => advance::next_step(update),
        State::Paused(paused) => advance::next_step(&paused.update),
        State::Analysing(analysing) => advance::next_step(&analysing.update),
        State::Experimenting(running) => advance::next_step(&running.update),
        State::Held(held) => match held.inner {
            Inner::Stepping | Inner::Paused { .. } if held.reason == HoldReason::Commanded => {
                advance::resumed(held)
            }
            _ => advance::next_step(&held.update),
        },
        State::Promoting(_) => return Err(not_now("Promote", status, "it is being promoted already")),
        State::Aborted(_) => return Err(not_now("Promote", status, "it was aborted: retry first")),
        _ => return Err(not_now("Promote", status, "no update is on its way")),
    };
    Ok(())
}

fn take_over(plan: &Plan, status: &mut Status, confirmed: Option<&Version>) -> Result<(), Rejected> {
    let update = match &status.state {
        State::Promoting(promoting) if promoting.reason == PromotionReason::TakenOver => {
            return Err(not_now("TakeOver", status, "it is taking over already"));
        }
        State::Aborted(_) => return Err(not_now("TakeOver", status, "it was aborted: retry first")),
        state => state.update().ok_or_else(|| not_now("TakeOver", status, "no update is on its way"))?,
    };
    let canary = update.canary.clone();
    match confirmed {
        None => return Err(Rejected::NeedsConfirmation { version: canary }),
        Some(named) if *named != canary => {
            return Err(Rejected::OtherVersion { named: named.clone(), actual: canary });
        }
        Some(_) => {}
    }
    let mut update = update.clone();
    update.index = plan.end();
    status.state = State::Promoting(Promoting { update, reason: PromotionReason::TakenOver });
    Ok(())
}

fn set_weight(plan: &Plan, status: &mut Status, weight: Weight) -> Result<(), Rejected> {
    let total = plan.spec().total_weight;
    if weight.value() > total {
        return Err(Rejected::WeightTooLarge { weight, total });
    }
    if !plan.is_manual() {
        return Err(not_now("SetWeight", status, "the steps of the plan set the weight"));
    }
    match &mut status.state {
        State::Stepping(update) | State::Paused(Paused { update, .. }) | State::Held(Held { update, .. }) => {
            update.by_hand = Some(weight);
            Ok(())
        }
        _ => Err(not_now("SetWeight", status, "there is no canary to share with")),
    }
}

fn pause(status: &mut Status, now: Time) -> Result<(), Rejected> {
    match &status.state {
        State::Stepping(update) => hold(status, update.clone(), HoldReason::Commanded, now),
        State::Paused(paused) => hold(status, paused.update.clone(), HoldReason::Commanded, now),
        State::Analysing(analysing) => hold(status, analysing.update.clone(), HoldReason::Commanded, now),
        State::Experimenting(running) => hold(status, running.update.clone(), HoldReason::Commanded, now),
        State::Held(_) => return Err(not_now("Pause", status, "it is held already")),
        _ => return Err(not_now("Pause", status, "there is no step to hold at")),
    }
    Ok(())
}

fn resume(status: &mut Status) -> Result<(), Rejected> {
    status.state = match &status.state {
        State::Held(held) => advance::resumed(held),
        State::Paused(paused) => advance::next_step(&paused.update),
        _ => return Err(not_now("Resume", status, "it is not held")),
    };
    Ok(())
}

fn abort_by_command(status: &mut Status, now: Time) -> Result<(), Rejected> {
    match &status.state {
        State::Aborted(_) => Err(not_now("Abort", status, "it was aborted already")),
        state => {
            let Some(update) = state.update().cloned() else {
                return Err(not_now("Abort", status, "no update is on its way"));
            };
            abort(status, update, AbortReason::Commanded, now);
            Ok(())
        }
    }
}

fn retry(status: &mut Status) -> Result<(), Rejected> {
    let State::Aborted(Aborted { update, .. }) = &status.state else {
        return Err(not_now("Retry", status, "nothing was aborted"));
    };
    status.state = State::Stepping(begun(update.stable.clone(), update.canary.clone()));
    Ok(())
}

/// Without a name: the version that is left behind if one is on its way, else the one that served before.
fn undo(plan: &Plan, status: &mut Status, to: Option<&Version>, now: Time) -> Result<(), Rejected> {
    let stable = status.state.stable().ok_or_else(|| not_now("Undo", status, "no version serves"))?;
    let version = match (to, status.state.update()) {
        (Some(version), _) => version.clone(),
        (None, Some(_)) => stable.clone(),
        (None, None) => {
            let before = status.history.iter().find(|served| *served != stable);
            before.cloned().ok_or(Rejected::NoHistory)?
        }
    };
    if !status.history.contains(&version) {
        return Err(Rejected::NoHistory);
    }
    *status = handle::event(plan, status, &Event::RevisionAdded { version }, now)?;
    Ok(())
}

fn restart(plan: &Plan, status: &mut Status) -> Result<(), Rejected> {
    if status.state.stable().is_none() {
        return Err(not_now("Restart", status, "no version serves"));
    }
    restart::ask(plan, status);
    Ok(())
}

fn retire(plan: &Plan, status: &mut Status, version: &Version) -> Result<(), Rejected> {
    let by_replicas = plan.bounds(1).is_some() && status.pods_of(version).replicas != Some(0);
    let has_traffic = status.has_traffic(version);
    let live = by_replicas || has_traffic;
    let next = match &status.state {
        State::Stable(Stable { version: stable, standby: Some(standby) })
            if standby.version == *version && !has_traffic =>
        {
            State::Retiring(Retiring { stable: stable.clone(), old: version.clone() })
        }
        State::Aborted(Aborted { update, .. }) if update.canary == *version && !live => {
            State::Retiring(Retiring { stable: update.stable.clone(), old: version.clone() })
        }
        state if live || state.stable() == Some(version) || state.canary() == Some(version) => {
            return Err(Rejected::HasTraffic { version: version.clone() });
        }
        _ => return Err(not_now("Retire", status, "no such version stands by")),
    };
    status.state = next;
    Ok(())
}
