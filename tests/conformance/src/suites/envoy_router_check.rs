//! `envoy-router-check`: what Envoy's route table checker expects of route configurations.

use std::sync::Arc;

use pointsman_envoy::{read_header_match, read_route_configuration};
use pointsman_manifest::{Manifest, Value};
use pointsman_route::ir::{RouteConfig, TableConfig};
use pointsman_route::{
    Decision, Draws, Headers, Metadata, MetadataValue, Outcome, Request, RoutingTable, Scratch,
};

use crate::{CaseResult, Corpora, Outcome as CaseOutcome, SuiteResult};

const SUITE: &str = "envoy-router-check";
const FOLDER: &str = "envoy-router-check/config";

pub(super) fn run(corpora: &Corpora) -> Vec<SuiteResult> {
    let mut cases = Vec::new();
    for file in corpora.files(FOLDER, &["json"]) {
        if let Some(stem) = file.strip_suffix(".golden.proto.json") {
            cases.extend(golden(corpora, stem, &file));
        }
    }
    if cases.is_empty() { Vec::new() } else { vec![SuiteResult { name: SUITE.to_owned(), cases }] }
}

fn golden(corpora: &Corpora, stem: &str, file: &str) -> Vec<CaseResult> {
    let meant_to_fail = stem.strip_suffix("Failures");
    let config = [stem, meant_to_fail.unwrap_or(stem)]
        .iter()
        .find_map(|stem| document(corpora, &format!("{FOLDER}/{stem}.yaml")));
    let golden = document(corpora, &format!("{FOLDER}/{file}"));
    let (Some(config), Some(golden)) = (config, golden) else {
        return vec![CaseResult::run(stem, || CaseOutcome::unsupported("the files cannot be read"))];
    };
    let tests = golden.get("tests").and_then(Value::as_list).unwrap_or_default();
    let case = |test: &Value| {
        let name = text(test, "test_name");
        CaseResult::run(format!("{stem}/{name}"), || {
            let differences = check(&config, test);
            let passed = differences.is_empty() != meant_to_fail.is_some();
            CaseOutcome::judged(passed, field(test, "validate").to_json(), differences.join("; "))
        })
    };
    tests.iter().map(case).collect()
}

/// The first document of a file; JSON with its liberties is YAML.
fn document(corpora: &Corpora, path: &str) -> Option<Value> {
    let manifest = Manifest::parse(&corpora.text(path)?).ok()?;
    Some(manifest.into_documents().into_iter().next()?.into_value())
}

fn field<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    field(value, name).as_str().unwrap_or_default()
}

/// Every field that differs from what a test asks for.
fn check(config: &Value, test: &Value) -> Vec<String> {
    let (mut config, _) = read_route_configuration(config);
    let input = field(test, "input");
    apply_runtime(&mut config, text(input, "runtime"));
    config.port = None;
    let (table, _) =
        RoutingTable::build(TableConfig { routes: vec![Arc::new(config)], ..TableConfig::default() });
    let headers = input_headers(input);
    let metadata = input_metadata(input);
    let local = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let request = Request::new(text(input, "method"), text(input, "authority"), text(input, "path"))
        .with_headers(&headers)
        .with_scheme(scheme(input))
        .with_source(local)
        .with_metadata(&metadata);
    let draws = Draws::default().with_route(field(input, "random_value").as_u64().unwrap_or(0));
    let mut scratch = Scratch::new();
    let decision = table.select(&request, &draws, &mut scratch);
    let asked = Asked {
        decision: &decision,
        request: &request,
        response: pairs(input, "additional_response_headers"),
    };
    asked.differences(field(test, "validate"))
}

/// In the checker a fraction holds only of the runtime key that the test names, and a share of 0 is raised to 1 before, so
/// that a test can reach the route.
fn apply_runtime(config: &mut RouteConfig, active: &str) {
    for host in &mut config.virtual_hosts {
        for route in &mut Arc::make_mut(host).routes {
            if let Some(fraction) = &mut route.matches.fraction {
                let is_active = !active.is_empty() && fraction.runtime_key == active;
                fraction.default.numerator = if is_active { fraction.default.numerator.max(1) } else { 0 };
            }
        }
    }
}

