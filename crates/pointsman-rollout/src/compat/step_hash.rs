//! The hash by which Argo sees that the steps of a rollout changed.

use super::model::Rollout;
use super::steps::CanaryStep;

/// The letters that Kubernetes encodes hashes with: no vowels, no digits that look like letters.
const SAFE: [char; 27] = [
    'b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z', '2',
    '4', '5', '6', '7', '8', '9',
];

/// The hash of the steps: empty for a rollout that is no canary.
///
/// It is FNV-1a over the JSON that Go writes of the steps, so another release of Argo may give another one. No steps are
/// `null` and hash otherwise than an empty list. The configuration of a plugin is hashed with its fields sorted, as a
/// cluster keeps it.
///
/// Source: `ComputeStepHash`.
#[must_use]
pub fn step_hash(rollout: &Rollout) -> String {
    let strategy = &rollout.spec.strategy;
    let (None, Some(canary)) = (&strategy.blue_green, &strategy.canary) else { return String::new() };
    let json = go_json(canary.steps.as_deref());
    let hash =
        json.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let digits = hash.to_string();
    digits.bytes().map(|digit| SAFE.get(usize::from(digit) % SAFE.len()).copied().unwrap_or('b')).collect()
}

/// As Go writes it: safe to stand in a page, so with some characters as their numbers.
fn go_json(steps: Option<&[CanaryStep]>) -> String {
    let json = serde_json::to_string(&steps).expect("keys are texts");
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn hash(canary: &Value) -> String {
        let rollout = json!({"spec": {"strategy": {"canary": canary}}});
        step_hash(&serde_json::from_value(rollout).unwrap())
    }

    fn written(steps: &Value) -> String {
        let steps: Vec<CanaryStep> = serde_json::from_value(steps.clone()).unwrap();
        go_json(Some(&steps))
    }

    #[test]
    fn no_steps_hash_as_null_and_every_step_counts() {
        // FNV-1a of `null` is 1996966820.
        assert_eq!(hash(&json!({})), "5ffbfbbd64");
        assert_ne!(hash(&json!({"steps": []})), hash(&json!({})));
        let pause = json!({"pause": {}});
        assert_ne!(hash(&json!({"steps": [pause]})), hash(&json!({"steps": [pause, pause]})));
        assert_eq!(step_hash(&Rollout::default()), "");
    }

    #[test]
    fn every_part_of_a_step_counts() {
        for (step, other) in [
            (json!({"plugin": {"name": "p"}}), json!({"plugin": {"name": "p", "config": null}})),
            (json!({"analysis": {}}), json!({"analysis": {"args": [{"name": "a", "value": "1"}]}})),
            (json!({"setHeaderRoute": {"name": "h"}}), json!({"setMirrorRoute": {"name": "h"}})),
            (json!({"pause": {"duration": 5}}), json!({"pause": {"duration": "5"}})),
        ] {
            assert_ne!(hash(&json!({"steps": [step]})), hash(&json!({"steps": [other]})), "{other}");
        }
    }

    #[test]
    fn steps_are_written_as_go_does() {
        let steps = json!([
            {"setCanaryScale": {"matchTrafficWeight": false, "replicas": 0}, "setWeight": 5},
            {"experiment": {
                "duration": "1m",
                "templates": [{"specRef": "canary", "name": "c", "service": {}, "selector": {
                    "matchExpressions": [{"operator": "Exists", "key": "k"}],
                }}],
                "analyses": [{"templateName": "t", "name": "a", "requiredForCompletion": true}],
            }},
            {"experiment": {}},
            {"analysis": {
                "args": [{"valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['r']"}}, "name": "r"}],
                "templates": [{"clusterScope": false, "templateName": "t"}],
                "measurementRetention": [{"metricName": "m"}],
            }},
            {"setHeaderRoute": {"match": [{"headerName": "h", "headerValue": {"regex": "<a&b>"}}, {}], "name": "r"}},
            {"setMirrorRoute": {"percentage": 0, "match": [{"headers": {"b": {}, "a": {"exact": "x"}}}], "name": "m"}},
            {"plugin": {"config": {"b": 1, "a": "\u{2028}"}, "name": "p"}},
        ]);
        let expected = [
            r#"{"setWeight":5,"setCanaryScale":{"replicas":0}}"#,
            concat!(
                r#"{"experiment":{"templates":[{"name":"c","specRef":"canary","metadata":{},"selector":"#,
                r#"{"matchExpressions":[{"key":"k","operator":"Exists"}]},"service":{}}],"duration":"1m","#,
                r#""analyses":[{"name":"a","templateName":"t","requiredForCompletion":true}],"#,
                r#""analysisRunMetadata":{}}}"#,
            ),
            r#"{"experiment":{"templates":null,"analysisRunMetadata":{}}}"#,
            concat!(
                r#"{"analysis":{"templates":[{"templateName":"t","clusterScope":false}],"args":[{"name":"r","#,
                r#""valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['r']"}}}],"#,
                r#""measurementRetention":[{"metricName":"m","limit":0}]}}"#,
            ),
            concat!(
                r#"{"setHeaderRoute":{"name":"r","match":[{"headerName":"h","headerValue":"#,
                r#"{"regex":"\u003ca\u0026b\u003e"}},{"headerName":"","headerValue":null}]}}"#,
            ),
            r#"{"setMirrorRoute":{"name":"m","match":[{"headers":{"a":{"exact":"x"},"b":{}}}],"percentage":0}}"#,
            r#"{"plugin":{"name":"p","config":{"a":"\u2028","b":1}}}"#,
        ];
        assert_eq!(written(&steps), format!("[{}]", expected.join(",")));
    }
}
