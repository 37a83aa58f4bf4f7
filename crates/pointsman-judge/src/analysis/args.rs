//! What a template leaves open.

use serde::{Deserialize, Serialize};

use super::Problem;

/// A named text that stands for `{{args.NAME}}` in a template.
///
/// Shape: either a value, or a place to take it from (a secret, a field) that the caller resolves before the run, or
/// neither: then who starts the run must give one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Arg {
    /// Its name.
    pub name: String,
    /// What it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where the caller finds it, as written in the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<serde_json::Value>,
}

impl Arg {
    /// One that someone must give.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None, value_from: None }
    }

    /// With this value.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        (self.value, self.value_from) = (Some(value.into()), None);
        self
    }
}

/// The arguments of a template with those of the caller over them. What only the caller has is left out.
///
/// # Errors
/// The first argument that has neither a value nor a place to take it from.
pub fn merge_args(given: &[Arg], template: &[Arg]) -> Result<Vec<Arg>, Problem> {
    let merged = template.iter().map(|arg| {
        let over = given.iter().rev().find(|given| given.name == arg.name && given.is_there());
        let chosen = over.unwrap_or(arg);
        if chosen.is_there() { Ok(chosen.clone()) } else { Err(Problem::UnresolvedArg(arg.name.clone())) }
    });
    merged.collect()
}

impl Arg {
    const fn is_there(&self) -> bool {
        self.value.is_some() || self.value_from.is_some()
    }
}

/// The text with each `{{args.NAME}}` replaced, and the names that nothing stands for.
pub(super) fn substitute(text: &str, args: &[Arg], missing: &mut Vec<String>) -> String {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        done.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else {
            rest = after;
            done.push_str("{{");
            continue;
        };
        match inside.trim().strip_prefix("args.") {
            Some(name) => match args.iter().find(|arg| arg.name == name).and_then(|arg| arg.value.as_deref())
            {
                Some(value) => done.push_str(value),
                None => missing.push(name.to_owned()),
            },
            None => {
                done.push_str("{{");
                done.push_str(inside);
                done.push_str("}}");
            }
        }
        rest = behind;
    }
    done.push_str(rest);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_value_wins_and_what_is_open_is_an_error() {
        let template = [Arg::new("a").with_value("1"), Arg::new("b")];
        let given = [Arg::new("b").with_value("2"), Arg::new("c").with_value("3")];
        let merged = merge_args(&given, &template).unwrap();
        assert_eq!(merged, [Arg::new("a").with_value("1"), Arg::new("b").with_value("2")]);
        assert_eq!(merge_args(&[Arg::new("b")], &template), Err(Problem::UnresolvedArg("b".into())));
    }

    #[test]
    fn only_arguments_are_replaced() {
        let args = [Arg::new("a").with_value("{{args.a}}")];
        let mut missing = Vec::new();
        let text = substitute("x {{args.a}} {{ args.a }} {{inputs.b}} {{args.z}} {{", &args, &mut missing);
        assert_eq!(text, "x {{args.a}} {{args.a}} {{inputs.b}}  {{");
        assert_eq!(missing, ["z"]);
    }
}
