//! What a table answers.

use pointsman_route::ir::{
    AbortStatus, Action, ClusterName, DestinationChoice, Fraction, L4Action, Mirror, WeightedDestination,
};
use pointsman_route::{
    ConnectionDecision, Decision, NoRoute, OutboundPolicy, Outcome, RoutingTable, Scratch,
};
use pointsman_types::Draws;
use pointsman_types::duration::TimeDelta;

use super::Share;
use super::asked::{Asked, AskedConnection, AskedRequest, What};
use super::expect::{Abort, AbortWith, Delay, Retries};

/// What happens to a share of the requests that are asked about.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) share: Share,
    /// A number with which it comes out so.
    pub(super) draw: u64,
    pub(super) cluster: Option<ClusterName>,
    pub(super) status: Option<u16>,
    pub(super) endpoint: Endpoint,
    pub(super) route: String,
    pub(super) location: Option<String>,
    pub(super) body: Option<String>,
    pub(super) path: String,
    pub(super) authority: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) response_headers: Vec<(String, String)>,
    pub(super) timeout: Option<TimeDelta>,
    pub(super) retries: Retries,
    pub(super) mirrors: Vec<(ClusterName, Share)>,
    pub(super) delay: Option<Delay>,
    pub(super) abort: Option<Abort>,
}

/// The endpoint that gets a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    None,
    One(String),
    /// Of so many any.
    Any(usize),
}

/// The world that is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) table: &'a RoutingTable,
    /// What happens to connections to ports that the table knows nothing about.
    pub(super) unknown_ports: OutboundPolicy,
}

impl World<'_> {
    /// What happens, by share of requests: one way for each destination, unless a draw is given.
    pub(super) fn facts(&self, asked: &Asked) -> Vec<Facts> {
        let mut scratch = Scratch::new();
        let mut facts = Vec::new();
        for (share, draw) in self.ways(asked, &mut scratch) {
            let draws = Draws::all(draw);
            let way = Way { world: self, share, draw, is_drawn: asked.draw.is_some() };
            facts.push(match &asked.what {
                What::Request(asked) => {
                    let request = asked.request();
                    way.of_request(&self.table.select(&request, &draws, &mut scratch), asked)
                }
                What::Connection(asked) => way.of_connection(asked, &draws),
            });
        }
        facts
    }

    /// Shares of requests that may come out differently, each with a draw.
    fn ways(&self, asked: &Asked, scratch: &mut Scratch) -> Vec<(Share, u64)> {
        if let Some(draw) = asked.draw {
            return vec![(Share::ALL, draw)];
        }
        let draws = Draws::all(0);
        let weights = |destinations: &[WeightedDestination]| match destinations {
            [] | [_] => vec![1],
            several => several.iter().map(|one| one.weight).collect(),
        };
        let weights: Vec<u32> = match &asked.what {
            What::Request(asked) => {
                let request = asked.request();
                let decision = self.table.select(&request, &draws, scratch);
                match decision.outcome() {
                    Outcome::Forward(forward) => match &forward.destination {
                        DestinationChoice::Weighted {
                            destinations,
                            random_header: None,
                            use_hash_policy: false,
                        } => destinations.iter().map(|one| one.weight).collect(),
                        _ => vec![1],
                    },
                    Outcome::Tcp(route) => weights(&route.destinations),
                    _ => vec![1],
                }
            }
            What::Connection(asked) => {
                match self.table.select_connection(&asked.connection(), &draws).action() {
                    Some(L4Action::Tcp(route)) => weights(&route.destinations),
                    _ => vec![1],
                }
            }
        };
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut start = 0;
        let mut ways = Vec::new();
        for weight in weights.into_iter().map(u64::from).filter(|weight| *weight > 0) {
            ways.push((Share::of(weight, total), start));
            start += weight;
        }
        if ways.is_empty() { vec![(Share::ALL, 0)] } else { ways }
    }
}

struct Way<'a> {
    world: &'a World<'a>,
    share: Share,
    draw: u64,
    is_drawn: bool,
}

