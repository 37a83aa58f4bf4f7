//! Batches of cases, and what came of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pointsman_route::ir::{Cluster, PathNormalization, RouteConfig, TableConfig};
use pointsman_route::{RoutingTable, Scratch};
use pointsman_types::HeaderMatching;

use super::ask::{Client, ask_ours, explain_ours};
use super::bootstrap::{Setting, bootstrap, hash_clusters, plain_cluster};
use super::echo::Echo;
use super::process::Envoy;
use super::{Answer, AskedRequest, Case, CaseSource, Dice, Difference, EnvoyOptions};

/// Configurations of one Envoy.
const BATCH: usize = 500;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Configurations compared.
    pub configs: usize,
    /// Requests compared.
    pub requests: usize,
    /// Requests in which some field differs.
    pub differences: usize,
    /// The first differences in full.
    pub shown: Vec<String>,
    /// How often each feature was exercised, by requests of its configurations.
    pub features: BTreeMap<&'static str, usize>,
    /// How the requests ended.
    pub endings: BTreeMap<String, usize>,
    /// Configurations that our side has findings about, so that they were left out.
    pub refused: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shown in &self.shown {
            writeln!(f, "{shown}")?;
        }
        for (feature, count) in &self.features {
            writeln!(f, "exercised {feature}: {count}")?;
        }
        for (ending, count) in &self.endings {
            writeln!(f, "answered {ending}: {count}")?;
        }
        if self.refused > 0 {
            writeln!(f, "left out because of findings: {}", self.refused)?;
        }
        writeln!(f, "configs={} requests={} differences={}", self.configs, self.requests, self.differences)
    }
}

/// Compares as many cases as asked.
///
/// # Errors
/// When the echo server or an Envoy cannot be started, or an Envoy refuses a configuration.
pub fn run(options: &EnvoyOptions, source: &mut dyn CaseSource) -> Result<Report, String> {
    let echo = Echo::start().map_err(|error| format!("cannot start the echo server: {error}"))?;
    let mut dice = Dice::new(options.seed);
    let mut report = Report::default();
    let mut batch = 0;
    while report.configs + report.refused < options.configs {
        let left = options.configs - report.configs - report.refused;
        let each = options.requests.saturating_sub(report.requests).div_ceil(left.max(1));
        let cases: Vec<Case> = (0..left.min(BATCH)).map(|_| source.case(&mut dice, each)).collect();
        run_batch(options, batch, cases, &source.clusters(), &echo, &mut report)?;
        batch += 1;
    }
    Ok(report)
}

fn setting_of(batch: usize) -> Setting {
    const PATHS: [PathNormalization; 4] = [
        PathNormalization::BASE,
        PathNormalization::NONE,
        PathNormalization::MERGE_SLASHES,
        PathNormalization::DECODE_AND_MERGE_SLASHES,
    ];
    let normalization = PATHS.get(batch % PATHS.len()).copied().unwrap_or_default();
    let matching = if batch % 5 == 4 { HeaderMatching::Joined } else { HeaderMatching::Individual };
    Setting { normalization, matching }
}

fn run_batch(
    options: &EnvoyOptions,
    batch: usize,
    cases: Vec<Case>,
    clusters: &[String],
    echo: &Echo,
    report: &mut Report,
) -> Result<(), String> {
    let setting = setting_of(batch);
    let mut all = hash_clusters(echo.port);
    all.extend(clusters.iter().map(|name| {
        // Copies go to a port of their own, so that they can be counted.
        let port = if name.contains("copy") { echo.mirror_port } else { echo.port };
        plain_cluster(name, port)
    }));
    let shared: Vec<Arc<Cluster>> = all.iter().cloned().map(Arc::new).collect();
    let mut kept = Vec::new();
    for case in cases {
        let (table, findings) = table_of(&case.config, setting, &shared);
        match findings {
            0 => kept.push((case, table)),
            _ => report.refused += 1,
        }
    }
    let port = Envoy::free_port().map_err(|error| error.to_string())?;
    let configs: Vec<&RouteConfig> = kept.iter().map(|(case, _)| &case.config).collect();
    let text = bootstrap(&configs, &all, setting, port);
    let envoy = Envoy::start(&options.binary, &text, port)
        .map_err(|error| format!("seed {} batch {batch}: {error}", options.seed))?;
    let mut client = Client::new(envoy.port);
    let mut scratch = Scratch::new();
    let mut copies = 0;
    for (scope, (case, table)) in kept.iter().enumerate() {
        report.configs += 1;
        for feature in &case.features {
            *report.features.entry(feature).or_insert(0) += case.requests.len();
        }
        for request in &case.requests {
            let addresses = client.addresses().map_err(|error| error.to_string())?;
            let (ours, mirrored) = ask_ours(table, &case.config.name, request, addresses, &mut scratch);
            let theirs = client
                .ask(scope, request)
                .map_err(|error| format!("Envoy does not answer: {error}\n{}", request.curl()))?;
            if theirs.endpoint.is_some() {
                copies += mirrored;
            }
            report.requests += 1;
            count_ending(report, &theirs);
            let mut differences = ours.differences(&theirs);
            if let Some(third) = &case.third {
                differences.extend(ours.differences(&third.answer(request)));
            }
            if !differences.is_empty() {
                let trace = explain_ours(table, &case.config.name, request);
                report.note(options, case, request, &differences, &trace);
            }
        }
    }
    compare_copies(copies, echo, report);
    Ok(())
}

/// Mirrored requests arrive some time after the answer.
fn compare_copies(expected: u64, echo: &Echo, report: &mut Report) {
    let mut arrived = 0;
    for _ in 0..50 {
        arrived += echo.take_mirrored();
        if arrived >= expected {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(50));
    arrived += echo.take_mirrored();
    *report.features.entry("mirrored requests").or_insert(0) += usize::try_from(arrived).unwrap_or(0);
    if arrived != expected {
        report.differences += 1;
        report.shown.push(format!("mirrored requests: ours {expected}, Envoy {arrived}"));
    }
}

fn table_of(config: &RouteConfig, setting: Setting, clusters: &[Arc<Cluster>]) -> (RoutingTable, usize) {
    let config = TableConfig {
        path_normalization: setting.normalization,
        header_matching: Some(setting.matching),
        routes: vec![Arc::new(config.clone())],
        clusters: clusters.to_vec(),
        ..TableConfig::default()
    };
    let (table, findings) = RoutingTable::build(config);
    (table, findings.len())
}

fn count_ending(report: &mut Report, theirs: &Answer) {
    let status = theirs.status.unwrap_or(0);
    let ending = match status {
        200 if theirs.endpoint.is_some() => "by an endpoint".to_owned(),
        other => other.to_string(),
    };
    *report.endings.entry(ending).or_insert(0) += 1;
}

impl Report {
    fn note(
        &mut self,
        options: &EnvoyOptions,
        case: &Case,
        request: &AskedRequest,
        differences: &[Difference],
        trace: &str,
    ) {
        self.differences += 1;
        if self.shown.len() >= options.show {
            return;
        }
        let mut text = format!("difference (seed {}):\n{}\n{}\n", options.seed, case.text, request.curl());
        for Difference { field, ours, theirs } in differences {
            text.push_str(&format!("  {field}: ours `{ours}`, theirs `{theirs}`\n"));
        }
        text.push_str(trace);
        self.shown.push(text);
    }
}
