//! The subsets of the two versions.

use pointsman_manifest::{Map, Value};
use pointsman_rollout::compat::{ReplicaSet, is_available};

use super::shares::{Extra, Kept};
use super::{Role, RoleError, Roles, spec_list};

/// The label by which pods of a version are told.
const HASH: &str = "rollouts-pod-template-hash";
/// Whose DestinationRule it is.
const MANAGED_BY: &str = "argo-rollouts.argoproj.io/managed-by-rollouts";

impl Roles {
    /// Lets the two subsets select the pods of these hashes, and each extra a subset of its own; an empty hash selects by
    /// nothing. Subsets that an earlier extra left behind go; those of others stay, and are told.
    ///
    /// Where the two versions are not told apart by subsets, nothing is changed.
    ///
    /// # Errors
    /// `spec.subsets` is no list of maps.
    pub fn set_hashes(
        &self,
        rule: &mut Value,
        canary_hash: &str,
        stable_hash: &str,
        extras: &[Extra],
    ) -> Result<Vec<Kept>, RoleError> {
        if self.rule.is_none() {
            return Ok(Vec::new());
        }
        let subsets = super::select::routes_of(rule, "subsets")?.to_vec();
        let mut written = Vec::new();
        let mut kept = Vec::new();
        for (position, mut subset) in subsets.into_iter().enumerate() {
            let name = super::select::name_of(&subset).to_owned();
            if name == self.canary.subset {
                set_hash(&mut subset, canary_hash);
            } else if name == self.stable.subset {
                set_hash(&mut subset, stable_hash);
            } else if let Some(extra) = extras.iter().find(|extra| extra.service == name) {
                set_hash(&mut subset, &extra.hash);
            } else if is_left_behind(&subset) {
                continue;
            } else {
                kept.push(Kept { at: format!("subsets[{position}]"), what: subset.to_json() });
            }
            written.push(subset);
        }
        for extra in extras.iter().filter(|extra| !extra.service.is_empty()) {
            if !written.iter().any(|subset| super::select::name_of(subset) == extra.service) {
                let mut subset = Value::Map([("name", extra.service.as_str())].into_iter().collect());
                set_hash(&mut subset, &extra.hash);
                written.push(subset);
            }
        }
        rule.set("spec", rule.get("spec").cloned().unwrap_or_default());
        match rule.at_mut(&spec_list("subsets")) {
            Some(list) => *list = Value::List(written),
            None => {
                if let Some(spec) = rule.get_mut("spec") {
                    spec.set("subsets", Value::List(written));
                }
            }
        }
        self.annotate(rule);
        Ok(kept)
    }

    fn annotate(&self, rule: &mut Value) {
        let mut metadata = rule.get("metadata").cloned().unwrap_or_default();
        let mut annotations = metadata.get("annotations").cloned().unwrap_or_default();
        annotations.set(MANAGED_BY, self.name.as_str());
        metadata.set("annotations", annotations);
        rule.set("metadata", metadata);
    }

    pub(super) fn role_of_canary(&self) -> &Role {
        &self.canary
    }
}

fn set_hash(subset: &mut Value, hash: &str) {
    let mut labels = subset.get("labels").and_then(Value::as_map).cloned().unwrap_or_default();
    if hash.is_empty() {
        labels.remove(HASH);
    } else {
        labels.insert(HASH, hash);
    }
    if labels.is_empty() {
        if let Some(map) = subset.as_map_mut() {
            map.remove("labels");
        }
    } else {
        subset.set("labels", Value::Map(labels));
    }
}

/// A subset as an extra has it: a name, the hash, and nothing else.
fn is_left_behind(subset: &Value) -> bool {
    let only_hash = |labels: &Map| labels.len() == 1 && labels.contains(HASH);
    let has_only_hash = subset.get("labels").and_then(Value::as_map).is_some_and(only_hash);
    has_only_hash && subset.as_map().is_some_and(|map| map.len() == 2)
}

impl Roles {
    /// The first of these sets for which hashes must not be written yet: one of the two versions that has pods and not all
    /// of them ready. A canary that is being given up does not hold them back. Where Services tell the versions apart,
    /// hashes never wait.
    #[must_use]
    pub fn blocks_hashes<'s>(
        &self,
        sets: &'s [ReplicaSet],
        canary_hash: &str,
        stable_hash: &str,
        canary: Giving,
    ) -> Option<&'s ReplicaSet> {
        let by_services = !self.canary.service.is_empty() || !self.stable.service.is_empty();
        if by_services && !self.ping_pong {
            return None;
        }
        sets.iter().find(|set| {
            let hash = set.hash();
            let counts = if hash == canary_hash { canary == Giving::Traffic } else { hash == stable_hash };
            counts && !hash.is_empty() && set.desired() > 0 && !is_available(Some(set))
        })
    }
}

/// What is being done with the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Giving {
    /// It gets its share.
    Traffic,
    /// It is given up.
    Up,
}
