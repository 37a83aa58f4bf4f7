//! JSON Web Keys that stand in a rule.

use pointsman_manifest::{Map, Value};

use crate::codes;
use crate::report::{Place, Report};

/// A key type of RFC 7518 and RFC 8037: its name, what a public key has, and what only a private one has.
const KEY_TYPES: [(&str, &[&str], &str); 4] = [
    ("RSA", &["n", "e"], "d"),
    ("EC", &["crv", "x", "y"], "d"),
    ("OKP", &["crv", "x"], "d"),
    ("oct", &["k"], "k"),
];

/// Reads a key or a set of keys; an empty text is none.
pub(super) fn check(text: &str, at: &Place<'_>, out: &mut Report) {
    if text.is_empty() {
        return;
    }
    match keys(text).and_then(|keys| keys.iter().map(is_secret).collect::<Result<Vec<_>, _>>()) {
        Ok(secret) if secret.contains(&true) => {
            out.warn(
                at,
                codes::JWKS_SECRET,
                "`jwks` holds a private or symmetric key, which everybody who reads this object gets",
            );
        }
        Ok(_) => {}
        Err(why) => out.error(at, codes::JWKS, format!("`jwks` is no set of keys: {why}")),
    }
}

fn keys(text: &str) -> Result<Vec<Map>, String> {
    let value = Value::from_json(text).map_err(|_| "it is not JSON".to_owned())?;
    let list = match value.get("keys") {
        Some(Value::List(keys)) => keys.clone(),
        Some(_) => return Err("`keys` is no list".to_owned()),
        None => vec![value],
    };
    let maps = list.iter().map(|key| key.as_map().cloned());
    maps.collect::<Option<_>>().ok_or_else(|| "a key is no map".to_owned())
}

/// Whether a key must not be shown.
fn is_secret(key: &Map) -> Result<bool, String> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let Some(kind) = text("kty") else { return Err("a key has no `kty`".to_owned()) };
    let Some((_, members, secret)) = KEY_TYPES.iter().find(|(name, ..)| *name == kind) else {
        return Err(format!("`{kind}` is not a type of key"));
    };
    match members.iter().find(|name| !text(name).is_some_and(|value| is_readable(name, value))) {
        Some(missing) => Err(format!("a key of type `{kind}` has no good `{missing}`")),
        None => Ok(text(secret).is_some()),
    }
}

/// Base64 for URLs; the name of a curve is a word.
fn is_readable(name: &str, value: &str) -> bool {
    let letters = value.trim_end_matches('=');
    let plain = letters.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    !letters.is_empty() && plain && (name == "crv" || letters.len() % 4 != 1)
}
