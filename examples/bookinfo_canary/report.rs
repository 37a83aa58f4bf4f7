//! What people see: a table, a trace as JSON, a picture.

use std::fmt::Write as _;

use pointsman_examples::chart::{Chart, Join, Line, Panel, Scale};
use pointsman_render::{AdoptError, RenderError};
use pointsman_rollout::Version;
use pointsman_types::Diagnostic;
use serde_json::{Value, json};

use crate::Failure;
use crate::requests::REQUESTS;
use crate::stories::Releases;
use crate::story::{StageRecord, Story};

/// Findings with their help, one under the other.
pub(crate) fn findings(findings: &[Diagnostic]) -> Failure {
    let text = |finding: &Diagnostic| match finding.help.as_str() {
        "" => finding.to_string(),
        help => format!("{finding}\n  help: {help}"),
    };
    findings.iter().map(text).collect::<Vec<_>>().join("\n")
}

pub(crate) fn error(error: &AdoptError) -> Failure {
    match error {
        AdoptError::Finding(finding) => findings(std::slice::from_ref(finding)),
        AdoptError::Render(RenderError::Parse(error)) => error.to_string(),
        other => other.to_string(),
    }
}

pub(crate) fn text(releases: &Releases) -> String {
    let mut out = String::new();
    for finding in &releases.findings {
        let _ = writeln!(out, "{}", findings(std::slice::from_ref(finding)));
    }
    story(&mut out, &releases.main, &releases.stable, &releases.canary);
    let _ = writeln!(out, "\nThe same release, aborted halfway\n");
    story(&mut out, &releases.abort, &releases.stable, &releases.canary);
    let _ = writeln!(out, "\nThe picture: {}", releases.picture);
    out
}

fn story(out: &mut String, story: &Story, stable: &Version, canary: &Version) {
    let component = story.release().component();
    for record in &story.stages {
        let _ = writeln!(out, "── {} ── {}", record.folder, record.title);
        for words in &record.said {
            let _ = writeln!(out, "   » {words}");
        }
        for (number, (why, objects)) in record.apply.iter().enumerate() {
            let _ = writeln!(out, "   {:>2}. apply {} ({why})", number + 1, objects.join(", "));
        }
        // What is so already is in the trace, not in the table.
        let told = record.ordered.iter().filter(|stage| stage.effect.is_wait() || !stage.changes.is_empty());
        for (number, stage) in told.filter(|_| record.apply.is_empty()).enumerate() {
            let _ = writeln!(out, "   {:>2}. {} ({})", number + 1, stage.effect, stage.why);
            for change in &stage.changes {
                let _ = writeln!(out, "         {change}");
            }
        }
        let _ = writeln!(out, "   {}: {}; opened by {}\n", record.state, record.waiting, record.opens);
    }
    let names = [stable.as_str(), canary.as_str()];
    let _ = writeln!(out, "{component}: where {REQUESTS} requests go, counted from the written manifests\n");
    let _ = writeln!(
        out,
        "{:<24} {:<10} {:>8} {:>8}   {:<20} {:>8} {:>10} {:>6}   pods ready",
        "stage", "state", names[0], names[1], "share of the canary", "exact", "counted", "lost"
    );
    for record in &story.stages {
        let counts = names.map(|name| count(record, name));
        let total: u32 = record.shares.iter().map(|(_, weight)| weight).sum();
        let exact = 100.0 * f64::from(weight(record, names[1]).unwrap_or(0)) / f64::from(total.max(1));
        let share = counts[1] as f64 / REQUESTS as f64;
        let pods: Vec<_> =
            record.pods.iter().map(|(name, pods)| format!("{name} {}/{}", pods.ready, pods.asked)).collect();
        let _ = writeln!(
            out,
            "{:<24} {:<10} {:>8} {:>8}   {:<20} {:>8} {:>10} {:>6}   {}",
            record.folder,
            record.state,
            counts[0],
            counts[1],
            bar(share),
            format!("{exact} %"),
            format!("{:.2} %", share * 100.0),
            record.counted.lost,
            pods.join("  ")
        );
    }
}

