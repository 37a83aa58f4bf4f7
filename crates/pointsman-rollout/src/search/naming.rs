//! Makes the state space finite: times become distances, counters become ranks.

use std::collections::BTreeMap;

use pointsman_types::Time;

use super::world::World;
use crate::state::{Drain, Inner, Stable, State};
use crate::{Settling, Status};

/// Takes `now` for the beginning of time; what lies before it becomes the beginning.
pub(super) fn shift(status: &mut Status, now: Time) {
    let past = |time: &mut Time| *time = Time::EPOCH;
    let ahead = |time: &mut Time| *time = Time::from_nanos((time.nanos() - now.nanos()).max(0));
    past(&mut status.progress);
    if let Settling::Applied { at } = &mut status.route.settling {
        past(at);
    }
    match &mut status.state {
        State::Stable(Stable { standby: Some(standby), .. }) => standby.until.iter_mut().for_each(ahead),
        State::Paused(paused) => {
            past(&mut paused.since);
            paused.until.iter_mut().for_each(ahead);
        }
        State::Analysing(analysing) => past(&mut analysing.since),
        State::Held(held) => {
            past(&mut held.since);
            match &mut held.inner {
                Inner::Paused { since, until } => {
                    past(since);
                    until.iter_mut().for_each(ahead);
                }
                Inner::Analysing { since, .. } => past(since),
                Inner::Stepping | Inner::Analysed => {}
            }
        }
        State::Experimenting(running) => {
            running.ready_at.iter_mut().for_each(|at| *at = Time::from_nanos(at.nanos() - now.nanos()))
        }
        State::Aborted(aborted) => {
            past(&mut aborted.since);
            if let Drain::Until(until) = &mut aborted.drain {
                ahead(until);
            }
        }
        _ => {}
    }
}

/// Only the order of counters matters.
pub(super) fn normalise(world: &mut World) {
    let status = &mut world.status;
    let current = status.route.change;
    world.change = match world.change {
        0 => 0,
        change if change == current => 2,
        _ => 1,
    };
    status.route.change = if current == 0 { 0 } else { 2 };
    if status.restart.asked > status.restart.done {
        status.restart.asked = 1;
    } else {
        status.restart.asked = 0;
    }
    status.restart.done = 0;
    rename_runs(status);
}

fn rename_runs(status: &mut Status) {
    let mut known: Vec<u64> = status.open_runs.iter().copied().collect();
    for_each_run(status, &mut |run| known.push(*run));
    known.sort_unstable();
    known.dedup();
    let names: BTreeMap<u64, u64> = known.iter().copied().zip(1..).collect();
    let rename = |run: &mut u64| *run = names.get(run).copied().unwrap_or(0);
    status.open_runs = status.open_runs.iter().map(|run| names.get(run).copied().unwrap_or(0)).collect();
    status.run = known.len() as u64;
    for_each_run(status, &mut { rename });
}

fn for_each_run(status: &mut Status, with: &mut impl FnMut(&mut u64)) {
    let update = match &mut status.state {
        State::Stepping(update) => update,
        State::Paused(paused) => &mut paused.update,
        State::Analysing(analysing) => {
            with(&mut analysing.run);
            &mut analysing.update
        }
        State::Held(held) => {
            if let Inner::Analysing { run, .. } = &mut held.inner {
                with(run);
            }
            &mut held.update
        }
        State::Experimenting(running) => {
            running.run.iter_mut().for_each(&mut *with);
            &mut running.update
        }
        State::Promoting(promoting) => &mut promoting.update,
        State::Aborted(aborted) => &mut aborted.update,
        _ => return,
    };
    update.background.iter_mut().for_each(with);
}
