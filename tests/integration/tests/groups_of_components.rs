//! Two components released together, in somebody's own files: reviews, which a route inside the mesh and one at the gateway lead to, and
//! ratings. After every single effect the files are compiled, and all requests of a full cycle are counted at each route object.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test stops at what it does not expect")]

use std::collections::BTreeMap;

use pointsman_render::{ManifestSet, Release};
use pointsman_rollout::group::{GroupCommand, GroupEvent, GroupPlan, GroupStatus, GroupStep, group_step};
use pointsman_rollout::{
    Canary, Command, Effect, Event, PlanSpec, PlanStep, Propagation, Settling, Strategy, Version,
};
use pointsman_route::{Mesh, Proxy, Request, RoutingTable, Scratch};
use pointsman_types::{Draws, Profile, Time, Weight, duration::TimeDelta};

const WORKLOADS: &str = "\
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: default}
spec: {selector: {app: ratings}, ports: [{name: http, port: 9080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reviews-v1, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: reviews, version: v1}}
  template: {metadata: {labels: {app: reviews, version: v1}}, spec: {containers: [{name: reviews, image: 'reviews:1'}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ratings-v1, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: ratings, version: v1}}
  template: {metadata: {labels: {app: ratings, version: v1}}, spec: {containers: [{name: ratings, image: 'ratings:1'}]}}
";

const ROUTES: &str = "\
# Inside the mesh.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - name: main # ours
    retries: {attempts: 3}
    route:
    - destination: {host: reviews, subset: v1}
---
# What the shop's partners call.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: partners, namespace: default}
spec:
  hosts: [partners.example.com]
  gateways: [public]
  http:
  - match: [{uri: {prefix: /reviews}}]
    route:
    - destination: {host: reviews.default.svc.cluster.local, subset: v1}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: default}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*.example.com']}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ratings, namespace: default}
spec:
  hosts: [ratings]
  http:
  - route:
    - destination: {host: ratings, subset: v1}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ratings, namespace: default}
spec:
  host: ratings
  subsets: [{name: v1, labels: {version: v1}}]
";

const REVIEWS: [u32; 4] = [0, 10, 50, 100];
const RATINGS: [u32; 4] = [0, 20, 60, 100];

/// The weights of a component on its way, first and last included.
fn weights(component: &str) -> [u32; 4] {
    if component == "reviews" { REVIEWS } else { RATINGS }
}

/// The group, the files, and the pods that are there.
struct Story {
    plan: GroupPlan,
    status: GroupStatus,
    last: BTreeMap<String, Vec<Effect>>,
    files: ManifestSet,
    /// How many pods are asked for and how many are ready.
    pods: BTreeMap<(String, Version), (u32, u32)>,
    /// How far the files have each component: at which of its weights.
    levels: BTreeMap<String, usize>,
    /// What was done, in this order.
    done: Vec<String>,
    now: Time,
}

impl Story {
    /// In which v1 of both serves.
    fn new() -> Self {
        let plan = |component: &str| {
            let [_, first, second, _] = weights(component);
            let steps = [first, second].map(|weight| PlanStep::SetWeight(Weight::new(weight)));
            PlanSpec::new(component, Strategy::Canary(Canary::new(steps)))
                .with_propagation(Propagation::Observed)
        };
        let mut files = ManifestSet::new();
        files.insert("workloads.yaml", WORKLOADS);
        files.insert("routes.yaml", ROUTES);
        let plan = GroupPlan::in_step([plan("reviews").with_replicas(3), plan("ratings").with_replicas(2)]);
        let mut story = Self {
            plan: plan.expect("a group"),
            status: GroupStatus::new(),
            last: BTreeMap::new(),
            files,
            pods: BTreeMap::from([("reviews", 3), ("ratings", 2)].map(|(component, count)| {
                ((component.to_owned(), Version::from_static("v1")), (count, count))
            })),
            levels: BTreeMap::new(),
            done: Vec::new(),
            now: Time::EPOCH,
        };
        story.release("v1");
        story.work(&["reviews", "ratings"]);
        story
    }

    fn release(&mut self, version: &'static str) {
        let versions = ["reviews", "ratings"].map(|name| (name.to_owned(), Version::from_static(version)));
        self.tell(&GroupEvent::Released { versions: BTreeMap::from(versions) });
    }

    fn tell(&mut self, event: &GroupEvent) -> GroupStep {
        let answer = group_step(&self.plan, &self.status, event, self.now).expect("has a place");
        self.status = answer.status.clone();
        self.last = answer.effects.clone();
        answer
    }

