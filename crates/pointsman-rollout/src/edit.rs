//! What becomes of a release on its way when its plan is changed.

use pointsman_types::{Time, Weight};

use crate::{Event, Plan, PlanSpec, Rejected, State, Status, step};

/// What becomes of a release on its way when its plan is changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Edit {
    /// The update begins again at its first step; holds the index of the step that it had reached, from 0.
    pub begins_again: Option<u32>,
    /// The canary's share before and right after.
    pub weight: (Weight, Weight),
    /// What the plans say differently, in words, in the order of the fields.
    pub differences: Vec<String>,
}

/// What becomes of a release on its way when `before` is replaced by `after`.
///
/// Other steps begin an update again, because the index of the present step counts in the steps; everything else is followed
/// from where it is. A plan that is put in place is followed at the next event.
///
/// ```
/// use pointsman_rollout::{Status, PlanSpec, edit};
/// use pointsman_types::Time;
/// let plan = PlanSpec::manual("reviews");
/// let larger = plan.clone().with_replicas(5).build()?;
/// let edit = edit(&plan.build()?, &Status::new(), &larger, Time::EPOCH)?;
/// assert_eq!(edit.differences, ["replicas: 1 becomes 5"]);
/// assert_eq!(edit.begins_again, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`step`](crate::step()), which refuses no passing of time.
pub fn edit(before: &Plan, status: &Status, after: &Plan, now: Time) -> Result<Edit, Rejected> {
    let index = match status.state() {
        State::Promoting(_) | State::Aborted(_) => None,
        state => state.update().map(|update| update.index),
    };
    let answer = step(after, status, &Event::TimePassed, now)?;
    let weight =
        |status: &Status| status.state().canary().map_or(Weight::ZERO, |canary| status.weight(canary));
    Ok(Edit {
        begins_again: index.filter(|_| before.fingerprint() != after.fingerprint()),
        weight: (weight(status), weight(&answer.status)),
        differences: differences(before.spec(), after.spec()),
    })
}

fn differences(before: &PlanSpec, after: &PlanSpec) -> Vec<String> {
    let mut found = Vec::new();
    let mut number = |name: &str, before: u32, after: u32| {
        if before != after {
            found.push(format!("{name}: {before} becomes {after}"));
        }
    };
    number("replicas", before.replicas, after.replicas);
    number("total weight", before.total_weight, after.total_weight);
    number("fewest pods", before.min_pods, after.min_pods);
    number("rollback window", before.rollback_window, after.rollback_window);
    let mut other = |name: &str, is_same: bool| {
        if !is_same {
            found.push(format!("{name}: another"));
        }
    };
    other("component", before.component == after.component);
    other("strategy", before.strategy == after.strategy);
    other("threshold of readiness", before.threshold == after.threshold);
    other("scale of stable", before.stable_scale == after.stable_scale);
    other("propagation", before.propagation == after.propagation);
    other("retirement", before.retirement == after.retirement);
    other("users who stay", before.sticky == after.sticky);
    other("scale down after an abort", before.abort_scale_down == after.abort_scale_down);
    let deadline = |spec: &PlanSpec| (spec.progress_deadline, spec.on_deadline);
    other("deadline", deadline(before) == deadline(after));
    found
}

#[cfg(test)]
mod tests {
    use pointsman_types::{Time, Weight, duration::TimeDelta};

    use super::edit;
    use crate::rehearsal::{Script, rehearse};
    use crate::{Canary, Pause, PlanSpec, PlanStep, Strategy};

    fn spec(weights: &[u32]) -> PlanSpec {
        let steps = weights.iter().flat_map(|weight| {
            [PlanStep::SetWeight(Weight::new(*weight)), PlanStep::Pause(Pause::of(TimeDelta::from_secs(600)))]
        });
        PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)))
    }

    #[test]
    fn other_steps_begin_again_and_other_replicas_do_not() {
        let plan = spec(&[20, 60]).build().expect("valid");
        let mut script = Script::new();
        script.horizon = TimeDelta::from_secs(700);
        let half_way = rehearse(&plan, &script);
        let now = Time::from_secs(700);
        let steps = spec(&[10, 60]).build().expect("valid");
        let edited = edit(&plan, half_way.status(), &steps, now).expect("it is known");
        assert_eq!(edited.begins_again, Some(3));
        assert_eq!(edited.weight, (Weight::new(60), Weight::new(10)));
        let larger = spec(&[20, 60]).with_replicas(2).build().expect("valid");
        let edited = edit(&plan, half_way.status(), &larger, now).expect("it is known");
        assert_eq!((edited.begins_again, edited.weight.1), (None, Weight::new(60)));
    }
}
