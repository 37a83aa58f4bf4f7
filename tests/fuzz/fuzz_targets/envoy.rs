//! Any Envoy configuration: an answer, findings at places that are there, and what is written of it reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pointsman_envoy::{read_header_match, read_route_configuration, read_tables, route_configuration};
use pointsman_manifest::{Manifest, Value};
use pointsman_types::Diagnostic;

fuzz_target!(|text: &str| {
    let Ok(manifest) = Manifest::parse(text) else { return };
    for document in manifest.documents() {
        read(document.value());
    }
});

fn read(value: &Value) {
    let (_, findings) = read_tables(value);
    check(value, &findings);
    let (_, findings) = read_header_match(value);
    check(value, &findings);
    let (config, findings) = read_route_configuration(value);
    check(value, &findings);
    let written = route_configuration(&config);
    let (again, _) = read_route_configuration(&written);
    assert_eq!(route_configuration(&again), written);
}

fn check(value: &Value, findings: &[Diagnostic]) {
    for finding in findings {
        let parent = finding.path.parent().unwrap_or_default();
        assert!(value.at(&finding.path).is_some() || value.at(&parent).is_some(), "{finding}");
    }
}
