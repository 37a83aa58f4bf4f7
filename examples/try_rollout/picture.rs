//! A rehearsal as a picture: traffic, pods, what happened and what it waits for, over time.

use std::collections::BTreeSet;

use pointsman_rollout::rehearsal::{Frame, Rehearsal};
use pointsman_rollout::{Event, Gate, Outcome, Plan, State, Version};

use crate::svg::Svg;
use crate::table::rounded;
use crate::time_axis::{LEFT, RIGHT, TimeAxis, WIDTH};

/// Top and height of each lane.
const TRAFFIC: (f64, f64) = (114.0, 190.0);
const PODS: (f64, f64) = (344.0, 130.0);
const EVENTS: (f64, f64) = (514.0, 34.0);
const GATES: (f64, f64) = (588.0, 28.0);
const HEIGHT: f64 = 740.0;

const COLOURS: [&str; 6] = ["#9db8d9", "#e8833a", "#7fb069", "#b58db6", "#d6b85a", "#8a8a8a"];
const GREY: &str = "fill=\"#555555\" font-size=\"11\"";
const BOLD: &str = "font-weight=\"bold\"";
/// A light edge, so that words can be read on lines and colours.
const HALO: &str = "paint-order=\"stroke\" stroke=\"white\" stroke-width=\"3\" stroke-opacity=\"0.75\"";

pub(crate) fn draw(plan: &Plan, rehearsal: &Rehearsal, ending: &str) -> String {
    let frames = rehearsal.frames();
    let versions = versions(frames);
    let mut picture = Picture {
        svg: Svg::new(WIDTH, HEIGHT),
        axis: TimeAxis::of(frames),
        plan,
        frames,
        versions: &versions,
    };
    picture.head(ending);
    picture.grid();
    picture.traffic();
    picture.pods();
    picture.events();
    picture.gates();
    picture.svg.finished()
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

struct Picture<'p> {
    svg: Svg,
    axis: TimeAxis,
    plan: &'p Plan,
    frames: &'p [Frame],
    versions: &'p [Version],
}

