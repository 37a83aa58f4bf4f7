//! Rules for users who stay with the version that they met, and the marks that tell them.

use pointsman_manifest::{Map, Value};
use pointsman_rollout::{Carrier, Pin, Pins, RequestMatch};
use pointsman_types::{FieldPath, ObjectRef, Weight};

use crate::edit::Edit;
use crate::split::{self, OwnRoute};
use crate::{RenderError, managed};

/// How the names of these rules begin; a rule of such a name is the rollout's.
const PREFIX: &str = "pointsman-sticky-";

pub(crate) fn is_pin(name: &str) -> bool {
    name.starts_with(PREFIX)
}

fn name_of(rule: &Value) -> &str {
    rule.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn http() -> FieldPath {
    FieldPath::root().field("spec").field("http")
}

/// What a split and its pins make of one virtual service.
pub(crate) struct Pinning<'p> {
    pub(crate) pins: &'p Pins,
    pub(crate) total: Weight,
    /// The subset of each version of the split.
    pub(crate) subsets: Vec<(pointsman_rollout::Version, String)>,
    /// Routes of other jobs, which have no shares.
    pub(crate) is_managed: &'p dyn Fn(&str) -> bool,
    pub(crate) is_own: &'p dyn Fn(&Value) -> bool,
}

impl Pinning<'_> {
    /// The edits that mark the component's destinations and let exactly these rules stand, each before the route that it
    /// was made from.
    pub(crate) fn edits(&self, object: &Value, name: &ObjectRef) -> Result<Vec<Edit>, RenderError> {
        let taken = |path: FieldPath, header: &str| RenderError::MarkTaken {
            object: Box::new(name.clone()),
            path: path.to_string(),
            header: header.to_owned(),
        };
        let rules = object.at(&http()).and_then(Value::as_list).unwrap_or_default();
        let own: Vec<OwnRoute<'_>> = split::http_routes(object, self.is_own)
            .into_iter()
            .filter(|route| !is_pin(route.name) && !(self.is_managed)(route.name))
            .collect();
        let mut edits = Vec::new();
        // Rules that were there and are not pins, with the pins that shall stand before each.
        let mut target: Vec<Option<Value>> = Vec::new();
        let mut count = 0;
        for (position, rule) in rules.iter().enumerate().filter(|(_, rule)| !is_pin(name_of(rule))) {
            if let Some(route) = own.iter().find(|route| route.position == position) {
                count += 1;
                edits.extend(self.marks(route, &taken)?);
                for pin in self.pins.rules(self.total) {
                    target.push(Some(self.rule(&pin, rule, route, count, &taken)?));
                }
            }
            target.push(None);
        }
        let standing = rules.iter().map(|rule| is_pin(name_of(rule)).then(|| rule.clone()));
        if !standing.eq(target.iter().cloned()) {
            let pins = rules.iter().enumerate().rev().filter(|(_, rule)| is_pin(name_of(rule)));
            edits.extend(pins.map(|(position, _)| Edit::Remove(http().index(position))));
            let wanted = target.into_iter().enumerate();
            edits.extend(wanted.filter_map(|(at, rule)| rule.map(|rule| Edit::Insert(http(), at, rule))));
        }
        Ok(edits)
    }

    /// The edits of the marks in one route.
    fn marks(
        &self,
        route: &OwnRoute<'_>,
        taken: &dyn Fn(FieldPath, &str) -> RenderError,
    ) -> Result<Vec<Edit>, RenderError> {
        let mut edits = Vec::new();
        for position in &route.own {
            let Some(item) = route.destinations.get(*position) else { continue };
            let mut marked = item.clone();
            let path = route.path.clone().index(*position).field("headers");
            self.mark(&mut marked, true).map_err(|header| taken(path.clone(), &header))?;
            match (item.get("headers"), marked.get("headers")) {
                (before, after) if before == after => {}
                (Some(_), None) => edits.push(Edit::Remove(path)),
                (before, Some(after)) => edits.push(smallest(path, before, after)),
                (None, None) => {}
            }
        }
        Ok(edits)
    }

    /// Gives a destination its mark and no other one of ours. Says which header somebody else has.
    fn mark(&self, item: &mut Value, wants: bool) -> Result<(), String> {
        let subset = split::subset_of(Some(item)).unwrap_or_default();
        let version = self.subsets.iter().find(|(_, name)| name == subset).map(|(version, _)| version);
        let mark = version.filter(|_| wants).and_then(|version| self.pins.mark(version));
        let mut headers = item.get("headers").cloned().unwrap_or_default();
        let mut response = headers.get("response").cloned().unwrap_or_default();
        let mut added = response.get("add").and_then(Value::as_map).cloned().unwrap_or_default();
        let ours: Vec<String> = added
            .iter()
            .filter(|(name, value)| self.is_ours(name, value))
            .map(|(n, _)| n.to_owned())
            .collect();
        for name in &ours {
            added.remove(name);
        }
        if let Some((name, value)) = mark {
            if let Some((other, _)) = added.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(other.to_owned());
            }
            added.insert(name, value);
        } else if ours.is_empty() {
            return Ok(());
        }
        put(&mut response, "add", Value::Map(added));
        put(&mut headers, "response", response);
        put(item, "headers", headers);
        Ok(())
    }

    fn is_ours(&self, name: &str, value: &Value) -> bool {
        let sticky = &self.pins.sticky;
        let names = [sticky.name.as_str(), sticky.name_of_stable()];
        let cookie = |text: &str| {
            names.iter().any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
        };
        match sticky.by {
            Carrier::Cookie { .. } => {
                name.eq_ignore_ascii_case("set-cookie") && value.as_str().is_some_and(cookie)
            }
            Carrier::Header => names.iter().any(|ours| name.eq_ignore_ascii_case(ours)),
        }
    }

    /// The route again, for marked requests only, with their shares.
    fn rule(
        &self,
        pin: &Pin,
        rule: &Value,
        route: &OwnRoute<'_>,
        count: usize,
        taken: &dyn Fn(FieldPath, &str) -> RenderError,
    ) -> Result<Value, RenderError> {
        let subset = |version| {
            let found = self.subsets.iter().find(|(named, _)| named == version);
            found.map(|(_, subset)| subset.clone()).unwrap_or_default()
        };
        let shares: Vec<(String, u32)> =
            pin.shares.iter().map(|(version, weight)| (subset(version), weight.value())).collect();
        let mut destinations = split::shared(route, &shares);
        for item in destinations.iter_mut().filter(|item| item.get("destination").is_some_and(self.is_own)) {
            // Whoever is where they stay keeps the mark that they have.
            let deals = pin.shares.len() > 1;
            self.mark(item, deals).map_err(|header| taken(route.path.clone(), &header))?;
        }
        let mut pinned = Map::new();
        let number = if count > 1 { format!("-{count}") } else { String::new() };
        pinned.insert("name", format!("{PREFIX}{}{number}", pin.name));
        let matches = http().index(route.position).field("match");
        pinned.insert(
            "match",
            narrowed(rule.get("match"), &pin.matches).map_err(|header| taken(matches, &header))?,
        );
        for (name, value) in rule.as_map().into_iter().flat_map(Map::iter) {
            match name {
                "name" | "match" => {}
                "route" => {
                    pinned.insert("route", Value::from(destinations.clone()));
                }
                _ => {
                    pinned.insert(name, value.clone());
                }
            }
        }
        Ok(Value::Map(pinned))
    }
}

