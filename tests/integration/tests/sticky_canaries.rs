//! Users who stay with the version that they met: written into somebody's own route, read by the routing table, and gone at the end.

mod support;

use std::collections::BTreeMap;

use pointsman_render::{Release, RenderError};
use pointsman_rollout::{
    Canary, Command, Effect, Event, Keeps, Pause, Plan, PlanSpec, PlanStep, Status, Sticky, Strategy,
    Version, Visits, step, sticking,
};
use pointsman_route::{Request, RoutingTable, Scratch};
use pointsman_types::{Draws, SplitMix64, Time, Weight};

use support::{release, reviews, service, table};

const ROUTES: &str = "\
# Ours.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: admin # nobody else's business
    match: [{uri: {prefix: /admin}}]
    route: [{destination: {host: legacy}}]
  - name: slow
    match:
    - uri: {prefix: /slow}
    - uri: {prefix: /old} # as slow
    timeout: 7s
    route:
    - destination: {host: reviews, subset: v1}
      weight: 90 # most
      headers: {response: {add: {x-served-by: us}}} # ours
    - destination: {host: legacy}
      weight: 10
  - name: main
    retries: {attempts: 3}
    futureField: kept
    route:
    - destination: {host: reviews, subset: v1}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets:
  - {name: v1, labels: {version: v1}}
";

/// A release with its files.
struct Story {
    plan: Plan,
    status: Status,
    release: Release,
}

fn canary(weights: &[u32]) -> PlanSpec {
    let steps = weights
        .iter()
        .flat_map(|weight| [PlanStep::SetWeight(Weight::new(*weight)), PlanStep::Pause(Pause::FOR_A_PERSON)]);
    PlanSpec::new("reviews", Strategy::Canary(Canary::new(steps)))
}

impl Story {
    /// Of which nothing has happened yet.
    fn of_nothing(spec: PlanSpec, routes: &str) -> Self {
        let workloads = [service("reviews"), service("legacy"), reviews("v1")].concat();
        let release = release([("workloads.yaml", workloads), ("routes.yaml", routes.to_owned())]);
        Self { plan: spec.build().expect("a plan"), status: Status::new(), release }
    }

    /// In which v1 serves and v2 has the first share.
    fn of(spec: PlanSpec, routes: &str) -> Self {
        let mut story = Self::of_nothing(spec, routes);
        story.tell(Event::RevisionAdded { version: v("v1") });
        story.tell(Event::RevisionAdded { version: v("v2") });
        story
    }

    fn tell(&mut self, event: Event) {
        self.try_to(event).expect("can be rendered");
    }

    /// Tells an event and carries out what follows, until it waits for something else than pods and routes.
    fn try_to(&mut self, event: Event) -> Result<(), RenderError> {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            let answer = step(&self.plan, &self.status, &event, Time::EPOCH).expect("has a place");
            self.status = answer.status;
            self.release.carry_out(&answer.effects)?;
            next = answer.effects.iter().find_map(|effect| match effect {
                Effect::Scale { version, replicas } => Some(Event::PodsChanged {
                    version: version.clone(),
                    replicas: *replicas,
                    ready: *replicas,
                }),
                Effect::SetSplit { change, .. } => Some(Event::SplitApplied { change: *change }),
                Effect::AwaitGone { version } => Some(Event::VersionGone { version: version.clone() }),
                _ => None,
            });
        }
        Ok(())
    }

    fn command(&mut self, command: Command) {
        self.tell(Event::Commanded(command));
    }

    fn routes(&self) -> &str {
        self.release.manifests().get("routes.yaml").expect("the file")
    }

    fn table(&self) -> RoutingTable {
        table(&self.release)
    }
}

fn v(name: &'static str) -> Version {
    Version::from_static(name)
}

/// A browser: it keeps the cookies that it is given, among others.
#[derive(Clone, Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    /// Where a request goes; cookies of the answer are kept.
    fn ask(&mut self, table: &RoutingTable, path: &str, draw: u64) -> String {
        let cookies: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookie = format!("a=1; {}; z=2", cookies.join("; "));
        let headers: &[(&str, &[u8])] = &[("cookie", cookie.as_bytes())];
        let request = Request::get("reviews:9080", path).with_headers(headers);
        let mut scratch = Scratch::new();
        let decision = table.select(&request, &Draws::default().with_route(draw), &mut scratch);
        // The service sets a cookie of its own, which has to survive.
        let mut answer = vec![("set-cookie".to_owned(), b"session=own".to_vec())];
        decision.edit_response_headers(&mut answer);
        let set = answer.iter().filter(|(name, _)| name == "set-cookie");
        let set: Vec<String> = set.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect();
        assert_eq!(set.first().map(String::as_str), Some("session=own"));
        for cookie in set.iter().skip(1) {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            assert!(cookie.ends_with("; Path=/; Max-Age=86400"), "{cookie}");
            self.0.insert(name.into(), value.into());
        }
        if decision.host().starts_with("legacy") { "legacy".into() } else { decision.subset().to_owned() }
    }
}

