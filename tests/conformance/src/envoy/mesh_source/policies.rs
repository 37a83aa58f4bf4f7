//! What routes do besides sending requests on: faults, cross-origin policies, copies, retries, header operations.

use serde_json::{Map, Value, json};

use super::super::Dice;
use super::words;

/// Errors on purpose, for all requests or for none: a share between is a dice of Envoy's own.
pub(super) fn fault(dice: &mut Dice) -> Value {
    let mut fault = json!({});
    let share = |dice: &mut Dice| json!({"value": *dice.one_of(&[0, 100, 100])});
    if dice.percent(60) {
        let mut abort = match dice.below(5) {
            0 => json!({"grpcStatus": dice.text(&["UNAVAILABLE", "NOT_FOUND"])}),
            _ => json!({"httpStatus": dice.one_of(&[200, 400, 418, 503, 555])}),
        };
        if dice.percent(85) {
            abort["percentage"] = share(dice);
        }
        fault["abort"] = abort;
    }
    if fault.get("abort").is_none() || dice.percent(40) {
        let mut delay = json!({"fixedDelay": "1ms"});
        if dice.percent(85) {
            delay["percentage"] = share(dice);
        } else if dice.percent(50) {
            delay["percent"] = json!(*dice.one_of(&[0, 100]));
        }
        fault["delay"] = delay;
    }
    fault
}

pub(super) fn cors(dice: &mut Dice) -> Value {
    let origin = |dice: &mut Dice| match dice.below(6) {
        0 => json!({"exact": "*"}),
        1..=2 => json!({"exact": dice.text(&words::ORIGINS)}),
        3 => json!({"prefix": "https://"}),
        4 => json!({"regex": "http://.*\\.example\\.com"}),
        _ => json!({"regex": ".*"}),
    };
    let origins: Vec<_> = (0..=dice.below(2)).map(|_| origin(dice)).collect();
    let mut cors = json!({"allowOrigins": origins});
    if dice.percent(70) {
        cors["allowMethods"] = json!(*dice.one_of(&[&["GET", "PUT"][..], &["POST"], &["*"]]));
    }
    if dice.percent(50) {
        cors["allowHeaders"] = json!(*dice.one_of(&[&["x-a", "x-b"][..], &["*"]]));
    }
    if dice.percent(50) {
        cors["exposeHeaders"] = json!(["x-c", "x-d"]);
    }
    if dice.percent(50) {
        cors["maxAge"] = json!(dice.text(&["24s", "60s"]));
    }
    if dice.percent(50) {
        cors["allowCredentials"] = json!(dice.percent(70));
    }
    if dice.percent(40) {
        cors["unmatchedPreflights"] = json!(dice.text(&["FORWARD", "IGNORE", "UNSPECIFIED"]));
    }
    cors
}

/// One mirror, or several; only to services that get nothing else.
pub(super) fn mirrors(dice: &mut Dice, route: &mut Value) {
    let to = |dice: &mut Dice| {
        json!({"host": dice.text(&["copy-a.default.svc.cluster.local", "copy-b.other.svc.cluster.local"]),
            "port": {"number": dice.one_of(&[80, 8080])}})
    };
    if dice.percent(30) {
        let mirrors: Vec<_> = (0..=dice.below(2))
            .map(|_| match dice.percent(50) {
                true => json!({"destination": to(dice), "percentage": {"value": dice.one_of(&[0, 100])}}),
                false => json!({"destination": to(dice)}),
            })
            .collect();
        route["mirrors"] = json!(mirrors);
        return;
    }
    route["mirror"] = to(dice);
    // A share of requests goes by the same number as the choice among destinations, which cannot be given for it alone.
    match dice.below(4) {
        0 => route["mirrorPercentage"] = json!({"value": dice.one_of(&[0, 100])}),
        1 => route["mirrorPercent"] = json!(dice.one_of(&[0, 100])),
        _ => {}
    }
}

pub(super) fn retries(dice: &mut Dice) -> Value {
    match dice.below(6) {
        0 => json!({"attempts": 0}),
        1 => {
            json!({"attempts": 1 + dice.below(3), "retryOn": "gateway-error,connect-failure", "backoff": "1ms"})
        }
        2 => json!({"attempts": 1 + dice.below(3), "retryOn": "503,reset", "backoff": "1ms"}),
        3 => json!({"attempts": 1 + dice.below(3), "retryOn": "connect-failure"}),
        4 => json!({"attempts": 2, "retryOn": "5xx", "retryRemoteLocalities": true, "backoff": "1ms"}),
        _ => json!({"attempts": 1 + dice.below(3), "retryOn": "5xx", "backoff": "1ms"}),
    }
}

pub(super) fn rewrite(dice: &mut Dice) -> Value {
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

pub(super) fn headers(dice: &mut Dice) -> Value {
    let mut request = json!({});
    for operation in ["set", "add"] {
        if dice.percent(50) {
            let mut fields = Map::new();
            for _ in 0..=dice.below(2) {
                fields.insert(dice.text(&words::TEST_HEADERS), json!(dice.text(&["1", "2", "100%%"])));
            }
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
    for operation in ["set", "add"] {
        if dice.percent(35) {
            response[operation] = json!({dice.text(&["x-t-answer", "x-t-a"]): dice.text(&["1", "2"])});
        }
    }
    json!({"request": request, "response": response})
}

pub(super) fn redirect(dice: &mut Dice, route: &Value) -> Value {
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
