//! What happens to a request that a rule takes.

use serde_json::Value;

use super::super::answer::test_headers;
use super::super::client::addresses;
use super::super::{Answer, AskedRequest, Manner};
use super::condition::{regex, split};
use super::cross_origin::{Effect, effect};
use super::destination::request_hash;
use super::headers::edited;
use super::{Interpreter, Rule, text};

impl Interpreter {
    pub(super) fn outcome(&self, rule: &Rule, request: &AskedRequest) -> Answer {
        let Rule { condition, route, .. } = rule;
        let mut name = text(&route["name"]);
        if let Some(condition) = condition.as_ref().and_then(|condition| condition["name"].as_str()) {
            name = format!("{name}.{condition}");
        }
        let mut answer = Answer { route: Some(name), copies: Some(Vec::new()), ..Answer::default() };
        if route["blocked"] == true {
            answer.status = Some(502);
            return answer;
        }
        if route["passthrough"] == true {
            answer.status = Some(200);
            answer.cluster = Some("PassthroughCluster".to_owned());
            answer.path = Some(request.path.escape_ascii().to_string());
            answer.authority = Some(request.authority.clone());
            manner(route, request, &mut answer);
            answer.attempts = None;
            return answer;
        }
        // Faults come before whatever the route says; a root gives them to a delegate that sends requests nowhere.
        let (flags, abort) = faults(route);
        answer.faults = Some(flags);
        if let Some(status) = abort.filter(|_| route.get("route").is_none()) {
            answer.status = status;
            return answer;
        }
        if let Some(redirect) = route.get("redirect") {
            answer.status =
                Some(u16::try_from(redirect["redirectCode"].as_u64().unwrap_or(301)).unwrap_or(0));
            answer.location = location(redirect, condition.as_ref(), request);
            return answer;
        }
        if let Some(response) = route.get("directResponse") {
            answer.status = Some(u16::try_from(response["status"].as_u64().unwrap_or(0)).unwrap_or(0));
            return answer;
        }
        self.forward(rule, request, answer)
    }

    fn forward(&self, rule: &Rule, request: &AskedRequest, mut answer: Answer) -> Answer {
        let Rule { condition, route, namespace, .. } = rule;
        let shares = route["route"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(share) = chosen(shares, request.random) else { return Answer::default() };
        let is_only = shares.len() == 1;
        let mut marks = edited(Vec::new(), route, share, is_only, "response");
        if let Some(status) = faults(route).1 {
            answer.status = status;
            answer.response_headers = Some(lines(&marks));
            return answer;
        }
        match effect(route, request) {
            Effect::Nothing => {}
            Effect::Unclear => return Answer { route: answer.route, ..Answer::default() },
            Effect::Preflight(headers) => {
                return Answer {
                    status: Some(200),
                    response_headers: Some(lines(&headers)),
                    copies: Some(Vec::new()),
                    ..Answer::default()
                };
            }
            Effect::Answer(headers) => marks.extend(headers),
        }
        let destination = &share["destination"];
        let (cluster, port, host) = self.cluster(destination, namespace);
        if !self.exists(destination, port, &host) || !self.has_endpoints(destination, &host) {
            answer.status = Some(503);
            return answer;
        }
        answer.response_headers = Some(lines(&marks));
        answer.status = Some(200);
        answer.cluster = Some(cluster);
        answer.path = path(route, condition.as_ref(), request);
        let authority = authority(route, share).unwrap_or_else(|| request.authority.clone());
        answer.authority = Some(authority);
        let sent = edited(request.headers.clone(), route, share, is_only, "request");
        answer.request_headers = Some(lines(&sent));
        answer.endpoint = self.hashed(rule, shares, share, request, &sent);
        answer.copies = Some(self.copies(route, namespace));
        manner(route, request, &mut answer);
        answer
    }

    /// The endpoint by hash: every destination that gets requests adds what it hashes.
    fn hashed(
        &self,
        rule: &Rule,
        shares: &[Value],
        share: &Value,
        request: &AskedRequest,
        sent: &[(String, Vec<u8>)],
    ) -> Option<String> {
        let counts = |share: &&Value| shares.len() == 1 || share["weight"].as_u64().unwrap_or(0) > 0;
        let policies: Vec<Value> = shares
            .iter()
            .filter(counts)
            .filter_map(|share| self.hash_of(&share["destination"], &rule.namespace))
            .collect();
        let (source, _) = addresses(request.source, 1);
        let hash = request_hash(&policies, request, sent, source.ip())?;
        let (_, port, host) = self.cluster(&share["destination"], &rule.namespace);
        self.endpoint(&share["destination"], port, &host, hash)
    }

    fn copies(&self, route: &Value, namespace: &str) -> Vec<String> {
        let several = route["mirrors"].as_array().into_iter().flatten();
        let several = several.map(|one| (&one["destination"], one["percentage"]["value"].as_f64()));
        let percent = route["mirrorPercentage"]["value"].as_f64().or(route["mirrorPercent"].as_f64());
        let only = route.get("mirror").map(|to| (to, percent)).filter(|_| route.get("mirrors").is_none());
        let wanted = several.chain(only).filter(|(_, percent)| percent.is_none_or(|percent| percent > 0.0));
        let mut copies: Vec<String> = wanted
            .filter_map(|(to, _)| {
                let (_, port, host) = self.cluster(to, namespace);
                let kind = if host.starts_with("copy-a") { "copy 3" } else { "copy 4" };
                self.exists(to, port, &host).then(|| kind.to_owned())
            })
            .collect();
        copies.sort();
        copies
    }
}

fn lines(headers: &[(String, Vec<u8>)]) -> std::collections::BTreeMap<String, Vec<String>> {
    test_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())))
}

