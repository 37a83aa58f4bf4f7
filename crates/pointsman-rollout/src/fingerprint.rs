//! A number for a list of steps that is the same in every release.

use std::hash::{Hash, Hasher};

use crate::PlanStep;

/// FNV-1a over the words that [`std::fmt::Display`] and the fields of each step give.
pub(crate) fn of_steps(steps: &[PlanStep]) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    for step in steps {
        step.hash(&mut hasher);
    }
    // 0 stands for "no plan seen yet" in a status.
    hasher.finish().max(1)
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    // Sizes and discriminants are written alike on every machine.
    fn write_usize(&mut self, number: usize) {
        self.write(&(number as u64).to_le_bytes());
    }

    fn write_isize(&mut self, number: isize) {
        self.write(&(number as i64).to_le_bytes());
    }
}