impl Way<'_> {
    fn nothing(&self) -> Facts {
        Facts {
            share: self.share,
            draw: self.draw,
            cluster: None,
            status: None,
            endpoint: Endpoint::None,
            route: String::new(),
            location: None,
            body: None,
            path: String::new(),
            authority: String::new(),
            headers: Vec::new(),
            response_headers: Vec::new(),
            timeout: None,
            retries: Retries::default(),
            mirrors: Vec::new(),
            delay: None,
            abort: None,
        }
    }

    fn of_request(&self, decision: &Decision<'_>, asked: &AskedRequest) -> Facts {
        let mut facts = self.nothing();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let lines = |headers: Vec<(String, Vec<u8>)>| {
            headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        };
        facts.cluster = decision.cluster().map(ClusterName::new);
        facts.status = decision.status();
        facts.route = decision.route_name().to_owned();
        facts.location = decision.location().map(|location| text(&location));
        if let Outcome::DirectResponse(response) = decision.outcome() {
            facts.body = Some(text(response.body.as_deref().unwrap_or_default()));
        }
        facts.path = text(&decision.path());
        facts.authority = text(&decision.authority());
        let mut headers = AskedRequest::header_bytes(asked.headers());
        if matches!(decision.outcome(), Outcome::Forward(_)) {
            decision.edit_request_headers(&mut headers);
        }
        facts.headers = lines(headers);
        facts.response_headers = lines(decision.own_response_headers().unwrap_or_else(|| {
            let mut answer = AskedRequest::header_bytes(&asked.response_headers);
            decision.edit_response_headers(&mut answer);
            answer
        }));
        facts.timeout = decision.timeout().map(time);
        facts.retries = retries(decision);
        facts.mirrors = decision.mirror_policies().iter().map(mirror).collect();
        add_faults(decision, &mut facts);
        let is_hashed = decision.hash().is_some();
        let endpoint = decision.endpoint().map(|endpoint| endpoint.address.clone());
        self.finish(&mut facts, endpoint, is_hashed);
        if decision.outcome() == Outcome::Refused(NoRoute::Config) {
            self.let_out(&mut facts);
        }
        facts
    }

    fn of_connection(&self, asked: &AskedConnection, draws: &Draws) -> Facts {
        let mut facts = self.nothing();
        let decision: ConnectionDecision<'_> = self.world.table.select_connection(&asked.connection(), draws);
        facts.cluster = decision.cluster().map(ClusterName::new);
        if decision.listener().is_none() {
            self.let_out(&mut facts);
        }
        let is_hashed = matches!(decision.action(), Some(L4Action::Tcp(route)) if route.hash_source_ip);
        let endpoint = decision.endpoint().map(|endpoint| endpoint.address.clone());
        self.finish(&mut facts, endpoint, is_hashed);
        facts
    }

    /// What becomes of a port that no listener is for.
    fn let_out(&self, facts: &mut Facts) {
        let is_let_out = self.world.unknown_ports == OutboundPolicy::AllowAny;
        facts.status = None;
        facts.cluster = is_let_out.then(|| ClusterName::new(ClusterName::PASSTHROUGH));
    }

    /// The endpoint, and the status where there is none although others of the service have some.
    fn finish(&self, facts: &mut Facts, endpoint: Option<String>, is_hashed: bool) {
        let Some(name) = &facts.cluster else { return };
        let count = self.world.table.cluster(name.as_str()).map_or(0, |cluster| cluster.endpoints.len());
        facts.endpoint = match endpoint {
            Some(address) if is_hashed || self.is_drawn || count == 1 => Endpoint::One(address),
            Some(_) => Endpoint::Any(count),
            None => Endpoint::None,
        };
        if count == 0 && facts.status.is_none() && self.has_others(name) {
            facts.status = Some(503);
        }
    }

    /// Whether the whole service has endpoints, so that the manifests say where workloads are.
    fn has_others(&self, name: &ClusterName) -> bool {
        let Some(parts) = name.parts() else { return false };
        let whole = self.world.table.cluster(ClusterName::outbound(parts.port, "", parts.host).as_str());
        whole.is_some_and(|cluster| !cluster.endpoints.is_empty())
    }
}

impl Facts {
    /// The cluster that it is sent to, where somebody is behind it.
    pub(super) fn destination(&self) -> Option<&ClusterName> {
        self.cluster.as_ref().filter(|_| self.status.is_none())
    }

    /// Whether it is sent on to somebody.
    pub(super) fn is_reached(&self) -> bool {
        let is_somewhere =
            self.cluster.as_ref().is_some_and(|cluster| cluster.as_str() != "BlackHoleCluster");
        is_somewhere && self.status.is_none()
    }
}

fn time(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_nanos(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
}

fn retries(decision: &Decision<'_>) -> Retries {
    let Some(retry) = decision.retry() else {
        return Retries { attempts: Some(0), ..Retries::default() };
    };
    Retries {
        attempts: Some(retry.retries.unwrap_or(1)),
        per_try_timeout: retry.per_try_timeout.map(time),
        on: Some(retry.retry_on.clone()),
    }
}

fn mirror(mirror: &Mirror) -> (ClusterName, Share) {
    let share = mirror.fraction.as_ref().map_or(Share::ALL, |fraction| share_of(fraction.default));
    (mirror.cluster.clone(), share)
}

fn share_of(fraction: Fraction) -> Share {
    Share::of(u64::from(fraction.numerator), fraction.denominator.value())
}

/// Faults come before the request is sent on; a share of 0 is none.
fn add_faults(decision: &Decision<'_>, facts: &mut Facts) {
    let Some(route) = decision.route() else { return };
    let is_answered_anyhow = matches!(route.action, Action::None);
    let Some(fault) = route.fault.as_deref().filter(|_| !is_answered_anyhow) else { return };
    facts.delay = fault
        .delay
        .map(|delay| Delay { time: time(delay.duration), share: share_of(delay.fraction) })
        .filter(|delay| delay.share != Share::NONE);
    facts.abort = fault
        .abort
        .map(|abort| Abort {
            status: match abort.status {
                AbortStatus::Http(status) => AbortWith::Http(status),
                AbortStatus::Grpc(status) => AbortWith::Grpc(status),
            },
            share: share_of(abort.fraction),
        })
        .filter(|abort| abort.share != Share::NONE);
}
