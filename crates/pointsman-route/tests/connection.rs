//! Which filter chain takes a connection.

use std::sync::Arc;

use pointsman_route::ir::{
    Action, ClusterName, FilterChain, L4Action, Listener, Route, RouteConfig, TableConfig, TcpRoute,
    VirtualHost, WeightedDestination,
};
use pointsman_route::{Connection, Draws, Outcome, Request, RoutingTable, Scratch};
use pointsman_types::Port;

fn chain(cluster: &str, change: impl FnOnce(&mut FilterChain)) -> FilterChain {
    let action = L4Action::Tcp(TcpRoute::to(ClusterName::new(cluster)));
    let mut chain = FilterChain { action, ..FilterChain::default() };
    change(&mut chain);
    chain
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn listener(address: Option<&str>, port: u16, chains: Vec<FilterChain>) -> Arc<Listener> {
    let address = address.map(|address| address.parse().expect("an address"));
    let (name, port) = (String::new(), Port::from_static(port));
    Arc::new(Listener { name, address, port, chains, default: None, is_bound: false })
}

fn table(listeners: Vec<Arc<Listener>>) -> RoutingTable {
    RoutingTable::build(TableConfig { listeners, ..TableConfig::default() }).0
}

fn cluster_of(table: &RoutingTable, connection: Connection<'_>) -> String {
    table.select_connection(&connection, &Draws::default()).cluster().unwrap_or("closed").to_owned()
}

#[test]
fn server_names_by_the_longest() {
    let table = table(vec![listener(
        None,
        443,
        vec![
            chain("com", |c| c.server_names = names(&["*.com"])),
            chain("a", |c| c.server_names = names(&["A.com", "x.a.com"])),
            chain("sub", |c| c.server_names = names(&["*.a.com"])),
            chain("plain", |c| c.transport = "raw_buffer".into()),
        ],
    )]);
    for (name, expected) in [
        ("a.com", "a"),
        ("y.A.com", "sub"),
        ("x.a.com", "a"),
        ("b.com", "com"),
        ("b.org", "closed"),
        (".com", "closed"),
    ] {
        assert_eq!(cluster_of(&table, Connection::to_port(443).with_server_name(name)), expected, "{name}");
    }
    assert_eq!(cluster_of(&table, Connection::to_port(443)), "plain");
    assert_eq!(cluster_of(&table, Connection::to_port(444)), "closed");
}

#[test]
fn the_most_specific_network_is_never_left_again() {
    let wide = chain("wide", |c| c.destinations = vec!["10.0.0.0/8".parse().expect("a network")]);
    let narrow = chain("narrow", |c| {
        c.destinations = vec!["10.1.0.0/16".parse().expect("a network")];
        c.server_names = names(&["a"]);
    });
    let table = table(vec![listener(None, 1, vec![wide, narrow, chain("any", |_| ())])]);
    let to = |address: &str| Connection::to_port(1).with_destination(address.parse().expect("an address"));
    assert_eq!(cluster_of(&table, to("10.2.0.1")), "wide");
    assert_eq!(cluster_of(&table, to("10.1.0.1").with_server_name("a")), "narrow");
    assert_eq!(cluster_of(&table, to("10.1.0.1").with_server_name("b")), "closed");
    assert_eq!(cluster_of(&table, to("11.0.0.1")), "any");
    assert_eq!(cluster_of(&table, Connection::to_port(1)), "any");
}

#[test]
fn listeners_of_an_address_come_first_and_weights_decide() {
    let mut split = chain("", |_| ());
    let destination = |name: &str, weight| WeightedDestination::new(ClusterName::new(name), weight);
    split.action = L4Action::Tcp(TcpRoute {
        destinations: vec![destination("a", 1), destination("b", 0), destination("c", 1)],
        hash_source_ip: false,
    });
    let table = table(vec![
        listener(None, 1, vec![split]),
        listener(Some("10.0.0.1"), 1, vec![chain("own", |_| ())]),
    ]);
    let any = Connection::to_port(1);
    assert_eq!(cluster_of(&table, any.with_destination("10.0.0.1".parse().expect("an address"))), "own");
    let drawn = |draw| table.select_connection(&any, &Draws::all(draw)).cluster().map(ToOwned::to_owned);
    assert_eq!([drawn(0), drawn(1)], [Some("a".to_owned()), Some("c".to_owned())]);
}

#[test]
fn requests_find_their_routes_through_the_listener() {
    let to_routes = |name: &str| L4Action::Http(name.to_owned());
    let sniffed =
        chain("", |c| (c.action, c.application_protocols) = (to_routes("named"), names(&["http/1.1"])));
    let other = chain("database", |_| ());
    let host = VirtualHost {
        domains: names(&["*"]),
        routes: vec![Route {
            name: "r".into(),
            action: Action::to_cluster(ClusterName::new("c")),
            ..Route::default()
        }],
        ..VirtualHost::default()
    };
    let routes =
        RouteConfig { name: "named".into(), virtual_hosts: vec![Arc::new(host)], ..RouteConfig::default() };
    let config = TableConfig {
        listeners: vec![
            listener(None, 80, vec![sniffed, other.clone()]),
            listener(None, 81, vec![other]),
            listener(None, 82, vec![]),
        ],
        routes: vec![Arc::new(routes)],
        ..TableConfig::default()
    };
    let (table, _) = RoutingTable::build(config);
    let mut scratch = Scratch::new();
    let draws = Draws::default();
    assert_eq!(table.select(&Request::get("h", "/"), &draws, &mut scratch).route_name(), "r");
    let request = Request::get("h:81", "/");
    let decision = table.select(&request, &draws, &mut scratch);
    assert!(matches!(decision.outcome(), Outcome::Tcp(_)));
    assert_eq!(decision.cluster(), Some("database"));
    assert_eq!(
        table.explain(&Request::get("h:82", "/"), &draws).verdict,
        "closed: the listener has no filter chain for the connection"
    );
}
