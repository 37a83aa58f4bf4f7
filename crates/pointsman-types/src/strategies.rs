//! Strategies for property-based tests, behind the feature `proptest`.

use proptest::prelude::*;

use crate::{Draws, Host, Labels, Percent, Port, Split, SubsetName, Time, Weight};

/// Exact and wildcard hosts of one to four labels.
pub fn host() -> impl Strategy<Value = Host> {
    "(\\*|\\*-?[a-z]{1,4}|[a-z][a-z0-9]{0,5})(\\.[a-z]([a-z0-9-]{0,4}[a-z0-9])?){0,3}"
        .prop_filter_map("a host", |text| Host::new(&text).ok())
}

/// Names of versions.
pub fn subset_name() -> impl Strategy<Value = SubsetName> {
    "v[0-9]{1,2}|[a-z]([a-z0-9-]{0,6}[a-z0-9])?"
        .prop_filter_map("a subset name", |text| SubsetName::new(text).ok())
}

/// Any port.
pub fn port() -> impl Strategy<Value = Port> {
    (1_u16..=u16::MAX).prop_map(Port::from_static)
}

/// Any weight, small ones and the edges more often.
pub fn weight() -> impl Strategy<Value = Weight> {
    prop_oneof![4 => 0_u32..=100, 1 => Just(0), 1 => any::<u32>()].prop_map(Weight::new)
}

/// Any percentage.
pub fn percent() -> impl Strategy<Value = Percent> {
    (0_u32..=1_000_000)
        .prop_filter_map("a percentage", |millionths| Percent::from_millionths(millionths).ok())
}

/// Splits over one to five versions, with weights of 0 to 100.
pub fn split() -> impl Strategy<Value = Split> {
    proptest::collection::vec(0_u32..=100, 1..=5).prop_filter_map("a split", |weights| {
        Split::new(
            weights.into_iter().enumerate().map(|(n, weight)| (format!("v{}", n + 1), Weight::new(weight))),
        )
        .ok()
    })
}

/// Up to four well-formed labels.
pub fn labels() -> impl Strategy<Value = Labels> {
    proptest::collection::btree_map(
        "[a-z]{1,6}(/[a-z]{1,4})?",
        "([a-z0-9]([a-z0-9._-]{0,5}[a-z0-9])?)?",
        0..4,
    )
    .prop_map(|labels| labels.into_iter().collect())
}

/// Random numbers of one request.
pub fn draws() -> impl Strategy<Value = Draws> {
    any::<u64>().prop_map(Draws::from_seed)
}

/// Any point in time.
pub fn time() -> impl Strategy<Value = Time> {
    any::<i64>().prop_map(Time::from_nanos)
}
