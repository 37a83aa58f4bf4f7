//! Random conditions.

use pointsman_route::ir::{
    Fraction, HeaderCondition, HeaderMatch, PathMatch, QueryCondition, QueryMatch, RouteMatch, StringMatch,
    StringPattern,
};

use super::words;
use crate::envoy::Dice;

pub(super) fn route_match(dice: &mut Dice) -> RouteMatch {
    let mut matches = RouteMatch::path(path(dice));
    if dice.percent(20) {
        matches.case_sensitive = false;
    }
    if dice.percent(40) {
        matches.headers = (0..=dice.below(2)).map(|_| header(dice)).collect();
    }
    if dice.percent(25) {
        matches.query = (0..=dice.below(1)).map(|_| query(dice)).collect();
    }
    if dice.percent(5) {
        let numerator = *dice.one_of(&[0, 100, 1_000]);
        matches.fraction = Some(Fraction::of_hundred(numerator).into());
    }
    if dice.percent(10) {
        matches.grpc_only = true;
    }
    matches
}

fn path(dice: &mut Dice) -> PathMatch {
    let text = dice.text(&words::PATHS);
    match dice.below(10) {
        0..=1 => PathMatch::Exact(text),
        2..=4 => PathMatch::Prefix(text),
        5..=6 => match text.trim_end_matches('/') {
            "" => PathMatch::Prefix(text),
            trimmed => PathMatch::PathSeparatedPrefix(trimmed.to_owned()),
        },
        7..=8 => PathMatch::Regex(regex(dice)),
        _ => PathMatch::Prefix(dice.text(&["", "/"])),
    }
}

fn regex(dice: &mut Dice) -> String {
    let regex = dice.text(&words::REGEXES);
    // Envoy refuses an empty one.
    if regex.is_empty() { ".+".to_owned() } else { regex }
}

fn header(dice: &mut Dice) -> HeaderMatch {
    let name = match dice.below(10) {
        0 => dice.text(&[":method", ":authority", ":path", ":scheme", "host"]),
        _ => dice.text(&words::HEADERS),
    };
    let condition = match dice.below(10) {
        0..=1 => HeaderCondition::Present(dice.percent(70)),
        2..=4 => {
            let (start, end) = *dice.one_of(&[(-3, 0), (0, 10), (1, 4), (3, 10), (1, 4), (5, 3), (3, 3)]);
            HeaderCondition::Range { start, end }
        }
        _ => HeaderCondition::Text(string_match(dice, false)),
    };
    let mut header = HeaderMatch::new(name, condition);
    header.invert = dice.percent(30);
    header.treat_missing_as_empty = dice.percent(25);
    header
}

fn query(dice: &mut Dice) -> QueryMatch {
    let condition = match dice.below(4) {
        0 => QueryCondition::Present(dice.percent(60)),
        _ => QueryCondition::Text(string_match(dice, true)),
    };
    QueryMatch { name: dice.text(&words::PARAMETERS), condition }
}

fn string_match(dice: &mut Dice, may_be_empty: bool) -> StringMatch {
    let text = dice.text(&words::VALUES);
    let some = if text.is_empty() && !may_be_empty { "a".to_owned() } else { text.clone() };
    let some = if some.is_empty() { "b".to_owned() } else { some };
    let pattern = match dice.below(6) {
        0..=1 => StringPattern::Exact(text),
        2 => StringPattern::Prefix(some),
        3 => StringPattern::Suffix(some),
        4 => StringPattern::Contains(some),
        _ => StringPattern::Regex(regex(dice)),
    };
    let ignore_case = dice.percent(25) && !matches!(pattern, StringPattern::Regex(_));
    StringMatch { pattern, ignore_case }
}
