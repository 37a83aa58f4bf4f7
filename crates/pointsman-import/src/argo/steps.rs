//! The steps of a canary.

use pointsman_rollout::{Analysis, CanaryScale, Pause, PlanStep};
use pointsman_types::{
    Weight,
    duration::{TimeDelta, go},
};

use super::Reading;
use crate::codes::{BAD_VALUE, DIFFERS, NOT_ONE};
use crate::field::Field;

/// The kinds of steps, as a manifest names them, in the order in which they are done where a step says several things.
pub(super) const KINDS: &[&str] = &[
    "setCanaryScale",
    "setWeight",
    "setHeaderRoute",
    "setMirrorRoute",
    "experiment",
    "analysis",
    "plugin",
    "pause",
];

/// Those of which a step has one.
const ALONE: &[&str] = &["setWeight", "experiment", "analysis", "pause"];

/// What the name of a plugin's analysis begins with.
pub(super) const PLUGIN: &str = "plugin/";

impl Reading<'_, '_> {
    /// The steps, and for each that is written the index of its first.
    pub(super) fn steps(&mut self, steps: &Field<'_>) -> (Vec<PlanStep>, Vec<u32>) {
        let (mut all, mut starts) = (Vec::new(), Vec::new());
        for (index, step) in self.notes.items(steps).iter().enumerate() {
            starts.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
            for kind in self.kinds(step) {
                all.extend(self.step(kind, &step.get(kind), index));
            }
        }
        (all, starts)
    }

    /// What a step says: one thing, or several that are done one after another.
    fn kinds(&mut self, step: &Field<'_>) -> Vec<&'static str> {
        self.notes.only(step, KINDS);
        let Some(written) = step.as_map() else {
            self.notes.error(NOT_ONE, step, "a step says what to do");
            return Vec::new();
        };
        // A null stands for nothing, but `pause:` alone is a pause.
        let is_said =
            |kind: &&str| written.get(kind).is_some_and(|value| !value.is_null() || *kind == "pause");
        let kinds: Vec<&str> = KINDS.iter().copied().filter(is_said).collect();
        let words = format!("`{}`", kinds.join("` and `"));
        if kinds.is_empty() {
            self.notes.error(NOT_ONE, step, "a step says what to do, and this says nothing");
        } else if kinds.iter().filter(|kind| ALONE.contains(kind)).count() > 1 {
            self.notes.error(NOT_ONE, step, format!("a step says one thing, and this says {words}"));
            return Vec::new();
        } else if kinds.len() > 1 {
            self.notes.warning(
                DIFFERS,
                step,
                format!("the step says several things, done in this order: {words}"),
            );
        }
        kinds
    }

    fn step(&mut self, kind: &str, field: &Field<'_>, index: usize) -> Option<PlanStep> {
        match kind {
            "setWeight" => self.set_weight(field),
            "pause" => self.pause(field).map(PlanStep::Pause),
            "setCanaryScale" => self.set_canary_scale(field).map(PlanStep::SetCanaryScale),
            "analysis" => Some(PlanStep::Analysis(self.analysis(field, Some(index)))),
            "experiment" => self.experiment(field, index).map(PlanStep::Experiment),
            "setHeaderRoute" => self.header_route(field).map(PlanStep::SetRoute),
            "setMirrorRoute" => self.mirror_route(field).map(PlanStep::SetRoute),
            _ => self.plugin(field),
        }
    }

    fn set_weight(&mut self, field: &Field<'_>) -> Option<PlanStep> {
        Some(PlanStep::SetWeight(Weight::new(self.notes.count(field)?)))
    }

    fn pause(&mut self, field: &Field<'_>) -> Option<Pause> {
        self.notes.only(field, &["duration"]);
        let duration = field.get("duration");
        if duration.is_there() { self.duration(&duration).map(Pause::of) } else { Some(Pause::FOR_A_PERSON) }
    }

    /// Seconds as a number or a text, or what Go reads as a duration.
    pub(super) fn duration(&mut self, field: &Field<'_>) -> Option<TimeDelta> {
        let value = field.value()?;
        let seconds = value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(TimeDelta::from_secs);
        let read = seconds.or_else(|| go::parse(value.as_str()?).ok()).filter(|length| !length.is_negative());
        if read.is_none() {
            self.notes.bad_value(field, "a number of seconds or a duration such as `1h30m`");
        }
        read
    }

    fn set_canary_scale(&mut self, field: &Field<'_>) -> Option<CanaryScale> {
        self.notes.only(field, &["replicas", "weight", "matchTrafficWeight"]);
        if !self.is_routed() {
            self.needs_route(field);
            return None;
        }
        let matches = self.notes.flag(&field.get("matchTrafficWeight")) == Some(true);
        let replicas = self.notes.count(&field.get("replicas"));
        let weight = self.notes.count(&field.get("weight"));
        match (matches, replicas, weight) {
            (true, None, None) => Some(CanaryScale::MatchTraffic),
            (false, Some(replicas), None) => Some(CanaryScale::Replicas(replicas)),
            (false, None, Some(weight)) => Some(CanaryScale::Weight(weight)),
            _ => {
                self.notes.error(
                    NOT_ONE,
                    field,
                    "a scale is one of `replicas`, `weight` and `matchTrafficWeight: true`",
                );
                None
            }
        }
    }

    /// A plugin is something that is asked and answers: an analysis by its name.
    fn plugin(&mut self, field: &Field<'_>) -> Option<PlanStep> {
        let name = field.get("name");
        let text = self.notes.needed_text(&name, "a plugin needs a name");
        if text.is_empty() {
            return None;
        }
        self.notes.info(
            DIFFERS,
            field,
            format!("the plugin becomes an analysis named `{PLUGIN}{text}`: report how it ended"),
        );
        Some(PlanStep::Analysis(Analysis::of([format!("{PLUGIN}{text}")])))
    }

    pub(super) fn text_match(&mut self, field: &Field<'_>) -> Option<pointsman_rollout::TextMatch> {
        use pointsman_rollout::TextMatch;
        self.notes.only(field, &["exact", "prefix", "regex"]);
        let entries = field.entries();
        let [(kind, value)] = entries.as_slice() else {
            self.notes.error(NOT_ONE, field, "a text is compared by one of `exact`, `prefix` and `regex`");
            return None;
        };
        let text = self.notes.text(value)?;
        match *kind {
            "exact" => Some(TextMatch::Exact(text)),
            "prefix" => Some(TextMatch::Prefix(text)),
            "regex" => Some(TextMatch::Regex(text)),
            _ => None,
        }
    }

    pub(super) fn is_managed(&mut self, name: &str, field: &Field<'_>) {
        if !self.routing.managed_routes.iter().any(|managed| managed == name) {
            self.notes.error_with_help(
                BAD_VALUE,
                field,
                &format!("route `{name}` is not among `managedRoutes`"),
                "add it to `trafficRouting.managedRoutes`",
            );
        }
    }
}
