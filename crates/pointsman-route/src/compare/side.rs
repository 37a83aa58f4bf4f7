//! What one of two tables does with a class of requests.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ir::{Action, ClusterName, DestinationChoice, Forward, HeaderOps, WeightedDestination};
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
    /// Those of the clusters that the table does not have: what is sent there is answered 503, or as the route says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
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
        let missing = destinations.iter().map(|(name, _)| name).filter(|name| is_missing(decision, name));
        Self {
            missing: missing.cloned().collect(),
            virtual_host: decision.virtual_host().map(|host| host.name.clone()).unwrap_or_default(),
            route: decision.route_index(),
            name: decision.route_name().to_owned(),
            destinations,
            outcome: outcome(decision),
            treatment: treatment(decision),
        }
    }

    /// Where requests go, and whether somebody is there.
    pub(super) fn targets(&self) -> Vec<(&str, bool)> {
        let names = self.destinations.iter().map(|(name, _)| name);
        names.map(|name| (name.as_str(), self.missing.contains(name))).collect()
    }

    /// Shares in lowest terms, so that 80/20 equals 8/2.
    pub(super) fn shares(&self) -> Vec<(&str, u64)> {
        lowest_terms(&self.destinations)
    }
}

pub(super) fn lowest_terms(shares: &[(String, u64)]) -> Vec<(&str, u64)> {
    let divisor = shares.iter().fold(0, |divisor, (_, share)| greatest_common(divisor, *share)).max(1);
    shares.iter().map(|(name, share)| (name.as_str(), share / divisor)).collect()
}

fn is_missing(decision: &Decision<'_>, name: &str) -> bool {
    let table = decision.table;
    name != ClusterName::PASSTHROUGH && !table.config().clusters.is_empty() && table.cluster(name).is_none()
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

/// What is done to a request: rewrites, header operations, timeouts, retries, mirrors, faults, CORS, hash policies, bodies. As
/// it is in force, whatever level says it.
fn treatment(decision: &Decision<'_>) -> String {
    let route = decision.route();
    let action = route.map(|route| match &route.action {
        Action::Forward(forward) => forwarding(decision, forward),
        other => format!("{other:?}"),
    });
    let levels = [
        route.map(|route| &route.headers),
        decision.virtual_host().map(|host| &host.headers),
        decision.route_config().map(|config| &config.headers),
    ];
    let mut ops: Vec<&HeaderOps> = levels.into_iter().flatten().filter(|ops| !ops.is_empty()).collect();
    if decision.route_config().is_some_and(|config| config.most_specific_header_ops_win) {
        ops.reverse();
    }
    let fault = route.and_then(|route| route.fault.as_ref());
    let processor =
        route.and_then(|route| route.details.as_ref()).and_then(|details| details.processor.as_ref());
    format!("{action:?} {ops:?} {fault:?} {processor:?} {:?}", decision.cors())
}

fn forwarding(decision: &Decision<'_>, forward: &Forward) -> String {
    // Destinations and shares are compared by themselves; what is done to requests on the way there is treatment.
    let (mut own, chosen_by) = match &forward.destination {
        DestinationChoice::Weighted { destinations, random_header, use_hash_policy } => {
            let counts = |one: &&WeightedDestination| {
                one.weight > 0 && (!one.headers.is_empty() || one.host_rewrite.is_some())
            };
            let own: Vec<_> = destinations
                .iter()
                .filter(counts)
                .map(|one| (&one.cluster, &one.headers, &one.host_rewrite))
                .collect();
            (own, (random_header.as_ref(), *use_hash_policy))
        }
        _ => (Vec::new(), (None, false)),
    };
    own.sort_by_key(|(cluster, ..)| *cluster);
    let hash = match decision.virtual_host() {
        Some(host) if forward.hash.is_empty() => &host.hash,
        _ => &forward.hash,
    };
    let in_force = Forward {
        destination: DestinationChoice::weighted(Vec::new()),
        timeout: decision.timeout(),
        retry: decision.retry().cloned(),
        mirrors: decision.mirror_policies().to_vec(),
        hash: hash.clone(),
        ..forward.clone()
    };
    // What a prefix is replaced by depends on the condition too.
    let path = decision.path();
    format!("{in_force:?} {own:?} {chosen_by:?} {:?}", String::from_utf8_lossy(&path))
}

/// ` to` the clusters, with their shares where there are several.
pub(super) fn write_destinations(
    destinations: &[(String, u64)],
    missing: &[String],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (position, (name, share)) in destinations.iter().enumerate() {
        f.write_str(if position == 0 { " to " } else { ", " })?;
        write!(f, "`{name}`")?;
        match (destinations.len() > 1, missing.contains(name)) {
            (false, false) => {}
            (true, false) => write!(f, " ({share})")?,
            (false, true) => f.write_str(" (which is not there)")?,
            (true, true) => write!(f, " ({share}, which is not there)")?,
        }
    }
    Ok(())
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.outcome)?;
        write_destinations(&self.destinations, &self.missing, f)?;
        match self.route {
            Some(route) => write!(f, " by `{}` route {route} `{}`", self.virtual_host, self.name),
            None => Ok(()),
        }
    }
}
