//! `argo-rollout/istio_edits`: what the Istio router of Argo Rollouts makes of VirtualServices and DestinationRules.

use pointsman_manifest::Value as Tree;
use pointsman_render::roles::{Extra, Giving, L4Route, RoleError, Roles, SharedRoutes, Shares, shared_http};
use pointsman_rollout::compat::{ReplicaSet, Rollout, gives_up_canary};
use pointsman_rollout::{ManagedRoute, RequestMatch, RouteAction, TextMatch};
use pointsman_types::Percent;
use serde_json::{Value, json};

use crate::Outcome;

pub(super) fn run_case(case: &Value) -> Outcome {
    let answer = match answer(case["fn"].as_str().unwrap_or_default(), &case["args"]) {
        Ok(answer) => answer,
        Err(why) => return Outcome::unsupported(why),
    };
    let empty = serde_json::Map::new();
    let expect = case["expect"].as_object().unwrap_or(&empty);
    let wrong = expect.iter().find(|(path, wanted)| !is(&at(&answer, path), wanted));
    let actual = wrong.map_or_else(|| json!("as expected"), |(path, _)| json!({path: at(&answer, path)}));
    Outcome::judged(wrong.is_none(), &case["expect"], actual)
}

fn tree(value: &Value) -> Result<Tree, String> {
    Tree::from_json(&value.to_string()).map_err(|error| error.to_string())
}

fn json_of(tree: &Tree) -> Value {
    serde_json::from_str(&tree.to_json()).unwrap_or_default()
}

/// The words of the reference for our errors.
fn words(error: &RoleError) -> String {
    let omitted = |list: &str, field: &str| {
        format!(
            "spec.{list}[] should be set in VirtualService and it must have exactly one route when omitting \
             spec.strategy.canary.trafficRouting.istio.virtualService.{field}"
        )
    };
    match error {
        RoleError::NoSuchRoute { name } => {
            format!("HTTP Route '{name}' is not found in the defined Virtual Service.")
        }
        RoleError::NoMatchingRoute { list } => {
            format!("No matching {} routes found in the defined Virtual Service.", list.to_uppercase())
        }
        RoleError::Ambiguous { list: "http" } => omitted("http", "routes"),
        RoleError::Ambiguous { list } => omitted(list, &format!("{list}Routes")),
        RoleError::NoDestination { role, service, subset } => {
            let role = if *role == "canary" { "Canary" } else { "Stable" };
            if subset.is_empty() {
                format!("{role} Service '{service}' not found in route")
            } else {
                format!("{role} DestinationRule subset '{subset}' not found in route")
            }
        }
        RoleError::NotAList { list } => format!("failed to get {list} routes from virtual service"),
        RoleError::NotAMap { .. } => "failed to split managed and non-managed routes".into(),
        other => other.to_string(),
    }
}

fn answer(function: &str, args: &Value) -> Result<Value, String> {
    let no_roles = json!({"spec": {"strategy": {"canary": {"trafficRouting": {"istio": {}}}}}});
    let rollout = if args["rollout"].is_object() { &args["rollout"] } else { &no_roles };
    let roles = Roles::of_rollout(&tree(rollout)?).map_err(|error| error.to_string())?;
    let list = |name: &str| args[name].as_array().cloned().unwrap_or_default();
    let trees = |name: &str| list(name).iter().map(tree).collect::<Result<Vec<Tree>, String>>();
    let checked = |result: Result<(), RoleError>| json!({"err": result.err().as_ref().map(words)});
    Ok(match function {
        "reconcileVirtualService" => {
            let routes = shared(&args["routes"], &args["tlsRoutes"], &args["tcpRoutes"]);
            let mut service = tree(&args["virtualService"])?;
            let shares = shares(args, &[]);
            match roles.set_shares(&mut service, &routes, &shares) {
                Ok(_) => json!({"err": null, "obj": json_of(&service)}),
                Err(error) => json!({"err": words(&error), "obj": null}),
            }
        }
        "ValidateHTTPRoutes" => checked(roles.check_http(&trees("routes")?, &texts(&args["routeNames"]))),
        "ValidateTlsRoutes" => checked(roles.check_l4("tls", &trees("routes")?, &l4(&args["routeNames"]))),
        "ValidateTcpRoutes" => checked(roles.check_l4("tcp", &trees("routes")?, &l4(&args["routeNames"]))),
        "getHttpRouteIndexesToPatch" => match shared_http(&trees("httpRoutes")?, &texts(&args["routeNames"]))
        {
            Ok(indexes) => {
                json!({"err": null, "indexes": Some(indexes).filter(|indexes| !indexes.is_empty())})
            }
            Err(error) => json!({"err": words(&error), "indexes": null}),
        },
        "shouldDelayDestinationRuleUpdate" => {
            let blocking = blocking(&roles, args, args)?;
            json!({"delay": blocking.is_some(), "replicaSet": blocking})
        }
        "SetWeight" | "UpdateHash" | "RemoveManagedRoutes" | "SetMirrorRoute" | "SetHeaderRoute" => {
            let mut cluster = Cluster { roles, objects: trees("objects")?, former: Vec::new() };
            let mut error = None;
            for call in list("calls") {
                error = cluster.call(args, &call)?.err();
            }
            let live: serde_json::Map<String, Value> =
                cluster.objects.iter().map(|object| (object.object_ref().name, json_of(object))).collect();
            json!({"err": error, "live": live})
        }
        _ => return Err(format!("no public answer to `{function}`")),
    })
}

