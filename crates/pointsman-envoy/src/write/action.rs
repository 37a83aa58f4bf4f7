//! Actions of routes.

use pointsman_manifest::Value;
use pointsman_route::ir::{
    DestinationChoice, DirectResponse, Forward, HostRewrite, MaxStreamDuration, PathRewrite, Redirect,
    RedirectPath, WeightedDestination,
};

use super::policy::{hash_policy, mirror_policy, regex_rewrite, retry_policy};
use super::{Message, only, when};
use crate::duration::write_duration;

pub(super) fn route_action(forward: &Forward) -> Value {
    let message = Message::new();
    let message = match &forward.destination {
        DestinationChoice::Cluster(cluster) => message.with("cluster", cluster.as_str()),
        DestinationChoice::ClusterHeader(name) => message.with("clusterHeader", name.as_str()),
        DestinationChoice::Weighted { destinations, random_header, use_hash_policy } => {
            let weighted = Message::new()
                .list("clusters", destinations, cluster_weight)
                .maybe("headerName", random_header.as_deref())
                .flag("useHashPolicy", when(*use_hash_policy && random_header.is_none()));
            message.with("weightedClusters", weighted.done())
        }
    };
    let message = match &forward.path_rewrite {
        PathRewrite::None => message,
        PathRewrite::Prefix(to) => message.text("prefixRewrite", to),
        PathRewrite::Regex(rewrite) => message.with("regexRewrite", regex_rewrite(rewrite)),
    };
    let message = match &forward.host_rewrite {
        HostRewrite::None => message,
        HostRewrite::Literal(host) => message.with("hostRewriteLiteral", host.as_str()),
        HostRewrite::Auto => message.with("autoHostRewrite", true),
        HostRewrite::Header(name) => message.with("hostRewriteHeader", name.as_str()),
        HostRewrite::PathRegex(rewrite) => message.with("hostRewritePathRegex", regex_rewrite(rewrite)),
    };
    message
        .maybe("timeout", forward.timeout.map(write_duration))
        .maybe("idleTimeout", forward.idle_timeout.map(write_duration))
        .maybe("retryPolicy", forward.retry.as_ref().map(retry_policy))
        .list("requestMirrorPolicies", &forward.mirrors, mirror_policy)
        .list("hashPolicy", &forward.hash, hash_policy)
        .list("upgradeConfigs", &forward.upgrades, |name| only("upgradeType", name.as_str()))
        .maybe("maxStreamDuration", forward.max_stream_duration.map(max_stream_duration))
        .flag("appendXForwardedHost", when(forward.append_forwarded_host))
        .maybe("maxGrpcTimeout", forward.max_grpc_timeout.map(write_duration))
        .maybe("clusterNotFoundResponseCode", forward.cluster_not_found_status.and_then(not_found))
        .done()
}

fn max_stream_duration(duration: MaxStreamDuration) -> Value {
    Message::new()
        .maybe("maxStreamDuration", duration.any.map(write_duration))
        .maybe("grpcTimeoutHeaderMax", duration.grpc_timeout_max.map(write_duration))
        .done()
}

/// 503 is the default and left out; only 404 and 500 have names besides it.
fn not_found(status: u16) -> Option<&'static str> {
    match status {
        404 => Some("NOT_FOUND"),
        500 => Some("INTERNAL_SERVER_ERROR"),
        _ => None,
    }
}

pub(super) fn cluster_weight(destination: &WeightedDestination) -> Value {
    Message::new()
        .text("name", destination.cluster.as_str())
        .maybe("clusterHeader", destination.cluster_header.as_deref())
        .with("weight", destination.weight)
        .header_ops(&destination.headers)
        .maybe("hostRewriteLiteral", destination.host_rewrite.as_deref())
        .done()
}

pub(super) fn redirect_action(redirect: &Redirect) -> Value {
    let message = Message::new();
    let message = match redirect.scheme.as_deref() {
        Some("https") => message.with("httpsRedirect", true),
        Some(scheme) => message.text("schemeRedirect", scheme),
        None => message,
    };
    let message =
        message.maybe("hostRedirect", redirect.host.as_deref()).maybe("portRedirect", redirect.port);
    let message = match &redirect.path {
        // As the control plane writes that the path stays.
        RedirectPath::Keep => message.with("pathRedirect", ""),
        RedirectPath::Whole(path) => message.with("pathRedirect", path.as_str()),
        RedirectPath::Prefix(to) => message.with("prefixRewrite", to.as_str()),
        RedirectPath::Regex(rewrite) => message.with("regexRewrite", regex_rewrite(rewrite)),
    };
    let code = match redirect.status {
        302 => "FOUND",
        303 => "SEE_OTHER",
        307 => "TEMPORARY_REDIRECT",
        308 => "PERMANENT_REDIRECT",
        // 301 is the default.
        _ => "",
    };
    message.text("responseCode", code).flag("stripQuery", when(redirect.strip_query)).done()
}

pub(super) fn direct_response(response: &DirectResponse) -> Value {
    let body = response.body.as_ref().map(|body| match std::str::from_utf8(body) {
        Ok(text) => only("inlineString", text),
        Err(_) => only("inlineBytes", base64(body)),
    });
    Message::new().with("status", response.status).maybe("body", body).done()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let padded =
            chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4_usize {
            let letter = ALPHABET.get((padded >> (18 - 6 * position) & 63) as usize);
            text.push(letter.filter(|_| position <= chunk.len()).map_or('=', |byte| char::from(*byte)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_are_base64() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (&[255, 254], "//4=")]
        {
            assert_eq!(base64(bytes), text);
        }
    }
}
