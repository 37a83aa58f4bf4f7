//! Read, find, write, read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pointsman_manifest::{Document, Manifest, Value, to_yaml_documents};
use pointsman_types::FieldPath;

fuzz_target!(|text: &str| {
    let Ok(manifest) = Manifest::parse(text) else { return };
    let values: Vec<&Value> = manifest.documents().iter().map(Document::value).collect();
    let written = to_yaml_documents(values.iter().copied());
    let again = Manifest::parse(&written).expect("what was written is read");
    assert!(again.documents().iter().map(Document::value).eq(values), "{written}");
    for document in manifest.documents() {
        places(document, FieldPath::root(), document.value());
    }
    assert!(manifest.objects().count() <= text.len());
});

fn places(document: &Document, path: FieldPath, value: &Value) {
    assert!(document.span(&path).is_some(), "{path}");
    match value {
        Value::List(items) => items
            .iter()
            .enumerate()
            .take(8)
            .for_each(|(position, item)| places(document, path.clone().index(position), item)),
        Value::Map(fields) => {
            fields.iter().take(8).for_each(|(name, value)| places(document, path.clone().field(name), value));
        }
        _ => {}
    }
}
