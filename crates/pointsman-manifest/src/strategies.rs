//! Strategies for property-based tests, behind the feature `proptest`.

use proptest::prelude::*;

use crate::{Map, Number, Value};

/// Texts that readers and writers of YAML get wrong.
pub const AWKWARD_TEXTS: &[&str] = &[
    "",
    " ",
    "  x",
    "x ",
    "~",
    "null",
    "Null",
    "y",
    "N",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "False",
    "oN",
    "0644",
    "0o17",
    "0x1F",
    "0b1",
    "1_000",
    "_1",
    "1e3",
    "1.",
    ".5",
    "-.5",
    ".inf",
    "-.INF",
    ".nan",
    "1:20",
    "190:20:30",
    "1:20.5",
    "2001-01-01",
    "2001-12-14t21:59:43Z",
    "-",
    "- a",
    "-a",
    "--a",
    "---",
    "--- a",
    "...",
    "?",
    "? a",
    ":",
    ": a",
    "a:",
    "a: b",
    "a:b",
    "a #b",
    "a#b",
    "#a",
    "&a",
    "*",
    "*.example.com",
    "!a",
    "|",
    ">",
    "'",
    "\"",
    "'a'",
    "\"a\"",
    "a'b",
    "a\"b",
    "%a",
    "@a",
    "`a`",
    "{a}",
    "[a]",
    "a,b",
    "a]",
    "<<",
    "=",
    "\\",
    "a\\nb",
    "\n",
    "a\n",
    "a\nb",
    "a\nb\n",
    "a\n\n",
    "\na",
    " a\nb",
    "a\n b",
    "a \nb",
    "a\n\tb",
    "\ta",
    "a\tb",
    "a\r\nb",
    "a\rb",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}a",
    "ü",
    "日本",
    "🚦",
    "+1",
    "-0",
    "08",
    "0.0",
    "99999999999999999999",
    "10.0.0.1",
    "1.5.0",
    "5m",
    "100%",
    "^v[0-9]+$",
    "a\n---\nb",
    "a\n# b\n",
    "key with spaces",
    "http://a:80/b?c=d&e",
    "app.kubernetes.io/name",
    "0x",
    "1e999",
    "{{ args.a }}",
    "a\n\nb\n\n\n",
];

/// Any text, awkward ones more often.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(AWKWARD_TEXTS).prop_map(str::to_owned),
        2 => "[a-z0-9.:/*# \\n\"'_~,{}\\[\\]-]{0,12}",
        1 => any::<String>(),
    ]
}

/// Any number.
pub fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        4 => (-1_000_i64..1_000).prop_map(Number::from),
        1 => any::<i64>().prop_map(Number::from),
        1 => any::<u64>().prop_map(Number::from),
        2 => any::<f64>().prop_filter_map("finite", Number::from_f64),
    ]
}

/// A value without items or fields.
pub fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => number().prop_map(Value::from),
        6 => text().prop_map(Value::from),
    ]
}

/// Any value, up to five levels deep.
pub fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            map_of(inner).prop_map(Value::Map),
        ]
    })
}

/// A document: a map of any values.
pub fn document() -> impl Strategy<Value = Value> {
    map_of(value()).prop_filter("says something", |fields| !fields.is_empty()).prop_map(Value::Map)
}

fn map_of(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Map> {
    let name = prop_oneof![3 => "[a-z]{1,3}", 1 => text()];
    proptest::collection::vec((name, values), 0..5).prop_map(Map::from_iter)
}
