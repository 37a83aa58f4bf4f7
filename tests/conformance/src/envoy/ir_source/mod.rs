//! Random configurations from the routing IR directly.

mod actions;
mod filters;
mod matches;
mod requests;
mod words;

use std::sync::Arc;

use pointsman_route::ir::{HeaderOp, HeaderOps, Route, RouteConfig, TlsRequirement, VirtualHost};

use super::{Case, CaseSource, Dice, Input};

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
        let mut config = route_config(dice);
        config.name = format!("config-{}", self.made);
        let requests = (0..requests).map(|_| requests::request(dice, &config)).collect();
        Case { input: Input::Table(Box::new(config)), requests }
    }
}

/// Names of the clusters that these configurations send to, beside the hash clusters.
pub(super) fn clusters() -> impl Iterator<Item = &'static str> {
    words::CLUSTERS.iter().chain(&words::MIRRORS).copied()
}

fn route_config(dice: &mut Dice) -> RouteConfig {
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
        if dice.percent(5) {
            host.require_tls = *dice.one_of(&[TlsRequirement::All, TlsRequirement::ExternalOnly]);
        }
        host.headers = header_ops(dice, 20);
        host.cors = dice.percent(15).then(|| filters::cors(dice));
        host.mirrors = actions::mirrors(dice, 10);
        let routes = 1 + dice.below(6);
        host.routes = (0..routes).map(|position| route(dice, position)).collect();
        config.virtual_hosts.push(Arc::new(host));
    }
    config
}

fn route(dice: &mut Dice, position: usize) -> Route {
    let matches = matches::route_match(dice);
    let action = actions::action(dice);
    let headers = header_ops(dice, 30);
    let name = if dice.percent(10) { String::new() } else { format!("route-{position}") };
    let fault = dice.percent(8).then(|| Box::new(filters::fault(dice)));
    let cors = dice.percent(20).then(|| Box::new(filters::cors(dice)));
    Route { name, matches, action, headers, fault, cors, ..Route::default() }
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
