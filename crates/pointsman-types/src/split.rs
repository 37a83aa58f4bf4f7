//! How traffic is shared among named destinations.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::Weight;

/// How traffic is shared among named destinations, mostly versions: 80 parts to `v1`, 20 to `v2`.
///
/// Shape: at least one destination, names not empty and each once, the sum of weights from 1 to `u32::MAX`. The order of
/// destinations is kept: it decides which draw goes where, as in Envoy. A destination of weight 0 is never chosen.
///
/// ```
/// use pointsman_types::{Split, Weight};
/// let split = Split::new([("v1", Weight::new(0)), ("v2", Weight::new(100))])?;
/// assert!((0..1_000).all(|draw| split.pick(draw) == "v2"));
/// assert_eq!(split.share("v2"), (100, 100));
/// # Ok::<(), pointsman_types::InvalidSplit>(())
/// ```
///
/// Source: weighted clusters of Envoy: `draw % sum`, destinations occupy consecutive ranges in their order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Split {
    parts: Vec<(String, Weight)>,
}

/// Weights that do not make a split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSplit {
    /// No destination at all.
    #[error("a split needs at least one destination")]
    Empty,
    /// A destination without a name.
    #[error("a destination of a split needs a name")]
    Unnamed,
    /// One destination stands twice.
    #[error("the destination `{name}` stands twice in one split")]
    Duplicate {
        /// Its name.
        name: String,
    },
    /// Nobody would get traffic.
    #[error("all weights of the split are 0: at least one must be above")]
    ZeroTotal,
    /// More than Envoy takes.
    #[error("the weights add up to more than 4294967295")]
    TotalTooLarge,
}

impl Split {
    /// A checked split, in the order given.
    ///
    /// # Errors
    /// See [`InvalidSplit`].
    pub fn new<N: Into<String>>(parts: impl IntoIterator<Item = (N, Weight)>) -> Result<Self, InvalidSplit> {
        let parts: Vec<(String, Weight)> =
            parts.into_iter().map(|(name, weight)| (name.into(), weight)).collect();
        let mut total: u32 = 0;
        for (position, (name, weight)) in parts.iter().enumerate() {
            if name.is_empty() {
                return Err(InvalidSplit::Unnamed);
            }
            if parts.iter().take(position).any(|(other, _)| other == name) {
                return Err(InvalidSplit::Duplicate { name: name.clone() });
            }
            total = total.checked_add(weight.value()).ok_or(InvalidSplit::TotalTooLarge)?;
        }
        match (parts.is_empty(), total) {
            (true, _) => Err(InvalidSplit::Empty),
            (false, 0) => Err(InvalidSplit::ZeroTotal),
            _ => Ok(Self { parts }),
        }
    }

    /// All traffic to one destination.
    ///
    /// # Errors
    /// An empty name.
    pub fn all_to(name: impl Into<String>) -> Result<Self, InvalidSplit> {
        Self::new([(name, Weight::new(100))])
    }

    /// Destinations and weights, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Weight)> {
        self.parts.iter().map(|(name, weight)| (name.as_str(), *weight))
    }

    /// How many destinations, those of weight 0 included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a split is never empty")]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// The sum of the weights, at least 1.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.parts.iter().map(|(_, weight)| weight.value()).sum()
    }

    /// The weight of a destination; 0 for one that is not in the split.
    #[must_use]
    pub fn weight(&self, name: &str) -> Weight {
        self.iter().find(|(other, _)| *other == name).map_or(Weight::ZERO, |(_, weight)| weight)
    }

    /// The exact share of a destination: so many parts of so many.
    #[must_use]
    pub fn share(&self, name: &str) -> (u32, u32) {
        (self.weight(name).value(), self.total())
    }

    /// The destination that this random number chooses. O(destinations).
    #[must_use]
    pub fn pick(&self, draw: u64) -> &str {
        let mut left = draw % u64::from(self.total().max(1));
        for (name, weight) in self.iter() {
            let weight = u64::from(weight.value());
            if left < weight {
                return name;
            }
            left -= weight;
        }
        // The remainder is below the sum, so the loop has returned; a split is never empty either.
        self.parts.last().map_or("", |(name, _)| name)
    }
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts: Vec<(String, Weight)> = Vec::deserialize(deserializer)?;
        Self::new(parts).map_err(D::Error::custom)
    }
}

impl std::fmt::Display for Split {
    /// `v1:80 v2:20`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, (name, weight)) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{name}:{weight}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cycle_of_draws_gives_the_exact_shares() {
        let split = Split::new([("a", 3.into()), ("b", 0.into()), ("c", 4.into())]).expect("valid");
        let picked: String = (0..7).map(|draw| split.pick(draw)).collect();
        assert_eq!(picked, "aaacccc");
        assert_eq!(split.pick(u64::MAX), split.pick(u64::MAX % 7));
    }

    #[test]
    fn what_is_no_split_is_refused() {
        let none: [(&str, Weight); 0] = [];
        assert_eq!(Split::new(none), Err(InvalidSplit::Empty));
        assert_eq!(Split::new([("a", Weight::ZERO)]), Err(InvalidSplit::ZeroTotal));
        assert_eq!(Split::new([("", Weight::new(1))]), Err(InvalidSplit::Unnamed));
        assert_eq!(
            Split::new([("a", Weight::new(1)), ("a", Weight::new(1))]),
            Err(InvalidSplit::Duplicate { name: "a".into() })
        );
        assert_eq!(
            Split::new([("a", Weight::new(u32::MAX)), ("b", Weight::new(1))]),
            Err(InvalidSplit::TotalTooLarge)
        );
        assert!(serde_json::from_str::<Split>(r#"[["a",0]]"#).is_err());
    }
}
