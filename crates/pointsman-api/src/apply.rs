//! Typed changes onto documents that say more than the types know.

use std::collections::BTreeMap;

use pointsman_manifest::{Map, Value};
use pointsman_types::Diagnostic;

use crate::decode::camel_case;
use crate::object::{Kind, Object};

impl<T: Kind> Object<T> {
    /// Changes a document so that it says what this object says, and nothing else of it: fields that the API does not know, the
    /// order of fields and the way values are written stay. O(size).
    ///
    /// Shape: a field is touched where the typed view of the document and this object differ. Items of lists are told apart by
    /// what they say; those that are changed in place keep their unknown fields.
    ///
    /// ```
    /// use pointsman_api::{Object, istio::networking::VirtualService};
    /// use pointsman_manifest::Value;
    /// let mut document = Value::from_json(r#"{"apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService",
    ///     "metadata": {"name": "reviews"}, "x-team": "books", "spec": {"hosts": ["reviews"], "http": [{"note": "ours",
    ///     "route": [{"destination": {"host": "reviews"}, "weight": 0}]}]}}"#)?;
    /// let mut object = Object::<VirtualService>::from_value(&document).value;
    /// object.spec.http[0].name = "all".to_owned();
    /// object.apply_to(&mut document).unwrap();
    /// assert_eq!(document.to_json(), r#"{"apiVersion":"networking.istio.io/v1beta1","kind":"VirtualService","metadata":{"name":"reviews"},"x-team":"books","spec":{"hosts":["reviews"],"http":[{"note":"ours","route":[{"destination":{"host":"reviews"},"weight":0}],"name":"all"}]}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What could not be read of the document, which is left as it is then: another kind, a value of the wrong type, two members
    /// of a group.
    pub fn apply_to(&self, document: &mut Value) -> Result<(), Vec<Diagnostic>> {
        let old = Self::from_value(document).ok()?.to_value();
        patch(document, &old, &self.to_value());
        Ok(())
    }

    /// Reads a document, changes what it says, and writes the change back as [`Object::apply_to`] does. Answers the object.
    ///
    /// # Errors
    ///
    /// As [`Object::apply_to`].
    pub fn change(document: &mut Value, change: impl FnOnce(&mut Self)) -> Result<Self, Vec<Diagnostic>> {
        let mut object = Self::from_value(document).ok()?;
        let old = object.to_value();
        change(&mut object);
        patch(document, &old, &object.to_value());
        Ok(object)
    }
}

/// Takes what differs between old and new over into the document, of which old is the view.
fn patch(document: &mut Value, old: &Value, new: &Value) {
    if old == new {
        return;
    }
    match (document, old, new) {
        (Value::Map(document), Value::Map(old), Value::Map(new)) => patch_fields(document, old, new),
        (Value::List(document), Value::List(old), Value::List(new)) if document.len() == old.len() => {
            patch_items(document, old, new);
        }
        (document, _, new) => *document = new.clone(),
    }
}

fn patch_fields(document: &mut Map, old: &Map, new: &Map) {
    for name in old.names().filter(|name| !new.contains(name)) {
        let written = written_name(document, name);
        document.remove(&written);
    }
    for (name, new) in new.iter() {
        let old = old.get(name);
        if old == Some(new) {
            continue;
        }
        let written = written_name(document, name);
        match (document.get_mut(&written), old) {
            (Some(document), Some(old)) => patch(document, old, new),
            _ => {
                document.insert(written, new.clone());
            }
        }
    }
}

/// The spelling of a field in the document: that of JSON, or that of protocol buffers.
fn written_name(document: &Map, name: &str) -> String {
    if document.contains(name) {
        return name.to_owned();
    }
    let other = document.names().find(|written| written.contains('_') && camel_case(written) == name);
    other.unwrap_or(name).to_owned()
}

/// Keeps the items that stay, changes those between them one by one, takes out and puts in the rest.
fn patch_items(document: &mut Vec<Value>, old: &[Value], new: &[Value]) {
    let mut pairs: Vec<Pair> = std::mem::take(document).into_iter().zip(old).map(Some).collect();
    let mut next_old = 0;
    for (position, same) in same_items(old, new).into_iter().chain([(new.len(), old.len())]) {
        let mut changed = document.len();
        while changed < position {
            let Some(item) = new.get(changed) else { break };
            match take_before(&mut pairs, &mut next_old, same) {
                Some((mut written, old)) => {
                    patch(&mut written, old, item);
                    document.push(written);
                }
                None => document.push(item.clone()),
            }
            changed += 1;
        }
        document.extend(pairs.get_mut(same).and_then(Option::take).map(|(written, _)| written));
        next_old = same + 1;
    }
}

