//! What people suffer from, each a test by name that a naive implementation, kept beside it, fails.
//!
//! A test tells one story to both: ours has to live through it, and the naive one to come to grief, each by the same
//! check ([`story::told_apart`]). The naive controller ([`naive`]) is one, with the habits that real ones had; it
//! carries an ordinary release through, and each habit says which thread it is from. The threads are those of
//! argoproj/argo-rollouts (ar), argoproj-labs/rollouts-plugin-trafficrouter-gatewayapi (gw), istio/istio (is) and
//! istio/api (api).
//!
//! | | thread | test |
//! |---|---|---|
//! | A1 | cannot be tried without a cluster: ar#695 | `trying::a_release_that_never_ends_is_seen_before_it_runs`, `trying::what_a_failure_costs_is_seen_before_it_runs` |
//! | A1 | measurements on trial: ar#1617 | `trying::a_measurement_that_decides_nothing_is_seen_before_it_runs` |
//! | A1 | experiments: ar#1187 | `trying::an_experiment_that_has_no_room_is_seen_before_it_runs` |
//! | A1 | objects that are not there: ar#3907 | pointsman-import: `a_template_that_is_not_there_is_seen` |
//! | A2 | old pods at an abort: ar#4195, ar#587, is#26861 | `switching::pods_stay_while_a_proxy_may_still_have_the_old_route` |
//! | A2 | old pods at the end: ar#4195 | `switching::a_name_stays_while_a_proxy_may_still_have_the_old_route` |
//! | A2 | first version: ar#2507 | `switching::the_first_version_gets_no_route_before_it_is_ready` |
//! | A2 | new version over a canary: ar#4775 | `switching::a_superseded_canary_hands_its_share_back_before_the_next_is_named` |
//! | A2 | route before subset: is#8420, is#6335 | `switching::a_subset_is_there_before_a_route_names_it` |
//! | A3 | in mid-update: ar#4642 | `weights::scaling_the_canary_leaves_its_share_alone` |
//! | A3 | after the last step: ar#1718 | `weights::after_the_last_step_the_share_does_not_fall` |
//! | A3 | rollback within the window: ar#3941 | `weights::a_rollback_moves_traffic_when_pods_are_there` |
//! | A3 | total of nothing: ar#3141 | pointsman-render: `no_route_ever_has_a_total_of_nothing` |
//! | A3 | canary and experiment: gw#225, gw#124 | `weights::shares_add_up_with_an_experiment` |
//! | A3 | end of an experiment: ar#4890 | `weights::the_end_of_an_experiment_leaves_no_destination_behind` |
//! | A3 | sum of 100: api#586 | pointsman-render: `a_route_adds_up_to_a_hundred` |
//! | A4 | other subsets and destinations: ar#3125, gw#203 | pointsman-render: `destinations_and_subsets_of_others_stay`, `a_subset_that_is_not_routed_to_stays` |
//! | A4 | `withoutHeaders`: ar#2767 | pointsman-render: `conditions_nobody_modelled_stay` |
//! | A4 | retries: ar#2266 | pointsman-render: `retries_stay` |
//! | A4 | routes to be listed: ar#4097 | pointsman-render: `routes_need_not_be_listed` |
//! | A4 | unnamed routes: ar#2769 | pointsman-render: `unnamed_routes_do_not_multiply` |
//! | A5 | restart: ar#4716 | `managed_routes::a_route_comes_back_after_a_restart` |
//! | A5 | resume, evicted pod: ar#4486 | `managed_routes::a_route_comes_back_with_the_pod` |
//! | A5 | no step that scales: gw#147 | `managed_routes::a_route_needs_no_step_that_scales` |
//! | A5 | superseded: ar#3898 | `managed_routes::a_route_goes_when_its_canary_is_superseded` |
//! | A5 | at the end: ar#2526, gw#90 | `managed_routes::no_route_is_left_at_the_end` |
//! | A6 | few pods: ar#1713 | `replicas::a_share_above_zero_has_a_pod` |
//! | A6 | leaving a fixed number: ar#3501, ar#4233 | `replicas::leaving_a_fixed_number_of_pods_drops_none` |
//! | A6 | stable drained: ar#2050 | `replicas::stable_stays_until_the_canary_is_there`, `replicas::without_a_route_enough_pods_stay_while_the_canary_grows` |
//! | A6 | failed analysis: ar#777 | `replicas::a_failed_analysis_leaves_enough_pods` |
//! | A6 | no pods at all: ar#3686 | `replicas::a_component_without_pods_can_be_taken_over` |
//! | A7 | stopped: ar#1329 | `analyses::a_run_that_was_stopped_proves_nothing` |
//! | A7 | experiment: ar#943 | `analyses::an_experiment_fails_with_its_analysis` |
//! | A7 | inconclusive: ar#3850 | `analyses::an_inconclusive_analysis_holds_and_the_pause_does_not_run_out` |
//! | A7 | inconclusive, then promoted: ar#3015 | `analyses::promoting_after_an_inconclusive_analysis_goes_on` |
//! | A7 | inconclusive, then promoted: ar#261 | `analyses::promoting_after_an_inconclusive_analysis_measures_no_more` |
//! | A7 | pause on failure: ar#2866 | `analyses::a_failure_may_hold_instead_of_aborting` |
//! | A7 | left behind: ar#3220, ar#1203 | `analyses::the_run_of_a_step_that_was_left_is_stopped` |

