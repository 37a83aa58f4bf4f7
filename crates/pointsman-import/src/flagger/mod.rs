//! `Canary`s of Flagger.
//!
//! Source: the Canary CRD and the transition loop at fluxcd/flagger 15bd6ad. Flagger never says which strategy it means: an
//! A/B test has matches and iterations, blue-green iterations, all others are canaries by increments.

mod export;
mod hooks;
mod matches;
mod metrics;
mod sticky;
mod strategy;

use std::collections::BTreeMap;

use pointsman_manifest::Value;
use pointsman_rollout::{AbortScaleDown, OnDeadline, PlanSpec, Retirement, Threshold};
use pointsman_types::{ObjectRef, duration::TimeDelta};

pub use self::export::to_canary;
use crate::codes::{BAD_VALUE, DIFFERS, ELSEWHERE, INVALID_PLAN, MISSING, NOT_CARRIED};
use crate::field::{Field, Notes};
use crate::imported::{Imported, Measured, Routing, Source};
use crate::metric::Template;
use crate::objects::Objects;

/// A Canary while it is read.
pub(crate) struct Reading<'r, 'v> {
    notes: Notes,
    objects: &'r Objects<'v>,
    namespace: &'r str,
    measured: Vec<Measured>,
    templates: BTreeMap<String, Template>,
}

pub(crate) fn import(object: &ObjectRef, value: &Value, objects: &Objects<'_>) -> Imported {
    let mut reading = Reading {
        notes: Notes::on(object.clone()),
        objects,
        namespace: &object.namespace,
        measured: Vec::new(),
        templates: BTreeMap::new(),
    };
    let root = Field::root(value);
    let spec = reading.plan(object, &root);
    let routing = reading.routing(object, &root.get("spec"));
    reading.notes.unread(&root.get("spec"));
    reading.finished(object, spec, routing)
}

impl Reading<'_, '_> {
    fn finished(mut self, object: &ObjectRef, spec: PlanSpec, routing: Routing) -> Imported {
        let has_error = |notes: &Notes| notes.list.iter().any(pointsman_types::Diagnostic::is_error);
        if !has_error(&self.notes) {
            let analysis = Field::root(&Value::Null).at(&["spec", "analysis"]);
            for problem in spec.problems() {
                self.notes.error(INVALID_PLAN, &analysis, problem.to_string());
            }
        }
        let plan = if has_error(&self.notes) { None } else { spec.clone().build().ok() };
        Imported {
            object: object.clone(),
            source: Source::Flagger,
            spec,
            plan,
            measured: self.measured,
            templates: self.templates,
            routing,
            findings: self.notes.finished(),
        }
    }

    fn plan(&mut self, object: &ObjectRef, root: &Field<'_>) -> PlanSpec {
        let spec = root.get("spec");
        self.notes.only(&spec, SPEC);
        let target = spec.get("targetRef");
        if !target.is_there() {
            self.notes.warning(
                MISSING,
                &target,
                "Flagger refuses a canary without a target; the plan needs none",
            );
        }
        let component = self.component(object, root, &target);
        // `canaryAnalysis` is what the first releases called it.
        let analysis =
            Some(spec.get("analysis")).filter(Field::is_there).unwrap_or_else(|| spec.get("canaryAnalysis"));
        let strategy = self.strategy(&spec, &analysis);
        let mut plan = PlanSpec::new(component, strategy);
        plan.replicas = self.objects.replicas_of(&target, self.namespace).unwrap_or(1);
        let seconds = self.notes.count(&spec.get("progressDeadlineSeconds")).filter(|seconds| *seconds > 0);
        plan.progress_deadline = Some(TimeDelta::from_secs(seconds.unwrap_or(600).into()));
        plan.on_deadline = OnDeadline::Abort;
        plan.retirement = Retirement::After(TimeDelta::ZERO);
        plan.abort_scale_down = AbortScaleDown::After(TimeDelta::ZERO);
        plan.threshold = self.threshold(&analysis);
        plan.sticky = self.sticky(&analysis.get("sessionAffinity"), &plan.strategy);
        self.elsewhere(&spec, &analysis);
        plan
    }

    fn component(&mut self, object: &ObjectRef, root: &Field<'_>, target: &Field<'_>) -> String {
        if !object.name.is_empty() {
            return object.name.clone();
        }
        let name = target.get("name").as_str().unwrap_or("unnamed");
        let message = format!("without a name the component is called `{name}`");
        self.notes.warning(MISSING, &root.at(&["metadata", "name"]), message);
        name.to_owned()
    }

    fn threshold(&mut self, analysis: &Field<'_>) -> Threshold {
        let field = analysis.get("canaryReadyThreshold");
        match self.notes.count(&field) {
            None | Some(100) => Threshold::All,
            Some(percent) if percent < 100 => Threshold::Percent(percent),
            Some(_) => {
                self.notes.error(BAD_VALUE, &field, "a threshold of pods is a percentage from 0 to 100");
                Threshold::All
            }
        }
    }

    fn elsewhere(&mut self, spec: &Field<'_>, analysis: &Field<'_>) {
        let notes: [(&Field<'_>, &str, &str); 4] = [
            (spec, "autoscalerRef", "tell the rollout what the autoscaler wants with `Scaled`"),
            (spec, "revertOnDeletion", "what becomes of manifests on deletion is theirs"),
            (
                analysis,
                "primaryReadyThreshold",
                "the canary becomes stable itself: no second set of pods is waited for",
            ),
            (analysis, "alerts", "whom to tell what is the caller's to say"),
        ];
        for (of, name, what) in notes {
            let field = of.get(name);
            if field.is_there() {
                self.notes.info(ELSEWHERE, &field, what);
            }
        }
        let suspend = spec.get("suspend");
        if self.notes.flag(&suspend) == Some(true) {
            self.notes.warning(
                NOT_CARRIED,
                &suspend,
                "it is suspended: give the command `Pause` after importing",
            );
        }
        self.notes.info(
            DIFFERS,
            &spec.get("targetRef"),
            "the canary's pods become the stable ones, instead of being copied to a primary workload",
        );
    }

    fn routing(&mut self, object: &ObjectRef, spec: &Field<'_>) -> Routing {
        let service = spec.get("service");
        let target = spec.at(&["targetRef", "name"]);
        let apex = service.get("name").as_str().or_else(|| target.as_str()).unwrap_or(&object.name);
        let mut routing = Routing {
            routers: vec![spec.get("provider").as_str().unwrap_or("istio").to_owned()],
            canary_service: Some(format!("{apex}-canary")),
            stable_service: Some(format!("{apex}-primary")),
            ..Routing::default()
        };
        if routing.routers.iter().any(|router| router == "istio") {
            let virtual_service = apex.to_owned();
            routing.istio.push(crate::IstioRoute { virtual_service, ..crate::IstioRoute::default() });
        }
        routing
    }
}

const SPEC: &[&str] = &[
    "analysis",
    "autoscalerRef",
    "canaryAnalysis",
    "ingressRef",
    "metricsServer",
    "progressDeadlineSeconds",
    "provider",
    "revertOnDeletion",
    "routeRef",
    "service",
    "skipAnalysis",
    "suspend",
    "targetRef",
    "upstreamRef",
];
