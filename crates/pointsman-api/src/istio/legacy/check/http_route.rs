//! What the first releases with `networking.istio.io/v1alpha3` said of a route's shares.

use pointsman_types::Diagnostic;

use super::{Checker, EXCLUSIVE, MISSING, OUT_OF_RANGE};
use crate::istio::networking::HTTPRoute;

/// A release whose rules for weights differed from today's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OldRelease {
    /// 0.8: the weights of several destinations sum to 100 or less.
    V0_8,
    /// 1.0: they sum to exactly 100.
    V1_0,
}

/// What a release said of where an HTTP route leads: destinations, weights, redirect. Paths begin at the route.
#[must_use]
pub fn check_http_route(route: &HTTPRoute, release: OldRelease) -> Vec<Diagnostic> {
    let mut checker = Checker::default();
    match (route.redirect.is_some(), route.route.is_empty()) {
        (true, false) => checker.error(EXCLUSIVE, "`redirect` and `route` exclude each other"),
        (false, true) => checker.error(MISSING, "neither `route` nor `redirect` is given"),
        _ => {}
    }
    checker.items("route", &route.route, |checker, share| {
        if share.destination.as_ref().is_none_or(|destination| destination.host.is_empty()) {
            checker.error(MISSING, "the share has no `destination`");
        }
        checker.percent("weight", share.weight.into());
    });
    let sum: i64 = route.route.iter().map(|share| i64::from(share.weight)).sum();
    let fits = match release {
        OldRelease::V0_8 => sum <= 100,
        OldRelease::V1_0 => sum == 100,
    };
    if route.route.len() > 1 && !fits {
        checker.field("route", |checker| checker.error(OUT_OF_RANGE, format!("the weights sum to `{sum}`")));
    }
    checker.findings
}
