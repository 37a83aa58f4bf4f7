//! A rehearsal as a picture: weights, pods and gates over time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::table::rounded;
use pointsman_rollout::rehearsal::{Frame, Rehearsal};
use pointsman_rollout::{Gate, Plan, State, Version};

const WIDTH: f64 = 1_200.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 30.0;
/// Top and height of each lane.
const WEIGHTS: (f64, f64) = (80.0, 200.0);
const PODS: (f64, f64) = (330.0, 130.0);
const GATES: (f64, f64) = (510.0, 30.0);
const HEIGHT: f64 = 690.0;

const COLOURS: [&str; 6] = ["#9db8d9", "#e8833a", "#7fb069", "#b58db6", "#d6b85a", "#8a8a8a"];

/// Time is drawn compressed, so that seconds can be seen beside hours: each span takes the root of its length.
struct Axis {
    at: Vec<f64>,
}

impl Axis {
    fn of(frames: &[Frame]) -> Self {
        let seconds = |frame: &Frame| frame.at.nanos() as f64 / 1e9;
        let mut sums = vec![0.0];
        for pair in frames.windows(2) {
            if let [a, b] = pair {
                let span = (seconds(b) - seconds(a)).max(0.0);
                let width = if span > 0.0 { span.powf(0.4) + 1.0 } else { 0.0 };
                sums.push(sums.last().copied().unwrap_or(0.0) + width);
            }
        }
        // What comes last is seen for a while.
        let end = sums.last().copied().unwrap_or(0.0);
        sums.push(end * 1.04 + 1.0);
        let whole = sums.last().copied().unwrap_or(1.0);
        Self { at: sums.into_iter().map(|sum| LEFT + sum / whole * (WIDTH - LEFT - RIGHT)).collect() }
    }

    /// From where to where a frame is seen.
    fn span(&self, index: usize) -> (f64, f64) {
        let at = |index: usize| self.at.get(index).copied().unwrap_or(WIDTH - RIGHT);
        (at(index), at(index + 1))
    }
}

pub(crate) fn draw(plan: &Plan, rehearsal: &Rehearsal) -> String {
    let frames = rehearsal.frames();
    let axis = Axis::of(frames);
    let versions = versions(frames);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let title = format!(
        "Release of {}: {:?}, after {}",
        plan.spec().component,
        rehearsal.ending(),
        rounded(rehearsal.lasted())
    );
    text(&mut svg, (LEFT, 30.0), "font-size=\"20\" font-weight=\"bold\"", &title);
    legend(&mut svg, &versions);
    weights(&mut svg, plan, frames, &axis, &versions);
    pods(&mut svg, frames, &axis, &versions);
    gates(&mut svg, frames, &axis);
    times(&mut svg, frames, &axis);
    svg.push_str("</svg>\n");
    svg
}

fn versions(frames: &[Frame]) -> Vec<Version> {
    let shares = frames.iter().flat_map(|frame| frame.shares.iter().map(|(version, _)| version.clone()));
    let pods = frames.iter().flat_map(|frame| frame.pods.iter().map(|pods| pods.version.clone()));
    let all: BTreeSet<Version> = shares.chain(pods).collect();
    // The two that everyone looks for come first.
    let (mut first, rest): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|version| ["v1", "v2"].contains(&version.as_str()));
    first.extend(rest);
    first
}

fn colour(index: usize) -> &'static str {
    COLOURS.get(index % COLOURS.len()).copied().unwrap_or("#8a8a8a")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn text(svg: &mut String, (x, y): (f64, f64), style: &str, words: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{}</text>", escape(words));
}

fn rectangle(svg: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), style: &str) {
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" {style}/>",
        width.max(0.0),
        height.max(0.0)
    );
}

