//! Actions of routes.

use pointsman_route::ir::{
    Action, ClusterName, DestinationChoice, DirectResponse, Forward, HostRewrite, MaxStreamDuration,
    PathRewrite, Redirect, RedirectPath, WeightedDestination,
};

use super::node::{NOT_MODELLED, Node, REFUSED};
use super::policy::{hash_policy, header_ops, mirror, regex_rewrite, retry};

pub(super) fn action(node: &Node<'_>) -> Action {
    const KINDS: [&str; 3] = ["route", "redirect", "direct_response"];
    match node.one_of(&KINDS) {
        Some((0, route)) => match forward(&route) {
            Some(forward) => Action::Forward(Box::new(forward)),
            None => Action::None,
        },
        Some((1, target)) => Action::Redirect(Box::new(redirect(&target))),
        Some((_, response)) => Action::DirectResponse(Box::new(direct_response(&response))),
        None => {
            node.not_modelled(&["filter_action", "non_forwarding_action"]);
            Action::None
        }
    }
}

fn forward(node: &Node<'_>) -> Option<Forward> {
    let destination = match node.one_of(&["cluster", "cluster_header", "weighted_clusters"]) {
        Some((0, cluster)) => DestinationChoice::Cluster(ClusterName::new(cluster.as_text())),
        Some((1, header)) => DestinationChoice::ClusterHeader(header.as_text()),
        Some((_, weighted)) => weighted_clusters(&weighted),
        None => {
            node.not_modelled(&["cluster_specifier_plugin", "inline_cluster_specifier_plugin"]);
            return None;
        }
    };
    node.not_modelled(&["internal_redirect_policy", "hedge_policy", "rate_limits"]);
    let upgrades = node.items("upgrade_configs");
    let not_found = node.text("cluster_not_found_response_code").and_then(|code| match code.as_str() {
        "NOT_FOUND" => Some(404),
        "INTERNAL_SERVER_ERROR" => Some(500),
        _ => None,
    });
    Some(Forward {
        path_rewrite: path_rewrite(node),
        host_rewrite: host_rewrite(node),
        timeout: node.duration("timeout"),
        idle_timeout: node.duration("idle_timeout"),
        max_grpc_timeout: node.duration("max_grpc_timeout"),
        max_stream_duration: node.field("max_stream_duration").map(|node| max_stream_duration(&node)),
        append_forwarded_host: node.flag("append_x_forwarded_host"),
        retry: node.field("retry_policy").map(|policy| retry(&policy)),
        mirrors: node.items("request_mirror_policies").iter().map(mirror).collect(),
        hash: node.items("hash_policy").iter().filter_map(hash_policy).collect(),
        upgrades: upgrades.iter().filter_map(|upgrade| upgrade.text("upgrade_type")).collect(),
        cluster_not_found_status: not_found,
        ..Forward::to(destination)
    })
}

fn max_stream_duration(node: &Node<'_>) -> MaxStreamDuration {
    MaxStreamDuration {
        any: node.duration("max_stream_duration"),
        grpc_timeout_max: node.duration("grpc_timeout_header_max"),
    }
}

fn weighted_clusters(node: &Node<'_>) -> DestinationChoice {
    node.not_modelled(&["runtime_key_prefix"]);
    DestinationChoice::Weighted {
        destinations: node.items("clusters").iter().map(cluster_weight).collect(),
        random_header: node.text("header_name").filter(|name| !name.is_empty()),
        use_hash_policy: node.flag("use_hash_policy"),
    }
}

fn cluster_weight(node: &Node<'_>) -> WeightedDestination {
    let weight = node.number("weight");
    if weight.is_none() {
        node.error(REFUSED, "a weighted destination needs a weight");
    }
    WeightedDestination {
        cluster_header: node.text("cluster_header").filter(|name| !name.is_empty()),
        headers: header_ops(node),
        host_rewrite: node.text("host_rewrite_literal").filter(|host| !host.is_empty()),
        ..WeightedDestination::new(
            ClusterName::new(node.text("name").unwrap_or_default()),
            weight.unwrap_or(0),
        )
    }
}

fn path_rewrite(node: &Node<'_>) -> PathRewrite {
    node.not_modelled(&["path_rewrite_policy", "path_rewrite"]);
    let prefix = node.text("prefix_rewrite").filter(|to| !to.is_empty());
    match (prefix, node.field("regex_rewrite")) {
        (Some(to), _) => PathRewrite::Prefix(to),
        (None, Some(rewrite)) => PathRewrite::Regex(regex_rewrite(&rewrite)),
        (None, None) => PathRewrite::None,
    }
}

fn host_rewrite(node: &Node<'_>) -> HostRewrite {
    const KINDS: [&str; 5] = [
        "host_rewrite_literal",
        "auto_host_rewrite",
        "host_rewrite_header",
        "host_rewrite_path_regex",
        "host_rewrite",
    ];
    match node.one_of(&KINDS) {
        Some((0 | 4, host)) => match host.as_text() {
            host if host.is_empty() => HostRewrite::None,
            host => HostRewrite::Literal(host),
        },
        Some((1, auto)) if auto.value().as_bool() == Some(true) => HostRewrite::Auto,
        Some((2, name)) => HostRewrite::Header(name.as_text()),
        Some((3, rewrite)) => HostRewrite::PathRegex(regex_rewrite(&rewrite)),
        _ => HostRewrite::None,
    }
}

fn redirect(node: &Node<'_>) -> Redirect {
    let status = match node.text("response_code").as_deref() {
        None | Some("MOVED_PERMANENTLY") => 301,
        Some("FOUND") => 302,
        Some("SEE_OTHER") => 303,
        Some("TEMPORARY_REDIRECT") => 307,
        Some("PERMANENT_REDIRECT") => 308,
        Some(other) => {
            node.error(NOT_MODELLED, format!("`{other}` is no status of a redirect"));
            301
        }
    };
    let https = node.flag("https_redirect").then(|| "https".to_owned());
    let path = match node.one_of(&["path_redirect", "prefix_rewrite", "regex_rewrite"]) {
        Some((0, path)) => match path.as_text() {
            path if path.is_empty() => RedirectPath::Keep,
            path => RedirectPath::Whole(path),
        },
        Some((1, to)) => RedirectPath::Prefix(to.as_text()),
        Some((_, rewrite)) => RedirectPath::Regex(regex_rewrite(&rewrite)),
        None => RedirectPath::Keep,
    };
    Redirect {
        status,
        scheme: https.or_else(|| node.text("scheme_redirect")).filter(|scheme| !scheme.is_empty()),
        host: node.text("host_redirect").filter(|host| !host.is_empty()),
        port: node.number("port_redirect").filter(|port| *port != 0),
        path,
        strip_query: node.flag("strip_query"),
    }
}

fn direct_response(node: &Node<'_>) -> DirectResponse {
    let body = node.field("body").and_then(|body| match body.one_of(&["inline_string", "inline_bytes"]) {
        Some((0, text)) => Some(text.as_text().into_bytes()),
        Some((_, bytes)) => {
            let decoded = decode_base64(&bytes.as_text());
            if decoded.is_none() {
                bytes.error(REFUSED, "bytes must be base64");
            }
            decoded
        }
        None => {
            body.not_modelled(&["filename", "environment_variable"]);
            None
        }
    });
    DirectResponse { status: node.number("status").unwrap_or(0), body }
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(sextet)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}
