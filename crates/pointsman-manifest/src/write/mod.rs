//! From values to text.

mod block;
mod flow;
mod scalar;

use crate::Value;

pub(crate) use block::{Layout, Writer};
pub(crate) use flow::{FlowStyle, flow_field, flow_value};
pub(crate) use scalar::Place;

impl Value {
    /// As YAML, with a line break at the end: two spaces a level, items of a list below the first letter of its name.
    ///
    /// Deterministic, and safe for readers of YAML 1.1 and 1.2: what another reader might take for a boolean, a number or a date
    /// is quoted. Reading it gives the same value, but for a single null, which is no document.
    ///
    /// ```
    /// use pointsman_manifest::Value;
    /// let value = Value::from_json(r#"{"labels": {"on": "0644"}, "hosts": ["*", "reviews"], "note": "a\nb\n", "none": []}"#)?;
    /// assert_eq!(
    ///     value.to_yaml(),
    ///     "labels:\n  \"on\": \"0644\"\nhosts:\n- \"*\"\n- reviews\nnote: |\n  a\n  b\nnone: []\n",
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut writer = Writer::new(Layout::default());
        writer.root(self, 0);
        writer.finish()
    }
}

/// Several documents as YAML, `---` between them.
///
/// ```
/// use pointsman_manifest::{Map, Value, to_yaml_documents};
/// let one = |n: i64| Value::from(Map::from_iter([("a", n)]));
/// assert_eq!(to_yaml_documents(&[one(1), one(2)]), "a: 1\n---\na: 2\n");
/// ```
pub fn to_yaml_documents<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let texts: Vec<String> = values.into_iter().map(Value::to_yaml).collect();
    texts.join("---\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::strategies::{AWKWARD_TEXTS, value};
    use crate::{Manifest, Map, Value, to_yaml_documents};

    fn read(text: &str) -> Vec<Value> {
        let manifest = Manifest::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        manifest.into_documents().into_iter().map(crate::Document::into_value).collect()
    }

    fn check(value: &Value) {
        let text = value.to_yaml();
        assert_eq!(read(&text), std::slice::from_ref(value), "{text}");
        assert!(text.ends_with('\n'));
        for (compact, lines) in [(true, None), (false, None), (false, Some((0, 2)))] {
            let json =
                super::flow_value(value, super::FlowStyle { place: super::Place::Json, compact, lines });
            assert_eq!(read(&json), std::slice::from_ref(value), "{json}");
        }
        let style = super::FlowStyle { place: super::Place::Flow, compact: false, lines: None };
        let flow = super::flow_value(value, style);
        assert_eq!(read(&format!("- {flow}\n")), [Value::List(vec![value.clone()])], "{flow}");
    }

    #[test]
    fn awkward_texts_stay_texts() {
        for text in AWKWARD_TEXTS {
            check(&Value::from(*text));
            check(&Value::from(vec![*text, "a"]));
            check(&Value::from(Map::from_iter([("a", Value::from(vec![*text])), ("b", (*text).into())])));
            check(&Value::from(Map::from_iter([(*text, 1_u8)])));
            check(&Value::from(vec![Map::from_iter([(*text, vec![Map::from_iter([(*text, *text)])])])]));
        }
    }

    #[test]
    fn layout() {
        let value = Value::from_json(
            r#"{"a": [{"b": 1, "c": [[1, [2]], {"d": "x\ny"}]}, "z"], "e": {"f": {}, "g": [], "h": null, "i": 1.0, "j": 1e30}}"#,
        )
        .unwrap();
        assert_eq!(
            value.to_yaml(),
            "a:\n- b: 1\n  c:\n  - - 1\n    - - 2\n  - d: |-\n      x\n      y\n- z\ne:\n  f: {}\n  g: []\n  h: null\n  i: 1.0\n  j: 1.0e+30\n"
        );
    }

    #[test]
    fn ordinary_texts_need_no_quotes() {
        for text in [
            "reviews",
            "10.0.0.1",
            "1.5.0",
            "5m",
            "a:b",
            "/path?x",
            "app.io/name",
            "v1",
            "10s",
            "--flag",
            "ü b",
            "100%",
            "a,b",
        ] {
            assert_eq!(Value::from(text).to_yaml(), format!("{text}\n"));
        }
        assert_eq!(Value::from("^\\d+$").to_yaml(), "^\\d+$\n");
        assert_eq!(Value::from("[\\d]").to_yaml(), "'[\\d]'\n");
    }

    #[test]
    fn long_names() {
        check(
            &Map::from_iter([("x".repeat(5_000), Value::from(vec!["a"])), ("é\n".repeat(600), 1.into())])
                .into(),
        );
    }

    #[test]
    fn documents() {
        let values: Vec<Value> =
            AWKWARD_TEXTS.iter().map(|text| Map::from_iter([("a", *text)]).into()).collect();
        assert_eq!(read(&to_yaml_documents(&values)), values);
    }

    proptest! {
        #[test]
        fn reading_what_was_written_gives_the_same(value in value().prop_filter("says something", |value| !value.is_null())) {
            check(&value);
        }
    }
}