fn sticky() -> Sticky {
    Sticky::by_cookie("reviews-version")
}

/// Users who all come in each step: where they are at its end, and how many changed from v2 back to v1.
fn shares(story: &mut Story, steps: usize, requests: u32) -> Vec<f64> {
    const USERS: usize = 4_000;
    let mut dice = SplitMix64::new(20);
    let mut users = vec![Browser::default(); USERS];
    let mut where_they_are = vec![String::new(); USERS];
    let mut seen = Vec::new();
    for at in 0..steps {
        if at > 0 {
            story.command(Command::Promote);
        }
        let table = story.table();
        for (user, place) in users.iter_mut().zip(&mut where_they_are) {
            let first = user.ask(&table, "/", dice.next_u64());
            assert!(!(place == "v2" && first == "v1"), "a user of v2 was sent back");
            for _ in 1..requests {
                let next = user.ask(&table, "/", dice.next_u64());
                let stays = next == first || (first == "v1" && user.0.is_empty());
                assert!(stays || story.plan.spec().sticky.as_ref().is_some_and(|s| s.keeps == Keeps::Canary));
            }
            *place = user.ask(&table, "/", dice.next_u64());
        }
        let on_canary = where_they_are.iter().filter(|place| *place == "v2").count();
        seen.push(on_canary as f64 / USERS as f64);
    }
    seen
}

#[test]
fn users_stay_and_their_share_is_the_weight() {
    let mut story = Story::of(canary(&[5, 20, 60]).with_sticky(sticky()), ROUTES);
    let told = sticking(Keeps::Both, &story.plan.weights(), Weight::new(100), Visits { share: 1.0, each: 6 });
    for (seen, told) in shares(&mut story, 3, 5).iter().zip(told) {
        assert!((seen - told.users).abs() < 0.025, "{seen} of the users are there, {told:?}");
    }
}

/// fl#1532: sticky users drift to the canary.
#[test]
fn with_marks_for_the_canary_alone_users_drift_as_far_as_was_told() {
    let spec = canary(&[5, 20]).with_sticky(sticky().with_keeps(Keeps::Canary));
    let mut story = Story::of(spec, ROUTES);
    // The last request, which looks where they are, deals too.
    let visits = Visits { share: 1.0, each: 6 };
    let told = sticking(Keeps::Canary, &story.plan.weights(), Weight::new(100), visits);
    for (seen, told) in shares(&mut story, 2, 5).iter().zip(told) {
        assert!(told.users > f64::from(told.weight.value()) / 100.0 + 0.2, "{told:?}");
        assert!((seen - told.users).abs() < 0.03, "{seen} of the users are there, {told:?}");
    }
}

