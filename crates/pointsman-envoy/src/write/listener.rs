//! Listeners.

use std::collections::BTreeSet;

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{
    Cidr, FilterChain, L4Action, Listener, PathNormalization, SlashHandling, TableConfig, TcpRoute,
};
use pointsman_types::Port;

use super::action::cluster_weight;
use super::{Message, only, when};

/// The listeners of a table as Envoy's `Listener`s: its own, and one for each port of requests that has none.
///
/// Shape: in the order of the table; for a port of requests one filter chain for everything, whose routes are asked from the
/// control plane by the name of the route configuration.
///
/// ```
/// use pointsman_envoy::listeners;
/// use pointsman_route::ir::{RouteConfig, TableConfig};
/// use pointsman_types::Port;
///
/// let routes = RouteConfig { name: "9080".into(), port: Some(Port::from_static(9080)), ..RouteConfig::default() };
/// let table = TableConfig { routes: vec![routes.into()], ..TableConfig::default() };
/// let written = listeners(&table);
/// assert!(written[0].to_yaml().starts_with("name: 0.0.0.0_9080"));
/// assert!(written[0].to_json().contains(r#""routeConfigName":"9080""#));
/// ```
///
/// Source: `buildSidecarOutboundListeners` and `buildGatewayListeners` of Istio at 86c9f01f.
#[must_use]
pub fn listeners(table: &TableConfig) -> Vec<Value> {
    let cleaning = table.path_normalization;
    let mut taken: BTreeSet<u16> = BTreeSet::new();
    let known = table.listeners.iter().filter(|one| one.address.is_none());
    taken.extend(known.map(|one| one.port.value()));
    let mut written: Vec<Value> = table.listeners.iter().map(|one| listener(one, cleaning)).collect();
    for routes in &table.routes {
        let Some(port) = routes.port else { continue };
        if taken.insert(port.value()) {
            written.push(listener(&of_requests(&routes.name, port), cleaning));
        }
    }
    written
}

/// The listener of a port where everything is a request. Those of gateways, whose route configurations begin with the
/// protocol, listen themselves.
fn of_requests(routes: &str, port: Port) -> Listener {
    let chain = FilterChain { action: L4Action::Http(routes.to_owned()), ..FilterChain::default() };
    Listener {
        name: format!("0.0.0.0_{}", port.value()),
        address: None,
        port,
        chains: vec![chain],
        default: None,
        is_bound: routes.starts_with("http."),
    }
}

/// A listener as Envoy's `Listener`, its routes asked from the control plane. `cleaning`: that of the table,
/// [`TableConfig::path_normalization`].
///
/// Where chains look at the TLS greeting, the filter that reads it is there too. Connection managers have the filters that
/// routes have settings for (faults, CORS), and let clients upgrade to WebSocket.
///
/// Source: `buildListenerFromEntry` and `buildHTTPConnectionManager` of Istio at 86c9f01f. Not written are certificates of
/// servers that end TLS, telemetry, access logs, and filters that other objects ask for (authorisation, WebAssembly).
#[must_use]
pub fn listener(listener: &Listener, cleaning: PathNormalization) -> Value {
    let address = listener.address.map_or_else(|| "0.0.0.0".to_owned(), |address| address.to_string());
    let socket = Message::new().with("address", address).with("portValue", listener.port.value());
    let default = listener.default.as_ref().map(|action| {
        Message::new().with("filters", vec![network_filter(action, listener, cleaning)]).done()
    });
    let looks_at_tls = listener.chains.iter().any(|chain| {
        !chain.server_names.is_empty()
            || !chain.transport.is_empty()
            || !chain.application_protocols.is_empty()
    });
    let inspector = Message::of_type("envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector");
    Message::new()
        .with("name", listener.name.as_str())
        .with("address", only("socketAddress", socket.done()))
        .list("filterChains", &listener.chains, |chain| filter_chain(chain, listener, cleaning))
        .maybe("defaultFilterChain", default)
        .maybe(
            "listenerFilters",
            looks_at_tls.then(|| vec![filter("envoy.filters.listener.tls_inspector", inspector)]),
        )
        .maybe("listenerFiltersTimeout", looks_at_tls.then_some("0s"))
        .flag("continueOnListenerFiltersTimeout", when(looks_at_tls))
        .with("trafficDirection", "OUTBOUND")
        .maybe("bindToPort", (!listener.is_bound).then_some(false))
        .done()
}

