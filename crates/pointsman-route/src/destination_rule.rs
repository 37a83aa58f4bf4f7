//! DestinationRules: which are folded together, which one counts for a client, and what it means for a port and subset.
//!
//! Source: `setDestinationRules`, `mergeDestinationRule` and `destinationRule` of Istio at 86c9f01f.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pointsman_api::Object;
use pointsman_api::istio::networking::{
    ConsistentHashLb, DestinationRule, HashKey, LbPolicy, PortTrafficPolicy, TrafficPolicy,
};
use pointsman_types::{Labels, ObjectRef, host};

use crate::settings::MeshSettings;
use crate::virtual_service::full_host;

/// DestinationRules of one host folded into one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FoldedRule {
    /// What they say together; `host` is written out.
    pub rule: DestinationRule,
    /// Namespace of all of them.
    pub namespace: String,
    /// The rules folded into it, the first one first.
    pub from: Vec<ObjectRef>,
    /// Who sees it, `.` standing for its own namespace; empty: as the mesh says.
    pub export_to: BTreeSet<String>,
    /// Whether the control plane made the first of them from a policy of the Gateway API.
    is_synthetic: bool,
}

/// Folded rules by host.
#[derive(Debug, Clone, Default)]
struct Shelf {
    exact: HashMap<String, Vec<Arc<FoldedRule>>>,
    wildcard: BTreeMap<String, Vec<Arc<FoldedRule>>>,
}

/// All DestinationRules of a mesh, ready to be looked up.
#[derive(Debug, Clone, Default)]
pub struct DestinationRules {
    root_namespace: String,
    local: HashMap<String, Shelf>,
    exported: HashMap<String, Shelf>,
    root_private: Shelf,
}

impl DestinationRules {
    /// Folds rules together.
    pub fn fold<'a>(
        rules: impl IntoIterator<Item = &'a Object<DestinationRule>>,
        settings: &MeshSettings,
    ) -> Self {
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|object| {
            let meta = &object.metadata;
            let key = (meta.creation_timestamp.as_str(), meta.name.as_str(), meta.namespace.as_str());
            (object.spec.workload_selector.is_none(), key)
        });
        let mut folded = Self { root_namespace: settings.root_namespace.clone(), ..Self::default() };
        let is_private = settings.destination_rule_export_to.iter().any(|entry| entry == ".");
        for object in rules {
            folded.add(object, &settings.domain, is_private);
        }
        folded
    }

    fn add(&mut self, object: &Object<DestinationRule>, domain: &str, default_is_private: bool) {
        let namespace = &object.metadata.namespace;
        let mut rule = object.spec.clone();
        rule.host = full_host(&rule.host, namespace, domain);
        let export_to: BTreeSet<String> = if rule.workload_selector.is_some() {
            BTreeSet::from([".".to_owned()])
        } else {
            rule.export_to.iter().cloned().collect()
        };
        let names = |name: &str| export_to.contains(name);
        let is_own_only = export_to.len() == 1 && (names(".") || names(namespace));
        let is_private = if export_to.is_empty() { default_is_private } else { is_own_only };
        let is_local = export_to.is_empty() || names("*") || names(".") || names(namespace);
        let folded = FoldedRule {
            rule,
            namespace: namespace.clone(),
            from: vec![object.object_ref()],
            export_to,
            is_synthetic: is_synthetic(object),
        };
        if is_local {
            self.local.entry(namespace.clone()).or_default().add(&folded);
        }
        if !is_private {
            self.exported.entry(namespace.clone()).or_default().add(&folded);
        } else if *namespace == self.root_namespace {
            self.root_private.add(&folded);
        }
    }

    /// The rules that count for a service called from a namespace, whatever workload calls: those with different selectors
    /// stand side by side.
    #[must_use]
    pub fn lookup(&self, client: &str, service_host: &str, service_namespace: &str) -> Vec<Arc<FoldedRule>> {
        let own =
            if client == self.root_namespace { Some(&self.root_private) } else { self.local.get(client) };
        if let Some(found) = own.and_then(|shelf| shelf.most_specific(service_host)) {
            return found.to_vec();
        }
        [service_namespace, self.root_namespace.as_str()]
            .into_iter()
            .map(|owner| self.exported_by(owner, service_host, client))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn exported_by(&self, owner: &str, service_host: &str, client: &str) -> Vec<Arc<FoldedRule>> {
        let found = self.exported.get(owner).and_then(|shelf| shelf.most_specific(service_host));
        let is_seen = |folded: &&Arc<FoldedRule>| {
            let names = |name: &str| folded.export_to.contains(name);
            folded.export_to.is_empty() || names("*") || names(client)
        };
        found.unwrap_or_default().iter().filter(is_seen).cloned().collect()
    }

    /// The rule that counts for a service called by a workload: the first whose selector the workload has, else the last
    /// without.
    #[must_use]
    pub fn of_client(
        &self,
        client: &str,
        labels: &Labels,
        service_host: &str,
        service_namespace: &str,
    ) -> Option<Arc<FoldedRule>> {
        let found = self.lookup(client, service_host, service_namespace);
        let selects = |folded: &&Arc<FoldedRule>| {
            folded.rule.workload_selector.as_ref().is_some_and(|selector| {
                folded.namespace == client
                    && selector.match_labels.iter().all(|(name, value)| labels.value(name) == Some(value))
            })
        };
        let general = |folded: &&Arc<FoldedRule>| folded.rule.workload_selector.is_none();
        found.iter().find(selects).or_else(|| found.iter().rfind(general)).cloned()
    }

    /// The rules of a namespace for a host, as that namespace itself sees them.
    #[must_use]
    pub fn local(&self, namespace: &str, host: &str) -> &[Arc<FoldedRule>] {
        self.local.get(namespace).and_then(|shelf| shelf.of_host(host)).unwrap_or_default()
    }

    /// The rules of a namespace for a host that others may see.
    #[must_use]
    pub fn exported(&self, namespace: &str, host: &str) -> &[Arc<FoldedRule>] {
        self.exported.get(namespace).and_then(|shelf| shelf.of_host(host)).unwrap_or_default()
    }
}

