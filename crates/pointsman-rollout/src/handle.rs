//! What an event changes at once. What follows by itself is in `advance`.

use pointsman_types::Time;

use crate::plan::MAX_REPLICAS;
use crate::plan_step::OnFailure;
use crate::state::{
    AbortReason, Aborted, Analysing, Drain, Experimenting, Held, HoldReason, Inner, Promoting,
    PromotionReason, Returning, Starting, State, Update,
};
use crate::status::Pods;
use crate::{
    Event, Outcome, Pause, Plan, PlanStep, Rejected, Settling, Status, Version, advance, command, goal,
    goal_of_experiment, presence, restart,
};

/// The most versions that take part at once.
const VERSIONS: usize = 16;

/// The status right after the event.
pub(crate) fn event(plan: &Plan, status: &Status, event: &Event, now: Time) -> Result<Status, Rejected> {
    let mut next = status.clone();
    follow_plan(plan, &mut next);
    presence::follow(plan, &mut next, now);
    // What time has brought comes before what is told; the report that a split has settled says the same itself.
    if !matches!(event, Event::SplitSettled { .. }) {
        advance::settle_by_time(plan, &mut next, now);
    }
    match event {
        Event::RevisionAdded { version } => revision_added(plan, &mut next, version)?,
        Event::PodsChanged { version, replicas, ready } => {
            pods_changed(&mut next, version, *replicas, *ready)?
        }
        Event::SplitApplied { change } => split_applied(&mut next, *change, now)?,
        Event::SplitSettled { change } => split_settled(&mut next, *change)?,
        Event::VersionGone { version } => version_gone(plan, &mut next, version)?,
        Event::AnalysisFinished { run, outcome } => analysis_finished(plan, &mut next, *run, *outcome, now)?,
        Event::BarrierOpened { name } => barrier_opened(plan, &mut next, name)?,
        Event::Scaled { replicas } => scaled(plan, &mut next, *replicas, now)?,
        Event::Restarted { restart, version } => restart::note(&mut next, *restart, version)?,
        Event::Commanded(command) => command::carry_out(plan, &mut next, command, now)?,
        Event::TimePassed => {}
    }
    Ok(next)
}

/// Other steps than those that the index counts in: an update begins again at the first.
fn follow_plan(plan: &Plan, status: &mut Status) {
    if status.plan == plan.fingerprint() {
        return;
    }
    let known = status.plan != 0;
    status.plan = plan.fingerprint();
    if !known || matches!(status.state, State::Promoting(_) | State::Aborted(_)) {
        return;
    }
    if let Some(update) = status.state.update() {
        status.state = State::Stepping(begun(update.stable.clone(), update.canary.clone()));
    }
}

pub(crate) fn begun(stable: Version, canary: Version) -> Update {
    Update { stable, canary, index: 0, by_hand: None, forgiven: 0, background: None }
}

fn revision_added(plan: &Plan, status: &mut Status, version: &Version) -> Result<(), Rejected> {
    let refused = Rejected::AlreadyThere { version: version.clone() };
    let next = match &status.state {
        State::Empty => State::Starting(Starting { version: version.clone() }),
        State::Starting(starting) if starting.version != *version => {
            State::Starting(Starting { version: version.clone() })
        }
        State::Starting(_) => return Err(refused),
        state => {
            if state.canary() == Some(version) {
                return Err(refused);
            }
            match (state.stable(), state.update()) {
                (Some(stable), Some(update)) if stable == version => {
                    State::Returning(Returning { stable: stable.clone(), from: update.canary.clone() })
                }
                (Some(stable), _) if stable != version => released(plan, status, stable, version),
                _ => return Err(refused),
            }
        }
    };
    join(status, version, matches!(next, State::Returning(_)))?;
    status.state = next;
    Ok(())
}

