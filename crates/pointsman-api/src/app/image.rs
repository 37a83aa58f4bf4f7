//! Images and their tags.

use std::cmp::Ordering;

use pointsman_types::Time;

/// The name of a container image: `registry.example.com:5000/team/reviews:1.5.0`.
///
/// Shape: a name, then a tag or a digest or both; neither means `latest`.
///
/// ```
/// use pointsman_api::app::ImageRef;
/// let image = ImageRef::parse("localhost:5000/reviews:1.5.0")?;
/// assert_eq!((image.name(), image.tag()), ("localhost:5000/reviews", Some("1.5.0")));
/// assert_eq!(image.with_tag("1.5.0-v2").to_string(), "localhost:5000/reviews:1.5.0-v2");
/// assert!(ImageRef::parse("").is_err());
/// # Ok::<(), pointsman_api::app::InvalidImage>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageRef {
    name: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// A text that names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImage {
    /// There is nothing.
    #[error("the image is empty")]
    Empty,
    /// It has a character or form that image names do not have.
    #[error("`{0}` is not an image such as `example/reviews:1.5.0`")]
    Malformed(String),
}

impl ImageRef {
    /// Reads an image.
    ///
    /// # Errors
    ///
    /// The text is empty, or names no image.
    pub fn parse(text: &str) -> Result<Self, InvalidImage> {
        if text.is_empty() {
            return Err(InvalidImage::Empty);
        }
        let malformed = || InvalidImage::Malformed(text.to_owned());
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the port of a registry.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let digest_is_well_formed = digest.is_none_or(|digest| {
            digest.split_once(':').is_some_and(|(kind, hex)| {
                !kind.is_empty() && hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        });
        if !is_name(name) || !tag.is_none_or(is_tag) || !digest_is_well_formed {
            return Err(malformed());
        }
        Ok(Self { name: name.to_owned(), tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }

    /// The name without tag and digest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The same image under another tag; a digest is dropped.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { name: self.name.clone(), tag: Some(tag.to_owned()), digest: None }
    }
}

impl std::fmt::Display for ImageRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let part = |part: &str| !part.is_empty() && part.bytes().all(letter);
    let (first, rest) = match name.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    // Only a registry, which stands before a slash, has a port.
    let registry = match (first.split_once(':'), rest) {
        (Some((host, port)), Some(_)) => part(host) && port.parse::<u16>().is_ok(),
        _ => part(first),
    };
    name.len() <= 255 && registry && rest.is_none_or(|rest| rest.split('/').all(part))
}

fn is_tag(tag: &str) -> bool {
    let body = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !tag.is_empty() && tag.len() <= 128 && !tag.starts_with(['-', '.']) && tag.bytes().all(body)
}

/// A tag of an image, with the time it was pushed where that is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageTag {
    /// The tag: `1.5.0-v2`.
    pub name: String,
    /// When it was pushed.
    pub pushed: Option<Time>,
}

impl ImageTag {
    /// A tag of which only the name is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), pushed: None }
    }

    /// A tag that was pushed then.
    pub fn pushed_at(name: impl Into<String>, pushed: Time) -> Self {
        Self { name: name.into(), pushed: Some(pushed) }
    }
}

/// The newest of a list of tags: the default choice for a canary.
///
/// Tags that are semantic versions (a leading `v` and missing parts are fine: `v1.5`) come before all others, the highest
/// version first. Of one version, a suffix counts as *later* than none (`1.5.0-v2` follows `1.5.0`, as teams tag builds), and suffixes compare by
/// their parts, numbers by value (`-v10` follows `-v9`). This is unlike the pre-releases of semver.org; suffixes `alpha`, `beta`, `rc`, `pre`, `snapshot`
/// and `dev` are pre-releases here too. Among tags that are no versions the one pushed last is the newest, then the first of the list. `latest` says nothing and
/// is taken only where there is nothing else.
///
/// ```
/// use pointsman_api::app::{ImageTag, newest_tag};
/// let tags: Vec<_> = ["1.5.0", "latest", "1.5.0-v2", "1.4.9", "1.5.0-rc1"].map(ImageTag::new).into();
/// assert_eq!(newest_tag(&tags).map(|tag| tag.name.as_str()), Some("1.5.0-v2"));
/// ```
#[must_use]
pub fn newest_tag(tags: &[ImageTag]) -> Option<&ImageTag> {
    let mut newest: Option<&ImageTag> = None;
    for tag in tags {
        if newest.is_none_or(|best| compare(tag, best) == Ordering::Greater) {
            newest = Some(tag);
        }
    }
    newest
}

