//! A number for a list of steps that is the same in every release.

use std::fmt::Write;

use pointsman_types::duration::TimeDelta;

use crate::{
    Analysis, CanaryScale, Experiment, ManagedRoute, OnFailure, Pause, PlanStep, RequestMatch, Role,
    RouteAction, TextMatch, Unfinished, Variant,
};

/// FNV-1a over the words that this module writes for each step: neither a release of this library nor one of the compiler
/// changes it, so that an upgrade of the program restarts no update.
pub(crate) fn of_steps(steps: &[PlanStep]) -> u64 {
    let mut words = Fnv(0xcbf2_9ce4_8422_2325);
    for step in steps {
        // Writing into a number cannot fail.
        let _ = write_step(&mut words, step);
    }
    // 0 stands for "no plan seen yet" in a status.
    words.0.max(1)
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

fn write_step(words: &mut Fnv, step: &PlanStep) -> std::fmt::Result {
    match step {
        PlanStep::SetWeight(weight) => write!(words, "weight {weight};"),
        PlanStep::SetCanaryScale(CanaryScale::Replicas(count)) => write!(words, "replicas {count};"),
        PlanStep::SetCanaryScale(CanaryScale::Weight(weight)) => write!(words, "scale {weight};"),
        PlanStep::SetCanaryScale(CanaryScale::MatchTraffic) => write!(words, "scale;"),
        PlanStep::Pause(Pause { duration: None }) => write!(words, "pause;"),
        PlanStep::Pause(Pause { duration: Some(duration) }) => write!(words, "pause {};", duration.nanos()),
        PlanStep::Analysis(analysis) => write_analysis(words, analysis),
        PlanStep::Experiment(experiment) => write_experiment(words, experiment),
        PlanStep::SetRoute(route) => write_route(words, route),
        PlanStep::Barrier(name) => write!(words, "barrier {name:?};"),
    }
}

fn write_analysis(words: &mut Fnv, analysis: &Analysis) -> std::fmt::Result {
    let then = match analysis.on_failure {
        OnFailure::Abort => "abort",
        OnFailure::Hold => "hold",
        OnFailure::Continue => "continue",
    };
    write!(words, "analysis {:?} {then} {};", analysis.templates, analysis.forgiven)
}

fn write_experiment(words: &mut Fnv, experiment: &Experiment) -> std::fmt::Result {
    write!(words, "experiment {:?} {:?}", experiment.name, experiment.duration.map(TimeDelta::nanos))?;
    for Variant { version, copy_of, replicas, weight } in &experiment.variants {
        let role = if *copy_of == Role::Stable { "stable" } else { "canary" };
        write!(words, " {version} {role} {replicas} {weight}")?;
    }
    // As it was before there was a choice.
    words.write_str(if experiment.unfinished == Unfinished::Stopped { " stopped;" } else { ";" })?;
    experiment.analysis.as_ref().map_or(Ok(()), |analysis| write_analysis(words, analysis))
}

fn write_route(words: &mut Fnv, route: &ManagedRoute) -> std::fmt::Result {
    let action = match route.action {
        RouteAction::ToCanary => 0,
        RouteAction::Mirror(share) => u64::from(share.millionths()) + 1,
    };
    write!(words, "route {:?} {action}", route.name)?;
    for RequestMatch { method, path, headers, source_labels } in &route.matches {
        write!(words, " {{")?;
        for text in method.iter().chain(path) {
            write_text(words, text)?;
        }
        for (name, value) in headers {
            write!(words, "{name:?}")?;
            write_text(words, value)?;
        }
        write!(words, "{source_labels}}}")?;
    }
    words.write_str(";")
}

fn write_text(words: &mut Fnv, text: &TextMatch) -> std::fmt::Result {
    match text {
        TextMatch::Exact(text) => write!(words, "={text:?}"),
        TextMatch::Prefix(text) => write!(words, "^{text:?}"),
        TextMatch::Regex(text) => write!(words, "~{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use pointsman_types::{Weight, duration::TimeDelta};

    use super::of_steps;
    use crate::{Pause, PlanStep};

    #[test]
    fn it_is_the_same_in_every_release_and_differs_with_the_steps() {
        let steps =
            [PlanStep::SetWeight(Weight::new(20)), PlanStep::Pause(Pause::of(TimeDelta::from_secs(60)))];
        // Computed apart from this code: FNV-1a of `weight 20;pause 60000000000;`.
        assert_eq!(of_steps(&steps), FIXED);
        assert_ne!(of_steps(&steps), of_steps(&steps[..1]));
        assert_ne!(of_steps(&[]), 0);
    }

    const FIXED: u64 = 0x5c0dd4f5f419e213;
}
