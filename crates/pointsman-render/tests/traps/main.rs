//! What people suffer from in their own route objects: each a test by name that a naive writer, kept beside it, fails.
//!
//! The list of all traps, and which thread each is from, stands in `pointsman-rollout`, `tests/traps/main.rs`. A test tells
//! the same to both writers, and the same check passes ours and not the naive one.

#![expect(clippy::indexing_slicing, reason = "what is not there is null, and the test says so")]

mod naive;

use std::fmt::Write;

use pointsman_render::{ManifestSet, Release};
use pointsman_rollout::{Effect, ManagedRoute, RequestMatch, RouteAction, TextMatch, Version};
use pointsman_types::{Split, Weight};
use serde_json::Value;

use crate::naive::Naive;

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
";

const RULE: &str = "\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: debug, labels: {tier: debug}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}
";

/// Whoever writes effects into the user's objects.
trait Writer {
    fn write(&mut self, effects: &[Effect]) -> Result<(), String>;
    /// The only object of a kind.
    fn object(&self, kind: &str) -> Value;
}

struct Ours(Release);

impl Ours {
    fn of(routes: &str) -> Self {
        let mut files = ManifestSet::new();
        files.insert("all.yaml", format!("{SERVICE}---\n{RULE}---\n{}", virtual_service(routes)));
        Self(Release::new(files, "default", "reviews").with_managed_routes(["insiders"]))
    }
}

impl Writer for Ours {
    fn write(&mut self, effects: &[Effect]) -> Result<(), String> {
        self.0.carry_out(effects).map(|_| ()).map_err(|error| error.to_string())
    }

    fn object(&self, kind: &str) -> Value {
        let objects = self.0.manifests().objects().expect("can be read");
        let object = objects.iter().find(|object| object.object_ref.kind == kind).expect("is there");
        serde_json::from_str(&object.value.to_json()).expect("is JSON")
    }
}

/// With these entries of `spec.http`, one a line.
fn virtual_service(routes: &str) -> String {
    let mut text =
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: reviews, namespace: \
                    default}\nspec:\n  hosts: [reviews]\n  http:\n"
            .to_owned();
    for route in routes.lines() {
        writeln!(text, "  - {route}").expect("a text takes all");
    }
    text
}

/// Ours passes; the naive one, told which routes it may touch, comes to grief with these words.
fn told_apart(routes: &str, listed: &[&str], story: fn(&mut dyn Writer) -> Result<(), String>, grief: &str) {
    told_apart_from(Naive::of(&virtual_service(routes), RULE, listed), routes, story, grief);
}

/// With a naive writer of another age.
fn told_apart_from(
    mut naive: Naive,
    routes: &str,
    story: fn(&mut dyn Writer) -> Result<(), String>,
    grief: &str,
) {
    assert_eq!(story(&mut Ours::of(routes)), Ok(()), "ours");
    let met = story(&mut naive).expect_err("the naive one passes, too");
    assert!(met.contains(grief), "the naive one meets something else: {met}");
}

fn v2() -> Version {
    Version::from_static("v2")
}

fn split(shares: &[(&str, u32)]) -> Effect {
    let split = Split::new(shares.iter().map(|(name, weight)| (*name, Weight::new(*weight))));
    Effect::SetSplit { change: 1, split: split.expect("a split"), pins: None }
}

/// The canary has this share.
fn share(weight: u32) -> [Effect; 2] {
    [Effect::EnsureSubset { version: v2() }, split(&[("v1", 100 - weight), ("v2", weight)])]
}

fn insiders() -> Effect {
    let insider = RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()));
    let (matches, action) = (vec![insider], RouteAction::ToCanary);
    let routes = vec![ManagedRoute { name: "insiders".into(), matches, action }];
    Effect::SetRoutes { change: 1, to: Some(v2()), routes }
}

fn no_routes() -> Effect {
    Effect::SetRoutes { change: 2, to: None, routes: Vec::new() }
}

fn routes(writer: &dyn Writer) -> Vec<Value> {
    writer.object("VirtualService")["spec"]["http"].as_array().expect("routes").clone()
}

