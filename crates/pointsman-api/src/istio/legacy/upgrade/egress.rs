//! Egress rules to service entries.

use std::net::IpAddr;

use super::Run;
use crate::Resource;
use crate::istio::legacy::EgressRule;
use crate::istio::legacy::check::is_range;
use crate::istio::networking::{ServiceEntry, ServicePort};
use crate::object::Object;

pub(super) fn upgrade(rules: Vec<Object<EgressRule>>, run: &mut Run<'_>) -> Vec<Resource> {
    rules.into_iter().filter_map(|rule| service_entry(&rule, run)).collect()
}

fn service_entry(rule: &Object<EgressRule>, run: &mut Run<'_>) -> Option<Resource> {
    let object = rule.object_ref();
    let (namespace, name) = (&rule.metadata.namespace, &rule.metadata.name);
    let service = rule.spec.destination.as_ref().map(|to| to.service.clone()).unwrap_or_default();
    if service.is_empty() {
        run.left_out(&object, "destination", "the rule has no `service`", "name it");
        return None;
    }
    let mut entry = ServiceEntry::new();
    if is_range(&service) || service.parse::<IpAddr>().is_ok() {
        entry.hosts = vec![format!("{name}.{namespace}.svc.{}", run.settings.domain)];
        entry.addresses = vec![service];
    } else {
        entry.hosts = vec![service];
    }
    for (position, port) in rule.spec.ports.iter().enumerate() {
        let number = u32::try_from(port.port).unwrap_or_default();
        let name = format!("{}-{number}", port.protocol.to_lowercase());
        entry.ports.push(
            ServicePort::new().with_number(number).with_protocol(port.protocol.as_str()).with_name(name),
        );
        if port.protocol.eq_ignore_ascii_case("https") {
            run.changed(
                &object,
                &format!("ports[{position}]"),
                "the sidecar put plain calls to this port into TLS; now callers speak TLS themselves",
                "where they do not, write the protocol `HTTP` and a DestinationRule with `tls: {mode: SIMPLE}`",
            );
        }
    }
    if rule.spec.use_egress_proxy {
        run.lost(&object, "useEgressProxy", "there was no egress proxy", "route through an egress gateway");
    }
    Some(Object::new(namespace, name, entry).into())
}
