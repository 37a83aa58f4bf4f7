//! Batches of cases, and what came of them.

use std::collections::BTreeMap;
use std::fmt;

use pointsman_route::ir::PathNormalization;
use pointsman_types::HeaderMatching;

use super::bootstrap::Setting;
use super::echo::Echo;
use super::judge::{Judge, Judged};
use super::shrink::{EnvoyOracle, shrink};
use super::specimen::Specimen;
use super::validate::Validation;
use super::{Answer, Case, CaseSource, Dice, EnvoyOptions, Input, l4, samples};
use crate::corpora::default_corpora_dir;

/// Configurations of one Envoy.
const BATCH: usize = 500;
/// Every so many configurations stand for connections instead of requests.
const CONNECTIONS_EVERY: usize = 10;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Configurations compared.
    pub configs: usize,
    /// Requests and connections compared.
    pub requests: usize,
    /// Those in which some field differs.
    pub differences: usize,
    /// The first differences in full.
    pub shown: Vec<String>,
    /// How many requests each feature decided.
    pub features: BTreeMap<&'static str, usize>,
    /// How the requests ended.
    pub endings: BTreeMap<String, usize>,
    /// What Envoy accepted as valid.
    pub validated: BTreeMap<&'static str, usize>,
    /// Configurations that our side has findings about, so that they were left out.
    pub refused: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shown in &self.shown {
            writeln!(f, "{shown}")?;
        }
        for (feature, count) in &self.features {
            writeln!(f, "decided by {feature}: {count}")?;
        }
        for (ending, count) in &self.endings {
            writeln!(f, "answered {ending}: {count}")?;
        }
        for (piece, count) in &self.validated {
            writeln!(f, "accepted by `envoy --mode validate`, {piece}: {count}")?;
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
    let mut validation = Validation::new(&options.binary);
    let mut batch = 0;
    while report.configs + report.refused < options.configs {
        let left = options.configs - report.configs - report.refused;
        let each = options.requests.saturating_sub(report.requests).div_ceil(left.max(1));
        let (count, connections) = (left.min(BATCH), left.min(BATCH) / CONNECTIONS_EVERY);
        let cases: Vec<Case> = (connections..count).map(|_| source.case(&mut dice, each)).collect();
        let judge = Judge { binary: &options.binary, echo: &echo, setting: setting_of(batch) };
        let at = |error: String| format!("seed {} batch {batch}: {error}", options.seed);
        for case in &cases {
            validation.add(&case.input);
        }
        run_batch(options, &judge, &cases, &mut report).map_err(at)?;
        let mesh = l4::cases(&mut dice, connections, each);
        l4::compare(&options.binary, &mesh, options, &mut report, &mut validation).map_err(at)?;
        validation.flush(&mut report)?;
        batch += 1;
    }
    samples::validate(&default_corpora_dir().join("istio-samples"), &mut validation, &mut report)?;
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
    judge: &Judge<'_>,
    cases: &[Case],
    report: &mut Report,
) -> Result<(), String> {
    for (case, judged) in cases.iter().zip(judge.judge(cases)?) {
        let Some(judged) = judged else {
            report.refused += 1;
            continue;
        };
        report.configs += 1;
        for verdict in judged {
            report.requests += 1;
            for feature in &verdict.features {
                *report.features.entry(feature).or_insert(0) += 1;
            }
            count_ending(report, &verdict.theirs);
            if !verdict.differences.is_empty() {
                report.differences += 1;
                if report.shown.len() < options.show {
                    report.shown.push(shown(options, judge, &case.input, &verdict));
                }
            }
        }
    }
    Ok(())
}

fn count_ending(report: &mut Report, theirs: &Answer) {
    let ending = match theirs.status.unwrap_or(0) {
        200 if theirs.endpoint.is_some() => "by an endpoint".to_owned(),
        0 => "as to a gRPC client".to_owned(),
        other => other.to_string(),
    };
    *report.endings.entry(ending).or_insert(0) += 1;
}

/// A difference, shrunk: manifests, a command that asks it again, and what every side says.
fn shown(options: &EnvoyOptions, judge: &Judge<'_>, input: &Input, verdict: &Judged) -> String {
    let mut oracle = EnvoyOracle::new(judge, verdict);
    let specimen = Specimen { input: input.clone(), request: verdict.request.clone() };
    let small = shrink(specimen, &mut oracle);
    let (verdict, trace) = oracle.last_words(&small).unwrap_or_else(|| (verdict.clone(), String::new()));
    let mut text = format!(
        "difference (seed {}), shrunk with {} runs of Envoy:\n{}\n{}\n",
        options.seed,
        oracle.runs(),
        small.input.text(),
        small.request.curl()
    );
    for difference in &verdict.differences {
        let super::Difference { field, ours, theirs } = difference;
        text.push_str(&format!("  {field}: ours `{ours}`, theirs `{theirs}`\n"));
    }
    text.push_str(&format!("  ours:        {}\n  Envoy:       {}\n", verdict.ours, verdict.theirs));
    if let Some(third) = &verdict.third {
        text.push_str(&format!("  interpreter: {third}\n"));
    }
    text.push_str(&trace);
    text
}
