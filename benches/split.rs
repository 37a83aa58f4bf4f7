//! A weighted pick against a plain walk over sums that were added up before: of a split, which is asked now and then, and
//! of a compiled pick, which is asked for each request. The draw of about a nanosecond is in both.

use pointsman_benches::ratio;
use pointsman_policy::WeightedPick;
use pointsman_types::{Split, Weight};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for destinations in [2_u32, 5, 20, 100] {
        let weights: Vec<u32> = (0..destinations).map(|i| 1 + i % 7).collect();
        let parts = weights.iter().enumerate().map(|(i, weight)| (format!("v{i}"), Weight::new(*weight)));
        let split = Split::new(parts)?;
        let sums: Vec<u64> = weights
            .iter()
            .scan(0_u64, |sum, weight| {
                *sum += u64::from(*weight);
                Some(*sum)
            })
            .collect();
        let total = u64::from(split.total());
        let walk = |draw: u64| {
            let left = draw % total;
            sums.iter().position(|sum| left < *sum)
        };
        let measured = ratio::measure(
            format!("split/pick of {destinations}"),
            |i| split.pick(scramble(i)).len(),
            |i| walk(scramble(i)),
        );
        println!("{measured}");
    }
    for destinations in [2_u32, 5, 10, 20, 50, 100] {
        compiled(destinations, 1);
    }
    // Sums too large for a table of remainders.
    for destinations in [5_u32, 20, 100] {
        compiled(destinations, 1_000_003);
    }
    Ok(())
}

fn compiled(destinations: u32, factor: u32) {
    let weights: Vec<u32> = (0..destinations).map(|i| (1 + i % 7) * factor).collect();
    let pick = WeightedPick::new(weights.iter().copied());
    let total = pick.total();
    let walk = |draw: u64| {
        let mut left = draw % total;
        weights.iter().position(|weight| match left.checked_sub(u64::from(*weight)) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        })
    };
    let measured = ratio::measure(
        format!("split/compiled pick of {destinations}, sum {total}"),
        |i| pick.pick(scramble(i)),
        |i| walk(scramble(i)),
    );
    println!("{measured}");
}

/// A number without order, so that branches cannot be learnt.
fn scramble(i: u64) -> u64 {
    (i ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29)
}
