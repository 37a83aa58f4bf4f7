//! The comparison with a real Envoy: `pointsman-conformance envoy --seed N --configs N --requests N`.
//!
//! ```text
//!   CaseSource ──► Case { config, requests, third party? }
//!        │                    │
//!        │     ours: RoutingTable::select ──► Answer ─┐
//!        │     Envoy: pointsman-envoy, HTTP ─► Answer ─┼──► Difference
//!        └──── third party (interpreter) ───► Answer ─┘
//! ```
//!
//! A [`CaseSource`] makes one configuration with requests near its borders. [`ir_source::IrSource`] makes them from the
//! routing IR directly; [`mesh_source::MeshSource`] compiles them from meshes and brings an interpreter of the manifests
//! along as a third party. Everything runs on loopback
//! addresses: one Envoy a batch, and an echo server that says what it received.

mod answer;
mod ask;
mod bootstrap;
mod case;
mod client;
mod dice;
mod echo;
mod features;
pub mod interpreter;
pub mod ir_source;
mod judge;
mod l4;
pub mod mesh_source;
mod options;
mod process;
mod run;
mod samples;
mod shrink;
mod specimen;
mod validate;

use std::process::ExitCode;

pub use answer::{Answer, Difference};
pub use case::{AskedRequest, Case, CaseSource, Input, Manner, MeshInput, ThirdParty};
pub use dice::Dice;
pub use options::EnvoyOptions;
pub use run::{Report, run};

/// Meshes and bare configurations by turns.
#[derive(Debug, Default)]
struct Alternating {
    made: usize,
    bare: ir_source::IrSource,
    meshes: mesh_source::MeshSource,
}

impl CaseSource for Alternating {
    fn case(&mut self, dice: &mut Dice, requests: usize) -> Case {
        self.made += 1;
        // Meshes have more to show.
        if self.made.is_multiple_of(3) {
            self.bare.case(dice, requests)
        } else {
            self.meshes.case(dice, requests)
        }
    }
}

/// Runs the comparison; the arguments are those after `envoy`.
#[must_use]
pub fn main(arguments: Vec<String>) -> ExitCode {
    let options = match EnvoyOptions::parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let mut source = Alternating::default();
    match run(&options, &mut source) {
        Ok(report) => {
            print!("{report}");
            if report.differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