impl Picture<'_> {
    fn head(&mut self, ending: &str) {
        let title = format!("Release of {}", self.plan.spec().component);
        self.svg.text((LEFT, 32.0), "font-size=\"20\" font-weight=\"bold\"", &title);
        self.svg.text((LEFT, 53.0), "", ending);
        let mut x = LEFT;
        for (index, version) in self.versions.iter().enumerate() {
            let role = match version.as_str() {
                "v1" => "v1, serves at first",
                "v2" => "v2, is released",
                other => other,
            };
            self.svg.rectangle((x, 64.0), (12.0, 12.0), &format!("fill=\"{}\"", colour(index)));
            self.svg.text((x + 18.0, 75.0), "", role);
            x += 40.0 + 7.5 * role.len() as f64;
        }
    }

    /// A lane with its title above it.
    fn lane(&mut self, (top, height): (f64, f64), title: &str) {
        self.svg.rectangle((LEFT, top), (WIDTH - LEFT - RIGHT, height), "fill=\"none\" stroke=\"#bbbbbb\"");
        self.svg.text((LEFT, top - 7.0), BOLD, title);
    }

    fn left(&mut self, y: f64, words: &str) {
        self.svg.text((LEFT - 8.0, y), &format!("text-anchor=\"end\" {GREY}"), words);
    }

    /// Lines of time behind the lanes, with their times below.
    fn grid(&mut self) {
        let y = GATES.0 + GATES.1 + 15.0;
        let mut free = 0.0;
        for (index, frame) in self.frames.iter().enumerate() {
            let (x, _) = self.axis.span(index);
            if x < free {
                continue;
            }
            let words = rounded(frame.at);
            for (top, height) in [TRAFFIC, PODS, EVENTS, GATES] {
                self.svg.line((x, top), (x, top + height), "stroke=\"#e4e4e4\"");
            }
            self.svg.text((x, y), GREY, &words);
            free = x + 14.0 + 7.0 * words.len() as f64;
        }
        let note = "time since v2 appeared; long waits are drawn shorter than they are";
        self.svg.text(
            (WIDTH - RIGHT, y + 16.0),
            &format!("text-anchor=\"end\" font-style=\"italic\" {GREY}"),
            note,
        );
    }

    /// Shares stand on each other, the released version at the bottom.
    fn traffic(&mut self) {
        let total = self.plan.spec().total_weight;
        let (top, height) = TRAFFIC;
        let (mut labelled, mut routed) = (None, None);
        // Words come last, so that nothing is drawn over them.
        let mut labels: Vec<((f64, f64), String, String)> = Vec::new();
        for (index, frame) in self.frames.iter().enumerate() {
            let (from, to) = self.axis.span(index);
            let mut bottom = top + height;
            for (number, version) in self.versions.iter().enumerate().rev() {
                let part = f64::from(share(frame, version)) / f64::from(total) * height;
                bottom -= part;
                let style = format!("fill=\"{}\" fill-opacity=\"0.9\"", colour(number));
                self.svg.rectangle((from, bottom), (to - from + 0.3, part), &style);
            }
            let weight = share(frame, &Version::from_static("v2"));
            if labelled != Some(weight) && to - from > 16.0 {
                let part = f64::from(weight) / f64::from(total) * height;
                let y = (top + height - part - 4.0).max(top + 14.0);
                labels.push(((from + 3.0, y), format!("{BOLD} {HALO}"), weight.to_string()));
                labelled = Some(weight);
            }
            let routes = (!frame.routes.is_empty()).then(|| frame.routes.join(", "));
            if routes.is_some() {
                self.svg.rectangle((from, top), (to - from + 0.3, 6.0), "fill=\"#c23b6b\"");
            }
            if let Some(names) = routes.as_ref().filter(|names| routed.as_ref() != Some(*names) && to > from)
            {
                let words = format!("requests of route {names} go, or are copied, to v2");
                labels.push(((from + 3.0, top + 20.0), format!("fill=\"#8c1c45\" {HALO}"), words));
            }
            if to > from {
                routed = routes;
            }
        }
        for (at, style, words) in labels {
            self.svg.text(at, &style, &words);
        }
        let by = if self.plan.bounds(1).is_some() { "by the numbers of ready pods" } else { "by the route" };
        self.lane(TRAFFIC, &format!("traffic, out of {total}, {by}; the numbers are v2's"));
        for (part, y) in [(total, top + 10.0), (total / 2, top + height / 2.0 + 4.0), (0, top + height)] {
            self.left(y, &part.to_string());
        }
    }

    /// Pods that are asked for as a line, those that are ready filled.
    fn pods(&mut self) {
        let counts = self.frames.iter().flat_map(|frame| frame.pods.iter().map(|pods| pods.replicas));
        let most = counts.max().unwrap_or(1).max(1);
        let (top, height) = PODS;
        let band = height / self.versions.len().max(1) as f64;
        for (number, version) in self.versions.iter().enumerate() {
            let bottom = top + band * (number + 1) as f64;
            let tall = |count: u32| f64::from(count) / f64::from(most) * (band - 10.0);
            let style = format!("fill=\"{}\" fill-opacity=\"0.9\"", colour(number));
            let mut labelled = None;
            for (index, frame) in self.frames.iter().enumerate() {
                let (from, to) = self.axis.span(index);
                let Some(pods) = frame.pods.iter().find(|pods| pods.version == *version) else {
                    labelled = None;
                    continue;
                };
                let ready = tall(pods.ready);
                self.svg.rectangle((from, bottom - ready), (to - from + 0.3, ready), &style);
                let asked = bottom - tall(pods.replicas);
                self.svg.line((from, asked), (to, asked), "stroke=\"#333333\" stroke-width=\"1.3\"");
                let words = format!("{}/{}", pods.ready, pods.replicas);
                if labelled.as_ref() != Some(&words) && to - from > 7.0 * words.len() as f64 {
                    self.svg.text((from + 3.0, bottom - 4.0), &format!("font-size=\"11\" {HALO}"), &words);
                    labelled = Some(words);
                }
            }
            let name: String = version.as_str().chars().take(16).collect();
            self.left(bottom - band / 2.0 + 4.0, &name);
            if number > 0 {
                let edge = bottom - band;
                self.svg.line((LEFT, edge), (WIDTH - RIGHT, edge), "stroke=\"#dddddd\"");
            }
        }
        self.lane(PODS, "pods, ready/asked for; the line is what is asked for");
    }

    /// What was measured, and what people said.
    fn events(&mut self) {
        self.lane(EVENTS, "what happened: analyses that passed (●) or did not (×), and what a person said");
        let middle = EVENTS.0 + EVENTS.1 / 2.0;
        let mut free = 0.0;
        for (index, frame) in self.frames.iter().enumerate() {
            let (x, _) = self.axis.span(index);
            match &frame.event {
                Event::AnalysisFinished { outcome: Outcome::Successful, .. } => {
                    self.svg.dot((x, middle), "fill=\"#2e8b57\"");
                }
                Event::AnalysisFinished { .. } => {
                    self.svg.cross((x, middle), "stroke=\"#c0392b\" stroke-width=\"2.5\"")
                }
                Event::Commanded(command) if x >= free && frame.refused.is_none() => {
                    let words = command.to_string();
                    // At the right edge the words stand before their time.
                    let width = 6.6 * words.len() as f64;
                    let at = x.min(WIDTH - RIGHT - width);
                    self.svg.line(
                        (x, EVENTS.0),
                        (x, EVENTS.0 + EVENTS.1),
                        "stroke=\"#d4a017\" stroke-width=\"2\"",
                    );
                    self.svg.text((at + 4.0, middle + 4.0), "font-size=\"12\"", &words);
                    free = at + width + 8.0;
                }
                _ => {}
            }
        }
    }

    /// What it waits for, a colour and a word for each kind.
    fn gates(&mut self) {
        let (top, height) = GATES;
        let mut index = 0;
        let mut told: Vec<(String, &str)> = Vec::new();
        for same in self.frames.chunk_by(|a, b| words(a) == words(b)) {
            let Some(first) = same.first() else { continue };
            let (from, _) = self.axis.span(index);
            let (_, to) = self.axis.span(index + same.len() - 1);
            index += same.len();
            let (words, colour) = (words(first), gate_colour(first));
            let style = format!("fill=\"{colour}\" stroke=\"white\"");
            self.svg.rectangle((from, top), (to - from, height), &style);
            if to - from > 7.0 * words.len() as f64 {
                let style = "text-anchor=\"middle\" fill=\"white\" font-size=\"12\"";
                self.svg.text(((from + to) / 2.0, top + 18.0), style, &words);
            }
            if to > from && !told.iter().any(|(known, _)| *known == words) {
                told.push((words, colour));
            }
        }
        self.lane(GATES, "what it waits for");
        for (number, (words, colour)) in told.iter().enumerate().take(12) {
            let (column, row) = ((number % 3) as f64, (number / 3) as f64);
            let at = (LEFT + column * 365.0, top + height + 58.0 + row * 20.0);
            self.svg.rectangle((at.0, at.1 - 10.0), (11.0, 11.0), &format!("fill=\"{colour}\""));
            let short: String = words.chars().take(52).collect();
            self.svg.text((at.0 + 17.0, at.1), "font-size=\"12\"", &short);
        }
    }
}

