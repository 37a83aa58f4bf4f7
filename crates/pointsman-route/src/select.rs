//! From a request to a decision.

use pointsman_types::Draws;

use crate::decision::{Decision, Ending, NoRoute, Place};
use crate::hash::RequestHash;
use crate::host_letters::HostLetters;
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
    /// Total: every request has a decision, and none panics. The same draws make the same choice as in Envoy.
    ///
    /// Cost: O(length of the path + different lengths of prefixes) for routes that are told apart by paths or by what
    /// header values are or begin with, whatever their number; O(routes) for those told apart otherwise, such as regular
    /// expressions without plain text at the beginning. Allocates nothing once `scratch` has grown, but where lines of one
    /// header are joined before they are compared, and at the first use of a regular expression that is too large for a
    /// table.
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
        let listener = self.listener_decision(request, draws);
        let stopped =
            |place, ending| Decision::new(self, View::new(request, request.path(), *draws), place, ending);
        if let Some((arrival, route)) = listener.and_then(|arrival| Some((arrival, arrival.tcp()?))) {
            return stopped(Place::default(), Ending::Tcp(route, arrival.cluster()));
        }
        let named = listener.map(|arrival| arrival.route_config());
        if named == Some(None) {
            return stopped(Place::default(), Ending::Refused(NoRoute::Listener));
        }
        let Some(config) = self.route_config_of(request, named.flatten()) else {
            return stopped(Place::default(), Ending::Refused(NoRoute::Config));
        };
        let place = Place { config: Some(config), ..Place::default() };
        let Ok(path) = normalize(request.path(), self.config().path_normalization, path, spare) else {
            return stopped(place, Ending::Refused(NoRoute::BadPath));
        };
        let view = View::cleaned(request, path, *draws);
        let Some((virtual_host, _)) = config.virtual_host_of(request, host) else {
            return Decision::new(self, view, place, Ending::Refused(NoRoute::VirtualHost));
        };
        let place = Place { virtual_host: Some(virtual_host), ..place };
        if virtual_host.redirects_to_tls(&view) {
            return Decision::new(self, view, place, Ending::TlsRedirect);
        }
        let Some(position) = first_match(virtual_host, &view) else {
            return Decision::new(self, view, place, Ending::Refused(NoRoute::Route));
        };
        let place = Place { route: Some(position), ..place };
        Decision::new(self, view, place, virtual_host.act(position, &view))
    }
}

impl RouteConfigProgram {
    /// The virtual host of a request; `buffer` takes its host in lower case where it is not.
    #[inline]
    pub(crate) fn virtual_host_of(
        &self,
        request: &Request<'_>,
        buffer: &mut Vec<u8>,
    ) -> Option<(&VirtualHostProgram, DomainKind)> {
        let (position, kind) = match self.domains.only_default() {
            Some(position) => (position, DomainKind::Any),
            None => {
                let host = self.authority_of(request)?;
                let letters = HostLetters::of(host);
                let host = if letters.has_colon { self.without_port(host) } else { host };
                self.domains.find(if letters.has_capital { in_lower_case(host, buffer) } else { host })?
            }
        };
        self.virtual_hosts.get(position as usize).map(|host| (&**host, kind))
    }

    /// What is searched among the domains: the authority or the header set for it, without port where so configured.
    pub(crate) fn host_of<'r>(&self, request: &Request<'r>) -> Option<&'r [u8]> {
        self.authority_of(request).map(|host| self.without_port(host))
    }

    fn authority_of<'r>(&self, request: &Request<'r>) -> Option<&'r [u8]> {
        let host = match &self.vhost_header {
            Some(name) => request.header(name)?,
            None => request.authority(),
        };
        (!host.is_empty()).then_some(host)
    }

    fn without_port<'r>(&self, host: &'r [u8]) -> &'r [u8] {
        let port = if self.source.ignore_port_in_host { port_start(host) } else { None };
        host.get(..port.unwrap_or(host.len())).unwrap_or_default()
    }
}

fn in_lower_case<'h>(host: &[u8], buffer: &'h mut Vec<u8>) -> &'h [u8] {
    buffer.clear();
    buffer.extend_from_slice(host);
    buffer.make_ascii_lowercase();
    buffer
}

impl VirtualHostProgram {
    /// Whether a plain-text request is sent to HTTPS before any route is looked at.
    pub(crate) fn redirects_to_tls(&self, view: &View<'_>) -> bool {
        if self.require_tls == TlsRequirement::None {
            return false;
        }
        let forwarded = view.request.headers().first("x-forwarded-proto");
        let internal = || view.request.headers().first("x-envoy-internal") == Some(b"true");
        let wanted = self.require_tls == TlsRequirement::All || !internal();
        wanted && forwarded.unwrap_or(view.request.scheme()) != b"https"
    }
}

impl VirtualHostProgram {
    /// What the route at a position does. Reads no more of the route than it must: others may be asked for later.
    #[inline]
    fn act(&self, position: usize, view: &View<'_>) -> Ending<'static> {
        let chosen = match self.actions.get(position) {
            Some(ActionProgram::Plain | ActionProgram::Cluster { .. } | ActionProgram::Redirect(_)) => {
                Some(None)
            }
            Some(ActionProgram::Weighted { pick, .. }) => pick.pick(view.draws.route).map(Some),
            Some(ActionProgram::Forward(prepared)) => self.choose(position, prepared, view),
            Some(ActionProgram::None) | None => return Ending::Refused(NoRoute::Action),
        };
        match chosen {
            Some(destination) => Ending::Route { destination },
            None => Ending::Refused(NoRoute::Destination),
        }
    }

    /// The position among several destinations, if there are several; `None` where there is none to send to.
    #[cold]
    fn choose(&self, position: usize, prepared: &ForwardProgram, view: &View<'_>) -> Option<Option<usize>> {
        let Action::Forward(forward) = &self.source.routes.get(position)?.action else { return None };
        let chosen = match &forward.destination {
            DestinationChoice::Weighted { random_header, use_hash_policy, .. } => {
                let number = match random_header {
                    Some(name) => number_of_header(view, name),
                    None if *use_hash_policy => {
                        let policies = self.hash_of(&forward.hash, &prepared.hash);
                        RequestHash::new(view).without_cookies().of(policies)
                    }
                    None => None,
                };
                Some(prepared.pick.pick(number.unwrap_or(view.draws.route))?)
            }
            _ => None,
        };
        cluster_of(forward, chosen, view)?;
        Some(chosen)
    }
}

/// The cluster that a request is sent to, of several the chosen one.
pub(crate) fn cluster_of<'a>(
    forward: &'a Forward,
    chosen: Option<usize>,
    view: &View<'a>,
) -> Option<&'a str> {
    match &forward.destination {
        DestinationChoice::Cluster(cluster) => Some(cluster.as_str()),
        DestinationChoice::ClusterHeader(name) => cluster_named_by(view, name),
        DestinationChoice::Weighted { destinations, .. } => {
            let destination = destinations.get(chosen?)?;
            match &destination.cluster_header {
                Some(name) => cluster_named_by(view, name),
                None => Some(destination.cluster.as_str()),
            }
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
