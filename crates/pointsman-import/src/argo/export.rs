//! A plan as a `Rollout`.

use pointsman_manifest::Value;
use pointsman_rollout::{
    AbortScaleDown, Approval, BlueGreen, OnDeadline, Plan, PlanSpec, PlanStep, Propagation, Retirement,
    StableScale, Strategy, Threshold, Traffic,
};
use pointsman_types::{Diagnostic, IntOrString, ObjectRef, duration::TimeDelta};

use super::{PROGRESS_DEADLINE, SCALE_DOWN_DELAY};
use crate::codes::{CHOSEN_NAME, DIFFERS, NOT_EXPRESSIBLE};
use crate::edit::{map, set, unset};
use crate::field::{Field, Notes};
use crate::{Imported, import};

const CANARY: [&str; 3] = ["spec", "strategy", "canary"];
const BLUE_GREEN: [&str; 3] = ["spec", "strategy", "blueGreen"];

/// A plan as a `Rollout` of Argo Rollouts, with findings for what it cannot say there.
///
/// With `base`, the user's own object, only what the plan says otherwise is changed: steps that mean the same keep their
/// arguments and their form, and what is no matter of a plan stays. An error among the findings means that the object does
/// not do what the plan says.
///
/// ```
/// use pointsman_import::to_rollout;
/// use pointsman_rollout::{Canary, PlanSpec, PlanStep, Strategy};
/// use pointsman_types::Weight;
/// let plan = PlanSpec::new("reviews", Strategy::Canary(Canary::new([PlanStep::SetWeight(Weight::new(20))]))).build()?;
/// let (rollout, _) = to_rollout(&plan, None);
/// let steps = rollout.at(&"spec.strategy.canary.steps".parse()?).expect("steps");
/// assert_eq!(steps.to_json(), r#"[{"setWeight":20}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn to_rollout(plan: &Plan, base: Option<&Value>) -> (Value, Vec<Diagnostic>) {
    let spec = plan.spec();
    let before = base.and_then(|base| import([base]).into_iter().next());
    let value = base.cloned().unwrap_or_else(|| {
        map([
            ("apiVersion", "argoproj.io/v1alpha1".into()),
            ("kind", "Rollout".into()),
            ("metadata", map([("name", spec.component.as_str().into())])),
        ])
    });
    let object =
        ObjectRef::new("argoproj.io/v1alpha1", "Rollout", value.object_ref().namespace, &spec.component);
    let mut writing = Writing { value, before, notes: Notes::on(object) };
    writing.plan(plan);
    let value = writing.value;
    (value, writing.notes.finished())
}

pub(super) struct Writing {
    pub(super) value: Value,
    pub(super) before: Option<Imported>,
    pub(super) notes: Notes,
}

impl Writing {
    /// What the object said before, if it could be read without an error.
    fn said(&self) -> Option<&PlanSpec> {
        self.before.as_ref().filter(|before| before.plan().is_some()).map(Imported::spec)
    }

    pub(super) fn refuse(&mut self, path: &[&str], what: &str) {
        let nowhere = Field::root(&Value::Null).at(path);
        self.notes.error(NOT_EXPRESSIBLE, &nowhere, what);
    }

    fn remark(&mut self, path: &[&str], what: &str) {
        let nowhere = Field::root(&Value::Null).at(path);
        self.notes.warning(DIFFERS, &nowhere, what);
    }

    fn plan(&mut self, plan: &Plan) {
        let spec = plan.spec();
        if self.said().is_none_or(|said| said.replicas != spec.replicas) {
            set(&mut self.value, &["spec", "replicas"], spec.replicas);
        }
        if self.said().is_none_or(|said| said.strategy != spec.strategy) {
            self.strategy(plan);
        }
        self.deadline(spec);
        self.delays(spec);
        if spec.sticky.is_some() {
            self.refuse(&["spec", "strategy"], "users who stay with a version have no form there");
        }
        if self.said().map_or(0, |said| said.rollback_window) != spec.rollback_window {
            set(&mut self.value, &["spec", "rollbackWindow", "revisions"], spec.rollback_window);
        }
        if !matches!(spec.strategy, Strategy::BlueGreen(_)) {
            self.of_canary(spec);
        }
        if spec.propagation != Propagation::default() {
            self.remark(&["spec"], "Argo Rollouts does not wait until every proxy has a route");
        }
    }

    fn strategy(&mut self, plan: &Plan) {
        match &plan.spec().strategy {
            Strategy::BlueGreen(blue_green) => self.blue_green(&plan.spec().component, blue_green),
            Strategy::Canary(canary) => {
                self.traffic(plan, canary.traffic);
                self.steps(plan);
                match &canary.background {
                    Some(background) => {
                        let mut analysis = self.analysis(&background.analysis);
                        set(&mut analysis, &["startingStep"], background.starting_step);
                        self.set_canary("analysis", analysis);
                    }
                    None => unset(&mut self.value, &["spec", "strategy", "canary", "analysis"]),
                }
            }
            _ => {
                self.remark(&CANARY, "the strategy is written down as its steps");
                self.traffic(plan, Traffic::Routed);
                self.steps(plan);
            }
        }
    }