fn compare(one: &ImageTag, two: &ImageTag) -> Ordering {
    let class = |tag: &ImageTag| u8::from(tag.name != "latest");
    match (Release::read(&one.name), Release::read(&two.name)) {
        (Some(first), Some(second)) => first.cmp(&second).then(one.pushed.cmp(&two.pushed)),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => class(one).cmp(&class(two)).then(one.pushed.cmp(&two.pushed)),
    }
}

/// A tag as a version. Its order is the one of its fields.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Release<'t> {
    numbers: [u64; 3],
    stage: Stage,
    suffix: Vec<Part<'t>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before,
    Released,
    After,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'t> {
    Text(&'t str),
    Number(u64),
}

impl<'t> Release<'t> {
    fn read(tag: &'t str) -> Option<Self> {
        let text = tag.strip_prefix('v').unwrap_or(tag);
        let end = text.find(['-', '+', '_']).unwrap_or(text.len());
        let (numbers, suffix) = text.split_at_checked(end)?;
        let mut read = [0; 3];
        let mut parts = numbers.split('.');
        for number in &mut read {
            match parts.next() {
                Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                    *number = part.parse().ok()?
                }
                Some(_) => return None,
                None => break,
            }
        }
        // A bare number is more often a build or a date than a version.
        if parts.next().is_some() || !numbers.contains('.') {
            return None;
        }
        let suffix = parts_of(suffix.get(1..).unwrap_or_default());
        let stage = match suffix.first() {
            None => Stage::Released,
            Some(Part::Text("alpha" | "beta" | "rc" | "pre" | "snapshot" | "SNAPSHOT" | "dev")) => {
                Stage::Before
            }
            Some(_) => Stage::After,
        };
        Some(Self { numbers: read, stage, suffix })
    }
}

/// `v2.rc10` → `v`, 2, `rc`, 10.
fn parts_of(suffix: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = suffix;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let same = |letter: char| letter.is_ascii_digit() == is_number && letter.is_alphanumeric();
        let end = if first.is_alphanumeric() {
            rest.find(|letter| !same(letter)).unwrap_or(rest.len())
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        let Some((part, after)) = rest.split_at_checked(end) else { break };
        match part.parse() {
            Ok(number) if is_number => parts.push(Part::Number(number)),
            _ => parts.push(Part::Text(part)),
        }
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(tags: &[&str]) -> String {
        let tags: Vec<_> = tags.iter().copied().map(ImageTag::new).collect();
        newest_tag(&tags).expect("there are tags").name.clone()
    }

    #[test]
    fn versions_come_before_names_and_suffixes_after_the_release() {
        assert_eq!(newest(&["1.5.0", "1.5.0-v2"]), "1.5.0-v2");
        assert_eq!(newest(&["1.5.0-v10", "1.5.0-v9"]), "1.5.0-v10");
        assert_eq!(newest(&["1.10.0", "1.9.9-v3"]), "1.10.0");
        assert_eq!(newest(&["2.0.0-rc1", "1.9.0"]), "2.0.0-rc1");
        assert_eq!(newest(&["2.0.0-rc1", "2.0.0"]), "2.0.0");
        assert_eq!(newest(&["nightly", "latest", "v0.1"]), "v0.1");
        assert_eq!(newest(&["latest", "nightly"]), "nightly");
    }

    #[test]
    fn names_compare_by_the_time_they_were_pushed() {
        let at =
            |name: &str, seconds: i64| ImageTag::pushed_at(name, Time::from_nanos(seconds * 1_000_000_000));
        let tags = [at("a3f9", 10), at("b2c1", 30), at("c0de", 20)];
        assert_eq!(newest_tag(&tags).expect("there are tags").name, "b2c1");
        assert_eq!(newest_tag(&[]), None);
    }

    #[test]
    fn the_port_of_a_registry_is_no_tag() {
        let image = ImageRef::parse("registry:5000/a/b").expect("an image");
        assert_eq!((image.name(), image.tag()), ("registry:5000/a/b", None));
        for text in ["", "a b", "a:", "a:b c", "/a", "a//b", "a@sha256:12", "a:b:c", "a:x/b"] {
            assert!(ImageRef::parse(text).is_err(), "{text}");
        }
    }
}
