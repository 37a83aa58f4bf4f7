//! A rehearsal as a table: a line for each point in time at which something changed.

use std::fmt::Write as _;

use pointsman_rollout::rehearsal::{Frame, Rehearsal};
use pointsman_rollout::{Event, Version};
use pointsman_types::{Time, duration::TimeDelta};

/// What a person need not read: the reports that follow from every change.
const fn is_routine(event: &Event) -> bool {
    matches!(event, Event::TimePassed | Event::SplitApplied { .. } | Event::SplitSettled { .. })
}

struct Row {
    time: String,
    what: String,
    weight: String,
    pods: [String; 2],
    waits: String,
}

pub(crate) fn of(rehearsal: &Rehearsal) -> String {
    let rows = rows(rehearsal);
    let width = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
    let (time, what) = (width(|row| &row.time).max(4), width(|row| &row.what).max(13));
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:>time$}  {:<what$}  {:>4}  {:>5}  {:>5}  then",
        "time", "what happened", "v2", "v1", "v2"
    );
    let _ = writeln!(text, "{:>time$}  {:<what$}  {:>4}  {:>5}  {:>5}", "", "", "gets", "pods", "pods");
    for row in rows {
        let Row { time: at, what: happened, weight, pods: [v1, v2], waits } = row;
        let _ = writeln!(text, "{at:>time$}  {happened:<what$}  {weight:>4}  {v1:>5}  {v2:>5}  {waits}");
    }
    text
}

fn rows(rehearsal: &Rehearsal) -> Vec<Row> {
    let mut rows = Vec::new();
    for frames in rehearsal.frames().chunk_by(|a, b| a.at == b.at) {
        let Some(last) = frames.last() else { continue };
        let told: Vec<String> = frames.iter().filter(|frame| !is_routine(&frame.event)).map(line).collect();
        let row = Row {
            time: rounded(last.at),
            what: told.join("; ").chars().take(300).collect(),
            weight: weight(last),
            pods: ["v1", "v2"].map(|version| pods(last, version)),
            waits: waits(last),
        };
        rows.push(row);
    }
    rows
}

/// To the second: a pause ends a moment after its time.
pub(crate) fn rounded(length: TimeDelta) -> String {
    TimeDelta::from_secs(length.secs()).to_string()
}

/// The gate, with its end counted as the other times are.
fn waits(frame: &Frame) -> String {
    let mut waiting = frame.waiting.clone();
    let until = waiting.until.take().map(|until| format!(", until {}", rounded(until.since(Time::EPOCH))));
    format!("{waiting}{}", until.unwrap_or_default())
}

fn line(frame: &Frame) -> String {
    match &frame.refused {
        None => frame.event.to_string(),
        Some(why) => format!("{} (refused: {why})", frame.event),
    }
}

fn weight(frame: &Frame) -> String {
    let share = frame.shares.iter().find(|(version, _)| version.as_str() == "v2");
    let weight = share.map_or(0, |(_, weight)| weight.value());
    let routes = if frame.routes.is_empty() { "" } else { "+" };
    format!("{weight}{routes}")
}

fn pods(frame: &Frame, version: &'static str) -> String {
    let version = Version::from_static(version);
    let known = frame.pods.iter().find(|pods| pods.version == version);
    known.map_or_else(|| "-".into(), |pods| format!("{}/{}", pods.ready, pods.replicas))
}