    fn set_canary(&mut self, name: &str, value: impl Into<Value>) {
        let [spec, strategy, canary] = CANARY;
        set(&mut self.value, &[spec, strategy, canary, name], value);
    }

    fn traffic(&mut self, plan: &Plan, traffic: Traffic) {
        unset(&mut self.value, &BLUE_GREEN);
        match traffic {
            Traffic::ByReplicas { max_surge, max_unavailable } => {
                unset(&mut self.value, &["spec", "strategy", "canary", "trafficRouting"]);
                self.set_canary("maxSurge", bound(max_surge));
                self.set_canary("maxUnavailable", bound(max_unavailable));
            }
            Traffic::Routed => self.route(plan),
        }
    }

    /// A route that is there stays; else one is named after the component.
    fn route(&mut self, plan: &Plan) {
        let [spec, strategy, canary] = CANARY;
        let routing = [spec, strategy, canary, "trafficRouting"];
        let is_there = self.before.as_ref().is_some_and(|before| !before.routing().routers.is_empty());
        if !is_there {
            let component = plan.spec().component.as_str();
            self.set_canary("canaryService", format!("{component}-canary"));
            self.set_canary("stableService", format!("{component}-stable"));
            let service = map([("name", component.into())]);
            self.set_canary("trafficRouting", map([("istio", map([("virtualService", service)]))]));
            let nowhere = Field::root(&Value::Null).at(&routing);
            self.notes.info(
                CHOSEN_NAME,
                &nowhere,
                "the services and the VirtualService are named after the component",
            );
        }
        let mut managed: Vec<&str> = self
            .before
            .iter()
            .flat_map(|before| before.routing().managed_routes.iter().map(String::as_str))
            .collect();
        for step in plan.steps() {
            if let PlanStep::SetRoute(route) = step
                && !managed.contains(&route.name.as_str())
            {
                managed.push(&route.name);
            }
        }
        if !managed.is_empty() {
            let list: Value = managed.iter().map(|name| map([("name", (*name).into())])).collect();
            set(&mut self.value, &[spec, strategy, canary, "trafficRouting", "managedRoutes"], list);
        }
    }

    fn steps(&mut self, plan: &Plan) {
        let mut steps = Vec::new();
        for (index, step) in plan.steps().iter().enumerate() {
            let node = self.kept(index, step).or_else(|| self.step(step));
            if let PlanStep::Experiment(experiment) = step {
                self.name_after_place(&experiment.name, steps.len());
            }
            steps.extend(node);
        }
        self.set_canary("steps", Value::List(steps));
    }

    /// An experiment there has no name of its own.
    fn name_after_place(&mut self, name: &str, place: usize) {
        let read = format!("step-{}", place + 1);
        if name != read {
            let steps = Field::root(&Value::Null).at(&CANARY).get("steps");
            let message = format!("experiment `{name}` is named after its place there: `{read}`");
            self.notes.info(DIFFERS, &steps, message);
        }
    }

    /// The step as it is written, where it means the same.
    fn kept(&self, index: usize, step: &PlanStep) -> Option<Value> {
        let Strategy::Canary(said) = &self.said()?.strategy else { return None };
        if said.steps.get(index)? != step {
            return None;
        }
        let canary = CANARY.iter().try_fold(&self.value, |at, name| at.get(name))?;
        let written = canary.get("steps")?.as_list()?;
        // A step that says several things is several of the plan, and all behind it have other numbers.
        if written.len() == said.steps.len() { written.get(index).cloned() } else { None }
    }

    fn deadline(&mut self, spec: &PlanSpec) {
        if self.said().is_some_and(|said| {
            (said.progress_deadline, said.on_deadline) == (spec.progress_deadline, spec.on_deadline)
        }) {
            return;
        }
        match spec.progress_deadline {
            Some(deadline) if deadline.secs() != PROGRESS_DEADLINE || self.before.is_some() => {
                set(&mut self.value, &["spec", "progressDeadlineSeconds"], deadline.secs().max(1));
            }
            Some(_) => {}
            None => self.remark(
                &["spec", "progressDeadlineSeconds"],
                "Argo Rollouts always has a deadline: 600 seconds",
            ),
        }
        if spec.on_deadline == OnDeadline::Abort {
            set(&mut self.value, &["spec", "progressDeadlineAbort"], true);
        } else {
            unset(&mut self.value, &["spec", "progressDeadlineAbort"]);
        }
    }

