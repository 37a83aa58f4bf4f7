//! `Rollout`s of Argo Rollouts.
//!
//! Source: the Rollout CRD and its validation at argoproj/argo-rollouts 9f8d111d8f8e (after 1.9.1).

mod analysis;
mod blue_green;
mod canary;
mod experiment;
mod export;
mod export_step;
mod routes;
mod steps;

use pointsman_manifest::Value;
use pointsman_rollout::{AbortScaleDown, Canary, OnDeadline, PlanSpec, Retirement, Strategy};
use pointsman_types::{ObjectRef, duration::TimeDelta};

pub use self::export::to_rollout;
use crate::codes::{BAD_VALUE, ELSEWHERE, INVALID_PLAN, MISSING, NOT_CARRIED, NOT_ONE, UNKNOWN_OBJECT};
use crate::field::{Field, Notes};
use crate::imported::{Imported, Measured, Routing, Source};
use crate::objects::Objects;

/// What the controller takes where nothing is said.
pub(crate) const PROGRESS_DEADLINE: i64 = 600;
pub(crate) const SCALE_DOWN_DELAY: u32 = 30;

/// A Rollout while it is read.
pub(crate) struct Reading<'r, 'v> {
    pub(crate) notes: Notes,
    pub(crate) objects: &'r Objects<'v>,
    pub(crate) namespace: &'r str,
    pub(crate) routing: Routing,
    pub(crate) measured: Vec<Measured>,
}

pub(crate) fn import(object: &ObjectRef, value: &Value, objects: &Objects<'_>) -> Imported {
    let mut reading = Reading {
        notes: Notes::on(object.clone()),
        objects,
        namespace: &object.namespace,
        routing: Routing::default(),
        measured: Vec::new(),
    };
    let spec = reading.plan(object, &Field::root(value));
    reading.finished(object, spec)
}

impl Reading<'_, '_> {
    /// Builds the plan, and closes the book.
    fn finished(mut self, object: &ObjectRef, spec: PlanSpec) -> Imported {
        let templates = self.templates();
        let has_error = |notes: &Notes| notes.list.iter().any(pointsman_types::Diagnostic::is_error);
        if !has_error(&self.notes) {
            let strategy = Field::root(&Value::Null).at(&["spec", "strategy"]);
            for problem in spec.problems() {
                self.notes.error(INVALID_PLAN, &strategy, problem.to_string());
            }
        }
        let plan = if has_error(&self.notes) { None } else { spec.clone().build().ok() };
        Imported {
            object: object.clone(),
            source: Source::ArgoRollouts,
            spec,
            plan,
            measured: self.measured,
            templates,
            routing: self.routing,
            findings: self.notes.finished(),
        }
    }

    fn plan(&mut self, object: &ObjectRef, root: &Field<'_>) -> PlanSpec {
        let spec = root.get("spec");
        if object.name.is_empty() {
            self.notes.missing(&root.at(&["metadata", "name"]), "a rollout needs a name");
        }
        self.notes.only(&spec, SPEC);
        let strategy = self.strategy(&spec);
        let mut plan = PlanSpec::new(object.name.clone(), strategy);
        plan.replicas = self.replicas(&spec);
        plan.total_weight = self.total_weight(&spec);
        self.deadline(&spec, &mut plan);
        self.of_strategy(&spec.get("strategy"), &mut plan);
        if let Some(window) = self.notes.count(&spec.at(&["rollbackWindow", "revisions"])) {
            plan.rollback_window = window;
        }
        self.elsewhere(&spec);
        // Pods, and which of them are the rollout's, are matters of manifests.
        for name in ["selector", "template"] {
            spec.get(name).take();
        }
        self.notes.unread(&spec);
        plan
    }

