//! Random actions.

use std::time::Duration;

use pointsman_route::ir::{
    Action, ClusterName, Denominator, DestinationChoice, DirectResponse, Forward, Fraction, HashPolicy,
    HashSource, HostRewrite, Mirror, PathRewrite, Redirect, RedirectPath, RegexRewrite, WeightedDestination,
};

use super::{header_ops, words};
use crate::envoy::Dice;

pub(super) fn action(dice: &mut Dice) -> Action {
    match dice.below(20) {
        0..=1 => Action::Redirect(Box::new(redirect(dice))),
        2 => {
            let body = dice.percent(50).then(|| b"short".to_vec());
            Action::DirectResponse(Box::new(DirectResponse {
                status: *dice.one_of(&[200, 418, 503, 599]),
                body,
            }))
        }
        _ => Action::Forward(Box::new(forward(dice))),
    }
}

fn forward(dice: &mut Dice) -> Forward {
    let hashed = dice.percent(25);
    let mut forward = Forward::to(destination(dice, hashed));
    if hashed {
        forward.hash = (0..=dice.below(2)).map(|_| hash_policy(dice)).collect();
    }
    if matches!(forward.destination, DestinationChoice::Weighted { use_hash_policy: true, .. }) {
        // Without any hash Envoy would choose by a number that nobody knows.
        forward.hash.push(HashSource::SourceIp.into());
    }
    forward.timeout = None;
    forward.path_rewrite = match dice.below(10) {
        0..=2 => PathRewrite::Prefix(dice.text(&["/", "/new", "/new/", "x"])),
        3..=4 => PathRewrite::Regex(regex_rewrite(dice)),
        _ => PathRewrite::None,
    };
    forward.host_rewrite = match dice.below(10) {
        0 => HostRewrite::Literal("new.host".to_owned()),
        1 => HostRewrite::Header(dice.text(&["x-a", "x-missing"])),
        2 => HostRewrite::PathRegex(RegexRewrite {
            pattern: "^/([a-z]+).*$".to_owned(),
            substitution: "\\1".to_owned(),
        }),
        _ => HostRewrite::None,
    };
    forward.mirrors = mirrors(dice, 10);
    forward
}

fn destination(dice: &mut Dice, hashed: bool) -> DestinationChoice {
    let clusters: &[&str] = if hashed { &words::HASH_CLUSTERS } else { &words::CLUSTERS };
    let name = |dice: &mut Dice| ClusterName::new(dice.text(clusters));
    match dice.below(10) {
        0..=1 => DestinationChoice::ClusterHeader(dice.text(&["x-cluster", "x-missing"])),
        2 if !hashed => DestinationChoice::Cluster(ClusterName::new("no-such-cluster")),
        2..=6 => {
            let mut destinations: Vec<WeightedDestination> =
                (0..=dice.below(4)).map(|_| weighted(dice, clusters)).collect();
            if destinations.iter().all(|one| one.weight == 0) {
                destinations.push(WeightedDestination::new(name(dice), 7));
            }
            let use_hash_policy = hashed && dice.percent(60);
            DestinationChoice::Weighted { destinations, random_header: None, use_hash_policy }
        }
        _ => DestinationChoice::Cluster(name(dice)),
    }
}

fn weighted(dice: &mut Dice, clusters: &[&str]) -> WeightedDestination {
    let weight = *dice.one_of(&[0, 1, 5, 20, 80, 100, 1_000, 70_000]);
    let mut one = WeightedDestination::new(ClusterName::new(dice.text(clusters)), weight);
    one.headers = header_ops(dice, 30);
    if dice.percent(15) {
        one.host_rewrite = Some("destination.host".to_owned());
    }
    one
}

pub(super) fn mirrors(dice: &mut Dice, percent: usize) -> Vec<Mirror> {
    if !dice.percent(percent) {
        return Vec::new();
    }
    let mirror = |dice: &mut Dice| {
        let numerator = *dice.one_of(&[0, 1_000_000, 2_000_000]);
        let fraction = Fraction { numerator, denominator: Denominator::Million };
        let fraction = dice.percent(50).then(|| fraction.into());
        Mirror { fraction, ..Mirror::to(ClusterName::new(dice.text(&words::MIRRORS))) }
    };
    (0..=dice.below(2)).map(|_| mirror(dice)).collect()
}

fn hash_policy(dice: &mut Dice) -> HashPolicy {
    let source = match dice.below(6) {
        0..=1 => {
            HashSource::Header { name: dice.text(&["x-a", "x-b", ":path", "host", "x-t-1"]), rewrite: None }
        }
        2 => HashSource::Header {
            name: "x-a".to_owned(),
            rewrite: Some(RegexRewrite { pattern: "a".to_owned(), substitution: "b".to_owned() }),
        },
        3 => HashSource::Cookie {
            name: dice.text(&["session", "user"]),
            ttl: dice.percent(20).then_some(Duration::ZERO),
            path: String::new(),
            attributes: Vec::new(),
        },
        4 => HashSource::QueryParameter(dice.text(&words::PARAMETERS)),
        _ => HashSource::SourceIp,
    };
    HashPolicy { source, terminal: dice.percent(30) }
}

fn regex_rewrite(dice: &mut Dice) -> RegexRewrite {
    let (pattern, substitution) = *dice.one_of(&[
        ("^/([^/]+)(/.*)?$", "\\2/x/\\1"),
        ("a", "b"),
        ("/", "//"),
        (".*", ""),
        ("b|c", "<\\0>"),
        ("^", "/pre"),
        ("x*", "-"),
    ]);
    RegexRewrite { pattern: pattern.to_owned(), substitution: substitution.to_owned() }
}

fn redirect(dice: &mut Dice) -> Redirect {
    Redirect {
        status: *dice.one_of(&[301, 302, 303, 307, 308]),
        scheme: (*dice.one_of(&[None, None, Some("https"), Some("http")])).map(ToOwned::to_owned),
        host: (*dice.one_of(&[None, Some("new.host"), Some("new.host:81")])).map(ToOwned::to_owned),
        port: *dice.one_of(&[None, None, Some(80), Some(443), Some(8080)]),
        path: match dice.below(5) {
            0 | 5 => RedirectPath::Whole(dice.text(&["/new", "/new?own=1", "new"])),
            1 => RedirectPath::Prefix(dice.text(&["/new", "/", "/new/"])),
            2 => RedirectPath::Regex(regex_rewrite(dice)),
            _ => RedirectPath::Keep,
        },
        strip_query: dice.percent(25),
    }
}