fn count(record: &StageRecord, version: &str) -> u64 {
    record.counted.by_version.get(version).copied().unwrap_or_default()
}

fn weight(record: &StageRecord, version: &str) -> Option<u32> {
    record.shares.iter().find(|(name, _)| name == version).map(|(_, weight)| *weight)
}

/// The share of the canary, a cell each 5 %.
fn bar(share: f64) -> String {
    let cells = (share * 20.0).round() as usize;
    format!("{}{}", "░".repeat(20 - cells.min(20)), "█".repeat(cells.min(20)))
}

pub(crate) fn picture(story: &Story, stable: &Version, canary: &Version) -> String {
    let names = [stable.as_str(), canary.as_str()];
    let line = |name: &str, value: &dyn Fn(&StageRecord) -> f64| Line {
        name: name.to_owned(),
        values: story.stages.iter().map(value).collect(),
    };
    let share = |name: &str| line(name, &|record| 100.0 * count(record, name) as f64 / REQUESTS as f64);
    let ready = |name: &str| {
        line(name, &|record| {
            record.pods.iter().find(|(other, _)| other == name).map_or(0.0, |(_, pods)| f64::from(pods.ready))
        })
    };
    let most =
        story.stages.iter().flat_map(|record| &record.pods).map(|(_, pods)| pods.ready.max(pods.asked)).max();
    let top = f64::from(most.unwrap_or(1).next_multiple_of(4));
    Chart {
        title: format!("Release of {}: {stable} to {canary}", story.release().component()),
        axis: String::new(),
        join: Join::Steps,
        ticks: story
            .stages
            .iter()
            .map(|record| record.folder.rsplit('/').next().unwrap_or_default().to_owned())
            .collect(),
        panels: vec![
            Panel {
                label: "share of requests, percent (counted)".into(),
                scale: Scale::UpTo(100.0),
                lines: names.map(share).into(),
            },
            Panel { label: "pods ready".into(), scale: Scale::UpTo(top), lines: names.map(ready).into() },
        ],
    }
    .to_svg()
}

pub(crate) fn json(releases: &Releases) -> Result<String, Failure> {
    let trace = json!({
        "component": releases.main.release().component(),
        "namespace": releases.main.release().namespace(),
        "stable": releases.stable.as_str(),
        "canary": releases.canary.as_str(),
        "requests": REQUESTS,
        "findings": releases.findings,
        "stages": releases.main.stages.iter().map(stage_json).collect::<Vec<_>>(),
        "abort": releases.abort.stages.iter().map(stage_json).collect::<Vec<_>>(),
        "picture": releases.picture,
    });
    serde_json::to_string_pretty(&trace).map_err(|error| error.to_string())
}

fn stage_json(record: &StageRecord) -> Value {
    let effects = record.ordered.iter().map(|stage| {
        let changes: Vec<_> = stage
            .changes
            .iter()
            .map(|change| json!({"action": format!("{:?}", change.action), "object": change.object, "file": change.file}))
            .collect();
        json!({
            "effect": stage.effect,
            "what": stage.effect.to_string(),
            "why": stage.why,
            "requires": stage.requires,
            "changes": changes,
        })
    });
    let total: u32 = record.shares.iter().map(|(_, weight)| weight).sum();
    let exact =
        record.shares.iter().map(|(name, weight)| (name.clone(), json!({"weight": weight, "of": total})));
    let pods = record
        .pods
        .iter()
        .map(|(name, pods)| (name.clone(), json!({"asked": pods.asked, "ready": pods.ready})));
    json!({
        "folder": record.folder,
        "title": record.title,
        "state": record.state,
        "waiting": record.waiting,
        "opens": record.opens,
        "said": record.said,
        "apply": record.apply.iter().map(|(why, objects)| json!({"why": why, "objects": objects})).collect::<Vec<_>>(),
        "effects": effects.collect::<Vec<_>>(),
        "exact": exact.collect::<serde_json::Map<_, _>>(),
        "pods": pods.collect::<serde_json::Map<_, _>>(),
        "counted": record.counted.by_version,
        "lost": record.counted.lost,
        "findings": record.counted.findings,
    })
}
