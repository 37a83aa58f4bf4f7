//! A plan in words.

use std::fmt::Write as _;

use pointsman_types::{Weight, duration::TimeDelta};

use crate::plan::{AbortScaleDown, OnDeadline, Retirement, StableScale};
use crate::{
    Analysis, CanaryScale, Carrier, Experiment, Keeps, ManagedRoute, OnFailure, Pause, Plan, PlanSpec,
    PlanStep, Propagation, RequestMatch, RouteAction, Sticky, Strategy, TextMatch, Threshold, Traffic,
    Unfinished, Variant, Visits, sticking,
};

/// What a plan does, in words: a line for the strategy, a numbered line for each step, then the rules that hold throughout.
///
/// ```
/// use pointsman_rollout::{Canary, Pause, PlanSpec, PlanStep, Strategy, explain};
/// use pointsman_types::Weight;
///
/// let steps = [PlanStep::SetWeight(Weight::new(20)), PlanStep::Pause(Pause::FOR_A_PERSON)];
/// let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps))).with_replicas(5).build()?;
/// let words = explain(&plan);
/// assert!(words.starts_with("`reviews` is released as a canary, 5 pods, weights out of 100:\n"));
/// assert!(words.contains("1. give the canary 20 of 100, on 1 of 5 pods\n2. wait until a person says to go on\n"));
/// # Ok::<(), pointsman_rollout::InvalidPlan>(())
/// ```
#[must_use]
pub fn explain(plan: &Plan) -> String {
    let spec = plan.spec();
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "`{}` is released {}, {}, weights out of {}:",
        spec.component,
        strategy(spec),
        pods(spec.replicas),
        spec.total_weight
    );
    for (index, step) in plan.steps().iter().enumerate() {
        let _ = writeln!(text, "{}. {}", index + 1, step_in_words(spec, step));
    }
    let _ =
        writeln!(text, "{}. the new version takes all traffic and is the stable one", plan.steps().len() + 1);
    for line in rules(plan) {
        let _ = writeln!(text, "- {line}");
    }
    text
}

fn pods(count: u32) -> String {
    if count == 1 { "1 pod".into() } else { format!("{count} pods") }
}

fn strategy(spec: &PlanSpec) -> String {
    match &spec.strategy {
        Strategy::Canary(canary) => match canary.traffic {
            Traffic::Routed => "as a canary".into(),
            Traffic::ByReplicas { max_surge, max_unavailable } => format!(
                "as a canary without a route (the numbers of pods make the shares, {max_surge} more and {max_unavailable} \
                 fewer than wanted are allowed)"
            ),
        },
        Strategy::Increments(_) => "as a canary by increments, with the same check after each".into(),
        Strategy::BlueGreen(_) => "blue-green".into(),
        Strategy::AbTest(test) => format!("as an A/B test of {} checks", test.iterations),
        Strategy::Manual(_) => "by hand, both versions side by side".into(),
    }
}

fn step_in_words(spec: &PlanSpec, step: &PlanStep) -> String {
    match step {
        PlanStep::SetWeight(weight) => {
            let count =
                crate::replicas::for_weight(spec.replicas, weight.value(), spec.total_weight, spec.min_pods);
            let is_fixed =
                matches!(&spec.strategy, Strategy::Canary(canary) if canary.traffic == Traffic::Routed);
            let on =
                if is_fixed { format!(", on {count} of {}", pods(spec.replicas)) } else { String::new() };
            format!("give the canary {weight} of {}{on}", spec.total_weight)
        }
        PlanStep::SetCanaryScale(CanaryScale::Replicas(count)) => {
            format!("scale the canary to {}, whatever its traffic", pods(*count))
        }
        PlanStep::SetCanaryScale(CanaryScale::Weight(weight)) => {
            let count = crate::replicas::for_weight(spec.replicas, *weight, spec.total_weight, spec.min_pods);
            format!("scale the canary to {}, whatever its traffic", pods(count))
        }
        PlanStep::SetCanaryScale(CanaryScale::MatchTraffic) => "scale the canary as its traffic needs".into(),
        PlanStep::Pause(Pause { duration: Some(duration) }) => format!("wait {duration}"),
        PlanStep::Pause(Pause { duration: None }) => "wait until a person says to go on".into(),
        PlanStep::Analysis(analysis) => format!("measure {}", measured(analysis)),
        PlanStep::Experiment(experiment) => experiment_in_words(experiment),
        PlanStep::SetRoute(route) => route_in_words(route),
        PlanStep::Barrier(name) => format!("wait until the whole group has come to `{name}`"),
    }
}

fn measured(analysis: &Analysis) -> String {
    let then = match analysis.on_failure {
        OnFailure::Abort => "a failure aborts",
        OnFailure::Hold => "a failure waits for a person",
        OnFailure::Continue => "a failure changes nothing",
    };
    let forgiven = match analysis.forgiven {
        0 => String::new(),
        1 => " after 1 that is forgiven".into(),
        count => format!(" after {count} that are forgiven"),
    };
    format!("{}: {then}{forgiven}", analysis.templates.join(", "))
}

fn experiment_in_words(experiment: &Experiment) -> String {
    let variant = |Variant { version, copy_of, replicas, weight }: &Variant| {
        let role = format!("{copy_of:?}").to_lowercase();
        let share = if weight.is_zero() { String::new() } else { format!(" with a share of {weight}") };
        format!("{} `{version}` like {role}{share}", pods(*replicas))
    };
    let variants: Vec<String> = experiment.variants.iter().map(variant).collect();
    let mut words = format!("experiment `{}`: run {}", experiment.name, variants.join(" and "));
    if let Some(duration) = experiment.duration {
        let _ = write!(words, " for {duration}");
    }
    if let Some(analysis) = &experiment.analysis {
        let _ = write!(words, ", measure {}", measured(analysis));
    }
    match (experiment.unfinished, experiment.duration, &experiment.analysis) {
        (Unfinished::Awaited, Some(_), Some(_)) => words.push_str(", and wait for the answer"),
        (Unfinished::Stopped, Some(_), Some(_)) => words.push_str(", whatever is not answered by then"),
        _ => {}
    }
    words
}

