//! Metrics: built-in ones, queries in place, and templates.

use pointsman_judge::{Measure, NoValue, Provider, Query, Threshold};
use pointsman_types::duration::go;

use super::Reading;
use crate::codes::{MISSING, UNKNOWN_OBJECT};
use crate::field::{Field, Notes};
use crate::imported::{Argument, Measured};
use crate::metric::{Metric, Template};

impl Reading<'_, '_> {
    /// The names of what is measured at each check.
    pub(super) fn metrics(&mut self, field: &Field<'_>) -> Vec<String> {
        let items = self.notes.items(field);
        items.iter().filter_map(|item| self.metric(item)).collect()
    }

    fn metric(&mut self, item: &Field<'_>) -> Option<String> {
        self.notes.only(
            item,
            &["interval", "name", "query", "templateRef", "templateVariables", "threshold", "thresholdRange"],
        );
        let name = self.notes.needed_text(&item.get("name"), "a metric needs a name");
        if name.is_empty() {
            return None;
        }
        let mut metric = Metric::named(name.clone());
        metric.interval = item.get("interval").as_str().and_then(|text| go::parse(text).ok());
        metric.range = range(item);
        metric.query = self.query(item);
        metric.threshold = builtin(&name, item, metric.range);
        if metric.query.is_none() && metric.threshold.is_none() && !item.get("templateRef").is_there() {
            self.notes.warning(
                MISSING,
                item,
                format!(
                    "`{name}` is not built in, and no query says what it is: Flagger fails it at every check"
                ),
            );
        }
        let variables = item.get("templateVariables").entries();
        let variables = variables.iter().filter_map(|(key, value)| {
            Some(((*key).to_owned(), Argument::Value(value.as_str()?.to_owned())))
        });
        self.measured.push(Measured {
            step: None,
            templates: vec![name.clone()],
            arguments: variables.collect(),
            dry_run: Vec::new(),
        });
        let template = Template { arguments: [].into(), metrics: vec![metric], includes: Vec::new() };
        self.templates.insert(name.clone(), template);
        Some(name)
    }

    fn query(&mut self, item: &Field<'_>) -> Option<Query> {
        if let Some(text) = item.get("query").as_str() {
            return Some(Query::new(Provider::Prometheus, text));
        }
        let reference = item.get("templateRef");
        let name = reference.get("name").as_str()?;
        let namespace = reference.get("namespace").as_str().unwrap_or(self.namespace);
        let Some(value) = self.objects.find("MetricTemplate", namespace, name) else {
            let message = format!("there is no MetricTemplate `{name}` among the objects");
            self.notes.info(UNKNOWN_OBJECT, &reference, message);
            return None;
        };
        let mut notes = Notes::on(value.object_ref());
        let query = template_query(&mut notes, &Field::root(value).get("spec"));
        self.notes.list.append(&mut notes.list);
        Some(query)
    }
}

fn template_query(notes: &mut Notes, spec: &Field<'_>) -> Query {
    notes.only(spec, &["provider", "query"]);
    let provider = spec.get("provider");
    let kind = match provider.get("type").as_str().unwrap_or("prometheus") {
        "prometheus" => Provider::Prometheus,
        "datadog" => Provider::Datadog,
        "newrelic" => Provider::NewRelic,
        "cloudwatch" => Provider::CloudWatch,
        "graphite" => Provider::Graphite,
        "influxdb" => Provider::InfluxDb,
        other => Provider::Other(other.to_owned()),
    };
    let mut query = Query::new(kind, spec.get("query").as_str().unwrap_or_default());
    if let Some(address) = provider.get("address").as_str() {
        match url::Url::parse(address) {
            Ok(address) => query.address = Some(address),
            Err(_) => query = query.with_parameter("address", address),
        }
    }
    for name in ["region"] {
        if let Some(text) = provider.get(name).as_str() {
            query = query.with_parameter(name, text);
        }
    }
    if let Some(secret) = provider.at(&["secretRef", "name"]).as_str() {
        query = query.with_parameter("secretRef.name", secret);
    }
    notes.unread(spec);
    query
}

/// `threshold` is the greatest value, and not looked at beside a range.
fn range(item: &Field<'_>) -> (Option<f64>, Option<f64>) {
    let number = |field: Field<'_>| field.value().and_then(pointsman_manifest::Value::as_f64);
    let range = item.get("thresholdRange");
    if range.is_there() {
        return (number(range.get("min")), number(range.get("max")));
    }
    (None, number(item.get("threshold")))
}

/// The built-in metrics, in the units of the judge.
fn builtin(name: &str, item: &Field<'_>, (min, max): (Option<f64>, Option<f64>)) -> Option<Threshold> {
    let threshold = match name {
        "request-success-rate" => {
            // The plain threshold of this one is the least.
            let (min, max) = if item.get("thresholdRange").is_there() { (min, max) } else { (max, None) };
            let share = |percent: f64| percent / 100.0;
            Threshold::within(Measure::SuccessShare, min.map(share), max.map(share))
        }
        "request-duration" => Threshold::within(Measure::LatencyMs { quantile: 0.99 }, min, max),
        _ => return None,
    };
    threshold.ok().map(|threshold| threshold.with_no_value(NoValue::Fail))
}
