//! Random settings of filters: faults and cross-origin policies.

use std::time::Duration;

use pointsman_route::ir::{
    AbortFault, AbortStatus, Cors, DelayFault, Fault, Fraction, StringMatch, StringPattern,
};

use super::words;
use crate::envoy::Dice;

/// For all requests or for none: what lies between is a dice of Envoy's own.
fn share(dice: &mut Dice) -> Fraction {
    *dice.one_of(&[Fraction::ALWAYS, Fraction::of_hundred(0), Fraction::of_million(1_000_000)])
}

pub(super) fn fault(dice: &mut Dice) -> Fault {
    let delay = DelayFault { duration: Duration::from_millis(1), fraction: share(dice) };
    let status = match dice.below(5) {
        0 => AbortStatus::Grpc(14),
        _ => AbortStatus::Http(*dice.one_of(&[200, 404, 503, 599])),
    };
    let abort = AbortFault { status, fraction: share(dice) };
    Fault { delay: dice.percent(50).then_some(delay), abort: dice.percent(60).then_some(abort) }
}

pub(super) fn cors(dice: &mut Dice) -> Cors {
    let pattern = |dice: &mut Dice| match dice.below(6) {
        0 => StringPattern::Exact("*".to_owned()),
        1 => StringPattern::Suffix(".com".to_owned()),
        2 => StringPattern::Regex("https?://[ab]\\.com".to_owned()),
        3 => StringPattern::Contains("a.".to_owned()),
        _ => StringPattern::Exact(dice.text(&words::ORIGINS[..2])),
    };
    let origins = dice.below(3);
    let text =
        |dice: &mut Dice, some: &[&str]| if dice.percent(60) { dice.text(some) } else { String::new() };
    Cors {
        allow_origins: (0..origins).map(|_| StringMatch::new(pattern(dice))).collect(),
        allow_methods: text(dice, &["GET,PUT", "*"]),
        allow_headers: text(dice, &["x-a", "*"]),
        expose_headers: text(dice, &["x-b,x-c"]),
        max_age: text(dice, &["60"]),
        allow_credentials: *dice.one_of(&[None, Some(true), Some(false)]),
        forward_unmatched_preflights: *dice.one_of(&[None, Some(true), Some(false)]),
        enabled: dice.percent(50).then(|| share(dice).into()),
    }
}
