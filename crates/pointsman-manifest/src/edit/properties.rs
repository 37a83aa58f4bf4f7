//! Any edit of any document, however it is written.

use pointsman_types::{FieldPath, Segment};
use proptest::prelude::*;

use super::change::Change;
use crate::strategies::{document, value};
use crate::write::{FlowStyle, Layout, Place, Writer, flow_value};
use crate::{Manifest, Value};

/// How a document is written.
#[derive(Debug, Clone)]
enum Form {
    Block(Layout),
    Commented(Layout),
    Flow(FlowStyle),
}

fn form() -> impl Strategy<Value = Form> {
    let layout = || {
        (1_usize..5, prop_oneof![Just(0_usize), Just(2)], any::<bool>())
            .prop_map(|(step, list_offset, literals)| Layout { step, list_offset, literals })
    };
    let lines = prop_oneof![Just(None), Just(Some((0, 2))), Just(Some((0, 4)))];
    let flow = (prop_oneof![Just(Place::Flow), Just(Place::Json)], any::<bool>(), lines).prop_map(
        |(place, compact, lines)| FlowStyle { place, compact: compact && place == Place::Json, lines },
    );
    prop_oneof![3 => layout().prop_map(Form::Block), 2 => layout().prop_map(Form::Commented), 2 => flow.prop_map(Form::Flow)]
}

fn written(value: &Value, form: &Form) -> String {
    match form {
        Form::Block(layout) => block(value, *layout),
        Form::Commented(layout) => {
            let text = block(value, Layout { literals: false, ..*layout });
            text.lines().map(|line| format!("{line} # ü\n   # alone\n")).collect()
        }
        Form::Flow(style) => flow_value(value, *style),
    }
}

fn block(value: &Value, layout: Layout) -> String {
    let mut writer = Writer::new(layout);
    writer.root(value, 0);
    writer.finish()
}

/// All paths of a value.
fn paths(value: &Value) -> Vec<FieldPath> {
    let mut all = Vec::new();
    let mut open = vec![(FieldPath::root(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::List(items) => {
                open.extend(items.iter().enumerate().map(|(at, item)| (path.clone().index(at), item)))
            }
            Value::Map(fields) => {
                open.extend(fields.iter().map(|(name, value)| (path.clone().field(name), value)))
            }
            _ => {}
        }
        all.push(path);
    }
    all
}

fn change_of(root: &Value, at: prop::sample::Index, kind: u8, value: Value) -> Change {
    let paths = paths(root);
    let path = paths.get(at.index(paths.len())).cloned().unwrap_or_default();
    match (kind % 3, root.at(&path), path.segments().last()) {
        (0, Some(Value::List(items)), _) => {
            Change::Insert { position: at.index(items.len() + 1), list: path, value }
        }
        (0, Some(Value::Map(_) | Value::Null), _) => Change::Add { map: path, name: "new".to_owned(), value },
        (1, _, Some(Segment::Field(_) | Segment::Index(_))) => Change::Remove { path },
        _ => Change::Replace { path, value },
    }
}

fn apply(manifest: &Manifest, change: &Change) -> (String, Value) {
    let mut editor = manifest.edit();
    editor.apply(0, change).unwrap_or_else(|error| panic!("{error}: {change:?}\n{}", manifest.text()));
    let text = editor.text();
    let read = Manifest::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    (text, read.documents()[0].value().clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_does_what_it_says(
        (root, form, crlf, open) in (document(), form(), any::<bool>(), any::<bool>()),
        at: prop::sample::Index,
        kind: u8,
        value in value(),
    ) {
        let mut text = written(&root, &form);
        if open {
            text.truncate(text.trim_end().len());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let manifest = Manifest::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assume!(manifest.documents().len() == 1);
        // A text at the end may have lost its line break.
        let root = manifest.documents()[0].value().clone();
        let change = change_of(&root, at, kind, value);
        let mut wanted = root.clone();
        change.apply(&mut wanted).unwrap();
        prop_assume!(!wanted.is_null());
        let (after, read) = apply(&manifest, &change);
        prop_assert_eq!(read, wanted, "{}\n{}", text, after);
        if crlf && text.contains('\n') {
            prop_assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
        }
    }

    #[test]
    fn an_update_makes_one_document_another((root, form) in (document(), form()), wanted in document()) {
        let manifest = Manifest::parse(&written(&root, &form)).unwrap();
        let mut editor = manifest.edit();
        prop_assert_eq!(editor.update(0, &wanted), Ok(()));
        let after = editor.finish().unwrap();
        prop_assert_eq!(after.documents()[0].value(), &wanted);
        prop_assert_eq!(editor.value(0), Some(&wanted));
    }

    #[test]
    fn a_scalar_for_a_scalar_changes_one_line(
        (root, form) in (document(), form()),
        at: prop::sample::Index,
        number in 0_i64..100,
    ) {
        let text = written(&root, &form);
        let manifest = Manifest::parse(&text).unwrap();
        let one_line: Vec<FieldPath> = paths(&root)
            .into_iter()
            .filter(|path| match root.at(path) {
                Some(Value::String(text)) => !text.contains('\n'),
                Some(Value::List(_) | Value::Map(_)) | None => false,
                Some(_) => true,
            })
            .collect();
        prop_assume!(!one_line.is_empty());
        let path = one_line[at.index(one_line.len())].clone();
        let (after, _) = apply(&manifest, &Change::Replace { path, value: number.into() });
        prop_assert_eq!(text.lines().count(), after.lines().count());
        let changed = text.lines().zip(after.lines()).filter(|(one, two)| one != two).count();
        prop_assert!(changed <= 1, "{}\n{}", text, after);
    }

    #[test]
    fn comments_around_an_edit_stay(root in document(), at: prop::sample::Index, number in 0_i64..100) {
        let text = written(&root, &Form::Commented(Layout::default()));
        let manifest = Manifest::parse(&text).unwrap();
        let paths: Vec<FieldPath> = paths(&root)
            .into_iter()
            .filter(|path| matches!(root.at(path), Some(Value::Number(_) | Value::Bool(_) | Value::Null)))
            .collect();
        prop_assume!(!paths.is_empty());
        let path = paths[at.index(paths.len())].clone();
        let (after, _) = apply(&manifest, &Change::Replace { path, value: number.into() });
        prop_assert_eq!(text.matches('#').count(), after.matches('#').count());
    }
}
