//! Ratios that must hold.

use crate::ratio::Ratio;

/// Attempts at a ratio before it counts as broken: a shared machine has moods.
const ATTEMPTS: usize = 3;

/// Ratios that were held against their bounds.
#[derive(Debug, Default)]
pub struct Gate {
    broken: usize,
}

impl Gate {
    /// Measures until the ratio is within its bound, a few times at most, and prints the last.
    pub fn check(&mut self, bound: f64, mut measure: impl FnMut() -> Ratio) {
        let mut measured = measure();
        for _ in 1..ATTEMPTS {
            if measured.ratio <= bound {
                break;
            }
            measured = measure();
        }
        let holds = measured.ratio <= bound;
        self.broken += usize::from(!holds);
        println!("{measured}  at most {bound:.2}: {}", if holds { "holds" } else { "BROKEN" });
    }

    /// Ends the process; with a failure where a ratio did not hold.
    pub fn finish(self) -> ! {
        println!("{} broken", self.broken);
        std::process::exit(i32::from(self.broken > 0))
    }
}
