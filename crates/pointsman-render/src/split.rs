//! Shares of a component in the routes of a virtual service.

use std::collections::BTreeSet;

use pointsman_manifest::Value;
use pointsman_types::FieldPath;

use crate::edit::Edit;
use crate::pins::is_pin;

/// One route list of a virtual service that sends something to the component.
pub(crate) struct OwnRoute<'v> {
    kind: &'static str,
    /// Which of its list.
    pub(crate) position: usize,
    /// The list of destinations.
    pub(crate) path: FieldPath,
    pub(crate) destinations: &'v [Value],
    /// Positions of the component's own.
    pub(crate) own: Vec<usize>,
    pub(crate) name: &'v str,
    mirrors: bool,
}

fn routes<'v>(object: &'v Value, is_own: impl Fn(&Value) -> bool) -> Vec<OwnRoute<'v>> {
    let mut found = Vec::new();
    let spec = object.get("spec");
    for kind in ["http", "tls", "tcp"] {
        let rules = spec.and_then(|spec| spec.get(kind)).and_then(Value::as_list).unwrap_or_default();
        for (position, rule) in rules.iter().enumerate() {
            let destinations = rule.get("route").and_then(Value::as_list).unwrap_or_default();
            let owned = |item: &Value| item.get("destination").is_some_and(&is_own);
            let positions = destinations.iter().enumerate().filter(|(_, item)| owned(item));
            let own: Vec<usize> = positions.map(|(position, _)| position).collect();
            if !own.is_empty() {
                found.push(OwnRoute {
                    kind,
                    position,
                    path: FieldPath::root().field("spec").field(kind).index(position).field("route"),
                    destinations,
                    own,
                    name: rule.get("name").and_then(Value::as_str).unwrap_or_default(),
                    mirrors: rule.get("mirror").is_some() || rule.get("mirrors").is_some(),
                });
            }
        }
    }
    found
}

/// The HTTP routes that send something to the component.
pub(crate) fn http_routes<'v>(object: &'v Value, is_own: impl Fn(&Value) -> bool) -> Vec<OwnRoute<'v>> {
    routes(object, is_own).into_iter().filter(|route| route.kind == "http").collect()
}

/// Where the component's shares stand, and the rules for users who stay.
pub(crate) fn own_routes(object: &Value, is_own: impl Fn(&Value) -> bool) -> Vec<FieldPath> {
    let place = |route: OwnRoute<'_>| match is_pin(route.name) {
        true => FieldPath::root().field("spec").field(route.kind).index(route.position),
        false => route.path,
    };
    routes(object, is_own).into_iter().map(place).collect()
}

/// The first place that names a subset of the component.
pub(crate) fn first_use(object: &Value, subset: &str, is_own: impl Fn(&Value) -> bool) -> Option<FieldPath> {
    let names = |destination: &Value| {
        is_own(destination) && destination.get("subset").and_then(Value::as_str) == Some(subset)
    };
    for route in routes(object, &is_own) {
        let used = |item: &Value| item.get("destination").is_some_and(names);
        if let Some(position) = route.destinations.iter().position(used) {
            return Some(route.path.index(position).field("destination"));
        }
    }
    let rules =
        object.get("spec").and_then(|spec| spec.get("http")).and_then(Value::as_list).unwrap_or_default();
    let mirrors = |rule: &Value| {
        let several = rule.get("mirrors").and_then(Value::as_list).unwrap_or_default();
        rule.get("mirror").is_some_and(names)
            || several.iter().any(|item| item.get("destination").is_some_and(names))
    };
    let position = rules.iter().position(mirrors)?;
    Some(FieldPath::root().field("spec").field("http").index(position).field("mirror"))
}

/// The edits that give the component's subsets these shares, in every route that sends something to it.
///
/// Other destinations of a route keep their weights; the component's own weights keep their sum there.
pub(crate) fn edits(
    object: &Value,
    wanted: &[(String, u32)],
    managed: &BTreeSet<String>,
    is_own: impl Fn(&Value) -> bool,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for route in routes(object, is_own) {
        // A managed route that sends everything to the canary has no shares; one that mirrors follows the split.
        if is_pin(route.name) || (managed.contains(route.name) && !route.mirrors) {
            continue;
        }
        edits.extend(route_edits(&route, wanted));
    }
    edits
}

fn route_edits(route: &OwnRoute<'_>, wanted: &[(String, u32)]) -> Vec<Edit> {
    let only_own = route.own.len() == route.destinations.len();
    let wanted = if only_own { wanted.to_vec() } else { scaled(wanted, own_weight(route)) };
    // The weight of a single destination is ignored by the control plane: none is written.
    let weight_of = |weight: u32| (wanted.len() > 1 || !only_own).then_some(weight);

    let mut free = route.own.clone();
    let mut edits = Vec::new();
    let mut missing = Vec::new();
    for (subset, weight) in &wanted {
        let subset_at = |position: &usize| subset_of(route.destinations.get(*position)) == Some(subset);
        match free.iter().position(subset_at) {
            Some(found) => edits.extend(weight_edit(route, free.remove(found), weight_of(*weight))),
            None => missing.push((subset, *weight)),
        }
    }
    // A destination without subset is the whole service: it becomes the first version that has none of its own.
    let whole = |position: &usize| subset_of(route.destinations.get(*position)).is_none();
    while let (Some(found), false) = (free.iter().position(whole), missing.is_empty()) {
        let (subset, weight) = missing.remove(0);
        let position = free.remove(found);
        let path = route.path.clone().index(position).field("destination").field("subset");
        edits.push(Edit::Set(path, subset.as_str().into()));
        edits.extend(weight_edit(route, position, weight_of(weight)));
    }
    // Inserts go behind the component's last destination, before any removal moves positions.
    let end = route.own.last().map_or(0, |last| last + 1);
    let pattern = route.own.first().and_then(|first| route.destinations.get(*first));
    for (offset, (subset, weight)) in missing.into_iter().enumerate() {
        let item = new_destination(pattern, subset, weight_of(weight));
        edits.push(Edit::Insert(route.path.clone(), end + offset, item));
    }
    for position in free.into_iter().rev() {
        edits.push(Edit::Remove(route.path.clone().index(position)));
    }
    edits
}