struct Cluster {
    roles: Roles,
    objects: Vec<Tree>,
    /// The extras of earlier calls.
    former: Vec<String>,
}

impl Cluster {
    /// The inner error is the reference's, in its words.
    fn call(&mut self, args: &Value, call: &Value) -> Result<Result<(), String>, String> {
        Ok(match call["call"].as_str().unwrap_or_default() {
            "SetWeight" => {
                let shares = shares(call, &self.former);
                self.former.extend(shares.extras.iter().map(|extra| extra.service.clone()));
                self.each(|roles, service, routes| roles.set_shares(service, routes, &shares).map(|_| ()))
            }
            "SetHeaderRoute" | "SetMirrorRoute" if self.rule_is_missing() => {
                Err("destinationrules.networking.istio.io not found".into())
            }
            "SetHeaderRoute" => {
                let route = header_route(&call["setHeaderRoute"]);
                self.each(|roles, service, routes| roles.set_managed(service, routes, &route))
            }
            "SetMirrorRoute" => {
                let route = mirror_route(&call["setMirrorRoute"]);
                self.each(|roles, service, routes| roles.set_managed(service, routes, &route))
            }
            "RemoveManagedRoutes" => self.each_found(|roles, service| roles.remove_managed(service)),
            "UpdateHash" => match blocking(&self.roles, args, call)? {
                Some(name) => {
                    Err(format!("delaying destination rule switch: ReplicaSet {name} not fully available"))
                }
                None => self.update_hash(call),
            },
            other => return Err(format!("no public answer to `{other}`")),
        })
    }

    fn rule_is_missing(&self) -> bool {
        let is_there = |name: &str| self.objects.iter().any(|object| object.object_ref().name == name);
        self.roles.destination_rule().is_some_and(|name| !is_there(name))
    }

    fn each(
        &mut self,
        edit: impl Fn(&Roles, &mut Tree, &SharedRoutes) -> Result<(), RoleError>,
    ) -> Result<(), String> {
        for routes in self.roles.routes() {
            let name = routes.virtual_service.split('.').next().unwrap_or_default();
            let service = self.objects.iter_mut().find(|object| object.object_ref().name == name);
            let service =
                service.ok_or_else(|| format!("virtualservices.networking.istio.io \"{name}\" not found"))?;
            edit(&self.roles, service, routes).map_err(|error| words(&error))?;
        }
        Ok(())
    }

    /// A VirtualService that is not there has no managed routes.
    fn each_found(
        &mut self,
        edit: impl Fn(&Roles, &mut Tree) -> Result<(), RoleError>,
    ) -> Result<(), String> {
        for routes in self.roles.routes() {
            let name = routes.virtual_service.split('.').next().unwrap_or_default();
            if let Some(service) = self.objects.iter_mut().find(|object| object.object_ref().name == name) {
                edit(&self.roles, service).map_err(|error| words(&error))?;
            }
        }
        Ok(())
    }

    fn update_hash(&mut self, call: &Value) -> Result<(), String> {
        let Some(name) = self.roles.destination_rule() else { return Ok(()) };
        let rule = self.objects.iter_mut().find(|object| object.object_ref().name == name);
        let rule =
            rule.ok_or_else(|| format!("destinationrules.networking.istio.io \"{name}\" not found"))?;
        let hash = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
        let edit = self.roles.set_hashes(rule, &hash("canaryHash"), &hash("stableHash"), &extras(call));
        edit.map(|_| ()).map_err(|error| words(&error))
    }
}

