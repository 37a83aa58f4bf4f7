//! Any text is read or refused, and what was read can be found, written and edited.

use pointsman_types::FieldPath;
use proptest::prelude::*;

use crate::{Manifest, Value, to_yaml_documents};

/// Texts that look like YAML.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "a: ", "b:", "- ", "-", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", ",", "? ", ": ", "&x ", "*x", "<<: ", "!!str ",
            "!t ", "|\n", ">-\n", "|2+\n", "'", "\"", "\\", "#", " # c\n", "---\n", "...\n", "%YAML 1.2\n", "\t", "\r\n", "~", "on",
            "0644", ".inf", "x", "é", "\u{feff}", "1.5", "\"a\"", "{\"a\":1}", "  ", "null", "=", "@", "`", "\u{85}", "a", "b: 1\n",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn paths(path: &FieldPath, value: &Value, found: &mut Vec<FieldPath>) {
    found.push(path.clone());
    match value {
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| paths(&path.clone().index(at), item, found))
        }
        Value::Map(fields) => {
            fields.iter().for_each(|(name, value)| paths(&path.clone().field(name), value, found))
        }
        _ => {}
    }
}

fn check(manifest: &Manifest) {
    let values: Vec<Value> = manifest.documents().iter().map(|document| document.value().clone()).collect();
    let written = to_yaml_documents(&values);
    let again = Manifest::parse(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(
        again.documents().iter().map(crate::Document::value).collect::<Vec<_>>(),
        values.iter().collect::<Vec<_>>()
    );
    for (number, document) in manifest.documents().iter().enumerate() {
        let mut all = Vec::new();
        paths(&FieldPath::root(), document.value(), &mut all);
        for path in &all {
            let span = document.span(path).unwrap_or_else(|| panic!("no place for {path}"));
            assert!(manifest.text().get(span.start..span.end).is_some(), "{path}: {span:?}");
            assert!(document.name_span(path).is_some());
        }
        edit(manifest, number, &all);
    }
}

/// An edit is done as it says, or refused: the editor compares; here the rest of the text is compared.
fn edit(manifest: &Manifest, number: usize, paths: &[FieldPath]) {
    for path in paths {
        let mut editor = manifest.edit();
        let mut wanted: Vec<Value> =
            manifest.documents().iter().map(|document| document.value().clone()).collect();
        if editor.set(number, path, 7).is_ok() {
            *wanted[number].at_mut(path).unwrap() = 7.into();
        }
        if editor.remove(number, path).is_ok() {
            continue;
        }
        let after = editor.finish().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            after.documents().iter().map(crate::Document::value).collect::<Vec<_>>(),
            wanted.iter().collect::<Vec<_>>()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in text()) {
        match Manifest::parse(&text) {
            Ok(manifest) => check(&manifest),
            Err(error) => {
                prop_assert!(error.line() >= 1 && error.column() >= 1);
                prop_assert!(error.line() <= text.split(['\n', '\r']).count(), "{}", error);
            }
        }
    }
}
