//! Which routes can be reached at all.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ir::{Origin, PathMatch, Route, VirtualHost};
use crate::pattern::Tails;
use crate::{RoutingTable, Scratch};

use super::Witness;
use super::candidates::{FRESH, escape, host_of, requests_for};
use super::cover::Cover;

/// How many requests are tried for one route.
const TRIES: usize = 256;
/// How often one request is changed to get past earlier routes.
const ESCAPES: usize = 8;

/// Whether one route can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteReach {
    /// The route configuration.
    pub route_config: String,
    /// The virtual host.
    pub virtual_host: String,
    /// The position of the route in it.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Where it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Whether it can be reached.
    pub reach: Reachability,
}

/// Whether a route can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reachability {
    /// By this request, for one.
    Reached(Box<Witness>),
    /// No: everything it could take an earlier route takes.
    Covered {
        /// The position of the earlier route.
        by: usize,
    },
    /// No, for another reason.
    Never {
        /// Which.
        why: String,
    },
    /// Neither a request nor a proof was found within the budget.
    Undecided {
        /// What stands in the way.
        why: String,
    },
}

/// For each route of a table a request that reaches it, or a proof that there is none.
///
/// Shape: in the order of the table. At most 256 requests are tried for a route; where neither request nor proof is found
/// the answer is "undecided". O(routes² of a virtual host) for the proofs.
#[must_use]
pub fn reachable(table: &RoutingTable) -> Vec<RouteReach> {
    let mut found = Vec::new();
    let mut scratch = Scratch::new();
    for config in &table.config().routes {
        for host in &config.virtual_hosts {
            let mut tails = Tails::default();
            let covers: Vec<_> =
                host.routes.iter().map(|route| Cover::new(&route.matches, &mut tails)).collect();
            for (index, route) in host.routes.iter().enumerate() {
                found.push(RouteReach {
                    route_config: config.name.clone(),
                    virtual_host: host.name.clone(),
                    index,
                    name: route.name.clone(),
                    origin: route.origin.as_deref().cloned(),
                    reach: reach(table, &config.name, host, index, route, &covers, &mut scratch),
                });
            }
        }
    }
    found
}

fn reach(
    table: &RoutingTable,
    config: &str,
    host: &VirtualHost,
    index: usize,
    route: &Route,
    covers: &[Cover<'_>],
    scratch: &mut Scratch,
) -> Reachability {
    let fraction = route.matches.fraction.as_ref().map(|fraction| fraction.default.numerator);
    if fraction == Some(0) {
        return Reachability::Never { why: "its share of requests is 0".to_owned() };
    }
    if route.matches.path == PathMatch::Missing {
        return Reachability::Never { why: "it has no condition on the path".to_owned() };
    }
    if let Some(text) = impossible(&route.matches.path) {
        return Reachability::Never {
            why: format!("`{text}` has a `?`, and the query is no part of the path"),
        };
    }
    let by =
        covers.get(index).and_then(|own| covers.iter().take(index).position(|earlier| earlier.covers(own)));
    if let Some(by) = by {
        return Reachability::Covered { by };
    }
    let mut blocker = None;
    let authorities: Vec<String> = host.domains.iter().map(|domain| host_of(domain, FRESH)).collect();
    let requests = requests_for(config, &authorities, host, route);
    for mut witness in requests.into_iter().take(TRIES / (ESCAPES + 1)) {
        for _ in 0..=ESCAPES {
            match taken_by(table, host, &witness, scratch) {
                Some(taken) if taken == index => return Reachability::Reached(Box::new(witness)),
                Some(taken) if taken < index => {
                    blocker = Some(taken);
                    let earlier = host.routes.get(taken);
                    if !earlier.is_some_and(|earlier| escape(&mut witness, earlier)) {
                        break;
                    }
                }
                _ => break,
            }
        }
    }
    let why = match blocker {
        Some(blocker) => format!("every request that was tried is taken by route {blocker}"),
        None => "no request was found that meets its conditions in its virtual host".to_owned(),
    };
    Reachability::Undecided { why }
}

/// The text that no path equals or begins with.
fn impossible(path: &PathMatch) -> Option<&str> {
    match path {
        PathMatch::Exact(text) | PathMatch::Prefix(text) | PathMatch::PathSeparatedPrefix(text) => {
            text.contains('?').then_some(text)
        }
        _ => None,
    }
}

/// The route of this virtual host that takes the request.
fn taken_by(
    table: &RoutingTable,
    host: &VirtualHost,
    witness: &Witness,
    scratch: &mut Scratch,
) -> Option<usize> {
    let request = witness.request();
    let decision = table.select(&request, &witness.draws(), scratch);
    decision.virtual_host().filter(|found| std::ptr::eq(*found, host))?;
    decision.route_index()
}

impl fmt::Display for RouteReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` route {} `{}`: ", self.virtual_host, self.index, self.name)?;
        match &self.reach {
            Reachability::Reached(witness) => write!(f, "reached by `{witness}`"),
            Reachability::Covered { by } => {
                write!(f, "never reached: route {by} takes everything it could take")
            }
            Reachability::Never { why } => write!(f, "never reached: {why}"),
            Reachability::Undecided { why } => write!(f, "undecided: {why}"),
        }
    }
}
