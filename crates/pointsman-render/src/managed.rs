//! Routes that a rollout adds before the split and takes away again.

use std::collections::BTreeSet;

use pointsman_api::istio::networking::{HTTPMatchRequest, StringMatch};
use pointsman_manifest::{Map, Number, Value};
use pointsman_rollout::{ManagedRoute, RequestMatch, RouteAction, TextMatch};
use pointsman_types::FieldPath;

use crate::edit::Edit;
use crate::pins::is_pin;

/// A managed route as it shall stand: its conditions, and what it does.
pub(crate) struct Wanted {
    name: String,
    matches: Value,
    to: Value,
    mirror_percent: Option<f64>,
}

pub(crate) fn routes(routes: &[ManagedRoute], component: &str, subset: Option<&str>) -> Vec<Wanted> {
    let Some(subset) = subset else { return Vec::new() };
    let to = || Value::Map(Map::from_iter([("host", component), ("subset", subset)]));
    let wanted = |route: &ManagedRoute| Wanted {
        name: route.name.clone(),
        matches: route.matches.iter().map(condition).collect(),
        to: to(),
        mirror_percent: match route.action {
            RouteAction::ToCanary => None,
            RouteAction::Mirror(percent) => Some(f64::from(percent.millionths()) / 10_000.0),
        },
    };
    routes.iter().filter(|route| !route.matches.is_empty()).map(wanted).collect()
}

pub(crate) fn condition(request: &RequestMatch) -> Value {
    let mut condition = HTTPMatchRequest::new();
    condition.method = request.method.as_ref().map(text);
    condition.uri = request.path.as_ref().map(text);
    condition.headers = request.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    condition.source_labels =
        request.source_labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Value::from_serialize(&condition).unwrap_or_default()
}

fn text(value: &TextMatch) -> StringMatch {
    match value {
        TextMatch::Exact(text) => StringMatch::exact(text.as_str()),
        TextMatch::Prefix(text) => StringMatch::prefix(text.as_str()),
        TextMatch::Regex(text) => StringMatch::regex(text.as_str()),
    }
}

/// The edits that make these, and no other managed routes, stand before the component's routes.
pub(crate) fn edits(
    object: &Value,
    wanted: &[Wanted],
    managed: &BTreeSet<String>,
    is_own: impl Fn(&Value) -> bool,
) -> Vec<Edit> {
    let list = FieldPath::root().field("spec").field("http");
    let rules = object.at(&list).and_then(Value::as_list).unwrap_or_default();
    let name_of = |rule: &Value| rule.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let goes_to_own = |rule: &&Value| {
        let destinations = rule.get("route").and_then(Value::as_list).unwrap_or_default();
        destinations.iter().any(|item| item.get("destination").is_some_and(&is_own))
    };
    // Only where the component is routed to at all.
    let is_plain = |name: String| !managed.contains(&name) && !is_pin(&name);
    let plain = rules.iter().filter(|rule| is_plain(name_of(rule)));
    let Some(main) = plain.clone().find(goes_to_own) else { return Vec::new() };
    let destinations = main.get("route").cloned().unwrap_or_default();
    let standing: Vec<_> = rules.iter().filter(|rule| managed.contains(&name_of(rule))).cloned().collect();
    let target: Vec<_> = wanted.iter().map(|wanted| rule(wanted, &destinations)).collect();
    let in_front = rules.iter().take_while(|rule| managed.contains(&name_of(rule))).count();
    if standing == target && in_front == standing.len() {
        return Vec::new();
    }
    let mut edits = Vec::new();
    for (position, rule) in rules.iter().enumerate().rev() {
        if managed.contains(&name_of(rule)) {
            edits.push(Edit::Remove(list.clone().index(position)));
        }
    }
    for (position, rule) in target.into_iter().enumerate() {
        edits.push(Edit::Insert(list.clone(), position, rule));
    }
    edits
}

fn rule(wanted: &Wanted, destinations: &Value) -> Value {
    let mut rule = Map::new();
    rule.insert("name", wanted.name.as_str());
    rule.insert("match", wanted.matches.clone());
    match wanted.mirror_percent {
        None => {
            let item = Map::from_iter([("destination", wanted.to.clone())]);
            rule.insert("route", Value::from(vec![item]));
        }
        Some(percent) => {
            rule.insert("route", destinations.clone());
            rule.insert("mirror", wanted.to.clone());
            rule.insert("mirrorPercentage", Map::from_iter([("value", number(percent))]));
        }
    }
    Value::Map(rule)
}

/// A share as a number of percent.
pub(crate) fn percent(share: pointsman_types::Percent) -> Value {
    number(share.as_f64())
}

fn number(percent: f64) -> Value {
    if percent.fract() == 0.0 {
        Value::from(percent as i64)
    } else {
        Number::from_f64(percent).map_or(Value::Null, Value::Number)
    }
}