fn legend(svg: &mut String, versions: &[Version]) {
    let mut x = LEFT;
    for (index, version) in versions.iter().enumerate() {
        let role = match version.as_str() {
            "v1" => "v1, serves at first",
            "v2" => "v2, is released",
            other => other,
        };
        rectangle(svg, (x, 45.0), (14.0, 14.0), &format!("fill=\"{}\"", colour(index)));
        text(svg, (x + 20.0, 57.0), "", role);
        x += 40.0 + 8.0 * role.len() as f64;
    }
}

fn lane(svg: &mut String, (top, height): (f64, f64), name: &str, most: &str) {
    rectangle(svg, (LEFT, top), (WIDTH - LEFT - RIGHT, height), "fill=\"none\" stroke=\"#cccccc\"");
    text(svg, (LEFT - 8.0, top + height / 2.0 - 4.0), "text-anchor=\"end\" font-weight=\"bold\"", name);
    text(svg, (LEFT - 8.0, top + 12.0), "text-anchor=\"end\" fill=\"#666666\"", most);
    text(svg, (LEFT - 8.0, top + height), "text-anchor=\"end\" fill=\"#666666\"", "0");
}

/// Shares stand on each other, the released version at the bottom.
fn weights(svg: &mut String, plan: &Plan, frames: &[Frame], axis: &Axis, versions: &[Version]) {
    let total = f64::from(plan.spec().total_weight);
    let (top, height) = WEIGHTS;
    let (mut labelled, mut routed) = (None, None);
    for (index, frame) in frames.iter().enumerate() {
        let (from, to) = axis.span(index);
        let mut bottom = top + height;
        for (number, version) in versions.iter().enumerate().rev() {
            let share = frame.shares.iter().find(|(named, _)| named == version);
            let part = share.map_or(0.0, |(_, weight)| f64::from(weight.value())) / total * height;
            bottom -= part;
            rectangle(svg, (from, bottom), (to - from + 0.3, part), &format!("fill=\"{}\"", colour(number)));
        }
        let canary = frame.shares.iter().find(|(version, _)| version.as_str() == "v2");
        let weight = canary.map_or(0, |(_, weight)| weight.value());
        if labelled != Some(weight) && to - from > 16.0 {
            let part = f64::from(weight) / total * height;
            let y = (top + height - part - 4.0).max(top + 14.0);
            text(svg, (from + 3.0, y), "font-weight=\"bold\"", &weight.to_string());
            labelled = Some(weight);
        }
        if !frame.routes.is_empty() {
            rectangle(svg, (from, top), (to - from + 0.3, 6.0), "fill=\"#c23b6b\"");
            let words = format!("route {}", frame.routes.join(", "));
            if routed.as_ref() != Some(&words) && to > from {
                text(svg, (from + 2.0, top + 19.0), "fill=\"#8c1c45\"", &words);
                routed = Some(words);
            }
        } else {
            routed = None;
        }
    }
    lane(svg, WEIGHTS, "traffic", &plan.spec().total_weight.to_string());
}

/// Pods that are asked for as an outline, those that are ready filled.
fn pods(svg: &mut String, frames: &[Frame], axis: &Axis, versions: &[Version]) {
    let most =
        frames.iter().flat_map(|frame| frame.pods.iter().map(|pods| pods.replicas)).max().unwrap_or(1).max(1);
    let (top, height) = PODS;
    let band = height / versions.len().max(1) as f64;
    for (number, version) in versions.iter().enumerate() {
        let bottom = top + band * (number + 1) as f64;
        let mut outline = String::new();
        for (index, frame) in frames.iter().enumerate() {
            let (from, to) = axis.span(index);
            let Some(pods) = frame.pods.iter().find(|pods| pods.version == *version) else { continue };
            let tall = |count: u32| f64::from(count) / f64::from(most) * (band - 8.0);
            let style = format!("fill=\"{}\"", colour(number));
            rectangle(svg, (from, bottom - tall(pods.ready)), (to - from + 0.3, tall(pods.ready)), &style);
            let _ = write!(outline, "M{from:.1} {0:.1}L{to:.1} {0:.1}", bottom - tall(pods.replicas));
        }
        let _ =
            writeln!(svg, "<path d=\"{outline}\" stroke=\"#444444\" stroke-width=\"1.2\" fill=\"none\"/>");
        text(
            svg,
            (LEFT - 8.0, bottom - 2.0),
            "text-anchor=\"end\" fill=\"#666666\" font-size=\"11\"",
            version.as_str(),
        );
    }
    rectangle(svg, (LEFT, top), (WIDTH - LEFT - RIGHT, height), "fill=\"none\" stroke=\"#cccccc\"");
    let words = format!("pods (line: asked for, filled: ready, at most {most})");
    text(svg, (LEFT, top - 6.0), "font-weight=\"bold\"", &words);
}

