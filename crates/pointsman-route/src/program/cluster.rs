//! Which endpoint of a cluster.

use std::sync::{Arc, OnceLock};

use pointsman_policy::{HashHost, Maglev, PriorityLoad, PriorityLoads, Ring, RingOptions, WeightedPick};
use pointsman_types::Draws;

use crate::ir::{Cluster, Endpoint, HashKey, Health, LoadBalancing};

#[derive(Debug)]
pub(crate) struct ClusterProgram {
    pub(crate) source: Arc<Cluster>,
    priorities: Box<[Priority]>,
    loads: PriorityLoads,
}

/// The endpoints of one priority that may be used, as positions in the cluster.
#[derive(Debug, Default)]
struct Priority {
    usable: Box<[u32]>,
    weights: Option<WeightedPick>,
    // Built when first asked: a ring can have eight million points.
    table: OnceLock<HashTable>,
}

#[derive(Debug)]
enum HashTable {
    Ring(Ring),
    Maglev(Maglev),
    None,
}

impl ClusterProgram {
    pub(crate) fn new(source: &Arc<Cluster>) -> Self {
        let mut levels: Vec<u32> = source.endpoints.iter().map(|endpoint| endpoint.priority).collect();
        levels.sort_unstable();
        levels.dedup();
        let priorities: Box<[Priority]> = levels.iter().map(|level| Priority::new(source, *level)).collect();
        let loads: Vec<PriorityLoad> = levels
            .iter()
            .zip(&priorities)
            .map(|(level, priority)| {
                let total = source.endpoints.iter().filter(|one| one.priority == *level).count();
                PriorityLoad { total: small(total), healthy: small(priority.usable.len()) }
            })
            .collect();
        Self { source: Arc::clone(source), priorities, loads: PriorityLoads::new(&loads) }
    }

    /// The endpoint that a hash or the draws choose; none where nothing is healthy.
    pub(crate) fn endpoint(&self, hash: Option<u64>, draws: &Draws, attempt: u32) -> Option<&Endpoint> {
        let number = hash.unwrap_or(draws.endpoint);
        let level = if self.priorities.len() == 1 { 0 } else { self.loads.pick(number) };
        let priority = self.priorities.get(level)?;
        let position = match priority.table(&self.source) {
            HashTable::Ring(ring) => ring.pick(number, attempt)?,
            HashTable::Maglev(maglev) => maglev.pick(number, attempt)?,
            HashTable::None => priority.by_chance(draws.endpoint)?,
        };
        self.source.endpoints.get(*priority.usable.get(position)? as usize)
    }
}

impl Priority {
    fn new(cluster: &Cluster, level: u32) -> Self {
        let of_level = || (0_u32..).zip(&cluster.endpoints).filter(|(_, one)| one.priority == level);
        let with = |health: Health| {
            of_level().filter(|(_, one)| one.health == health).map(|(at, _)| at).collect::<Box<[u32]>>()
        };
        let healthy = with(Health::Healthy);
        let usable = if healthy.is_empty() { with(Health::Degraded) } else { healthy };
        let weight = |at: &u32| cluster.endpoints.get(*at as usize).map_or(1, |one| one.weight.max(1));
        let even = usable.iter().all(|at| Some(weight(at)) == usable.first().map(weight));
        let weights = (!even).then(|| WeightedPick::new(usable.iter().map(weight)));
        Self { usable, weights, table: OnceLock::new() }
    }

    fn by_chance(&self, draw: u64) -> Option<usize> {
        match &self.weights {
            Some(weights) => weights.pick(draw),
            None => usize::try_from(draw.checked_rem(self.usable.len() as u64)?).ok(),
        }
    }

    fn table(&self, cluster: &Cluster) -> &HashTable {
        self.table.get_or_init(|| {
            let hosts = |key: HashKey| -> Vec<HashHost> {
                let usable = self.usable.iter().filter_map(|at| cluster.endpoints.get(*at as usize));
                usable.map(|endpoint| HashHost::new(hashed(endpoint, key), endpoint.weight)).collect()
            };
            match cluster.balancing {
                LoadBalancing::RingHash { minimum_size, maximum_size, key } => {
                    let default = RingOptions::default();
                    let options = RingOptions {
                        minimum_size: minimum_size.unwrap_or(default.minimum_size),
                        maximum_size: maximum_size.unwrap_or(default.maximum_size),
                    };
                    HashTable::Ring(Ring::build(&hosts(key), options))
                }
                LoadBalancing::Maglev { table_size, key } => {
                    HashTable::Maglev(Maglev::build(&hosts(key), table_size.unwrap_or(Maglev::DEFAULT_SIZE)))
                }
                _ => HashTable::None,
            }
        })
    }
}

fn hashed(endpoint: &Endpoint, key: HashKey) -> &str {
    match (&endpoint.hash_key, key) {
        (Some(own), _) => own,
        (None, HashKey::Hostname) => &endpoint.hostname,
        (None, HashKey::Address) => &endpoint.address,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
