//! Routes of a random VirtualService.

use serde_json::{Map, Value, json};

use super::super::Dice;
use super::{Features, words};

pub(super) fn route(dice: &mut Dice, name: &str, gateways: &[String], features: &mut Features) -> Value {
    let mut route = json!({"name": name});
    if dice.percent(85) {
        route["match"] = json!(matches(dice, gateways, features));
    }
    if dice.percent(25) {
        route["headers"] = headers(dice, features);
    }
    match dice.below(12) {
        0 => {
            features.add("redirects");
            route["redirect"] = redirect(dice, &route);
        }
        1 => {
            features.add("direct responses");
            route["directResponse"] = json!({"status": dice.one_of(&[200, 204, 403, 503]), "body": {"string": dice.text(&["", "no", "yes"])}});
        }
        _ => forward(dice, &mut route, features),
    }
    route
}

fn forward(dice: &mut Dice, route: &mut Value, features: &mut Features) {
    let count = if dice.percent(45) { 1 } else { 2 + dice.below(3) };
    let mut shares: Vec<Value> = (0..count).map(|_| share(dice, features)).collect();
    if count > 1 {
        features.add("weights");
        for share in &mut shares {
            let weight = if dice.percent(30) { 0 } else { dice.below(100) + 1 };
            share["weight"] = json!(weight);
            if weight == 0 {
                features.add("zero weights");
            }
        }
        if shares.iter().all(|share| share["weight"] == 0)
            && let Some(share) = shares.first_mut()
        {
            share["weight"] = json!(7);
        }
    } else if dice.percent(40)
        && let Some(share) = shares.first_mut()
    {
        features.add("weight of a single destination");
        share["weight"] = json!(*dice.one_of(&[0, 5, 100]));
    }
    route["route"] = json!(shares);
    if dice.percent(25) {
        route["rewrite"] = rewrite(dice, features);
    }
    if dice.percent(15) {
        features.add("mirrors");
        route["mirror"] = json!({"host": dice.text(&["copy-a.default.svc.cluster.local", "copy-b.other.svc.cluster.local"]),
            "port": {"number": dice.one_of(&[80, 8080])}});
        // A share between none and all is a dice of Envoy's own.
        if dice.percent(50) {
            route["mirrorPercentage"] = json!({"value": dice.one_of(&[0, 100])});
        }
    }
    if dice.percent(15) {
        route["timeout"] = json!(dice.text(&["5s", "1500ms"]));
    }
    if dice.percent(15) {
        route["retries"] = json!({"attempts": dice.below(4), "retryOn": "5xx"});
    }
}

/// A destination without weight.
fn share(dice: &mut Dice, features: &mut Features) -> Value {
    let mut destination = if dice.percent(85) {
        let (name, namespace, ports) = *dice.one_of(&words::SERVICES[..4]);
        let host = match dice.below(3) {
            0 => name.to_owned(),
            _ => format!("{name}.{namespace}.svc.cluster.local"),
        };
        let mut destination = json!({"host": host});
        if dice.percent(60) {
            destination["port"] = json!({"number": dice.one_of(ports)});
        }
        destination
    } else {
        json!({"host": dice.one_of(&words::ENTRIES).0})
    };
    if dice.percent(40) {
        destination["subset"] = json!(dice.text(&words::SUBSETS));
    }
    let mut share = json!({"destination": destination});
    if dice.percent(20) {
        features.add("header operations of destinations");
        share["headers"] = headers(dice, features);
    }
    share
}

pub(super) fn matches(dice: &mut Dice, gateways: &[String], features: &mut Features) -> Vec<Value> {
    (0..=dice.below(3)).map(|number| condition(dice, number, gateways, features)).collect()
}

fn condition(dice: &mut Dice, number: usize, gateways: &[String], features: &mut Features) -> Value {
    let mut condition = Map::new();
    if dice.percent(50) {
        condition.insert("name".into(), json!(format!("m{number}")));
    }
    if dice.percent(75) {
        condition.insert("uri".into(), uri(dice, features));
        if dice.percent(15) {
            features.add("paths without case");
            condition.insert("ignoreUriCase".into(), json!(true));
        }
    }
    if dice.percent(30) {
        features.add("header rules");
        condition.insert("headers".into(), texts(dice, &words::HEADERS, features));
    }
    if dice.percent(20) {
        features.add("header rules turned round");
        condition.insert("withoutHeaders".into(), texts(dice, &words::HEADERS, features));
    }
    if dice.percent(20) {
        features.add("query rules");
        condition.insert("queryParams".into(), parameters(dice));
    }
    if dice.percent(15) {
        condition.insert("method".into(), json!({"exact": dice.text(&words::METHODS)}));
    }
    if dice.percent(8) {
        features.add("authority rules");
        let authority = dice.text(&["alpha:8080", "alpha", "shop.example.com", "nowhere.test"]);
        condition.insert("authority".into(), json!({"exact": authority}));
    }
    if dice.percent(5) {
        condition.insert("scheme".into(), json!({"exact": dice.text(&["http", "https"])}));
    }
    narrow(dice, &mut condition, gateways, features);
    Value::Object(condition)
}

