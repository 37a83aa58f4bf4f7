//! Unit tests for traffic rules.
//!
//! ```text
//! cargo run --example route_test -- examples/route_test/bookinfo.test.yaml --filter tester
//!
//! examples/route_test/bookinfo.test.yaml
//!   passed  testers see nothing but the canary, whatever they ask
//!   passed  nobody else is taken for a tester
//! 2 tests: 2 passed, 0 failed
//! ```
//!
//! The format is told in `pointsman_testing::route_test`. The exit code is 0 where all tests passed, 1 where some failed, 2 where a
//! file cannot be used.

use std::path::Path;
use std::process::ExitCode;

use pointsman_examples::arguments::read_arguments;
use pointsman_examples::files::{read_manifests_as, read_text, said};
use pointsman_testing::route_test::{FileReport, Report, RouteTests, Verdict};

const USAGE: &str = "\
Unit tests for traffic rules: which requests go where, computed from manifests.

route_test FILE... [--filter TEXT] [--junit PATH]

    FILE           a file of tests
    --filter TEXT  only tests whose names contain it
    --junit PATH   writes a report as JUnit XML

0: all passed, 1: some failed, 2: a file cannot be used";

fn main() -> ExitCode {
    pointsman_examples::pipe::end_with_the_reader();
    match Options::read(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(Verdict::Passed) => ExitCode::SUCCESS,
        Ok(Verdict::Failed) => ExitCode::from(1),
        Ok(Verdict::Unusable) => ExitCode::from(2),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<Verdict, String> {
    if options.help {
        println!("{USAGE}");
        return Ok(Verdict::Passed);
    }
    let files = options.files.iter().map(|file| test(file, &options.filter));
    let report = Report::new(files.collect::<Result<_, String>>()?);
    print!("{report}");
    if let Some(path) = &options.junit {
        std::fs::write(path, report.to_junit()).map_err(|error| said(Path::new(path), &error))?;
    }
    if report.verdict() == Verdict::Unusable && report.files.iter().all(|file| file.problems.is_empty()) {
        return Err(format!("no test has a name with `{}`", options.filter));
    }
    Ok(report.verdict())
}

/// Carries out the tests of one file; its manifests are beside it.
fn test(file: &str, filter: &str) -> Result<FileReport, String> {
    let text = read_text(Path::new(file))?;
    let tests = match RouteTests::parse(file, &text) {
        Ok(tests) => tests.only(filter),
        Err(problems) => return Ok(FileReport::unusable(file, problems)),
    };
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    Ok(tests.run(|path| {
        let found = folder.join(path);
        read_manifests_as(&found, &found.display().to_string())
    }))
}

#[derive(Debug, Default)]
struct Options {
    files: Vec<String>,
    filter: String,
    junit: Option<String>,
    help: bool,
}

impl Options {
    fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        read_arguments(arguments, USAGE, |name, value| {
            match name {
                "--filter" => options.filter = value()?,
                "--junit" => options.junit = Some(value()?),
                "--help" | "-h" => options.help = true,
                file if !file.starts_with('-') => options.files.push(file.to_owned()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if options.files.is_empty() && !options.help {
            return Err(format!("no file of tests is named\n\n{USAGE}"));
        }
        Ok(options)
    }
}