fn share(frame: &Frame, version: &Version) -> u32 {
    frame.shares.iter().find(|(named, _)| named == version).map_or(0, |(_, weight)| weight.value())
}

/// The kind of gate: without numbers that differ each time.
fn words(frame: &Frame) -> String {
    match &frame.waiting.gate {
        Gate::Pods { version, .. } => format!("pods of {version}"),
        Gate::ScaleDown { version, .. } => format!("fewer pods of {version}"),
        Gate::Propagation { .. } => "every proxy to have the route".into(),
        Gate::ScaledToZero { .. } => "somebody who wants pods".into(),
        Gate::Pause => "a pause of the plan".into(),
        Gate::Person => "a person".into(),
        Gate::Analysis { .. } => "an analysis".into(),
        _ => {
            let mut waiting = frame.waiting.clone();
            waiting.until = None;
            waiting.to_string()
        }
    }
}

const fn gate_colour(frame: &Frame) -> &'static str {
    match (&frame.state, &frame.waiting.gate) {
        (State::Aborted(_), _) => "#c0392b",
        (_, Gate::Pods { .. } | Gate::ScaleDown { .. } | Gate::NoPodToRouteTo { .. }) => "#5d7ea8",
        (_, Gate::Propagation { .. }) => "#48a9a6",
        (_, Gate::Pause) => "#8d99ae",
        (_, Gate::Person | Gate::Hold { .. } | Gate::Barrier { .. } | Gate::ScaledToZero { .. }) => "#d4a017",
        (_, Gate::Analysis { .. } | Gate::Experiment { .. }) => "#7d5ba6",
        _ => "#5f9e6e",
    }
}
