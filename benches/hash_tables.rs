//! Maglev tables and rings of 1,000 hosts: built and looked up, against crates of their own.
//!
//! The crates hash otherwise and so choose other hosts; what is compared is the cost.

use hashring::HashRing;
use maglev::{ConsistentHasher as _, Maglev as OtherMaglev};
use pointsman_benches::ratio;
use pointsman_policy::{HashHost, Maglev, Ring, RingOptions};
use pointsman_types::SplitMix64;

const HOSTS: u32 = 1_000;
/// Points of the ring.
const POINTS: u64 = 64_000;

fn main() {
    let names: Vec<String> =
        (0..HOSTS).map(|number| format!("10.0.{}.{}:8080", number / 256, number % 256)).collect();
    let hosts: Vec<HashHost> = names.iter().map(|name| HashHost::new(name, 1)).collect();
    maglev(&hosts, &names);
    ring(&hosts, &names);
}

/// A hash without order.
const fn hash(turn: u64) -> u64 {
    SplitMix64::new(turn).next_u64()
}

fn maglev(hosts: &[HashHost], names: &[String]) {
    let size = usize::try_from(Maglev::DEFAULT_SIZE).unwrap_or_default();
    let build = ratio::measure(
        "hash_tables/maglev of 65,537 built, crate `maglev`",
        |_| Maglev::build(hosts, Maglev::DEFAULT_SIZE).len(),
        |_| OtherMaglev::with_capacity(names.to_vec(), size).capacity(),
    );
    println!("{build}");
    let (ours, theirs) =
        (Maglev::build(hosts, Maglev::DEFAULT_SIZE), OtherMaglev::with_capacity(names.to_vec(), size));
    let pick = ratio::measure(
        "hash_tables/maglev of 65,537 asked, crate `maglev`",
        |i| ours.pick(hash(i), 0),
        |i| theirs.get(&hash(i)).map(String::len),
    );
    println!("{pick}");
}

fn ring(hosts: &[HashHost], names: &[String]) {
    let options = RingOptions { minimum_size: POINTS, ..RingOptions::default() };
    let other = || {
        let mut ring = HashRing::new();
        ring.batch_add((0..POINTS).map(|point| (point, point % u64::from(HOSTS))).collect());
        ring
    };
    let build = ratio::measure(
        "hash_tables/ring of 64,000 points built, crate `hashring`",
        |_| Ring::build(hosts, options).len(),
        |_| other().len(),
    );
    println!("{build}");
    let (ours, theirs) = (Ring::build(hosts, options), other());
    let pick = ratio::measure(
        "hash_tables/ring of 64,000 points asked, crate `hashring`",
        |i| ours.pick(hash(i), 0),
        |i| theirs.get(&hash(i)).and_then(|(_, host)| names.get(usize::try_from(*host).ok()?)),
    );
    println!("{pick}");
    let large = RingOptions { minimum_size: 1_024_000, ..RingOptions::default() };
    let (small, large) = (ours, Ring::build(hosts, large));
    let pick = ratio::measure(
        "hash_tables/ring of 1,024,000 points asked, of 64,000",
        |i| large.pick(hash(i), 0),
        |i| small.pick(hash(i), 0),
    );
    println!("{pick}");
}
