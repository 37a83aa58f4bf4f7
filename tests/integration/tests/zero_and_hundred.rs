//! Weights 0 and 100 take effect. Of the old defect: releases stood still because a weight of 0 counted as "not set".

mod support;

use pointsman_rollout::{Effect, Version};
use pointsman_route::{Request, Scratch};
use pointsman_types::{Draws, Split, SplitMix64, Weight};

use support::{release, reviews, service, table};

/// How many of a million requests go to v1 and to v2, after the split was written into manifests and read again.
fn of_a_million(v1: u32, v2: u32) -> (u64, u64) {
    let workloads = [service("reviews"), reviews("v1"), reviews("v2")].concat();
    let mut release = release([("workloads.yaml", workloads)]);
    let split = Split::new([("v1", Weight::new(v1)), ("v2", Weight::new(v2))]).expect("a split");
    let subset = |version| Effect::EnsureSubset { version: Version::from_static(version) };
    let effects = [subset("v1"), subset("v2"), Effect::SetSplit { change: 1, split, pins: None }];
    release.carry_out(&effects).expect("can be rendered");
    let table = table(&release);
    let request = Request::get("reviews:9080", "/reviews/0");
    let (mut scratch, mut dice) = (Scratch::new(), SplitMix64::new(2018));
    let mut counted = (0, 0);
    for _ in 0..1_000_000 {
        let decision = table.select(&request, &Draws::default().with_route(dice.next_u64()), &mut scratch);
        match decision.subset() {
            "v1" => counted.0 += 1,
            "v2" => counted.1 += 1,
            _ => {}
        }
    }
    assert_eq!(counted.0 + counted.1, 1_000_000, "some requests went elsewhere");
    counted
}

#[test]
fn zero_is_none_and_hundred_is_all() {
    assert_eq!(of_a_million(0, 100), (0, 1_000_000));
    assert_eq!(of_a_million(100, 0), (1_000_000, 0));
}

#[test]
fn twenty_is_one_in_five() {
    let (_, canary) = of_a_million(80, 20);
    // Four standard deviations of a million draws at 20 % are 1,600.
    assert!((198_400..=201_600).contains(&canary), "{canary}");
}