pub(crate) fn subset_of(item: Option<&Value>) -> Option<&str> {
    item?.get("destination")?.get("subset")?.as_str().filter(|subset| !subset.is_empty())
}

/// The destinations of a route with other shares of the component: those of others stay where they are.
pub(crate) fn shared(route: &OwnRoute<'_>, wanted: &[(String, u32)]) -> Vec<Value> {
    let only_own = route.own.len() == route.destinations.len();
    let wanted = if only_own { wanted.to_vec() } else { scaled(wanted, own_weight(route)) };
    let alone = wanted.len() == 1 && only_own;
    let first = route.own.first().copied();
    let mut items = Vec::new();
    for (position, item) in route.destinations.iter().enumerate() {
        if Some(position) == first {
            let of = |subset: &String| {
                let same = |own: &&usize| subset_of(route.destinations.get(**own)) == Some(subset);
                route.own.iter().find(same).and_then(|own| route.destinations.get(*own)).unwrap_or(item)
            };
            let weight = |weight: u32| (!alone).then_some(weight);
            items.extend(wanted.iter().map(|(s, w)| new_destination(Some(of(s)), s, weight(*w))));
        } else if !route.own.contains(&position) {
            items.push(item.clone());
        }
    }
    items
}

fn weight_edit(route: &OwnRoute<'_>, position: usize, weight: Option<u32>) -> Option<Edit> {
    let now = route.destinations.get(position).and_then(|item| item.get("weight"));
    let path = route.path.clone().index(position).field("weight");
    match (now, weight) {
        (Some(_), None) => Some(Edit::Remove(path)),
        (now, Some(weight)) if now.and_then(Value::as_u64) != Some(u64::from(weight)) => {
            Some(Edit::Set(path, weight.into()))
        }
        _ => None,
    }
}

/// A destination like the component's first one, for another subset.
fn new_destination(pattern: Option<&Value>, subset: &str, weight: Option<u32>) -> Value {
    let mut item = pattern.cloned().unwrap_or_default();
    if let Some(destination) = item.get_mut("destination") {
        destination.set("subset", subset);
    }
    match weight {
        Some(weight) => {
            item.set("weight", weight);
        }
        None => {
            if let Some(map) = item.as_map_mut() {
                map.remove("weight");
            }
        }
    }
    item
}

fn own_weight(route: &OwnRoute<'_>) -> u64 {
    let weight = |position: &usize| route.destinations.get(*position)?.get("weight")?.as_u64();
    route.own.iter().filter_map(weight).sum()
}

/// The shares of a smaller or larger whole; the largest remainders are rounded up, so that the sum is exact.
fn scaled(wanted: &[(String, u32)], whole: u64) -> Vec<(String, u32)> {
    let total: u64 = wanted.iter().map(|(_, weight)| u64::from(*weight)).sum();
    if total == 0 {
        return wanted.to_vec();
    }
    let mut shares: Vec<(u64, u64)> = wanted
        .iter()
        .map(|(_, weight)| (u64::from(*weight) * whole / total, u64::from(*weight) * whole % total))
        .collect();
    let missing = whole - shares.iter().map(|(share, _)| share).sum::<u64>();
    for _ in 0..missing {
        // The first of the largest remainders, so that the answer does not depend on a sort.
        let Some(largest) = shares.iter().map(|(_, rest)| *rest).max() else { break };
        if let Some(share) = shares.iter_mut().find(|(_, rest)| *rest == largest) {
            *share = (share.0 + 1, 0);
        }
    }
    let weight = |(name, _): &(String, u32), (share, _): (u64, u64)| {
        (name.clone(), u32::try_from(share).unwrap_or(u32::MAX))
    };
    wanted.iter().zip(shares).map(|(wanted, share)| weight(wanted, share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_shares_keep_the_sum() {
        let shares = |weights: &[u32], whole| -> Vec<u32> {
            let wanted: Vec<_> = weights.iter().map(|weight| (String::new(), *weight)).collect();
            scaled(&wanted, whole).into_iter().map(|(_, weight)| weight).collect()
        };
        assert_eq!(shares(&[80, 20], 90), [72, 18]);
        assert_eq!(shares(&[33, 33, 34], 10), [3, 3, 4]);
        assert_eq!(shares(&[50, 50], 7), [4, 3]);
        assert_eq!(shares(&[0, 100], 70), [0, 70]);
    }
}