    fn delays(&mut self, spec: &PlanSpec) {
        let [first, second, _] = CANARY;
        let of = if matches!(spec.strategy, Strategy::BlueGreen(_)) { "blueGreen" } else { "canary" };
        let by_replicas =
            matches!(&spec.strategy, Strategy::Canary(canary) if canary.traffic != Traffic::Routed);
        let delay = [first, second, of, "scaleDownDelaySeconds"];
        if self.said().is_none_or(|said| said.retirement != spec.retirement) {
            let default = TimeDelta::from_secs(SCALE_DOWN_DELAY.into());
            match spec.retirement {
                Retirement::After(wait) if by_replicas && wait.is_zero() => unset(&mut self.value, &delay),
                _ if by_replicas => {
                    self.remark(&delay, "without a route the version before goes as the new one comes")
                }
                Retirement::After(wait) if wait == default => unset(&mut self.value, &delay),
                Retirement::After(wait) => set(&mut self.value, &delay, wait.secs()),
                Retirement::OnCommand => {
                    self.remark(
                        &delay,
                        "Argo Rollouts removes the version before by itself, 30 seconds later",
                    );
                }
            }
        }
        let abort = [first, second, of, "abortScaleDownDelaySeconds"];
        let said = self.said().map(|said| said.abort_scale_down).unwrap_or_default();
        if said != spec.abort_scale_down {
            let seconds = match spec.abort_scale_down {
                AbortScaleDown::Never => 0,
                // Zero would say never.
                AbortScaleDown::After(wait) => wait.secs().max(1),
            };
            set(&mut self.value, &abort, seconds);
        }
    }

    /// What a canary says of the plan as a whole.
    fn of_canary(&mut self, spec: &PlanSpec) {
        let said = self.said().cloned();
        let said = said.as_ref();
        if said.map_or(StableScale::Full, |said| said.stable_scale) != spec.stable_scale {
            self.set_canary("dynamicStableScale", spec.stable_scale == StableScale::Dynamic);
        }
        if said.map_or(0, |said| said.min_pods) != spec.min_pods {
            self.set_canary("minPodsPerReplicaSet", spec.min_pods);
        }
        if said.map_or(Threshold::All, |said| said.threshold) != spec.threshold {
            let of = |kind: &str, value: u32| map([("type", kind.into()), ("value", value.into())]);
            match spec.threshold {
                Threshold::All => {
                    unset(&mut self.value, &["spec", "strategy", "canary", "replicaProgressThreshold"])
                }
                Threshold::Percent(percent) => {
                    self.set_canary("replicaProgressThreshold", of("Percent", percent))
                }
                Threshold::Pods(pods) => self.set_canary("replicaProgressThreshold", of("Pods", pods)),
            }
        }
        if said.map_or(100, |said| said.total_weight) != spec.total_weight {
            let path = ["spec", "strategy", "canary", "trafficRouting", "maxTrafficWeight"];
            set(&mut self.value, &path, spec.total_weight);
            if self.before.is_none() {
                self.refuse(&path, "only nginx and plugins have another total than 100");
            }
        }
    }

    fn blue_green(&mut self, component: &str, plan: &BlueGreen) {
        unset(&mut self.value, &CANARY);
        let [spec, strategy, blue_green] = BLUE_GREEN;
        let has_service = BLUE_GREEN
            .iter()
            .try_fold(&self.value, |at, name| at.get(name))
            .is_some_and(|at| at.get("activeService").is_some());
        let write = |value: &mut Value, name: &str, new: Value| {
            set(value, &[spec, strategy, blue_green, name], new);
        };
        if !has_service {
            write(&mut self.value, "activeService", component.into());
            let nowhere = Field::root(&Value::Null).at(&BLUE_GREEN);
            self.notes.info(CHOSEN_NAME, &nowhere, "the active service is named after the component");
        }
        for name in ["autoPromotionEnabled", "autoPromotionSeconds", "previewReplicaCount"] {
            unset(&mut self.value, &[spec, strategy, blue_green, name]);
        }
        match plan.promotion {
            Approval::Automatic => {}
            Approval::After(delay) => {
                write(&mut self.value, "autoPromotionSeconds", delay.secs().max(1).into())
            }
            Approval::ByPerson => write(&mut self.value, "autoPromotionEnabled", false.into()),
        }
        if let Some(preview) = plan.preview_replicas {
            write(&mut self.value, "previewReplicaCount", preview.into());
        }
        if plan.mirror.is_some() {
            self.refuse(&BLUE_GREEN, "blue-green of Argo Rollouts cannot mirror");
        }
        for (name, checks) in [("prePromotionAnalysis", &plan.before), ("postPromotionAnalysis", &plan.after)]
        {
            let path = [spec, strategy, blue_green, name];
            match checks.as_slice() {
                [] => unset(&mut self.value, &path),
                [check] => {
                    if !check.delay.is_zero() {
                        self.refuse(&path, "an analysis of blue-green begins at once");
                    }
                    let node = self.analysis(&check.analysis);
                    set(&mut self.value, &path, node);
                }
                _ => self.refuse(&path, "there is one analysis before and one after the switch"),
            }
        }
    }
}

fn bound(bound: IntOrString) -> Value {
    match bound {
        IntOrString::Int(number) => number.into(),
        percent => percent.to_string().into(),
    }
}
