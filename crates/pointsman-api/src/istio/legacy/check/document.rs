//! Whole documents of the old kinds, as Galley 1.0 let them through.

use pointsman_manifest::Value;
use pointsman_types::{Diagnostic, FieldPath, Severity, suggest};

use super::{Check, NOT_SUPPORTED, check};
use crate::decode::{Decoded, Decoder, UNKNOWN_FIELD};
use crate::istio::legacy::{
    AttributeManifest, CheckNothing, Denier, DestinationPolicy, EgressRule, GROUP, HTTPAPISpec,
    HTTPAPISpecBinding, Handler, IngressRule, Instance, ListChecker, ListEntry, MemQuota, Policy, Prometheus,
    Quota, QuotaSpec, QuotaSpecBinding, RedisQuota, RouteRule, Rule, ServiceRole, ServiceRoleBinding,
};
use crate::object::{Kind, Object, group_and_version, object_ref_of};

/// The kinds of Mixer that are known by the names of their fields only.
const OTHERS: &[(&str, &[&str])] = &[
    ("apikey", &["api", "apiVersion", "apiOperation", "apiKey", "timestamp"]),
    ("authorization", &["subject", "action"]),
    ("bypass", &["backendAddress", "params", "sessionBased"]),
    ("circonus", &["submissionUrl", "submissionInterval", "metrics"]),
    ("cloudwatch", &["namespace", "metricInfo"]),
    ("dogstatsd", &["address", "prefix", "bufferLength", "globalTags", "sampleRate", "metrics"]),
    (
        "edge",
        &[
            "timestamp",
            "sourceWorkloadNamespace",
            "sourceWorkloadName",
            "sourceOwner",
            "sourceUid",
            "destinationWorkloadNamespace",
            "destinationWorkloadName",
            "destinationOwner",
            "destinationUid",
            "contextProtocol",
            "apiProtocol",
        ],
    ),
    ("fluentd", &["address", "integerDuration"]),
    (
        "kubernetes",
        &["sourceUid", "sourceIp", "destinationUid", "destinationIp", "destinationPort", "attributeBindings"],
    ),
    ("kubernetesenv", &["kubeconfigPath", "cacheRefreshDuration"]),
    (
        "logentry",
        &["variables", "timestamp", "severity", "monitoredResourceType", "monitoredResourceDimensions"],
    ),
    ("metric", &["value", "dimensions", "monitoredResourceType", "monitoredResourceDimensions"]),
    ("noop", &[]),
    ("opa", &["policy", "checkMethod", "failClose"]),
    ("rbac", &["configStoreUrl", "cacheDuration"]),
    ("reportnothing", &[]),
    ("servicecontrol", &["runtimeConfig", "credentialPath", "serviceConfigs"]),
    (
        "servicecontrolreport",
        &[
            "apiVersion",
            "apiOperation",
            "apiProtocol",
            "apiService",
            "apiKey",
            "requestTime",
            "requestMethod",
            "requestPath",
            "requestBytes",
            "responseTime",
            "responseCode",
            "responseBytes",
            "responseLatency",
        ],
    ),
    (
        "signalfx",
        &["accessToken", "ingestUrl", "datapointInterval", "metrics", "enableMetrics", "enableTracing"],
    ),
    (
        "solarwinds",
        &[
            "appopticsAccessToken",
            "appopticsBatchSize",
            "papertrailUrl",
            "papertrailLocalRetentionDuration",
            "metrics",
            "logs",
        ],
    ),
    (
        "stackdriver",
        &[
            "endpoint",
            "projectId",
            "pushInterval",
            "appCredentials",
            "apiKey",
            "serviceAccountPath",
            "metricInfo",
            "logInfo",
            "trace",
        ],
    ),
    ("statsd", &["address", "prefix", "flushDuration", "flushBytes", "samplingRate", "metrics"]),
    (
        "stdio",
        &[
            "logStream",
            "severityLevels",
            "metricLevel",
            "outputAsJson",
            "outputLevel",
            "outputPath",
            "maxMegabytesBeforeRotation",
            "maxDaysBeforeRotation",
            "maxRotatedFiles",
        ],
    ),
    (
        "tracespan",
        &[
            "traceId",
            "spanId",
            "parentSpanId",
            "spanName",
            "startTime",
            "endTime",
            "spanTags",
            "httpStatusCode",
            "clientSpan",
            "rewriteClientSpanId",
            "sourceName",
            "sourceIp",
            "destinationName",
            "destinationIp",
            "requestSize",
            "requestTotalSize",
            "responseSize",
            "responseTotalSize",
            "apiProtocol",
        ],
    ),
];