fn filter_chain(chain: &FilterChain, listener: &Listener, cleaning: PathNormalization) -> Value {
    let conditions = Message::new()
        .maybe("destinationPort", chain.destination_port)
        .list("prefixRanges", &chain.destinations, cidr_range)
        .texts("serverNames", &chain.server_names)
        .text("transportProtocol", &chain.transport)
        .texts("applicationProtocols", &chain.application_protocols)
        .done();
    let some = conditions.as_map().is_some_and(|map| !map.is_empty());
    Message::new()
        .maybe("filterChainMatch", some.then_some(conditions))
        .with("filters", vec![network_filter(&chain.action, listener, cleaning)])
        .text("name", &chain.name)
        .done()
}

fn cidr_range(cidr: &Cidr) -> Value {
    Message::new()
        .with("addressPrefix", cidr.address().to_string())
        .with("prefixLen", u32::from(cidr.prefix()))
        .done()
}

fn network_filter(action: &L4Action, listener: &Listener, cleaning: PathNormalization) -> Value {
    match action {
        L4Action::Http(name) => {
            let manager = connection_manager(name, listener, cleaning);
            filter("envoy.filters.network.http_connection_manager", manager)
        }
        L4Action::Tcp(route) => filter("envoy.filters.network.tcp_proxy", tcp_proxy(route)),
    }
}

fn connection_manager(routes: &str, listener: &Listener, cleaning: PathNormalization) -> Message {
    let source = Message::new()
        .with("ads", Map::new())
        .with("initialFetchTimeout", "0s")
        .with("resourceApiVersion", "V3")
        .done();
    let rds = Message::new().with("configSource", source).with("routeConfigName", routes);
    let filters: Value = [("fault", "HTTPFault"), ("cors", "Cors"), ("router", "Router")]
        .into_iter()
        .map(|(name, message)| {
            let config = Message::of_type(&format!("envoy.extensions.filters.http.{name}.v3.{message}"));
            filter(&format!("envoy.filters.http.{name}"), config)
        })
        .collect();
    let slashes = match cleaning.escaped_slashes {
        SlashHandling::Keep => "",
        SlashHandling::Unescape => "UNESCAPE_AND_FORWARD",
        SlashHandling::Reject => "REJECT_REQUEST",
    };
    Message::of_type("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager")
        .with("statPrefix", format!("outbound_{}", listener.name))
        .with("rds", rds.done())
        .with("httpFilters", filters)
        .with("useRemoteAddress", listener.is_bound)
        .with("streamIdleTimeout", "0s")
        .with("upgradeConfigs", vec![only("upgradeType", "websocket")])
        .with("normalizePath", cleaning.dot_segments)
        .flag("mergeSlashes", when(cleaning.merge_slashes))
        .text("pathWithEscapedSlashesAction", slashes)
}

fn filter(name: &str, config: Message) -> Value {
    Message::new().with("name", name).with("typedConfig", config.done()).done()
}

fn tcp_proxy(route: &TcpRoute) -> Message {
    let first = route.destinations.first().map(|one| one.cluster.as_str()).unwrap_or_default();
    let message =
        Message::of_type("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy").with("statPrefix", first);
    let message = if route.destinations.len() > 1 {
        let clusters: Value = route.destinations.iter().map(cluster_weight).collect();
        message.with("weightedClusters", only("clusters", clusters))
    } else {
        message.with("cluster", first)
    };
    message.maybe("hashPolicy", when(route.hash_source_ip).map(|()| vec![only("sourceIp", Map::new())]))
}
