//! The contract of every judge.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Evidence, Verdict};

/// A rule that turns evidence into a verdict, tick by tick.
///
/// Shape: a judge holds the rule and nothing else; what it has seen is in its state, which the caller keeps between ticks,
/// in JSON if need be. A state is sums: its size and the cost of an update do not depend on how much was seen.
/// `State::default()` is that of a judge who has seen nothing. The state of one rule means nothing to another: with the
/// rule changed, begin anew. Serialised it carries the number of its layout, `schema`: another number, or sums over other
/// sizes than this release has, are refused while it is read; without a number it is of layout 1.
///
/// ```
/// use pointsman_judge::{Evidence, Judge, Tally, Threshold, Verdict};
/// let judge = Threshold::max_error_share(0.01)?;
/// let evidence = Evidence::new(Tally::new(1_000, 25));
/// let (_state, verdict) = judge.update(&Default::default(), &evidence);
/// assert_eq!(verdict, Verdict::Fail);
/// # Ok::<(), pointsman_judge::InvalidThreshold>(())
/// ```
pub trait Judge {
    /// What it remembers.
    type State: Clone + Default + Serialize + DeserializeOwned;

    /// Takes one tick in and says what holds now. The old state is left as it was.
    #[must_use]
    fn update(&self, state: &Self::State, evidence: &Evidence) -> (Self::State, Verdict);
}
