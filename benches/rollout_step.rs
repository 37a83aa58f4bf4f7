//! One `step` of a release of 20 steps, against reading and writing its status as JSON: what a controller does on every
//! pass anyway. Prints the size of the status too.

use pointsman_benches::ratio;
use pointsman_rollout::rehearsal::{Script, rehearse};
use pointsman_rollout::{
    Analysis, Canary, Event, Pause, Plan, PlanSpec, PlanStep, Status, Strategy, Version, step,
};
use pointsman_types::{Time, Weight, duration::TimeDelta};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = plan()?;
    let moments = moments(&plan)?;
    let texts: Vec<String> =
        moments.iter().map(|(status, _, _)| serde_json::to_string(status)).collect::<Result<_, _>>()?;
    let longest = texts.iter().map(String::len).max().unwrap_or(0);
    println!("{} steps, {} moments, a status of at most {longest} bytes", plan.steps().len(), moments.len());

    let at = |i: u64| usize::try_from(i).unwrap_or(0) % moments.len();
    let measured = ratio::measure(
        "rollout_step/a moment of a release",
        |i| moments.get(at(i)).map(|(status, event, now)| step(&plan, status, event, *now)),
        |i| {
            let status: Option<Status> = texts.get(at(i)).and_then(|text| serde_json::from_str(text).ok());
            status.map(|status| serde_json::to_string(&status))
        },
    );
    println!("{measured}");
    Ok(())
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
