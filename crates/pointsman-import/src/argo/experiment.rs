//! Experiments.

use pointsman_rollout::{Analysis, Experiment, Role, Unfinished, Variant, Version};
use pointsman_types::Weight;

use super::Reading;
use crate::codes::{BAD_VALUE, DIFFERS, ELSEWHERE};
use crate::field::Field;

impl Reading<'_, '_> {
    pub(super) fn experiment(&mut self, field: &Field<'_>, index: usize) -> Option<Experiment> {
        self.notes.only(field, EXPERIMENT);
        let name = format!("step-{}", index + 1);
        let mut variants = Vec::new();
        for template in self.notes.items(&field.get("templates")) {
            variants.extend(self.variant(&template, &name));
        }
        let mut experiment = Experiment::new(name, variants);
        let duration = field.get("duration");
        if duration.is_there() {
            experiment.duration = Some(self.duration(&duration)?);
        }
        experiment.analysis = self.analyses(field, index);
        experiment.unfinished = unfinished(self, field);
        Some(experiment)
    }

    fn variant(&mut self, template: &Field<'_>, experiment: &str) -> Option<Variant> {
        self.notes
            .only(template, &["metadata", "name", "replicas", "selector", "service", "specRef", "weight"]);
        let name = self.notes.needed_text(&template.get("name"), "a template of an experiment needs a name");
        let version = Version::new(&format!("{experiment}-{name}"));
        if version.is_err() {
            self.notes.bad_value(&template.get("name"), "a name for pods");
        }
        let spec = template.get("specRef");
        let copy_of = match spec.as_str() {
            Some("stable") => Role::Stable,
            Some("canary") => Role::Canary,
            _ => {
                self.notes.error(BAD_VALUE, &spec, "`specRef` is `stable` or `canary`");
                return None;
            }
        };
        let weight = template.get("weight");
        if weight.is_there() && !self.is_routed() {
            self.needs_route(&weight);
        }
        for (name, what) in [
            ("metadata", "labels belong into manifests"),
            ("selector", "selectors belong into manifests"),
            ("service", "services belong into manifests"),
        ] {
            let field = template.get(name);
            if field.is_there() {
                self.notes.info(ELSEWHERE, &field, what);
            }
        }
        let replicas = self.notes.count(&template.get("replicas")).unwrap_or(1);
        let weight = Weight::new(self.notes.count(&weight).unwrap_or(0));
        Some(Variant { version: version.ok()?, copy_of, replicas, weight })
    }

    /// All analyses of an experiment are one, whose failure is a failure of all.
    fn analyses(&mut self, field: &Field<'_>, index: usize) -> Option<Analysis> {
        let items = self.notes.items(&field.get("analyses"));
        let mut templates = Vec::new();
        for item in &items {
            self.notes.only(item, &["name", "templateName", "clusterScope", "args", "requiredForCompletion"]);
            let name = self.template_name(item);
            if !name.is_empty() {
                self.measures(item, vec![name.clone()], Some(index));
                templates.push(name);
            }
            let required = item.get("requiredForCompletion");
            if field.get("duration").is_there() && required.is_there() {
                self.notes.info(
                    DIFFERS,
                    &required,
                    "an experiment with a duration lasts as long, also where all it requires is answered before",
                );
            }
        }
        (!templates.is_empty()).then(|| Analysis::of(templates))
    }
}

/// One that is required is waited for, and so are all where nothing else ends the experiment.
fn unfinished(reading: &mut Reading<'_, '_>, field: &Field<'_>) -> Unfinished {
    let items = reading.notes.items(&field.get("analyses"));
    let mut required = false;
    for item in &items {
        required |= reading.notes.flag(&item.get("requiredForCompletion")) == Some(true);
    }
    if !required && !items.is_empty() && field.get("duration").is_there() {
        Unfinished::Stopped
    } else {
        Unfinished::Awaited
    }
}

const EXPERIMENT: &[&str] =
    &["analyses", "analysisRunMetadata", "dryRun", "duration", "scaleDownDelaySeconds", "templates"];
