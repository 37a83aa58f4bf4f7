//! The hash by which Argo sees that the steps of a rollout changed.

use std::fmt::Write as _;

use super::model::{CanaryStep, PauseDuration, Rollout, ScaleStep};

/// The letters that Kubernetes encodes hashes with: no vowels, no digits that look like letters.
const SAFE: [char; 27] = [
    'b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z', '2',
    '4', '5', '6', '7', '8', '9',
];

/// The hash of the steps: empty for a rollout that is no canary, `None` where a step has parts that are not read here.
///
/// It is FNV-1a over the JSON that Go writes of the steps, so another release of Argo may give another one.
///
/// Source: `ComputeStepHash`.
#[must_use]
pub fn step_hash(rollout: &Rollout) -> Option<String> {
    let strategy = &rollout.spec.strategy;
    let (None, Some(canary)) = (&strategy.blue_green, &strategy.canary) else { return Some(String::new()) };
    let json = if canary.steps.is_empty() {
        "null".to_owned()
    } else {
        let steps: Option<Vec<String>> = canary.steps.iter().map(step_json).collect();
        format!("[{}]", steps?.join(","))
    };
    let hash =
        json.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let encoded = hash
        .to_string()
        .bytes()
        .map(|byte| SAFE.get(usize::from(byte) % 27).copied().unwrap_or('b'))
        .collect();
    Some(encoded)
}

/// As Go writes it; `None` for a step of a kind whose parts are not read.
fn step_json(step: &CanaryStep) -> Option<String> {
    let read = step.experiment.is_none()
        && step.analysis.is_none()
        && step.set_header_route.is_none()
        && step.set_mirror_route.is_none()
        && step.plugin.is_none();
    if !read {
        return None;
    }
    let mut fields = Vec::new();
    if let Some(weight) = step.set_weight {
        fields.push(format!("\"setWeight\":{weight}"));
    }
    if let Some(pause) = &step.pause {
        let duration = pause.duration.as_ref().map(|duration| match duration {
            PauseDuration::Seconds(seconds) => format!("\"duration\":{seconds}"),
            PauseDuration::Text(text) => format!("\"duration\":\"{text}\""),
        });
        fields.push(format!("\"pause\":{{{}}}", duration.unwrap_or_default()));
    }
    if let Some(scale) = &step.set_canary_scale {
        fields.push(format!("\"setCanaryScale\":{{{}}}", scale_json(scale)));
    }
    Some(format!("{{{}}}", fields.join(",")))
}

fn scale_json(scale: &ScaleStep) -> String {
    let mut json = String::new();
    let mut put = |field: &str, value: String| {
        let comma = if json.is_empty() { "" } else { "," };
        let _ = write!(json, "{comma}\"{field}\":{value}");
    };
    if let Some(weight) = scale.weight {
        put("weight", weight.to_string());
    }
    if let Some(replicas) = scale.replicas {
        put("replicas", replicas.to_string());
    }
    if scale.match_traffic_weight {
        put("matchTrafficWeight", "true".into());
    }
    json
}

#[cfg(test)]
mod tests {
    use super::super::model::{CanarySpec, CanaryStep, PauseStep, Rollout};
    use super::step_hash;

    #[test]
    fn no_steps_hash_as_null_and_every_step_counts() {
        let of = |steps: Vec<CanaryStep>| {
            let mut rollout = Rollout::default();
            rollout.spec.strategy.canary = Some(CanarySpec { steps, ..CanarySpec::default() });
            step_hash(&rollout).expect("is read")
        };
        let pause = || CanaryStep { pause: Some(PauseStep::default()), ..CanaryStep::default() };
        // FNV-1a of `null` is 1996966820.
        assert_eq!(of(Vec::new()), "5ffbfbbd64");
        assert_ne!(of(vec![pause()]), of(vec![pause(), pause()]));
        assert_eq!(step_hash(&Rollout::default()).as_deref(), Some(""));
    }
}
