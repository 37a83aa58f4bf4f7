//! What a table says about a request.

use std::time::Duration;

use crate::RoutingTable;
use crate::hash::RequestHash;
use crate::ir::{
    AbortStatus, Action, ClusterName, Cors, DestinationChoice, DirectResponse, Endpoint, Forward, HashSource,
    HeaderOps, Mirror, Redirect, Retry, Route, RouteConfig, TcpRoute, VirtualHost, WeightedDestination,
};
use crate::program::header_holds;
use crate::program::{
    ActionProgram, HashProgram, RouteConfigProgram, RouteProgram, View, VirtualHostProgram,
};
use crate::select::{cluster_named_by, cluster_of};

/// Which route a request takes, where it goes, and what is done to it on the way.
///
/// Shape: borrows from the table, the request and the scratch memory. What few callers ask for (rewritten paths,
/// endpoints) is computed when asked.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    pub(crate) table: &'a RoutingTable,
    pub(crate) view: View<'a>,
    pub(crate) place: Place<'a>,
    ending: Ending<'a>,
}

/// How far the search came.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub(crate) config: Option<&'a RouteConfigProgram>,
    pub(crate) virtual_host: Option<&'a VirtualHostProgram>,
    pub(crate) route: Option<usize>,
}

/// How the search ended. What a route says is read when asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending<'a> {
    /// As the route says; of several destinations with this one.
    Route {
        destination: Option<usize>,
    },
    TlsRedirect,
    /// With the route of the listener and the cluster it chose.
    Tcp(&'a TcpRoute, Option<&'a str>),
    Refused(NoRoute),
}

