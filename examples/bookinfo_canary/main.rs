//! The main job: a canary release of `reviews` of the bookinfo application, from an application model to "v1 removed".
//!
//! ```text
//! cargo run --example bookinfo_canary
//! cargo run --example bookinfo_canary -- --json
//! cargo run --example bookinfo_canary -- --manifests PATH --component NAME --stable VERSION --canary VERSION
//! ```
//!
//! Nothing is scripted but the people and the pods: what follows from an event is decided by `pointsman-rollout`, written by
//! `pointsman-render`, read back from the disk, compiled by `pointsman-route`, and judged by `pointsman-judge`.

mod folder;
mod model;
mod options;
mod report;
mod requests;
mod stories;
mod story;

use std::process::ExitCode;

use crate::options::{Options, USAGE};

/// What went wrong, in the words that the person at the terminal reads.
type Failure = String;

fn main() -> ExitCode {
    pointsman_examples::pipe::end_with_the_reader();
    let arguments = std::env::args().skip(1).collect();
    match Options::read(arguments).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Findings say by themselves that they are errors.
            let said = if failure.starts_with("error[") { failure } else { format!("error: {failure}") };
            eprintln!("{said}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    if options.help {
        println!("{USAGE}");
        return Ok(());
    }
    // Everything that can be wrong with the input is found before anything is written.
    let mut release = stories::prepare(options)?;
    let mut folder = folder::RunFolder::open(&options.out)?;
    release.tell(&mut folder)?;
    if options.json {
        println!("{}", report::json(&release)?);
    } else {
        print!("{}", report::text(&release));
    }
    Ok(())
}
