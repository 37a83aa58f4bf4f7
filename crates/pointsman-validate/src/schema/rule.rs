//! What a schema may ask of a value, and the walk that asks it.

use pointsman_manifest::Value;
use pointsman_types::duration::TimeDelta;
use pointsman_types::duration::proto;

use crate::codes;
use crate::report::{Place, Report};
use crate::words::quote;

/// One demand on a value. A value of another type than the demand is about is left to reading, which reports it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// A map has these fields.
    Needs(&'static [&'static str]),
    /// The field of that name, where it is there.
    Field(&'static str, &'static [Rule]),
    /// Each item of a list, each value of a map.
    Each(&'static [Rule]),
    /// These fields may be null.
    Nullable(&'static [&'static str]),
    /// At most one of these fields is there.
    Alternatives(&'static [&'static str]),
    /// So many items or fields at least, and at most.
    Count(usize, usize),
    /// So many letters at least, and at most.
    Length(usize, usize),
    /// A number from here to there.
    Range(f64, f64),
    /// A text that the function knows; what it should be.
    Text(fn(&str) -> bool, &'static str),
    /// Names of fields that the function knows; what they should be.
    Names(fn(&str) -> bool, &'static str),
    /// A duration of 1 ms or more.
    Duration,
    /// The items of a list differ in this field.
    Distinct(&'static str),
    /// Anything may stand here.
    Open,
    /// What no other rule says.
    Ask(fn(&Value, &Place<'_>, &mut Report)),
}

/// Judges a value and all below it. O(size).
pub(super) fn walk(value: &Value, rules: &'static [Rule], at: &Place<'_>, out: &mut Report) {
    for rule in rules {
        rule.judge(value, at, out);
    }
    if rules.iter().any(|rule| matches!(rule, Rule::Open)) {
        return;
    }
    match value {
        Value::Map(fields) => {
            for (name, field) in fields.iter() {
                let here = at.field(name);
                if !field.is_null() {
                    walk(field, below(rules, name), &here, out);
                } else if !rules
                    .iter()
                    .any(|rule| matches!(rule, Rule::Nullable(names) if names.contains(&name)))
                {
                    out.error(&here, codes::SCHEMA_NULL, format!("{} is null", quote(name)));
                }
            }
        }
        Value::List(items) => {
            for (position, item) in items.iter().enumerate() {
                let here = at.index(position);
                if item.is_null() {
                    out.error(&here, codes::SCHEMA_NULL, "an item of the list is null");
                } else {
                    walk(item, each(rules), &here, out);
                }
            }
        }
        _ => {}
    }
}

fn below(rules: &'static [Rule], field: &str) -> &'static [Rule] {
    let named = rules.iter().find_map(|rule| match rule {
        Rule::Field(name, inner) if *name == field => Some(*inner),
        _ => None,
    });
    named.unwrap_or_else(|| each(rules))
}

fn each(rules: &'static [Rule]) -> &'static [Rule] {
    rules
        .iter()
        .find_map(|rule| if let Rule::Each(inner) = rule { Some(*inner) } else { None })
        .unwrap_or_default()
}

impl Rule {
    fn judge(self, value: &Value, at: &Place<'_>, out: &mut Report) {
        match (self, value) {
            (Self::Needs(names), Value::Map(_)) => {
                for name in names.iter().filter(|name| value.get(name).is_none()) {
                    out.error(&at.field(name), codes::SCHEMA_REQUIRED, format!("`{name}` is missing"));
                }
            }
            (Self::Alternatives(names), Value::Map(_)) => {
                let there: Vec<_> = names.iter().filter(|name| value.get(name).is_some()).collect();
                if let [_, second, ..] = there.as_slice() {
                    let list: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                    let message = format!("only one of {} may be set", list.join(", "));
                    out.error(&at.field(second), codes::SCHEMA_TOGETHER, message);
                }
            }
            (Self::Count(least, most), Value::List(items)) => {
                count(items.len(), least, most, "items", at, out)
            }
            (Self::Count(least, most), Value::Map(fields)) => {
                count(fields.len(), least, most, "entries", at, out)
            }
            (Self::Length(least, most), Value::String(text)) => length(text, least, most, at, out),
            (Self::Range(least, most), Value::Number(number))
                if !(least..=most).contains(&number.as_f64()) =>
            {
                let limits = if most.is_finite() {
                    format!("from {least} to {most}")
                } else {
                    format!("{least} or more")
                };
                out.error(at, codes::SCHEMA_RANGE, format!("`{number}` is not {limits}"));
            }
            (Self::Text(good, what), Value::String(text)) if !good(text) => {
                out.error(at, codes::SCHEMA_TEXT, format!("{} is not {what}", quote(text)));
            }
            (Self::Names(good, what), Value::Map(fields)) => {
                for name in fields.names().filter(|name| !good(name)) {
                    out.error(&at.field(name), codes::SCHEMA_NAME, format!("{} is not {what}", quote(name)));
                }
            }
            (Self::Duration, Value::String(text)) => duration(text, at, out),
            (Self::Distinct(field), Value::List(items)) => distinct(items, field, at, out),
            (Self::Ask(ask), _) => ask(value, at, out),
            _ => {}
        }
    }
}

fn count(found: usize, least: usize, most: usize, what: &str, at: &Place<'_>, out: &mut Report) {
    if found < least {
        out.error(at, codes::SCHEMA_COUNT, format!("{found} {what}, at least {least} needed"));
    } else if found > most {
        out.error(at, codes::SCHEMA_COUNT, format!("{found} {what}, at most {most} allowed"));
    }
}

fn length(text: &str, least: usize, most: usize, at: &Place<'_>, out: &mut Report) {
    // Letters are counted only where bytes leave it open.
    if text.len() < least || (text.len() > most && text.chars().count() > most) {
        let why =
            if text.is_empty() { "is empty".to_owned() } else { format!("has more than {most} letters") };
        out.error(at, codes::SCHEMA_LENGTH, format!("the text {why}"));
    }
}

fn duration(text: &str, at: &Place<'_>, out: &mut Report) {
    if proto::parse(text).is_ok_and(|time| time < TimeDelta::from_millis(1)) {
        out.error(at, codes::SCHEMA_DURATION, format!("the duration `{text}` is shorter than 1ms"));
    }
}

fn distinct(items: &[Value], field: &str, at: &Place<'_>, out: &mut Report) {
    let mut seen = std::collections::BTreeSet::new();
    for (position, item) in items.iter().enumerate() {
        let key = match item.get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        let shown = quote(&key);
        if !seen.insert(key) {
            let place = at.index(position);
            out.error(&place.field(field), codes::SCHEMA_TWICE, format!("{shown} is there twice"));
        }
    }
}
