//! A limit within the last so many ticks.

use std::collections::VecDeque;

/// A limit within the last so many ticks.
///
/// Shape: what is taken at tick `t` comes back at `t + ticks`. Ticks that go back count as the latest one. Each call takes O(1) on
/// average; memory is at most one entry a tick.
///
/// ```
/// use pointsman_policy::quota::RollingWindow;
/// let mut window = RollingWindow::new(5, 3);
/// assert!(window.take(4, 1) && !window.take(2, 2));
/// assert!(window.take(2, 4)); // the four of tick 1 are back
/// assert_eq!(window.available(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollingWindow {
    ticks: i64,
    available: i64,
    taken: VecDeque<Taken>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taken {
    tick: i64,
    amount: i64,
}

impl RollingWindow {
    /// With that limit in that many ticks; at least one.
    #[must_use]
    pub fn new(limit: i64, ticks: i64) -> Self {
        Self { ticks: ticks.max(1), available: limit, taken: VecDeque::new() }
    }

    /// Takes an amount if there is so much; answers whether.
    pub fn take(&mut self, amount: i64, tick: i64) -> bool {
        self.give_back_until(tick);
        if amount > self.available {
            return false;
        }
        if amount <= 0 {
            return true;
        }
        self.available -= amount;
        match self.taken.back_mut() {
            Some(last) if last.tick >= tick => last.amount = last.amount.saturating_add(amount),
            _ => self.taken.push_back(Taken { tick, amount }),
        }
        true
    }

    /// Gives back up to an amount of what was taken last; answers how much it was.
    pub fn release(&mut self, amount: i64, tick: i64) -> i64 {
        self.give_back_until(tick);
        let mut left = amount.max(0);
        while left > 0 {
            let Some(last) = self.taken.back_mut() else { break };
            let part = last.amount.min(left);
            last.amount -= part;
            left -= part;
            if last.amount == 0 {
                self.taken.pop_back();
            }
        }
        let released = amount.max(0) - left;
        self.available += released;
        released
    }

    /// How much there is, as of the last call.
    #[must_use]
    pub const fn available(&self) -> i64 {
        self.available
    }

    /// Whether nothing is taken at that tick.
    pub fn is_idle(&mut self, tick: i64) -> bool {
        self.give_back_until(tick);
        self.taken.is_empty()
    }

    fn give_back_until(&mut self, tick: i64) {
        while let Some(first) = self.taken.front()
            && first.tick.saturating_add(self.ticks) <= tick
        {
            self.available += first.amount;
            self.taken.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_when_its_tick_leaves_the_window() {
        let mut window = RollingWindow::new(5, 3);
        assert!(!window.take(6, 0) && window.take(3, 0) && window.take(2, 2));
        assert!(!window.take(1, 2));
        assert!(window.take(3, 3) && !window.take(1, 4));
        assert!(window.take(2, 5));
    }

    #[test]
    fn the_latest_is_given_back_first_and_no_more_than_was_taken() {
        let mut window = RollingWindow::new(5, 3);
        assert!(window.take(2, 0) && window.take(2, 1));
        assert_eq!(window.release(3, 1), 3);
        assert_eq!((window.release(9, 2), window.available()), (1, 5));
        assert_eq!((window.release(-4, 2), window.release(i64::MAX, 2)), (0, 0));
    }

    #[test]
    fn ticks_that_go_back_do_no_harm() {
        let mut window = RollingWindow::new(5, 3);
        assert!(window.take(2, 10) && window.take(2, 4));
        assert!(!window.take(2, 12));
        assert!(window.take(5, 13) && window.is_idle(i64::MAX));
    }
}
