//! Routes of HTTP.

use pointsman_api::istio::networking::HTTPRoute;

use super::{Scope, destination, direct, fault, headers, http_match, retry};
use crate::codes;
use crate::report::{Place, Report};
use crate::words;

pub(crate) fn check(route: &HTTPRoute, scope: Scope, at: &Place<'_>, out: &mut Report) {
    actions(route, scope, at, out);
    for (position, condition) in route.r#match.iter().enumerate() {
        http_match::check(condition, scope, &at.item("match", position), out);
    }
    if let Some(redirect) = &route.redirect {
        direct::redirect(redirect, &route.r#match, &at.field("redirect"), out);
    }
    if let Some(response) = &route.direct_response {
        direct::direct_response(response, &at.field("directResponse"), out);
    }
    destination::of_http(&route.route, scope.gateway_semantics, &at.field("route"), out);
    if let Some(changes) = &route.headers {
        headers::check(changes, &at.field("headers"), out);
    }
    headers::authority_once(route, at, out);
    if let Some(policy) = &route.cors_policy {
        fault::cors(policy, &at.field("corsPolicy"), out);
    }
    if let Some(fault) = &route.fault {
        fault::check(fault, &at.field("fault"), out);
    }
    fault::mirrors(route, at, out);
    words::optional_duration(route.timeout, "timeout", at, out);
    if let Some(retries) = &route.retries {
        retry::check(retries, &at.field("retries"), out);
    }
    if let Some(rewrite) = &route.rewrite {
        direct::rewrite(rewrite, &at.field("rewrite"), out);
    }
}

/// What a route does: exactly one thing, with what goes with it.
fn actions(route: &HTTPRoute, scope: Scope, at: &Place<'_>, out: &mut Report) {
    let has_route = !route.route.is_empty();
    if route.delegate.is_some() {
        if scope.delegate {
            out.error(&at.field("delegate"), codes::DELEGATE_CHAIN, "a delegate lets another one decide");
        } else {
            if route.redirect.is_some() {
                conflict("delegate", "redirect", at, out);
            }
            if has_route {
                conflict("delegate", "route", at, out);
            }
            return;
        }
    }
    let others = [
        ("route", has_route),
        ("fault", route.fault.is_some()),
        ("rewrite", route.rewrite.is_some()),
        ("directResponse", route.direct_response.is_some()),
    ];
    let alone = match (&route.redirect, &route.direct_response) {
        (Some(_), _) => "redirect",
        (None, Some(_)) => "directResponse",
        (None, None) => {
            if !has_route && route.delegate.is_none() {
                let message = "the route has none of `route`, `redirect`, `directResponse` and `delegate`";
                out.error(at, codes::NO_ACTION, message);
            }
            return;
        }
    };
    for (name, _) in others.iter().filter(|(name, set)| *set && *name != alone) {
        conflict(alone, name, at, out);
    }
}

fn conflict(first: &str, second: &str, at: &Place<'_>, out: &mut Report) {
    let message = format!("`{second}` is set together with `{first}`");
    out.error(&at.field(second), codes::ACTION_CONFLICT, message);
}
