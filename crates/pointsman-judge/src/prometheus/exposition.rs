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
/// Source: the Prometheus text format 0.0.4, and OpenMetrics as far as samples go.
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
    if !is_name(name) {
        return Err("the name of a metric is expected");
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (BTreeMap::new(), rest),
    };
    let value = rest.split_whitespace().next().ok_or("a value is missing")?;
    let value = number(value).ok_or("the value is not a number")?;
    Ok(Sample { name: name.to_owned(), labels, value })
}

fn is_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_' || c == b':');
    first && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b':')
}

/// The labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Result<(BTreeMap<String, String>, &str), &'static str> {
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        let (name, after) = rest.split_once('=').ok_or("a label has no value")?;
        if !is_name(name.trim()) {
            return Err("the name of a label is expected");
        }
        let quoted =
            after.trim_start().strip_prefix('"').ok_or("the value of a label is in double quotes")?;
        let (value, after) = unquoted(quoted)?;
        labels.insert(name.trim().to_owned(), value);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else if !rest.starts_with('}') {
            return Err("a comma or a closing brace is expected");
        }
    }
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
    Err("the value of a label has no end")
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
    fn what_is_no_sample_is_refused_with_its_line() {
        for text in
            ["a", "a{", "a{x} 1", "a{x=1} 1", "a{x=\"1} 1", "a{x=\"1\"y=\"2\"} 1", "1a 1", "a x", "a{x=\"\\"]
        {
            let error = read_exposition(&format!("ok 1\n{text}")).unwrap_err();
            assert_eq!(error.line, 2, "{text}");
        }
    }
}
