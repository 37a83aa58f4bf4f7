//! Filter chains of one listener, none of them for the same connections as another.

use std::collections::HashSet;

use crate::ir::{Cidr, FilterChain};

/// Of chains for the same connections only the first can be reached, and the proxy would refuse the whole listener: what an
/// earlier chain has is taken out of later ones, and what a chain has twice stays once.
pub(super) fn distinct(chains: Vec<FilterChain>) -> Vec<FilterChain> {
    let mut taken = HashSet::new();
    chains.into_iter().filter_map(|chain| untaken(chain, &mut taken)).collect()
}

/// Network, server name and transport of connections.
type Connections = (Option<Cidr>, String, String);

/// The chain with what nobody has before it.
fn untaken(mut chain: FilterChain, taken: &mut HashSet<Connections>) -> Option<FilterChain> {
    let transport = chain.transport.clone();
    let key = |network: Option<Cidr>, name: &str| (network, name.to_ascii_lowercase(), transport.clone());
    let mut networks: Vec<Option<Cidr>> = match chain.destinations.as_slice() {
        [] => vec![None],
        some => some.iter().copied().map(Some).collect(),
    };
    if chain.server_names.is_empty() {
        networks.retain(|network| taken.insert(key(*network, "")));
        if networks.is_empty() {
            return None;
        }
    } else {
        let mut seen = HashSet::new();
        networks.retain(|network| seen.insert(*network));
        chain.server_names.retain(|name| {
            let keys: Vec<_> = networks.iter().map(|network| key(*network, name)).collect();
            let is_free = keys.iter().all(|key| !taken.contains(key));
            if is_free {
                taken.extend(keys);
            }
            is_free
        });
        if chain.server_names.is_empty() {
            return None;
        }
    }
    chain.destinations = networks.into_iter().flatten().collect();
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_chain_or_an_earlier_one_has_stays_once() {
        let chain = |networks: &[&str], names: &[&str]| FilterChain {
            destinations: networks.iter().map(|network| network.parse().expect("a network")).collect(),
            server_names: names.iter().map(ToString::to_string).collect(),
            ..FilterChain::default()
        };
        for (given, left) in [
            (vec![chain(&["10.0.0.0/30", "10.0.0.0/30"], &[])], vec![chain(&["10.0.0.0/30"], &[])]),
            (
                vec![
                    chain(&["10.0.0.0/30"], &[]),
                    chain(&["10.0.0.0/30", "10.1.0.0/16"], &[]),
                    chain(&[], &[]),
                ],
                vec![chain(&["10.0.0.0/30"], &[]), chain(&["10.1.0.0/16"], &[]), chain(&[], &[])],
            ),
            (vec![chain(&[], &[]), chain(&[], &[])], vec![chain(&[], &[])]),
            (
                vec![
                    chain(&[], &["a.com", "A.com"]),
                    chain(&[], &["b.com", "a.com"]),
                    chain(&[], &["A.COM"]),
                ],
                vec![chain(&[], &["a.com"]), chain(&[], &["b.com"])],
            ),
            (
                vec![
                    chain(&["10.0.0.0/8"], &["a.com"]),
                    chain(&["10.0.0.0/8", "11.0.0.0/8"], &["a.com", "b.com"]),
                ],
                vec![chain(&["10.0.0.0/8"], &["a.com"]), chain(&["10.0.0.0/8", "11.0.0.0/8"], &["b.com"])],
            ),
        ] {
            assert_eq!(distinct(given), left);
        }
    }
}
