//! Seeded choices.

use pointsman_types::SplitMix64;

/// Seeded choices for generators.
#[derive(Debug, Clone)]
pub struct Dice(SplitMix64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// Any number.
    pub const fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below the bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    #[expect(clippy::indexing_slicing, reason = "below the length; callers give no empty lists")]
    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A text of these.
    pub fn text(&mut self, items: &[&str]) -> String {
        (*self.one_of(items)).to_owned()
    }
}