/// Whether the control plane made it from a policy of the Gateway API.
fn is_synthetic(object: &Object<DestinationRule>) -> bool {
    object.metadata.annotations.contains_key("internal.istio.io/parents")
}

impl Shelf {
    fn of_host(&self, host: &str) -> Option<&[Arc<FoldedRule>]> {
        self.exact.get(host).or_else(|| self.wildcard.get(host)).map(Vec::as_slice)
    }

    fn most_specific(&self, service_host: &str) -> Option<&[Arc<FoldedRule>]> {
        if let Some(found) = self.of_host(service_host) {
            return Some(found);
        }
        if self.wildcard.is_empty() {
            return None;
        }
        let name = host::most_specific(service_host, self.wildcard.keys().map(String::as_str))?;
        self.of_host(name)
    }

    fn add(&mut self, new: &FoldedRule) {
        let list = if host::is_wildcard(&new.rule.host) {
            self.wildcard.entry(new.rule.host.clone()).or_default()
        } else {
            self.exact.entry(new.rule.host.clone()).or_default()
        };
        let mut stands_alone = true;
        for old in list.iter_mut() {
            let Some(folds) = fold_kind(old, new) else {
                stands_alone = true;
                continue;
            };
            stands_alone = folds == Folds::AndStandsAlone;
            Arc::make_mut(old).absorb(new);
        }
        if stands_alone {
            list.push(Arc::new(new.clone()));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folds {
    Only,
    AndStandsAlone,
}

/// Whether a rule is folded into an older one of the same host and namespace.
fn fold_kind(old: &FoldedRule, new: &FoldedRule) -> Option<Folds> {
    let folds = if new.export_to == old.export_to {
        Folds::Only
    } else if !old.export_to.is_empty() && new.export_to.is_superset(&old.export_to) {
        Folds::AndStandsAlone
    } else {
        return None;
    };
    match (&old.rule.workload_selector, &new.rule.workload_selector) {
        (Some(old), Some(new)) if old.match_labels != new.match_labels => None,
        // Rules for the same workloads are one, whoever else sees the newer one.
        (Some(_), Some(_)) | (None, None) => Some(Folds::Only),
        _ => Some(folds),
    }
}

impl FoldedRule {
    /// Of these rules, saying nothing: a value to compare others with.
    #[must_use]
    pub fn of(from: impl IntoIterator<Item = ObjectRef>) -> Self {
        let from: Vec<_> = from.into_iter().collect();
        Self {
            rule: DestinationRule::new(),
            namespace: from.first().map(|first| first.namespace.clone()).unwrap_or_default(),
            from,
            export_to: BTreeSet::new(),
            is_synthetic: false,
        }
    }

    /// Whether both were folded from the same rules in the same order, whatever these say.
    #[must_use]
    pub fn is_of_same_rules(&self, other: &Self) -> bool {
        self.from == other.from
    }

    /// Takes what an older rule leaves open from a newer one.
    fn absorb(&mut self, new: &Self) {
        self.from.extend(new.from.iter().cloned());
        for subset in &new.rule.subsets {
            if !self.rule.subsets.iter().any(|old| old.name == subset.name) {
                self.rule.subsets.push(subset.clone());
            }
        }
        let Some(newer) = &new.rule.traffic_policy else { return };
        let Some(older) = &mut self.rule.traffic_policy else {
            self.rule.traffic_policy = Some(newer.clone());
            return;
        };
        // What users write goes before what was made from the Gateway API, whichever is older.
        match (self.is_synthetic, new.is_synthetic) {
            (false, true) => fill(older, newer),
            (true, false) => {
                let made = std::mem::replace(older, newer.clone());
                fill(older, &made);
            }
            _ => {}
        }
    }
}

/// Takes each member that is not set.
fn fill(old: &mut TrafficPolicy, new: &TrafficPolicy) {
    macro_rules! fill {
        ($($field:ident),*) => {$(
            if old.$field.is_none() {
                old.$field.clone_from(&new.$field);
            }
        )*};
    }
    fill!(load_balancer, connection_pool, outlier_detection, tls, tunnel, proxy_protocol, retry_budget);
    for entry in &new.port_level_settings {
        let number = |entry: &PortTrafficPolicy| entry.port.as_ref().map_or(0, |port| port.number);
        match old.port_level_settings.iter_mut().find(|own| number(own) == number(entry)) {
            Some(own) => fill_port(own, entry),
            None => old.port_level_settings.push(entry.clone()),
        }
    }
}

fn fill_port(old: &mut PortTrafficPolicy, new: &PortTrafficPolicy) {
    macro_rules! fill {
        ($($field:ident),*) => {$(
            if old.$field.is_none() {
                old.$field.clone_from(&new.$field);
            }
        )*};
    }
    fill!(load_balancer, connection_pool, outlier_detection, tls);
}

/// The policy for one port of a host, or of one subset of it.
///
/// The result has no `portLevelSettings`. An entry of the port replaces the whole policy of the rule, without inheritance;
/// a subset replaces whole members, and an entry of the port in a subset replaces its four members even where it leaves them
/// open.
#[must_use]
pub fn effective_policy(rule: &DestinationRule, subset: &str, port: u16) -> TrafficPolicy {
    let mut policy = rule.traffic_policy.as_ref().map(|policy| of_port(policy, port)).unwrap_or_default();
    let named = rule.subsets.iter().find(|candidate| !subset.is_empty() && candidate.name == subset);
    let Some(over) = named.and_then(|named| named.traffic_policy.as_ref()) else { return policy };
    macro_rules! take {
        ($($field:ident),*) => {$(
            if over.$field.is_some() {
                policy.$field.clone_from(&over.$field);
            }
        )*};
    }
    take!(load_balancer, connection_pool, outlier_detection, tls, tunnel, proxy_protocol, retry_budget);
    if let Some(entry) = port_entry(over, port) {
        set_members(&mut policy, entry);
    }
    policy
}

fn of_port(policy: &TrafficPolicy, port: u16) -> TrafficPolicy {
    match port_entry(policy, port) {
        Some(entry) => {
            let mut only = TrafficPolicy::new();
            set_members(&mut only, entry);
            only
        }
        None => policy.clone().with_port_level_settings(Vec::new()),
    }
}

fn set_members(policy: &mut TrafficPolicy, entry: &PortTrafficPolicy) {
    policy.load_balancer.clone_from(&entry.load_balancer);
    policy.connection_pool.clone_from(&entry.connection_pool);
    policy.outlier_detection.clone_from(&entry.outlier_detection);
    policy.tls.clone_from(&entry.tls);
}

fn port_entry(policy: &TrafficPolicy, port: u16) -> Option<&PortTrafficPolicy> {
    let is_for =
        |entry: &&PortTrafficPolicy| entry.port.as_ref().is_some_and(|p| p.number == u32::from(port));
    policy.port_level_settings.iter().find(is_for)
}

/// What routes to a destination hash: that of the subset's port, else of the subset, else of the port, else of the rule.
///
/// Ports are looked at only where `port` is given, that is where the destination names one.
#[must_use]
pub fn consistent_hash<'a>(
    rule: &'a DestinationRule,
    subset: &str,
    port: Option<u16>,
) -> Option<&'a ConsistentHashLb> {
    let named = rule.subsets.iter().find(|candidate| !subset.is_empty() && candidate.name == subset);
    let over = named.and_then(|named| named.traffic_policy.as_ref());
    let base = rule.traffic_policy.as_ref();
    let by_port =
        |policy: Option<&'a TrafficPolicy>| hash_of(port_entry(policy?, port?)?.load_balancer.as_ref());
    let whole = |policy: Option<&'a TrafficPolicy>| hash_of(policy?.load_balancer.as_ref());
    by_port(over).or_else(|| whole(over)).or_else(|| by_port(base)).or_else(|| whole(base))
}

/// Whether connections to a destination are spread by the address they come from: as the subset says, if it says anything
/// about balancing, else as the rule says. Ports are not looked at.
///
/// Source: `maybeSetHashPolicy` of Istio at 86c9f01f.
#[must_use]
pub fn hashes_source_ip(rule: &DestinationRule, subset: &str) -> bool {
    let named = rule.subsets.iter().find(|candidate| candidate.name == subset);
    let over = named.and_then(|named| named.traffic_policy.as_ref()?.load_balancer.as_ref());
    let base = rule.traffic_policy.as_ref().and_then(|policy| policy.load_balancer.as_ref());
    hash_of(over.or(base)).is_some_and(|hash| matches!(hash.hash_key, Some(HashKey::UseSourceIp(true))))
}

fn hash_of(
    settings: Option<&pointsman_api::istio::networking::LoadBalancerSettings>,
) -> Option<&ConsistentHashLb> {
    match settings?.lb_policy.as_ref()? {
        LbPolicy::ConsistentHash(hash) => Some(hash),
        _ => None,
    }
}
