//! A2: 503 when subsets or services switch.

use pointsman_rollout::{Command, Effect, Event, Pause, PlanStep, Propagation, Step};

use crate::cluster::Cluster;
use crate::{Story, canary, naive, v1, v2, weight};

/// How a controller carries out what is to be done.
type Manner = fn(Vec<Effect>) -> Vec<Effect>;

const OURS: Manner = |effects| effects;

struct Stage {
    story: Story,
    cluster: Cluster,
    manner: Manner,
}

impl Stage {
    /// v1 serves alone; routes take a while to come into force.
    fn new(manner: Manner) -> Result<Self, String> {
        let spec = canary([weight(50), PlanStep::Pause(Pause::FOR_A_PERSON)]);
        let spec = spec.with_propagation(Propagation::Observed).with_replicas(2);
        let mut stage = Self { story: Story::of(spec), cluster: Cluster::default(), manner };
        let v1_alone = pointsman_types::Split::all_to("v1").expect("a split");
        stage.cluster.ready("v1", 2);
        let first = [
            Effect::EnsureSubset { version: v1() },
            Effect::SetSplit { change: 1, split: v1_alone, pins: None },
        ];
        stage.cluster.carry_out(&first)?;
        Ok(stage)
    }

    fn with_canary_at_50(manner: Manner) -> Result<Self, String> {
        let mut stage = Self::new(manner)?;
        stage.tell(Event::RevisionAdded { version: v2() })?;
        stage.up("v2")?;
        stage.settle()?;
        Ok(stage)
    }

    fn tell(&mut self, event: Event) -> Result<(), String> {
        let Step { effects, .. } = self.story.tell(event);
        self.cluster.carry_out(&(self.manner)(effects))
    }

    fn up(&mut self, version: &'static str) -> Result<(), String> {
        self.cluster.ready(version, 2);
        let version = pointsman_rollout::Version::from_static(version);
        self.tell(Event::PodsChanged { version, replicas: 2, ready: 2 })
    }

    fn settle(&mut self) -> Result<(), String> {
        self.cluster.propagate();
        let change = self.story.status.change();
        self.tell(Event::SplitSettled { change })
    }
}

/// The naive controller scales down what the status no longer wants, as soon as it knows.
fn scale_down_at_once(mut effects: Vec<Effect>) -> Vec<Effect> {
    if effects.iter().any(|effect| matches!(effect, Effect::SetSplit { .. })) {
        effects = naive::everything_at_once(effects);
        effects.push(Effect::Scale { version: v2(), replicas: 0 });
    }
    effects
}

fn abort(manner: Manner) -> Result<(), String> {
    let mut stage = Stage::with_canary_at_50(OURS)?;
    stage.manner = manner;
    stage.tell(Event::Commanded(Command::Abort))?;
    stage.settle()
}

/// ar#4195, ar#587, is#26861.
#[test]
fn pods_stay_while_a_proxy_may_still_have_the_old_route() {
    assert_eq!(abort(OURS), Ok(()));
    let broken = abort(scale_down_at_once).expect_err("requests are lost");
    assert!(broken.contains("sends 50 to v2, which has no ready pod"), "{broken}");
}

fn first_version(manner: Manner) -> Result<(), String> {
    let spec = canary([weight(50)]).with_replicas(2);
    let mut story = Story { plan: spec.build().expect("valid"), ..Story::of(canary([weight(1)])) };
    story.status = pointsman_rollout::Status::new();
    let answer = story.tell(Event::RevisionAdded { version: v1() });
    Cluster::default().carry_out(&manner(answer.effects))
}

/// ar#2507: the first adoption points at a pod set that is not ready.
#[test]
fn the_first_version_gets_no_route_before_it_is_ready() {
    assert_eq!(first_version(OURS), Ok(()));
    let at_once: Manner = |mut effects| {
        let split = pointsman_types::Split::all_to("v1").expect("a split");
        effects.insert(0, Effect::EnsureSubset { version: v1() });
        effects.insert(1, Effect::SetSplit { change: 1, split, pins: None });
        effects
    };
    assert!(first_version(at_once).is_err());
}

fn supersede(manner: Manner) -> Result<(), String> {
    let mut stage = Stage::with_canary_at_50(OURS)?;
    stage.manner = manner;
    stage.tell(Event::RevisionAdded { version: pointsman_rollout::Version::from_static("v3") })?;
    stage.settle()?;
    stage.up("v3")
}

/// ar#4775: a new revision over a running canary points the canary's subset at no pods.
#[test]
fn a_superseded_canary_hands_its_share_back_before_the_next_is_named() {
    assert_eq!(supersede(OURS), Ok(()));
    let repoint: Manner = |effects| {
        let renamed = |effect| match effect {
            Effect::SetSplit { change, .. } => {
                let half = pointsman_types::Weight::new(50);
                let split = pointsman_types::Split::new([("v1", half), ("v3", half)]).expect("a split");
                vec![
                    Effect::EnsureSubset { version: pointsman_rollout::Version::from_static("v3") },
                    Effect::SetSplit { change, split, pins: None },
                ]
            }
            other => vec![other],
        };
        effects.into_iter().flat_map(renamed).collect()
    };
    assert!(supersede(repoint).is_err());
}

fn canary_comes(manner: Manner) -> Result<(), String> {
    let mut stage = Stage::new(manner)?;
    stage.tell(Event::RevisionAdded { version: v2() })?;
    stage.up("v2")
}

/// is#8420, is#6335: a route before the subset that it names.
#[test]
fn a_subset_is_there_before_a_route_names_it() {
    assert_eq!(canary_comes(OURS), Ok(()));
    let broken = canary_comes(naive::route_first).expect_err("requests are lost");
    assert!(broken.contains("names v2, which is no subset"), "{broken}");
}