/// What faults do: flags, and the status of an abort where there is one (a gRPC error has none).
fn faults(route: &Value) -> (String, Option<Option<u16>>) {
    let fault = &route["fault"];
    let is_all = |share: &Value| share["percentage"]["value"].as_f64().is_some_and(|share| share >= 100.0);
    let delay = &fault["delay"];
    let delays = match delay.get("percentage") {
        Some(_) => is_all(delay),
        None => delay["percent"] == 100,
    };
    let abort = fault.get("abort").filter(|abort| is_all(abort));
    let status =
        abort.map(|abort| abort["httpStatus"].as_u64().and_then(|status| u16::try_from(status).ok()));
    let flags = [(delays, "DI"), (abort.is_some(), "FI")];
    let flags: Vec<_> = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect();
    (flags.join(","), status)
}

/// What becomes of it where the endpoint does not simply answer.
fn manner(route: &Value, request: &AskedRequest, answer: &mut Answer) {
    match request.endpoint {
        Manner::Answers => {}
        Manner::IsSilent => {
            *answer = Answer {
                status: Some(504),
                route: answer.route.take(),
                cluster: answer.cluster.take(),
                copies: answer.copies.take(),
                ..Answer::default()
            };
        }
        Manner::Fails(status) => {
            let retries = &route["retries"];
            let conditions = text(&retries["retryOn"]);
            let again = conditions.split(',').any(|condition| match condition {
                "5xx" => status >= 500,
                "gateway-error" => matches!(status, 502..=504),
                code => code == status.to_string(),
            });
            let more = retries["attempts"].as_u64().filter(|_| again).unwrap_or(0);
            answer.status = Some(status);
            answer.attempts = u32::try_from(1 + more).ok();
            if more > 0 {
                answer.endpoint = None;
            }
        }
    }
}

/// The only destination, or by weight: those of weight 0 are not there.
fn chosen(shares: &[Value], random: u64) -> Option<&Value> {
    if let [only] = shares {
        return Some(only);
    }
    let weight = |share: &Value| share["weight"].as_u64().unwrap_or(0);
    let total: u64 = shares.iter().map(weight).sum();
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
    let Some(rewrite) = route.get("rewrite") else { return Some(request.path.escape_ascii().to_string()) };
    let (path, _) = split(&request.path);
    let new: Vec<u8> = if let Some(by_regex) = rewrite.get("uriRegexRewrite") {
        // Two ways of writing a group.
        let to = text(&by_regex["rewrite"]).replace("\\1", "${1}").replace("\\2", "${2}");
        let new = regex(&text(&by_regex["match"])).replace_all(path, to.as_bytes()).into_owned();
        if new.is_empty() { path.to_vec() } else { new }
    } else if let Some(to) = rewrite["uri"].as_str() {
        replaced(path, condition, to)?
    } else {
        path.to_vec()
    };
    Some(with_query(&new, request))
}

/// The part that the condition matched, replaced.
fn replaced(path: &[u8], condition: Option<&Value>, to: &str) -> Option<Vec<u8>> {
    let uri = condition.and_then(|condition| condition.get("uri"));
    let rest = match uri {
        None => path.strip_prefix(b"/")?,
        Some(uri) => match uri["prefix"].as_str() {
            Some(prefix) => path.get(prefix.len()..)?,
            None => &[],
        },
    };
    Some([to.as_bytes(), rest].concat())
}

fn with_query(path: &[u8], request: &AskedRequest) -> String {
    let mark = request.path.iter().position(|byte| *byte == b'?').unwrap_or(request.path.len());
    let query = request.path.get(mark..).unwrap_or_default();
    [path, query].concat().escape_ascii().to_string()
}

/// Where a redirect points; nothing is said where ports are at stake.
fn location(redirect: &Value, condition: Option<&Value>, request: &AskedRequest) -> Option<String> {
    let is_plain = ["port", "derivePort"].iter().all(|field| redirect.get(field).is_none());
    if !is_plain || request.authority.contains(':') {
        return None;
    }
    let scheme = redirect["scheme"].as_str().unwrap_or("http");
    let host = redirect["authority"].as_str().unwrap_or(&request.authority);
    let path = if let Some(uri) = redirect["uri"].as_str() {
        if uri.contains('?') { uri.to_owned() } else { with_query(uri.as_bytes(), request) }
    } else if let Some(to) = redirect["prefixRewrite"].as_str() {
        with_query(&replaced(split(&request.path).0, condition, to)?, request)
    } else {
        request.path.escape_ascii().to_string()
    };
    Some(format!("{scheme}://{host}{path}"))
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
