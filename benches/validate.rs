//! Reading and judging VirtualServices from JSON, against reading the same JSON into plain values.

use pointsman_benches::ratio;
use pointsman_manifest::Value;
use pointsman_validate::validate;

fn main() {
    for count in [100, 1_000, 10_000] {
        let texts: Vec<String> = (0..count).map(virtual_service).collect();
        let text = |i: u64| {
            texts.get(usize::try_from(i).unwrap_or_default() % texts.len()).map_or("", String::as_str)
        };
        let measured = ratio::measure(
            format!("validate/one of {count} VirtualServices"),
            |i| Value::from_json(text(i)).map_or(usize::MAX, |value| validate(&value).len()),
            |i| serde_json::from_str::<serde_json::Value>(text(i)).is_ok(),
        );
        println!("{measured}");
    }
    let texts: Vec<String> = (0..10_000).map(virtual_service).collect();
    let measured = ratio::measure(
        "validate/all of 10000 VirtualServices",
        |_| {
            texts
                .iter()
                .map(|text| Value::from_json(text).map_or(0, |value| validate(&value).len()))
                .sum::<usize>()
        },
        |_| texts.iter().filter(|text| serde_json::from_str::<serde_json::Value>(text).is_ok()).count(),
    );
    println!("{measured}");
}

/// Two versions, a header that asks for the second, a retry and a timeout.
fn virtual_service(number: usize) -> String {
    format!(
        r#"{{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": {{"name": "reviews-{number}", "namespace": "shop"}},
        "spec": {{"hosts": ["reviews-{number}"], "http": [
            {{"name": "beta", "match": [{{"uri": {{"prefix": "/v{number}"}}, "headers": {{"x-user": {{"exact": "beta"}}}}}}],
              "route": [{{"destination": {{"host": "reviews-{number}", "subset": "v2"}}}}]}},
            {{"timeout": "10s", "retries": {{"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx,reset"}},
              "route": [{{"destination": {{"host": "reviews-{number}", "subset": "v1"}}, "weight": 80}},
                        {{"destination": {{"host": "reviews-{number}", "subset": "v2"}}, "weight": 20}}]}}]}}}}"#
    )
}
