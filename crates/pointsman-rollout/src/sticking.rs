//! How many users end where.

use pointsman_types::Weight;

use crate::{Keeps, Plan, PlanStep};

/// How users come back.
///
/// Shape: `share` is between 0 and 1, other numbers count as the nearer of the two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visits {
    /// The part of all users who come during one step.
    pub share: f64,
    /// How many requests each of them makes then, at least one.
    pub each: u32,
}

/// What one step makes of the users.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Stuck {
    /// The weight of the step.
    pub weight: Weight,
    /// The part of all users whose mark sends them to the canary at its end.
    pub users: f64,
    /// The part of the requests in it that the canary gets.
    pub requests: f64,
}

/// The expected share of users who stick to the canary, step by step.
///
/// Each step has a weight out of `total`; in each the same part of the users comes back, whoever they are. With
/// [`Keeps::Both`] those who came are with the canary just as often as the weight says: what they saw before does not matter. With
/// [`Keeps::Canary`] every request of a user without a mark is dealt anew, so the share drifts up; how far is what this tells.
///
/// Marks are taken not to run out. A weight that falls begins a new deal, for those who come.
///
/// ```
/// use pointsman_rollout::{Keeps, Visits, sticking};
/// use pointsman_types::Weight;
/// let busy = Visits { share: 1.0, each: 20 };
/// let at_five = |keeps| sticking(keeps, &[Weight::new(5)], Weight::new(100), busy)[0];
/// assert_eq!((at_five(Keeps::Canary).users * 100.0).round(), 64.0);
/// assert_eq!((at_five(Keeps::Both).users * 100.0).round(), 5.0);
/// ```
#[must_use]
pub fn sticking(keeps: Keeps, weights: &[Weight], total: Weight, visits: Visits) -> Vec<Stuck> {
    let come = visits.share.clamp(0.0, 1.0);
    let each = visits.each.max(1);
    // With a mark that still counts, of those who were dealt at the present weight or a lower one.
    let (mut users, mut before) = (0.0_f64, 0.0_f64);
    weights
        .iter()
        .map(|weight| {
            let part = if total.is_zero() {
                0.0
            } else {
                f64::from(weight.value().min(total.value())) / f64::from(total.value())
            };
            // In a new deal no old mark counts.
            let held = if part < before { 0.0 } else { users };
            let (there, requests) = match keeps {
                Keeps::Both => (part, part),
                Keeps::Canary => drifted(held, part, each),
            };
            let absent = if part < before { 0.0 } else { users };
            users = come * there + (1.0 - come) * absent;
            before = part;
            Stuck { weight: *weight, users, requests }
        })
        .collect()
}

/// Of users of whom `held` are marked: how many are after so many requests, and how many of the requests the canary got.
fn drifted(held: f64, part: f64, each: u32) -> (f64, f64) {
    let mut unmarked = 1.0 - held;
    let mut on_canary = 0.0;
    for _ in 0..each.min(MOST_REQUESTS) {
        unmarked *= 1.0 - part;
        on_canary += 1.0 - unmarked;
    }
    (1.0 - unmarked, on_canary / f64::from(each.min(MOST_REQUESTS)))
}

/// After so many requests of one user nothing moves that could be seen.
const MOST_REQUESTS: u32 = 100_000;

impl Plan {
    /// The weights that its steps pass, in order; see [`sticking`].
    #[must_use]
    pub fn weights(&self) -> Vec<Weight> {
        let weight =
            |step: &PlanStep| if let PlanStep::SetWeight(weight) = step { Some(*weight) } else { None };
        self.steps().iter().filter_map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use pointsman_types::{SplitMix64, Weight};

    use super::{Visits, sticking};
    use crate::{Keeps, Pins, Sticky, Version};

    const TOTAL: Weight = Weight::new(100);

    /// Users who come and are dealt by the rules themselves.
    fn simulated(keeps: Keeps, weights: &[Weight], visits: Visits) -> Vec<f64> {
        const USERS: usize = 20_000;
        let [v1, v2] = ["v1", "v2"].map(Version::from_static);
        let mut dice = SplitMix64::new(7);
        // Where each user is, and the weight at which they were dealt.
        let mut users: Vec<Option<(Version, u32)>> = vec![None; USERS];
        let mut seen = Vec::new();
        for step in 1..=weights.len() {
            let sticky = Sticky::by_cookie("v").with_keeps(keeps);
            let pins = Pins::new(sticky, v1.clone(), v2.clone(), 1, weights[..step].iter().copied());
            let now = pins.weight();
            let rules = pins.rules(TOTAL);
            for user in &mut users {
                if dice.below(1_000) >= (visits.share * 1_000.0) as u64 {
                    continue;
                }
                for _ in 0..visits.each {
                    let rule = user.as_ref().and_then(|(version, at)| {
                        let name = if *version == v2 { "canary".into() } else { format!("stable-{at}") };
                        rules.iter().find(|rule| rule.name == name)
                    });
                    let split = vec![(v1.clone(), Weight::new(100 - now.value())), (v2.clone(), now)];
                    let shares = rule.map_or(&split, |rule| &rule.shares);
                    let sum: u32 = shares.iter().map(|(_, weight)| weight.value()).sum();
                    let mut draw = u32::try_from(dice.below(sum.into())).expect("below a u32");
                    let chosen = shares.iter().find(|(_, weight)| {
                        let hit = draw < weight.value();
                        draw = draw.saturating_sub(weight.value());
                        hit
                    });
                    let version = chosen.map(|(version, _)| version.clone()).expect("one is chosen");
                    *user = (version == v2 || keeps == Keeps::Both).then_some((version, now.value()));
                }
            }
            let there = users.iter().flatten().filter(|(version, _)| *version == v2).count();
            seen.push(there as f64 / USERS as f64);
        }
        seen
    }

    #[test]
    fn the_formula_says_what_the_rules_do() {
        let weights = [5, 20, 50].map(Weight::new);
        for keeps in [Keeps::Both, Keeps::Canary] {
            for visits in [Visits { share: 1.0, each: 1 }, Visits { share: 0.5, each: 4 }] {
                let told = sticking(keeps, &weights, TOTAL, visits);
                for (told, seen) in told.iter().zip(simulated(keeps, &weights, visits)) {
                    assert!((told.users - seen).abs() < 0.015, "{keeps:?} {visits:?}: {told:?}, seen {seen}");
                }
            }
        }
    }

    #[test]
    fn only_the_canarys_users_kept_makes_it_drift() {
        let weights = [5, 5, 5].map(Weight::new);
        let visits = Visits { share: 1.0, each: 20 };
        let users = |keeps| -> Vec<i64> {
            sticking(keeps, &weights, TOTAL, visits)
                .iter()
                .map(|s| (s.users * 100.0).round() as i64)
                .collect()
        };
        assert_eq!(users(Keeps::Canary), [64, 87, 95]);
        assert_eq!(users(Keeps::Both), [5, 5, 5]);
    }

    #[test]
    fn a_weight_that_falls_deals_anew() {
        let weights = [60, 20].map(Weight::new);
        let told = sticking(Keeps::Both, &weights, TOTAL, Visits { share: 0.5, each: 1 });
        assert_eq!(told[1].users, 0.1, "half of all came, the marks of the others do not count any more");
    }
}
