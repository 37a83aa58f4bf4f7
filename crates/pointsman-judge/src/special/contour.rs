//! The excess of one beta number over another where both saw much.

use super::excess::{BetaPair, Excess};

/// Distance of the nodes, in standard deviations: the next alias is e^-40 of the whole.
const STEP: f64 = 0.7;
/// The last node lies 8.75 standard deviations out, where e^-38 of the integrand is left.
const NODES: u32 = 13;
/// Powers of the expansion around the saddle point.
const POWERS: usize = 16;

/// Where all four numbers are large (400 and more).
///
/// X is above Y where the difference Z of their log-odds is above 0, and E[e^sZ] = M(s) is a product of four gamma functions,
/// Γ(a+s) Γ(d+s) Γ(b-s) Γ(c-s) / (Γ(a) Γ(b) Γ(c) Γ(d)). So P(X > Y) is the integral of M(s)/s, and the density of Z at 0
/// that of M(s), along a line through the saddle point of M, both over 2πi. On it M falls like a bell, and a plain sum at
/// equal distances errs by no more than its alias; the pole at 0, which may lie close, adds a term that is known exactly.
/// Since the density is known too, the sums only have to give the ratio of both.
///
/// Source: E. W. Barnes' first lemma for the density; the sum with its pole as in D. B. Hunter and T. Regan, "A note on the
/// evaluation of the complementary error function", 1972.
pub(super) fn excess(pair: BetaPair, density: f64) -> Excess {
    if density <= 0.0 {
        return Excess { above: 0.0, mean: 0.0 };
    }
    let saddle = Saddle::of(pair);
    let (mut tail, mut whole) = (0.0, 0.0);
    for node in 0..NODES {
        let x = STEP * (f64::from(node) + 0.5);
        let (ln_size, angle) = saddle.at(x);
        let (sin, cos) = angle.sin_cos();
        let size = ln_size.exp();
        whole += size * cos;
        tail += size * (cos * saddle.place + sin * x) / (saddle.place * saddle.place + x * x);
    }
    // Further out the alias is cut off before it comes to the pole.
    let alias = std::f64::consts::TAU / STEP;
    let pole = if saddle.place < alias { 1.0 / (1.0 + (alias * saddle.place).exp()) } else { 0.0 };
    let ratio = saddle.scale * tail / whole + pole / density;
    let mean = density * (pair.all() - pair.lead() * ratio) / (pair.x() * pair.y());
    Excess { above: density * ratio, mean: mean.max(0.0) }
}

/// ln M around its saddle point, in standard deviations across.
struct Saddle {
    /// Where it lies; 0 and more.
    place: f64,
    /// The length of a standard deviation is 1 / scale.
    scale: f64,
    /// What belongs to the powers 1, 2, … of the distance.
    powers: [f64; POWERS],
}

impl Saddle {
    /// At what is expected of each number if both shares were equal, which is off the true saddle point by less than 1.
    fn of(pair: BetaPair) -> Self {
        let n = pair.all();
        let (hits, others) = ((pair.a + pair.c) / n, (pair.b + pair.d) / n);
        let same = [pair.x() * hits, pair.y() * others];
        let turned = [pair.x() * others, pair.y() * hits];
        let both = |power: i32| {
            let sum = |sizes: [f64; 2]| sizes.map(|size| taylor(size, power)).iter().sum::<f64>();
            let sign = if power % 2 == 0 { 1.0 } else { -1.0 };
            sum(same) + sign * sum(turned)
        };
        let scale = (2.0 * both(2)).sqrt();
        let mut unit = 1.0;
        let mut power = 0;
        let powers = std::array::from_fn(|_| {
            power += 1;
            unit /= scale;
            both(power) * unit
        });
        Self { place: pair.lead() / n * scale, scale, powers }
    }

    /// The real part of ln M and its angle at so many standard deviations across.
    fn at(&self, x: f64) -> (f64, f64) {
        let square = -x * x;
        let (mut odd, mut even) = (0.0, 0.0);
        for pair in self.powers.rchunks(2) {
            if let [first, second] = pair {
                odd = odd * square + first;
                even = even * square + second;
            }
        }
        (even * square, odd * x)
    }
}

/// What belongs to a power of u in ln Γ(size + u); without ln(size) for the first, which cancels.
fn taylor(size: f64, power: i32) -> f64 {
    let (k, e) = (f64::from(power), size.recip());
    if power == 1 {
        return e * (-0.5 - e * (1.0 / 12.0 - e * e / 120.0));
    }
    let sign = if power % 2 == 0 { 1.0 } else { -1.0 };
    let rest = e * (0.5 / k + e * (1.0 / 12.0 - (k + 1.0) * (k + 2.0) * e * e / 720.0));
    sign * e.powi(power - 1) * (1.0 / (k * (k - 1.0)) + rest)
}
