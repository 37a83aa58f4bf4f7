//! Names of gateways, as routes refer to them.

use pointsman_types::host;

use super::quote;
use crate::codes;
use crate::report::{Place, Report};

/// The names in order. Like the control plane, ends after the first that has no slash.
pub(crate) fn gateway_names(names: &[String], gateway_semantics: bool, at: &Place<'_>, out: &mut Report) {
    for (position, name) in names.iter().enumerate() {
        let here = at.index(position);
        let Some((namespace, gateway)) = name.split_once('/') else {
            without_namespace(name, &here, out);
            return;
        };
        let bad_name = !gateway_semantics && !host::is_dns_label(gateway);
        if gateway.is_empty() || bad_name || !host::is_dns_label(namespace) {
            let message = format!("{} is not the name of a gateway, `namespace/name`", quote(name));
            out.error(&here, codes::GATEWAY_NAME, message);
        }
    }
}

fn without_namespace(name: &str, at: &Place<'_>, out: &mut Report) {
    if let Some((gateway, rest)) = name.split_once('.') {
        let namespace = rest.split('.').next().unwrap_or_default();
        let message =
            format!("{} is the old form of {}", quote(name), quote(&format!("{namespace}/{gateway}")));
        out.warn(at, codes::OLD_GATEWAY_NAME, message);
    }
    if let Err(why) = host::check_fqdn(name) {
        out.error(at, codes::GATEWAY_NAME, format!("{} is not the name of a gateway: {why}", quote(name)));
    }
}
