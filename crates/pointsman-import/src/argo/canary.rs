//! The canary strategy.

use pointsman_rollout::{Background, Canary, PlanSpec, StableScale, Strategy, Threshold, Traffic};
use pointsman_types::IntOrString;

use super::Reading;
use crate::codes::{BAD_VALUE, ELSEWHERE, NEEDS_ROUTE, NOT_CARRIED};
use crate::field::Field;

impl Reading<'_, '_> {
    pub(super) fn canary(&mut self, canary: &Field<'_>) -> Strategy {
        self.notes.only(canary, CANARY);
        self.routing(canary);
        let (steps, starts) = self.steps(&canary.get("steps"));
        let mut strategy = Canary::new(steps);
        strategy.traffic = self.traffic(canary);
        strategy.background = self.background(&canary.get("analysis"), &starts);
        if !self.is_routed() {
            for name in ["scaleDownDelaySeconds", "dynamicStableScale"] {
                let field = canary.get(name);
                if field.value().is_some_and(|value| value.as_bool() != Some(false)) {
                    self.needs_route(&field);
                }
            }
        }
        Strategy::Canary(strategy)
    }

    /// What a canary says of the plan as a whole.
    pub(super) fn of_canary(&mut self, canary: &Field<'_>, plan: &mut PlanSpec) {
        let dynamic = canary.get("dynamicStableScale");
        if self.notes.flag(&dynamic) == Some(true) {
            plan.stable_scale = StableScale::Dynamic;
            if canary.get("scaleDownDelaySeconds").is_there() {
                self.notes.error(
                    BAD_VALUE,
                    &dynamic,
                    "`dynamicStableScale` leaves nothing for `scaleDownDelaySeconds` to keep",
                );
            }
        }
        if let Some(pods) = self.notes.count(&canary.get("minPodsPerReplicaSet")) {
            plan.min_pods = pods;
        }
        plan.threshold = self.threshold(&canary.get("replicaProgressThreshold"));
        for (name, what) in [
            ("canaryMetadata", "labels of a role belong into manifests"),
            ("stableMetadata", "labels of a role belong into manifests"),
            ("antiAffinity", "where pods run belongs into manifests"),
        ] {
            let field = canary.get(name);
            if field.is_there() {
                self.notes.info(ELSEWHERE, &field, what);
            }
        }
        let limit = canary.get("scaleDownDelayRevisionLimit");
        if limit.is_there() {
            self.notes.info(
                NOT_CARRIED,
                &limit,
                "only the version before stands by, so there is nothing to limit",
            );
        }
    }

    pub(super) fn is_routed(&self) -> bool {
        !self.routing.routers.is_empty()
    }

    pub(super) fn needs_route(&mut self, field: &Field<'_>) {
        self.notes.error_with_help(
            NEEDS_ROUTE,
            field,
            "it works only where a route shares the traffic",
            "add `trafficRouting`, or take it away",
        );
    }

    pub(super) fn total_weight(&mut self, spec: &Field<'_>) -> u32 {
        let field = spec.at(&["strategy", "canary", "trafficRouting", "maxTrafficWeight"]);
        match self.notes.count(&field) {
            Some(0) => {
                self.notes.bad_value(&field, "above 0");
                100
            }
            Some(total) => total,
            None => 100,
        }
    }

    fn traffic(&mut self, canary: &Field<'_>) -> Traffic {
        let max_surge = self.bound(&canary.get("maxSurge"));
        let max_unavailable = self.bound(&canary.get("maxUnavailable"));
        if self.is_routed() { Traffic::Routed } else { Traffic::ByReplicas { max_surge, max_unavailable } }
    }

    /// A number of pods or a percentage; 25 % where nothing is said.
    fn bound(&mut self, field: &Field<'_>) -> IntOrString {
        let default = IntOrString::Percent(25);
        let Some(value) = field.value() else { return default };
        let number = match (value.as_i64(), value.as_str()) {
            (Some(number), _) => i32::try_from(number).ok().map(IntOrString::Int),
            (None, Some(text)) => text.trim_end_matches('%').parse().ok().map(IntOrString::Percent),
            (None, None) => None,
        };
        let is_negative =
            matches!(number, Some(IntOrString::Int(number) | IntOrString::Percent(number)) if number < 0);
        if number.is_none() || is_negative {
            self.notes.bad_value(field, "a number of pods or a percentage such as `25%`");
        }
        number.filter(|_| !is_negative).unwrap_or(default)
    }

    fn threshold(&mut self, field: &Field<'_>) -> Threshold {
        if !field.is_there() {
            return Threshold::All;
        }
        self.notes.only(field, &["type", "value"]);
        let kind = field.get("type");
        let Some(value) = self.notes.count(&field.get("value")) else { return Threshold::All };
        match kind.as_str() {
            Some("Pods") => Threshold::Pods(value),
            Some("Percent") if value <= 100 => Threshold::Percent(value),
            Some("Percent") => {
                self.notes.bad_value(&field.get("value"), "a percentage from 0 to 100");
                Threshold::All
            }
            _ => {
                self.notes.bad_value(&kind, "`Percent` or `Pods`");
                Threshold::All
            }
        }
    }

    fn background(&mut self, field: &Field<'_>, starts: &[u32]) -> Option<Background> {
        if !field.is_there() {
            return None;
        }
        let analysis = self.analysis(field, None);
        let starting = self.notes.count(&field.get("startingStep")).unwrap_or(0);
        // Beyond the last step the plan refuses it.
        let starting_step = starts.get(starting as usize).copied().unwrap_or(starting);
        (!analysis.templates.is_empty()).then_some(Background { analysis, starting_step })
    }
}

const CANARY: &[&str] = &[
    "abortScaleDownDelaySeconds",
    "analysis",
    "antiAffinity",
    "canaryMetadata",
    "canaryService",
    "dynamicStableScale",
    "maxSurge",
    "maxUnavailable",
    "minPodsPerReplicaSet",
    "pingPong",
    "replicaProgressThreshold",
    "scaleDownDelayRevisionLimit",
    "scaleDownDelaySeconds",
    "stableMetadata",
    "stableService",
    "steps",
    "trafficRouting",
];
