//! Mixer's `memquota`.

use std::collections::{BTreeMap, VecDeque};

use pointsman_types::Time;
use pointsman_types::duration::TimeDelta;

use super::RollingWindow;

const TICKS_PER_SECOND: i64 = 10;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A limit by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaLimit {
    /// The quota: `name.quota.namespace`.
    pub name: String,
    /// How much.
    pub max_amount: i64,
    /// In which time; zero: until it is given back.
    pub valid_duration: TimeDelta,
    /// Other limits for certain dimensions; the first that fits counts.
    pub overrides: Vec<QuotaOverride>,
}

/// Another limit for certain dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaOverride {
    /// All of these must be equal.
    pub dimensions: BTreeMap<String, String>,
    /// How much.
    pub max_amount: i64,
    /// In which time; zero: until it is given back.
    pub valid_duration: TimeDelta,
}

/// What somebody asks of a quota.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuotaRequest {
    /// The quota.
    pub name: String,
    /// Each combination of values is counted apart.
    pub dimensions: BTreeMap<String, String>,
    /// A request with the same id gets the same answer.
    pub deduplication_id: String,
    /// How much; a negative amount is given back.
    pub amount: i64,
    /// Whether less is better than nothing.
    pub best_effort: bool,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grant {
    /// How much is granted or was given back.
    pub amount: i64,
    /// For how long; zero: without end, or nothing was granted.
    pub valid_duration: TimeDelta,
}

/// Mixer's `memquota`: limits in the memory of one process.
///
/// Shape: a quota with a duration is a rolling window of tenths of a second, its length rounded up to seconds; one without is a
/// counter. A quota of another name grants everything, as Mixer failed open. The caller tells the time.
///
/// ```
/// use pointsman_policy::quota::{MemQuota, QuotaLimit, QuotaRequest};
/// use pointsman_types::{Time, duration::TimeDelta};
/// let limit = QuotaLimit { name: "requests".into(), max_amount: 2, valid_duration: TimeDelta::from_secs(1), overrides: vec![] };
/// let mut quota = MemQuota::new(vec![limit], TimeDelta::from_secs(1));
/// let one = |id: &str| QuotaRequest { name: "requests".into(), deduplication_id: id.into(), amount: 1, ..Default::default() };
/// let now = Time::from_secs(100);
/// let granted: Vec<_> = ["a", "b", "b", "c"].map(|id| quota.handle(&one(id), now).amount).into();
/// assert_eq!(granted, [1, 1, 1, 0]);
/// ```
#[derive(Debug, Clone)]
pub struct MemQuota {
    limits: BTreeMap<String, QuotaLimit>,
    deduplication: TimeDelta,
    counters: BTreeMap<Key, i64>,
    windows: BTreeMap<Key, RollingWindow>,
    answers: BTreeMap<String, Answer>,
    order: VecDeque<(Time, String)>,
}

type Key = (String, BTreeMap<String, String>);

#[derive(Debug, Clone, Copy)]
struct Answer {
    at: Time,
    grant: Grant,
}