/// Whether it is a kind of the old model.
#[must_use]
pub fn is_known_kind(value: &Value) -> bool {
    judge(value).is_some()
}

/// All that is wrong with a document of an old kind; `None` where it is of another kind.
///
/// Unknown fields are errors, as they were then. Paths begin at the document.
#[must_use]
pub fn check_document(value: &Value) -> Option<Vec<Diagnostic>> {
    let mut findings = judge(value)?;
    for finding in &mut findings {
        if finding.code == UNKNOWN_FIELD {
            finding.severity = Severity::Error;
        }
    }
    Some(findings)
}

fn judge(value: &Value) -> Option<Vec<Diagnostic>> {
    let named = object_ref_of(value);
    macro_rules! checked {
        ($($kind:ident),*) => {$(
            if Object::<$kind>::is_kind_of(value) {
                return Some(of_checked::<$kind>(value));
            }
        )*};
    }
    macro_rules! read {
        ($($kind:ident),*) => {$(
            if Object::<$kind>::is_kind_of(value) {
                return Some(Object::<$kind>::from_value(value).findings);
            }
        )*};
    }
    checked!(
        RouteRule,
        IngressRule,
        DestinationPolicy,
        EgressRule,
        Rule,
        QuotaSpec,
        QuotaSpecBinding,
        HTTPAPISpec,
        HTTPAPISpecBinding,
        Policy,
        ServiceRole,
        ServiceRoleBinding
    );
    read!(
        Handler,
        Instance,
        MemQuota,
        RedisQuota,
        Quota,
        Denier,
        CheckNothing,
        ListEntry,
        ListChecker,
        Prometheus,
        AttributeManifest
    );
    let (group, _) = group_and_version(&named.api_version);
    let (_, fields) = OTHERS.iter().find(|(kind, _)| group == GROUP && *kind == named.kind)?;
    Some(of_names(value, fields))
}

fn of_checked<T: Kind + Check>(value: &Value) -> Vec<Diagnostic> {
    let Decoded { value: object, mut findings } = Object::<T>::from_value(value);
    let named = object.object_ref();
    let spec = FieldPath::root().field("spec");
    findings.extend(check(&object.spec).into_iter().map(|finding| {
        let path = spec.clone().join(&finding.path);
        finding.on(named.clone()).at(path)
    }));
    findings
}

fn of_names(value: &Value, fields: &'static [&'static str]) -> Vec<Diagnostic> {
    let mut decoder = Decoder::new(object_ref_of(value));
    let spec = value.get("spec").filter(|spec| !spec.is_null());
    decoder.in_field("spec", |decoder| {
        let Some(spec) = spec.and_then(|spec| decoder.map(spec)) else { return };
        for (name, _) in spec.iter() {
            if !fields.contains(&crate::decode::camel_case(name).as_str()) {
                let mut finding = Diagnostic::error(
                    NOT_SUPPORTED,
                    format!("unknown field `{}`", crate::decode::shortened(name)),
                );
                if let Some(near) = suggest::nearest(name, fields.iter().copied()) {
                    finding = finding.with_help(format!("did you mean `{near}`?"));
                }
                decoder.in_field(name, |decoder| decoder.report(finding));
            }
        }
    });
    decoder.into_findings()
}