    /// Does what these components have to do and tells of it, one thing after another, until nothing is left.
    fn work(&mut self, components: &[&str]) {
        while components.iter().any(|component| self.work_once(component)) {}
    }

    /// Carries out the effects of one component up to its first news, and tells that.
    fn work_once(&mut self, component: &str) -> bool {
        for effect in self.last.get(component).cloned().unwrap_or_default() {
            self.carry_out(component, &effect);
            if let Some(event) = self.news(component, &effect) {
                self.tell(&GroupEvent::Member { component: component.to_owned(), event });
                self.look();
                return true;
            }
        }
        false
    }

    fn carry_out(&mut self, component: &str, effect: &Effect) {
        let mut release = Release::new(self.files.clone(), "default", component)
            .with_image(Version::from_static("v2"), format!("{component}:2"));
        release.carry_out(std::slice::from_ref(effect)).expect("can be rendered");
        self.done.push(format!("{component}: {effect}"));
        self.files = release.manifests().clone();
        if let Effect::Scale { version, replicas } = effect {
            let (asked, ready) = self.pods.entry((component.to_owned(), version.clone())).or_default();
            (*asked, *ready) = (*replicas, (*ready).min(*replicas));
        }
        self.look();
    }

    /// What is told of an effect: pods are ready when they are asked for, proxies have what is written.
    fn news(&mut self, component: &str, effect: &Effect) -> Option<Event> {
        match effect {
            Effect::Scale { version, replicas } => {
                self.pods.insert((component.to_owned(), version.clone()), (*replicas, *replicas));
                Some(Event::PodsChanged { version: version.clone(), replicas: *replicas, ready: *replicas })
            }
            Effect::AwaitPropagation { change, .. } => Some(Event::SplitSettled { change: *change }),
            _ => None,
        }
    }

    /// All that holds at every moment.
    fn look(&mut self) {
        for component in ["reviews", "ratings"] {
            let shares = self.shares(component);
            // Every route object says the same, and what was asked for when it is written.
            assert!(shares.windows(2).all(|pair| pair[0] == pair[1]), "{component}: {shares:?}");
            let status = self.status.member(component);
            for (version, share) in &shares[0] {
                let ready = self.pods.get(&(component.to_owned(), Version::new(version).expect("a version")));
                assert!(ready.is_some_and(|(_, ready)| *ready > 0), "{share} of {component} go to {version}");
            }
            if status.settling() == Settling::Settled && status.change() > 0 {
                let asked = status.shares().iter().filter(|(_, weight)| !weight.is_zero());
                let asked: BTreeMap<String, u32> =
                    asked.map(|(version, weight)| (version.to_string(), weight.value())).collect();
                assert_eq!(shares[0], asked, "{component}");
            }
            let canary = shares[0].get("v2").copied().unwrap_or(0);
            let level = weights(component).iter().position(|weight| *weight == canary);
            let level = level.unwrap_or_else(|| panic!("{component} has {canary}, which no step says"));
            let before = self.levels.insert(component.to_owned(), level).unwrap_or(0);
            // Nobody comes to a share before the other has the one before.
            let other = self.level(if component == "reviews" { "ratings" } else { "reviews" });
            assert!(level <= before || level <= other + 1, "{component} is at {level}, the other at {other}");
        }
    }

    /// Where a hundred requests go at each route object that leads to a component: each draw once.
    fn shares(&self, component: &str) -> Vec<BTreeMap<String, u32>> {
        let mut mesh = Mesh::new(Profile::MEASURED);
        for object in self.files.objects().expect("can be read") {
            mesh.apply(&object.value).expect("can be applied");
        }
        let inside = mesh.compile(&Proxy::sidecar("default", [("app", "productpage")])).table;
        let authority = format!("{component}:9080");
        let mut all = vec![of_a_hundred(&inside, &Request::get(&authority, "/"))];
        if component == "reviews" {
            let gateway = mesh.compile(&Proxy::gateway("default", [("istio", "ingress")])).table;
            all.push(of_a_hundred(&gateway, &Request::get("partners.example.com", "/reviews/1")));
        }
        all
    }

    fn level(&self, component: &str) -> usize {
        self.levels.get(component).copied().unwrap_or(0)
    }

    fn states(&self) -> [&'static str; 2] {
        ["reviews", "ratings"].map(|component| self.status.member(component).state().name())
    }

