//! Rules of `telemetry.istio.io`.

use pointsman_api::istio::telemetry::{
    AccessLoggingFilter, CustomTag, CustomTagType, MetricMatch, Metrics, MetricsOverrides, ProviderRef,
    TagOperation, TagOverride, Telemetry, Tracing,
};

use crate::cel;
use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::{self, quote, selector::Attachment};

pub(crate) fn telemetry(spec: &Telemetry, _: &Context<'_>, at: &Place<'_>, out: &mut Report) {
    Attachment {
        selector: spec.selector.as_ref(),
        target_ref: spec.target_ref.as_ref(),
        target_refs: &spec.target_refs,
    }
    .check(at, out);
    if spec.tracing.len() > 1 {
        let message = format!("of {} entries of `tracing` only the first counts", spec.tracing.len());
        out.warn(&at.field("tracing"), codes::TRACINGS, message);
    }
    for (position, tracing) in spec.tracing.iter().enumerate() {
        check_tracing(tracing, &at.item("tracing", position), out);
    }
    for (position, metrics) in spec.metrics.iter().enumerate() {
        check_metrics(metrics, &at.item("metrics", position), out);
    }
    for (position, logging) in spec.access_logging.iter().enumerate() {
        let here = at.item("accessLogging", position);
        providers(&logging.providers, &here, out);
        if let Some(filter) = &logging.filter {
            access_logging_filter(filter, &here.field("filter"), out);
        }
    }
}

/// Which requests are written down: an expression of CEL, of which only the syntax is judged.
pub(crate) fn access_logging_filter(filter: &AccessLoggingFilter, at: &Place<'_>, out: &mut Report) {
    if let Err(why) = cel::check(&filter.expression) {
        let message = format!("{} is not an expression of CEL: {why}", quote(&filter.expression));
        out.error(&at.field("expression"), codes::LOG_FILTER, message);
    }
}

fn providers(providers: &[ProviderRef], at: &Place<'_>, out: &mut Report) {
    for (position, provider) in providers.iter().enumerate() {
        if provider.name.is_empty() {
            let place = at.item("providers", position);
            out.error(&place.field("name"), codes::PROVIDER_NAME, "the provider has no name");
        }
    }
}

fn check_tracing(tracing: &Tracing, at: &Place<'_>, out: &mut Report) {
    providers(&tracing.providers, at, out);
    if tracing.providers.len() > 1 {
        let message =
            format!("of {} providers of a trace only the first gets spans", tracing.providers.len());
        out.warn(&at.field("providers"), codes::TRACING_PROVIDERS, message);
    }
    if let Some(percentage) = tracing.random_sampling_percentage {
        words::percent(percentage, &at.field("randomSamplingPercentage"), out);
    }
    let tags = at.field("customTags");
    for (name, tag) in &tracing.custom_tags {
        let here = tags.field(name);
        if name.is_empty() {
            out.error(&here, codes::TAG_NAME, "a tag has no name");
        }
        custom_tag(tag, &here, out);
    }
}

fn custom_tag(tag: &CustomTag, at: &Place<'_>, out: &mut Report) {
    let (source, field, text) = match &tag.kind {
        None => {
            out.error(at, codes::TAG_SOURCE, "the tag does not say where its value comes from");
            return;
        }
        Some(CustomTagType::Literal(literal)) => ("literal", "value", &literal.value),
        Some(CustomTagType::Environment(environment)) => ("environment", "name", &environment.name),
        Some(CustomTagType::Header(header)) => ("header", "name", &header.name),
        // The control plane leaves formats to Envoy.
        Some(_) => return,
    };
    if text.is_empty() {
        let message = format!("the `{field}` of the tag's `{source}` is empty");
        out.error(&at.field(source).field(field), codes::TAG_SOURCE, message);
    }
}

fn check_metrics(metrics: &Metrics, at: &Place<'_>, out: &mut Report) {
    providers(&metrics.providers, at, out);
    for (position, change) in metrics.overrides.iter().enumerate() {
        check_override(change, &at.item("overrides", position), out);
    }
}

fn check_override(change: &MetricsOverrides, at: &Place<'_>, out: &mut Report) {
    let tags = at.field("tagOverrides");
    for (name, tag) in &change.tag_overrides {
        let here = tags.field(name);
        if name.is_empty() {
            out.warn(&here, codes::TAG_NAME, "a tag has no name");
        }
        tag_override(tag, &here, out);
    }
    let custom = change.r#match.as_ref().and_then(|which| which.metric_match.as_ref());
    if let Some(MetricMatch::CustomMetric(name)) = custom
        && name.is_empty()
    {
        let place = at.field("match");
        out.error(&place.field("customMetric"), codes::METRIC_NAME, "the metric has no name");
    }
}

fn tag_override(tag: &TagOverride, at: &Place<'_>, out: &mut Report) {
    match tag.operation {
        TagOperation::Upsert if tag.value.is_empty() => {
            out.error(&at.field("value"), codes::TAG_UPSERT, "the tag gets no value");
        }
        TagOperation::Remove if !tag.value.is_empty() => {
            out.error(&at.field("value"), codes::TAG_REMOVE, "the tag is removed, but has a value");
        }
        _ => {}
    }
}
