//! Effects become edits of somebody's own files, and nothing else changes.

use pointsman_render::{Adoption, ManifestSet, Release};
use pointsman_rollout::{Effect, ManagedRoute, RequestMatch, RouteAction, TextMatch, Version};
use pointsman_types::{Percent, Split, Weight};

const WORKLOADS: &str = r#"# The reviews of the shop.
apiVersion: v1
kind: Service
metadata:
  name: reviews
spec:
  ports:
  - port: 9080
    name: http # as the mesh wants it
  selector:
    app: reviews
---
# The first version.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: reviews-v1
spec:
  replicas: 3 # three of them
  selector: {matchLabels: {app: reviews, version: v1}}
  template:
    metadata: {labels: {app: reviews, version: v1}}
    spec:
      containers:
      - name: reviews
        image: reviews:1.5.0
---
# The third.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: reviews-v3
spec:
  selector: {matchLabels: {app: reviews, version: v3}}
  template:
    metadata: {labels: {app: reviews, version: v3}}
    spec: {containers: [{name: reviews, image: "reviews:1.7.0"}]}
"#;

const ROUTES: &str = r#"apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts:
    - reviews
  http:
    - name: main
      retries: {attempts: 3}   # ours
      futureField: kept
      route:
        - destination:
            host: reviews
            subset: one
          weight: 90
        - destination: {host: legacy-reviews}
          weight: 10
---
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata:
  name: reviews
spec:
  host: reviews.default.svc.cluster.local
  subsets:
    - name: one
      labels: {version: v1}
"#;

fn version(name: &str) -> Version {
    Version::new(name).expect("a version")
}

fn split(shares: &[(&str, u32)]) -> Effect {
    let split = Split::new(shares.iter().map(|(name, weight)| (*name, Weight::new(*weight))));
    Effect::SetSplit { change: 1, split: split.expect("a split"), pins: None }
}

fn release(files: &[(&str, &str)]) -> Release {
    let mut set = ManifestSet::new();
    for (path, text) in files {
        set.insert(*path, *text);
    }
    Release::new(set, "default", "reviews").with_image(version("v2"), "reviews:1.5.0-v2")
}

fn carry_out(release: &mut Release, effects: &[Effect]) -> Vec<String> {
    let stages = release.carry_out(effects).expect("can be rendered");
    stages.iter().flat_map(|stage| &stage.changes).map(ToString::to_string).collect()
}

fn file(release: &Release, path: &str) -> String {
    release.manifests().get(path).expect("the file").to_owned()
}

/// Lines that are only in the first text, and lines that are only in the second.
fn line_diff(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let missing = |from: &str, other: &str| {
        let mut rest: Vec<&str> = other.lines().collect();
        let mut missing = Vec::new();
        for line in from.lines() {
            match rest.iter().position(|candidate| *candidate == line) {
                Some(position) => {
                    rest.remove(position);
                }
                None => missing.push(line.to_owned()),
            }
        }
        missing
    };
    (missing(before, after), missing(after, before))
}

#[test]
fn foreign_destinations_fields_and_comments_survive_a_split() {
    let mut release = release(&[("workloads.yaml", WORKLOADS), ("routes.yaml", ROUTES)]);
    let effects = [Effect::EnsureSubset { version: version("v2") }, split(&[("v1", 80), ("v2", 20)])];
    let changes = carry_out(&mut release, &effects);
    let expected =
        ["update DestinationRule reviews (routes.yaml)", "update VirtualService reviews (routes.yaml)"];
    assert_eq!(changes, expected);
    let after = file(&release, "routes.yaml");
    let (gone, new) = line_diff(ROUTES, &after);
    assert_eq!(gone, ["          weight: 90"]);
    assert!(new.contains(&"          weight: 72".to_owned()), "{new:#?}");
    assert!(new.contains(&"          weight: 18".to_owned()), "{new:#?}");
    assert!(after.contains("- destination: {host: legacy-reviews}\n          weight: 10"), "{after}");
    assert_eq!(release.manifests().get("workloads.yaml"), Some(WORKLOADS));

    assert!(carry_out(&mut release, &effects).is_empty(), "the second time changes something");
}

#[test]
fn a_weight_alone_changes_one_line() {
    let foreign = "        - destination: {host: legacy-reviews}\n";
    let own = "        - destination: {host: reviews, subset: v2}\n";
    let routes = ROUTES.replace(foreign, own) + "    - name: v2\n      labels: {version: v2}\n";
    let mut release = release(&[("workloads.yaml", WORKLOADS), ("routes.yaml", &routes)]);
    carry_out(&mut release, &[split(&[("v1", 90), ("v2", 10)])]);
    assert_eq!(file(&release, "routes.yaml"), routes);
    carry_out(&mut release, &[split(&[("v1", 0), ("v2", 100)])]);
    let (gone, new) = line_diff(&routes, &file(&release, "routes.yaml"));
    assert_eq!((gone.len(), new.len()), (2, 2), "{gone:?} {new:?}");
    assert_eq!(new, ["          weight: 0", "          weight: 100"]);
}

