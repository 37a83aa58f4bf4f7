//! Edits, one after another.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pointsman_fuzz::path;
use pointsman_manifest::{Document, Manifest, Value};

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    text: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Debug, Arbitrary)]
enum Edit<'a> {
    Set { document: u8, steps: Vec<u8>, name: Option<&'a str>, value: &'a str },
    Remove { document: u8, steps: Vec<u8> },
    Insert { document: u8, steps: Vec<u8>, position: u8, value: &'a str },
}

fuzz_target!(|input: Input<'_>| {
    let Ok(manifest) = Manifest::parse(input.text) else { return };
    let mut editor = manifest.edit();
    let mut values: Vec<Value> =
        manifest.documents().iter().map(|document| document.value().clone()).collect();
    for edit in input.edits.iter().take(4) {
        let number = match edit {
            Edit::Set { document, .. } | Edit::Remove { document, .. } | Edit::Insert { document, .. } => {
                usize::from(*document)
            }
        };
        let Some(root) = values.get(number) else { continue };
        let done = match edit {
            Edit::Set { steps, name, value, .. } => {
                let path = path(root, steps);
                let path = name.map_or(path.clone(), |name| path.field(name));
                editor.set(number, &path, any_value(value))
            }
            Edit::Remove { steps, .. } => editor.remove(number, &path(root, steps)),
            Edit::Insert { steps, position, value, .. } => {
                editor.insert(number, &path(root, steps), usize::from(*position), any_value(value))
            }
        };
        let now = editor.value(number).expect("the document is there");
        assert!(done.is_ok() || now == root);
        values[number] = now.clone();
    }
    let after = editor.finish().expect("what was edited is read");
    assert!(after.documents().iter().map(Document::value).eq(&values), "{}", editor.text());
});

fn any_value(text: &str) -> Value {
    Value::from_json(text).unwrap_or_else(|_| text.into())
}
