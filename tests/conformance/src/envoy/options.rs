//! The command line of the comparison.

use std::path::PathBuf;

/// What `--help` prints.
pub(super) const USAGE: &str = "\
usage: pointsman-conformance envoy [--seed N] [--configs N] [--requests N] [--show N]

  --seed N       what everything random comes from (default 1)
  --configs N    how many configurations (default 200)
  --requests N   how many requests over all configurations (default 5000)
  --show N       how many differences are printed in full (default 5)
  $ENVOY_BIN     the Envoy binary; needed";

/// What to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvoyOptions {
    /// What everything random comes from.
    pub seed: u64,
    /// How many configurations.
    pub configs: usize,
    /// How many requests, over all configurations.
    pub requests: usize,
    /// How many differences are printed in full.
    pub show: usize,
    /// The Envoy binary.
    pub binary: PathBuf,
}

impl EnvoyOptions {
    /// Reads the arguments after `envoy`; the binary is `$ENVOY_BIN`.
    ///
    /// # Errors
    /// An unknown argument, one without a number, or no binary.
    pub fn parse(arguments: Vec<String>) -> Result<Self, String> {
        let binary = std::env::var_os("ENVOY_BIN").ok_or("`$ENVOY_BIN` does not name an Envoy binary")?;
        let mut options = Self { seed: 1, configs: 200, requests: 5_000, show: 5, binary: binary.into() };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, arguments.next()),
            };
            let value = value.ok_or_else(|| format!("`{name}` needs a number"))?;
            let number: u64 = value.parse().map_err(|_| format!("`{name}` needs a number, not `{value}`"))?;
            let small = usize::try_from(number).unwrap_or(usize::MAX);
            match name.as_str() {
                "--seed" => options.seed = number,
                "--configs" => options.configs = small,
                "--requests" => options.requests = small,
                "--show" => options.show = small,
                _ => return Err(format!("`{name}` is not an argument of this comparison")),
            }
        }
        Ok(options)
    }
}