/// What it waits for, a colour for each kind, with a number for the long ones.
fn gates(svg: &mut String, frames: &[Frame], axis: &Axis) {
    let (top, height) = GATES;
    text(svg, (LEFT, top - 6.0), "font-weight=\"bold\"", "what it waits for");
    let mut index = 0;
    let mut told: Vec<(String, &str)> = Vec::new();
    for same in frames.chunk_by(|a, b| words(a) == words(b)) {
        let Some(first) = same.first() else { continue };
        let (from, _) = axis.span(index);
        let (_, to) = axis.span(index + same.len() - 1);
        index += same.len();
        let colour = gate_colour(first);
        rectangle(svg, (from, top), (to - from, height), &format!("fill=\"{colour}\" stroke=\"white\""));
        if to - from < 14.0 {
            continue;
        }
        let entry = (words(first), colour);
        let number = told.iter().position(|known| *known == entry).unwrap_or_else(|| {
            told.push(entry);
            told.len() - 1
        });
        let middle = (from + to) / 2.0;
        text(svg, (middle, top + 20.0), "text-anchor=\"middle\" fill=\"white\"", &(number + 1).to_string());
    }
    for (number, (words, colour)) in told.iter().enumerate().take(18) {
        let (column, row) = ((number / 6) as f64, (number % 6) as f64);
        let at = (LEFT + column * 365.0, top + height + 52.0 + row * 17.0);
        rectangle(svg, (at.0, at.1 - 10.0), (10.0, 10.0), &format!("fill=\"{colour}\""));
        let short: String = words.chars().take(52).collect();
        text(svg, (at.0 + 15.0, at.1), "font-size=\"12\"", &format!("{} {short}", number + 1));
    }
}

/// The gate without its time.
fn words(frame: &Frame) -> String {
    let mut waiting = frame.waiting.clone();
    waiting.until = None;
    waiting.to_string()
}

const fn gate_colour(frame: &Frame) -> &'static str {
    match (&frame.state, &frame.waiting.gate) {
        (State::Aborted(_), _) => "#c0392b",
        (_, Gate::Pods { .. } | Gate::ScaleDown { .. } | Gate::NoPodToRouteTo { .. }) => "#5d7ea8",
        (_, Gate::Propagation { .. }) => "#48a9a6",
        (_, Gate::Pause) => "#8d99ae",
        (_, Gate::Person | Gate::Hold { .. } | Gate::Barrier { .. }) => "#d4a017",
        (_, Gate::Analysis { .. } | Gate::Experiment { .. }) => "#7d5ba6",
        _ => "#5f9e6e",
    }
}

fn times(svg: &mut String, frames: &[Frame], axis: &Axis) {
    let y = GATES.0 + GATES.1 + 16.0;
    let mut free = 0.0;
    for (index, frame) in frames.iter().enumerate() {
        let (x, _) = axis.span(index);
        let words = rounded(frame.at);
        if x < free {
            continue;
        }
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"#dddddd\"/>",
            WEIGHTS.0,
            GATES.0 + GATES.1 + 4.0
        );
        text(svg, (x, y), "font-size=\"11\" fill=\"#444444\"", &words);
        free = x + 14.0 + 7.0 * words.len() as f64;
    }
}