    fn strategy(&mut self, spec: &Field<'_>) -> Strategy {
        let strategy = spec.get("strategy");
        self.notes.only(&strategy, &["canary", "blueGreen"]);
        let (canary, blue_green) = (strategy.get("canary"), strategy.get("blueGreen"));
        match (canary.is_there(), blue_green.is_there()) {
            (true, false) => self.canary(&canary),
            (false, true) => self.blue_green(&blue_green),
            (true, true) => {
                self.notes.error_with_help(
                    NOT_ONE,
                    &strategy,
                    "`canary` and `blueGreen` both stand here",
                    "keep one of them",
                );
                Strategy::Canary(Canary::default())
            }
            (false, false) => {
                self.notes.error_with_help(
                    MISSING,
                    &strategy,
                    "a rollout needs a strategy",
                    "write `canary: {}` or `blueGreen: {activeService: …}`",
                );
                Strategy::Canary(Canary::default())
            }
        }
    }

    fn replicas(&mut self, spec: &Field<'_>) -> u32 {
        let reference = spec.get("workloadRef");
        if let Some(replicas) = self.notes.count(&spec.get("replicas")) {
            return replicas;
        }
        if !reference.is_there() {
            return 1;
        }
        let found = self.objects.replicas_of(&reference, self.namespace);
        if found.is_none() {
            self.notes.info(
                UNKNOWN_OBJECT,
                &reference,
                "the workload is not among the objects: 1 replica is taken",
            );
        }
        found.unwrap_or(1)
    }

    fn deadline(&mut self, spec: &Field<'_>, plan: &mut PlanSpec) {
        let field = spec.get("progressDeadlineSeconds");
        let seconds = self.notes.count(&field).map_or(PROGRESS_DEADLINE, i64::from);
        if seconds == 0 {
            self.notes.error(
                BAD_VALUE,
                &field,
                "a deadline of `0` seconds has passed before anything begins",
            );
            return;
        }
        plan.progress_deadline = Some(TimeDelta::from_secs(seconds));
        if self.notes.flag(&spec.get("progressDeadlineAbort")) == Some(true) {
            plan.on_deadline = OnDeadline::Abort;
        }
    }

    /// What both strategies have.
    fn of_strategy(&mut self, strategy: &Field<'_>, plan: &mut PlanSpec) {
        let (canary, blue_green) = (strategy.get("canary"), strategy.get("blueGreen"));
        let of = if canary.is_there() { &canary } else { &blue_green };
        let delay = self.notes.count(&of.get("scaleDownDelaySeconds"));
        let is_routed = blue_green.is_there() || !self.routing.routers.is_empty();
        let delay = if is_routed { delay.unwrap_or(SCALE_DOWN_DELAY) } else { 0 };
        plan.retirement = Retirement::After(TimeDelta::from_secs(delay.into()));
        plan.abort_scale_down = match self.notes.count(&of.get("abortScaleDownDelaySeconds")) {
            Some(0) => AbortScaleDown::Never,
            Some(seconds) => AbortScaleDown::After(TimeDelta::from_secs(seconds.into())),
            None => AbortScaleDown::default(),
        };
        if canary.is_there() {
            self.of_canary(&canary, plan);
        }
    }

    /// What has no place in a plan.
    fn elsewhere(&mut self, spec: &Field<'_>) {
        let paused = spec.get("paused");
        if self.notes.flag(&paused) == Some(true) {
            self.notes.warning(
                NOT_CARRIED,
                &paused,
                "the rollout is held: give the command `Pause` after importing",
            );
        }
        let restart = spec.get("restartAt");
        if restart.is_there() {
            self.notes.warning(
                NOT_CARRIED,
                &restart,
                "a restart is asked for: give the command `Restart` at that time",
            );
        }
        let ready = spec.get("minReadySeconds");
        if self.notes.count(&ready).is_some_and(|seconds| seconds > 0) {
            self.notes.info(
                ELSEWHERE,
                &ready,
                "when a pod counts as ready is the caller's to say: report it that much later",
            );
        }
        let analysis = spec.get("analysis");
        if analysis.is_there() {
            self.notes.info(ELSEWHERE, &analysis, "how many runs are kept is the caller's to say");
        }
    }
}

const SPEC: &[&str] = &[
    "analysis",
    "minReadySeconds",
    "paused",
    "progressDeadlineAbort",
    "progressDeadlineSeconds",
    "replicas",
    "restartAt",
    "revisionHistoryLimit",
    "rollbackWindow",
    "selector",
    "strategy",
    "template",
    "workloadRef",
];
