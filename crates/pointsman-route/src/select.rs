//! From a request to a decision.

use pointsman_types::Draws;

use crate::decision::{Decision, NoRoute, Outcome, Place};
use crate::hash::RequestHash;
use crate::ir::{Action, DestinationChoice, Forward, TlsRequirement};
use crate::normalize::normalize;
use crate::program::{
    ActionProgram, DomainKind, ForwardProgram, RouteConfigProgram, View, VirtualHostProgram,
};
use crate::request::port_start;
use crate::{Request, RoutingTable, Scratch};

impl RoutingTable {
    /// Where a request goes.
    ///
    /// Total: every request has a decision, and none panics. Allocates nothing once `scratch` has grown. The same draws
    /// make the same choice as in Envoy.
    #[must_use]
    pub fn select<'a>(
        &'a self,
        request: &'a Request<'a>,
        draws: &Draws,
        scratch: &'a mut Scratch,
    ) -> Decision<'a> {
        self.search(request, draws, scratch, VirtualHostProgram::first_match)
    }

    /// As [`select`](Self::select), but trying one route after the other, as a real Envoy does: to compare with.
    #[must_use]
    pub fn select_in_order<'a>(
        &'a self,
        request: &'a Request<'a>,
        draws: &Draws,
        scratch: &'a mut Scratch,
    ) -> Decision<'a> {
        self.search(request, draws, scratch, VirtualHostProgram::first_match_in_order)
    }

    #[inline]
    fn search<'a>(
        &'a self,
        request: &'a Request<'a>,
        draws: &Draws,
        scratch: &'a mut Scratch,
        first_match: impl Fn(&VirtualHostProgram, &View<'_>) -> Option<usize>,
    ) -> Decision<'a> {
        let Scratch { host, path, spare } = scratch;
        let mut view = View::new(request, request.path(), *draws);
        let listener = self.listener_decision(request, draws);
        if let Some((arrival, route)) = listener.and_then(|arrival| Some((arrival, arrival.tcp()?))) {
            let mut decision = Decision::new(self, view, Place::default(), Outcome::Tcp(route));
            decision.cluster = arrival.cluster();
            return decision;
        }
        let named = listener.map(|arrival| arrival.route_config());
        if named == Some(None) {
            return Decision::refused(self, view, Place::default(), NoRoute::Listener);
        }
        let Some(config) = self.route_config_of(request, named.flatten()) else {
            return Decision::refused(self, view, Place::default(), NoRoute::Config);
        };
        let Ok(full_path) = normalize(request.path(), self.config().path_normalization, path, spare) else {
            return Decision::refused(self, view, Place::of(config), NoRoute::BadPath);
        };
        view = View::new(request, full_path, *draws);
        let Some((virtual_host, _)) = config.virtual_host_of(request, host) else {
            return Decision::refused(self, view, Place::of(config), NoRoute::VirtualHost);
        };
        let place = Place { virtual_host: Some(virtual_host), ..Place::of(config) };
        if virtual_host.redirects_to_tls(&view) {
            return Decision::new(self, view, place, Outcome::TlsRedirect);
        }
        let Some(position) = first_match(virtual_host, &view) else {
            return Decision::refused(self, view, place, NoRoute::Route);
        };
        self.act(view, place, virtual_host, position)
    }

    /// The action of the route at a position.
    fn act<'a>(
        &'a self,
        view: View<'a>,
        place: Place<'a>,
        virtual_host: &'a VirtualHostProgram,
        position: usize,
    ) -> Decision<'a> {
        let found = virtual_host.source.routes.get(position).zip(virtual_host.routes.get(position));
        let Some((route, program)) = found else {
            return Decision::refused(self, view, place, NoRoute::Route);
        };
        let place = Place { route: Some((position, route, program)), ..place };
        match (&route.action, &program.action) {
            (Action::Forward(forward), ActionProgram::Forward(prepared)) => {
                match destination(&view, virtual_host, forward, prepared) {
                    Some((cluster, chosen)) => {
                        let mut decision = Decision::new(self, view, place, Outcome::Forward(forward));
                        decision.cluster = Some(cluster);
                        decision.destination = chosen;
                        decision
                    }
                    None => Decision::refused(self, view, place, NoRoute::Destination),
                }
            }
            (Action::Redirect(redirect), _) => Decision::new(self, view, place, Outcome::Redirect(redirect)),
            (Action::DirectResponse(response), _) => {
                Decision::new(self, view, place, Outcome::DirectResponse(response))
            }
            _ => Decision::refused(self, view, place, NoRoute::Action),
        }
    }
}