fn route(writer: &dyn Writer, name: &str) -> Result<Value, String> {
    let all = routes(writer);
    all.iter().find(|route| route["name"] == name).cloned().ok_or_else(|| format!("`{name}` is gone"))
}

/// The destinations of a route, as `host/subset weight`.
fn destinations(route: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |item: &Value| {
        let destination = &item["destination"];
        let weight = item["weight"].as_u64().map_or(String::new(), |weight| format!(" {weight}"));
        format!("{}/{}{weight}", text(&destination["host"]), text(&destination["subset"]))
    };
    route["route"].as_array().into_iter().flatten().map(one).collect()
}

fn is(actual: &impl std::fmt::Debug, expected: &impl std::fmt::Debug) -> Result<(), String> {
    let (actual, expected) = (format!("{actual:?}"), format!("{expected:?}"));
    (actual == expected).then_some(()).ok_or_else(|| format!("{actual} and not {expected}"))
}

const PRIMARY: &str = "{name: primary, route: [{destination: {host: reviews, subset: v1}}]}";

/// A naive writer that does nothing right would be no opponent.
#[test]
fn both_write_the_shares_of_a_plain_route() {
    let story = |writer: &mut dyn Writer| {
        writer.write(&share(20))?;
        is(&destinations(&route(writer, "primary")?), &["reviews/v1 80", "reviews/v2 20"])?;
        writer.write(&[insiders()])?;
        is(&destinations(&route(writer, "insiders")?), &["reviews/v2"])?;
        is(&routes(writer).len(), &2)
    };
    assert_eq!(story(&mut Ours::of(PRIMARY)), Ok(()));
    assert_eq!(story(&mut Naive::of(&virtual_service(PRIMARY), RULE, &["primary"])), Ok(()));
}

/// ar#3141: a managed route that names the canary gets its weight, which is 0.
#[test]
fn no_route_ever_has_a_total_of_nothing() {
    told_apart(
        PRIMARY,
        &["primary"],
        |writer| {
            writer.write(&[Effect::EnsureSubset { version: v2() }, insiders()])?;
            for weight in [0, 20, 100] {
                writer.write(&share(weight))?;
                for route in routes(writer) {
                    let weights = route["route"].as_array().into_iter().flatten().map(|item| &item["weight"]);
                    let none = weights.clone().all(|weight| weight.as_u64() == Some(0));
                    let name = &route["name"];
                    (!none).then_some(()).ok_or_else(|| format!("{name} has a total weight of 0"))?;
                }
                is(&destinations(&route(writer, "insiders")?), &["reviews/v2"])?;
            }
            Ok(())
        },
        "\"insiders\" has a total weight of 0",
    );
}

/// api#586: shares of what others leave, which are not whole numbers of percent.
#[test]
fn a_route_adds_up_to_a_hundred() {
    let mixed = "{name: primary, route: [{destination: {host: reviews, subset: v1}, weight: 85}, \
                 {destination: {host: legacy}, weight: 15}]}";
    told_apart_from(
        Naive::of(&virtual_service(mixed), RULE, &["primary"]).keeping_others(),
        mixed,
        |writer| {
            for weight in 1..100 {
                writer.write(&share(weight))?;
                let primary = route(writer, "primary")?;
                let weights = primary["route"].as_array().into_iter().flatten();
                let total: u64 = weights.filter_map(|item| item["weight"].as_u64()).sum();
                (total == 100).then_some(()).ok_or_else(|| format!("at {weight} it adds up to {total}"))?;
            }
            Ok(())
        },
        "it adds up to",
    );
}

