//! What each command does to pods, weights and routes, strategy by strategy: the second part of the transition table.

use std::fmt::Write as _;

use pointsman_rollout::{Command, Event, Plan, PlanStep, Settling, State, Version, wake};
use pointsman_types::Time;

use super::laws;
use super::mutants::Mutant;
use super::plans;
use super::world::{Move, World};

const HEAD: &str = "# Strategies × commands

What becomes of pods, weights, managed routes and users who stay when something is said in the middle of a release of `v2` beside `v1`, or
right after it, once the cluster has done what follows and nobody says anything more. Written by the same test: it takes the first and the
last wait of an ordinary release of each small plan, and its end, tells it each of these, and lets a model cluster do what the effects say. Pods are those asked for;
*new* are those made anew, in this order; *in force* are the weights of the written route. `again` is an earlier version named as a new one.

";

/// The table of every plan.
pub(super) fn written() -> String {
    let mut text = String::from(HEAD);
    for (name, plan) in plans::all() {
        let ordinary: Vec<World> =
            laws::ordinary_release(&plan).into_iter().map(|(world, _)| world).collect();
        let waits = || ordinary.iter().filter(|world| is_wait(world));
        let mut chosen: Vec<&World> = waits().next().into_iter().chain(waits().next_back()).collect();
        chosen.dedup();
        chosen.extend(ordinary.iter().find(|world| is_released(world)));
        for world in chosen {
            let step =
                step_of(&plan, world).map_or_else(|| ", released".into(), |step| format!(", at {step}"));
            let _ = writeln!(text, "## {name}{step}\n\nThere: {}.\n", standing(world));
            text.push_str("| said | state | pods | in force | routes |\n|---|---|---|---|---|\n");
            for (said, events) in said(&plan, world) {
                let works = said != NEVER_READY;
                let _ = writeln!(text, "| {said} | {} |", after(&plan, world, &events, works));
            }
            text.push('\n');
        }
    }
    text
}

pub(super) fn is_wait(world: &World) -> bool {
    matches!(world.status.state(), State::Paused(_) | State::Analysing(_) | State::Experimenting(_))
}

/// The release is over, and the version before stands by.
fn is_released(world: &World) -> bool {
    let status = &world.status;
    let of_v2 = matches!(status.state(), State::Stable(stable) if stable.version.as_str() == "v2");
    of_v2 && status.settling() == Settling::Settled
}

fn step_of<'p>(plan: &'p Plan, world: &World) -> Option<&'p PlanStep> {
    plan.steps().get(world.status.state().update()?.index as usize)
}

fn standing(world: &World) -> String {
    let [state, pods, weights, routes] = cells(world);
    format!("{}; pods {pods}; in force {weights}; routes {routes}", state.replace('*', ""))
}

fn said(plan: &Plan, world: &World) -> Vec<(&'static str, Vec<Event>)> {
    let revision = |name| Event::RevisionAdded { version: Version::from_static(name) };
    let confirmed = world.status.state().canary().cloned();
    let one = |name, command| (name, vec![Event::Commanded(command)]);
    let mut all = vec![
        ("`v3`, new", vec![revision("v3")]),
        ("`v1`, again", vec![revision("v1")]),
        one("promote", Command::Promote),
        one("take over", Command::TakeOver { confirmed }),
        one("pause", Command::Pause),
        ("pause, resume", vec![Event::Commanded(Command::Pause), Event::Commanded(Command::Resume)]),
        one("abort", Command::Abort),
        ("abort, retry", vec![Event::Commanded(Command::Abort), Event::Commanded(Command::Retry)]),
        one("undo", Command::Undo { to: None }),
        one("restart", Command::Restart),
        one("retire `v1`", Command::Retire { version: Version::from_static("v1") }),
        one("retire `v2`", Command::Retire { version: Version::from_static("v2") }),
        ("scaled to 4", vec![Event::Scaled { replicas: 4 }]),
        ("scaled to 0", vec![Event::Scaled { replicas: 0 }]),
        (
            "scaled to 0, and back",
            vec![Event::Scaled { replicas: 0 }, Event::Scaled { replicas: plan.spec().replicas }],
        ),
        ("time passes", vec![Event::TimePassed]),
    ];
    if plan.is_manual() {
        all.push(one("weight 20", Command::SetWeight(20.into())));
    }
    if plan.spec().progress_deadline.is_some() {
        all.push((NEVER_READY, vec![revision("v3"), Event::TimePassed]));
    }
    all
}

/// Here the cluster does nothing between the two events.
const NEVER_READY: &str = "`v3`, never ready until the deadline";

/// The cells of what follows; where something is refused, why.
fn after(plan: &Plan, world: &World, events: &[Event], works: bool) -> String {
    let mut world = world.clone();
    let mut made_anew = Vec::new();
    for event in events {
        let now = match event {
            Event::TimePassed => wake(plan, &world.status).map_or(Time::EPOCH, |wake| wake.at),
            _ => Time::EPOCH,
        };
        if let Err(why) = world.tell(plan, Mutant::None, event, now) {
            return format!("refused: {why} | | |");
        }
        if works {
            let (next, new) = settled(plan, world);
            world = next;
            made_anew.extend(new);
        }
    }
    let (world, new) = settled(plan, world);
    made_anew.extend(new);
    let [state, mut pods, weights, routes] = cells(&world);
    if !made_anew.is_empty() {
        let _ = write!(pods, "; new: {}", made_anew.join(", then "));
    }
    [state, pods, weights, routes].join(" | ")
}

/// What the cluster alone does, until it has nothing left to do; answers whose pods were made anew, too.
fn settled(plan: &Plan, mut world: World) -> (World, Vec<String>) {
    let mut made_anew = Vec::new();
    while let Some(what) = laws::cluster_move(plan, Mutant::None, &world) {
        let Some(next) = world.after(plan, Mutant::None, &what) else { break };
        if let Move::Tell(Event::Restarted { version, .. }) = what {
            made_anew.push(version.to_string());
        }
        world = next;
    }
    (world, made_anew)
}

fn cells(world: &World) -> [String; 4] {
    let pods: Vec<String> =
        world.pods.iter().map(|(version, pods)| format!("{version} {}", pods.spec)).collect();
    let weights: Vec<String> =
        world.written.shares.iter().map(|(version, weight)| format!("{version} {weight}")).collect();
    let mut routes: Vec<String> = match &world.written.managed_to {
        Some(to) => {
            world.status.managed_routes().iter().map(|route| format!("`{}` to {to}", route.name)).collect()
        }
        None => Vec::new(),
    };
    if world.status.pins().is_some() {
        routes.push("users stay".into());
    }
    let or_none = |list: Vec<String>| if list.is_empty() { "–".into() } else { list.join(", ") };
    [format!("**{}**", world.status.state().name()), or_none(pods), or_none(weights), or_none(routes)]
}
