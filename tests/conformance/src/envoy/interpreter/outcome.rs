//! What happens to a request that a rule takes.

use serde_json::Value;

use super::super::{Answer, AskedRequest};
use super::condition::{regex, split};
use super::{Interpreter, Rule, full_name, text};

impl Interpreter {
    pub(super) fn outcome(&self, rule: &Rule, request: &AskedRequest) -> Answer {
        let Rule { condition, route, namespace } = rule;
        let mut name = text(&route["name"]);
        if let Some(condition) = condition.as_ref().and_then(|condition| condition["name"].as_str()) {
            name = format!("{name}.{condition}");
        }
        let mut answer = Answer { route: Some(name), ..Answer::default() };
        if route["passthrough"] == true {
            answer.status = Some(200);
            answer.cluster = Some("PassthroughCluster".to_owned());
            answer.path = String::from_utf8(request.path.clone()).ok();
            answer.authority = Some(request.authority.clone());
            return answer;
        }
        if let Some(redirect) = route.get("redirect") {
            answer.status =
                Some(u16::try_from(redirect["redirectCode"].as_u64().unwrap_or(301)).unwrap_or(0));
            return answer;
        }
        if let Some(response) = route.get("directResponse") {
            answer.status = Some(u16::try_from(response["status"].as_u64().unwrap_or(0)).unwrap_or(0));
            return answer;
        }
        let Some(share) = chosen(route, request.random) else { return Answer::default() };
        let cluster = self.cluster(&share["destination"], namespace);
        if !self.exists(&cluster) {
            answer.status = Some(503);
            return answer;
        }
        answer.status = Some(200);
        answer.cluster = Some(cluster);
        answer.path = path(route, condition.as_ref(), request);
        let authority = authority(route, share).unwrap_or_else(|| request.authority.clone());
        answer.authority = Some(authority);
        answer
    }

    /// Port, else the only port of the service a gateway knows, else the port of the request.
    fn cluster(&self, destination: &Value, namespace: &str) -> String {
        let host = full_name(&text(&destination["host"]), namespace);
        let named = destination["port"]["number"].as_u64();
        let ports = self.ports(&host);
        let only = match ports.as_slice() {
            [only] if self.client.is_gateway => Some(*only),
            _ => None,
        };
        let port = named.or(only).unwrap_or(u64::from(self.client.port));
        format!("outbound|{port}|{}|{host}", text(&destination["subset"]))
    }

    fn ports(&self, host: &str) -> Vec<u64> {
        let mut ports = Vec::new();
        for kind in ["Service", "ServiceEntry"] {
            for object in self.of_kind(kind) {
                let (name, namespace) =
                    (text(&object["metadata"]["name"]), text(&object["metadata"]["namespace"]));
                let is_it = if kind == "Service" {
                    format!("{name}.{namespace}.svc.cluster.local") == host
                } else {
                    super::texts(&object["spec"]["hosts"]).iter().any(|known| known == host)
                };
                if is_it {
                    let field = if kind == "Service" { "port" } else { "number" };
                    let all = object["spec"]["ports"].as_array().into_iter().flatten();
                    ports.extend(all.filter_map(|port| port[field].as_u64()));
                }
            }
        }
        ports
    }

    /// Whether the comparison has that cluster: it has every subset of every port of every service.
    fn exists(&self, cluster: &str) -> bool {
        let parts: Vec<&str> = cluster.split('|').collect();
        let (Some(port), Some(host)) = (parts.get(1), parts.get(3)) else { return false };
        self.ports(host).iter().any(|known| known.to_string() == **port)
    }
}

/// The only destination, or by weight: those of weight 0 are not there.
fn chosen(route: &Value, random: u64) -> Option<&Value> {
    let shares: Vec<&Value> = route["route"].as_array()?.iter().collect();
    if let [only] = shares.as_slice() {
        return Some(only);
    }
    let weight = |share: &Value| share["weight"].as_u64().unwrap_or(0);
    let total: u64 = shares.iter().map(|share| weight(share)).sum();
    let mut left = random.checked_rem(total)?;
    for share in shares {
        if left < weight(share) {
            return Some(share);
        }
        left -= weight(share);
    }
    None
}

/// The path that is sent on; `None` where nothing is said of it.
fn path(route: &Value, condition: Option<&Value>, request: &AskedRequest) -> Option<String> {
    let whole = String::from_utf8(request.path.clone()).ok()?;
    let Some(rewrite) = route.get("rewrite") else { return Some(whole) };
    let (path, query) = split(&request.path);
    let (path, query) = (std::str::from_utf8(path).ok()?, std::str::from_utf8(query).ok()?);
    let new = if let Some(by_regex) = rewrite.get("uriRegexRewrite") {
        // Two ways of writing a group.
        let to = text(&by_regex["rewrite"]).replace("\\1", "${1}").replace("\\2", "${2}");
        let new = regex(&text(&by_regex["match"])).replace_all(path.as_bytes(), to.as_bytes()).into_owned();
        let new = String::from_utf8(new).ok()?;
        if new.is_empty() { path.to_owned() } else { new }
    } else if let Some(to) = rewrite["uri"].as_str() {
        let uri = condition.and_then(|condition| condition.get("uri"));
        match uri {
            None => format!("{to}{}", path.strip_prefix('/')?),
            Some(uri) => match uri["prefix"].as_str() {
                Some(prefix) => format!("{to}{}", path.get(prefix.len()..)?),
                None => to.to_owned(),
            },
        }
    } else {
        path.to_owned()
    };
    Some(if whole.contains('?') { format!("{new}?{query}") } else { new })
}

/// The authority that is set: by the rewrite, else by headers of the route, else by those of the destination.
fn authority(route: &Value, share: &Value) -> Option<String> {
    let of = |headers: &Value| {
        let request = &headers["request"];
        let found = |operation: &str| request[operation]["host"].as_str().map(ToOwned::to_owned);
        found("set").or_else(|| found("add"))
    };
    route["rewrite"]["authority"]
        .as_str()
        .map(ToOwned::to_owned)
        .or_else(|| of(&route["headers"]))
        .or_else(|| of(&share["headers"]))
}
