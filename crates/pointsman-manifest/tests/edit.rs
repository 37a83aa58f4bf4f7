//! Edits change one place and nothing around it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use pointsman_manifest::{EditError, Editor, Manifest, Value};
use pointsman_types::FieldPath;

fn path(text: &str) -> FieldPath {
    text.parse().unwrap()
}

fn value(json: &str) -> Value {
    Value::from_json(json).unwrap()
}

fn editor(text: &str) -> Editor {
    Manifest::parse(text).unwrap_or_else(|error| panic!("{error}")).edit()
}

#[track_caller]
fn set(text: &str, at: &str, json: &str, expected: &str) {
    let mut editor = editor(text);
    editor.set(0, &path(at), value(json)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(editor.text(), expected);
}

#[track_caller]
fn remove(text: &str, at: &str, expected: &str) {
    let mut editor = editor(text);
    editor.remove(0, &path(at)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(editor.text(), expected);
}

#[track_caller]
fn insert(text: &str, at: &str, position: usize, json: &str, expected: &str) {
    let mut editor = editor(text);
    editor.insert(0, &path(at), position, value(json)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(editor.text(), expected);
}

#[track_caller]
fn refused(text: &str, at: &str, json: &str) -> EditError {
    let mut editor = editor(text);
    let error = editor.set(0, &path(at), value(json)).expect_err("it should be refused");
    assert_eq!(editor.text(), text);
    error
}

#[test]
fn a_scalar_in_its_line() {
    set("a:   1   # one\nb: 2\n", "a", "5", "a:   5   # one\nb: 2\n");
    set("a: 'x' # y\r\nb: 2\r\n", "a", "\"on\"", "a: \"on\" # y\r\nb: 2\r\n");
    set("- a: &x 1 # c\n- b\n", "[0].a", "2", "- a: 2 # c\n- b\n");
    set("a: 1", "a", "null", "a: null");
    set(
        "--- # x\na: [1, {b: 'c'}, ]\n...\n",
        "a[1].b",
        "\"d, e\"",
        "--- # x\na: [1, {b: \"d, e\"}, ]\n...\n",
    );
    set(
        "# x\n---\n# y\n---\na:\n  one\n  two # c\nb: 1\n",
        "a",
        "1",
        "# x\n---\n# y\n---\na:\n  1 # c\nb: 1\n",
    );
    set("a: !!str 5\n", "a", "6", "a: 6\n");
    set("\u{feff}a: 1\n", "a", "2", "\u{feff}a: 2\n");
}

#[test]
fn a_scalar_where_nothing_was() {
    set("a:\nb: 2\n", "a", "1", "a: 1\nb: 2\n");
    set("a: \nb: 2\n", "a", "1", "a: 1\nb: 2\n");
    set("a: # c\nb: 2\n", "a", "1", "a: 1 # c\nb: 2\n");
    set("- 1\n-\n- 3\n", "[1]", "2", "- 1\n- 2\n- 3\n");
    set("{a, b: }\n", "a", "1", "{a: 1, b: }\n");
    set("{a, b: }\n", "b", "1", "{a, b: 1 }\n");
}

#[test]
fn a_list_or_map_for_something_else() {
    set("a: 1 # c\nb: 2\n", "a", r#"{"x": 1, "z": [1]}"#, "a: # c\n  x: 1\n  z:\n  - 1\nb: 2\n");
    set("a: # c\n  x: 1\n  # d\n  y: 2 # e\n# f\nb: 2\n", "a", "1", "a: 1 # c\n# f\nb: 2\n");
    set("a:\n    x: 1\nb: 2\n", "b", r#"{"x": {"z": 1}}"#, "a:\n    x: 1\nb:\n    x:\n        z: 1\n");
    set("a:\n  - x\nb: 2\n", "b", "[1, [2, 3]]", "a:\n  - x\nb:\n  - 1\n  - - 2\n    - 3\n");
    set("- a # c\n- b\n", "[0]", r#"{"x": 1, "z": 2}"#, "- x: 1 # c\n  z: 2\n- b\n");
    set("a: |\n  x\n  y\n\nb: 2\n", "a", "1", "a: 1\n\nb: 2\n");
    set("a: 1\nb: 2\n", "a", "\"x\\ny\\n\"", "a: |\n  x\n  y\nb: 2\n");
    set("a: 1\nb: 2", "b", "\"x\\ny\\n\"", "a: 1\nb: |\n  x\n  y\n");
    set("a: 1\nb: 2", "b", "\"x\\ny\"", "a: 1\nb: |-\n  x\n  y");
    set("a: {}\n", "a", r#"{"x": []}"#, "a:\n  x: []\n");
    set("{a: 1}\n", "", r#"{"b": 1, "c": 2}"#, "b: 1\nc: 2\n");
    set("--- {a: 1}\n", "a", "[]", "--- {a: []}\n");
    set("--- x\n", "", r#"{"b": 1, "c": 2}"#, "---\nb: 1\nc: 2\n");
}

#[test]
fn new_fields() {
    set("a:\n  b: 1 # c\n\n# d\ne: 1\n", "a.x", "2", "a:\n  b: 1 # c\n  x: 2\n\n# d\ne: 1\n");
    set("a:\n  b: 1", "a.x", "2", "a:\n  b: 1\n  x: 2");
    set(
        "a:
  b: 1
",
        "c",
        "[1]",
        "a:
  b: 1
c:
- 1
",
    );
    set("- a: |\n    x\n\n\n- b\n", "[0].x", "2", "- a: |\n    x\n  x: 2\n\n\n- b\n");
    // A text that keeps its last line breaks must not take in the blank lines that stood behind.
    set("a: 1\n\n\n", "a", r#""x\n\n""#, "a: \"x\\n\\n\"\n\n\n");
    set("- a: |+\n    x\n\n\n- b\n", "[0].x", "2", "- a: |+\n    x\n\n\n  x: 2\n- b\n");
    set("- a: |\n    z", "[1]", "2", "- a: |-\n    z\n- 2");
    set("- a: >2 # c\n    z", "[0].b", "2", "- a: >-2 # c\n    z\n  b: 2");
    set("  a: 1\n  b: 2\n", "c.d", "2", "  a: 1\n  b: 2\n  c:\n    d: 2\n");
    set("  a: 1\n", "", r#"{"b": 1, "c": 2}"#, "  b: 1\n  c: 2\n");
    set("a: {}\nb: 1\n", "a.x", "2", "a:\n  x: 2\nb: 1\n");
    set("a:\nb: 1\n", "a.x.z", "2", "a:\n  x:\n    z: 2\nb: 1\n");
    set("a: {b: 1} # c\n", "a.x", "[1, \"q\"]", "a: {b: 1, x: [1, q]} # c\n");
    set("a: {\n  b: 1, # c\n  d: 2,\n}\n", "a.x", "3", "a: {\n  b: 1, # c\n  d: 2,\n  x: 3\n}\n");
    set("a: {\n  b: 1 # c\n}\n", "a.x", "3", "a: {\n  b: 1,\n  x: 3 # c\n}\n");
}

#[test]
fn new_items() {
    insert(
        "a:\n# first\n- x # one\n# last\n- y\nb: 1\n",
        "a",
        1,
        "7",
        "a:\n# first\n- x # one\n- 7\n# last\n- y\nb: 1\n",
    );
    insert("a:\n  - x\n  - y\n", "a", 0, r#"{"b": 1, "c": 2}"#, "a:\n  - b: 1\n    c: 2\n  - x\n  - y\n");
    insert("a:\n- x: 1\n  y: 2", "a", 1, r#"{"b": 1, "c": [2]}"#, "a:\n- x: 1\n  y: 2\n- b: 1\n  c:\n  - 2");
    insert("- - 1\n  - 2\n", "[0]", 0, "0", "- - 0\n  - 1\n  - 2\n");
    insert("- - 1\n  - 2\n", "", 1, "0", "- - 1\n  - 2\n- 0\n");
    insert("a: []\n", "a", 0, "0", "a:\n- 0\n");
    insert("a:\n", "a", 0, "0", "a:\n- 0\n");
    insert("a: [x, y]\n", "a", 0, "0", "a: [0, x, y]\n");
    insert("a: [x, y]\n", "a", 1, "0", "a: [x, 0, y]\n");
    insert("a: [x, y]\n", "a", 2, "{}", "a: [x, y, {}]\n");
    let mut editor = editor("a: [x]\n---\nb:\n- c\n");
    editor.push(1, &path("b"), "d").unwrap();
    editor.set(1, &path("b[2]"), "e").unwrap();
    editor.push(0, &path("a"), 1).unwrap();
    assert_eq!(editor.text(), "a: [x, 1]\n---\nb:\n- c\n- d\n- e\n");
    assert_eq!(editor.finish().unwrap().text(), editor.text());
}

#[test]
fn less() {
    remove("a: 1\n# b\nb: 2 # bb\n# c\nc: 3\n", "b", "a: 1\n# b\n# c\nc: 3\n");
    remove("a: 1\nb:\n  c: 1\n  d: 2 # x\ne: 1\n", "b", "a: 1\ne: 1\n");
    remove("a: 1\nb: 2", "b", "a: 1");
    remove("- a: 1\n  b: 2\n- c\n", "[0].a", "- b: 2\n- c\n");
    remove("- a: 1 # x\n  # y\n  b: 2\n- c\n", "[0].a", "-\n  # y\n  b: 2\n- c\n");
    remove("- a: 1\n  b: 2\n- c\n", "[0]", "- c\n");
    remove("- - 1\n  - 2\n- c\n", "[0][0]", "- - 2\n- c\n");
    remove("a:\n- 1 # x\nb: 1\n", "a[0]", "a: []\nb: 1\n");
    remove("a:\n  b: 1\n", "a.b", "a: {}\n");
    remove("a: 1\n", "a", "{}\n");
    remove("a: [1, 2, 3]\n", "a[0]", "a: [2, 3]\n");
    remove("a: [1, 2, 3]\n", "a[2]", "a: [1, 2]\n");
    remove("a: {b: 1, c: 2}\n", "a.b", "a: {c: 2}\n");
    remove("a: {b: 1}\n", "a.b", "a: {}\n");
    remove("a: |\n  x\n\n  y\n\nb: 1\n", "a", "\nb: 1\n");
}

#[test]
fn json_that_becomes_a_scalar() {
    set("{\"a\": 1}\n", "", "false", "false\n");
    set("[1]", "", r#""0x1F""#, r#""0x1F""#);
}

#[test]
fn json() {
    let pretty = "{\n  \"a\": {\n    \"b\": [\n      1\n    ]\n  }\n}\n";
    set(pretty, "a.b[0]", "2", &pretty.replace('1', "2"));
    set(
        pretty,
        "a.c",
        r#"{"d": [1], "e": {}}"#,
        "{\n  \"a\": {\n    \"b\": [\n      1\n    ],\n    \"c\": {\n      \"d\": [\n        1\n      ],\n      \"e\": {}\n    }\n  }\n}\n",
    );
    insert(pretty, "a.b", 0, "\"x\"", "{\n  \"a\": {\n    \"b\": [\n      \"x\",\n      1\n    ]\n  }\n}\n");
    remove(pretty, "a.b[0]", "{\n  \"a\": {\n    \"b\": []\n  }\n}\n");
    set(
        "{\"a\":1,\"b\":[1,2]}",
        "c",
        r#"{"d":["x","y"]}"#,
        "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":[\"x\",\"y\"]}}",
    );
    set("{\"a\": 1}\n", "a", "\"on\"", "{\"a\": \"on\"}\n");
    remove("{\"a\": 1, \"b\": 2}\n", "b", "{\"a\": 1}\n");
    let mut editor = editor("{\"a\": 1}\n{\"a\": 2}\n---\n{\"a\": 3}\n");
    for (number, value) in [(0, 5), (1, 6), (2, 7)] {
        editor.set(number, &path("a"), value).unwrap();
    }
    assert_eq!(editor.text(), "{\"a\": 5}\n{\"a\": 6}\n---\n{\"a\": 7}\n");
}

#[test]
fn items_of_a_list_of_objects() {
    set(
        "kind: List\nitems:\n- kind: A\n  spec:\n    w: 1 # x\n- kind: B\n",
        "items[0].spec.w",
        "2",
        "kind: List\nitems:\n- kind: A\n  spec:\n    w: 2 # x\n- kind: B\n",
    );
}

#[test]
fn what_comes_from_elsewhere_is_left_alone() {
    let text = "a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  z: 3\n";
    assert_eq!(refused(text, "b.x", "5"), EditError::Borrowed { path: path("b.x") });
    assert_eq!(refused(text, "b.q", "5"), EditError::Borrowed { path: path("b") });
    assert_eq!(refused(text, "a.x", "5"), EditError::Unsafe { path: path("a.x") });
    assert_eq!(refused(text, "a", "5"), EditError::Unsafe { path: path("a") });
    set(text, "c.x", "5", "a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  z: 3\n  x: 5\n");
    set(text, "b", "5", "a: &a {x: 1, y: 2}\nb: 5\nc:\n  <<: *a\n  z: 3\n");
    set(text, "c.z", "5", "a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  z: 5\n");
    let mut editor = editor(text);
    assert_eq!(editor.remove(0, &path("c.x")), Err(EditError::Borrowed { path: path("c.x") }));
}

#[test]
fn what_cannot_be() {
    let missing = |at: &str| EditError::Missing { path: path(at) };
    assert_eq!(refused("a: 1\n", "a.b", "1"), missing("a.b"));
    assert_eq!(refused("a: [1]\n", "a[2]", "1"), missing("a[2]"));
    assert_eq!(refused("a: [1]\n", "a.b", "1"), missing("a.b"));
    assert_eq!(refused("a: {}\n", "a.b[0]", "1"), missing("a.b[0]"));
    assert_eq!(refused("a: 1\n", "", "null"), EditError::Unsafe { path: path("") });
    let mut editor = editor("a: 1\n");
    assert_eq!(editor.remove(0, &path("b")), Err(missing("b")));
    assert_eq!(editor.remove(0, &path("")), Err(missing("")));
    assert_eq!(editor.set(1, &path("a"), 1), Err(EditError::NoDocument { number: 1 }));
    assert_eq!(editor.push(0, &path("a"), 1), Err(EditError::NoList { path: path("a") }));
    assert_eq!(editor.insert(0, &path("a"), 0, 1), Err(EditError::NoList { path: path("a") }));
}

#[test]
fn an_update_keeps_what_stays() {
    let mut editor = editor("a: # x\n- b: 1 # one\n- c: 2 # two\nd: 'e' # y\nf: 1\n");
    editor.update(0, &value(r#"{"a": [{"n": 0}, {"b": 1}, {"c": 3}], "d": "e", "g": {}}"#)).unwrap();
    assert_eq!(editor.text(), "a: # x\n- \"n\": 0\n- b: 1 # one\n- c: 3 # two\nd: 'e' # y\ng: {}\n");
}
