//! Edits of the user's own routes, where versions are named by role.

use pointsman_manifest::{Manifest, Value};
use pointsman_render::roles::{Extra, RoleError, Roles, Shares};
use pointsman_rollout::{ManagedRoute, RequestMatch, RouteAction, TextMatch};
use pointsman_types::Percent;

fn value(text: &str) -> Value {
    Manifest::parse(text).expect("yaml").into_documents().remove(0).into_value()
}

fn roles(routing: &str) -> Roles {
    let canary = format!("canaryService: new, stableService: old, trafficRouting: {routing}");
    let text = format!("{{metadata: {{name: r}}, spec: {{strategy: {{canary: {{{canary}}}}}}}}}");
    Roles::of_rollout(&value(&text)).expect("routed by Istio")
}

fn by_service() -> Roles {
    roles(
        "{istio: {virtualService: {name: vs, routes: [main]}}, managedRoutes: [{name: first}, {name: second}]}",
    )
}

const SERVICE: &str = "
spec:
  hosts: [shop]
  http:
  - {name: other, route: [{destination: {host: old}}]}
  - name: main
    retries: {attempts: 3}
    route:
    - {destination: {host: old.shop.svc, port: {number: 80}}, weight: 70, headers: {request: {set: {a: b}}}}
    - {destination: {host: new}, weight: 0}
    - {destination: {host: legacy}, weight: 30}
";

fn main_route(service: &Value) -> String {
    service.at(&"spec.http[1].route".parse().expect("a path")).expect("a route").to_json()
}

#[test]
fn shares_change_and_nothing_else_does() {
    let (roles, mut service) = (by_service(), value(SERVICE));
    let kept = roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20)).expect("possible");
    let mut expected = value(SERVICE);
    for (position, weight) in [(0, 50), (1, 20)] {
        let path = format!("spec.http[1].route[{position}].weight").parse().expect("a path");
        *expected.at_mut(&path).expect("there") = Value::from(weight);
    }
    assert_eq!(service, expected);
    // The reference deletes it.
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].at, "http[1].route[2]");
}

#[test]
fn an_extra_comes_and_goes() {
    let (roles, mut service) = (by_service(), value(SERVICE));
    let extra = Extra { service: "exp".into(), hash: String::new(), weight: 10 };
    let shares = Shares::canary(20).with_extras(vec![extra]);
    roles.set_shares(&mut service, &roles.routes()[0], &shares).expect("possible");
    assert!(
        main_route(&service).ends_with(r#"{"destination":{"host":"exp"},"weight":10}]"#),
        "{}",
        main_route(&service)
    );
    let without = Shares::canary(20).without(vec!["exp".into()]);
    roles.set_shares(&mut service, &roles.routes()[0], &without).expect("possible");
    assert!(!main_route(&service).contains("exp"));
    assert!(main_route(&service).contains(r#""weight":50"#));
}

#[test]
fn a_route_that_cannot_be_shared_is_refused_and_left_alone() {
    let unnamed = roles("{istio: {virtualService: {name: vs}}}");
    let missing = roles("{istio: {virtualService: {name: vs, routes: [nowhere]}}}");
    let lacking = roles("{istio: {virtualService: {name: vs, routes: [other]}}}");
    for (roles, error) in [
        (unnamed, RoleError::Ambiguous { list: "http" }),
        (missing, RoleError::NoSuchRoute { name: "nowhere".into() }),
        (lacking, RoleError::NoDestination { role: "canary", service: "new".into(), subset: String::new() }),
    ] {
        let mut service = value(SERVICE);
        let refused = roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20));
        assert_eq!(refused, Err(error));
        assert_eq!(service, value(SERVICE));
    }
}

#[test]
fn managed_routes_stand_in_front_in_their_order_and_go() {
    let (roles, mut service) = (by_service(), value(SERVICE));
    let header = RequestMatch::default().with_header("x-a", TextMatch::Exact("1".into()));
    for (name, action) in
        [("second", RouteAction::ToCanary), ("first", RouteAction::Mirror(Percent::HUNDRED))]
    {
        let route = ManagedRoute { name: name.into(), matches: vec![header.clone()], action };
        for _ in 0..2 {
            roles.set_managed(&mut service, &roles.routes()[0], &route).expect("possible");
        }
    }
    let names = |service: &Value| -> Vec<String> {
        let routes =
            service.at(&"spec.http".parse().expect("a path")).and_then(Value::as_list).expect("routes");
        routes.iter().filter_map(|route| route.get("name")?.as_str()).map(str::to_owned).collect()
    };
    assert_eq!(names(&service), ["first", "second", "other", "main"]);
    roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(40)).expect("possible");
    let mirror = service.at(&"spec.http[0].route[1].weight".parse().expect("a path"));
    assert_eq!(mirror.and_then(Value::as_u64), Some(40), "a mirror follows the shares");
    roles.remove_managed(&mut service).expect("possible");
    assert_eq!(names(&service), ["other", "main"]);
}