/// An update to that version: by the steps, or at once when it served recently.
fn released(plan: &Plan, status: &Status, stable: &Version, canary: &Version) -> State {
    let mut update = begun(stable.clone(), canary.clone());
    let window = plan.spec().rollback_window as usize;
    let before = status.history.iter().skip_while(|served| *served != stable).skip(1);
    if before.take(window).any(|served| served == canary) {
        update.index = plan.end();
        return State::Promoting(Promoting { update, reason: PromotionReason::Rollback });
    }
    State::Stepping(update)
}

/// A version takes part. What was known of its pods is asked for anew, because it may be on its way out.
fn join(status: &mut Status, version: &Version, keep: bool) -> Result<(), Rejected> {
    if !status.pods.contains_key(version) && status.pods.len() >= VERSIONS {
        return Err(Rejected::TooManyVersions { limit: VERSIONS });
    }
    let pods = status.pods.entry(version.clone()).or_default();
    if !keep {
        *pods = Pods::default();
    }
    Ok(())
}

fn pods_changed(status: &mut Status, version: &Version, replicas: u32, ready: u32) -> Result<(), Rejected> {
    check_replicas(replicas.max(ready))?;
    let pods =
        status.pods.get_mut(version).ok_or_else(|| Rejected::UnknownVersion { version: version.clone() })?;
    *pods = Pods { replicas: Some(replicas), ready };
    Ok(())
}

fn check_replicas(replicas: u32) -> Result<(), Rejected> {
    if replicas > MAX_REPLICAS {
        return Err(Rejected::TooManyReplicas { replicas, limit: MAX_REPLICAS });
    }
    Ok(())
}

fn split_applied(status: &mut Status, change: u64, now: Time) -> Result<(), Rejected> {
    if change != status.route.change || status.route.settling != Settling::Asked {
        return Err(Rejected::Stale { what: "split", number: change, current: status.route.change });
    }
    status.route.settling = Settling::Applied { at: now };
    Ok(())
}

fn split_settled(status: &mut Status, change: u64) -> Result<(), Rejected> {
    if change != status.route.change || status.route.settling == Settling::Settled {
        return Err(Rejected::Stale { what: "split", number: change, current: status.route.change });
    }
    status.route.settle();
    Ok(())
}

/// A version that is still wanted is created again; one that is not is forgotten.
fn version_gone(plan: &Plan, status: &mut Status, version: &Version) -> Result<(), Rejected> {
    if !status.pods.contains_key(version) {
        return Err(Rejected::UnknownVersion { version: version.clone() });
    }
    let wanted = goal::of(plan, status).wants.iter().any(|want| want.version == *version);
    if wanted || status.route.live.contains(version) {
        status.pods.insert(version.clone(), Pods::default());
    } else {
        status.pods.remove(version);
    }
    Ok(())
}

fn scaled(plan: &Plan, status: &mut Status, replicas: u32, now: Time) -> Result<(), Rejected> {
    check_replicas(replicas)?;
    status.replicas = Some(replicas);
    presence::follow(plan, status, now);
    Ok(())
}

fn barrier_opened(plan: &Plan, status: &mut Status, name: &str) -> Result<(), Rejected> {
    if let State::Stepping(update) = &status.state
        && let Some(PlanStep::Barrier(here)) = plan.step_at(update.index)
        && here == name
        && status.presence.is_present()
    {
        status.state = advance::next_step(update);
        return Ok(());
    }
    Err(Rejected::NotNow {
        event: "BarrierOpened",
        state: status.state.name(),
        why: "it does not wait at that barrier",
    })
}

fn analysis_finished(
    plan: &Plan,
    status: &mut Status,
    run: u64,
    outcome: Outcome,
    now: Time,
) -> Result<(), Rejected> {
    let stale = Rejected::Stale { what: "analysis", number: run, current: status.run };
    let wanted = status.is_wanted_run(run);
    if !status.open_runs.remove(&run) {
        return Err(stale);
    }
    if !wanted {
        return Ok(());
    }
    let Some(update) = status.state.update().cloned() else { return Ok(()) };
    let background = update.background == Some(run);
    match outcome {
        Outcome::Successful if background => {}
        Outcome::Successful => passed(plan, status, update),
        Outcome::Inconclusive => hold(status, update, HoldReason::Inconclusive, now),
        Outcome::Cancelled => repeat(status, update, background),
        Outcome::Failed | Outcome::Error => failed(plan, status, update, background, outcome, now),
    }
    Ok(())
}

