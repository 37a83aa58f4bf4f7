//! What is collected about each host, and the destination rules that come of it.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_types::ObjectRef;

use super::Run;
use super::target::{Target, subset_name};
use crate::Resource;
use crate::istio::networking::{DestinationRule, Subset, TrafficPolicy};
use crate::object::Object;

/// All hosts that have subsets or a policy, in the order in which they came.
#[derive(Default)]
pub(super) struct Hosts {
    order: Vec<Host>,
    by_name: BTreeMap<String, usize>,
}

struct Host {
    target: Target,
    policy: Option<(TrafficPolicy, ObjectRef)>,
    subsets: Vec<Subset>,
    by_labels: BTreeMap<BTreeMap<String, String>, usize>,
    names: BTreeSet<String>,
    next_number: BTreeMap<String, usize>,
}

impl Hosts {
    fn host(&mut self, target: &Target) -> Option<&mut Host> {
        let position = *self.by_name.entry(target.full.clone()).or_insert_with(|| {
            self.order.push(Host {
                target: target.clone(),
                policy: None,
                subsets: Vec::new(),
                by_labels: BTreeMap::new(),
                names: BTreeSet::new(),
                next_number: BTreeMap::new(),
            });
            self.order.len() - 1
        });
        self.order.get_mut(position)
    }

    /// The name of the subset of that host with these labels, made where there is none; empty without labels.
    pub(super) fn subset(&mut self, target: &Target, labels: &BTreeMap<String, String>) -> String {
        if labels.is_empty() {
            return String::new();
        }
        let subset = self.host(target).and_then(|host| host.subset(labels));
        subset.map(|subset| subset.name.clone()).unwrap_or_default()
    }

    /// Sets the policy of a host or a subset; answers whether there was none.
    pub(super) fn set_policy(
        &mut self,
        target: &Target,
        labels: &BTreeMap<String, String>,
        policy: TrafficPolicy,
        from: ObjectRef,
    ) -> bool {
        let Some(host) = self.host(target) else { return false };
        if labels.is_empty() {
            let is_first = host.policy.is_none();
            host.policy.get_or_insert((policy, from));
            return is_first;
        }
        let Some(subset) = host.subset(labels) else { return false };
        let is_first = subset.traffic_policy.is_none();
        subset.traffic_policy.get_or_insert(policy);
        is_first
    }

    pub(super) fn into_rules(self, run: &mut Run<'_>) -> Vec<Resource> {
        self.order.into_iter().map(|host| host.into_rule(run)).collect()
    }
}

impl Host {
    fn subset(&mut self, labels: &BTreeMap<String, String>) -> Option<&mut Subset> {
        let position = *self.by_labels.entry(labels.clone()).or_insert_with(|| {
            let base = subset_name(labels);
            let mut name = base.clone();
            let number = self.next_number.entry(base.clone()).or_insert(2);
            while !self.names.insert(name.clone()) {
                name = format!("{base}-{number}");
                *number += 1;
            }
            self.subsets.push(Subset::new().with_name(name).with_labels(labels.clone()));
            self.subsets.len() - 1
        });
        self.subsets.get_mut(position)
    }

    fn into_rule(self, run: &mut Run<'_>) -> Resource {
        let namespace = self.target.namespace.clone();
        let mut rule =
            DestinationRule::new().with_host(self.target.host_in(&namespace)).with_subsets(self.subsets);
        if let Some((policy, from)) = self.policy {
            if !rule.subsets.is_empty() {
                run.changed(
                    &from,
                    "destination",
                    "the policy counted for routes without labels only; now subsets take from it what they do not say",
                    "give each subset a policy of its own where that is not wanted",
                );
            }
            rule.traffic_policy = Some(policy);
        }
        Object::new(namespace, self.target.object_name(), rule).into()
    }
}
