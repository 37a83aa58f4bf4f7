//! A weighted pick against a plain walk over sums that were added up before.

use pointsman_benches::ratio;
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
    Ok(())
}

/// A number without order, so that branches cannot be learnt.
fn scramble(i: u64) -> u64 {
    (i ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29)
}