impl MemQuota {
    /// With these limits; a repeated request is known for at least that long.
    #[must_use]
    pub fn new(limits: Vec<QuotaLimit>, min_deduplication_duration: TimeDelta) -> Self {
        Self {
            limits: limits.into_iter().map(|limit| (limit.name.clone(), limit)).collect(),
            deduplication: min_deduplication_duration,
            counters: BTreeMap::new(),
            windows: BTreeMap::new(),
            answers: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Decides one request. O(log n) in the counters and answers that are kept.
    pub fn handle(&mut self, request: &QuotaRequest, now: Time) -> Grant {
        if request.amount == 0 {
            return Grant::default();
        }
        self.forget_answers(now);
        if let Some(answer) = self.answers.get(&request.deduplication_id) {
            let passed = now.since(answer.at);
            let left = answer.grant.valid_duration.nanos().saturating_sub(passed.nanos()).max(0);
            return Grant { amount: answer.grant.amount, valid_duration: TimeDelta::from_nanos(left) };
        }
        let grant = self.decide(request, now);
        self.answers.insert(request.deduplication_id.clone(), Answer { at: now, grant });
        self.order.push_back((now, request.deduplication_id.clone()));
        grant
    }

    /// Forgets windows of which nothing is taken. O(windows).
    pub fn forget_idle(&mut self, now: Time) {
        let tick = tick(now);
        self.windows.retain(|_, window| !window.is_idle(tick));
    }

    fn forget_answers(&mut self, now: Time) {
        while let Some((at, id)) = self.order.front()
            && now.since(*at) > self.deduplication
        {
            self.answers.remove(id);
            self.order.pop_front();
        }
    }

    fn decide(&mut self, request: &QuotaRequest, now: Time) -> Grant {
        let Some(limit) = self.limits.get(&request.name) else {
            return Grant { amount: request.amount.saturating_abs(), valid_duration: TimeDelta::ZERO };
        };
        let (max, valid) = limit.of(&request.dimensions);
        let key = (request.name.clone(), request.dimensions.clone());
        let amount = request.amount.saturating_abs();
        match (request.amount > 0, valid.nanos() > 0) {
            (true, true) => self.take_in_window(key, amount, request.best_effort, (max, valid), now),
            (true, false) => self.take_counted(key, amount, request.best_effort, max),
            (false, true) => self.release_in_window(&key, amount, now),
            (false, false) => self.release_counted(key, amount),
        }
    }

    fn take_in_window(
        &mut self,
        key: Key,
        amount: i64,
        best_effort: bool,
        (max, valid): (i64, TimeDelta),
        now: Time,
    ) -> Grant {
        let seconds = valid.nanos().saturating_add(NANOS_PER_SECOND - 1) / NANOS_PER_SECOND;
        let ticks = seconds.saturating_mul(TICKS_PER_SECOND);
        let window = self.windows.entry(key).or_insert_with(|| RollingWindow::new(max, ticks));
        let amount = if window.take(amount, tick(now)) {
            amount
        } else if best_effort {
            let rest = window.available().max(0);
            window.take(rest, tick(now));
            rest
        } else {
            return Grant::default();
        };
        Grant { amount, valid_duration: valid }
    }

    fn take_counted(&mut self, key: Key, amount: i64, best_effort: bool, max: i64) -> Grant {
        let used = self.counters.entry(key).or_default();
        let free = max.saturating_sub(*used).max(0);
        if amount > free && !best_effort {
            return Grant::default();
        }
        let amount = amount.min(free);
        *used += amount;
        Grant { amount, valid_duration: TimeDelta::ZERO }
    }

    fn release_in_window(&mut self, key: &Key, amount: i64, now: Time) -> Grant {
        let Some(window) = self.windows.get_mut(key) else { return Grant::default() };
        let amount = window.release(amount, tick(now));
        if window.is_idle(tick(now)) {
            self.windows.remove(key);
        }
        Grant { amount, valid_duration: TimeDelta::ZERO }
    }

    fn release_counted(&mut self, key: Key, amount: i64) -> Grant {
        let used = self.counters.get(&key).copied().unwrap_or_default();
        let released = amount.min(used);
        if released == used {
            self.counters.remove(&key);
        } else {
            self.counters.insert(key, used - released);
        }
        Grant { amount: released, valid_duration: TimeDelta::ZERO }
    }
}

impl QuotaLimit {
    fn of(&self, dimensions: &BTreeMap<String, String>) -> (i64, TimeDelta) {
        let fits = |other: &&QuotaOverride| {
            other.dimensions.iter().all(|(name, value)| dimensions.get(name) == Some(value))
        };
        match self.overrides.iter().find(fits) {
            Some(other) => (other.max_amount, other.valid_duration),
            None => (self.max_amount, self.valid_duration),
        }
    }
}

const fn tick(now: Time) -> i64 {
    now.nanos().div_euclid(NANOS_PER_SECOND / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(max_amount: i64, seconds: i64) -> QuotaLimit {
        let dimensions = BTreeMap::from([("source".to_owned(), "reviews".to_owned())]);
        let valid_duration = TimeDelta::from_secs(seconds);
        let overrides = vec![QuotaOverride { dimensions, max_amount: 1, valid_duration }];
        QuotaLimit { name: "q".into(), max_amount, valid_duration, overrides }
    }

    fn ask(quota: &mut MemQuota, id: &str, amount: i64, source: &str, second: i64) -> i64 {
        let dimensions = BTreeMap::from([("source".to_owned(), source.to_owned())]);
        let request = QuotaRequest {
            name: "q".into(),
            dimensions,
            deduplication_id: id.into(),
            amount,
            best_effort: false,
        };
        quota.handle(&request, Time::from_secs(second)).amount
    }

    #[test]
    fn each_combination_of_dimensions_counts_apart_and_overrides_change_its_limit() {
        let mut quota = MemQuota::new(vec![limit(2, 10)], TimeDelta::from_secs(1));
        assert_eq!([ask(&mut quota, "1", 2, "a", 0), ask(&mut quota, "2", 1, "a", 0)], [2, 0]);
        assert_eq!([ask(&mut quota, "3", 2, "b", 0), ask(&mut quota, "4", 2, "reviews", 0)], [2, 0]);
        assert_eq!([ask(&mut quota, "5", 1, "reviews", 0), ask(&mut quota, "6", 2, "a", 10)], [1, 2]);
        quota.forget_idle(Time::from_secs(30));
        assert!(quota.windows.is_empty());
    }

    #[test]
    fn an_id_is_forgotten_after_its_time() {
        let mut quota = MemQuota::new(vec![limit(5, 0)], TimeDelta::from_secs(1));
        let granted = [0, 1, 3].map(|second| ask(&mut quota, "same", 4, "a", second));
        assert_eq!(granted, [4, 4, 0]);
        assert_eq!(quota.answers.len(), 1);
    }
}
