//! Which connections a workload takes.

use pointsman_api::istio::security::PeerAuthentication;

use crate::codes;
use crate::metadata::Context;
use crate::report::{Place, Report};
use crate::words::selector::Attachment;

pub(crate) fn peer_authentication(
    spec: &PeerAuthentication,
    _: &Context<'_>,
    at: &Place<'_>,
    out: &mut Report,
) {
    let selector = spec.selector.as_ref();
    Attachment { selector, target_ref: None, target_refs: &[] }.check(at, out);
    let Some(ports) = &spec.port_level_mtls else { return };
    let list = at.field("portLevelMtls");
    if selector.is_none_or(|selector| selector.match_labels.is_empty()) {
        let message = "modes for single ports count only for selected workloads, and nothing is selected";
        out.error(&list, codes::PORT_MODE_SELECTOR, message);
    }
    if ports.is_empty() {
        out.error(&list, codes::PORT_MODE_EMPTY, "no port is named");
    }
    for port in ports.keys() {
        if !port.parse().is_ok_and(|number: u32| (1..=65535).contains(&number)) {
            out.error(&list.field(port), codes::PORT_MODE_PORT, format!("`{port}` is not a port"));
        }
    }
}
