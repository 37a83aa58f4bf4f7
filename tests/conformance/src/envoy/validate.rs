//! Everything that is rendered, judged by `envoy --mode validate`: many configurations in one process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pointsman_envoy::{cluster, cluster_with_endpoints, listeners, route_configuration};
use pointsman_route::ir::{Discovery, TableConfig};
use serde_json::{Value, json};

use super::Input;
use super::run::Report;

/// How many refusals are shown in full.
const SHOWN: usize = 5;

/// What one proxy is told, rendered.
struct Told {
    /// For readers.
    text: String,
    routes: Vec<Value>,
    clusters: Vec<Value>,
    listeners: Vec<Value>,
}

/// Collects what is rendered, and has it judged.
pub(super) struct Validation {
    binary: PathBuf,
    waiting: Vec<Told>,
}

impl Validation {
    pub(super) fn new(binary: &Path) -> Self {
        Self { binary: binary.to_owned(), waiting: Vec::new() }
    }

    /// A configuration to be judged later.
    pub(super) fn add(&mut self, input: &Input) {
        let table = match input {
            Input::Mesh(mesh) => mesh.table(),
            Input::Table(config) => TableConfig {
                routes: vec![std::sync::Arc::new((**config).clone())],
                ..TableConfig::default()
            },
        };
        self.add_table(input.text(), &table);
    }

    /// What a proxy is told, to be judged later.
    pub(super) fn add_table(&mut self, text: String, table: &TableConfig) {
        let json = |value: pointsman_manifest::Value| serde_json::to_value(value).unwrap_or_default();
        let mut clusters: Vec<Value> = table.clusters.iter().map(|one| json(cluster(one))).collect();
        // Endpoints are sent apart from clusters; here they are judged inside of one.
        let with_endpoints = table.clusters.iter().filter(|one| one.discovery == Discovery::ControlPlane);
        clusters.extend(with_endpoints.map(|one| {
            let mut written = json(cluster_with_endpoints(one));
            put(&mut written, "name", json!(format!("endpoints of {}", one.name.as_str())));
            written
        }));
        self.waiting.push(Told {
            text,
            routes: table.routes.iter().map(|one| json(route_configuration(one))).collect(),
            listeners: listeners(table).into_iter().map(json).collect(),
            clusters,
        });
    }

    /// Has everything that waits judged; what is refused counts as a difference.
    pub(super) fn flush(&mut self, report: &mut Report) -> Result<(), String> {
        let waiting = std::mem::take(&mut self.waiting);
        self.judge(&waiting, report)
    }

    fn judge(&self, told: &[Told], report: &mut Report) -> Result<(), String> {
        if told.is_empty() {
            return Ok(());
        }
        let Some(refusal) = self.refusal(told)? else {
            let mut count = |piece, count: usize| *report.validated.entry(piece).or_insert(0) += count;
            count("configurations", told.len());
            count("route configurations", told.iter().map(|one| one.routes.len()).sum());
            count("listeners", told.iter().map(|one| one.listeners.len()).sum());
            count("clusters", told.iter().map(|one| one.clusters.len()).sum());
            return Ok(());
        };
        if let [one] = told {
            report.differences += 1;
            if report.shown.len() < SHOWN {
                report.shown.push(self.refused(one, &refusal)?);
            }
            return Ok(());
        }
        let (left, right) = told.split_at(told.len() / 2);
        self.judge(left, report)?;
        self.judge(right, report)
    }

    /// The pieces that Envoy refuses on their own.
    fn refused(&self, told: &Told, refusal: &str) -> Result<String, String> {
        let mut text = format!("Envoy refuses what is rendered: {refusal}\n");
        let alone = |routes: &[Value], clusters: &[Value], listeners: &[Value]| Told {
            text: String::new(),
            routes: routes.to_vec(),
            clusters: clusters.to_vec(),
            listeners: listeners.to_vec(),
        };
        let routes = told.routes.iter().map(|one| (one, alone(std::slice::from_ref(one), &[], &[])));
        let clusters = told.clusters.iter().map(|one| (one, alone(&[], std::slice::from_ref(one), &[])));
        let listeners = told.listeners.iter().map(|one| (one, alone(&[], &[], std::slice::from_ref(one))));
        for (piece, only) in routes.chain(clusters).chain(listeners) {
            if self.refusal(std::slice::from_ref(&only))?.is_some() {
                text.push_str(&format!("{piece}\n"));
            }
        }
        text.push_str(&told.text);
        Ok(text)
    }