fn input_headers(input: &Value) -> Vec<(String, String)> {
    let mut headers = vec![("x-forwarded-proto".to_owned(), scheme(input).to_owned())];
    if field(input, "internal").as_bool() == Some(true) {
        headers.push(("x-envoy-internal".to_owned(), "true".to_owned()));
    }
    headers.extend(pairs(input, "additional_request_headers"));
    headers
}

fn scheme(input: &Value) -> &'static str {
    if field(input, "ssl").as_bool() == Some(true) { "https" } else { "http" }
}

/// A list of keys and values.
fn pairs(value: &Value, name: &str) -> Vec<(String, String)> {
    let list = field(value, name).as_list().unwrap_or_default();
    list.iter().map(|pair| (text(pair, "key").to_owned(), text(pair, "value").to_owned())).collect()
}

fn input_metadata(input: &Value) -> Metadata {
    let list = field(input, "dynamic_metadata").as_list().unwrap_or_default();
    let mut metadata = Metadata::new();
    for entry in list {
        let filter = text(entry, "metadata_namespace");
        let overwrites = field(entry, "allow_overwrite").as_bool() == Some(true);
        if overwrites || metadata.at(filter, &[]).is_none() {
            metadata = metadata.with(filter, metadata_value(field(entry, "value")));
        }
    }
    metadata
}

fn metadata_value(value: &Value) -> MetadataValue {
    match value {
        Value::Null => MetadataValue::Null,
        Value::Bool(value) => MetadataValue::Bool(*value),
        Value::Number(number) => MetadataValue::Number(number.as_f64()),
        Value::String(text) => MetadataValue::Text(text.clone()),
        Value::List(items) => MetadataValue::List(items.iter().map(metadata_value).collect()),
        Value::Map(fields) => MetadataValue::Fields(
            fields.iter().map(|(name, value)| (name.to_owned(), metadata_value(value))).collect(),
        ),
    }
}

/// A request, what was decided, and the headers that the upstream answers.
struct Asked<'a> {
    decision: &'a Decision<'a>,
    request: &'a Request<'a>,
    response: Vec<(String, String)>,
}

