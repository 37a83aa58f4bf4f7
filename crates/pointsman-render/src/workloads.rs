//! Deployments, services and service accounts of a component.

use std::collections::BTreeMap;

use pointsman_api::app::{Application, Component, Probe, ProbeTarget, ScaleDown, Version};
use pointsman_api::core::{
    Deployment, DeploymentStrategy, LabelSelector, PodTemplate, RollingUpdate, Service, ServicePort,
};
use pointsman_api::{Object, ObjectMeta};
use pointsman_manifest::{Map, Value};
use pointsman_types::duration::{TimeDelta, proto};

/// The label that names the component.
pub(crate) const APP: &str = "app";
/// The label that names the version.
pub(crate) const VERSION: &str = "version";
/// The label that names the application.
const PART_OF: &str = "app.kubernetes.io/part-of";
/// The label that names the cluster.
const CLUSTER: &str = "cluster";

/// Labels that everything of a component has.
pub(crate) fn component_labels(application: &Application, component: &Component) -> BTreeMap<String, String> {
    let mut labels = labels([(APP, component.name.as_str()), (PART_OF, application.name.as_str())]);
    if !application.cluster.is_empty() {
        labels.insert(CLUSTER.into(), application.cluster.clone());
    }
    labels
}

pub(crate) fn labels<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

pub(crate) fn service_account_name(application: &Application, component: &Component) -> String {
    format!("{}-{}", application.name, component.name)
}

pub(crate) fn service_account(application: &Application, component: &Component) -> Value {
    let metadata = ObjectMeta::new()
        .with_name(service_account_name(application, component))
        .with_namespace(application.namespace_or_default())
        .with_labels(component_labels(application, component));
    let mut fields = Map::new();
    fields.insert("apiVersion", "v1");
    fields.insert("kind", "ServiceAccount");
    fields.insert("metadata", Value::from_serialize(&metadata).unwrap_or_default());
    Value::Map(fields)
}

/// The service selects by component alone, so it covers all versions: shares are the route's business.
pub(crate) fn service(application: &Application, component: &Component) -> Value {
    let mut port = ServicePort::new()
        .with_name(component.protocol_or_default())
        .with_port(i32::try_from(component.service_port()).unwrap_or(i32::MAX));
    if component.mesh_port != 0 && component.mesh_port != component.container_port {
        port.target_port = i32::try_from(component.container_port).ok().map(Into::into);
    }
    let service =
        Service::new().with_ports(vec![port]).with_selector(labels([(APP, component.name.as_str())]));
    let mut object = Object::new(application.namespace_or_default(), &component.name, service);
    object.metadata.labels = component_labels(application, component);
    object.to_value()
}

pub(crate) fn deployment_name(component: &str, version: &str) -> String {
    format!("{component}-{version}")
}

pub(crate) fn deployment(application: &Application, component: &Component, version: &Version) -> Value {
    let selector = labels([(APP, component.name.as_str()), (VERSION, version.name.as_str())]);
    let mut all_labels = component_labels(application, component);
    all_labels.insert(VERSION.into(), version.name.clone());
    let mut pod_labels = all_labels.clone();
    pod_labels.insert("sidecar.istio.io/inject".into(), "true".into());

    let mut pod_metadata = ObjectMeta::new().with_labels(pod_labels);
    pod_metadata.annotations = annotations(component);
    let template =
        PodTemplate::new().with_metadata(pod_metadata).with_spec(pod_spec(application, component, version));
    let mut deployment = Deployment::new()
        .with_replicas(i32::try_from(version.replicas.unwrap_or(1)).unwrap_or(i32::MAX))
        .with_selector(LabelSelector::new().with_match_labels(selector))
        .with_template(template);
    if let Some(strategy) = &component.upgrade_strategy {
        deployment.min_ready_seconds = strategy.min_ready.map_or(0, |delta| whole_seconds(delta) as i32);
        deployment.strategy = Some(if strategy.recreate {
            DeploymentStrategy::new().with_type("Recreate")
        } else {
            let mut rolling = RollingUpdate::new();
            rolling.max_surge = strategy.max_surge;
            rolling.max_unavailable = strategy.max_unavailable;
            DeploymentStrategy::new().with_type("RollingUpdate").with_rolling_update(rolling)
        });
    }
    let mut object = Object::new(
        application.namespace_or_default(),
        deployment_name(&component.name, &version.name),
        deployment,
    );
    object.metadata.labels = all_labels;
    object.to_value()
}