/// ar#3125, gw#203: other destinations and subsets are taken away.
#[test]
fn destinations_and_subsets_of_others_stay() {
    let mixed = "{name: primary, route: [{destination: {host: reviews, subset: v1}, weight: 80}, {destination: {host: \
                 reviews, subset: debug}, weight: 5}, {destination: {host: legacy}, weight: 15}]}\n\
                 {name: admin, match: [{uri: {prefix: /admin}}], route: [{destination: {host: reviews, subset: debug}}]}";
    told_apart(
        mixed,
        &["primary", "admin"],
        |writer| {
            let rule = |writer: &dyn Writer| writer.object("DestinationRule")["spec"]["subsets"].clone();
            let debug = rule(writer)[1].clone();
            writer.write(&share(25))?;
            let all = ["reviews/v1 60", "reviews/v2 20", "reviews/debug 5", "legacy/ 15"];
            is(&destinations(&route(writer, "primary")?), &all)?;
            is(&destinations(&route(writer, "admin")?), &["reviews/debug"])?;
            let subsets = rule(writer);
            let stays = subsets.as_array().is_some_and(|subsets| subsets.contains(&debug));
            stays.then_some(()).ok_or_else(|| format!("the subsets are {subsets}"))
        },
        "[\"reviews/v1 75\", \"reviews/v2 25\"] and not",
    );
}

/// ar#3125: the subset of others, where no route of the release names it.
#[test]
fn a_subset_that_is_not_routed_to_stays() {
    told_apart(
        PRIMARY,
        &["primary"],
        |writer| {
            writer.write(&share(25))?;
            let subsets = writer.object("DestinationRule")["spec"]["subsets"].clone();
            let names: Vec<&str> = subsets.as_array().into_iter().flatten().filter_map(name_of).collect();
            is(&names, &["v1", "debug", "v2"])
        },
        "[\"v1\", \"v2\"] and not",
    );
}

fn name_of(value: &Value) -> Option<&str> {
    value["name"].as_str()
}

/// What a route says beside its destinations is the same after managed routes came and went.
fn survives(writer: &mut dyn Writer, name: &str, field: &str) -> Result<(), String> {
    let before = route(writer, name)?[field].clone();
    writer.write(&[Effect::EnsureSubset { version: v2() }, insiders()])?;
    writer.write(&share(20))?;
    writer.write(&[no_routes()])?;
    is(&route(writer, name)?[field].to_string(), &before.to_string())
}

/// ar#2767: a condition by headers that must not be there is emptied.
#[test]
fn conditions_nobody_modelled_stay() {
    told_apart(
        "{name: primary, match: [{withoutHeaders: {x-canary: {regex: '.+'}}}], route: [{destination: {host: reviews, \
         subset: v1}}]}",
        &["primary"],
        |writer| survives(writer, "primary", "match"),
        "[{}]",
    );
}

/// ar#2266: retries are lost.
#[test]
fn retries_stay() {
    told_apart(
        "{name: primary, retries: {attempts: 3, perTryTimeout: 2s}, route: [{destination: {host: reviews, subset: v1}}]}",
        &["primary"],
        |writer| survives(writer, "primary", "retries"),
        "\"null\" and not",
    );
}

/// ar#4097: all routes of the object must be listed, and the list kept.
#[test]
fn routes_need_not_be_listed() {
    told_apart(
        "{name: slow, match: [{uri: {prefix: /slow}}], route: [{destination: {host: reviews, subset: v1}}]}\n\
         {match: [{uri: {prefix: /other}}], route: [{destination: {host: legacy}}]}\n\
         {name: primary, route: [{destination: {host: reviews, subset: v1}}]}",
        &[],
        |writer| {
            writer.write(&share(20))?;
            for name in ["slow", "primary"] {
                is(&destinations(&route(writer, name)?), &["reviews/v1 80", "reviews/v2 20"])?;
            }
            is(&destinations(&routes(writer)[1]), &["legacy/"])
        },
        "more than one route: say which",
    );
}

/// ar#2769: routes without a name are written again and again.
#[test]
fn unnamed_routes_do_not_multiply() {
    let unnamed = "{match: [{uri: {prefix: /a}}], route: [{destination: {host: legacy}}]}\n\
                   {match: [{uri: {prefix: /b}}], route: [{destination: {host: legacy}}]}";
    told_apart(
        &format!("{unnamed}\n{PRIMARY}"),
        &["primary"],
        |writer| {
            for _ in 0..3 {
                writer.write(&[Effect::EnsureSubset { version: v2() }, insiders()])?;
                writer.write(&share(20))?;
                is(&routes(writer).len(), &4)?;
            }
            writer.write(&[no_routes()])?;
            is(&routes(writer).len(), &3)
        },
        "6 and not 4",
    );
}