/// What happens to a request, before faults.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// It is sent on: see [`Decision::cluster`].
    Forward(&'a Forward),
    /// The client is sent elsewhere: see [`Decision::location`].
    Redirect(&'a Redirect),
    /// The client is sent to the same address by HTTPS, because the virtual host demands TLS.
    TlsRedirect,
    /// The proxy answers.
    DirectResponse(&'a DirectResponse),
    /// The listener sends the whole connection on, without looking at requests.
    Tcp(&'a TcpRoute),
    /// There is no way on: answered 404, or 400 or 503 as [`Decision::status`] says.
    Refused(NoRoute),
}

/// Why there is no way on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NoRoute {
    /// The listener of that port has no filter chain for the connection, which is closed.
    Listener,
    /// No route configuration has that port or name.
    Config,
    /// The path cannot be cleaned, or the settings refuse it: 400.
    BadPath,
    /// No virtual host has that host.
    VirtualHost,
    /// No route of the virtual host takes the request; other virtual hosts are not asked.
    Route,
    /// The route has no action.
    Action,
    /// The route's weights add up to 0 (404), or the header that names the cluster is missing (503).
    Destination,
}

/// What faults do to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Faults {
    /// It waits so long first.
    pub delay: Option<Duration>,
    /// It is then answered with this error.
    pub abort: Option<AbortStatus>,
}

impl<'a> Decision<'a> {
    #[inline]
    pub(crate) const fn new(
        table: &'a RoutingTable,
        view: View<'a>,
        place: Place<'a>,
        ending: Ending<'a>,
    ) -> Self {
        Self { table, view, place, ending }
    }

    /// What happens, before faults.
    #[must_use]
    pub fn outcome(&self) -> Outcome<'a> {
        match self.ending {
            Ending::Route { .. } => match self.route().map(|route| &route.action) {
                Some(Action::Forward(forward)) => Outcome::Forward(forward),
                Some(Action::Redirect(redirect)) => Outcome::Redirect(redirect),
                Some(Action::DirectResponse(response)) => Outcome::DirectResponse(response),
                Some(Action::None) | None => Outcome::Refused(NoRoute::Action),
            },
            Ending::TlsRedirect => Outcome::TlsRedirect,
            Ending::Tcp(route, _) => Outcome::Tcp(route),
            Ending::Refused(why) => Outcome::Refused(why),
        }
    }

    /// The route configuration that was asked.
    #[must_use]
    pub fn route_config(&self) -> Option<&'a RouteConfig> {
        self.place.config.map(|config| &*config.source)
    }

    /// The virtual host of the request's host.
    #[must_use]
    pub fn virtual_host(&self) -> Option<&'a VirtualHost> {
        self.place.virtual_host.map(|host| &*host.source)
    }

    /// The route that took the request.
    #[must_use]
    pub fn route(&self) -> Option<&'a Route> {
        self.place.virtual_host?.source.routes.get(self.place.route?)
    }

    /// The position of the route in its virtual host.
    #[must_use]
    pub const fn route_index(&self) -> Option<usize> {
        self.place.route
    }

    /// The compiled conditions of the route.
    pub(crate) fn conditions(&self) -> Option<&'a RouteProgram> {
        self.place.virtual_host?.routes.get(self.place.route?)
    }

    /// What was prepared of the route's action.
    pub(crate) fn action(&self) -> Option<&'a ActionProgram> {
        self.place.virtual_host?.actions.get(self.place.route?)
    }

    /// The name of the route; empty where there is none.
    #[must_use]
    pub fn route_name(&self) -> &'a str {
        self.route().map_or("", |route| &route.name)
    }

    /// The cluster that the request is sent to.
    #[must_use]
    pub fn cluster(&self) -> Option<&'a str> {
        let destination = match self.ending {
            Ending::Route { destination } => destination,
            Ending::Tcp(_, cluster) => return cluster,
            Ending::TlsRedirect | Ending::Refused(_) => return None,
        };
        let clusters = &self.place.virtual_host?.clusters;
        match self.action()? {
            ActionProgram::Cluster { names } => clusters.get(*names, 0),
            ActionProgram::Weighted { names, .. } => clusters.get(*names, destination?),
            _ => match self.outcome() {
                Outcome::Forward(forward) => cluster_of(forward, destination, &self.view),
                _ => None,
            },
        }
    }

    /// The service host of the cluster; empty where its name is not of Istio's form or nothing is sent on.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.cluster_parts().map_or("", |(_, _, host)| host)
    }

    /// The subset of the cluster; empty for all endpoints.
    #[must_use]
    pub fn subset(&self) -> &'a str {
        self.cluster_parts().map_or("", |(_, subset, _)| subset)
    }

    /// The service port of the cluster.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.cluster_parts().and_then(|(port, ..)| port.parse().ok())
    }

    fn cluster_parts(&self) -> Option<(&'a str, &'a str, &'a str)> {
        let (_direction, rest) = self.cluster()?.split_once('|')?;
        let (port, rest) = rest.split_once('|')?;
        let (subset, host) = rest.split_once('|')?;
        Some((port, subset, host))
    }

    /// The position of the destination among several.
    #[must_use]
    pub const fn destination_index(&self) -> Option<usize> {
        match self.ending {
            Ending::Route { destination } => destination,
            _ => None,
        }
    }

    /// The destination among several.
    #[must_use]
    pub fn destination(&self) -> Option<&'a WeightedDestination> {
        match (self.outcome(), self.destination_index()) {
            (Outcome::Forward(forward), Some(position)) => match &forward.destination {
                DestinationChoice::Weighted { destinations, .. } => destinations.get(position),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of the virtual cluster, for statistics: the first whose headers match, else `other`; `None` where the
    /// virtual host has none or the request is not sent on. Compiles the conditions anew.
    #[must_use]
    pub fn virtual_cluster(&self) -> Option<&'a str> {
        let Outcome::Forward(_) = self.outcome() else { return None };
        let clusters =
            &self.virtual_host().filter(|host| !host.virtual_clusters.is_empty())?.virtual_clusters;
        let matching = self.table.config().header_matching();
        let holds = |header| header_holds(header, &self.view, matching);
        let found = clusters.iter().find(|cluster| cluster.headers.iter().all(holds));
        Some(found.map_or("other", |cluster| &cluster.name))
    }

    /// The hash of the request by the route's policies; `None` where there are none or none had a value.
    ///
    /// Envoy hashes the request as it is sent on: path and authority rewritten, header operations done.
    #[must_use]
    pub fn hash(&self) -> Option<u64> {
        let Outcome::Forward(forward) = self.outcome() else { return None };
        let own = self.action()?.forward().map_or(&[][..], |prepared| &prepared.hash);
        let policies = self.place.virtual_host?.hash_of(&forward.hash, own);
        if !self.edits_what_is_hashed(policies) {
            return RequestHash::new(&self.view).of(policies);
        }
        let mut headers = self.view.request.headers().to_owned_bytes();
        self.edit_request_headers(&mut headers);
        let (path, authority) = (self.path(), self.authority_before_endpoint());
        let edited = self.view.request.edited(&authority, &headers);
        RequestHash::new(&View::new(&edited, &path, self.view.draws)).of(policies)
    }

    /// Whether the request that is sent on differs in something that a policy looks at.
    fn edits_what_is_hashed(&self, policies: &[HashProgram]) -> bool {
        let edited = |name: &str| {
            let same = |other: &String| other.eq_ignore_ascii_case(name);
            self.header_ops()
                .any(|ops| ops.request.iter().any(|op| same(&op.name)) || ops.request_remove.iter().any(same))
        };
        policies.iter().any(|program| match &program.policy.source {
            HashSource::Header { name, .. } => {
                name.starts_with(':') || name.eq_ignore_ascii_case("host") || edited(name)
            }
            HashSource::Cookie { .. } => edited("cookie"),
            HashSource::SourceIp | HashSource::QueryParameter(_) => false,
        })
    }

    /// The endpoint that the request is sent to.
    ///
    /// Shape: for ring hash and Maglev the very one that Envoy takes. Otherwise one that Envoy may take: by
    /// [`Draws::endpoint`](pointsman_types::Draws), as if no request were under way. `None` where the cluster is not
    /// known or has no healthy endpoint, or the address is the one the client asked for.
    #[must_use]
    pub fn endpoint(&self) -> Option<&'a Endpoint> {
        let cluster = self.table.cluster_program(self.cluster()?)?;
        cluster.endpoint(self.hash(), &self.view.draws, 0)
    }

    /// The status that the proxy itself answers, faults aside; `None` where the request is sent on.
    ///
    /// A gRPC client sees these as a gRPC status in a 200, redirects aside.
    ///
    /// A request whose cluster is not in the table is taken as sent on, unless the table has clusters at all: then the
    /// answer is 503 or what the route says.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.outcome() {
            Outcome::Tcp(_) | Outcome::Refused(NoRoute::Listener) => None,
            Outcome::Forward(forward) => {
                let known = self.cluster().is_some_and(|cluster| {
                    cluster == ClusterName::PASSTHROUGH || self.table.cluster(cluster).is_some()
                });
                let missing = !known && !self.table.config().clusters.is_empty();
                missing.then(|| forward.cluster_not_found_status.unwrap_or(503))
            }
            Outcome::Redirect(redirect) if redirect.status != 0 => Some(redirect.status),
            Outcome::Redirect(_) | Outcome::TlsRedirect => Some(301),
            Outcome::DirectResponse(response) => Some(response.status),
            Outcome::Refused(NoRoute::BadPath) => Some(400),
            Outcome::Refused(NoRoute::Destination) if !self.weights_are_zero() => Some(503),
            Outcome::Refused(_) => Some(404),
        }
    }

    fn weights_are_zero(&self) -> bool {
        match (self.route().map(|route| &route.action), self.action()) {
            (Some(Action::Forward(forward)), Some(prepared)) => prepared.is_without_weight(forward),
            _ => false,
        }
    }

    /// What the faults of the route do to this request.
    #[must_use]
    pub fn faults(&self) -> Faults {
        let Some(fault) = self.route().and_then(|route| route.fault.as_deref()) else {
            return Faults::default();
        };
        let draws = &self.view.draws;
        let delay = fault.delay.filter(|delay| delay.fraction.holds(draws.fault_delay));
        let abort = fault.abort.filter(|abort| abort.fraction.holds(draws.fault_abort));
        Faults { delay: delay.map(|delay| delay.duration), abort: abort.map(|abort| abort.status) }
    }

    /// The clusters that get a copy of this request.
    pub fn mirrors(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let view = self.view;
        self.mirror_policies().iter().filter_map(move |mirror| {
            let fraction = mirror.fraction.as_ref().map(|fraction| fraction.default);
            if fraction.is_some_and(|fraction| !fraction.holds(view.draws.route)) {
                return None;
            }
            match &mirror.cluster_header {
                Some(name) => cluster_named_by(&view, name),
                None => Some(mirror.cluster.as_str()),
            }
        })
    }

    /// The mirrors in force, whatever the draw: those of the route, else of the virtual host, else of the route
    /// configuration.
    #[must_use]
    pub fn mirror_policies(&self) -> &'a [Mirror] {
        let Outcome::Forward(forward) = self.outcome() else { return &[] };
        let of_host = self.virtual_host().map_or(&[][..], |host| &host.mirrors);
        let of_config = self.route_config().map_or(&[][..], |config| &config.mirrors);
        let levels = [&forward.mirrors[..], of_host, of_config];
        levels.into_iter().find(|level| !level.is_empty()).unwrap_or_default()
    }

    /// How long the whole request may take; `None`: no limit.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        /// Envoy's own default.
        const DEFAULT: Duration = Duration::from_secs(15);
        match self.outcome() {
            Outcome::Forward(forward) => {
                Some(forward.timeout.unwrap_or(DEFAULT)).filter(|timeout| !timeout.is_zero())
            }
            _ => None,
        }
    }

    /// The retries of the route, else of the virtual host.
    #[must_use]
    pub fn retry(&self) -> Option<&'a Retry> {
        match self.outcome() {
            Outcome::Forward(forward) => {
                forward.retry.as_ref().or_else(|| self.virtual_host().and_then(|host| host.retry.as_ref()))
            }
            _ => None,
        }
    }

    /// The cross-origin policy of the route, else of the virtual host.
    #[must_use]
    pub fn cors(&self) -> Option<&'a Cors> {
        let of_route = self.route().and_then(|route| route.cors.as_deref());
        of_route.or_else(|| self.virtual_host().and_then(|host| host.cors.as_ref()))
    }

    /// The header operations that apply, in the order in which they run: destination, route, virtual host, route
    /// configuration, unless the configuration turns the last three around.
    pub fn header_ops(&self) -> impl Iterator<Item = &'a HeaderOps> + use<'a> {
        let destination = self.destination().map(|destination| &destination.headers);
        let route = self.route().map(|route| &route.headers);
        let host = self.virtual_host().map(|host| &host.headers);
        let config = self.route_config().map(|config| &config.headers);
        let turned = self.route_config().is_some_and(|config| config.most_specific_header_ops_win);
        let levels =
            if turned { [destination, config, host, route] } else { [destination, route, host, config] };
        levels.into_iter().flatten().filter(|ops| !ops.is_empty())
    }
}
