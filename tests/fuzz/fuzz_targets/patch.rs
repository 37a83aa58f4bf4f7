//! Differences of two values, and any patch.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pointsman_manifest::{JsonPatch, MergePatch, Value};

fuzz_target!(|input: (&str, &str, &str)| {
    let (Ok(before), Ok(after)) = (Value::from_json(input.0), Value::from_json(input.1)) else { return };
    assert_eq!(JsonPatch::between(&before, &after).apply(&before).as_ref(), Ok(&after));
    if let Some(patch) = MergePatch::between(&before, &after) {
        assert_eq!(patch.apply(&before), after);
    }
    if let Ok(patch) = serde_json::from_str::<JsonPatch>(input.2) {
        let _ = patch.apply(&before);
    }
});
