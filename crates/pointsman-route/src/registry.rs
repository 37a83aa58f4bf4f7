//! The services of the mesh with the workloads behind them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_types::{Diagnostic, Labels};

use crate::port_check;
use crate::service::{EndpointsBy, MeshService};
use crate::settings::MeshSettings;
use crate::store::Store;
use crate::workload::Workload;

/// All services, by age, then name, then namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    pub(crate) services: Vec<Arc<Registered>>,
}

/// A service and what answers its requests.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registered {
    pub(crate) service: MeshService,
    pub(crate) workloads: Vec<Arc<Workload>>,
    /// What is wrong with the object.
    pub(crate) findings: Vec<Diagnostic>,
    /// Entries of the same host with further ports.
    more: Vec<Arc<Self>>,
}

impl Registered {
    fn new(service: MeshService, workloads: Vec<Arc<Workload>>) -> Self {
        Self { service, workloads, findings: Vec::new(), more: Vec::new() }
    }

    fn with_findings(mut self, findings: &[Diagnostic]) -> Self {
        self.findings = findings.to_vec();
        self
    }

    /// With the ports that another entry of the same host adds.
    pub(crate) fn joined_with(&self, other: &Arc<Self>) -> Self {
        let mut joined = self.clone();
        let new = other.service.ports.iter().filter(|port| self.service.port(port.number).is_none());
        joined.service.ports.extend(new.cloned());
        // The same object with other ports of its own needs no second look.
        if other.service.origin != self.service.origin {
            joined.more.push(Arc::clone(other));
            joined.findings.extend(other.findings.iter().cloned());
        }
        joined
    }

    /// What answers on a port.
    pub(crate) fn workloads_of(&self, port: u16) -> &[Arc<Workload>] {
        let other = self.more.iter().find(|other| other.service.port(port).is_some());
        other.map_or(&self.workloads, |other| &other.workloads)
    }
}

impl Registry {
    pub(crate) fn of(store: &Store, settings: &MeshSettings) -> Self {
        let workloads = Workloads::of(store);
        let mut services = Vec::new();
        for object in store.services.values() {
            let service = MeshService::of_service(object, &settings.domain, &settings.service_export_to);
            let found = workloads.of_service(object, &service);
            let findings = port_check::of_service(object);
            services.push(Arc::new(Registered::new(service, found).with_findings(&findings)));
        }
        for object in store.service_entries.values() {
            let findings = port_check::of_service_entry(object);
            for service in MeshService::of_service_entry(object, &settings.service_export_to) {
                let found = workloads.of_entry(object, &service);
                services.push(Arc::new(Registered::new(service, found).with_findings(&findings)));
            }
        }
        for service in store.registered.values() {
            services.push(Arc::new(Registered::new(service.clone(), Vec::new())));
        }
        services.sort_by(|a, b| order(&a.service).cmp(&order(&b.service)));
        tell_aliases(&mut services);
        Self { services }
    }
}

/// Tells services the hosts that stand for them, by namespace and host. Those that stand for one another in a circle stand
/// for nothing.
fn tell_aliases(services: &mut [Arc<Registered>]) {
    let mut targets: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for registered in services.iter() {
        let service = &registered.service;
        if let (EndpointsBy::Alias, Some(target)) = (service.endpoints_by, &service.alias_of) {
            targets.insert((&service.namespace, &service.host), target);
        }
    }
    if targets.is_empty() {
        return;
    }
    let next: HashMap<&str, &str> = targets.iter().map(|((_, host), target)| (*host, *target)).collect();
    let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
    for ((_, host), target) in &targets {
        if let Some(concrete) = end_of_row(host, target, &next) {
            aliases.entry(concrete.to_owned()).or_default().push((*host).to_owned());
        }
    }
    for registered in services {
        if let Some(aliases) = aliases.get(&registered.service.host) {
            Arc::make_mut(registered).service.aliases.clone_from(aliases);
        }
    }
}

/// Where a row of aliases ends; `None` where it does not.
fn end_of_row<'a>(host: &'a str, target: &'a str, next: &HashMap<&str, &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::from([host, target]);
    let mut target = target;
    while let Some(further) = next.get(target) {
        if !seen.insert(further) {
            return None;
        }
        target = further;
    }
    Some(target)
}

/// By age, then name, then namespace, then host.
fn order(service: &MeshService) -> (&str, &str, &str, &str) {
    (&service.created, &service.origin.name, &service.namespace, &service.host)
}

/// The workloads of the store, found by namespace and label.
struct Workloads<'a> {
    by_label: HashMap<(&'a str, &'a str, &'a str), Vec<Arc<Workload>>>,
    by_service: HashMap<(&'a str, &'a str), Vec<Arc<Workload>>>,
}

