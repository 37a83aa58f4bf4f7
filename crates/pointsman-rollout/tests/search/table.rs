//! The transition table: a document that the search writes and a test holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use pointsman_types::{Time, Weight};

use super::model::Release;
use super::world::World;
use super::{moves, plans};
use pointsman_rollout::{Command, Event, Outcome, Plan, Version, step, wake};

const STATES: [&str; 12] = [
    "Empty",
    "Starting",
    "Stable",
    "Stepping",
    "Paused",
    "Analysing",
    "Experimenting",
    "Held",
    "Promoting",
    "Aborted",
    "Returning",
    "Retiring",
];

/// How far from an ordinary release states are asked.
const MOVES: usize = 3;

const HEAD: &str = "# States × events

What [`step`](src/step.rs) answers to each event in each state: the states that can follow, *stays* when the state is kept
(its numbers may change), or why it is refused. A test writes this table by asking in every state that a search of small plans
reaches, and compares: no cell is empty, nothing \"just happens\". Several answers stand in one cell where they depend on which
version, run or split is named, or on whether pods are ready.

## What each state wants

Effects follow from the state, never from the event: an event that leads to a state wants of pods, weights and managed routes what
stands here, in the order make, share, wait for proxies, break. `N` is the number of replicas, the step the present one.

| state | pods of stable | pods of the canary | weights | managed routes |
|---|---|---|---|---|
| Empty | – | – | none | none |
| Starting | N | – | all to it once it is ready | none |
| Stable | N; the one standing by keeps its own | – | all to it; 0 for the one standing by | none |
| Stepping, Paused, Analysing | N, or what its share needs where stable is dynamic | what the last `setCanaryScale` says, else what its share needs; at least 1 where it gets requests | those of the last `setWeight` up to the step, once enough pods are ready; 0 while none is | those set up to the step and not taken away, while a canary pod is ready |
| Experimenting | the same | the same, and those of the variants | the same; the variants' shares are taken from stable's once all of them are ready | the same |
| Held | as before the hold; an experiment's variants go | as before the hold | as before the hold | as before the hold |
| Promoting | N, or what its share still needs | N | all to the canary once enough are ready | none |
| Aborted | N | as they are until the route has settled and stable is complete, then 0 after the delay, or never | all to stable at once; where stable is dynamic as fast as its pods are ready | none |
| Returning | N | as they are until the traffic is off them, then removed | as Aborted | none |
| Retiring | N | the old version is removed once no route names it | all to stable | none |

Where there is no route, the numbers of pods are the shares, and both sides move towards the nearest ones within the bounds of surge and
unavailability. A superseded canary loses its share before its successor is named anywhere, and goes when no route names it. In every
state a version whose last ready pod is lost loses its share, unless no other has a ready pod; it gets it back when pods are.
Where the plan lets users stay, they are marked while an update that is not aborted gives both versions a share, and never else.

A restart changes no state. Once the route has settled, the pods of one version after another are made anew, stable's first, then the
canary's, then those of one that stands by; those of an experiment are left. Of a version with a route a quarter of its pods may be missing
at a time and never all of them: of a single one the new pod comes first. Without a route no more pods are missing, of all versions
together, than the plan allows. What has no pods, or goes, is left out; one that comes in the meantime has new pods. No step, pause or
analysis begins again, and one that waits for ready pods waits for the new ones.

Where no pods are wanted of the whole component (`Scaled` to 0, or by the plan), every state wants the same: no pods of any version, those with
traffic included, and the route as it is. This is the only case in which a route is left naming a version without pods, and only because
that was asked for. Nothing goes on by itself meanwhile: no step, no timer, no barrier, and no answer of an analysis counts. What is
said is done to the state: an abort, a new version, a take-over. A pause, an analysis or an experiment begins again (`Stepping`) once
pods are wanted again and are back: until then pods come, shares leave versions that have none, and nothing else moves. A version that
stands by comes back without pods.

";

