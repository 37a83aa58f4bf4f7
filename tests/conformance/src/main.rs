//! The conformance runner: see `--help`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use pointsman_conformance::{
    Corpora, Options, USAGE, actual_lines, check, envoy, expected_failures_dir, failure_lines, json_object,
    run, suite_lines,
};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "envoy") {
        return envoy::main(arguments.split_off(1));
    }
    match Options::parse(arguments) {
        Ok(options) if options.help => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(options) => run_suites(options),
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run_suites(options: Options) -> ExitCode {
    let corpora = Corpora::new(options.corpora).with_prefixes(options.suites);
    if !corpora.exist() {
        eprintln!("there is no folder of corpora at `{}`", corpora.root().display());
        return ExitCode::from(2);
    }
    // A panic is the outcome of its case; its message stands there.
    std::panic::set_hook(Box::new(|_| {}));
    let results = run(&corpora);
    drop(std::panic::take_hook());

    if let Some(path) = options.actual
        && let Err(error) = std::fs::write(&path, actual_lines(&results))
    {
        eprintln!("cannot write `{}`: {error}", path.display());
        return ExitCode::from(2);
    }
    if options.json {
        println!("{}", json_object(&results));
    } else {
        print!("{}", suite_lines(&results));
    }
    if options.failures {
        let lines = failure_lines(&results);
        if options.json { eprint!("{lines}") } else { print!("{lines}") }
    }
    if options.check {
        let surprises = check(&results, &expected_failures_dir());
        surprises.iter().for_each(|surprise| eprintln!("{surprise}"));
        if !surprises.is_empty() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