#[test]
fn subsets_select_by_hash_and_those_of_others_stay() {
    let rule = "{name: dr, canarySubsetName: c, stableSubsetName: s}";
    let roles = roles(&format!("{{istio: {{virtualService: {{name: vs}}, destinationRule: {rule}}}}}"));
    let mut object = value(
        "spec: {host: h, subsets: [{name: s, labels: {app: a}}, {name: c}, {name: mine, labels: {app: b}, trafficPolicy: {}}]}",
    );
    let extra = Extra { service: "exp".into(), hash: "x1".into(), weight: 5 };
    let kept = roles.set_hashes(&mut object, "c1", "s1", &[extra]).expect("possible");
    assert_eq!(kept.len(), 1);
    let subsets =
        |object: &Value| object.at(&"spec.subsets".parse().expect("a path")).expect("subsets").to_json();
    assert_eq!(
        subsets(&object),
        "[{\"name\":\"s\",\"labels\":{\"app\":\"a\",\"rollouts-pod-template-hash\":\"s1\"}},\
         {\"name\":\"c\",\"labels\":{\"rollouts-pod-template-hash\":\"c1\"}},\
         {\"name\":\"mine\",\"labels\":{\"app\":\"b\"},\"trafficPolicy\":{}},\
         {\"name\":\"exp\",\"labels\":{\"rollouts-pod-template-hash\":\"x1\"}}]"
    );
    roles.set_hashes(&mut object, "", "s1", &[]).expect("possible");
    assert!(!subsets(&object).contains("exp"), "the extra's own subset goes");
    assert!(subsets(&object).contains("mine"));
    assert!(!subsets(&object).contains("c1"));
}

#[test]
fn what_is_no_route_is_an_error_and_never_a_panic() {
    let roles = by_service();
    for text in
        ["spec: {http: text}", "spec: {http: [text]}", "spec: null", "{}", "spec: {http: [{route: text}]}"]
    {
        let mut service = value(text);
        let _ = roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20));
        let _ = roles.remove_managed(&mut service);
        let _ = roles.set_hashes(&mut service, "a", "b", &[]);
        let route = ManagedRoute {
            name: "first".into(),
            matches: vec![RequestMatch::default()],
            action: RouteAction::ToCanary,
        };
        let _ = roles.set_managed(&mut service, &roles.routes()[0], &route);
    }
    assert_eq!(
        roles.remove_managed(&mut value("spec: {http: [text]}")),
        Err(RoleError::NotAMap { list: "http", position: 0 })
    );
}

#[test]
fn a_list_that_names_no_route_is_shared_where_it_can_be() {
    let roles = roles("{istio: {virtualService: {name: vs, tlsRoutes: [{port: 443}]}}}");
    let pair = "[{destination: {host: old}, weight: 100}, {destination: {host: new}, weight: 0}]";
    let tls = format!("tls: [{{match: [{{port: 443}}], route: {pair}}}]");
    let shared = |http: &str| {
        let mut service = value(&format!("spec: {{http: [{{route: {http}}}], {tls}}}"));
        roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20)).expect("possible");
        service.at(&"spec.http[0].route[0].weight".parse().expect("a path")).map(Value::to_json)
    };
    assert_eq!(shared(pair).as_deref(), Some("80"));
    assert_eq!(shared("[{destination: {host: other}, weight: 100}]").as_deref(), Some("100"));
}

#[test]
fn routes_below_http_are_named_by_all_that_they_match() {
    let pair = "[{destination: {host: old}, weight: 100}, {destination: {host: new}, weight: 0}]";
    let service = format!("spec: {{tls: [{{match: [{{port: 443, sniHosts: [a, b]}}], route: {pair}}}]}}");
    for (named, fits) in [
        ("{port: 443, sniHosts: [b, a]}", true),
        ("{port: 443}", false),
        ("{sniHosts: [a, b]}", false),
        ("{port: 443, sniHosts: [a]}", false),
    ] {
        let roles = roles(&format!("{{istio: {{virtualService: {{name: vs, tlsRoutes: [{named}]}}}}}}"));
        let result = roles.set_shares(&mut value(&service), &roles.routes()[0], &Shares::canary(20));
        assert_eq!(result.is_ok(), fits, "{named}");
    }
}

#[test]
fn with_a_destination_rule_both_subsets_must_be_in_the_route() {
    let rule = "{name: dr, canarySubsetName: next, stableSubsetName: now}";
    let roles = roles(&format!("{{istio: {{virtualService: {{name: vs}}, destinationRule: {rule}}}}}"));
    let mut service =
        value("spec: {http: [{route: [{destination: {host: old}}, {destination: {host: new}}]}]}");
    let result = roles.set_shares(&mut service, &roles.routes()[0], &Shares::canary(20));
    assert!(matches!(result, Err(RoleError::NoDestination { role: "canary", .. })));
}

#[test]
fn a_header_route_needs_no_shared_route_where_the_canary_has_a_service() {
    let roles = roles("{istio: {virtualService: {name: vs}}, managedRoutes: [{name: first}]}");
    let mut service = value("spec: {http: [{name: a, route: []}, {name: b, route: []}]}");
    let matches = vec![RequestMatch::default().with_header("x", TextMatch::Exact("y".into()))];
    let mut route = ManagedRoute { name: "first".into(), matches, action: RouteAction::ToCanary };
    roles.set_managed(&mut service, &roles.routes()[0], &route).expect("possible");
    let to = service.at(&"spec.http[0].route[0].destination".parse().expect("a path")).map(Value::to_json);
    assert_eq!(to.as_deref(), Some(r#"{"host":"new"}"#));
    route.action = RouteAction::Mirror(Percent::HUNDRED);
    assert!(roles.set_managed(&mut service, &roles.routes()[0], &route).is_err());
}
