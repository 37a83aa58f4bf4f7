//! Command lines.

/// Reads a command line: hands each argument to `take`, with what gives the value that follows it. `take` answers whether it
/// knows the argument.
///
/// ```
/// use pointsman_examples::arguments::read_arguments;
///
/// let (mut weight, mut json) = (String::new(), false);
/// read_arguments(["--weight", "20", "--json"].map(String::from), "usage: …", |name, value| {
///     match name {
///         "--weight" => weight = value()?,
///         "--json" => json = true,
///         _ => return Ok(false),
///     }
///     Ok(true)
/// })?;
/// assert_eq!((weight.as_str(), json), ("20", true));
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
///
/// An argument that nobody knows, with `usage` beneath; a value that is missing; what `take` says.
pub fn read_arguments(
    arguments: impl IntoIterator<Item = String>,
    usage: &str,
    mut take: impl FnMut(&str, &mut dyn FnMut() -> Result<String, String>) -> Result<bool, String>,
) -> Result<(), String> {
    let mut arguments = arguments.into_iter();
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{name}` needs a value"));
        if !take(&name, &mut value)? {
            return Err(format!("unknown option `{name}`\n\n{usage}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Vec<String>, String> {
        let mut read = Vec::new();
        read_arguments(arguments.iter().map(|text| (*text).to_owned()), "usage: a [-b C]", |name, value| {
            match name {
                "-b" => read.push(format!("b={}", value()?)),
                file if !file.starts_with('-') => read.push(file.to_owned()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(read)
    }

    #[test]
    fn options_take_what_follows_them() {
        assert_eq!(read(&["x", "-b", "-c", "y"]), Ok(vec!["x".into(), "b=-c".into(), "y".into()]));
        assert_eq!(read(&["x", "-b"]), Err("`-b` needs a value".into()));
        assert_eq!(read(&["-z"]), Err("unknown option `-z`\n\nusage: a [-b C]".into()));
    }
}
