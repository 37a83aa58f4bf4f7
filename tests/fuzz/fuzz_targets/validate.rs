//! Any object, any review of one, any expression: an answer, and places that are there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pointsman_manifest::{Manifest, Value};
use pointsman_validate::{Validator, admission, re2};

fuzz_target!(|text: &str| {
    let _answer = admission::respond_to_text(text);
    if let Ok(pattern) = re2::to_rust(text) {
        assert!(re2::check(text).is_ok(), "{pattern}");
    }
    let Ok(manifest) = Manifest::parse(text) else { return };
    for document in manifest.documents() {
        judge(document.value());
    }
});

fn judge(object: &Value) {
    for finding in Validator::new().with_schema().validate(object) {
        let parent = finding.path.parent().unwrap_or_default();
        assert!(object.at(&finding.path).is_some() || object.at(&parent).is_some(), "{finding}");
    }
}
