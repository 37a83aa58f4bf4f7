//! Analyses and their templates.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_judge::{Provider, Query};
use pointsman_rollout::{Analysis, Role};

use super::Reading;
use crate::codes::UNKNOWN_OBJECT;
use crate::field::{Field, Notes};
use crate::imported::{Argument, Measured};
use crate::metric::{Limits, Metric, Template};

/// What the name of a template of the whole cluster begins with.
pub(super) const CLUSTER: &str = "cluster/";

/// Templates that include others are followed so deep.
const DEPTH: usize = 16;

impl Reading<'_, '_> {
    /// An analysis of a step, or beside the steps.
    pub(super) fn analysis(&mut self, field: &Field<'_>, step: Option<usize>) -> Analysis {
        self.notes.only(field, ANALYSIS);
        let list = field.get("templates");
        let mut names = Vec::new();
        for item in self.notes.items(&list) {
            self.notes.only(&item, &["templateName", "clusterScope"]);
            names.push(self.template_name(&item));
        }
        if names.is_empty() {
            self.notes.missing(&list, "an analysis needs at least one template");
        }
        names.retain(|name| !name.is_empty());
        self.measures(field, names.clone(), step);
        Analysis::of(names)
    }

    pub(super) fn template_name(&mut self, item: &Field<'_>) -> String {
        let name = self.notes.needed_text(&item.get("templateName"), "a template is called by its name");
        let of_cluster = self.notes.flag(&item.get("clusterScope")) == Some(true);
        if of_cluster && !name.is_empty() { format!("{CLUSTER}{name}") } else { name }
    }

    /// Notes which templates are measured with which arguments.
    pub(super) fn measures(&mut self, field: &Field<'_>, templates: Vec<String>, step: Option<usize>) {
        let arguments = self.arguments(&field.get("args"));
        let mut dry_run = Vec::new();
        for item in self.notes.items(&field.get("dryRun")) {
            dry_run.extend(self.notes.text(&item.get("metricName")));
        }
        let arguments = arguments.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        self.measured.push(Measured { step, templates, arguments, dry_run });
    }

    fn arguments(&mut self, field: &Field<'_>) -> BTreeMap<String, Option<Argument>> {
        arguments(&mut self.notes, field)
    }

    /// The templates that analyses name, and those that they include.
    pub(super) fn templates(&mut self) -> BTreeMap<String, Template> {
        let mut wanted: Vec<(String, usize)> = self
            .measured
            .iter()
            .flat_map(|measured| measured.templates.iter().map(|name| (name.clone(), 0)))
            .filter(|(name, _)| !name.starts_with(super::steps::PLUGIN))
            .collect();
        let (mut found, mut looked_for) = (BTreeMap::new(), BTreeSet::new());
        while let Some((name, depth)) = wanted.pop() {
            if depth > DEPTH || !looked_for.insert(name.clone()) {
                continue;
            }
            let (kind, bare) = match name.strip_prefix(CLUSTER) {
                Some(bare) => ("ClusterAnalysisTemplate", bare),
                None => ("AnalysisTemplate", name.as_str()),
            };
            let Some(value) = self.objects.find(kind, self.namespace, bare) else {
                let nowhere = Field::root(&pointsman_manifest::Value::Null);
                let message = format!("there is no {kind} `{bare}` among the objects");
                self.notes.info(UNKNOWN_OBJECT, &nowhere.get("spec"), message);
                continue;
            };
            let mut notes = Notes::on(value.object_ref());
            let template = read_template(&mut notes, &Field::root(value));
            self.notes.list.append(&mut notes.list);
            wanted.extend(template.includes.iter().map(|name| (name.clone(), depth + 1)));
            found.insert(name, template);
        }
        found
    }
}

fn arguments(notes: &mut Notes, field: &Field<'_>) -> BTreeMap<String, Option<Argument>> {
    let mut found = BTreeMap::new();
    for item in notes.items(field) {
        notes.only(&item, &["name", "value", "valueFrom"]);
        let name = notes.needed_text(&item.get("name"), "an argument needs a name");
        let from = item.get("valueFrom");
        notes.only(&from, &["fieldRef", "podTemplateHashValue", "secretKeyRef"]);
        let value = if item.get("value").is_there() {
            notes.text(&item.get("value")).map(Argument::Value)
        } else if let Some(path) = from.at(&["fieldRef", "fieldPath"]).as_str() {
            Some(Argument::Field(path.to_owned()))
        } else if let Some(role) = from.get("podTemplateHashValue").as_str() {
            Some(Argument::VersionOf(if role == "Stable" { Role::Stable } else { Role::Canary }))
        } else if from.get("secretKeyRef").is_there() {
            let text = |name| from.at(&["secretKeyRef", name]).as_str().unwrap_or_default().to_owned();
            Some(Argument::Secret(text("name"), text("key")))
        } else {
            None
        };
        found.insert(name, value);
    }
    found
}

