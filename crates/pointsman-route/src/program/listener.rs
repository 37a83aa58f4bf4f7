//! Which filter chain of a listener takes a connection.

use std::sync::Arc;

use pointsman_policy::WeightedPick;

use crate::connection::Connection;
use crate::ir::{FilterChain, L4Action, Listener, TcpRoute};

#[derive(Debug)]
pub(crate) struct ListenerProgram {
    pub(crate) source: Arc<Listener>,
    chains: Box<[ChainProgram]>,
    default: Option<WeightedPick>,
}

#[derive(Debug)]
struct ChainProgram {
    server_names: Box<[Box<str>]>,
    pick: Option<WeightedPick>,
}

impl ListenerProgram {
    pub(crate) fn new(source: &Arc<Listener>) -> Self {
        let chains = source.chains.iter().map(|chain| ChainProgram {
            server_names: chain.server_names.iter().map(|name| name.to_ascii_lowercase().into()).collect(),
            pick: pick_of(&chain.action),
        });
        let chains = chains.collect();
        Self { source: Arc::clone(source), chains, default: source.default.as_ref().and_then(pick_of) }
    }

    /// The chain that takes a connection, and the weights of its destinations.
    ///
    /// Each step keeps the chains with the most specific value and never goes back. O(chains), no allocation.
    pub(crate) fn chain_of(
        &self,
        connection: &Connection<'_>,
    ) -> Option<(&FilterChain, Option<&WeightedPick>)> {
        let mut best = [0; STEPS.len()];
        let all = || self.source.chains.iter().zip(&self.chains);
        for (position, step) in STEPS.iter().enumerate() {
            let kept =
                all().filter(|(chain, program)| fits(chain, program, connection, best.get(..position)));
            let rank = kept.filter_map(|(chain, program)| step(chain, program, connection)).max();
            *best.get_mut(position)? = rank?;
        }
        let (chain, program) =
            all().find(|(chain, program)| fits(chain, program, connection, Some(&best)))?;
        Some((chain, program.pick.as_ref()))
    }

    /// For each chain the first step at which it was dropped; `None` for the one that is taken.
    pub(crate) fn failures(&self, connection: &Connection<'_>) -> Vec<Option<ChainFailure>> {
        let taken = self.chain_of(connection).map(|(chain, _)| std::ptr::from_ref(chain));
        let mut failures = vec![None; self.chains.len()];
        let mut left: Vec<usize> = (0..self.chains.len()).collect();
        for (step, name) in STEPS.iter().zip(NAMES) {
            let rank = |position: &usize| {
                let chain = self.source.chains.get(*position).zip(self.chains.get(*position));
                chain.and_then(|(chain, program)| step(chain, program, connection))
            };
            let best = left.iter().filter_map(rank).max();
            let (kept, dropped): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|position| best.is_some() && rank(position) == best);
            for position in dropped {
                let is_outdone = rank(&position).is_some();
                if let Some(failure) = failures.get_mut(position) {
                    *failure = Some(ChainFailure { step: name, is_outdone });
                }
            }
            left = kept;
        }
        for position in left {
            let is_taken = self.source.chains.get(position).map(std::ptr::from_ref) == taken;
            if let Some(failure) = failures.get_mut(position).filter(|_| !is_taken) {
                *failure = Some(ChainFailure { step: ChainStep::Protocol, is_outdone: true });
            }
        }
        failures
    }

    /// The weights of the destinations where no chain matches.
    pub(crate) const fn default_pick(&self) -> Option<&WeightedPick> {
        self.default.as_ref()
    }
}

/// Why a chain is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainFailure {
    pub(crate) step: ChainStep,
    /// It fits, but another one fits better, or as well and stands before it.
    pub(crate) is_outdone: bool,
}

/// In which respect chains are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChainStep {
    Port,
    Network,
    ServerName,
    Transport,
    Protocol,
}

/// How well a chain fits in one respect; `None`: not at all.
type Step = fn(&FilterChain, &ChainProgram, &Connection<'_>) -> Option<u32>;

/// In the order in which Envoy looks.
const STEPS: [Step; 5] = [port_rank, network_rank, name_rank, transport_rank, protocol_rank];

const NAMES: [ChainStep; STEPS.len()] =
    [ChainStep::Port, ChainStep::Network, ChainStep::ServerName, ChainStep::Transport, ChainStep::Protocol];

/// Whether a chain has these ranks in the first steps.
fn fits(
    chain: &FilterChain,
    program: &ChainProgram,
    connection: &Connection<'_>,
    ranks: Option<&[u32]>,
) -> bool {
    let mut steps = STEPS.iter().zip(ranks.unwrap_or_default());
    steps.all(|(step, rank)| step(chain, program, connection) == Some(*rank))
}

fn port_rank(chain: &FilterChain, _: &ChainProgram, connection: &Connection<'_>) -> Option<u32> {
    match chain.destination_port {
        Some(port) => (port == connection.port).then_some(1),
        None => Some(0),
    }
}

/// The longest prefix of the networks that hold the address.
fn network_rank(chain: &FilterChain, _: &ChainProgram, connection: &Connection<'_>) -> Option<u32> {
    if chain.destinations.is_empty() {
        return Some(0);
    }
    let address = connection.destination?;
    let holding = chain.destinations.iter().filter(|network| network.contains(address));
    holding.map(|network| u32::from(network.prefix()) + 1).max()
}

/// Exact before the longest suffix before any.
fn name_rank(_: &FilterChain, program: &ChainProgram, connection: &Connection<'_>) -> Option<u32> {
    if program.server_names.is_empty() {
        return Some(0);
    }
    let asked = connection.server_name;
    let ranks = program.server_names.iter().filter_map(|name| match name.strip_prefix('*') {
        Some("") => Some(0),
        Some(suffix) => {
            let start = asked.len().checked_sub(suffix.len()).filter(|start| *start > 0)?;
            let ends = asked.as_bytes().get(start..)?.eq_ignore_ascii_case(suffix.as_bytes());
            ends.then(|| u32::try_from(suffix.len()).unwrap_or(u32::MAX - 1))
        }
        None => asked.eq_ignore_ascii_case(name).then_some(u32::MAX),
    });
    ranks.max()
}

fn transport_rank(chain: &FilterChain, _: &ChainProgram, connection: &Connection<'_>) -> Option<u32> {
    match chain.transport.as_str() {
        "" => Some(0),
        wanted => (wanted == connection.transport()).then_some(1),
    }
}

/// The client's own order of protocols decides.
fn protocol_rank(chain: &FilterChain, _: &ChainProgram, connection: &Connection<'_>) -> Option<u32> {
    if chain.application_protocols.is_empty() {
        return Some(0);
    }
    let offered = connection.application_protocols;
    let first =
        offered.iter().position(|one| chain.application_protocols.iter().any(|other| other == one))?;
    u32::try_from(offered.len() - first).ok()
}

fn pick_of(action: &L4Action) -> Option<WeightedPick> {
    match action {
        L4Action::Tcp(TcpRoute { destinations, .. }) if destinations.len() > 1 => {
            Some(WeightedPick::new(destinations.iter().map(|one| one.weight)))
        }
        _ => None,
    }
}
