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
    let scheme = if field(input, "ssl").as_bool() == Some(true) { "https" } else { "http" };
    let local = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let request = Request::new(text(input, "method"), text(input, "authority"), text(input, "path"))
        .with_headers(&headers)
        .with_scheme(scheme)
        .with_source(local)
        .with_metadata(&metadata);
    let draws = Draws::default().with_route(field(input, "random_value").as_u64().unwrap_or(0));
    let mut scratch = Scratch::new();
    let decision = table.select(&request, &draws, &mut scratch);
    compare(&decision, &request, field(test, "validate"))
}

/// In the checker a fraction holds only of the runtime key that the test names.
fn apply_runtime(config: &mut RouteConfig, active: &str) {
    for host in &mut config.virtual_hosts {
        for route in &mut Arc::make_mut(host).routes {
            if let Some(fraction) = route.matches.fraction.as_mut().filter(|one| one.runtime_key != active) {
                fraction.default.numerator = 0;
            }
        }
    }
}

fn input_headers(input: &Value) -> Vec<(String, String)> {
    let list = field(input, "additional_request_headers").as_list().unwrap_or_default();
    let mut headers: Vec<(String, String)> = list
        .iter()
        .map(|header| (text(header, "key").to_owned(), text(header, "value").to_owned()))
        .collect();
    if field(input, "internal").as_bool() == Some(true) {
        headers.push(("x-envoy-internal".to_owned(), "true".to_owned()));
    }
    headers
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

fn compare(decision: &Decision<'_>, request: &Request<'_>, wanted: &Value) -> Vec<String> {
    let forwarded = matches!(decision.outcome(), Outcome::Forward(_));
    let owned = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let if_forwarded = |value: String| if forwarded { value } else { String::new() };
    let mut differences = Vec::new();
    for (name, asked) in wanted.as_map().into_iter().flat_map(|map| map.iter()) {
        let actual = match name {
            "cluster_name" => decision.cluster().unwrap_or_default().to_owned(),
            "virtual_cluster_name" => decision.virtual_cluster().unwrap_or_default().to_owned(),
            "virtual_host_name" => {
                if_forwarded(decision.virtual_host().map(|host| host.name.clone()).unwrap_or_default())
            }
            "host_rewrite" => if_forwarded(owned(&decision.authority())),
            "path_rewrite" => if_forwarded(owned(&decision.path())),
            "path_redirect" => redirected(decision, request),
            "code_redirect" => decision.status().map(|status| status.to_string()).unwrap_or_default(),
            "timeout" => {
                decision.timeout().map(|timeout| format!("{}s", timeout.as_secs_f64())).unwrap_or_default()
            }
            "request_header_matches" => {
                differences.extend(header_differences(asked, &sent_on(decision, request)));
                continue;
            }
            "response_header_matches" => {
                differences.extend(header_differences(asked, &answered(decision)));
                continue;
            }
            other => {
                differences.push(format!("no answer to `{other}`"));
                continue;
            }
        };
        let asked = match asked {
            Value::String(text) => text.clone(),
            other => other.to_json(),
        };
        if asked != actual {
            differences.push(format!("{name}: `{actual}`"));
        }
    }
    differences
}

/// The checker asks a direct response for its redirect too, and gets the request's own address.
fn redirected(decision: &Decision<'_>, request: &Request<'_>) -> String {
    let url = match decision.outcome() {
        Outcome::DirectResponse(_) => {
            [request.scheme(), b"://", request.authority(), request.path()].concat()
        }
        _ => decision.location().unwrap_or_default(),
    };
    String::from_utf8_lossy(&url).into_owned()
}

/// Pseudo-headers stand among the others under their names.
type Lines = Vec<(String, Vec<u8>)>;

fn sent_on(decision: &Decision<'_>, request: &Request<'_>) -> Lines {
    let mut lines: Lines = Vec::new();
    if let Headers::Owned(list) = request.headers() {
        lines.extend(list.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    }
    decision.edit_request_headers(&mut lines);
    lines.push((":method".to_owned(), request.method().to_vec()));
    lines.push((":path".to_owned(), decision.path().into_owned()));
    lines.push((":authority".to_owned(), decision.authority().into_owned()));
    lines
}

fn answered(decision: &Decision<'_>) -> Lines {
    decision.own_response_headers().unwrap_or_else(|| {
        let mut lines = Vec::new();
        decision.edit_response_headers(&mut lines);
        lines
    })
}

fn header_differences(asked: &Value, lines: &Lines) -> Vec<String> {
    let part = |wanted: &str| {
        let found = lines.iter().find(|(name, _)| name == wanted);
        String::from_utf8_lossy(found.map(|(_, value)| value.as_slice()).unwrap_or_default()).into_owned()
    };
    let (method, authority, path) = (part(":method"), part(":authority"), part(":path"));
    let request = Request::new(&method, &authority, &path).with_headers(lines);
    let differs = |value: &&Value| {
        let (header, findings) = read_header_match(value);
        !findings.is_empty() || !header.holds(&request)
    };
    let list = asked.as_list().unwrap_or_default();
    list.iter().filter(differs).map(|value| format!("header {}", value.to_json())).collect()
}