    /// Why Envoy refuses; `None` where it does not.
    fn refusal(&self, told: &[Told]) -> Result<Option<String>, String> {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let file =
            std::env::temp_dir().join(format!("pointsman-validate-{}-{number}.json", std::process::id()));
        std::fs::write(&file, bootstrap(told).to_string()).map_err(|error| error.to_string())?;
        let output = Command::new(&self.binary)
            .args(["--mode", "validate", "-l", "error", "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot start `{}`: {error}", self.binary.display()))?;
        let _ = std::fs::remove_file(&file);
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        Ok((!output.status.success()).then_some(said))
    }
}

fn put(value: &mut Value, field: &str, with: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(field.to_owned(), with);
    }
}

/// All of it in one process: names and addresses, which must be different, are made so.
fn bootstrap(told: &[Told]) -> Value {
    let (mut scopes, mut clusters, mut listeners) = (Vec::new(), vec![control_plane()], Vec::new());
    for (number, one) in told.iter().enumerate() {
        for (position, routes) in one.routes.iter().enumerate() {
            let name = format!("{number} {position}");
            scopes.push(json!({"name": name, "routeConfiguration": routes,
                "key": {"fragments": [{"stringKey": name}]}}));
        }
        let renamed = |value: &Value| {
            let mut value = value.clone();
            let name = format!("{number} {}", value.get("name").and_then(Value::as_str).unwrap_or_default());
            put(&mut value, "name", json!(name));
            value
        };
        clusters.extend(one.clusters.iter().map(renamed));
        for listener in &one.listeners {
            let mut listener = renamed(listener);
            let port = 1_000 + listeners.len() % 64_000;
            let last = 1 + listeners.len() / 64_000;
            let address = json!({"socketAddress": {"address": format!("127.0.0.{last}"), "portValue": port}});
            put(&mut listener, "address", address);
            listeners.push(listener);
        }
    }
    let typed = |name: &str| json!({"@type": format!("type.googleapis.com/envoy.extensions.filters.{name}")});
    let filter = |name: &str, message: &str| json!({"name": format!("envoy.filters.http.{name}"), "typedConfig": typed(&format!("http.{name}.v3.{message}"))});
    let mut manager = typed("network.http_connection_manager.v3.HttpConnectionManager");
    put(&mut manager, "statPrefix", json!("all"));
    put(
        &mut manager,
        "httpFilters",
        json!([filter("fault", "HTTPFault"), filter("cors", "Cors"), filter("router", "Router")]),
    );
    put(
        &mut manager,
        "scopedRoutes",
        json!({"name": "all",
        "scopeKeyBuilder": {"fragments": [{"headerValueExtractor": {"name": "x-scope", "index": 0}}]},
        "scopedRouteConfigurationsList": {"scopedRouteConfigurations": scopes}}),
    );
    listeners.push(json!({"name": "routes", "address": {"socketAddress": {"address": "127.0.0.1", "portValue": 999}},
        "filterChains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typedConfig": manager}]}]}));
    json!({"node": {"id": "validated", "cluster": "validated"},
        "layeredRuntime": {"layers": [{"name": "static", "staticLayer": {"re2.max_program_size.error_level": 32768}}]},
        "dynamicResources": {"adsConfig": {"apiType": "GRPC", "transportApiVersion": "V3",
            "grpcServices": [{"envoyGrpc": {"clusterName": "control plane"}}]}},
        "staticResources": {"clusters": clusters, "listeners": listeners}})
}

/// Where routes and endpoints would come from.
fn control_plane() -> Value {
    json!({"name": "control plane", "type": "STATIC",
        "typedExtensionProtocolOptions": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions":
            {"@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
             "explicitHttpConfig": {"http2ProtocolOptions": {}}}},
        "loadAssignment": {"clusterName": "control plane"}})
}
