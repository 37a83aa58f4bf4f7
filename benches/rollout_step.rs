//! One `step` of a release of 20 steps, against two things of which neither is ours: reading and writing the status straight into and out
//! of plain fields, which every controller does on every pass; and the arithmetic of one pass of a level-triggered controller that
//! knows neither order nor crashes. Prints the size of the status too.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_benches::ratio;
use pointsman_rollout::rehearsal::{Script, rehearse};
use pointsman_rollout::{
    Analysis, Canary, Event, Lateness, Pause, Plan, PlanSpec, PlanStep, Pods, Restart, Route, State, Status,
    Strategy, Version, step,
};
use pointsman_types::{Time, Weight, duration::TimeDelta};
use serde::{Deserialize, Serialize};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = plan()?;
    let moments = moments(&plan)?;
    let texts: Vec<String> =
        moments.iter().map(|(status, _, _)| serde_json::to_string(status)).collect::<Result<_, _>>()?;
    let longest = texts.iter().map(String::len).max().unwrap_or(0);
    println!("{} steps, {} moments, a status of at most {longest} bytes", plan.steps().len(), moments.len());

    let at = |i: u64| usize::try_from(i).unwrap_or(0) % moments.len();
    let ours = |i| moments.get(at(i)).map(|(status, event, now)| step(&plan, status, event, *now));
    let json = |i| {
        let status: Option<Plain> = texts.get(at(i)).and_then(|text| serde_json::from_str(text).ok());
        status.map(|status| serde_json::to_string(&status))
    };
    for text in &texts {
        assert_eq!(serde_json::to_string(&serde_json::from_str::<Plain>(text)?)?, *text);
    }
    println!("{}", ratio::measure("rollout_step/over reading and writing the status", ours, json));
    let pass = |i| moments.get(at(i)).map(|(status, _, _)| pass(&plan, status));
    println!("{}", ratio::measure("rollout_step/over the arithmetic of one pass", ours, pass));
    Ok(())
}

/// The fields of a status, read without a look at the number of its layout.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    schema: u32,
    state: State,
    progress: Time,
    late: Lateness,
    pods: BTreeMap<Version, Pods>,
    route: Route,
    run: u64,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    open_runs: BTreeSet<u64>,
    restart: Restart,
    history: Vec<Version>,
    plan: u64,
}

/// What shall be, by the present step: the weights, the pods of the canary, and the next step once it is so.
fn pass(plan: &Plan, status: &Status) -> (Vec<(Version, Weight)>, u32, u32) {
    let Some(update) = status.state().update() else { return (status.shares().to_vec(), 0, 0) };
    let until = plan.steps().iter().take(update.index as usize + 1);
    let weight = |step: &PlanStep| if let PlanStep::SetWeight(weight) = step { Some(*weight) } else { None };
    let weight = until.filter_map(weight).next_back().unwrap_or(Weight::ZERO);
    let (size, total) = (plan.spec().replicas, plan.spec().total_weight);
    let replicas = (size * weight.value()).div_ceil(total);
    let shares =
        vec![(update.stable.clone(), Weight::new(total - weight.value())), (update.canary.clone(), weight)];
    let is_done = status.ready(&update.canary) >= replicas && status.shares() == shares;
    (shares, replicas, update.index + u32::from(is_done))
}

/// Ten weights, a pause after each, an analysis beside them.
fn plan() -> Result<Plan, pointsman_rollout::InvalidPlan> {
    let minute = TimeDelta::from_secs(60);
    let steps = (1..=10)
        .flat_map(|tenth| [PlanStep::SetWeight(Weight::new(tenth * 10)), PlanStep::Pause(Pause::of(minute))]);
    let canary = Canary::new(steps).with_background(Analysis::of(["success-rate"]), 1);
    PlanSpec::new("reviews", Strategy::Canary(canary)).with_replicas(10).build()
}

/// Every status on the way of a release, with the event that came next.
fn moments(plan: &Plan) -> Result<Vec<(Status, Event, Time)>, pointsman_rollout::Rejected> {
    let mut moments = Vec::new();
    let mut status = Status::new();
    let first = Event::RevisionAdded { version: Version::from_static("v1") };
    let mut tell = |status: &mut Status, event: Event, now: Time| {
        let next = step(plan, status, &event, now)?.status;
        moments.push((std::mem::replace(status, next), event, now));
        Ok(())
    };
    let pods =
        |version, ready| Event::PodsChanged { version: Version::from_static(version), replicas: 10, ready };
    tell(&mut status, first, Time::EPOCH)?;
    tell(&mut status, pods("v1", 10), Time::EPOCH)?;
    tell(&mut status, Event::SplitApplied { change: 1 }, Time::EPOCH)?;
    let rehearsal = rehearse(plan, &Script::new());
    for frame in rehearsal.frames() {
        if frame.refused.is_none() {
            tell(&mut status, frame.event.clone(), Time::EPOCH.plus(frame.at))?;
        }
    }
    Ok(moments)
}
