//! What a step of a release can and cannot detect, said before it starts.
//!
//! ```
//! use pointsman_judge::power::{PlannedStep, Target, Traffic, review, shortest_plan};
//! use pointsman_judge::sequential::Risk;
//! use pointsman_types::duration::TimeDelta;
//!
//! let traffic = Traffic::new(20.0, 0.01)?;
//! let doubling = Target::new(2.0, Risk::FIVE_PERCENT, 0.9)?;
//! let steps = [PlannedStep::new(0.05, TimeDelta::from_secs(60))?];
//! let findings = review(&steps, &traffic, &doubling);
//! assert!(findings[0].message.starts_with(
//!     "at 5 % of 20 requests a second this step cannot see a doubling of errors in a minute"
//! ));
//! let plan = shortest_plan(&[0.05, 0.2, 0.5], &traffic, &doubling)?;
//! assert!(plan[0].duration > plan[1].duration && plan[1].duration > plan[2].duration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The numbers are those of the always-valid [`Comparison`], which needs more requests than a test that is looked at
//! once. Errors are taken as rare and independent; bursts make all of it worse. Each step is looked at by itself: what a
//! judge keeps from the steps before comes on top. For a whole plan of a release see `power` of `pointsman-rollout`.

use pointsman_types::duration::TimeDelta;
use pointsman_types::{Code, Diagnostic, FieldPath};
use serde::{Deserialize, Serialize};

use crate::sequential::{Comparison, Risk};
use crate::special::normal_quantile;

/// How much traffic there is, and how much of it fails as it is.
///
/// Shape: requests a second of both versions together, above 0; the share of errors of the baseline, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    requests_per_second: f64,
    error_share: f64,
}

/// What is to be detected, and how surely.
///
/// Shape: errors that are `ratio` times the baseline's (above 1), found with probability `power` (above 0 and below 1) by
/// a judge of this risk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Target {
    ratio: f64,
    risk: Risk,
    power: f64,
}

/// A step of a release, as far as its power goes.
///
/// Shape: the canary's share of the traffic, above 0 and below 1, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedStep {
    /// The canary's share of the traffic.
    pub share: f64,
    /// For how long.
    pub duration: TimeDelta,
}

/// A number outside its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{value}` is not {wanted}")]
pub struct InvalidPower {
    value: f64,
    wanted: &'static str,
}

/// No duration is long enough.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("at a share of `{share}` no duration is long enough")]
pub struct Undetectable {
    /// The canary's share of the traffic.
    pub share: f64,
}

fn within(value: f64, low: f64, high: f64, wanted: &'static str) -> Result<f64, InvalidPower> {
    if value > low && value < high { Ok(value) } else { Err(InvalidPower { value, wanted }) }
}

impl Traffic {
    /// So many requests a second, this share of which fails in the baseline.
    ///
    /// # Errors
    /// No traffic, or no share.
    pub fn new(requests_per_second: f64, error_share: f64) -> Result<Self, InvalidPower> {
        Ok(Self {
            requests_per_second: within(requests_per_second, 0.0, 1e12, "a rate of requests above 0")?,
            error_share: within(error_share, 0.0, 1.0, "a share above 0 and below 1")?,
        })
    }

    fn requests_in(&self, duration: TimeDelta) -> f64 {
        self.requests_per_second * seconds(duration)
    }
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds to seconds")]
fn seconds(duration: TimeDelta) -> f64 {
    duration.nanos().max(0) as f64 / 1e9
}

impl PlannedStep {
    /// This share of the traffic for so long.
    ///
    /// # Errors
    /// No share above 0 and below 1.
    pub fn new(share: f64, duration: TimeDelta) -> Result<Self, InvalidPower> {
        Ok(Self { share: within(share, 0.0, 1.0, "a share above 0 and below 1")?, duration })
    }
}

impl Target {
    /// Errors that are `ratio` times the baseline's, found with probability `power` at this risk of a false alarm.
    ///
    /// # Errors
    /// A ratio that is not above 1, a power that is no probability.
    pub fn new(ratio: f64, risk: Risk, power: f64) -> Result<Self, InvalidPower> {
        Ok(Self {
            ratio: within(ratio, 1.0, 1e6, "a ratio above 1")?,
            risk,
            power: within(power, 0.0, 1.0, "a probability above 0 and below 1")?,
        })
    }

    /// How many requests of both versions together are needed at this share of the canary and these errors of the
    /// baseline; `None` when no number is enough (or more than 1e15 are needed). Errors cannot exceed all requests.
    #[must_use]
    pub fn requests(&self, share: f64, error_share: f64) -> Option<u64> {
        let found = |requests: f64| self.is_found(requests, share, error_share, self.ratio);
        let (mut low, mut high) = (0.0, 1.0);
        while !found(high) {
            (low, high) = (high, high * 2.0);
            if high > 1e15 {
                return None;
            }
        }
        while high - low > 0.5_f64.max(high * 1e-9) {
            let middle = f64::midpoint(low, high);
            if found(middle) { high = middle } else { low = middle }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1e15")]
        Some(high.ceil() as u64)
    }

    /// How long it takes at this share of the canary, in whole seconds; `None` when no time is long enough.
    #[must_use]
    pub fn duration(&self, share: f64, traffic: &Traffic) -> Option<TimeDelta> {
        let requests = self.requests(share, traffic.error_share)?;
        let seconds = (crate::histogram::to_f64(requests) / traffic.requests_per_second).ceil().max(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "too long a time becomes the longest there is")]
        Some(TimeDelta::from_secs(seconds as i64))
    }

