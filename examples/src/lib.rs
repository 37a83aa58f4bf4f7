//! What the examples share, and the list of them: see the table in the README beside this folder.
//!
//! Each tutorial states its output in its header, and a test compares it with what it prints.

#![forbid(unsafe_code)]

pub mod arguments;
pub mod chart;
pub mod files;
pub mod pipe;

/// The output that the header of a tutorial states: the first block of text fenced with `text`.
#[must_use]
pub fn stated_output(source: &str) -> Option<String> {
    let (_, rest) = source.split_once("//! ```text\n")?;
    let (block, _) = rest.split_once("//! ```\n")?;
    let lines =
        block.lines().map(|line| line.strip_prefix("//! ").unwrap_or_else(|| line.trim_start_matches("//!")));
    Some(lines.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_read_without_its_comment_marks() {
        let source = "//! A.\n//!\n//! ```text\n//! a  b\n//!\n//! c\n//! ```\n\nfn main() {}\n";
        assert_eq!(stated_output(source).as_deref(), Some("a  b\n\nc\n"));
        assert_eq!(stated_output("fn main() {}"), None);
    }
}
