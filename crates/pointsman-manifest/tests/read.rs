//! What manifests say, and where.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use pointsman_manifest::{Document, Manifest, Value};

fn read(text: &str) -> Manifest {
    Manifest::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn json(text: &str) -> String {
    read(text).documents().iter().map(|document| document.value().to_json()).collect::<Vec<_>>().join(" ")
}

fn refused(text: &str) -> String {
    let error = Manifest::parse(text).expect_err("it should be refused");
    format!("{}:{}: {}", error.line(), error.column(), error.message())
}

fn place(document: &Document, path: &str) -> String {
    let span = document.span(&path.parse().unwrap()).unwrap_or_else(|| panic!("no place for {path}"));
    format!("{}:{}", span.line, span.column)
}

#[test]
fn documents_that_say_nothing_are_left_out() {
    assert_eq!(json(""), "");
    assert_eq!(
        json("# a\n---\n---\n# b\n---\nnull\n...\n---\na: 1\n...\n# c\n--- # d\nb: 2\n---\n"),
        r#"{"a":1} {"b":2}"#
    );
    assert_eq!(json("\u{feff}a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n"), r#"{"a":1} {"b":"x\ny\n"}"#);
}

#[test]
fn scalars_are_as_kubernetes_reads_them() {
    assert_eq!(
        json(
            "a: on\nb: 'on'\nc: 0644\nd: \"0644\"\ne: 1_000\nf: 2001-01-01\ng:\nh: ~\ni: !!str 0644\nj: !!int '7'\nk: !x yes\nl: ! 5\nm: !!binary aGk=\n"
        ),
        r#"{"a":true,"b":"on","c":420,"d":"0644","e":1000,"f":"2001-01-01","g":null,"h":null,"i":"0644","j":7,"k":"yes","l":"5","m":"hi"}"#
    );
    assert_eq!(
        json("on: 1\n5: 2\n1.5: 3\n'0644': 4\n0644: 5\n"),
        r#"{"true":1,"5":2,"1.5":3,"0644":4,"420":5}"#
    );
    assert_eq!(json("a: |\n  x\n  y"), r#"{"a":"x\ny"}"#);
    assert_eq!(
        json("a: >-\n  x\n  y\n\n  z\nb: [a, b: c, {d}]\n"),
        r#"{"a":"x y\nz","b":["a",{"b":"c"},{"d":null}]}"#
    );
}

#[test]
fn aliases_and_merges() {
    assert_eq!(
        json("a: &x {b: 1}\nc: *x\n*x2 : 3\n".replace("*x2", "d").as_str()),
        r#"{"a":{"b":1},"c":{"b":1},"d":3}"#
    );
    assert_eq!(json("a: &k name\n*k : 1\n"), r#"{"a":"name","name":1}"#);
    let base = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\n";
    assert_eq!(json(&format!("{base}z: {{<<: *x, b: 3}}")).split("\"z\"").nth(1), Some(r#":{"a":1,"b":3}}"#));
    assert_eq!(
        json(&format!("{base}z: {{<<: [*x, *y]}}")).split("\"z\"").nth(1),
        Some(r#":{"b":1,"c":2,"a":1}}"#)
    );
    // Go sets merged fields where the key stands.
    assert_eq!(json(&format!("{base}z: {{b: 3, <<: *x}}")).split("\"z\"").nth(1), Some(r#":{"b":1,"a":1}}"#));
    assert_eq!(json("'<<': 1\n"), r#"{"<<":1}"#);
}

#[test]
fn json_and_several_of_it() {
    assert_eq!(json("{\"a\": 1}\n{\"b\": \"\\u00fc\"} {\"c\": 1.0}"), r#"{"a":1} {"b":"ü"} {"c":1.0}"#);
    assert_eq!(json("\u{feff}{\"a\": 1}\n---\n{\"b\": 2}\n--- \n"), r#"{"a":1} {"b":2}"#);
    assert_eq!(json("{a: 1, \"b\": on}\n"), r#"{"a":1,"b":true}"#);
    assert_eq!(json("{\"a\": 1}\n---\nb: on\n"), r#"{"a":1} {"b":true}"#);
    assert_eq!(json("[1, {\"a\": 2}]"), r#"[1,{"a":2}]"#);
}

#[test]
fn lists_of_objects_are_opened() {
    let manifest = read(
        "kind: List\nitems:\n- kind: A\n  metadata: {name: a}\n- kind: BList\n  items: [{kind: B, metadata: {name: b, namespace: ns}}]\n---\nkind: C\n---\nkind: Listing\nitems: []\n",
    );
    let objects: Vec<String> =
        manifest.objects().map(|object| format!("{} at `{}`", object.object_ref(), object.path())).collect();
    assert_eq!(objects, ["A a at `items[0]`", "B ns/b at `items[1].items[0]`", "C  at ``", "Listing  at ``"]);
    let second = manifest.objects().nth(1).unwrap();
    let span = second.span(&"metadata.name".parse().unwrap()).unwrap();
    assert_eq!((span.line, span.column, &manifest.text()[span.start..span.end]), (6, 38, "b"));
}

#[test]
fn places_of_yaml() {
    let manifest = read(
        "# ü\na: ü\n---\nx: &x\n  b: [1, 'ü', {c: d}]\nw: *x\nz:\n  <<: *x\n  e:\n  - f: |\n      g\n  - h\n'a.b': 1\n",
    );
    let document = &manifest.documents()[1];
    for (path, expected) in [
        ("", "4:1"),
        ("x", "5:3"),
        ("x.b", "5:6"),
        ("x.b[1]", "5:10"),
        ("x.b[2].c", "5:19"),
        ("w", "6:4"),
        ("w.b[0]", "5:7"),
        ("z.b[0]", "5:7"),
        ("z.e[0]", "10:5"),
        ("z.e[0].f", "11:7"),
        ("z.e[1]", "12:5"),
        ("[\"a.b\"]", "13:8"),
    ] {
        assert_eq!(place(document, path), expected, "{path}");
    }
    for path in ["q", "x.c", "x.b[3]", "x[0]", "x.b.c", "z.q"] {
        assert_eq!(document.span(&path.parse().unwrap()), None, "{path}");
    }
    let name = document.name_span(&"z.e".parse().unwrap()).unwrap();
    assert_eq!((name.line, name.column), (9, 3));
}

#[test]
fn places_of_json() {
    let text = "{\"a\": 1}\n{\"ü\": \"ü\", \"b\\n\": [1,\n  {\"c\": -1.5e3}, null]}";
    let manifest = read(text);
    let document = &manifest.documents()[1];
    for (path, expected, bytes) in
        [("[\"ü\"]", "2:7", "\"ü\""), ("[\"b\n\"][1].c", "3:9", "-1.5e3"), ("[\"b\n\"][2]", "3:18", "null")]
    {
        assert_eq!(place(document, path), expected, "{path}");
        let span = document.span(&path.parse().unwrap()).unwrap();
        assert_eq!(&text[span.start..span.end], bytes);
    }
    assert_eq!(Document::from(Value::from(1)).span(&"".parse().unwrap()), None);
}

#[test]
fn what_is_refused() {
    for (text, expected) in [
        ("a: 1\nb: {c: 1, c: 2}\n", "2:11: the field `c` is there twice"),
        ("a: .inf\n", "1:4: the number `.inf` has no form in JSON"),
        ("? [a]\n: 1\n", "1:3: the name of a field is no text"),
        ("~: 1\n", "1:1: the name of a field is no text"),
        ("a: &a [*a]\n", "1:8: an alias stands inside the node it repeats"),
        ("a: {<<: 1}\n", "1:9: `<<` takes a map or a list of maps"),
        ("a: !!int x\n", "1:10: `x` is no integer, as its tag says"),
        ("a:\n\tb: c\n", "2:2: tabs disallowed within this context (block indentation)"),
        ("[a, b\n", "1:1: unclosed bracket '['"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context"),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    for text in [
        "a: [1,\n",
        "{\"a\": 1,\n \"b\" 2}",
        "{\"a\": 1, \"a\": 2}",
        "a: *b\n",
        "a: 'b\n",
        "- a\nb: c\n",
        "a: @b\n",
        "\0",
        "%YAML 9\n---\n",
    ] {
        let message = refused(text);
        assert!(!message.is_empty(), "{text}");
    }
}

#[test]
fn json_errors_tell_the_place() {
    assert_eq!(refused("{\"a\": 1}\n{\"b\": 2,\n \"b\": 3}"), "3:4: the field `b` is there twice");
    assert!(refused("{\"a\": 1,\n \"a\": 2}").starts_with("2:"));
}

#[test]
fn errors_show_the_line() {
    let error = Manifest::parse_named("dir/a.yaml", "a: 1\r\nü: {\tb: 1, b: 2}\r\nc: 3\r\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "dir/a.yaml:2:12: the field `b` is there twice\n  |\n2 | ü: {\tb: 1, b: 2}\n  |     \t      ^"
    );
    let long = format!("{{\"a\": \"{}\", \"b\": 1, \"b\": 2}}", "x".repeat(10_000));
    let error = Manifest::parse(&long).unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn hostile_texts_end_soon() {
    for deep in [
        "[".repeat(20_000),
        "{a: ".repeat(20_000),
        "- ".repeat(20_000),
        "[{\"a\":".repeat(10_000),
        "? ".repeat(20_000),
    ] {
        assert!(Manifest::parse(&deep).is_err());
    }
    let indented: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(refused(&indented).contains("deep"), "{}", refused(&indented));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}, *a{below}]\n");
    }
    assert!(refused(&bomb).ends_with("aliases repeat too much of this document"));
    let mut merges = "a0: &a0 {x: 1}\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        merges += &format!("a{level}: &a{level} {{<<: [*a{below}, *a{below}]}}\n");
    }
    assert!(refused(&merges).ends_with("aliases repeat too much of this document"));
    let deep: String = (1..200).map(|level| format!("a{level}: &a{level} [[[*a{}]]]\n", level - 1)).collect();
    assert!(refused(&format!("a0: &a0 1\n{deep}")).contains("nest deeper than 256"));
}

#[test]
fn deep_values_within_the_limit_are_read() {
    for open in ["[", "{\"a\":"] {
        let close = if open == "[" { "]" } else { "}" };
        let text = format!("{}1{}", open.repeat(256), close.repeat(256));
        let manifest = read(&text);
        assert_eq!(manifest.documents()[0].value().to_json(), text);
    }
}

#[test]
fn places_in_large_maps() {
    let fields: String = (0..2_000).map(|n| format!("f{n}: {n}\n")).collect();
    let manifest = read(&format!("x: &x {{f5: 0, other: 1}}\n{fields}<<: *x\nlast: 1\n"));
    let document = &manifest.documents()[0];
    for (path, expected) in
        [("f0", "2:5"), ("f1999", "2001:8"), ("f5", "1:12"), ("other", "1:22"), ("last", "2003:7")]
    {
        assert_eq!(place(document, path), expected, "{path}");
    }
    assert_eq!(document.span(&"f2000".parse().unwrap()), None);
    assert_eq!(document.name_span(&"f7".parse().unwrap()).map(|span| span.line), Some(9));
}
