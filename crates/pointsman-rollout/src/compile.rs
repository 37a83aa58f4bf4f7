//! Every strategy as steps.

use pointsman_types::{Percent, Weight, duration::TimeDelta};

use crate::plan::MAX_STEPS;
use crate::{
    AbTest, Analysis, Approval, BlueGreen, CanaryScale, Check, Increments, ManagedRoute, Pause, PlanStep,
    RequestMatch, RouteAction, Strategy,
};

/// The steps that carry out a strategy, out of `total` weight.
pub(crate) fn steps_of(strategy: &Strategy, total: u32) -> Vec<PlanStep> {
    match strategy {
        Strategy::Canary(canary) => canary.steps.clone(),
        Strategy::Increments(increments) => of_increments(increments, total),
        Strategy::BlueGreen(blue_green) => of_blue_green(blue_green, total),
        Strategy::AbTest(test) => of_ab_test(test, total),
        Strategy::Manual(_) => vec![complete(total), PlanStep::Pause(Pause::FOR_A_PERSON)],
    }
}

fn complete(total: u32) -> PlanStep {
    PlanStep::SetCanaryScale(CanaryScale::Weight(total))
}

fn of_increments(increments: &Increments, total: u32) -> Vec<PlanStep> {
    let mut steps: Vec<PlanStep> =
        increments.canary_scale.map(PlanStep::SetCanaryScale).into_iter().collect();
    for check in &increments.first {
        push_check(&mut steps, check);
    }
    let each = check(increments.interval, &increments.check);
    if let Some(share) = increments.mirror {
        steps.push(mirror("canary-mirror", vec![RequestMatch::default()], share));
        push_check(&mut steps, &each);
        steps.push(mirror("canary-mirror", Vec::new(), share));
    }
    for weight in &increments.weights {
        push_analysis(&mut steps, increments.before_each.as_ref());
        steps.push(PlanStep::SetWeight(Weight::new(*weight)));
        push_check(&mut steps, &each);
    }
    push_analysis(&mut steps, increments.before_promotion.as_ref());
    push_approval(&mut steps, increments.promotion);
    if let Some(step) = increments.promotion_step.filter(|step| *step > 0) {
        let mut weight = increments.weights.last().copied().unwrap_or(0).saturating_add(step);
        while weight < total && steps.len() <= MAX_STEPS {
            steps.push(PlanStep::SetWeight(Weight::new(weight)));
            steps.push(PlanStep::Pause(Pause::of(increments.interval)));
            weight = weight.saturating_add(step);
        }
    }
    steps
}

fn mirror(name: &str, matches: Vec<RequestMatch>, share: Percent) -> PlanStep {
    PlanStep::SetRoute(ManagedRoute { name: name.into(), matches, action: RouteAction::Mirror(share) })
}

fn of_blue_green(blue_green: &BlueGreen, total: u32) -> Vec<PlanStep> {
    let preview = blue_green.preview_replicas.map_or(CanaryScale::Weight(total), CanaryScale::Replicas);
    let mut steps = vec![PlanStep::SetCanaryScale(preview)];
    if let Some(share) = blue_green.mirror {
        steps.push(mirror("preview-mirror", vec![RequestMatch::default()], share));
    }
    for check in &blue_green.before {
        push_check(&mut steps, check);
    }
    push_approval(&mut steps, blue_green.promotion);
    if let Some(share) = blue_green.mirror {
        steps.push(mirror("preview-mirror", Vec::new(), share));
    }
    if blue_green.preview_replicas.is_some() {
        steps.push(complete(total));
    }
    steps.push(PlanStep::SetWeight(Weight::new(total)));
    for check in &blue_green.after {
        push_check(&mut steps, check);
    }
    steps
}

fn of_ab_test(test: &AbTest, total: u32) -> Vec<PlanStep> {
    let route =
        ManagedRoute { name: "ab-test".into(), matches: test.matches.clone(), action: RouteAction::ToCanary };
    let mut steps = vec![complete(total)];
    for check in &test.first {
        push_check(&mut steps, check);
    }
    steps.push(PlanStep::SetRoute(route));
    for _ in 0..test.iterations {
        push_check(&mut steps, &check(test.interval, &test.check));
    }
    push_analysis(&mut steps, test.before_promotion.as_ref());
    push_approval(&mut steps, test.promotion);
    steps
}

fn check(delay: TimeDelta, analysis: &Analysis) -> Check {
    Check { delay, analysis: analysis.clone() }
}

fn push_check(steps: &mut Vec<PlanStep>, check: &Check) {
    if check.delay > TimeDelta::ZERO {
        steps.push(PlanStep::Pause(Pause::of(check.delay)));
    }
    push_analysis(steps, Some(&check.analysis));
}

/// An analysis of nothing is none.
fn push_analysis(steps: &mut Vec<PlanStep>, analysis: Option<&Analysis>) {
    steps.extend(analysis.filter(|analysis| !analysis.templates.is_empty()).cloned().map(PlanStep::Analysis));
}

fn push_approval(steps: &mut Vec<PlanStep>, approval: Approval) {
    match approval {
        Approval::Automatic => {}
        Approval::After(delay) => steps.push(PlanStep::Pause(Pause::of(delay))),
        Approval::ByPerson => steps.push(PlanStep::Pause(Pause::FOR_A_PERSON)),
    }
}