impl RouteConfigProgram {
    /// The virtual host of a request; `buffer` takes its host in lower case.
    pub(crate) fn virtual_host_of(
        &self,
        request: &Request<'_>,
        buffer: &mut Vec<u8>,
    ) -> Option<(&VirtualHostProgram, DomainKind)> {
        let (position, kind) = match self.domains.only_default() {
            Some(position) => (position, DomainKind::Any),
            None => {
                let host = self.host_of(request)?;
                buffer.clear();
                buffer.extend_from_slice(host);
                buffer.make_ascii_lowercase();
                self.domains.find(buffer)?
            }
        };
        self.virtual_hosts.get(position as usize).map(|host| (&**host, kind))
    }

    /// What is searched among the domains: the authority or the header set for it, without port where so configured.
    pub(crate) fn host_of<'r>(&self, request: &Request<'r>) -> Option<&'r [u8]> {
        let host = match &self.vhost_header {
            Some(name) => request.header(name)?,
            None => request.authority(),
        };
        if host.is_empty() {
            return None;
        }
        let port = if self.source.ignore_port_in_host { port_start(host) } else { None };
        host.get(..port.unwrap_or(host.len()))
    }
}

impl VirtualHostProgram {
    /// Whether a plain-text request is sent to HTTPS before any route is looked at.
    pub(crate) fn redirects_to_tls(&self, view: &View<'_>) -> bool {
        if self.source.require_tls == TlsRequirement::None {
            return false;
        }
        let forwarded = view.request.headers().first("x-forwarded-proto");
        let internal = || view.request.headers().first("x-envoy-internal") == Some(b"true");
        let wanted = self.source.require_tls == TlsRequirement::All || !internal();
        wanted && forwarded.unwrap_or(view.request.scheme()) != b"https"
    }
}

/// The cluster of a forwarding route, and the position among several destinations.
fn destination<'a>(
    view: &View<'a>,
    virtual_host: &'a VirtualHostProgram,
    forward: &'a Forward,
    prepared: &'a ForwardProgram,
) -> Option<(&'a str, Option<usize>)> {
    match &forward.destination {
        DestinationChoice::Cluster(cluster) => Some((cluster.as_str(), None)),
        DestinationChoice::ClusterHeader(name) => Some((cluster_named_by(view, name)?, None)),
        DestinationChoice::Weighted { destinations, random_header, use_hash_policy } => {
            let number = match random_header {
                Some(name) => number_of_header(view, name),
                None if *use_hash_policy => {
                    let policies = virtual_host.hash_of(&forward.hash, &prepared.hash);
                    RequestHash::new(view).without_cookies().of(policies)
                }
                None => None,
            };
            let chosen = prepared.pick.pick(number.unwrap_or(view.draws.route))?;
            let destination = destinations.get(chosen)?;
            let cluster = match &destination.cluster_header {
                Some(name) => cluster_named_by(view, name)?,
                None => destination.cluster.as_str(),
            };
            Some((cluster, Some(chosen)))
        }
    }
}

pub(crate) fn cluster_named_by<'a>(view: &View<'a>, header: &str) -> Option<&'a str> {
    let name = std::str::from_utf8(view.request.header(header)?).ok()?;
    (!name.is_empty()).then_some(name)
}

/// The decimal number of a header that is there once.
fn number_of_header(view: &View<'_>, name: &str) -> Option<u64> {
    let (mut lines, mut number) = (0_usize, None);
    view.request.headers().any(name, |value| {
        lines += 1;
        number = std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<u64>().ok());
        false
    });
    number.filter(|_| lines == 1)
}