#[test]
fn a_single_destination_is_written_without_weight() {
    let mut release = release(&[("workloads.yaml", WORKLOADS)]);
    let effects = [Effect::EnsureSubset { version: version("v1") }, split(&[("v1", 100)])];
    let changes = carry_out(&mut release, &effects);
    let expected = [
        "create DestinationRule default/reviews (reviews-destination-rule.yaml)",
        "create VirtualService default/reviews (reviews-virtual-service.yaml)",
    ];
    assert_eq!(changes, expected);
    let text = file(&release, "reviews-virtual-service.yaml");
    assert!(!text.contains("weight"), "{text}");
    assert!(text.contains("subset: v1"), "{text}");
}

#[test]
fn the_old_version_goes_out_of_every_file() {
    let mut release = release(&[("workloads.yaml", WORKLOADS), ("routes.yaml", ROUTES)]);
    let early = release.clone().carry_out(&[Effect::RemoveSubset { version: version("v1") }]);
    let error = early.expect_err("a route still names it").to_string();
    assert!(error.contains("`spec.http[0].route[0].destination` still names subset `one`"), "{error}");

    let (v1, v2) = (version("v1"), version("v2"));
    let effects = [
        Effect::EnsureVersion { version: v2.clone(), inherits: Some(v1.clone()) },
        Effect::Scale { version: v2.clone(), replicas: 3 },
        Effect::EnsureSubset { version: v2 },
        split(&[("v2", 100)]),
        Effect::RemoveSubset { version: v1.clone() },
        Effect::RemoveVersion { version: v1 },
    ];
    carry_out(&mut release, &effects);
    let workloads = file(&release, "workloads.yaml");
    assert!(!workloads.contains("name: reviews-v1\n") && workloads.contains("# The third."), "{workloads}");
    assert!(workloads.starts_with("# The reviews of the shop.\n"));
    let derived = file(&release, "reviews-v2.yaml");
    assert!(derived.contains("replicas: 3") && derived.contains("image: reviews:1.5.0-v2"), "{derived}");
    let routes = file(&release, "routes.yaml");
    assert!(!routes.contains("subset: one") && !routes.contains("name: one"), "{routes}");
}

#[test]
fn managed_routes_come_before_the_split_and_go_again() {
    let release = release(&[("workloads.yaml", WORKLOADS), ("routes.yaml", ROUTES)]);
    let mut release = release.with_managed_routes(["insiders", "shadow"]);
    carry_out(&mut release, &[Effect::EnsureSubset { version: version("v2") }]);
    let before = file(&release, "routes.yaml");
    let insiders = RequestMatch::default().with_header("x-group", TextMatch::Exact("insider".into()));
    let route =
        |name: &str, action| ManagedRoute { name: name.into(), matches: vec![insiders.clone()], action };
    let share = Percent::new(10).expect("a percentage");
    let routes = vec![route("insiders", RouteAction::ToCanary), route("shadow", RouteAction::Mirror(share))];
    let set = Effect::SetRoutes { change: 2, to: Some(version("v2")), routes };
    carry_out(&mut release, std::slice::from_ref(&set));
    let text = file(&release, "routes.yaml");
    let places = ["name: insiders", "name: shadow", "name: main"].map(|name| text.find(name).expect(name));
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("mirrorPercentage"), "{text}");
    assert!(carry_out(&mut release, &[set]).is_empty());

    carry_out(&mut release, &[Effect::SetRoutes { change: 3, to: None, routes: vec![] }]);
    assert_eq!(file(&release, "routes.yaml"), before);
}

fn adopt(canary: &str, image: Option<&str>) -> Result<Vec<String>, String> {
    let mut set = ManifestSet::new();
    set.insert("workloads.yaml", WORKLOADS);
    let mut adoption = Adoption::new("reviews", version("v1"), version(canary));
    if let Some(image) = image {
        adoption = adoption.with_image(image);
    }
    let (_, findings) = Release::adopt(set, &adoption).map_err(|error| error.to_string())?;
    Ok(findings.iter().map(ToString::to_string).collect())
}

#[test]
fn adoption_says_what_does_not_fit() {
    assert_eq!(adopt("v3", None), Ok(vec![]));
    assert_eq!(adopt("v2", Some("reviews:2")).map(|findings| findings.len()), Ok(1));
    for (canary, image, said) in [
        ("v1", None, "stable and canary are both `v1`"),
        ("v2", None, "does not exist and no image is given"),
        ("v3", Some("reviews:3"), "exists, and the image `reviews:3` is given for it"),
        ("v2", Some(""), "is empty"),
        ("v2", Some("a b"), "`a b` is not an image"),
    ] {
        let error = adopt(canary, image).expect_err(said);
        assert!(error.contains(said), "{error}");
    }
}