/// An item as it is written, and its view.
type Pair<'v> = Option<(Value, &'v Value)>;

fn take_before<'v>(pairs: &mut [Pair<'v>], next: &mut usize, end: usize) -> Pair<'v> {
    if *next >= end {
        return None;
    }
    *next += 1;
    pairs.get_mut(*next - 1)?.take()
}

/// Positions in the new and the old list of items that are the same, both rising.
fn same_items(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, item) in old.iter().enumerate() {
        places.entry(item.to_json()).or_default().push(position);
    }
    let mut from = 0;
    let mut same = Vec::new();
    for (position, item) in new.iter().enumerate() {
        let Some(places) = places.get(&item.to_json()) else { continue };
        let next = places.partition_point(|place| *place < from);
        if let Some(place) = places.get(next) {
            same.push((position, *place));
            from = place + 1;
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::istio::networking::{
        DestinationRule, HTTPRoute, LbPolicy, LoadBalancerSettings, SimpleLb, Subset, TrafficPolicy,
        VirtualService,
    };

    fn document(spec: &str) -> Value {
        Value::from_json(&format!(
            r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {{"name": "a"}}, "spec": {spec}}}"#
        ))
        .unwrap()
    }

    fn changed(spec: &str, change: impl FnOnce(&mut VirtualService)) -> String {
        let mut document = document(spec);
        Object::<VirtualService>::change(&mut document, |object| change(&mut object.spec)).unwrap();
        document.get("spec").unwrap().to_json()
    }

    #[test]
    fn nothing_changed_changes_nothing() {
        let spec = r#"{"hosts":[],"x":1,"http":[{"retries":{"attempts":0},"y":null,"timeout":"1000ms"}]}"#;
        assert_eq!(changed(spec, |_| {}), spec);
    }

    #[test]
    fn items_keep_what_is_not_known_when_others_come_and_go() {
        let spec = r#"{"http":[{"name":"a","x":1},{"name":"b","x":2},{"name":"c","x":3}]}"#;
        let route = |name: &str| HTTPRoute::new().with_name(name);
        let without_first = changed(spec, |spec| spec.http.remove(0).name.clear());
        assert_eq!(without_first, r#"{"http":[{"name":"b","x":2},{"name":"c","x":3}]}"#);
        let with_one_between = changed(spec, |spec| spec.http.insert(1, route("n")));
        assert_eq!(
            with_one_between,
            r#"{"http":[{"name":"a","x":1},{"name":"n"},{"name":"b","x":2},{"name":"c","x":3}]}"#
        );
        let renamed = changed(spec, |spec| spec.http[1].name = "n".into());
        assert_eq!(renamed, r#"{"http":[{"name":"a","x":1},{"name":"n","x":2},{"name":"c","x":3}]}"#);
        assert_eq!(changed(spec, |spec| spec.http.clear()), "{}");
    }

    #[test]
    fn the_spelling_of_protocol_buffers_is_kept() {
        let spec = r#"{"http":[{"mirror_percent":5}]}"#;
        assert_eq!(
            changed(spec, |spec| spec.http[0].mirror_percent = Some(7)),
            r#"{"http":[{"mirror_percent":7}]}"#
        );
        assert_eq!(changed(spec, |spec| spec.http[0].mirror_percent = None), r#"{"http":[{}]}"#);
    }

    #[test]
    fn a_member_of_a_group_takes_the_place_of_another() {
        let balancer = |policy| LoadBalancerSettings::new().with_lb_policy(policy);
        let policy = |policy| TrafficPolicy::new().with_load_balancer(balancer(policy));
        let rule = DestinationRule::new().with_host("a").with_subsets(vec![Subset::new().with_name("v1")]);
        let before = rule.clone().with_traffic_policy(policy(LbPolicy::Simple(SimpleLb::Random)));
        let hash = crate::istio::networking::ConsistentHashLb::new();
        let after = Object::new("", "a", rule.with_traffic_policy(policy(LbPolicy::ConsistentHash(hash))));
        let mut document = Object::new("", "a", before).to_value();
        after.apply_to(&mut document).unwrap();
        assert_eq!(document, after.to_value());
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let mut broken = document(r#"{"hosts": 1}"#);
        let before = broken.clone();
        let object = Object::new("", "a", VirtualService::new());
        assert_eq!(object.apply_to(&mut broken).unwrap_err().len(), 1);
        assert!(Object::new("", "a", DestinationRule::new()).apply_to(&mut broken).is_err());
        assert_eq!(broken, before);
    }
}