/// The name of the ReplicaSet for which the hashes have to wait.
fn blocking(roles: &Roles, args: &Value, hashes: &Value) -> Result<Option<String>, String> {
    let sets: Option<Vec<ReplicaSet>> =
        serde_json::from_value(args["replicaSets"].clone()).map_err(|error| error.to_string())?;
    let rollout: Option<Rollout> =
        serde_json::from_value(args["rollout"].clone()).map_err(|error| error.to_string())?;
    let hash = |name: &str| hashes[name].as_str().unwrap_or_default().to_owned();
    let (sets, stable) = (sets.unwrap_or_default(), hash("stableHash"));
    let gives_up = gives_up_canary(&rollout.unwrap_or_default(), &sets, &stable);
    let canary = if gives_up { Giving::Up } else { Giving::Traffic };
    let found = roles.blocks_hashes(&sets, &hash("canaryHash"), &stable, canary);
    Ok(found.map(|set| set.metadata.name.clone()))
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn l4(value: &Value) -> Vec<L4Route> {
    let routes = value.as_array().into_iter().flatten();
    routes
        .map(|route| L4Route {
            port: route["port"].as_u64().unwrap_or(0),
            server_names: texts(&route["sniHosts"]).into_iter().collect(),
        })
        .collect()
}

fn shared(http: &Value, tls: &Value, tcp: &Value) -> SharedRoutes {
    let mut routes = SharedRoutes::default();
    (routes.http, routes.tls, routes.tcp) = (texts(http), l4(tls), l4(tcp));
    routes
}

fn extras(call: &Value) -> Vec<Extra> {
    let list = call["additionalDestinations"].as_array().into_iter().flatten();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    list.map(|item| Extra {
        service: text(item, "serviceName"),
        hash: text(item, "podTemplateHash"),
        weight: u32::try_from(item["weight"].as_u64().unwrap_or(0)).unwrap_or(0),
    })
    .collect()
}

fn shares(call: &Value, former: &[String]) -> Shares {
    let canary = u32::try_from(call["desiredWeight"].as_u64().unwrap_or(0)).unwrap_or(0);
    Shares::canary(canary).with_extras(extras(call)).without(former.to_vec())
}

fn text_match(value: &Value) -> Option<TextMatch> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let exact = text("exact").map(TextMatch::Exact);
    exact.or_else(|| text("prefix").map(TextMatch::Prefix)).or_else(|| text("regex").map(TextMatch::Regex))
}

fn header_route(route: &Value) -> ManagedRoute {
    let matches = route["match"].as_array().into_iter().flatten().filter_map(|item| {
        let name = item["headerName"].as_str()?;
        Some(RequestMatch::default().with_header(name, text_match(&item["headerValue"])?))
    });
    let name = route["name"].as_str().unwrap_or_default().to_owned();
    ManagedRoute { name, matches: matches.collect(), action: RouteAction::ToCanary }
}

fn mirror_route(route: &Value) -> ManagedRoute {
    let matches = route["match"].as_array().into_iter().flatten().map(|item| {
        let mut request = RequestMatch::default();
        request.method = text_match(&item["method"]);
        request.path = text_match(&item["path"]);
        for (name, value) in item["headers"].as_object().into_iter().flatten() {
            if let Some(value) = text_match(value) {
                request = request.with_header(name, value);
            }
        }
        request
    });
    let share = route["percentage"].as_u64().and_then(|share| u32::try_from(share).ok()).unwrap_or(100);
    let name = route["name"].as_str().unwrap_or_default().to_owned();
    let action = RouteAction::Mirror(Percent::new(share).unwrap_or(Percent::HUNDRED));
    ManagedRoute { name, matches: matches.collect(), action }
}

/// The value at a path of an expectation.
fn at(answer: &Value, path: &str) -> Value {
    let mut segments =
        path.trim_start_matches('/').split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = segments.next().unwrap_or_default();
    let mut value = match first.strip_prefix("live:") {
        Some(name) => answer["live"].get(name).cloned().unwrap_or_default(),
        None => answer.get(first.as_str()).cloned().unwrap_or_default(),
    };
    for segment in segments {
        value = step(&value, &segment);
    }
    value
}

fn step(value: &Value, segment: &str) -> Value {
    let items = || value.as_array().cloned().unwrap_or_default();
    let matches = || value["match"].as_array().cloned().unwrap_or_default();
    if let Some(host) = segment.strip_prefix("#weightOf:") {
        let found = items()
            .into_iter()
            .find(|item| item.pointer("/destination/host").and_then(Value::as_str) == Some(host));
        return found
            .map_or(Value::Null, |item| json!(item.get("weight").and_then(Value::as_u64).unwrap_or(0)));
    }
    match segment {
        "#len" => json!(items().len()),
        "#message" => value.clone(),
        "#port" => matches().first().map_or(Value::Null, |item| item["port"].clone()),
        "#sni" => matches()
            .iter()
            .flat_map(|item| item["sniHosts"].as_array().cloned().unwrap_or_default())
            .collect(),
        name => match name.parse::<usize>() {
            Ok(index) => items().get(index).cloned().unwrap_or_default(),
            Err(_) => value.get(name).cloned().unwrap_or_default(),
        },
    }
}

/// Whether a value is what is expected; absent reads as an empty text or 0.
fn is(actual: &Value, wanted: &Value) -> bool {
    let text = actual.as_str().unwrap_or_default();
    match wanted {
        Value::Object(rule) if rule.keys().any(|key| key.starts_with('$')) => {
            rule.iter().all(|(key, value)| {
                let words = value.as_str().unwrap_or_default();
                match key.as_str() {
                    "$notNil" | "$isError" => !actual.is_null(),
                    "$error" => text == words,
                    "$contains" | "$errorContains" => text.contains(words),
                    _ => false,
                }
            })
        }
        Value::Number(number) if actual.is_null() => number.as_f64() == Some(0.0),
        Value::Number(number) => actual.as_f64() == number.as_f64(),
        Value::String(words) if actual.is_null() => words.is_empty(),
        _ => actual == wanted,
    }
}
