//! Preference by locality.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_api::istio::networking::{
    LocalityFailover, LocalityLoadBalancerSetting, ZoneAwareLoadBalancerSetting,
};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::quote;

const TOPOLOGY: [&str; 3] =
    ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

pub(crate) fn check(setting: &LocalityLoadBalancerSetting, watched: bool, at: &Place<'_>, out: &mut Report) {
    if !setting.distribute.is_empty() && !setting.failover.is_empty() {
        out.error(&at.field("failover"), codes::LOCALITY_BOTH, "both `distribute` and `failover` are set");
        return;
    }
    if !setting.failover.is_empty() && topology_labels(&setting.failover_priority).next().is_some() {
        let message = "`failover` is set, and `failoverPriority` names a label of the topology";
        out.error(&at.field("failoverPriority"), codes::LOCALITY_TOPOLOGY, message);
        return;
    }
    if distribute(setting, at, out) {
        needs_watching(!setting.failover.is_empty(), !setting.failover_priority.is_empty(), watched, at, out);
        failovers(&setting.failover, at, out);
    }
}

fn topology_labels(labels: &[String]) -> impl Iterator<Item = usize> {
    let all = labels.iter().enumerate();
    // `label=value` is a form of it.
    all.filter(|(_, label)| TOPOLOGY.contains(&label.split('=').next().unwrap_or_default()))
        .map(|(position, _)| position)
}

/// Answers whether the weights are good: the rest is judged only then.
fn distribute(setting: &LocalityLoadBalancerSetting, at: &Place<'_>, out: &mut Report) -> bool {
    let before = out.errors();
    for (position, entry) in setting.distribute.iter().enumerate() {
        let here = at.item("distribute", position);
        weights(&entry.to, &here.field("to"), out);
    }
    if out.errors() > before {
        return false;
    }
    let from = setting.distribute.iter().map(|entry| entry.from.as_str());
    let mut seen = Localities::default();
    for (position, from) in from.enumerate() {
        seen.add(from, &at.item("distribute", position).field("from"), out);
    }
    for (position, entry) in setting.distribute.iter().enumerate() {
        let mut seen = Localities::default();
        let here = at.item("distribute", position);
        let here = here.field("to");
        for to in entry.to.keys() {
            seen.add(to, &here.field(to), out);
        }
    }
    true
}

fn weights(to: &BTreeMap<String, u32>, at: &Place<'_>, out: &mut Report) {
    let mut good = true;
    for (locality, weight) in to {
        if !(1..=100).contains(weight) {
            let message = format!("the weight `{weight}` is not between 1 and 100");
            out.error(&at.field(locality), codes::LOCALITY_WEIGHT, message);
            good = false;
        }
    }
    let sum: u64 = to.values().map(|weight| u64::from(*weight)).sum();
    if good && sum != 100 {
        out.error(at, codes::LOCALITY_SUM, format!("the weights sum to `{sum}`, not to 100"));
    }
}

/// Localities seen so far, as lists of region, zone, subzone; what follows a `*` is left open.
#[derive(Debug, Default)]
pub(crate) struct Localities<'a> {
    whole: BTreeSet<Vec<&'a str>>,
    inner: BTreeSet<Vec<&'a str>>,
}

impl<'a> Localities<'a> {
    pub(crate) fn add(&mut self, locality: &'a str, at: &Place<'_>, out: &mut Report) {
        let stars = locality.matches('*').count();
        if stars > 1 || (stars == 1 && !locality.ends_with('*')) {
            let message = format!("{} has a `*` that is not the only one and at the end", quote(locality));
            return out.error(at, codes::LOCALITY, message);
        }
        let mut parts: Vec<&str> = locality.split('/').collect();
        if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
            let message = format!("{} is not a locality, `region/zone/subzone`", quote(locality));
            return out.error(at, codes::LOCALITY, message);
        }
        if parts.last() == Some(&"*") {
            parts.pop();
        }
        let starts = (0..=parts.len()).filter_map(|end| parts.get(..end));
        let covered = starts.clone().any(|start| self.whole.contains(start));
        let covers = !parts.is_empty() && self.inner.contains(&parts);
        if covered || covers {
            let message = format!("the locality {} overlaps with another one", quote(locality));
            out.error(at, codes::LOCALITY_OVERLAP, message);
        }
        self.inner.extend(starts.map(<[&str]>::to_vec));
        self.whole.insert(parts);
    }
}

pub(crate) fn zone_aware(
    setting: &ZoneAwareLoadBalancerSetting,
    watched: bool,
    at: &Place<'_>,
    out: &mut Report,
) {
    for position in topology_labels(&setting.failover_priority) {
        let message = "`failoverPriority` names a label of the topology";
        out.error(&at.item("failoverPriority", position), codes::LOCALITY_TOPOLOGY, message);
    }
    needs_watching(!setting.failover.is_empty(), !setting.failover_priority.is_empty(), watched, at, out);
    failovers(&setting.failover, at, out);
}

/// Without outlier detection no endpoint ever fails, so nobody fails over.
fn needs_watching(failover: bool, priority: bool, watched: bool, at: &Place<'_>, out: &mut Report) {
    if watched || !(failover || priority) {
        return;
    }
    let field = if failover { "failover" } else { "failoverPriority" };
    let message = format!("`{field}` has no effect without `outlierDetection`");
    out.warn(&at.field(field), codes::FAILOVER_UNWATCHED, message);
}

fn failovers(failovers: &[LocalityFailover], at: &Place<'_>, out: &mut Report) {
    for (position, failover) in failovers.iter().enumerate() {
        let here = at.item("failover", position);
        if failover.from == failover.to {
            let message = format!("the region {} fails over to itself", quote(&failover.from));
            out.error(&here.field("to"), codes::FAILOVER_SAME, message);
        }
        for (field, region) in [("from", &failover.from), ("to", &failover.to)] {
            if region.contains(['/', '*']) {
                let message = format!("{} is not a region", quote(region));
                out.error(&here.field(field), codes::FAILOVER_REGION, message);
            }
        }
    }
}
