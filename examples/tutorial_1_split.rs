//! Tutorial 1: a split, and how a random number chooses a version.
//!
//! `cargo run --example tutorial_1_split` prints
//!
//! ```text
//! v1:80 v2:20
//! draw 79 goes to v1
//! draw 80 goes to v2
//! of 100000 requests v2 gets 20000: exactly 20 of 100
//! with v2 at 0 it gets 0 of 100000, with v1 at 0 it gets 100000
//! ```

use pointsman_types::{Split, Weight};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let split = Split::new([("v1", Weight::new(80)), ("v2", Weight::new(20))])?;
    println!("{split}");

    // The library has no dice: the caller brings the number, as Envoy brings its own.
    for draw in [79, 80] {
        println!("draw {draw} goes to {}", split.pick(draw));
    }

    // Shares are exact over a full cycle of the number, not only on average.
    let (part, total) = split.share("v2");
    println!("of 100000 requests v2 gets {}: exactly {part} of {total}", count(&split, "v2"));

    // A weight of 0 is never chosen while another is above 0.
    let none = Split::new([("v1", Weight::new(100)), ("v2", Weight::ZERO)])?;
    let all = Split::new([("v1", Weight::ZERO), ("v2", Weight::new(100))])?;
    println!(
        "with v2 at 0 it gets {} of 100000, with v1 at 0 it gets {}",
        count(&none, "v2"),
        count(&all, "v2")
    );
    Ok(())
}

fn count(split: &Split, version: &str) -> usize {
    (0..100_000).filter(|draw| split.pick(*draw) == version).count()
}