    /// The smallest ratio that is found with these requests of both versions; `None` when not even a canary that
    /// always fails is.
    #[must_use]
    pub fn detectable_ratio(&self, requests: f64, share: f64, error_share: f64) -> Option<f64> {
        let found = |ratio: f64| self.is_found(requests, share, error_share, ratio);
        let (mut low, mut high) = (1.0, 1.0 / error_share);
        if !found(high) {
            return None;
        }
        while high - low > 1e-6 * high {
            let middle = f64::midpoint(low, high);
            if found(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }

    /// Whether the judge's evidence reaches its bar even where chance is against it, as far as `power` says.
    fn is_found(&self, requests: f64, share: f64, error_share: f64, ratio: f64) -> bool {
        let ratio = ratio.min(1.0 / error_share);
        let canary = requests * share * error_share * ratio;
        let baseline = requests * (1.0 - share) * error_share;
        if !(canary.is_finite() && baseline.is_finite()) {
            return false;
        }
        // What one hit adds on each side at the true ratio; the least favourable counts lie against it.
        let normal = (share * (ratio - 1.0)).ln_1p();
        let (on_canary, on_baseline) = (ratio.ln() - normal, -normal);
        let deviation = (on_canary * on_canary * canary + on_baseline * on_baseline * baseline).sqrt();
        if deviation <= 0.0 {
            return false;
        }
        let against = normal_quantile(self.power) / deviation;
        let unlucky = |mean: f64, adds: f64| (mean - against * adds * mean).max(0.0);
        let (canary, baseline) = (unlucky(canary, on_canary), unlucky(baseline, on_baseline));
        Comparison::new(self.risk).ln_e_worse_at(share, canary, baseline) >= -self.risk.get().ln()
    }
}

/// What is wrong with the steps of a plan: those that cannot see what they should. `path` of a finding is `steps[i]`.
///
/// | code | |
/// |---|---|
/// | PM0620 | the step is too short to see the regression |
/// | PM0621 | the step sees nothing, however bad the canary is |
#[must_use]
pub fn review(steps: &[PlannedStep], traffic: &Traffic, target: &Target) -> Vec<Diagnostic> {
    let findings = steps.iter().enumerate().filter_map(|(index, step)| {
        Some(weakness(step, traffic, target)?.at(FieldPath::root().field("steps").index(index)))
    });
    findings.collect()
}

/// What is wrong with one step, without its place: the codes of [`review`]. `None` where it sees what it should.
#[must_use]
pub fn weakness(step: &PlannedStep, traffic: &Traffic, target: &Target) -> Option<Diagnostic> {
    let requests = traffic.requests_in(step.duration);
    let sees = target.detectable_ratio(requests, step.share, traffic.error_share);
    let is_seen = sees.is_some_and(|ratio| ratio <= target.ratio * (1.0 + 1e-6));
    (!is_seen).then(|| too_weak(step, traffic, target, sees))
}

fn too_weak(step: &PlannedStep, traffic: &Traffic, target: &Target, sees: Option<f64>) -> Diagnostic {
    let start = format!(
        "at {} % of {} requests a second this step cannot see {} of errors in {}",
        rounded(step.share * 100.0),
        rounded(traffic.requests_per_second),
        name_of(target.ratio),
        in_words(step.duration),
    );
    let help = match target.duration(step.share, traffic) {
        Some(duration) => format!("stay for {} or give the canary more traffic", in_words(duration)),
        None => "give the canary more traffic".to_owned(),
    };
    match sees {
        Some(ratio) => {
            let message = format!("{start}: it sees {} and worse", name_of((ratio * 10.0).ceil() / 10.0));
            Diagnostic::warning(Code::from_static("PM0620"), message).with_help(help)
        }
        None => {
            let message = format!("{start}: it does not even see a canary that always fails");
            Diagnostic::warning(Code::from_static("PM0621"), message).with_help(help)
        }
    }
}

fn name_of(ratio: f64) -> String {
    if (ratio - 2.0).abs() < 1e-9 {
        "a doubling".to_owned()
    } else if (ratio - 3.0).abs() < 1e-9 {
        "a tripling".to_owned()
    } else {
        format!("a {}-fold rise", rounded(ratio))
    }
}

/// `a minute`, `90 seconds`; what is no round number as Go writes it.
fn in_words(length: TimeDelta) -> String {
    const UNITS: [(&str, &str, i64); 3] =
        [("an hour", "hours", 3_600), ("a minute", "minutes", 60), ("a second", "seconds", 1)];
    let seconds = length.secs();
    if length.nanos() <= 0 || TimeDelta::from_secs(seconds) != length {
        return length.to_string();
    }
    match UNITS.iter().find(|(_, _, unit)| seconds % unit == 0) {
        Some((one, _, unit)) if seconds == *unit => (*one).to_owned(),
        Some((_, several, unit)) if seconds / unit < 120 => format!("{} {several}", seconds / unit),
        _ => length.to_string(),
    }
}

/// At most three digits after the point.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// The shortest plan over these shares each of whose steps can see the regression by itself.
///
/// # Errors
/// A share at which no duration is long enough, or that is none.
pub fn shortest_plan(
    shares: &[f64],
    traffic: &Traffic,
    target: &Target,
) -> Result<Vec<PlannedStep>, Undetectable> {
    let step = |share: &f64| {
        let undetectable = Undetectable { share: *share };
        let duration = target.duration(*share, traffic).ok_or(undetectable)?;
        PlannedStep::new(*share, duration).map_err(|_| undetectable)
    };
    shares.iter().map(step).collect()
}

/// How many requests a side a usual test needs that is looked at once: two-sided at `risk`, finding `canary` errors
/// against `baseline` ones with probability `power`; both sides of one size. For comparison: what judges of
/// [`crate::sequential`] need more is the price of looking whenever one likes.
///
/// `None` when both shares are equal or one is no share.
///
/// Source: the normal approximation without continuity correction, as in any textbook.
#[must_use]
pub fn fixed_sample_size(baseline: f64, canary: f64, risk: Risk, power: f64) -> Option<f64> {
    let is_share = |share: f64| share > 0.0 && share < 1.0;
    if !is_share(baseline)
        || !is_share(canary)
        || !is_share(power)
        || (baseline - canary).abs() < f64::EPSILON
    {
        return None;
    }
    let spread = |share: f64| share * (1.0 - share);
    let mean = f64::midpoint(baseline, canary);
    let z = -normal_quantile(risk.get() / 2.0) * (2.0 * spread(mean)).sqrt()
        + normal_quantile(power) * (spread(baseline) + spread(canary)).sqrt();
    Some((z / (canary - baseline)).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(ratio: f64) -> Target {
        Target::new(ratio, Risk::FIVE_PERCENT, 0.9).unwrap()
    }

    #[test]
    fn more_of_anything_is_seen_sooner() {
        let needed = |ratio, share, errors| target(ratio).requests(share, errors).unwrap();
        assert!(needed(2.0, 0.05, 0.01) > needed(2.0, 0.2, 0.01));
        assert!(needed(2.0, 0.2, 0.01) > needed(3.0, 0.2, 0.01));
        assert!(needed(2.0, 0.2, 0.01) > needed(2.0, 0.2, 0.1));
        let requests = crate::histogram::to_f64(needed(2.0, 0.2, 0.01));
        let seen = target(2.0).detectable_ratio(requests, 0.2, 0.01).unwrap();
        assert!((seen - 2.0).abs() < 0.01, "{seen}");
    }

    #[test]
    fn looking_often_costs_more_than_looking_once() {
        let once = fixed_sample_size(0.02, 0.04, Risk::FIVE_PERCENT, 0.9).unwrap();
        let often = crate::histogram::to_f64(target(2.0).requests(0.5, 0.02).unwrap()) / 2.0;
        assert!(often > once && often < 2.5 * once, "{often} {once}");
        assert_eq!(fixed_sample_size(0.02, 0.02, Risk::FIVE_PERCENT, 0.9), None);
    }

    #[test]
    fn a_step_that_is_long_enough_is_not_found() {
        let traffic = Traffic::new(200.0, 0.02).unwrap();
        let plan = shortest_plan(&[0.05, 0.5], &traffic, &target(2.0)).unwrap();
        assert_eq!(review(&plan, &traffic, &target(2.0)), []);
        let short = PlannedStep { duration: TimeDelta::from_secs(1), ..plan[0] };
        let none = PlannedStep { duration: TimeDelta::ZERO, ..plan[1] };
        let findings = review(&[plan[1], short, none], &traffic, &target(2.0));
        let codes: Vec<_> = findings.iter().map(|f| (f.code.as_str(), f.path.to_string())).collect();
        assert_eq!(codes, [("PM0620", "steps[1]".into()), ("PM0621", "steps[2]".into())]);
        assert!(findings[0].help.starts_with("stay for "), "{}", findings[0].help);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(Target::new(1.0, Risk::FIVE_PERCENT, 0.9).is_err());
        assert!(Target::new(f64::NAN, Risk::FIVE_PERCENT, 0.9).is_err());
        assert!(Traffic::new(0.0, 0.1).is_err() && Traffic::new(1.0, 1.0).is_err());
        assert!(PlannedStep::new(1.5, TimeDelta::ZERO).is_err());
        assert_eq!(target(2.0).requests(1e-300, 0.01), None);
        assert!(shortest_plan(&[2.0], &Traffic::new(1.0, 0.01).unwrap(), &target(2.0)).is_err());
    }
}
