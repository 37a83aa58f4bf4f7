//! The loop around `step`.

use pointsman_types::{Time, Weight};

use super::cluster::{Agenda, Author, Cluster};
use super::frame::{Ending, Frame, Rehearsal};
use super::script::{Dice, Script};
use crate::{Command, Event, Gate, Plan, State, Status, Step, Version, step, waiting, wake};

/// The most that is looked at.
const FRAMES: usize = 20_000;

/// Tries a plan out: `v1` serves, and at the beginning `v2` appears.
///
/// Deterministic; ends when nothing more happens, at the horizon of the script, or after 20,000 frames.
#[must_use]
pub fn rehearse(plan: &Plan, script: &Script) -> Rehearsal {
    let mut stage = Stage::with_v1(plan);
    let mut dice = Dice::of(script);
    for (after, event) in &script.events {
        stage.agenda.add_by(Author::Script, Time::EPOCH.plus(*after), event.clone());
    }
    stage.happen(
        Time::EPOCH,
        Event::RevisionAdded { version: Version::from_static("v2") },
        script,
        &mut dice,
    );
    let horizon = Time::EPOCH.plus(script.horizon);
    while stage.frames.len() < FRAMES {
        stage.ask_a_person(script, &mut dice);
        let timer = wake(plan, &stage.status).map(|wake| wake.at);
        let (at, event) = match (stage.agenda.next_time(), timer) {
            (Some(next), timer) if timer.is_none_or(|timer| next <= timer) => match stage.agenda.take() {
                Some(coming) => coming,
                None => break,
            },
            (_, Some(timer)) => (timer.max(stage.now), Event::TimePassed),
            (_, None) => break,
        };
        if at > horizon {
            return stage.ended(Some(Ending::Unfinished));
        }
        stage.happen(at, event, script, &mut dice);
    }
    let cut = (stage.frames.len() >= FRAMES).then_some(Ending::Unfinished);
    stage.ended(cut)
}

struct Stage<'p> {
    plan: &'p Plan,
    status: Status,
    cluster: Cluster,
    agenda: Agenda,
    now: Time,
    frames: Vec<Frame>,
    /// The gate for which a person was asked already.
    asked: Option<(Gate, Time)>,
}

impl<'p> Stage<'p> {
    /// Before the curtain rises: the first version serves.
    fn with_v1(plan: &'p Plan) -> Self {
        let mut stage = Self {
            plan,
            status: Status::new(),
            cluster: Cluster::default(),
            agenda: Agenda::default(),
            now: Time::EPOCH,
            frames: Vec::new(),
            asked: None,
        };
        let kind = Script { pods_ready_after: pointsman_types::duration::TimeDelta::ZERO, ..Script::new() };
        let mut dice = Dice::of(&kind);
        stage.happen(
            Time::EPOCH,
            Event::RevisionAdded { version: Version::from_static("v1") },
            &kind,
            &mut dice,
        );
        while stage.frames.len() < 100 {
            let event = match (stage.agenda.take(), wake(plan, &stage.status)) {
                (Some((_, event)), _) => event,
                (None, Some(_)) if !matches!(stage.status.state(), State::Stable(_)) => {
                    Event::SplitSettled { change: stage.status.change() }
                }
                _ => break,
            };
            stage.happen(Time::EPOCH, event, &kind, &mut dice);
        }
        stage.frames.clear();
        stage
    }

    fn happen(&mut self, at: Time, event: Event, script: &Script, dice: &mut Dice) {
        self.now = at;
        let event = self.decided(event, script);
        if self.goes_on(&event, script) {
            return;
        }
        let before = self.weight_of_canary();
        self.cluster.see(&event);
        let refused = match step(self.plan, &self.status, &event, at) {
            Ok(Step { status, effects, .. }) => {
                self.status = status;
                self.cluster.carry_out(self.plan, &effects, (script, dice), &mut self.agenda, at);
                None
            }
            Err(why) => Some(why.to_string()),
        };
        self.watch_beside(before, script, dice);
        let frame = Frame {
            at: at.since(Time::EPOCH),
            event,
            refused,
            state: self.status.state().clone(),
            waiting: waiting(self.plan, &self.status),
            shares: self.shares(),
            pods: self.cluster.pods(),
            routes: self.status.managed_routes().iter().map(|route| route.name.clone()).collect(),
        };
        self.frames.push(frame);
    }

