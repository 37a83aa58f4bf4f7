//! What follows when something happens to a group.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::Time;
use serde::{Deserialize, Serialize};

use super::status::{is_ahead, is_under_way, stands_at};
use super::{GroupPlan, GroupStatus, abort};
use crate::{Command, Effect, Event, Plan, Rejected, State, Status, Version, Waiting, Wake, step};

/// Something that happened to a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum GroupEvent {
    /// These versions are released together.
    Released {
        /// By component; components that are not named keep what they have.
        versions: BTreeMap<String, Version>,
    },
    /// Something happened to one component. A version released alone takes part in the release that is on its way.
    Member {
        /// Which.
        component: String,
        /// What.
        event: Event,
    },
    /// Something is wanted of all that take part in the release.
    Commanded(GroupCommand),
    /// Nothing but time.
    TimePassed,
}

/// What a person can ask of a whole group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum GroupCommand {
    /// Go on, wherever a component waits for a person.
    Promote,
    /// Hold all where they are.
    Pause,
    /// End the hold.
    Resume,
    /// Give the release up.
    Abort,
    /// Begin the release again, after it was given up.
    Retry,
}

/// The answer to one event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupStep {
    /// What to remember from now on.
    pub status: GroupStatus,
    /// What to do, in this order for each component.
    pub effects: BTreeMap<String, Vec<Effect>>,
    /// What each component waits for.
    pub waiting: BTreeMap<String, Waiting>,
    /// When to call again if nothing else happens.
    pub wake: Option<Wake>,
}

/// Why an event is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum GroupRejected {
    /// No such component.
    #[error("component `{component}` is not in the group")]
    UnknownComponent {
        /// Which.
        component: String,
    },
    /// One component refuses it.
    #[error("component `{component}`: {why}")]
    Member {
        /// Which.
        component: String,
        /// Why.
        why: Rejected,
    },
    /// One component alone cannot do this.
    #[error("`{command}` is for the whole group, not for one component")]
    ForAll {
        /// What.
        command: &'static str,
    },
    /// No component that takes part has anything to do for it.
    #[error("no component of the release has anything to do for it")]
    NothingToDo,
}

/// What follows when an event happens to a group.
///
/// As [`step`](crate::step): total, deterministic, nothing is lost by a refusal. An event that is meant for several
/// components is refused when one of them would refuse it ([`GroupEvent::Released`]), or when all of them do (a command).
///
/// # Errors
/// [`GroupRejected`] says why.
pub fn group_step(
    plan: &GroupPlan,
    status: &GroupStatus,
    event: &GroupEvent,
    now: Time,
) -> Result<GroupStep, GroupRejected> {
    let mut next = status.clone();
    match event {
        GroupEvent::Released { versions } => released(plan, &mut next, versions, now)?,
        GroupEvent::Member { component, event } => member(plan, &mut next, component, event, now)?,
        GroupEvent::Commanded(command) => commanded(plan, &mut next, *command, now)?,
        GroupEvent::TimePassed => {
            for (component, plan) in plan.members() {
                tell(plan, &mut next, component, &Event::TimePassed, now)?;
            }
        }
    }
    settle(plan, &mut next, now);
    Ok(answer(plan, next))
}

fn tell(
    plan: &Plan,
    status: &mut GroupStatus,
    component: &str,
    event: &Event,
    now: Time,
) -> Result<(), GroupRejected> {
    let answer = step(plan, &status.member(component), event, now)
        .map_err(|why| GroupRejected::Member { component: component.to_owned(), why })?;
    status.members.insert(component.to_owned(), answer.status);
    Ok(())
}

fn plan_of<'p>(plan: &'p GroupPlan, component: &str) -> Result<&'p Plan, GroupRejected> {
    plan.member(component).ok_or_else(|| GroupRejected::UnknownComponent { component: component.to_owned() })
}

fn released(
    plan: &GroupPlan,
    status: &mut GroupStatus,
    versions: &BTreeMap<String, Version>,
    now: Time,
) -> Result<(), GroupRejected> {
    for (component, version) in versions {
        let event = Event::RevisionAdded { version: version.clone() };
        tell(plan_of(plan, component)?, status, component, &event, now)?;
    }
    status.released.clone_from(versions);
    Ok(())
}

fn member(
    plan: &GroupPlan,
    status: &mut GroupStatus,
    component: &str,
    event: &Event,
    now: Time,
) -> Result<(), GroupRejected> {
    if let Event::Commanded(command @ Command::Retry) = event {
        return Err(GroupRejected::ForAll { command: command.name() });
    }
    tell(plan_of(plan, component)?, status, component, event, now)?;
    let version = match event {
        Event::RevisionAdded { version } => Some(version.clone()),
        // An earlier version is released again.
        Event::Commanded(Command::Undo { .. }) => {
            let member = status.member(component);
            member.state().canary().or(member.state().stable()).cloned()
        }
        _ => None,
    };
    if let Some(version) = version {
        if !is_on_its_way(status) {
            status.released.clear();
        }
        status.released.insert(component.to_owned(), version);
    }
    Ok(())
}