fn read_template(notes: &mut Notes, root: &Field<'_>) -> Template {
    let spec = root.get("spec");
    notes.only(&spec, &["args", "dryRun", "measurementRetention", "metrics", "templates"]);
    let mut template = Template {
        arguments: arguments(notes, &spec.get("args")),
        metrics: Vec::new(),
        includes: Vec::new(),
    };
    for item in notes.items(&spec.get("metrics")) {
        template.metrics.push(read_metric(notes, &item));
    }
    for item in notes.items(&spec.get("templates")) {
        let name = notes.needed_text(&item.get("templateName"), "a template is called by its name");
        let of_cluster = notes.flag(&item.get("clusterScope")) == Some(true);
        template.includes.push(if of_cluster { format!("{CLUSTER}{name}") } else { name });
    }
    notes.unread(&spec);
    template
}

fn read_metric(notes: &mut Notes, item: &Field<'_>) -> Metric {
    notes.only(item, METRIC);
    let mut metric = Metric::named(notes.needed_text(&item.get("name"), "a metric needs a name"));
    let length = |notes: &mut Notes, field: &Field<'_>| {
        let text = notes.text(field)?;
        let read = pointsman_types::duration::go::parse(&text).ok();
        // What holds an argument is known only when it is measured.
        if read.is_none() && !text.contains("{{") {
            notes.bad_value(field, "a duration such as `1m`");
        }
        read
    };
    metric.interval = length(notes, &item.get("interval"));
    metric.initial_delay = length(notes, &item.get("initialDelay"));
    metric.success_condition = notes.text(&item.get("successCondition"));
    metric.failure_condition = notes.text(&item.get("failureCondition"));
    let number = |field: Field<'_>| {
        let value = field.value()?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    };
    metric.count =
        number(item.get("count")).and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
    metric.limits = Limits {
        failure: number(item.get("failureLimit")).unwrap_or(0),
        inconclusive: number(item.get("inconclusiveLimit")).unwrap_or(0),
        consecutive_error: number(item.get("consecutiveErrorLimit")),
        consecutive_success: number(item.get("consecutiveSuccessLimit")).unwrap_or(0),
    };
    metric.query = query(&item.get("provider"));
    metric
}

/// The question in the provider's own language; what else it has goes along as parameters.
fn query(provider: &Field<'_>) -> Option<Query> {
    let entries = provider.entries();
    let (name, field) = entries.first()?;
    let kind = match *name {
        "prometheus" => Provider::Prometheus,
        "datadog" => Provider::Datadog,
        "newRelic" => Provider::NewRelic,
        "wavefront" => Provider::Wavefront,
        "cloudWatch" => Provider::CloudWatch,
        "graphite" => Provider::Graphite,
        "influxdb" => Provider::InfluxDb,
        "skywalking" => Provider::SkyWalking,
        "kayenta" => Provider::Kayenta,
        "web" => Provider::Web,
        "job" => Provider::Job,
        other => Provider::Other(other.to_owned()),
    };
    let text = ["query", "jsonPath"].iter().find_map(|name| field.get(name).as_str()).unwrap_or_default();
    let mut query = Query::new(kind, text);
    for (name, value) in field.entries() {
        let written =
            value.as_str().map(str::to_owned).or_else(|| value.value().map(|value| value.to_json()));
        match (name, written) {
            ("query" | "jsonPath", _) | (_, None) => {}
            ("address" | "url", Some(text)) => match url::Url::parse(&text) {
                Ok(address) => query.address = Some(address),
                // An argument stands in it.
                Err(_) => query = query.with_parameter(name, text),
            },
            (name, Some(text)) => query = query.with_parameter(name, text),
        }
    }
    Some(query)
}

const ANALYSIS: &[&str] =
    &["analysisRunMetadata", "args", "dryRun", "measurementRetention", "startingStep", "templates"];

const METRIC: &[&str] = &[
    "consecutiveErrorLimit",
    "consecutiveSuccessLimit",
    "count",
    "failureCondition",
    "failureLimit",
    "inconclusiveLimit",
    "initialDelay",
    "interval",
    "name",
    "provider",
    "successCondition",
];
