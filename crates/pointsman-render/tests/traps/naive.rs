//! A writer as the controllers of the threads had it: it reads a VirtualService into the fields that it knows, works on
//! them, and writes them back.

use pointsman_rollout::{Effect, ManagedRoute, TextMatch};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Writer;

/// A route, in the fields that are needed for releases (ar#2266).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Route {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, rename = "match", skip_serializing_if = "Vec::is_empty")]
    matches: Vec<Match>,
    route: Vec<Destination>,
}

/// A condition, in the fields that managed routes have (ar#2767).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Match {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uri: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Destination {
    destination: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weight: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subset: Option<String>,
}

/// What becomes of destinations of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// They have no weight, so they go (ar#3125, gw#203).
    Dropped,
    /// They keep their part, and each version gets its percentage of the rest, in whole numbers (api#586).
    Kept,
}

pub(crate) struct Naive {
    virtual_service: Value,
    destination_rule: Value,
    listed: Vec<String>,
    managed: Vec<String>,
    others: Others,
}

impl Naive {
    pub(crate) fn of(virtual_service: &str, destination_rule: &str, listed: &[&str]) -> Self {
        let read = |text: &str| {
            let manifest = pointsman_manifest::Manifest::parse(text).expect("YAML");
            let value = manifest.documents().first().expect("a document").value().to_json();
            serde_json::from_str(&value).expect("JSON")
        };
        Self {
            virtual_service: read(virtual_service),
            destination_rule: read(destination_rule),
            listed: listed.iter().map(|name| (*name).to_owned()).collect(),
            managed: Vec::new(),
            others: Others::Dropped,
        }
    }

    /// That learnt to keep what it does not know.
    pub(crate) fn keeping_others(mut self) -> Self {
        self.others = Others::Kept;
        self
    }

    fn routes(&self) -> Vec<Route> {
        serde_json::from_value(self.virtual_service["spec"]["http"].clone()).expect("routes")
    }

    fn put(&mut self, routes: &[Route]) {
        self.virtual_service["spec"]["http"] = json!(routes);
    }

    /// The only route, or those that are listed (ar#4097); and the managed ones, which name the canary too (ar#3141).
    fn is_touched(&self, routes: &[Route], route: &Route) -> Result<bool, String> {
        let is_managed = self.managed.contains(&route.name);
        let plain = routes.iter().filter(|route| !self.managed.contains(&route.name)).count();
        if self.listed.is_empty() && plain > 1 {
            return Err("the object has more than one route: say which".into());
        }
        Ok(is_managed || self.listed.is_empty() || self.listed.contains(&route.name))
    }

    fn set_weights(&mut self, shares: &[(String, u32)]) -> Result<(), String> {
        let mut routes = self.routes();
        let all = routes.clone();
        for route in &mut routes {
            if !self.is_touched(&all, route)? {
                continue;
            }
            let stays =
                |item: &&Destination| self.others == Others::Kept && item.destination.host != "reviews";
            let kept: Vec<Destination> = route.route.iter().filter(stays).cloned().collect();
            let left = 100 - kept.iter().filter_map(|item| item.weight).sum::<u32>();
            let named =
                |name: &str| route.route.iter().any(|item| item.destination.subset.as_deref() == Some(name));
            let is_managed = self.managed.contains(&route.name);
            let ours = shares.iter().filter(|(name, _)| !is_managed || named(name));
            let ours = ours.map(|(name, weight)| Destination {
                destination: Place { host: "reviews".into(), subset: Some(name.clone()) },
                weight: Some(weight * left / 100),
            });
            route.route = ours.chain(kept).collect();
        }
        self.put(&routes);
        Ok(())
    }

    /// All managed routes first, in their order; then the others, found by their names (ar#2769).
    fn set_managed(&mut self, wanted: &[ManagedRoute]) {
        let routes = self.routes();
        let is_managed = |route: &&Route| self.managed.contains(&route.name);
        let others: Vec<&Route> = routes.iter().filter(|route| !is_managed(route)).collect();
        let mut ordered: Vec<Route> = wanted.iter().map(managed_route).collect();
        for name in others.iter().map(|route| &route.name) {
            ordered.extend(others.iter().filter(|route| route.name == *name).map(|route| (*route).clone()));
        }
        self.managed = wanted.iter().map(|route| route.name.clone()).collect();
        self.put(&ordered);
    }

    /// The subsets are those of stable and canary (ar#3125).
    fn set_subsets(&mut self, shares: &[(String, u32)]) {
        let subset = |(name, _): &(String, u32)| json!({"name": name, "labels": {"version": name}});
        self.destination_rule["spec"]["subsets"] = shares.iter().map(subset).collect();
    }
}

fn managed_route(wanted: &ManagedRoute) -> Route {
    let text = |value: &TextMatch| match value {
        TextMatch::Exact(text) => json!({"exact": text}),
        TextMatch::Prefix(text) => json!({"prefix": text}),
        TextMatch::Regex(text) => json!({"regex": text}),
    };
    let conditions = wanted.matches.iter().map(|request| Match {
        method: request.method.as_ref().map(text),
        uri: request.path.as_ref().map(text),
        headers: Some(request.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()),
    });
    let place = Place { host: "reviews".into(), subset: Some("v2".into()) };
    Route {
        name: wanted.name.clone(),
        matches: conditions.collect(),
        route: vec![Destination { destination: place, weight: None }],
    }
}

impl Writer for Naive {
    fn write(&mut self, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::SetSplit { split, .. } => {
                    let shares: Vec<_> =
                        split.iter().map(|(name, weight)| (name.to_owned(), weight.value())).collect();
                    self.set_subsets(&shares);
                    self.set_weights(&shares)?;
                }
                Effect::SetRoutes { routes, .. } => self.set_managed(routes),
                _ => {}
            }
        }
        Ok(())
    }

    fn object(&self, kind: &str) -> Value {
        match kind {
            "VirtualService" => self.virtual_service.clone(),
            _ => self.destination_rule.clone(),
        }
    }
}
