//! The plans of several components.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Background, Canary, InvalidPlan, Plan, PlanSpec, PlanStep, Strategy, Traffic};

/// The plans of several components that are released together.
///
/// Shape: at least one component, each once; no plan passes a barrier twice, and there is an order in which all barriers can
/// open.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Plan>", into = "Vec<Plan>")]
pub struct GroupPlan {
    members: BTreeMap<String, Plan>,
}

/// What is wrong with a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidGroup {
    /// Nothing is released.
    #[error("a group needs at least one component")]
    Empty,
    /// A component stands twice.
    #[error("component `{component}` stands twice in the group")]
    Twice {
        /// Which.
        component: String,
    },
    /// One of the plans is wrong.
    #[error("component `{component}`: {problem}")]
    Plan {
        /// Of which component.
        component: String,
        /// What is wrong.
        problem: InvalidPlan,
    },
    /// A plan passes a barrier twice.
    #[error("component `{component}` comes to barrier `{barrier}` twice")]
    BarrierTwice {
        /// Which component.
        component: String,
        /// Which barrier.
        barrier: String,
    },
    /// Components would wait for each other for ever.
    #[error("barrier `{barrier}` can never open: the components come to the barriers in different orders")]
    Crossed {
        /// The first barrier that cannot open.
        barrier: String,
    },
    /// A release by hand has no steps to wait at.
    #[error("component `{component}` is released by hand: it has no steps to keep in step")]
    ByHand {
        /// Which component.
        component: String,
    },
}

impl GroupPlan {
    /// These plans, with the barriers that they have.
    ///
    /// # Errors
    /// No component, one twice, or barriers that can never open.
    pub fn new(plans: impl IntoIterator<Item = Plan>) -> Result<Self, InvalidGroup> {
        let mut members = BTreeMap::new();
        for plan in plans {
            let component = plan.spec().component.clone();
            if members.insert(component.clone(), plan).is_some() {
                return Err(InvalidGroup::Twice { component });
            }
        }
        if members.is_empty() {
            return Err(InvalidGroup::Empty);
        }
        check_barriers(&members)?;
        Ok(Self { members })
    }

    /// These plans, with a barrier before each change of the traffic and one before the promotion: all components come
    /// together to their first share, to their second, and so on.
    ///
    /// # Errors
    /// As [`new`](Self::new), and what is wrong with a plan.
    pub fn in_step(specs: impl IntoIterator<Item = PlanSpec>) -> Result<Self, InvalidGroup> {
        let plans: Result<Vec<Plan>, InvalidGroup> = specs.into_iter().map(with_barriers).collect();
        Self::new(plans?)
    }

    /// The plans by component.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Plan)> {
        self.members.iter().map(|(name, plan)| (name.as_str(), plan))
    }

    /// The plan of one component.
    #[must_use]
    pub fn member(&self, component: &str) -> Option<&Plan> {
        self.members.get(component)
    }
}

impl TryFrom<Vec<Plan>> for GroupPlan {
    type Error = InvalidGroup;

    fn try_from(plans: Vec<Plan>) -> Result<Self, InvalidGroup> {
        Self::new(plans)
    }
}

impl From<GroupPlan> for Vec<Plan> {
    fn from(group: GroupPlan) -> Self {
        group.members.into_values().collect()
    }
}

pub(super) fn barriers(plan: &Plan) -> impl Iterator<Item = (usize, &str)> {
    plan.steps().iter().enumerate().filter_map(|(index, step)| match step {
        PlanStep::Barrier(name) => Some((index, name.as_str())),
        _ => None,
    })
}

/// Opens barriers as a release would, one after another, and says which stays closed.
fn check_barriers(members: &BTreeMap<String, Plan>) -> Result<(), InvalidGroup> {
    for (component, plan) in members {
        let mut seen = BTreeSet::new();
        if let Some((_, barrier)) = barriers(plan).find(|(_, name)| !seen.insert(*name)) {
            return Err(InvalidGroup::BarrierTwice { component: component.clone(), barrier: barrier.into() });
        }
    }
    let mut ahead: Vec<Vec<&str>> = members
        .values()
        .map(|plan| {
            let mut names: Vec<&str> = barriers(plan).map(|(_, name)| name).collect();
            names.reverse();
            names
        })
        .collect();
    while let Some(first) = ahead.iter().find_map(|names| names.last().copied()) {
        let next = ahead
            .iter()
            .filter_map(|names| names.last().copied())
            .find(|name| ahead.iter().all(|names| !names.contains(name) || names.last() == Some(name)));
        let Some(open) = next else { return Err(InvalidGroup::Crossed { barrier: first.into() }) };
        for names in &mut ahead {
            names.pop_if(|name| *name == open);
        }
    }
    Ok(())
}

fn with_barriers(spec: PlanSpec) -> Result<Plan, InvalidGroup> {
    let component = spec.component.clone();
    let invalid = |problem| InvalidGroup::Plan { component: component.clone(), problem };
    let plan = spec.clone().build().map_err(invalid)?;
    if plan.is_manual() {
        return Err(InvalidGroup::ByHand { component });
    }
    let starting = plan.background().map(|background| background.starting_step as usize);
    let (mut steps, mut count, mut shifted) = (Vec::new(), 0, 0);
    for (index, step) in plan.steps().iter().enumerate() {
        if matches!(step, PlanStep::SetWeight(_) | PlanStep::SetRoute(_)) {
            count += 1;
            shifted += u32::from(starting.is_some_and(|starting| index <= starting));
            steps.push(PlanStep::Barrier(format!("change {count}")));
        }
        steps.push(step.clone());
    }
    steps.push(PlanStep::Barrier("promotion".into()));
    let background = plan.background().map(|background| Background {
        starting_step: background.starting_step + shifted,
        ..background.clone()
    });
    let traffic = match &spec.strategy {
        Strategy::Canary(canary) => canary.traffic,
        _ => Traffic::Routed,
    };
    let mut canary = Canary::new(steps);
    canary.traffic = traffic;
    canary.background = background;
    PlanSpec { strategy: Strategy::Canary(canary), ..spec }.build().map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::{GroupPlan, InvalidGroup};
    use crate::{Canary, Plan, PlanSpec, PlanStep, Strategy};

    fn passing(component: &str, barriers: &[&str]) -> Plan {
        let steps = barriers.iter().map(|name| PlanStep::Barrier((*name).to_owned()));
        PlanSpec::new(component, Strategy::Canary(Canary::new(steps))).build().expect("valid")
    }

    #[test]
    fn barriers_that_can_never_open_are_refused() {
        let crossed = GroupPlan::new([passing("a", &["x", "y"]), passing("b", &["y", "x"])]);
        assert_eq!(crossed, Err(InvalidGroup::Crossed { barrier: "x".into() }));
        // No two of them are in each other's way, all three are.
        let circle = [passing("a", &["x", "y"]), passing("b", &["y", "z"]), passing("c", &["z", "x"])];
        assert!(matches!(GroupPlan::new(circle), Err(InvalidGroup::Crossed { .. })));
        assert!(GroupPlan::new([passing("a", &["x", "y"]), passing("b", &["y"])]).is_ok());
    }
}