mod analyses;
mod cluster;
mod controller;
mod managed_routes;
mod naive;
mod replicas;
mod story;
mod switching;
mod trying;
mod weights;

use pointsman_rollout::{
    Canary, Command, Pause, PlanSpec, PlanStep, Propagation, Retirement, Role, Strategy, Variant, Version,
};
use pointsman_types::{Weight, duration::TimeDelta};

use crate::controller::{Controller, Ours};
use crate::naive::Naive;
use crate::story::Story;

const FOR_A_PERSON: PlanStep = PlanStep::Pause(Pause::FOR_A_PERSON);

fn weight(weight: u32) -> PlanStep {
    PlanStep::SetWeight(Weight::new(weight))
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::from_secs(60 * minutes)
}

/// Four pods, and routes that are seen to be in force.
fn canary(steps: impl IntoIterator<Item = PlanStep>) -> PlanSpec {
    PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)))
        .with_replicas(4)
        .with_propagation(Propagation::Observed)
}

/// A copy of stable, one pod of it.
fn baseline(weight: u32) -> Variant {
    Variant {
        version: Version::from_static("baseline"),
        copy_of: Role::Stable,
        replicas: 1,
        weight: Weight::new(weight),
    }
}

fn take_over(version: &'static str) -> Command {
    Command::TakeOver { confirmed: Some(Version::from_static(version)) }
}

/// What both can do: without it the naive one would prove nothing.
#[test]
fn both_carry_an_ordinary_release_through() {
    let spec = canary([weight(20), FOR_A_PERSON, weight(50), PlanStep::Pause(Pause::of(minutes(5)))]);
    let plan = spec.with_retirement(Retirement::After(minutes(1))).build().expect("a plan");
    let release = |controller: Box<dyn Controller>| -> Result<(), String> {
        let mut story = Story::of(controller);
        story.release("v2").and_then(|()| story.calm())?;
        story.weighs("v2", 20)?;
        story.command(Command::Promote).and_then(|()| story.calm())?;
        story.weighs("v2", 50)?;
        story.later(301).and_then(|()| story.calm())?;
        story.weighs("v2", 100)?;
        story.later(61).and_then(|()| story.calm())?;
        let pods = |version| story.cluster.pods_of(version).ready;
        let counts = (pods("v1"), pods("v2"));
        (counts == (0, 4)).then_some(()).ok_or_else(|| format!("v1 and v2 have {counts:?} pods"))
    };
    assert_eq!(release(Box::new(Ours::new(plan.clone()))), Ok(()));
    assert_eq!(release(Box::new(Naive::new(plan))), Ok(()));
}
