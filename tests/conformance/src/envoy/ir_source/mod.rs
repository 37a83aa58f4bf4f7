//! Random configurations from the routing IR directly.

mod actions;
mod matches;
mod requests;
mod words;

use std::sync::Arc;

use pointsman_envoy::route_configuration;
use pointsman_route::ir::{HeaderOp, HeaderOps, Route, RouteConfig, TlsRequirement, VirtualHost};

use super::{Case, CaseSource, Dice};

/// Random configurations from the routing IR directly, without any compiler between.
#[derive(Debug, Default)]
pub struct IrSource {
    made: usize,
}

impl IrSource {
    /// A fresh one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl CaseSource for IrSource {
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case {
        self.made += 1;
        let mut features = Vec::new();
        let mut config = route_config(dice, &mut features);
        config.name = format!("config-{}", self.made);
        let requests = (0..requests).map(|_| requests::request(dice, &config)).collect();
        features.sort_unstable();
        features.dedup();
        Case { text: route_configuration(&config).to_json(), config, requests, features, third: None }
    }

    fn clusters(&self) -> Vec<String> {
        words::CLUSTERS.iter().chain(&words::MIRRORS).map(ToString::to_string).collect()
    }
}

fn route_config(dice: &mut Dice, features: &mut Vec<&'static str>) -> RouteConfig {
    let mut config = RouteConfig {
        ignore_port_in_host: dice.percent(60),
        most_specific_header_ops_win: dice.percent(20),
        headers: header_ops(dice, 20),
        validate_clusters: Some(false),
        max_direct_response_body: Some(1 << 20),
        ..RouteConfig::default()
    };
    if dice.percent(10) {
        config.virtual_host_header = Some("x-host".to_owned());
        features.push("virtual host by header");
    }
    if config.most_specific_header_ops_win {
        features.push("most specific header operations win");
    }
    let mut domains: Vec<&str> = words::DOMAINS.to_vec();
    for number in 0..=dice.below(4) {
        let mut host = VirtualHost { name: format!("host-{number}"), ..VirtualHost::default() };
        for _ in 0..=dice.below(3) {
            if !domains.is_empty() {
                let position = dice.below(domains.len());
                host.domains.push(domains.swap_remove(position).to_owned());
            }
        }
        if host.domains.iter().any(|domain| domain.contains('*') && domain.len() > 1) {
            features.push("wildcard hosts");
        }
        if dice.percent(5) {
            host.require_tls = *dice.one_of(&[TlsRequirement::All, TlsRequirement::ExternalOnly]);
            features.push("hosts that demand TLS");
        }
        host.headers = header_ops(dice, 20);
        host.mirrors = actions::mirrors(dice, 10);
        let routes = 1 + dice.below(6);
        host.routes = (0..routes).map(|position| route(dice, position, features)).collect();
        config.virtual_hosts.push(Arc::new(host));
    }
    config
}

fn route(dice: &mut Dice, position: usize, features: &mut Vec<&'static str>) -> Route {
    let matches = matches::route_match(dice, features);
    let action = actions::action(dice, features);
    let headers = header_ops(dice, 30);
    if !headers.is_empty() {
        features.push("header operations of routes");
    }
    let name = if dice.percent(10) { String::new() } else { format!("route-{position}") };
    Route { name, matches, action, headers, ..Route::default() }
}

/// Operations at one level, in so many of a hundred cases.
fn header_ops(dice: &mut Dice, percent: usize) -> HeaderOps {
    let mut ops = HeaderOps::default();
    if dice.percent(percent) {
        ops.request = (0..dice.below(3)).map(|_| header_op(dice)).collect();
        ops.response = (0..dice.below(3)).map(|_| header_op(dice)).collect();
        if dice.percent(30) {
            ops.request_remove.push(dice.text(&words::TEST_HEADERS));
        }
        if dice.percent(30) {
            ops.response_remove.push(dice.text(&words::TEST_HEADERS));
        }
    }
    ops
}

fn header_op(dice: &mut Dice) -> HeaderOp {
    use pointsman_route::ir::AppendAction;
    HeaderOp {
        name: dice.text(&words::TEST_HEADERS),
        value: dice.text(&["one", "two", "", "100%%", "<%REQ(x-a)%>", "%REQ(:path)%", "%REQ(x-b?x-c):2%"]),
        append: *dice.one_of(&[
            AppendAction::AppendOrAdd,
            AppendAction::AddIfAbsent,
            AppendAction::OverwriteOrAdd,
            AppendAction::OverwriteIfExists,
        ]),
        keep_empty: dice.percent(30),
    }
}