/// Where so many requests of a browser with these cookies go.
fn places(table: &RoutingTable, cookies: &[(&str, &str)], path: &str) -> BTreeMap<String, u32> {
    let mut dice = SplitMix64::new(4);
    let mut places = BTreeMap::new();
    for _ in 0..2_000 {
        let mut browser = Browser(cookies.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        *places.entry(browser.ask(table, path, dice.next_u64())).or_default() += 1;
    }
    places
}

fn is_about(places: &BTreeMap<String, u32>, expected: &[(&str, u32)]) -> bool {
    let near = |(name, percent): &(&str, u32)| {
        let part = f64::from(places.get(*name).copied().unwrap_or(0)) / 20.0;
        (part - f64::from(*percent)).abs() < 4.0 && (*percent > 0) == places.contains_key(*name)
    };
    expected.iter().all(near) && places.len() == expected.iter().filter(|(_, percent)| *percent > 0).count()
}

#[test]
fn each_mark_leads_to_its_version_and_a_strange_one_is_not_lost() {
    let mut story = Story::of(canary(&[20, 60]).with_sticky(sticky()), ROUTES);
    let marks = |table: &RoutingTable| {
        let mut found = BTreeMap::new();
        let mut dice = SplitMix64::new(1);
        while found.len() < 2 {
            let mut browser = Browser::default();
            let place = browser.ask(table, "/", dice.next_u64());
            found.insert(place, browser.0["reviews-version"].clone());
        }
        found
    };
    let at_20 = marks(&story.table());
    let with =
        |story: &Story, mark: &str, path: &str| places(&story.table(), &[("reviews-version", mark)], path);
    for (version, mark) in &at_20 {
        assert_eq!(with(&story, mark, "/").keys().collect::<Vec<_>>(), [version]);
    }
    // Routes of somebody else come first where they did; destinations of somebody else keep their share.
    assert!(is_about(&with(&story, &at_20["v2"], "/admin"), &[("legacy", 100)]));
    assert!(is_about(&with(&story, &at_20["v2"], "/old/1"), &[("v2", 90), ("legacy", 10)]));
    assert!(is_about(&with(&story, &at_20["v1"], "/slow"), &[("v1", 90), ("legacy", 10)]));
    assert!(is_about(&places(&story.table(), &[], "/slow"), &[("v1", 72), ("v2", 18), ("legacy", 10)]));
    // A version that is not there any more, and text that only looks like a mark.
    for strange in ["v0~1", "v2", "v2~1", "xv2", &format!("{}0", at_20["v2"])] {
        assert!(is_about(&with(&story, strange, "/"), &[("v1", 80), ("v2", 20)]), "{strange}");
    }

    story.command(Command::Promote);
    // Half of those who were dealt at 20 and stayed go over: 20 + 40 of 100.
    assert!(is_about(&with(&story, &at_20["v1"], "/"), &[("v1", 50), ("v2", 50)]));
    assert!(is_about(&with(&story, &at_20["v2"], "/"), &[("v2", 100)]));

    story.command(Command::Abort);
    assert!(
        is_about(&with(&story, &at_20["v2"], "/"), &[("v1", 100)]),
        "nobody stays with what was given up"
    );
    // Begun again, it does not get them all at once.
    story.command(Command::Retry);
    assert!(is_about(&with(&story, &at_20["v2"], "/"), &[("v1", 80), ("v2", 20)]));
}

#[test]
fn what_is_added_comes_and_goes_with_the_release() {
    for end in [Command::Abort, Command::TakeOver { confirmed: Some(v("v2")) }] {
        let mut story = Story::of(canary(&[20, 60]).with_sticky(sticky()), ROUTES);
        let during = story.routes().to_owned();
        assert_eq!(during.matches("pointsman-sticky-").count(), 4, "{during}");
        for kept in
            ["# Ours.", "# nobody else's business", "# as slow", "# ours", "# most", "futureField: kept"]
        {
            assert!(during.contains(kept), "{kept} is lost in\n{during}");
        }
        // The same files from a controller that was started anew, and the list done twice.
        let effects = pointsman_rollout::effects(&story.plan, &story.status);
        let again = story.release.carry_out(&effects).expect("can be rendered");
        assert!(again.iter().all(|stage| stage.changes.is_empty()), "{again:?}");

        story.command(end.clone());
        let after = story.routes().to_owned();
        assert!(!after.contains("sticky") && !after.contains("set-cookie"), "{end:?}:\n{after}");
        if end == Command::Abort {
            // The subset stays as long as the version may be tried again.
            let route = |text: &'static str| text.split("---").next().unwrap_or_default();
            let after = after.split("---").next().unwrap_or_default();
            assert_eq!(after, route(ROUTES));
        }
    }
}

#[test]
fn what_a_release_owns_is_named_for_those_who_compare() {
    let story = Story::of(canary(&[20]).with_sticky(sticky()), ROUTES);
    let owned: Vec<String> =
        story.release.owned_fields().expect("can be read").iter().map(|(_, path)| path.to_string()).collect();
    for path in ["spec.http[1]", "spec.http[2]", "spec.http[3].route", "spec.http[4]", "spec.http[6].route"] {
        assert!(owned.iter().any(|owned| owned == path), "{path} of {owned:?}");
    }
}

#[test]
fn a_header_that_somebody_else_uses_is_not_overwritten() {
    let own = ROUTES.replace("x-served-by: us", "Set-Cookie: theirs=1");
    let mut story = Story::of_nothing(canary(&[20]).with_sticky(sticky()), &own);
    story.tell(Event::RevisionAdded { version: v("v1") });
    let refused = story.try_to(Event::RevisionAdded { version: v("v2") }).expect_err("is refused");
    assert!(matches!(refused, RenderError::MarkTaken { .. }), "{refused}");
    assert!(refused.to_string().contains("has `Set-Cookie` already"), "{refused}");
    assert_eq!(story.routes(), own, "nothing was changed");
}

#[test]
fn a_header_marks_users_where_clients_repeat_it() {
    let story = Story::of(canary(&[20]).with_sticky(Sticky::by_header("X-Reviews")), ROUTES);
    let table = story.table();
    let mut scratch = Scratch::new();
    let ask = |mark: &str, draw: u64, scratch: &mut Scratch| {
        let headers: &[(&str, &[u8])] = &[("x-reviews", mark.as_bytes())];
        let request = Request::get("reviews:9080", "/").with_headers(headers);
        let decision = table.select(&request, &Draws::default().with_route(draw), scratch);
        let mut answer = Vec::new();
        decision.edit_response_headers(&mut answer);
        let mark = answer.iter().find(|(name, _)| name == "x-reviews");
        let mark = mark.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        (decision.subset().to_owned(), mark)
    };
    let mut dice = SplitMix64::new(3);
    for _ in 0..200 {
        let (version, mark) = ask("", dice.next_u64(), &mut scratch);
        let mark = mark.expect("every user is marked");
        for _ in 0..20 {
            assert_eq!(ask(&mark, dice.next_u64(), &mut scratch).0, version);
        }
    }
}
