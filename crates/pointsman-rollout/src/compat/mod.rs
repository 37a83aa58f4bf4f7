//! Argo Rollouts as it is: the decisions of its controller as pure functions of its own objects.
//!
//! The engine of this crate differs from the reference on purpose in places; here is what the reference itself answers, from
//! the spec and status of a `Rollout` and its ReplicaSets as they stand in a cluster. For replaying a bug report, and for
//! comparing.
//!
//! Source: Argo Rollouts at 9f8d111d8f8e (after 1.9.1).

mod amount;
mod basic;
mod conditions;
mod counts;
mod defaults;
mod model;
mod pause;
mod phase;
mod step_hash;
mod steps;
mod weights;

pub use self::amount::{Amount, InvalidAmount};
pub use self::basic::{approximate_counts, basic_counts};
pub use self::conditions::{
    gives_up_canary, is_completed, is_generation_observed, is_healthy, is_progressing, is_timed_out,
    is_workload_generation_observed, verifies_weight,
};
pub use self::counts::{
    Readiness, all_desired_are_available, at_desired_counts, counted_for_scale_down, has_scale_down_deadline,
    is_available, is_partially_available, needs_restart, new_replicas, ready_for_pause, routed_counts,
    threshold_is_met,
};
pub use self::defaults::{
    Delay, abort_scale_down_delay, auto_promotion_enabled, bounds, fenceposts, ingress_annotation_prefix,
    max_surge, max_surge_or_default, max_unavailable, max_unavailable_or_default, progress_deadline_seconds,
    revision_history_limit, scale_down_delay_seconds, successful_run_history_limit,
    unsuccessful_run_history_limit,
};
pub use self::model::*;
pub use self::pause::{blue_green_pause_is_over, canary_pause_is_over, needs_a_person};
pub use self::phase::{Phase, phase, step_text};
pub use self::step_hash::step_hash;
pub use self::steps::*;
pub use self::weights::{
    Target, before_starting_step, current_experiment, current_step, current_step_index,
    desired_canary_weight, set_weight, target,
};
