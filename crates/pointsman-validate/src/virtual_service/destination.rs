//! Destinations and their weights.

use pointsman_api::istio::networking::{Destination, HTTPRouteDestination, RouteDestination};

use crate::codes;
use crate::report::{Place, Report};
use crate::words::wildcard_host;

pub(crate) fn check(destination: &Destination, at: &Place<'_>, out: &mut Report) {
    let here = at.field("host");
    if destination.host == "*" {
        out.error(&here, codes::DESTINATION_WILDCARD, "the destination `*` is no host");
    } else {
        wildcard_host(&destination.host, &here, out);
    }
    if !destination.subset.is_empty() {
        crate::words::label(&destination.subset, "subset name", &at.field("subset"), out);
    }
    if let Some(port) = &destination.port {
        crate::words::port(port.number, &at.field("port").field("number"), out);
    }
}

/// The weighted destinations of a route.
pub(crate) fn of_http(
    routes: &[HTTPRouteDestination],
    gateway_semantics: bool,
    at: &Place<'_>,
    out: &mut Report,
) {
    for (position, route) in routes.iter().enumerate() {
        let here = at.index(position);
        one(route.destination.as_ref(), route.weight, gateway_semantics, &here, out);
        if let Some(headers) = &route.headers {
            super::headers::check(headers, &here.field("headers"), out);
        }
    }
    weights(routes.iter().map(|route| route.weight), at, out);
}

/// The weighted destinations of a route below HTTP.
pub(crate) fn of_l4(routes: &[RouteDestination], gateway_semantics: bool, at: &Place<'_>, out: &mut Report) {
    for (position, route) in routes.iter().enumerate() {
        one(route.destination.as_ref(), route.weight, gateway_semantics, &at.index(position), out);
    }
    weights(routes.iter().map(|route| route.weight), at, out);
}

fn one(
    destination: Option<&Destination>,
    weight: i32,
    gateway_semantics: bool,
    at: &Place<'_>,
    out: &mut Report,
) {
    match destination {
        None => crate::words::missing("destination", at, out),
        Some(_) if gateway_semantics => {}
        Some(destination) => check(destination, &at.field("destination"), out),
    }
    if weight < 0 {
        out.error(&at.field("weight"), codes::WEIGHT_NEGATIVE, format!("the weight `{weight}` is negative"));
    }
}

fn weights(weights: impl ExactSizeIterator<Item = i32>, at: &Place<'_>, out: &mut Report) {
    if weights.len() > 1 && weights.map(i64::from).sum::<i64>() == 0 {
        out.error(at, codes::WEIGHTS_ZERO, "the weights of all destinations are 0");
    }
}