    fn weight_of_canary(&self) -> Weight {
        let canary = self.status.state().canary();
        let shares = self.shares();
        let of_canary = shares.iter().find(|(version, _)| Some(version) == canary);
        of_canary.map(|(_, weight)| *weight).unwrap_or_default()
    }

    fn run_beside(&self) -> Option<u64> {
        let run = self.status.state().update()?.background?;
        self.status.open_runs().find(|open| *open == run)
    }

    /// An analysis beside the steps does not end well while it may still meet the weight at which it fails.
    fn goes_on(&self, event: &Event, script: &Script) -> bool {
        let Event::AnalysisFinished { run, outcome: crate::Outcome::Successful } = event else {
            return false;
        };
        let is_decided = script.outcomes.iter().any(|(number, _)| number == run);
        script.failure_from.is_some() && !is_decided && self.run_beside() == Some(*run)
    }

    /// Once the canary comes to that weight, it fails as soon as it has measured.
    fn watch_beside(&mut self, before: Weight, script: &Script, dice: &mut Dice) {
        let (Some(from), Some(run)) = (script.failure_from, self.run_beside()) else { return };
        if before < from && self.weight_of_canary() >= from {
            let failed = Event::AnalysisFinished { run, outcome: crate::Outcome::Failed };
            self.agenda.add(self.now.plus(dice.vary(script.analysis_takes)), failed);
        }
    }

    /// Who gets how much: what the route says; without one each ready pod gets the same, the last pods what rounding leaves.
    fn shares(&self) -> Vec<(Version, Weight)> {
        if self.plan.bounds(1).is_none() {
            return self.status.shares().to_vec();
        }
        let total = u64::from(self.plan.spec().total_weight);
        let pods = self.cluster.pods();
        let all: u64 = pods.iter().map(|pods| u64::from(pods.ready)).sum();
        let up_to = |ready: u64| u32::try_from(total * ready / all.max(1)).unwrap_or(u32::MAX);
        let mut below = 0;
        let mut shares = Vec::new();
        for pods in pods {
            let above = below + u64::from(pods.ready);
            shares.push((pods.version, Weight::new(up_to(above) - up_to(below))));
            below = above;
        }
        shares
    }

    /// How an analysis ends is decided by the share that the canary has then.
    fn decided(&self, event: Event, script: &Script) -> Event {
        match event {
            Event::AnalysisFinished { run, outcome: crate::Outcome::Successful } => {
                Event::AnalysisFinished { run, outcome: script.outcome(run, self.weight_of_canary()) }
            }
            event => event,
        }
    }

    fn ask_a_person(&mut self, script: &Script, dice: &mut Dice) {
        let Some(delay) = script.person_after else { return };
        let at = waiting(self.plan, &self.status);
        let canary = self.status.state().canary().cloned();
        let command = match at.gate {
            Gate::Person if self.plan.is_manual() => Some(Command::TakeOver { confirmed: canary }),
            Gate::Person | Gate::Hold { .. } => Some(Command::Promote),
            _ => None,
        };
        let this = command.is_some().then_some((at.gate, at.since));
        if self.asked == this {
            return;
        }
        self.agenda.forget_person();
        self.asked = this;
        if let Some(command) = command {
            self.agenda.add_by(Author::Person, self.now.plus(dice.vary(delay)), Event::Commanded(command));
        }
    }

    fn ended(self, cut: Option<Ending>) -> Rehearsal {
        let reached = match self.status.state() {
            State::Aborted(_) => Ending::Aborted,
            State::Stable(stable) if stable.version.as_str() == "v1" => Ending::Unchanged,
            State::Stable(_) => Ending::Promoted,
            _ => Ending::Waiting,
        };
        Rehearsal { frames: self.frames, status: self.status, end: self.now, ending: cut.unwrap_or(reached) }
    }
}
