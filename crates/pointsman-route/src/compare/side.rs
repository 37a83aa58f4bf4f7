//! What one of two tables does with a class of requests.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ir::{Action, DestinationChoice, Forward};
use crate::{Decision, Outcome};

/// What one of two tables does with a class of requests.
///
/// Shape: shares add up to the sum of the weights; destinations of weight 0 are left out, equal ones added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The virtual host; empty where there is none.
    pub virtual_host: String,
    /// The position of the route in it.
    pub route: Option<usize>,
    /// The name of the route.
    pub name: String,
    /// Clusters and their shares, sorted by cluster.
    pub destinations: Vec<(String, u64)>,
    /// What happens otherwise, in words: `forwarded`, `redirected to …`, `answered with 404`.
    pub outcome: String,
    /// Everything else that is done, for comparison.
    #[serde(skip)]
    pub(super) treatment: String,
}

impl Side {
    pub(super) fn of(decision: &Decision<'_>) -> Self {
        let mut destinations = destinations(decision);
        destinations.sort();
        Self {
            virtual_host: decision.virtual_host().map(|host| host.name.clone()).unwrap_or_default(),
            route: decision.route_index(),
            name: decision.route_name().to_owned(),
            destinations,
            outcome: outcome(decision),
            treatment: treatment(decision),
        }
    }

    /// Shares in lowest terms, so that 80/20 equals 8/2.
    pub(super) fn shares(&self) -> Vec<(&str, u64)> {
        let divisor =
            self.destinations.iter().fold(0, |divisor, (_, share)| greatest_common(divisor, *share)).max(1);
        self.destinations.iter().map(|(name, share)| (name.as_str(), share / divisor)).collect()
    }
}

fn greatest_common(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common(b, a % b) }
}

fn destinations(decision: &Decision<'_>) -> Vec<(String, u64)> {
    let Outcome::Forward(forward) = decision.outcome() else { return Vec::new() };
    let DestinationChoice::Weighted { destinations, .. } = &forward.destination else {
        return decision.cluster().map(|cluster| (cluster.to_owned(), 1)).into_iter().collect();
    };
    let mut shares: Vec<(String, u64)> = Vec::new();
    for destination in destinations.iter().filter(|destination| destination.weight > 0) {
        let name = destination.cluster.as_str();
        match shares.iter_mut().find(|(known, _)| known == name) {
            Some((_, share)) => *share += u64::from(destination.weight),
            None => shares.push((name.to_owned(), u64::from(destination.weight))),
        }
    }
    shares
}

fn outcome(decision: &Decision<'_>) -> String {
    match decision.outcome() {
        Outcome::Forward(_) | Outcome::Tcp(_) => "forwarded".to_owned(),
        Outcome::Redirect(_) | Outcome::TlsRedirect => {
            let location = decision.location().unwrap_or_default();
            let status = decision.status().unwrap_or(301);
            format!("redirected to `{}` with {status}", String::from_utf8_lossy(&location))
        }
        Outcome::DirectResponse(response) => format!("answered with {}", response.status),
        Outcome::Refused(_) => match decision.status() {
            Some(status) => format!("answered with {status}"),
            None => "closed".to_owned(),
        },
    }
}

/// Rewrites, header operations, timeouts, retries, mirrors, faults, CORS, hash policies, bodies.
fn treatment(decision: &Decision<'_>) -> String {
    let action = decision.route().map(|route| match &route.action {
        Action::Forward(forward) => {
            // Destinations and shares are compared by themselves; their header operations and rewrites are treatment.
            let plain =
                Forward { destination: DestinationChoice::weighted(Vec::new()), ..(**forward).clone() };
            let own: Vec<_> = match &forward.destination {
                DestinationChoice::Weighted { destinations, .. } => destinations
                    .iter()
                    .filter(|one| one.weight > 0 && (!one.headers.is_empty() || one.host_rewrite.is_some()))
                    .map(|one| (&one.cluster, &one.headers, &one.host_rewrite))
                    .collect(),
                _ => Vec::new(),
            };
            format!("{plain:?} {own:?}")
        }
        other => format!("{other:?}"),
    });
    let route = decision.route().map(|route| (&route.headers, &route.fault));
    let host = decision.virtual_host().map(|host| (&host.headers, &host.retry, &host.mirrors, &host.hash));
    let config = decision.route_config().map(|config| (&config.headers, &config.mirrors));
    format!("{action:?} {route:?} {host:?} {config:?} {:?}", decision.cors())
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.outcome)?;
        for (position, (name, share)) in self.destinations.iter().enumerate() {
            f.write_str(if position == 0 { " to " } else { ", " })?;
            write!(f, "`{name}`")?;
            if self.destinations.len() > 1 {
                write!(f, " ({share})")?;
            }
        }
        match self.route {
            Some(route) => write!(f, " by `{}` route {route} `{}`", self.virtual_host, self.name),
            None => Ok(()),
        }
    }
}
