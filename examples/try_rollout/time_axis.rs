//! Where a point in time is drawn.

use pointsman_rollout::rehearsal::Frame;

pub(crate) const WIDTH: f64 = 1_200.0;
pub(crate) const LEFT: f64 = 115.0;
pub(crate) const RIGHT: f64 = 30.0;

/// Time is drawn compressed, so that seconds can be seen beside hours: each span takes a root of its length.
pub(crate) struct TimeAxis {
    at: Vec<f64>,
}

impl TimeAxis {
    pub(crate) fn of(frames: &[Frame]) -> Self {
        let seconds = |frame: &Frame| frame.at.nanos() as f64 / 1e9;
        let mut sums = vec![0.0];
        for pair in frames.windows(2) {
            if let [a, b] = pair {
                let span = (seconds(b) - seconds(a)).max(0.0);
                let width = if span > 0.0 { span.powf(0.4) + 1.0 } else { 0.0 };
                sums.push(sums.last().copied().unwrap_or(0.0) + width);
            }
        }
        // What comes last is seen for a while.
        let end = sums.last().copied().unwrap_or(0.0);
        sums.push(end * 1.08 + 1.0);
        let whole = sums.last().copied().unwrap_or(1.0);
        Self { at: sums.into_iter().map(|sum| LEFT + sum / whole * (WIDTH - LEFT - RIGHT)).collect() }
    }

    /// From where to where a frame is seen.
    pub(crate) fn span(&self, index: usize) -> (f64, f64) {
        let at = |index: usize| self.at.get(index).copied().unwrap_or(WIDTH - RIGHT);
        (at(index), at(index + 1))
    }
}