fn annotations(component: &Component) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::new();
    if let Some(monitoring) = &component.monitoring {
        let port = if monitoring.port == 0 { component.container_port } else { monitoring.port };
        let path = if monitoring.path.is_empty() { "/metrics" } else { &monitoring.path };
        annotations.insert("prometheus.io/scrape".into(), "true".into());
        annotations.insert("prometheus.io/port".into(), port.to_string());
        annotations.insert("prometheus.io/path".into(), path.into());
    }
    if let Some(ScaleDown { drain: Some(drain), .. }) = &component.scale_down {
        annotations.insert(
            "proxy.istio.io/config".into(),
            format!("{{\"terminationDrainDuration\": \"{}\"}}", proto::format(*drain)),
        );
    }
    annotations
}

fn pod_spec(application: &Application, component: &Component, version: &Version) -> Value {
    let mut spec = Map::new();
    spec.insert("serviceAccountName", service_account_name(application, component));
    if let Some(ScaleDown { grace_period: Some(grace), .. }) = &component.scale_down {
        spec.insert("terminationGracePeriodSeconds", whole_seconds(*grace));
    }
    let container = &version.container;
    let mut fields = Map::new();
    fields.insert("name", component.name.as_str());
    fields.insert("image", container.image.as_str());
    if !container.image_pull_policy.is_empty() {
        fields.insert("imagePullPolicy", container.image_pull_policy.as_str());
    }
    for (name, words) in [("command", &container.command), ("args", &container.args)] {
        if !words.is_empty() {
            fields.insert(name, words.iter().map(String::as_str).collect::<Value>());
        }
    }
    if !container.env.is_empty() {
        let pair =
            |(name, value): (&String, &String)| Map::from_iter([("name", name.as_str()), ("value", value)]);
        fields.insert("env", container.env.iter().map(pair).collect::<Value>());
    }
    let port = Map::from_iter([("containerPort", component.container_port)]);
    fields.insert("ports", Value::from(vec![port]));
    for (name, probe) in [
        ("startupProbe", &component.startup_probe),
        ("livenessProbe", &component.liveness_probe),
        ("readinessProbe", &component.readiness_probe),
    ] {
        if let Some(probe) = probe {
            fields.insert(name, probe_value(probe, component));
        }
    }
    if !container.resources.is_null() {
        fields.insert("resources", container.resources.clone());
    }
    spec.insert("containers", Value::from(vec![fields]));
    Value::Map(spec)
}

fn probe_value(probe: &Probe, component: &Component) -> Value {
    let port = if probe.port == 0 { component.container_port } else { probe.port };
    let mut fields = Map::new();
    match &probe.target {
        Some(ProbeTarget::Path(path)) => {
            let get: Map =
                [("path", Value::from(path.as_str())), ("port", port.into())].into_iter().collect();
            fields.insert("httpGet", get);
        }
        Some(ProbeTarget::Command(command)) => {
            let words: Value = command.iter().map(String::as_str).collect();
            fields.insert("exec", Map::from_iter([("command", words)]));
        }
        _ => {
            fields.insert("tcpSocket", Map::from_iter([("port", port)]));
        }
    }
    let seconds = [
        ("initialDelaySeconds", probe.initial_delay),
        ("periodSeconds", probe.period),
        ("timeoutSeconds", probe.timeout),
    ];
    for (name, delta) in seconds {
        if let Some(delta) = delta {
            fields.insert(name, whole_seconds(delta));
        }
    }
    for (name, count) in
        [("failureThreshold", probe.failure_threshold), ("successThreshold", probe.success_threshold)]
    {
        if let Some(count) = count {
            fields.insert(name, count);
        }
    }
    Value::Map(fields)
}

/// Kubernetes counts in whole seconds: a part of a second becomes a whole one.
fn whole_seconds(delta: TimeDelta) -> i64 {
    let nanos = delta.nanos().max(0);
    nanos / 1_000_000_000 + i64::from(nanos % 1_000_000_000 != 0)
}
