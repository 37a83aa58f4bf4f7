//! One Envoy with the listeners of many meshes.

use std::collections::BTreeSet;

use pointsman_envoy::listener;
use pointsman_manifest::Value;
use pointsman_route::ir::{L4Action, Listener, PathNormalization, TableConfig};
use serde_json::json;

use super::upstream::CLUSTER_VALUE;

/// The bootstrap as JSON: one listener that accepts everything and hands it on, those of the meshes, and clusters whose one
/// endpoint is told which of them was meant.
pub(super) fn bootstrap(configs: &[TableConfig], port: u16, upstream: u16) -> String {
    let mut listeners = vec![json!({
        "name": "all",
        "address": {"socketAddress": {"address": "127.0.0.1", "portValue": port}},
        "useOriginalDst": true,
        "listenerFilters": [{"name": "envoy.filters.listener.proxy_protocol", "typedConfig":
            {"@type": "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol"}}],
        "filterChains": [{"filters": [saying("none")]}]})];
    let mut names = BTreeSet::new();
    for (number, config) in configs.iter().enumerate() {
        for one in &config.listeners {
            names.extend(clusters(one));
            listeners.push(heard(one, number));
        }
    }
    let clusters: Vec<_> = names.iter().map(|name| cluster(name, upstream)).collect();
    json!({"staticResources": {"clusters": clusters, "listeners": listeners}}).to_string()
}

fn cluster(name: &str, upstream: u16) -> serde_json::Value {
    let address = json!({"socketAddress": {"address": "127.0.0.1", "portValue": upstream}});
    let told = json!({"type": CLUSTER_VALUE, "value": base64(name.as_bytes())});
    let raw = json!({"name": "envoy.transport_sockets.raw_buffer", "typedConfig":
        {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"}});
    json!({"name": name, "type": "STATIC", "loadAssignment": {"clusterName": name,
            "endpoints": [{"lbEndpoints": [{"endpoint": {"address": address}}]}]},
        "transportSocket": {"name": "envoy.transport_sockets.upstream_proxy_protocol", "typedConfig":
            {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
             "config": {"version": "V2", "addedTlvs": [told]}, "transportSocket": raw}}})
}

/// As proto JSON writes bytes.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let sum =
            part.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)) << (8 * (3 - part.len()));
        for position in 0..4 {
            let letter = LETTERS.get(sum >> (18 - 6 * position) & 63).filter(|_| position <= part.len());
            text.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

fn saying(what: &str) -> serde_json::Value {
    json!({"name": "envoy.filters.network.direct_response", "typedConfig":
        {"@type": "type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config",
         "response": {"inlineString": what}}})
}

/// A listener as it is written for Envoy; where requests would be read, it says which routes they would have.
fn heard(one: &Listener, number: usize) -> serde_json::Value {
    let written: Value = listener(one, PathNormalization::BASE);
    let mut written: serde_json::Value = serde_json::from_str(&written.to_json()).unwrap_or_default();
    let name = format!("{number} {}", one.name);
    if let Some(fields) = written.as_object_mut() {
        fields.insert("name".to_owned(), json!(name));
        // Those of gateways would listen themselves.
        fields.insert("bindToPort".to_owned(), json!(false));
    }
    let chains = written.get_mut("filterChains").and_then(serde_json::Value::as_array_mut);
    for (chain, source) in chains.into_iter().flatten().zip(&one.chains) {
        speak(chain, &source.action);
    }
    if let (Some(chain), Some(action)) = (written.get_mut("defaultFilterChain"), &one.default) {
        speak(chain, action);
    }
    written
}

fn speak(chain: &mut serde_json::Value, action: &L4Action) {
    if let (L4Action::Http(name), Some(fields)) = (action, chain.as_object_mut()) {
        fields.insert("filters".to_owned(), json!([saying(&format!("http {name}"))]));
    }
}

fn clusters(one: &Listener) -> Vec<String> {
    let actions = one.chains.iter().map(|chain| &chain.action).chain(&one.default);
    let routes = actions.filter_map(|action| match action {
        L4Action::Tcp(route) => Some(route),
        L4Action::Http(_) => None,
    });
    routes.flat_map(|route| &route.destinations).map(|one| one.cluster.as_str().to_owned()).collect()
}
