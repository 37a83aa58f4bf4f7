//! Two beta numbers: how likely the one is above the other, and by how much.

use super::contour;
use super::gamma::stirling_error;

/// Two independent numbers X ~ Beta(a, b) and Y ~ Beta(c, d).
///
/// Shape: a, b, c, d are whole numbers of 1 and more (what is rounded above 2^53 does no harm).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BetaPair {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) c: f64,
    pub(crate) d: f64,
}

/// How far X lies above Y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Excess {
    /// The probability that X is above Y.
    pub(crate) above: f64,
    /// The mean of X - Y, counting as 0 where Y is above.
    pub(crate) mean: f64,
}

/// Sums are short where one of the four numbers is at most this, or would be if both shares were equal.
const FEW: f64 = 400.0;
/// No sum has more terms: those left have fallen below any notice long before.
const MOST_TERMS: u32 = 4_000;
/// A term that adds less than this share adds nothing.
const NOTHING: f64 = 1e-17;

impl BetaPair {
    /// How far X lies above Y, to about 1e-12 relative; 0 for what is below 1e-290.
    ///
    /// The lesser tail is a sum of positive terms, so nothing cancels: exact for whole numbers, at most a few hundred
    /// terms where one number is small. Where none is, a contour integral whose error falls exponentially has 13 nodes.
    pub(crate) fn excess(self) -> Excess {
        if self.lead() >= 0.0 {
            return self.lesser_tail();
        }
        let swapped = Self { a: self.c, b: self.d, c: self.a, d: self.b };
        let below = swapped.lesser_tail();
        Excess { above: 1.0 - below.above, mean: below.mean + swapped.lead() / (self.x() * self.y()) }
    }

    pub(crate) fn x(self) -> f64 {
        self.a + self.b
    }

    pub(crate) fn y(self) -> f64 {
        self.c + self.d
    }

    pub(crate) fn all(self) -> f64 {
        self.x() + self.y()
    }

    /// By how much the mean of Y is above that of X, times the sizes of both.
    pub(crate) fn lead(self) -> f64 {
        self.b * self.c - self.a * self.d
    }

    /// The same question of 1 - X and 1 - Y.
    fn mirrored(self) -> Self {
        Self { a: self.d, b: self.c, c: self.b, d: self.a }
    }

    /// Where the mean of Y is not below that of X.
    fn lesser_tail(self) -> Excess {
        let density = self.density();
        let (hits, others) = ((self.a + self.c) / self.all(), (self.b + self.d) / self.all());
        if self.a <= FEW {
            self.sum_down(density)
        } else if self.d <= FEW {
            self.mirrored().sum_down(density)
        } else if self.y() * hits <= FEW {
            self.sum_up(density)
        } else if self.x() * others <= FEW {
            self.mirrored().sum_up(density)
        } else {
            contour::excess(self, density)
        }
    }

    /// B(a + c, b + d) / (B(a, b) B(c, d)): the density at 0 of the difference of the log-odds of X and Y.
    ///
    /// By Stirling's formula with its exact remainder, put together before anything large is rounded.
    fn density(self) -> f64 {
        let Self { a, b, c, d } = self;
        let (x, y, n, hits, others) = (self.x(), self.y(), self.all(), a + c, b + d);
        let apart = self.lead() / n;
        let deviances = deviance(a, x * hits / n, -apart)
            + deviance(b, x * others / n, apart)
            + deviance(c, y * hits / n, apart)
            + deviance(d, y * others / n, -apart);
        let errors = [hits, others, x, y].map(stirling_error).iter().sum::<f64>()
            - [a, b, c, d, n].map(stirling_error).iter().sum::<f64>();
        let root = 0.5 * ((a / hits) * (b / others) * (c / x) * (d / y) * n / std::f64::consts::TAU).ln();
        (errors - deviances + root).exp()
    }

    /// `P(X > Y) = Σ h(a - i) / (a - i)` for i from 1 to a, where h is the density with another a.
    fn sum_down(self, density: f64) -> Excess {
        let (a, x, n, hits) = (self.a, self.x(), self.all(), self.a + self.c);
        let mut sum = Excess { above: 0.0, mean: 0.0 };
        let mut term = density * (n - 1.0) / ((hits - 1.0) * (x - 1.0));
        for step in 1..=MOST_TERMS {
            let i = f64::from(step);
            let part = term * i / (n - i);
            sum = Excess { above: sum.above + term, mean: sum.mean + part };
            if i >= a || part <= NOTHING * sum.mean {
                break;
            }
            term *= (n - 1.0 - i) * (a - i) / ((hits - 1.0 - i) * (x - 1.0 - i));
        }
        let weight = (self.lead() + n * self.d) / (x * self.y());
        Excess { mean: sum.mean * weight, ..sum }
    }

    /// `P(X > Y) = Σ h(c + i) / (c + i)` for i from 0 on.
    fn sum_up(self, density: f64) -> Excess {
        let (c, y, n, hits) = (self.c, self.y(), self.all(), self.a + self.c);
        let mut sum = Excess { above: density / c, mean: 0.0 };
        let mut term = sum.above * hits * y / (n * (c + 1.0));
        for step in 1..=MOST_TERMS {
            let i = f64::from(step);
            let part = term * i / (n + i);
            sum = Excess { above: sum.above + term, mean: sum.mean + part };
            if part <= NOTHING * sum.mean {
                break;
            }
            term *= (hits + i) * (y + i) / ((n + i) * (c + i + 1.0));
        }
        let weight = (n * self.b - self.lead()) / (self.x() * y);
        Excess { mean: sum.mean * weight, ..sum }
    }
}

/// x ln(x/m) + m - x with the difference x - m given, exact also where x is near m.
fn deviance(x: f64, m: f64, difference: f64) -> f64 {
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    let v = difference / (x + m);
    let (mut sum, mut power, mut k) = (difference * v, 2.0 * x * v, 1.0);
    loop {
        power *= v * v;
        k += 2.0;
        let next = sum + power / k;
        if next.to_bits() == sum.to_bits() || k > 60.0 {
            return next;
        }
        sum = next;
    }
}