/// What the control plane decides by itself.
fn narrow(dice: &mut Dice, condition: &mut Map<String, Value>, gateways: &[String], features: &mut Features) {
    if dice.percent(15) {
        features.add("port rules");
        condition.insert("port".into(), json!(dice.one_of(&[80, 8080])));
    }
    if dice.percent(15) {
        features.add("source rules");
        condition.insert("sourceLabels".into(), json!({"version": dice.text(&["v1", "v2"])}));
    }
    if dice.percent(10) {
        features.add("source rules");
        condition.insert("sourceNamespace".into(), json!(dice.text(&words::NAMESPACES)));
    }
    if dice.percent(12) {
        features.add("gateway rules");
        let name = if gateways.is_empty() { "mesh".to_owned() } else { dice.one_of(gateways).clone() };
        condition.insert("gateways".into(), json!([name]));
    }
}

fn uri(dice: &mut Dice, features: &mut Features) -> Value {
    match dice.below(10) {
        0..=2 => json!({"exact": dice.text(&words::PATHS)}),
        3..=7 => json!({"prefix": dice.text(&words::PREFIXES)}),
        _ => {
            features.add("regexes");
            json!({"regex": dice.text(&words::PATH_REGEXES)})
        }
    }
}

fn texts(dice: &mut Dice, names: &[&str], features: &mut Features) -> Value {
    let mut fields = Map::new();
    for _ in 0..=dice.below(2) {
        let text = match dice.below(10) {
            0..=4 => json!({"exact": dice.text(&words::VALUES)}),
            5..=6 => json!({"prefix": dice.text(&["j", "v", "ja", "J"])}),
            7 => json!({}),
            _ => {
                features.add("regexes");
                json!({"regex": dice.text(&words::VALUE_REGEXES)})
            }
        };
        fields.insert(dice.text(names), text);
    }
    Value::Object(fields)
}

fn parameters(dice: &mut Dice) -> Value {
    let text = match dice.below(6) {
        0..=2 => json!({"exact": dice.text(&words::PARAMETER_VALUES)}),
        3 => json!({"prefix": "1"}),
        4 => json!({"regex": "[0-9]+"}),
        _ => json!({}),
    };
    json!({dice.text(&words::PARAMETERS): text})
}

pub(super) fn rewrite(dice: &mut Dice, features: &mut Features) -> Value {
    features.add("rewrites");
    let mut rewrite = match dice.below(4) {
        0 => json!({"uriRegexRewrite": {"match": "/([a-z]+)/(.*)", "rewrite": "/\\2/\\1"}}),
        1 => json!({"uriRegexRewrite": {"match": "[0-9]", "rewrite": "n"}}),
        _ => json!({"uri": dice.text(&["/", "/new", "/new/"])}),
    };
    if dice.percent(40) {
        rewrite["authority"] = json!("rewritten.test");
    }
    rewrite
}

pub(super) fn headers(dice: &mut Dice, features: &mut Features) -> Value {
    features.add("header operations");
    let mut request = json!({});
    for operation in ["set", "add"] {
        if dice.percent(50) {
            let mut fields = Map::new();
            fields.insert(dice.text(&words::TEST_HEADERS), json!(dice.text(&["1", "2", "100%%"])));
            request[operation] = Value::Object(fields);
        }
    }
    if dice.percent(10) {
        request["set"] = json!({"host": "by-header.test"});
    }
    if dice.percent(30) {
        request["remove"] = json!([dice.text(&words::TEST_HEADERS)]);
    }
    let mut response = json!({});
    if dice.percent(40) {
        response["add"] = json!({"x-t-answer": "1"});
    }
    json!({"request": request, "response": response})
}

fn redirect(dice: &mut Dice, route: &Value) -> Value {
    let mut redirect = json!({"redirectCode": dice.one_of(&[301, 302, 303, 307, 308])});
    // A prefix can be replaced only where all conditions are prefixes.
    let conditions = route["match"].as_array().map(Vec::as_slice).unwrap_or_default();
    let prefixes = conditions.iter().all(|condition| condition["uri"].get("prefix").is_some());
    match dice.below(3) {
        0 if prefixes && !conditions.is_empty() => redirect["prefixRewrite"] = json!("/moved"),
        1 => redirect["authority"] = json!("moved.test"),
        _ => redirect["uri"] = json!(dice.text(&["/moved", "/moved?to=1"])),
    }
    if dice.percent(25) {
        redirect["scheme"] = json!("https");
    }
    if dice.percent(25) {
        redirect["derivePort"] = json!("FROM_REQUEST_PORT");
    } else if dice.percent(25) {
        redirect["port"] = json!(dice.one_of(&[80, 443, 8443]));
    }
    redirect
}