#[test]
fn the_published_table_is_what_step_does() {
    let table = format!("{}{}", written(&collected()), super::by_strategy::written());
    if std::env::var_os("UPDATE_TRANSITIONS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/TRANSITIONS.md"), &table).expect("writes");
    }
    let published = include_str!("../../TRANSITIONS.md");
    assert!(published == table, "run the test with UPDATE_TRANSITIONS=1 and read the difference");
}

struct Cells(BTreeMap<(&'static str, &'static str), BTreeSet<String>>);

fn collected() -> Cells {
    let cells = Arc::new(Mutex::new(Cells(BTreeMap::new())));
    for (_, plan) in plans::all() {
        let writing = Arc::clone(&cells);
        let show = move |plan: &Plan, world: &World| {
            for event in events(world, plan) {
                let key = (event.name(), world.status.state().name());
                let answer = answer(plan, world, &event);
                writing.lock().expect("nobody panicked").0.entry(key).or_default().insert(answer);
            }
        };
        let found = Release::new(plan).with_show(show).searched(MOVES);
        assert_eq!(found.broken, None);
    }
    let cells = cells.lock().expect("nobody panicked");
    Cells(cells.0.clone())
}

fn answer(plan: &Plan, world: &World, event: &Event) -> String {
    let now = match event {
        Event::TimePassed => wake(plan, &world.status).map_or(Time::EPOCH, |wake| wake.at),
        _ => Time::EPOCH,
    };
    match step(plan, &world.status, event, now) {
        Ok(answer) if answer.status.state().name() == world.status.state().name() => "*stays*".into(),
        Ok(answer) => format!("**{}**", answer.status.state().name()),
        Err(refused) => {
            let debug = format!("{refused:?}");
            let name = debug.split([' ', '{']).next().unwrap_or_default();
            format!("refused: {name}")
        }
    }
}

/// Everything that the search tells, and what no world would tell.
fn events(world: &World, plan: &Plan) -> Vec<Event> {
    let mut events: Vec<Event> = moves(world, plan)
        .into_iter()
        .filter_map(|what| if let super::world::Move::Tell(event) = what { Some(event) } else { None })
        .collect();
    let unknown = Version::from_static("unknown");
    events.extend([
        Event::TimePassed,
        Event::SplitApplied { change: 99 },
        Event::SplitApplied { change: world.status.change() },
        Event::SplitSettled { change: 99 },
        Event::SplitSettled { change: world.status.change() },
        Event::PodsChanged { version: unknown.clone(), replicas: 1, ready: 1 },
        Event::PodsChanged { version: Version::from_static("v1"), replicas: 2, ready: 0 },
        Event::VersionGone { version: unknown.clone() },
        Event::AnalysisFinished { run: 99, outcome: Outcome::Failed },
        Event::BarrierOpened { name: "together".into() },
        Event::BarrierOpened { name: "elsewhere".into() },
        Event::Scaled { replicas: 3 },
        Event::Scaled { replicas: 0 },
        super::restarted(world.status.restart().asked(), &Version::from_static("v1")),
    ]);
    let commands = [
        Command::TakeOver { confirmed: None },
        Command::TakeOver { confirmed: Some(unknown.clone()) },
        Command::SetWeight(Weight::new(30)),
        Command::SetWeight(Weight::new(101)),
        Command::Undo { to: Some(unknown.clone()) },
        Command::Retire { version: unknown },
        Command::Restart,
    ];
    events.extend(commands.map(Event::Commanded));
    events
}

fn written(cells: &Cells) -> String {
    let mut text = String::from(HEAD);
    let events: BTreeSet<&str> = cells.0.keys().map(|(event, _)| *event).collect();
    for state in STATES {
        let _ = write!(text, "## In `{state}`\n\n| event | answer |\n|---|---|\n");
        for event in &events {
            let answers = cells
                .0
                .get(&(*event, state))
                .map(|answers| answers.iter().map(String::as_str).collect::<Vec<_>>().join("; "));
            let answers = answers.unwrap_or_else(|| panic!("nobody asked {event} in {state}"));
            let _ = writeln!(text, "| {event} | {answers} |");
        }
        text.push('\n');
    }
    text
}
