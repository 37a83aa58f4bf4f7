//! What a benchmark is asked to do.

use std::path::PathBuf;

/// The arguments of a benchmark, beside those of cargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only the ratios that must hold are measured; one that does not is a failure.
    pub gate: bool,
    /// Where the picture goes.
    pub svg: PathBuf,
    // Parts of names; none: everything.
    filters: Vec<String>,
}

impl Options {
    /// From the command line: `--gate`, `--svg PATH` (by default the one given), and parts of names.
    #[must_use]
    pub fn from_arguments(svg: &str) -> Self {
        Self::parse(std::env::args().skip(1), svg)
    }

    fn parse(mut arguments: impl Iterator<Item = String>, svg: &str) -> Self {
        let mut options = Self { gate: false, svg: svg.into(), filters: Vec::new() };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--gate" => options.gate = true,
                "--svg" => options.svg = arguments.next().map_or(options.svg, PathBuf::from),
                other if other.starts_with('-') => {}
                _ => options.filters.push(argument),
            }
        }
        options
    }

    /// Whether a benchmark of that name is asked for.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }

    /// Whether all benchmarks are asked for.
    #[must_use]
    pub const fn wants_all(&self) -> bool {
        self.filters.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_cargo_are_let_through() {
        let arguments = ["--bench", "hosts", "--svg", "a.svg", "--gate"].map(str::to_owned);
        let options = Options::parse(arguments.into_iter(), "b.svg");
        assert!(
            options.gate && options.wants("many hosts") && !options.wants("routes") && !options.wants_all()
        );
        assert_eq!(options.svg, PathBuf::from("a.svg"));
        assert!(Options::parse(std::iter::empty(), "b.svg").wants("routes"));
    }
}