/// The matches of a route with one condition more; says which header they look at already.
fn narrowed(matches: Option<&Value>, by: &RequestMatch) -> Result<Value, String> {
    let condition = managed::condition(by);
    let list = matches.and_then(Value::as_list).unwrap_or_default();
    if list.is_empty() {
        return Ok(Value::from(vec![condition]));
    }
    let more = condition.get("headers").and_then(Value::as_map).cloned().unwrap_or_default();
    let with_more = |item: &Value| {
        let mut item = item.clone();
        let mut headers = item.get("headers").and_then(Value::as_map).cloned().unwrap_or_default();
        for (name, value) in more.iter() {
            if let Some((other, _)) = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(other.to_owned());
            }
            headers.insert(name, value.clone());
        }
        item.set("headers", Value::Map(headers));
        Ok(item)
    };
    list.iter().map(with_more).collect::<Result<Vec<Value>, String>>().map(Value::from)
}

/// Sets a field, or takes it away where it would be an empty map.
fn put(value: &mut Value, name: &str, field: Value) {
    if field.as_map().is_some_and(Map::is_empty) || field.is_null() {
        if let Some(map) = value.as_map_mut() {
            map.remove(name);
        }
    } else {
        value.set(name, field);
    }
}

/// One edit as deep as the two differ in one field only, so that comments beside it stay.
fn smallest(path: FieldPath, before: Option<&Value>, after: &Value) -> Edit {
    let (Some(old), Some(new)) = (before.and_then(Value::as_map), after.as_map()) else {
        return Edit::Set(path, after.clone());
    };
    let removed: Vec<&str> = old.iter().map(|(name, _)| name).filter(|name| !new.contains(name)).collect();
    let differs: Vec<(&str, &Value)> =
        new.iter().filter(|(name, value)| old.get(name) != Some(*value)).collect();
    match (removed.as_slice(), differs.as_slice()) {
        ([gone], []) => Edit::Remove(path.field(*gone)),
        ([], [(name, value)]) => smallest(path.field(*name), old.get(name), value),
        _ => Edit::Set(path, after.clone()),
    }
}
