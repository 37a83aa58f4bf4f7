//! Routes of a random VirtualService.

use serde_json::{Map, Value, json};

use super::super::Dice;
use super::{policies, words};

pub(super) fn route(dice: &mut Dice, name: &str, gateways: &[String]) -> Value {
    let mut route = json!({"name": name});
    if dice.percent(85) {
        route["match"] = json!(matches(dice, gateways));
    }
    if dice.percent(25) {
        route["headers"] = policies::headers(dice);
    }
    match dice.below(12) {
        0 => {
            route["redirect"] = policies::redirect(dice, &route);
        }
        1 => {
            route["directResponse"] = json!({"status": dice.one_of(&[200, 204, 403, 503]), "body": {"string": dice.text(&["", "no", "yes"])}});
        }
        _ => forward(dice, &mut route),
    }
    route
}

fn forward(dice: &mut Dice, route: &mut Value) {
    let count = if dice.percent(45) { 1 } else { 2 + dice.below(3) };
    let mut shares: Vec<Value> = (0..count).map(|_| share(dice)).collect();
    if count > 1 {
        for share in &mut shares {
            let weight = if dice.percent(30) { 0 } else { dice.below(100) + 1 };
            share["weight"] = json!(weight);
        }
        if shares.iter().all(|share| share["weight"] == 0)
            && let Some(share) = shares.first_mut()
        {
            share["weight"] = json!(7);
        }
    } else if dice.percent(40)
        && let Some(share) = shares.first_mut()
    {
        share["weight"] = json!(*dice.one_of(&[0, 5, 100]));
    }
    route["route"] = json!(shares);
    if dice.percent(25) {
        route["rewrite"] = policies::rewrite(dice);
    }
    if dice.percent(15) {
        policies::mirrors(dice, route);
    }
    if dice.percent(15) {
        route["timeout"] = json!(dice.text(&["5s", "1500ms", "250ms"]));
    }
    if dice.percent(20) {
        route["retries"] = policies::retries(dice);
    }
    if dice.percent(12) {
        route["fault"] = policies::fault(dice);
    }
    if dice.percent(15) {
        route["corsPolicy"] = policies::cors(dice);
    }
}

/// A destination without weight.
fn share(dice: &mut Dice) -> Value {
    let mut destination = if dice.percent(85) {
        let (name, namespace, ports, _) = *dice.one_of(&words::SERVICES[..4]);
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
        share["headers"] = policies::headers(dice);
    }
    share
}

pub(super) fn matches(dice: &mut Dice, gateways: &[String]) -> Vec<Value> {
    (0..=dice.below(3)).map(|number| condition(dice, number, gateways)).collect()
}

fn condition(dice: &mut Dice, number: usize, gateways: &[String]) -> Value {
    let mut condition = Map::new();
    if dice.percent(50) {
        condition.insert("name".into(), json!(format!("m{number}")));
    }
    if dice.percent(75) {
        condition.insert("uri".into(), uri(dice));
        if dice.percent(15) {
            condition.insert("ignoreUriCase".into(), json!(true));
        }
    }
    if dice.percent(30) {
        condition.insert("headers".into(), texts(dice, &words::HEADERS));
    }
    if dice.percent(20) {
        condition.insert("withoutHeaders".into(), texts(dice, &words::HEADERS));
    }
    if dice.percent(20) {
        condition.insert("queryParams".into(), parameters(dice));
    }
    if dice.percent(15) {
        condition.insert("method".into(), json!({"exact": dice.text(&words::METHODS)}));
    }
    if dice.percent(8) {
        let authority = dice.text(&["alpha:8080", "alpha", "shop.example.com", "nowhere.test"]);
        condition.insert("authority".into(), json!({"exact": authority}));
    }
    if dice.percent(5) {
        condition.insert("scheme".into(), json!({"exact": dice.text(&["http", "https"])}));
    }
    narrow(dice, &mut condition, gateways);
    Value::Object(condition)
}

/// What the control plane decides by itself.
fn narrow(dice: &mut Dice, condition: &mut Map<String, Value>, gateways: &[String]) {
    if dice.percent(15) {
        condition.insert("port".into(), json!(dice.one_of(&[80, 8080])));
    }
    if dice.percent(15) {
        condition.insert("sourceLabels".into(), json!({"version": dice.text(&["v1", "v2"])}));
    }
    if dice.percent(10) {
        condition.insert("sourceNamespace".into(), json!(dice.text(&words::NAMESPACES)));
    }
    if dice.percent(12) {
        let name = if gateways.is_empty() { "mesh".to_owned() } else { dice.one_of(gateways).clone() };
        condition.insert("gateways".into(), json!([name]));
    }
}

fn uri(dice: &mut Dice) -> Value {
    match dice.below(10) {
        0..=2 => json!({"exact": dice.text(&words::PATHS)}),
        3..=7 => json!({"prefix": dice.text(&words::PREFIXES)}),
        _ => {
            json!({"regex": dice.text(&words::PATH_REGEXES)})
        }
    }
}

fn texts(dice: &mut Dice, names: &[&str]) -> Value {
    let mut fields = Map::new();
    for _ in 0..=dice.below(2) {
        let text = match dice.below(10) {
            0..=4 => json!({"exact": dice.text(&words::VALUES)}),
            5..=6 => json!({"prefix": dice.text(&["j", "v", "ja", "J"])}),
            7 => json!({}),
            _ => {
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
