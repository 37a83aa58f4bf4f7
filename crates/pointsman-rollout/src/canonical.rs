//! One status for all that differ only in clock and counters: what makes the states of a rollout finite.

use std::collections::BTreeMap;

use pointsman_types::Time;

use crate::state::{Drain, Inner, Stable, State};
use crate::{Settling, Status};

impl Status {
    /// The status that stands for all that behave as this one: `now` becomes the beginning of time, what lies before it
    /// too, counters become ranks. For searching and for counting states; numbers of changes and runs that were handed out
    /// before do not fit it.
    ///
    /// Shape: the latest change of the route is 2 (0 before the first), a deal of users is 1, open runs count from 1.
    ///
    /// ```
    /// use pointsman_rollout::Status;
    /// use pointsman_types::Time;
    /// assert_eq!(Status::new().canonical(Time::from_nanos(7)), Status::new());
    /// ```
    #[must_use]
    pub fn canonical(mut self, now: Time) -> Self {
        shift(&mut self, now);
        let route = &mut self.route;
        route.change = if route.change == 0 { 0 } else { 2 };
        if let Some(pins) = &mut route.pins {
            pins.deal = 1;
        }
        self.restart.asked = u64::from(!self.restart.left.is_empty());
        self.restart.done = 0;
        rename_runs(&mut self);
        self
    }
}

/// Takes `now` for the beginning of time; what lies before it becomes the beginning.
fn shift(status: &mut Status, now: Time) {
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