    fn asked(&self, component: &str, version: &'static str) -> u32 {
        self.pods[&(component.to_owned(), Version::from_static(version))].0
    }
}

fn of_a_hundred(table: &RoutingTable, request: &Request<'_>) -> BTreeMap<String, u32> {
    let (mut scratch, mut counted) = (Scratch::new(), BTreeMap::new());
    for draw in 0..100 {
        let decision = table.select(request, &Draws::default().with_route(draw), &mut scratch);
        *counted.entry(decision.subset().to_owned()).or_default() += 1;
    }
    counted
}

impl Story {
    /// The first does all that it can before the second does one thing; until so much is reached.
    fn until(&mut self, [first, second]: [&str; 2], is_reached: impl Fn(&Self) -> bool) {
        while !is_reached(self) {
            let did = self.work_once(first) || self.work_once(second);
            assert!(did, "nothing is left to do: {:?}", self.states());
        }
    }

    fn command(&mut self, command: GroupCommand) {
        self.tell(&GroupEvent::Commanded(command));
        self.look();
    }

    /// All that is left to do, times that pass included.
    fn rest(&mut self) {
        self.work(&["reviews", "ratings"]);
        self.now = self.now.plus(TimeDelta::from_secs(30));
        self.tell(&GroupEvent::TimePassed);
        self.work(&["reviews", "ratings"]);
    }

    /// The virtual services, as text.
    fn virtual_services(&self) -> Vec<&str> {
        virtual_services(self.files.get("routes.yaml").expect("the file"))
    }

    fn place(&self, what: &str) -> usize {
        let found = self.done.iter().rposition(|done| done == what);
        found.unwrap_or_else(|| panic!("`{what}` was not done: {:#?}", self.done))
    }
}

fn virtual_services(text: &str) -> Vec<&str> {
    text.split("---\n").filter(|object| object.contains("kind: VirtualService")).collect()
}

const ORDERS: [[&str; 2]; 2] = [["reviews", "ratings"], ["ratings", "reviews"]];

#[test]
fn both_come_to_each_share_together_whoever_is_fast() {
    for order @ [fast, slow] in ORDERS {
        let mut story = Story::new();
        story.release("v2");
        for level in 1..=3 {
            // The fast one comes to its share, and waits there.
            story.work(&[fast]);
            assert_eq!((story.level(fast), story.level(slow)), (level, level - 1));
            story.until(order, |story| story.level(slow) == level);
        }
        story.rest();
        assert_eq!(story.states(), ["Stable", "Stable"]);
        for component in order {
            let all = BTreeMap::from([("v2".to_owned(), 100)]);
            assert!(story.shares(component).iter().all(|shares| *shares == all));
        }
        for kept in
            ["# Inside the mesh.", "# ours", "# What the shop's partners call.", "retries: {attempts: 3}"]
        {
            assert!(story.virtual_services().concat().contains(kept), "{kept}");
        }
    }
}

#[test]
fn one_abort_brings_both_back_weights_first() {
    for order @ [fast, slow] in ORDERS {
        let mut story = Story::new();
        story.release("v2");
        story.until(order, |story| story.level(fast) == 2);
        assert_eq!(story.level(slow), 1);
        story.command(GroupCommand::Abort);
        assert_eq!(story.states(), ["Aborted", "Aborted"]);
        story.rest();
        for component in order {
            assert_eq!((story.level(component), story.asked(component, "v2")), (0, 0));
            let back = story.place(&format!("{component}: share the traffic v1:100"));
            assert!(back < story.place(&format!("{component}: scale v2 to 0")));
        }
        assert_eq!(story.virtual_services(), virtual_services(ROUTES), "the files are as they were");
    }
}

#[test]
fn a_part_that_is_done_goes_back_with_the_others() {
    let mut story = Story::new();
    story.release("v2");
    story.until(["ratings", "reviews"], |story| story.states() == ["Promoting", "Stable"]);
    assert_eq!((story.level("reviews"), story.level("ratings")), (2, 3));
    let abort = Event::Commanded(Command::Abort);
    story.tell(&GroupEvent::Member { component: "reviews".into(), event: abort });
    story.rest();
    assert_eq!(story.states(), ["Aborted", "Stable"]);
    for component in ["reviews", "ratings"] {
        let all = BTreeMap::from([("v1".to_owned(), 100)]);
        assert!(story.shares(component).iter().all(|shares| *shares == all), "{component}");
    }
}
