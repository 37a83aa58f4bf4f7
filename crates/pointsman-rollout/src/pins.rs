//! Which requests of a shared route are not dealt by the weights.

use pointsman_types::Weight;
use serde::{Deserialize, Serialize};

use crate::goal::Goal;
use crate::{Carrier, Keeps, Plan, RequestMatch, State, Status, Sticky, TextMatch, Version};

/// Which users stay where they are while a route shares the traffic, and what marks them.
///
/// Shape: `weights` grow, the last is the canary's present share; where there is none the marks are taken away. A weight that falls
/// begins a new deal, in which all users are dealt anew: so never more of them are with the canary than its weight says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Pins {
    /// How users are marked.
    pub sticky: Sticky,
    /// The version that serves.
    pub stable: Version,
    /// The version that is released.
    pub canary: Version,
    /// Tells the marks of this deal from older ones: the change of the route with which it began.
    pub deal: u64,
    /// The canary's shares since the deal began.
    pub weights: Vec<Weight>,
}

/// A rule for marked requests, to stand before the split.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Pin {
    /// What it is called: `canary`, or `stable-20` for users who were dealt at 20.
    pub name: String,
    /// Which requests.
    pub matches: RequestMatch,
    /// How they are shared; no share is 0.
    pub shares: Vec<(Version, Weight)>,
}

impl Pins {
    /// The canary's share at present; zero where nobody is marked any more.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.weights.last().copied().unwrap_or(Weight::ZERO)
    }

    /// Whether users are marked at present.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.weights.is_empty()
    }

    /// The rules for marked requests in a split of that total, the first has precedence.
    ///
    /// Users of the canary stay there. Users of stable who were dealt at an earlier weight go over just so often that the whole comes to the
    /// present one.
    ///
    /// ```
    /// use pointsman_rollout::{Pins, Sticky, Version};
    /// use pointsman_types::Weight;
    /// let [v1, v2] = ["v1", "v2"].map(Version::from_static);
    /// let pins = Pins::new(Sticky::by_header("x-version"), v1, v2, 3, [20, 60].map(Weight::new));
    /// let rules = pins.rules(Weight::new(100));
    /// let words: Vec<String> = rules
    ///     .iter()
    ///     .map(|pin| format!("{}: {}", pin.name, pin.shares.iter().map(|(v, w)| format!("{v} {w} ")).collect::<String>()))
    ///     .collect();
    /// // 20 were there, 40 of the other 80 go over.
    /// assert_eq!(words, ["canary: v2 60 ", "stable-20: v1 40 v2 40 ", "stable-60: v1 40 "]);
    /// ```
    #[must_use]
    pub fn rules(&self, total: Weight) -> Vec<Pin> {
        if !self.is_on() {
            return Vec::new();
        }
        let (now, all) = (self.weight(), total.value());
        let canary = Pin {
            name: "canary".into(),
            matches: self.matching(&self.sticky.name, &self.canary_mark()),
            shares: vec![(self.canary.clone(), now)],
        };
        let stable = |dealt_at: &Weight| {
            let stays = (self.stable.clone(), Weight::new(all.saturating_sub(now.value())));
            let goes = Weight::new(now.value().saturating_sub(dealt_at.value()));
            let shares = [stays, (self.canary.clone(), goes)];
            Pin {
                name: format!("stable-{dealt_at}"),
                matches: self.matching(self.sticky.name_of_stable(), &self.stable_mark(*dealt_at)),
                shares: shares.into_iter().filter(|(_, share)| !share.is_zero()).collect(),
            }
        };
        let kept = if self.sticky.keeps == Keeps::Both { self.weights.as_slice() } else { &[] };
        std::iter::once(canary).chain(kept.iter().map(stable)).collect()
    }

    /// The header that an answer of this version carries, with its value; `None` for a version whose users are not marked.
    #[must_use]
    pub fn mark(&self, version: &Version) -> Option<(&str, String)> {
        let (name, mark) = if !self.is_on() {
            return None;
        } else if *version == self.canary {
            (self.sticky.name.as_str(), self.canary_mark())
        } else if *version == self.stable && self.sticky.keeps == Keeps::Both {
            (self.sticky.name_of_stable(), self.stable_mark(self.weight()))
        } else {
            return None;
        };
        Some(match self.sticky.by {
            Carrier::Cookie { max_age } => {
                let mut cookie = format!("{name}={mark}");
                let attributes = &self.sticky.attributes;
                let says_path = |text: &String| text.to_ascii_lowercase().starts_with("path=");
                let path = (!attributes.iter().any(says_path)).then_some("Path=/");
                for attribute in path.into_iter().chain(attributes.iter().map(String::as_str)) {
                    cookie = format!("{cookie}; {attribute}");
                }
                ("set-cookie", format!("{cookie}; Max-Age={}", max_age.secs()))
            }
            Carrier::Header => (name, mark),
        })
    }

    fn canary_mark(&self) -> String {
        format!("{}~{}", self.canary, self.deal)
    }

    fn stable_mark(&self, dealt_at: Weight) -> String {
        format!("{}~{}~{dealt_at}", self.stable, self.deal)
    }

    fn matching(&self, name: &str, mark: &str) -> RequestMatch {
        match self.sticky.by {
            Carrier::Cookie { .. } => RequestMatch::default().with_cookie(name, mark),
            Carrier::Header => RequestMatch::default().with_header(name, TextMatch::Exact(mark.into())),
        }
    }

    /// The pins of a release, as a caller that has no rollout would write them down.
    pub fn new(
        sticky: Sticky,
        stable: Version,
        canary: Version,
        deal: u64,
        weights: impl IntoIterator<Item = Weight>,
    ) -> Self {
        Self { sticky, stable, canary, deal, weights: weights.into_iter().collect() }
    }

    pub(crate) fn taken_away(&self) -> Self {
        Self { weights: Vec::new(), ..self.clone() }
    }
}

/// Who shall stay, given these shares: nobody where one version has everything, and nobody after an abort.
pub(crate) fn wanted(plan: &Plan, status: &Status, goal: &Goal) -> Option<Pins> {
    let sticky = plan.spec().sticky.as_ref()?;
    let update = status.state.update().filter(|_| !matches!(status.state, State::Aborted(_)))?;
    let has = |version: &Version| goal.shares.iter().find(|(v, _)| v == version).map(|(_, weight)| *weight);
    let weight = has(&update.canary).filter(|weight| !weight.is_zero())?;
    has(&update.stable).filter(|weight| !weight.is_zero())?;
    let new = || {
        let deal = status.route.change + 1;
        Pins::new(sticky.clone(), update.stable.clone(), update.canary.clone(), deal, [weight])
    };
    let same_deal = |old: &&Pins| {
        old.sticky == *sticky && old.stable == update.stable && old.canary == update.canary && old.is_on()
    };
    let Some(old) = status.route.pins.as_deref().filter(same_deal) else { return Some(new()) };
    match weight.cmp(&old.weight()) {
        std::cmp::Ordering::Less => Some(new()),
        std::cmp::Ordering::Equal => Some(old.clone()),
        std::cmp::Ordering::Greater => {
            let mut pins = old.clone();
            pins.weights.push(weight);
            Some(pins)
        }
    }
}
