//! The text format in which programs show their metrics.

use std::collections::BTreeMap;

use super::Sample;
use super::sample::number;

/// A line that is no sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct InvalidExposition {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// Reads an exposition: all samples in their order. Comments, timestamps and exemplars are passed over.
///
/// Cost: O(length), a sample a line.
///
/// # Errors
/// The first line that is no sample.
///
/// Source: the Prometheus text formats 0.0.4 and 1.0.0 (names in quotes, as in `{"a.b", "x.y"="z"} 1`), and OpenMetrics as
/// far as samples go.
pub fn read_exposition(text: &str) -> Result<Vec<Sample>, InvalidExposition> {
    let mut samples = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        samples.push(sample(line).map_err(|what| InvalidExposition { line: index + 1, what })?);
    }
    Ok(samples)
}

fn sample(line: &str) -> Result<Sample, &'static str> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace()).ok_or("a value is missing")?;
    let (name, rest) = line.split_at_checked(end).ok_or("a value is missing")?;
    let (within, labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => braces(inside)?,
        None => (None, BTreeMap::new(), rest),
    };
    let name = match within {
        Some(within) if name.is_empty() => within,
        None if is_name(name) => name.to_owned(),
        _ => return Err("the name of a metric is expected, once"),
    };
    let value = rest.split_whitespace().next().ok_or("a value is missing")?;
    let value = number(value).ok_or("the value is not a number")?;
    Ok(Sample { name, labels, value })
}

fn is_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_' || c == b':');
    first && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b':')
}

/// The name of the metric, its labels, and what follows.
type Braces<'a> = (Option<String>, BTreeMap<String, String>, &'a str);

/// What stands up to the closing brace. A quoted text with no value is the name of the metric.
fn braces(mut rest: &str) -> Result<Braces<'_>, &'static str> {
    let (mut metric, mut labels) = (None, BTreeMap::new());
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((metric, labels, after));
        }
        let (name, after) = label_name(rest)?;
        rest = match after.trim_start().strip_prefix('=') {
            Some(after) => {
                let quoted =
                    after.trim_start().strip_prefix('"').ok_or("the value of a label is in double quotes")?;
                let (value, after) = unquoted(quoted)?;
                labels.insert(name, value);
                after.trim_start()
            }
            None if rest.starts_with('"') && metric.is_none() && labels.is_empty() => {
                metric = Some(name);
                after.trim_start()
            }
            None => return Err("a label has no value"),
        };
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else if !rest.starts_with('}') {
            return Err("a comma or a closing brace is expected");
        }
    }
}

/// In double quotes any text is a name.
fn label_name(text: &str) -> Result<(String, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        return unquoted(quoted);
    }
    let end = text.find(|c: char| "=,}".contains(c)).ok_or("a label has no value")?;
    let (name, rest) = text.split_at_checked(end).ok_or("a label has no value")?;
    let name = name.trim();
    if is_name(name) { Ok((name.to_owned(), rest)) } else { Err("the name of a label is expected") }
}

fn unquoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, same @ ('\\' | '"'))) => value.push(same),
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            },
            _ => value.push(c),
        }
    }
    Err("a quoted text has no end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_their_labels() {
        let text = "# HELP a b\n# TYPE a counter\na 1\na_total{x=\"1,}\\\"\\n\\\\\", y = \"é\" ,} 2.5e3 1700000000\n\nb{le=\"+Inf\"} +Inf # {x=\"y\"} 1\nc{} NaN\n# EOF\n";
        let samples = read_exposition(text).unwrap();
        assert_eq!(samples[0], Sample::new("a", [("", ""); 0], 1.0));
        assert_eq!(samples[1], Sample::new("a_total", [("x", "1,}\"\n\\"), ("y", "é")], 2_500.0));
        assert_eq!((samples[2].label("le"), samples[2].value), ("+Inf", f64::INFINITY));
        assert!(samples[3].value.is_nan());
    }

    #[test]
    fn quoted_names_are_read() {
        let text = "{\"http.requests\", x=\"1\" , \"y.\\\"z\" = \"2\",} 3\n{ \"a\" } 4\nb{\"c.d\"=\"e\"} 5\n";
        let samples = read_exposition(text).unwrap();
        assert_eq!(samples[0], Sample::new("http.requests", [("x", "1"), ("y.\"z", "2")], 3.0));
        assert_eq!(samples[1], Sample::new("a", [("", ""); 0], 4.0));
        assert_eq!(samples[2], Sample::new("b", [("c.d", "e")], 5.0));
    }

    #[test]
    fn what_is_no_sample_is_refused_with_its_line() {
        for text in
            ["a", "a{", "a{x} 1", "a{x=1} 1", "a{x=\"1} 1", "a{x=\"1\"y=\"2\"} 1", "1a 1", "a x", "a{x=\"\\"]
                .into_iter()
                .chain([
                    "{} 1",
                    "{x=\"1\"} 1",
                    "a{\"b\"} 1",
                    "{\"a\",\"b\"} 1",
                    "{x=\"1\",\"a\"} 1",
                    "{\"a} 1",
                ])
        {
            let error = read_exposition(&format!("ok 1\n{text}")).unwrap_err();
            assert_eq!(error.line, 2, "{text}");
        }
    }
}