impl<'a> Workloads<'a> {
    fn of(store: &'a Store) -> Self {
        let mut workloads = Self { by_label: HashMap::new(), by_service: HashMap::new() };
        for ((namespace, _), pod) in &store.pods {
            if let Some(workload) = Workload::of_pod(pod) {
                let labels = pod.metadata.labels.iter();
                workloads.insert(namespace, labels, &Arc::new(workload));
            }
        }
        // Where the pods of a Deployment are known themselves, they count.
        let without_pods: Vec<_> = store
            .deployments
            .iter()
            .filter_map(|(key, deployment)| Some((key, deployment, deployment_labels(deployment)?)))
            .filter(|((namespace, _), _, labels)| workloads.selected(namespace, labels).is_empty())
            .collect();
        for (key, deployment, labels) in without_pods {
            for workload in Workload::of_deployment(deployment, store.ready.get(key).copied()) {
                workloads.insert(&key.0, labels.iter(), &Arc::new(workload));
            }
        }
        for ((namespace, _), entry) in &store.workload_entries {
            let workload = Workload::of_entry(&entry.spec, &entry.metadata.labels);
            let labels = entry.metadata.labels.iter().chain(&entry.spec.labels);
            workloads.insert(namespace, labels, &Arc::new(workload));
        }
        workloads.add_slices(store);
        workloads
    }

    fn insert(
        &mut self,
        namespace: &'a str,
        labels: impl Iterator<Item = (&'a String, &'a String)>,
        workload: &Arc<Workload>,
    ) {
        for (name, value) in labels {
            self.by_label.entry((namespace, name, value)).or_default().push(Arc::clone(workload));
        }
    }

    fn add_slices(&mut self, store: &'a Store) {
        for ((namespace, _), slice) in &store.endpoint_slices {
            let Some(service) = slice.metadata.labels.get("kubernetes.io/service-name") else { continue };
            let labels_of = |name: &str| {
                let pod = store.pods.get(&(namespace.clone(), name.to_owned()))?;
                Some(Labels::from_iter(pod.metadata.labels.clone()))
            };
            let found = Workload::of_slice(slice, labels_of).into_iter().map(Arc::new);
            self.by_service.entry((namespace, service)).or_default().extend(found);
        }
    }

    /// All workloads of a namespace that have these labels; none for no labels.
    fn selected(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Vec<Arc<Workload>> {
        let lists = labels.iter().map(|(name, value)| {
            self.by_label
                .get(&(namespace, name.as_str(), value.as_str()))
                .map(Vec::as_slice)
                .unwrap_or_default()
        });
        let Some(shortest) = lists.min_by_key(|list| list.len()) else { return Vec::new() };
        let has_all = |workload: &&Arc<Workload>| {
            labels.iter().all(|(name, value)| workload.labels.value(name) == Some(value))
        };
        shortest.iter().filter(has_all).cloned().collect()
    }

    fn of_service(
        &self,
        object: &Object<pointsman_api::core::Service>,
        service: &MeshService,
    ) -> Vec<Arc<Workload>> {
        if service.endpoints_by == EndpointsBy::Alias {
            return Vec::new();
        }
        let meta = &object.metadata;
        if let Some(found) = self.by_service.get(&(meta.namespace.as_str(), meta.name.as_str())) {
            return found.clone();
        }
        let mut found = self.selected(&meta.namespace, &object.spec.selector);
        if object.spec.publish_not_ready_addresses {
            found = found
                .into_iter()
                .map(|workload| Arc::new(Workload { is_ready: true, ..(*workload).clone() }))
                .collect();
        }
        found
    }

    fn of_entry(
        &self,
        object: &Object<pointsman_api::istio::networking::ServiceEntry>,
        service: &MeshService,
    ) -> Vec<Arc<Workload>> {
        let spec = &object.spec;
        if let Some(selector) = &spec.workload_selector {
            return self.selected(&object.metadata.namespace, &selector.labels);
        }
        let none = BTreeMap::new();
        let listed: Vec<_> =
            spec.endpoints.iter().map(|entry| Arc::new(Workload::of_entry(entry, &none))).collect();
        if listed.is_empty() && service.endpoints_by.is_dns() {
            // The host itself is asked for.
            let entry =
                pointsman_api::istio::networking::WorkloadEntry::new().with_address(service.host.clone());
            return vec![Arc::new(Workload::of_entry(&entry, &none))];
        }
        listed
    }
}

fn deployment_labels(
    deployment: &Object<pointsman_api::core::Deployment>,
) -> Option<&BTreeMap<String, String>> {
    Some(&deployment.spec.template.as_ref()?.metadata.as_ref()?.labels)
}
