//! A step as Argo Rollouts writes it.

use pointsman_manifest::{Map, Value};
use pointsman_rollout::{
    Analysis, CanaryScale, Experiment, ManagedRoute, OnFailure, Pause, PlanStep, RequestMatch, Role,
    RouteAction, TextMatch, Unfinished,
};
use pointsman_types::duration::{TimeDelta, go};

use super::analysis::CLUSTER;
use super::export::Writing;
use super::steps::PLUGIN;
use crate::edit::map;

const STEPS: [&str; 4] = ["spec", "strategy", "canary", "steps"];

impl Writing {
    /// `None` with a finding for what has no form there.
    pub(super) fn step(&mut self, step: &PlanStep) -> Option<Value> {
        let node = match step {
            PlanStep::SetWeight(weight) => map([("setWeight", weight.value().into())]),
            PlanStep::SetCanaryScale(scale) => {
                let scale = match scale {
                    CanaryScale::Replicas(count) => map([("replicas", (*count).into())]),
                    CanaryScale::Weight(weight) => map([("weight", (*weight).into())]),
                    CanaryScale::MatchTraffic => map([("matchTrafficWeight", true.into())]),
                };
                map([("setCanaryScale", scale)])
            }
            PlanStep::Pause(Pause { duration: None }) => map([("pause", Value::Map(Map::new()))]),
            PlanStep::Pause(Pause { duration: Some(duration) }) => {
                map([("pause", map([("duration", length(*duration))]))])
            }
            PlanStep::Analysis(analysis) => self.analysis_step(analysis),
            PlanStep::Experiment(experiment) => map([("experiment", self.experiment(experiment))]),
            PlanStep::SetRoute(route) => return self.managed_route(route),
            PlanStep::Barrier(name) => {
                let what = format!("nothing waits for a group: barrier `{name}` is lost");
                self.refuse(&STEPS, &what);
                return None;
            }
            _ => {
                self.refuse(&STEPS, "the step has no form there");
                return None;
            }
        };
        Some(node)
    }

    fn analysis_step(&mut self, analysis: &Analysis) -> Value {
        if let [only] = analysis.templates.as_slice()
            && let Some(plugin) = only.strip_prefix(PLUGIN)
        {
            return map([("plugin", map([("name", plugin.into())]))]);
        }
        map([("analysis", self.analysis(analysis))])
    }

    pub(super) fn analysis(&mut self, analysis: &Analysis) -> Value {
        if analysis.on_failure != OnFailure::Abort {
            self.refuse(&STEPS, "a failed analysis always aborts");
        }
        if analysis.forgiven > 0 {
            self.refuse(&STEPS, "no failed analysis is forgiven: allow failures in the template");
        }
        map([("templates", analysis.templates.iter().map(|name| template(name)).collect())])
    }

    fn experiment(&mut self, experiment: &Experiment) -> Value {
        let mut node = Map::new();
        if let Some(duration) = experiment.duration {
            node.insert("duration", length(duration));
        }
        let prefix = format!("{}-", experiment.name);
        let variant = |variant: &pointsman_rollout::Variant| {
            let name = variant.version.as_str();
            let spec = if variant.copy_of == Role::Stable { "stable" } else { "canary" };
            let mut node: Map = [("name", name.strip_prefix(&prefix).unwrap_or(name)), ("specRef", spec)]
                .into_iter()
                .collect();
            if variant.replicas != 1 {
                node.insert("replicas", variant.replicas);
            }
            if !variant.weight.is_zero() {
                node.insert("weight", variant.weight.value());
            }
            Value::Map(node)
        };
        node.insert("templates", experiment.variants.iter().map(variant).collect::<Value>());
        if let Some(analysis) = &experiment.analysis {
            if analysis.on_failure != OnFailure::Abort || analysis.forgiven > 0 {
                self.refuse(&STEPS, "a failed experiment always aborts");
            }
            let run = |name: &String| {
                let mut node = template(name);
                node.set("name", name.replace('/', "-"));
                if experiment.unfinished == Unfinished::Awaited {
                    node.set("requiredForCompletion", true);
                }
                node
            };
            node.insert("analyses", analysis.templates.iter().map(run).collect::<Value>());
        }
        Value::Map(node)
    }

    fn managed_route(&mut self, route: &ManagedRoute) -> Option<Value> {
        let mut node = Map::new();
        node.insert("name", route.name.as_str());
        let kind = match route.action {
            RouteAction::ToCanary => {
                let matches: Option<Vec<Value>> = route.matches.iter().map(header_match).collect();
                let Some(matches) = matches else {
                    self.refuse(&STEPS, "a header route matches one header at a time, and nothing else");
                    return None;
                };
                if !matches.is_empty() {
                    node.insert("match", matches);
                }
                "setHeaderRoute"
            }
            RouteAction::Mirror(share) => {
                if !route.matches.is_empty() {
                    if share.millionths() % 10_000 != 0 {
                        self.refuse(&STEPS, "a share is mirrored in whole percent");
                    }
                    node.insert("percentage", share.millionths() / 10_000);
                    node.insert("match", route.matches.iter().map(mirror_match).collect::<Value>());
                }
                if route.matches.iter().any(|request| !request.source_labels.is_empty()) {
                    self.refuse(&STEPS, "a mirror route cannot match by the sender's labels");
                }
                "setMirrorRoute"
            }
        };
        Some(map([(kind, Value::Map(node))]))
    }
}

fn template(name: &str) -> Value {
    match name.strip_prefix(CLUSTER) {
        Some(bare) => map([("templateName", bare.into()), ("clusterScope", true.into())]),
        None => map([("templateName", name.into())]),
    }
}

fn length(duration: TimeDelta) -> Value {
    go::format(duration).into()
}

fn text(text: &TextMatch) -> Value {
    match text {
        TextMatch::Exact(text) => map([("exact", text.as_str().into())]),
        TextMatch::Prefix(text) => map([("prefix", text.as_str().into())]),
        TextMatch::Regex(text) => map([("regex", text.as_str().into())]),
    }
}

fn header_match(request: &RequestMatch) -> Option<Value> {
    let [(name, value)] = request.headers.as_slice() else { return None };
    let alone = request.method.is_none() && request.path.is_none() && request.source_labels.is_empty();
    alone.then(|| map([("headerName", name.as_str().into()), ("headerValue", text(value))]))
}

fn mirror_match(request: &RequestMatch) -> Value {
    let mut node = Map::new();
    if let Some(method) = &request.method {
        node.insert("method", text(method));
    }
    if let Some(path) = &request.path {
        node.insert("path", text(path));
    }
    if !request.headers.is_empty() {
        let headers: Map = request.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        node.insert("headers", headers);
    }
    Value::Map(node)
}