fn is_on_its_way(status: &GroupStatus) -> bool {
    status.released.iter().any(|(component, version)| is_under_way(&status.member(component), version))
}

fn commanded(
    plan: &GroupPlan,
    status: &mut GroupStatus,
    command: GroupCommand,
    now: Time,
) -> Result<(), GroupRejected> {
    let mut refused = GroupRejected::NothingToDo;
    let mut done = false;
    for (component, version) in status.released.clone() {
        let event = match event_for(command, &status.member(&component), &version) {
            Some(event) => event,
            None => continue,
        };
        match tell(plan_of(plan, &component)?, status, &component, &event, now) {
            Ok(()) => done = true,
            Err(why) => refused = why,
        }
    }
    if done { Ok(()) } else { Err(refused) }
}

fn event_for(command: GroupCommand, status: &Status, version: &Version) -> Option<Event> {
    let is_given_up = matches!(status.state(), State::Aborted(_)) && status.state().canary() == Some(version);
    match command {
        GroupCommand::Promote => Some(Event::Commanded(Command::Promote)),
        GroupCommand::Pause => Some(Event::Commanded(Command::Pause)),
        GroupCommand::Resume => Some(Event::Commanded(Command::Resume)),
        GroupCommand::Abort => Some(Event::Commanded(Command::Abort)),
        GroupCommand::Retry if is_given_up => Some(Event::Commanded(Command::Retry)),
        // It had been released already and went back.
        GroupCommand::Retry
            if status.state().canary() != Some(version) && status.state().stable() != Some(version) =>
        {
            Some(Event::RevisionAdded { version: version.clone() })
        }
        GroupCommand::Retry => None,
    }
}

/// What only a group does. Each round gives one part up or opens one barrier, so it ends.
fn settle(plan: &GroupPlan, status: &mut GroupStatus, now: Time) {
    let barriers: usize = plan.members().map(|(_, plan)| plan.steps().len()).sum();
    for _ in 0..=barriers + plan.members().count() {
        if !(give_up(plan, status, now) || open(plan, status, now)) {
            return;
        }
    }
}

fn give_up(plan: &GroupPlan, status: &mut GroupStatus, now: Time) -> bool {
    let is_given_up = |(component, version): (&String, &Version)| {
        let member = status.member(component);
        matches!(member.state(), State::Aborted(_)) && member.state().canary() == Some(version)
    };
    if !status.released.iter().any(is_given_up) {
        return false;
    }
    for (component, version) in status.released.clone() {
        let Some(plan) = plan.member(&component) else { continue };
        if let Some(next) = abort::give_up(plan, &status.member(&component), &version, now) {
            status.members.insert(component, next);
            return true;
        }
    }
    false
}

/// Opens a barrier at which all stand that have still to pass it.
fn open(plan: &GroupPlan, status: &mut GroupStatus, now: Time) -> bool {
    let under_way: Vec<(&Plan, String, Status)> = status
        .released
        .iter()
        .filter_map(|(component, version)| {
            let member = status.member(component);
            let plan = plan.member(component)?;
            is_under_way(&member, version).then(|| (plan, component.clone(), member))
        })
        .collect();
    let standing: BTreeSet<&str> =
        under_way.iter().filter_map(|(plan, _, member)| stands_at(plan, member)).collect();
    let can_open = |name: &&str| {
        under_way
            .iter()
            .all(|(plan, _, member)| stands_at(plan, member) == Some(*name) || !is_ahead(plan, member, name))
    };
    let Some(name) = standing.into_iter().find(can_open) else { return false };
    let event = Event::BarrierOpened { name: name.to_owned() };
    for (plan, component, member) in &under_way {
        if stands_at(plan, member) == Some(name) {
            // It stands there, so it has a place for the event.
            let _ = tell(plan, status, component, &event, now);
        }
    }
    true
}

fn answer(plan: &GroupPlan, status: GroupStatus) -> GroupStep {
    let mut group = GroupStep {
        status: GroupStatus::new(),
        effects: BTreeMap::new(),
        waiting: BTreeMap::new(),
        wake: None,
    };
    for (component, plan) in plan.members() {
        let member = abort::answer_of(plan, &status.member(component));
        group.effects.insert(component.to_owned(), member.effects);
        group.waiting.insert(component.to_owned(), member.waiting);
        group.wake = group.wake.into_iter().chain(member.wake).min_by_key(|wake| (wake.at, wake.reason));
    }
    group.status = status;
    group
}
