//! Which functions there are, what they take, and what kind of value they give.

use super::ConditionError;
use super::check::Kind;

/// What an argument has to be; what is not known fits all.
#[derive(Clone, Copy)]
enum Takes {
    Anything,
    /// Nil is none.
    Text,
    Int,
    Number,
    NumberOrText,
    List,
    Map,
    /// What has a length.
    Sized,
}

use Takes::{Anything, Int, List, Map, Number, NumberOrText, Sized, Text};

type Signature = (&'static str, &'static [Takes], usize, Kind);

/// Name, arguments, how many of them must be there, what it gives.
const SIGNATURES: [Signature; 51] = [
    ("asInt", &[Anything], 1, Kind::Int),
    ("asFloat", &[Anything], 1, Kind::Float),
    ("isNaN", &[Number], 1, Kind::Bool),
    ("isInf", &[Number], 1, Kind::Bool),
    ("isNil", &[Anything], 1, Kind::Bool),
    ("default", &[Anything, Anything], 2, Kind::Any),
    ("len", &[Sized], 1, Kind::Int),
    ("type", &[Anything], 1, Kind::Text),
    ("string", &[Anything], 1, Kind::Text),
    ("ceil", &[Number], 1, Kind::Float),
    ("floor", &[Number], 1, Kind::Float),
    ("round", &[Number], 1, Kind::Float),
    ("int", &[NumberOrText], 1, Kind::Int),
    ("float", &[NumberOrText], 1, Kind::Float),
    ("trim", &[Text, Text], 1, Kind::Text),
    ("trimPrefix", &[Text, Text], 1, Kind::Text),
    ("trimSuffix", &[Text, Text], 1, Kind::Text),
    ("upper", &[Text], 1, Kind::Text),
    ("lower", &[Text], 1, Kind::Text),
    ("split", &[Text, Text, Int], 2, Kind::List),
    ("splitAfter", &[Text, Text, Int], 2, Kind::List),
    ("replace", &[Text, Text, Text, Int], 3, Kind::Text),
    ("repeat", &[Text, Int], 2, Kind::Text),
    ("join", &[List, Text], 1, Kind::Text),
    ("indexOf", &[Text, Text], 2, Kind::Int),
    ("lastIndexOf", &[Text, Text], 2, Kind::Int),
    ("hasPrefix", &[Text, Text], 2, Kind::Bool),
    ("hasSuffix", &[Text, Text], 2, Kind::Bool),
    ("toJSON", &[Anything], 1, Kind::Text),
    ("fromJSON", &[Text], 1, Kind::Any),
    ("first", &[List], 1, Kind::Any),
    ("last", &[List], 1, Kind::Any),
    ("get", &[Anything, Anything], 2, Kind::Any),
    ("take", &[List, Int], 2, Kind::List),
    ("keys", &[Map], 1, Kind::List),
    ("values", &[Map], 1, Kind::List),
    ("toPairs", &[Map], 1, Kind::List),
    ("fromPairs", &[List], 1, Kind::Map),
    ("reverse", &[List], 1, Kind::List),
    ("uniq", &[List], 1, Kind::List),
    ("flatten", &[List], 1, Kind::List),
    ("sort", &[List, Text], 1, Kind::List),
    ("bitand", &[Int, Int], 2, Kind::Int),
    ("bitor", &[Int, Int], 2, Kind::Int),
    ("bitxor", &[Int, Int], 2, Kind::Int),
    ("bitnand", &[Int, Int], 2, Kind::Int),
    ("bitshl", &[Int, Int], 2, Kind::Int),
    ("bitshr", &[Int, Int], 2, Kind::Int),
    ("bitushr", &[Int, Int], 2, Kind::Int),
    ("bitnot", &[Int], 1, Kind::Int),
    ("abs", &[Number], 1, Kind::Any),
];

/// Whether there is a function of that name.
pub(super) fn is_function(name: &str) -> bool {
    name == "concat" || is_aggregate(name) || SIGNATURES.iter().any(|(known, ..)| *known == name)
}

fn is_aggregate(name: &str) -> bool {
    matches!(name, "min" | "max" | "mean" | "median")
}

/// What a call gives.
pub(super) fn check(name: &str, arguments: &[Kind]) -> Result<Kind, ConditionError> {
    let count = |wanted| ConditionError::ArgumentCount { function: name.to_owned(), wanted };
    if name == "concat" || is_aggregate(name) {
        if arguments.is_empty() {
            return Err(count("one argument or more"));
        }
        return if name == "concat" { concat(arguments) } else { aggregate(name, arguments) };
    }
    let Some((_, takes, least, gives)) = SIGNATURES.iter().find(|(known, ..)| *known == name) else {
        return Err(ConditionError::UnknownName(name.to_owned()));
    };
    if !(*least..=takes.len()).contains(&arguments.len()) {
        return Err(count(match (least, takes.len()) {
            (1, 1) => "one argument",
            (2, 2) => "two arguments",
            (1, 2) => "one or two arguments",
            (2, 3) => "two or three arguments",
            _ => "three or four arguments",
        }));
    }
    for (argument, takes) in arguments.iter().zip(takes.iter()) {
        fits(name, *argument, *takes)?;
    }
    match (name, arguments) {
        ("abs", [kind]) | ("take", [kind, _]) => Ok(*kind),
        ("get", [of, by]) => get(*of, *by),
        _ => Ok(*gives),
    }
}

fn fits(name: &str, kind: Kind, takes: Takes) -> Result<(), ConditionError> {
    let fits = match takes {
        Anything => true,
        Text => kind.may_be(Kind::Text),
        Int => kind.may_be(Kind::Int),
        Number => kind.is_number(),
        NumberOrText => kind.is_number() || kind == Kind::Text,
        List => kind.may_be(Kind::List),
        Map => kind.may_be(Kind::Map),
        Sized => matches!(kind, Kind::Any | Kind::List | Kind::Map | Kind::Text),
    };
    if fits { Ok(()) } else { Err(wrong(name, kind)) }
}

fn wrong(name: &str, kind: Kind) -> ConditionError {
    ConditionError::Argument { function: name.to_owned(), kind: kind.name() }
}

fn concat(arguments: &[Kind]) -> Result<Kind, ConditionError> {
    arguments.iter().try_for_each(|kind| fits("concat", *kind, List)).map(|()| Kind::List)
}

/// Numbers, until something comes that holds some.
fn aggregate(name: &str, arguments: &[Kind]) -> Result<Kind, ConditionError> {
    for kind in arguments {
        match kind {
            Kind::Any | Kind::List => return Ok(Kind::Any),
            Kind::Int | Kind::Float => {}
            other => return Err(wrong(name, *other)),
        }
    }
    Ok(arguments.first().copied().unwrap_or(Kind::Any))
}

fn get(of: Kind, by: Kind) -> Result<Kind, ConditionError> {
    let fits = match of {
        Kind::Any => true,
        Kind::List => by.may_be(Kind::Int),
        Kind::Map => by.may_be(Kind::Text),
        _ => false,
    };
    if fits { Ok(Kind::Any) } else { Err(wrong("get", of)) }
}