impl Asked<'_> {
    fn differences(&self, wanted: &Value) -> Vec<String> {
        let fields = wanted.as_map().into_iter().flat_map(|map| map.iter());
        fields.flat_map(|(name, asked)| self.difference(name, asked)).collect()
    }

    fn difference(&self, name: &str, asked: &Value) -> Vec<String> {
        match name {
            "request_header_matches" => return header_differences(asked, &self.sent_on()),
            "response_header_matches" => return header_differences(asked, &self.answered()),
            "request_header_fields" => return field_differences(asked, &self.sent_on()),
            "response_header_fields" => return field_differences(asked, &self.answered()),
            "route_metadata" => return self.metadata_differences(asked),
            _ => {}
        }
        let Some(actual) = self.text(name) else { return vec![format!("no answer to `{name}`")] };
        let asked = match asked {
            Value::String(text) => text.clone(),
            other => other.to_json(),
        };
        if asked == actual { Vec::new() } else { vec![format!("{name}: `{actual}`")] }
    }

    /// What a field of one value asks for.
    fn text(&self, name: &str) -> Option<String> {
        let decision = self.decision;
        let forwarded = matches!(decision.outcome(), Outcome::Forward(_));
        let owned = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let if_forwarded = |value: String| if forwarded { value } else { String::new() };
        let host = || decision.virtual_host().map(|host| host.name.clone()).unwrap_or_default();
        Some(match name {
            "cluster_name" => decision.cluster().unwrap_or_default().to_owned(),
            "virtual_cluster_name" => decision.virtual_cluster().unwrap_or_default().to_owned(),
            "virtual_host_name" => if_forwarded(host()),
            "host_rewrite" => if_forwarded(owned(&decision.authority())),
            "path_rewrite" => if_forwarded(owned(&decision.path())),
            "path_redirect" => self.redirected(),
            "code_redirect" => {
                let status = decision.status().filter(|_| !self.redirected().is_empty());
                status.unwrap_or_default().to_string()
            }
            "timeout" => {
                let timeout = decision.timeout().unwrap_or_default();
                if_forwarded(format!("{}s", timeout.as_secs_f64()))
            }
            _ => return None,
        })
    }

    /// The checker asks a direct response for its redirect too, and gets the request's own address.
    fn redirected(&self) -> String {
        let request = self.request;
        let url = match self.decision.outcome() {
            Outcome::DirectResponse(_) => {
                [request.scheme(), b"://", request.authority(), request.path()].concat()
            }
            _ => self.decision.location().unwrap_or_default(),
        };
        String::from_utf8_lossy(&url).into_owned()
    }

    fn metadata_differences(&self, asked: &Value) -> Vec<String> {
        let details = self.decision.route().and_then(|route| route.details.as_deref());
        let holds = |entry: &&Value| {
            let (filter, key) = (text(entry, "namespace"), text(entry, "key").to_owned());
            let found = details.and_then(|details| details.metadata.at(filter, &[key]));
            found == Some(&metadata_value(field(entry, "value")))
        };
        let list = asked.as_list().unwrap_or_default();
        let differing = list.iter().filter(|entry| !holds(entry));
        differing.map(|entry| format!("metadata {}: {details:?}", entry.to_json())).collect()
    }

    fn sent_on(&self) -> Lines {
        let (decision, request) = (self.decision, self.request);
        let mut lines: Lines = Vec::new();
        if let Headers::Owned(list) = request.headers() {
            lines.extend(list.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
        }
        decision.edit_request_headers(&mut lines);
        lines.push((":method".to_owned(), request.method().to_vec()));
        lines.push((":scheme".to_owned(), request.scheme().to_vec()));
        lines.push((":path".to_owned(), decision.path().into_owned()));
        lines.push((":authority".to_owned(), decision.authority().into_owned()));
        lines
    }

    fn answered(&self) -> Lines {
        self.decision.own_response_headers().unwrap_or_else(|| {
            let given = self.response.iter().cloned();
            let mut lines: Lines = given.map(|(name, value)| (name, value.into_bytes())).collect();
            self.decision.edit_response_headers(&mut lines);
            lines
        })
    }
}

/// Pseudo-headers stand among the others under their names.
type Lines = Vec<(String, Vec<u8>)>;

fn first<'l>(lines: &'l Lines, name: &str) -> &'l [u8] {
    let found = lines.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_slice()).unwrap_or_default()
}

fn header_differences(asked: &Value, lines: &Lines) -> Vec<String> {
    let part = |name: &str| String::from_utf8_lossy(first(lines, name)).into_owned();
    let (method, scheme) = (part(":method"), part(":scheme"));
    let (authority, path) = (part(":authority"), part(":path"));
    let request = Request::new(&method, &authority, &path).with_scheme(&scheme).with_headers(lines);
    let differs = |value: &&Value| {
        let (header, findings) = read_header_match(value);
        !findings.is_empty() || !header.holds(&request)
    };
    let list = asked.as_list().unwrap_or_default();
    list.iter().filter(differs).map(|value| format!("header {}", value.to_json())).collect()
}

/// Keys and values as the older goldens ask for them; what is not there is empty.
fn field_differences(asked: &Value, lines: &Lines) -> Vec<String> {
    let list = asked.as_list().unwrap_or_default();
    let differs = |value: &&Value| first(lines, text(value, "key")) != text(value, "value").as_bytes();
    list.iter().filter(differs).map(|value| format!("header {}", value.to_json())).collect()
}
