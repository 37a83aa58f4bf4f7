//! Workloads: what answers requests.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use pointsman_api::Object;
use pointsman_api::core::{Deployment, EndpointSlice, Pod};
use pointsman_api::istio::networking::WorkloadEntry;
use pointsman_manifest::Value;
use pointsman_types::Labels;

use crate::ir::Locality;

/// One running copy of something, or one address of a ServiceEntry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Workload {
    pub(crate) address: String,
    pub(crate) labels: Labels,
    /// Ports by name: those of containers, unless said otherwise.
    pub(crate) ports: BTreeMap<String, u16>,
    /// Whether `ports` has the names of service ports instead.
    pub(crate) names_service_ports: bool,
    pub(crate) locality: Locality,
    pub(crate) weight: u32,
    pub(crate) is_ready: bool,
}

impl Workload {
    fn new(address: String, labels: Labels) -> Self {
        Self {
            address,
            labels,
            ports: BTreeMap::new(),
            names_service_ports: false,
            locality: Locality::default(),
            weight: 0,
            is_ready: true,
        }
    }

    /// The ready copies of a Deployment, at made-up addresses that depend on nothing but names and position.
    pub(crate) fn of_deployment(object: &Object<Deployment>, ready: Option<u32>) -> Vec<Self> {
        let Some(template) = &object.spec.template else { return Vec::new() };
        let labels =
            template.metadata.as_ref().map(|meta| Labels::from_iter(meta.labels.clone())).unwrap_or_default();
        let ports = container_ports(&template.spec);
        let base = hash(&format!("{}/{}", object.metadata.namespace, object.metadata.name));
        let locality = locality_of_labels(&labels);
        let count = ready.unwrap_or_else(|| ready_replicas(object)).min(MOST_COPIES);
        (0..count)
            .map(|position| {
                let [_, b, c, d] = base.wrapping_add(position).to_be_bytes();
                let mut workload = Self::new(Ipv4Addr::new(10, b, c, d).to_string(), labels.clone());
                workload.ports.clone_from(&ports);
                workload.locality = locality.clone();
                workload
            })
            .collect()
    }

    /// A pod that has an address, or a made-up one where it has none.
    pub(crate) fn of_pod(object: &Object<Pod>) -> Option<Self> {
        let phase = text(&object.status, "phase");
        if matches!(phase, "Succeeded" | "Failed") {
            return None;
        }
        let address = match text(&object.status, "podIP") {
            "" => {
                let [_, b, c, d] =
                    hash(&format!("{}/{}", object.metadata.namespace, object.metadata.name)).to_be_bytes();
                Ipv4Addr::new(10, b, c, d).to_string()
            }
            address => address.to_owned(),
        };
        let mut workload = Self::new(address, Labels::from_iter(object.metadata.labels.clone()));
        workload.ports = container_ports(&object.spec.spec);
        workload.locality = locality_of_labels(&workload.labels);
        workload.is_ready = is_pod_ready(&object.status) && object.metadata.deletion_timestamp.is_empty();
        Some(workload)
    }

    /// An address of a ServiceEntry, or a WorkloadEntry of its own.
    pub(crate) fn of_entry(entry: &WorkloadEntry, labels: &BTreeMap<String, String>) -> Self {
        let all = labels.iter().chain(&entry.labels).map(|(name, value)| (name.clone(), value.clone()));
        let mut workload = Self::new(entry.address.clone(), all.collect());
        let port = |(name, number): (&String, &u32)| Some((name.clone(), u16::try_from(*number).ok()?));
        workload.ports = entry.ports.iter().filter_map(port).collect();
        workload.names_service_ports = true;
        workload.weight = entry.weight;
        workload.locality = if entry.locality.is_empty() {
            locality_of_labels(&workload.labels)
        } else {
            locality_of_text(&entry.locality)
        };
        workload
    }

    /// The addresses of an EndpointSlice, with the labels of the pods behind them.
    pub(crate) fn of_slice(
        object: &Object<EndpointSlice>,
        pods: impl Fn(&str) -> Option<Labels>,
    ) -> Vec<Self> {
        let ports: BTreeMap<String, u16> = object
            .spec
            .ports
            .iter()
            .filter_map(|port| Some((port.name.clone(), u16::try_from(port.port).ok()?)))
            .collect();
        let mut found = Vec::new();
        for endpoint in &object.spec.endpoints {
            let Some(address) = endpoint.addresses.first() else { continue };
            let labels = pods(text(&endpoint.target_ref, "name")).unwrap_or_default();
            let mut workload = Self::new(address.clone(), labels);
            workload.ports.clone_from(&ports);
            workload.names_service_ports = true;
            workload.locality.zone.clone_from(&endpoint.zone);
            workload.is_ready =
                endpoint.conditions.as_ref().is_none_or(|conditions| conditions.ready.unwrap_or(true));
            found.push(workload);
        }
        found
    }

    /// Address and port as endpoints are written.
    pub(crate) fn socket_address(&self, port: u16) -> String {
        match self.address.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]:{port}"),
            _ if self.address.starts_with("unix://") => self.address.clone(),
            _ => format!("{}:{port}", self.address),
        }
    }
}

/// More copies of one Deployment than this are not made up.
const MOST_COPIES: u32 = 100_000;

fn ready_replicas(object: &Object<Deployment>) -> u32 {
    let wanted = object.spec.replicas.unwrap_or(1);
    let ready = match object.status.as_map() {
        Some(status) if !status.is_empty() => {
            status.get("readyReplicas").and_then(Value::as_i64).unwrap_or_default()
        }
        _ => wanted.into(),
    };
    u32::try_from(ready).unwrap_or_default()
}

fn is_pod_ready(status: &Value) -> bool {
    let Some(conditions) = status.get("conditions").and_then(Value::as_list) else {
        return !matches!(text(status, "phase"), "Pending" | "Unknown");
    };
    conditions
        .iter()
        .any(|condition| text(condition, "type") == "Ready" && text(condition, "status") == "True")
}

fn container_ports(spec: &Value) -> BTreeMap<String, u16> {
    let containers = spec.get("containers").and_then(Value::as_list).unwrap_or_default();
    let ports = containers
        .iter()
        .flat_map(|container| container.get("ports").and_then(Value::as_list).unwrap_or_default());
    ports
        .filter_map(|port| {
            let number = u16::try_from(port.get("containerPort")?.as_i64()?).ok()?;
            Some((port.get("name")?.as_str()?.to_owned(), number))
        })
        .collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn locality_of_labels(labels: &Labels) -> Locality {
    if let Some(locality) = labels.value("istio-locality") {
        return locality_of_text(&locality.replace('.', "/"));
    }
    let label = |name| labels.value(name).unwrap_or_default().to_owned();
    Locality {
        region: label("topology.kubernetes.io/region"),
        zone: label("topology.kubernetes.io/zone"),
        subzone: label("topology.istio.io/subzone"),
    }
}

/// `region/zone/subzone`, where later parts may be missing.
pub(crate) fn locality_of_text(text: &str) -> Locality {
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    Locality { region: part(), zone: part(), subzone: part() }
}

/// FNV-1a, 32 bits.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