/// The step is done; an experiment with a duration goes on until it is over.
fn passed(plan: &Plan, status: &mut Status, update: Update) {
    let timed = goal_of_experiment::current(plan, &update).is_some_and(|running| running.duration.is_some());
    status.state = match &status.state {
        State::Experimenting(running) if timed => {
            State::Experimenting(Experimenting { run: None, ..running.clone() })
        }
        State::Held(held) => State::Held(Held { inner: Inner::Analysed, ..held.clone() }),
        _ => advance::next_step(&update),
    };
}

/// The run is over without an answer: the step begins again with a new one.
fn repeat(status: &mut Status, mut update: Update, background: bool) {
    if background {
        update.background = None;
        set_update(&mut status.state, update);
    } else {
        match &mut status.state {
            State::Held(held) => held.inner = Inner::Stepping,
            state => *state = State::Stepping(update),
        }
    }
}

fn set_update(state: &mut State, update: Update) {
    match state {
        State::Stepping(old) => *old = update,
        State::Paused(paused) => paused.update = update,
        State::Analysing(analysing) => analysing.update = update,
        State::Held(held) => held.update = update,
        State::Experimenting(running) => running.update = update,
        _ => {}
    }
}

fn failed(
    plan: &Plan,
    status: &mut Status,
    mut update: Update,
    background: bool,
    outcome: Outcome,
    now: Time,
) {
    let analysis = match (background, plan.step_at(update.index)) {
        (true, _) => plan.background().map(|background| &background.analysis),
        (false, Some(PlanStep::Analysis(analysis))) => Some(analysis),
        (false, Some(PlanStep::Experiment(experiment))) => experiment.analysis.as_ref(),
        (false, _) => None,
    };
    let (then, forgiven) = analysis.map_or((OnFailure::Abort, 0), |a| (a.on_failure, a.forgiven));
    if update.forgiven < forgiven {
        update.forgiven += 1;
        if !background {
            update.index = wait_before(plan, update.index);
        }
        set_update(&mut status.state, update.clone());
        repeat(status, update, background);
        return;
    }
    match then {
        OnFailure::Abort => {
            let reason = if outcome == Outcome::Error {
                AbortReason::AnalysisError
            } else {
                AbortReason::AnalysisFailed
            };
            abort(status, update, reason, now);
        }
        OnFailure::Hold => hold(status, update, HoldReason::AnalysisFailed, now),
        OnFailure::Continue if background => {}
        OnFailure::Continue => passed(plan, status, update),
    }
}

/// A forgiven check is done again after the wait that stands before it.
fn wait_before(plan: &Plan, index: u32) -> u32 {
    match index.checked_sub(1).map(|before| (before, plan.step_at(before))) {
        Some((before, Some(PlanStep::Pause(Pause { duration: Some(_) })))) => before,
        _ => index,
    }
}

/// Holds an update where it is; the step of a finished analysis begins again afterwards.
pub(crate) fn hold(status: &mut Status, update: Update, reason: HoldReason, now: Time) {
    let inner = match &status.state {
        State::Paused(paused) => Inner::Paused { since: paused.since, until: paused.until },
        State::Analysing(Analysing { run, since, .. }) if status.open_runs.contains(run) => {
            Inner::Analysing { run: *run, since: *since }
        }
        State::Held(held) => match &held.inner {
            Inner::Analysing { run, .. } if !status.open_runs.contains(run) => Inner::Stepping,
            inner => inner.clone(),
        },
        _ => Inner::Stepping,
    };
    status.state = State::Held(Held { update, reason, since: now, inner });
}

pub(crate) fn abort(status: &mut Status, update: Update, reason: AbortReason, now: Time) {
    status.state = State::Aborted(Aborted { update, reason, since: now, drain: Drain::Waiting });
}
