//! Listeners.

use pointsman_manifest::{Map, Value};
use pointsman_route::ir::{Cidr, FilterChain, L4Action, Listener, TcpRoute};

use super::action::cluster_weight;
use super::{Message, only, when};

/// A listener as Envoy's `Listener`, its routes asked from the control plane.
#[must_use]
pub fn listener(listener: &Listener) -> Value {
    let address = listener.address.map_or_else(|| "0.0.0.0".to_owned(), |address| address.to_string());
    let socket = Message::new().with("address", address).with("portValue", listener.port.value());
    let default = listener
        .default
        .as_ref()
        .map(|action| Message::new().with("filters", vec![network_filter(action, &listener.name)]).done());
    Message::new()
        .with("name", listener.name.as_str())
        .with("address", only("socketAddress", socket.done()))
        .list("filterChains", &listener.chains, |chain| filter_chain(chain, &listener.name))
        .maybe("defaultFilterChain", default)
        .with("trafficDirection", "OUTBOUND")
        .done()
}

fn filter_chain(chain: &FilterChain, prefix: &str) -> Value {
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
        .with("filters", vec![network_filter(&chain.action, prefix)])
        .text("name", &chain.name)
        .done()
}

fn cidr_range(cidr: &Cidr) -> Value {
    Message::new()
        .with("addressPrefix", cidr.address().to_string())
        .with("prefixLen", u32::from(cidr.prefix()))
        .done()
}

fn network_filter(action: &L4Action, prefix: &str) -> Value {
    match action {
        L4Action::Http(name) => {
            let source = Message::new()
                .with("ads", Map::new())
                .with("initialFetchTimeout", "0s")
                .with("resourceApiVersion", "V3")
                .done();
            let rds = Message::new().with("configSource", source).with("routeConfigName", name.as_str());
            let router = Message::of_type("envoy.extensions.filters.http.router.v3.Router").done();
            let router =
                Message::new().with("name", "envoy.filters.http.router").with("typedConfig", router).done();
            let manager = Message::of_type(
                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            )
            .with("statPrefix", format!("outbound_{prefix}"))
            .with("rds", rds.done())
            .with("httpFilters", vec![router])
            .with("normalizePath", true);
            filter("envoy.filters.network.http_connection_manager", manager)
        }
        L4Action::Tcp(route) => filter("envoy.filters.network.tcp_proxy", tcp_proxy(route)),
    }
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
