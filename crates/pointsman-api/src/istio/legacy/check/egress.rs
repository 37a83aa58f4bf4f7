//! Egress rules.

use std::collections::BTreeSet;

use super::names::{invalid_egress_service, is_range};
use super::{
    Check, Checker, EXCLUSIVE, INVALID_NAME, MISSING, NEVER_WORKED, NOT_SUPPORTED, OUT_OF_RANGE, TWICE,
};
use crate::istio::legacy::{EgressPort, EgressRule, IstioService};

const PROTOCOLS: [&str; 6] = ["HTTP", "HTTPS", "HTTP2", "GRPC", "TCP", "MONGO"];
const TCP_PROTOCOLS: [&str; 2] = ["TCP", "MONGO"];

impl Check for EgressRule {
    fn check(&self, checker: &mut Checker) {
        match &self.destination {
            None => checker.error(MISSING, "the rule has no `destination`"),
            Some(destination) => {
                checker.field("destination", |checker| check_destination(destination, checker));
            }
        }
        checker.not_empty_list("ports", &self.ports);
        let is_range = self.destination.as_ref().is_some_and(|destination| is_range(&destination.service));
        let mut seen = BTreeSet::new();
        checker.items("ports", &self.ports, |checker, port| {
            port.check(checker);
            if !seen.insert(port.port) {
                checker.error(TWICE, format!("port `{}` is there twice", port.port));
            }
            if is_range && !TCP_PROTOCOLS.contains(&port.protocol.to_uppercase().as_str()) {
                checker.error(
                    EXCLUSIVE,
                    format!("a range of addresses takes TCP only, not `{}`", port.protocol),
                );
            }
        });
        if self.use_egress_proxy {
            checker.field("useEgressProxy", |checker| {
                checker.error(NEVER_WORKED, "there is no egress proxy");
            });
        }
    }
}

fn check_destination(destination: &IstioService, checker: &mut Checker) {
    let others = [
        ("name", destination.name.is_empty()),
        ("namespace", destination.namespace.is_empty()),
        ("domain", destination.domain.is_empty()),
        ("labels", destination.labels.is_empty()),
    ];
    for (name, is_empty) in others {
        if !is_empty {
            checker.field(name, |checker| {
                checker.error(EXCLUSIVE, "the destination of an egress rule has only `service`");
            });
        }
    }
    if destination.service.is_empty() {
        return checker.error(MISSING, "`service` is empty");
    }
    checker.field("service", |checker| {
        checker.because(INVALID_NAME, invalid_egress_service(&destination.service));
    });
}

impl Check for EgressPort {
    fn check(&self, checker: &mut Checker) {
        if !(1..=65535).contains(&self.port) {
            checker.error(OUT_OF_RANGE, format!("`{}` is not a port from 1 to 65535", self.port));
        }
        if !PROTOCOLS.contains(&self.protocol.to_uppercase().as_str()) {
            checker
                .error(NOT_SUPPORTED, format!("`{}` is not one of {}", self.protocol, PROTOCOLS.join(", ")));
        }
    }
}
