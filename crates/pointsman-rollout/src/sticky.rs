//! Users who stay with the version that they met.

use pointsman_types::duration::TimeDelta;
use serde::{Deserialize, Serialize};

/// Users stay with the version that they met while a release shares the traffic: a mark that the answer gives and the next
/// request brings back decides, and only requests without a mark are dealt by the weights.
///
/// Shape: the name is a token of HTTP (letters, digits, `-`, `_`, `.` and the like). It needs a route, and a strategy that shares
/// the traffic: [`Canary`](crate::Canary), [`Increments`](crate::Increments) or [`Manual`](crate::Manual).
///
/// # Drift
///
/// Marking only those who met the canary makes the share of users there grow by itself: whoever comes back without a mark is dealt
/// again, and again, until the canary has them. At a weight of 5, after 20 requests, 64 of 100 users are there.
/// [`Keeps::Both`] marks those who met stable too, with the weight at which they were dealt; when the weight grows from `a` to `b`
/// out of `t`, a user who was dealt at `a` goes over with probability `(b - a) / (t - a)`, so that exactly `b` of `t` are there.
/// [`sticking`](crate::sticking) computes both.
///
/// ```
/// use pointsman_rollout::{PlanSpec, Sticky, explain};
/// let plan = PlanSpec::manual("reviews").with_sticky(Sticky::by_cookie("reviews-version")).build()?;
/// assert!(explain(&plan).contains("users stay with the version that they met, by cookie `reviews-version` for 24h0m0s;"));
/// # Ok::<(), pointsman_rollout::InvalidPlan>(())
/// ```
///
/// Source: `sessionAffinity` of Flagger at 15bd6ad, which has no such choice: its second cookie makes users of stable wait one
/// interval before they are dealt again at the whole weight, so it drifts too, more slowly (fluxcd/flagger#1532).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Sticky {
    /// What carries the mark.
    pub by: Carrier,
    /// The name of the cookie or header.
    pub name: String,
    /// The name for users of stable, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable_name: Option<String>,
    /// Further attributes of a cookie: `Secure`, `Domain=example.com`. Its `Path` is `/` unless one of them says another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Who stays. Default: both.
    #[serde(default)]
    pub keeps: Keeps,
}

/// What carries the mark of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Carrier {
    /// A cookie that lasts so long after the user was dealt.
    Cookie {
        /// Whole seconds, at least one.
        max_age: TimeDelta,
    },
    /// A header of the answer that the client, or a program before it, repeats in its requests.
    Header,
}

/// Who stays with the version that they met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Keeps {
    /// Users of both versions: the share of users is the weight.
    #[default]
    Both,
    /// Users of the canary only: their share grows with every visit of the others.
    Canary,
}

impl Sticky {
    /// How long a cookie lasts unless said.
    pub const DAY: TimeDelta = TimeDelta::from_secs(86_400);

    /// By a cookie of that name that lasts a day.
    pub fn by_cookie(name: impl Into<String>) -> Self {
        Self::new(Carrier::Cookie { max_age: Self::DAY }, name.into())
    }

    /// By a header of that name, which clients repeat.
    pub fn by_header(name: impl Into<String>) -> Self {
        Self::new(Carrier::Header, name.into().to_ascii_lowercase())
    }

    const fn new(by: Carrier, name: String) -> Self {
        Self { by, name, stable_name: None, attributes: Vec::new(), keeps: Keeps::Both }
    }

    /// With a cookie that lasts so long; a header has no age.
    #[must_use]
    pub fn with_max_age(mut self, age: TimeDelta) -> Self {
        if let Carrier::Cookie { max_age } = &mut self.by {
            *max_age = age;
        }
        self
    }

    /// With another name for users of stable.
    #[must_use]
    pub fn with_stable_name(mut self, name: impl Into<String>) -> Self {
        self.stable_name = Some(name.into());
        self
    }

    /// With a further attribute of the cookie.
    #[must_use]
    pub fn with_attribute(mut self, attribute: impl Into<String>) -> Self {
        self.attributes.push(attribute.into());
        self
    }

    /// Keeping only these.
    #[must_use]
    pub fn with_keeps(mut self, keeps: Keeps) -> Self {
        self.keeps = keeps;
        self
    }

    /// The name that users of stable have.
    #[must_use]
    pub fn name_of_stable(&self) -> &str {
        self.stable_name.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in [Some(&self.name), self.stable_name.as_ref()].into_iter().flatten() {
            if !is_token(name) {
                found.push(format!("`{name}` cannot name a cookie or header"));
            }
        }
        let breaks_out =
            |text: &&String| text.is_empty() || text.contains([';', ',']) || text.contains(char::is_control);
        if let Some(attribute) = self.attributes.iter().find(breaks_out) {
            found.push(format!("`{attribute}` is no attribute of a cookie"));
        }
        if let Carrier::Cookie { max_age } = self.by
            && (max_age < TimeDelta::from_secs(1) || max_age.nanos() % 1_000_000_000 != 0)
        {
            found.push(format!("a cookie cannot last `{max_age}`: it lasts whole seconds, at least one"));
        }
        found
    }
}

/// A token of HTTP, as names of headers and cookies are.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
