//! The command line.

use std::path::PathBuf;

use crate::default_corpora_dir;

/// How to call it.
pub const USAGE: &str = "\
usage: pointsman-conformance [--corpora DIR] [--suite PREFIX]... [--json] [--failures] [--check] [--actual FILE]
       pointsman-conformance envoy [--seed N] [--configs N] [--requests N]

  --corpora DIR    where the corpora are (else $POINTSMAN_CORPORA, else ../shared/corpora beside the workspace)
  --suite PREFIX   only suites whose name begins so; may be given several times
  --json           one JSON object on standard output instead of a line a suite
  --failures       a line for each failing case
  --check          compare with expected_failures/: fail on a new failure and on an unexpected pass
  --actual FILE    what the library answered to each case, as JSON lines";

/// What to run and what to print.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one flag of the command line each")]
pub struct Options {
    /// Where the corpora are.
    pub corpora: PathBuf,
    /// Beginnings of suite names; none means all.
    pub suites: Vec<String>,
    /// One JSON object instead of lines.
    pub json: bool,
    /// A line for each failing case.
    pub failures: bool,
    /// Compare with the lists of expected failures.
    pub check: bool,
    /// Where to write what the library answered.
    pub actual: Option<PathBuf>,
    /// Print the usage and do nothing else.
    pub help: bool,
}

/// An argument that is unknown or lacks its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidOptions(pub String);

impl std::fmt::Display for InvalidOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidOptions {}

impl Options {
    /// Reads the arguments after the program's name. `--name=value` is the same as `--name value`.
    ///
    /// # Errors
    /// An unknown argument, or one without its value.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, InvalidOptions> {
        let mut options = Self {
            corpora: default_corpora_dir(),
            suites: Vec::new(),
            json: false,
            failures: false,
            check: false,
            actual: None,
            help: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (argument, None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or(InvalidOptions(format!("`{name}` needs a value")))
            };
            match name.as_str() {
                "--corpora" => options.corpora = value()?.into(),
                "--suite" => options.suites.push(value()?),
                "--actual" => options.actual = Some(value()?.into()),
                "--json" => options.json = true,
                "--failures" => options.failures = true,
                "--check" => options.check = true,
                "--help" | "-h" => options.help = true,
                _ => return Err(InvalidOptions(format!("`{name}` is not an argument of this program"))),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, InvalidOptions> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn suites_add_up_and_both_forms_of_a_value_are_read() {
        let options = parse("--suite a --suite=b/c --check --corpora /x --actual=y").expect("valid");
        assert_eq!(options.suites, ["a", "b/c"]);
        assert!(options.check && !options.json);
        assert_eq!((options.corpora, options.actual), ("/x".into(), Some("y".into())));
    }

    #[test]
    fn what_is_unknown_or_incomplete_is_refused() {
        assert!(parse("--suites a").is_err());
        assert!(parse("--suite").is_err());
        assert!(parse("stray").is_err());
    }
}