fn route_in_words(route: &ManagedRoute) -> String {
    if route.matches.is_empty() {
        return format!("take route `{}` away", route.name);
    }
    let which: Vec<String> = route.matches.iter().map(request_in_words).collect();
    let which = which.join(", or ");
    match route.action {
        RouteAction::ToCanary => format!("send {which} to the canary (route `{}`)", route.name),
        RouteAction::Mirror(share) => {
            format!("copy {share} of {which} to the canary (route `{}`)", route.name)
        }
    }
}

fn request_in_words(request: &RequestMatch) -> String {
    let text = |text: &TextMatch| match text {
        TextMatch::Exact(text) => format!("`{text}`"),
        TextMatch::Prefix(text) => format!("`{text}…`"),
        TextMatch::Regex(text) => format!("like `{text}`"),
    };
    let mut conditions = Vec::new();
    conditions.extend(request.method.as_ref().map(|method| format!("method {}", text(method))));
    conditions.extend(request.path.as_ref().map(|path| format!("path {}", text(path))));
    conditions.extend(request.headers.iter().map(|(name, value)| format!("header `{name}` {}", text(value))));
    if !request.source_labels.is_empty() {
        conditions.push(format!("a sender labelled `{}`", request.source_labels));
    }
    if conditions.is_empty() {
        "all requests".into()
    } else {
        format!("requests with {}", conditions.join(" and "))
    }
}

fn sticky_in_words(sticky: &Sticky, plan: &Plan) -> String {
    let name = &sticky.name;
    let by = match sticky.by {
        Carrier::Cookie { max_age } => format!("cookie `{name}` for {max_age}"),
        Carrier::Header => format!("header `{name}`, which clients repeat"),
    };
    if sticky.keeps == Keeps::Both {
        return format!(
            "users stay with the version that they met, by {by}; a growing weight moves only as many as it takes"
        );
    }
    let often = Visits { share: 1.0, each: 10 };
    let total = Weight::new(plan.spec().total_weight);
    let drift = sticking(sticky.keeps, &plan.weights(), total, often).into_iter().next().map(|stuck| {
        let users = (stuck.users * 100.0).round();
        format!(": at the first weight of {}, after 10 requests each, {users} of 100 are there", stuck.weight)
    });
    format!("users of the canary stay there, by {by}, so their share drifts up{}", drift.unwrap_or_default())
}

fn rules(plan: &Plan) -> Vec<String> {
    let spec = plan.spec();
    let mut lines = Vec::new();
    if let Some(background) = plan.background() {
        let from = background.starting_step + 1;
        lines.push(format!(
            "beside the steps, from step {from} on: measure {}",
            measured(&background.analysis)
        ));
    }
    lines.push(match spec.threshold {
        Threshold::All => "a version gets its share when all of its pods are ready".into(),
        Threshold::Percent(percent) => {
            format!("a version gets its share when {percent} percent of its pods are ready, at least one")
        }
        Threshold::Pods(count) => format!("a version gets its share when {} are ready", pods(count.max(1))),
    });
    if spec.stable_scale == StableScale::Dynamic {
        lines.push(
            "stable shrinks while the canary grows; an abort moves traffic as fast as stable grows".into(),
        );
    }
    if let Some(sticky) = &spec.sticky {
        lines.push(sticky_in_words(sticky, plan));
    }
    lines.push(match spec.propagation {
        Propagation::Hold(hold) if hold <= TimeDelta::ZERO => "a route counts when it is written".into(),
        Propagation::Hold(hold) => {
            format!("a route counts {hold} after it is written, or when it is observed")
        }
        Propagation::Observed => "a route counts when every proxy was seen to have it".into(),
    });
    if let Some(deadline) = spec.progress_deadline {
        let then = if spec.on_deadline == OnDeadline::Abort { "aborts" } else { "is reported" };
        lines.push(format!("no progress for {deadline} {then}"));
    }
    lines.push(match spec.abort_scale_down {
        _ if plan.bounds(spec.replicas).is_some() => {
            "an abort gives stable its pods back within these bounds, at once".into()
        }
        AbortScaleDown::After(delay) => {
            format!("an abort moves all traffic to stable, and scales the canary down {delay} later")
        }
        AbortScaleDown::Never => {
            "an abort moves all traffic to stable, and leaves the canary its pods".into()
        }
    });
    lines.push(match spec.retirement {
        Retirement::OnCommand => "the version before is removed when a person says so".into(),
        Retirement::After(delay) if delay == TimeDelta::ZERO => {
            "the version before is removed at the promotion".into()
        }
        Retirement::After(delay) => format!("the version before is removed {delay} after the promotion"),
    });
    lines.push(if plan.bounds(spec.replicas).is_some() {
        "a restart makes the pods of all versions anew within these bounds, stable's first".into()
    } else {
        "a restart makes the pods of all versions anew, a quarter at a time, stable's first".into()
    });
    if spec.replicas == 0 {
        lines.push("no pods are wanted: there are none, and the steps wait until it is scaled up".into());
    }
    if spec.rollback_window > 0 {
        let count = spec.rollback_window;
        lines.push(format!("one of the {count} versions that served last takes over without steps"));
    }
    lines
}
