//! The hash functions of Envoy, and how hashes of one request are combined.

use twox_hash::XxHash64;

/// xxHash64 with seed 0: request hashes, ring and Maglev keys.
///
/// Source: Envoy's `HashUtil::xxHash64`.
#[must_use]
pub fn xx_hash64(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

/// xxHash64 with another seed.
#[must_use]
pub fn xx_hash64_seeded(bytes: &[u8], seed: u64) -> u64 {
    XxHash64::oneshot(seed, bytes)
}

/// The hash of several values: each seeds the next. The caller sorts them (Envoy: bytewise).
///
/// Source: Envoy's `HashUtil::xxHash64` over a list.
#[must_use]
pub fn xx_hash64_chain<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    values.into_iter().fold(0, |seed, value| xx_hash64_seeded(value, seed))
}

/// The hash of a request after one more policy had a value: rotate by one, then exclusive or.
///
/// Source: Envoy's `HashPolicyImpl::generateHash`.
#[must_use]
pub const fn combine(so_far: Option<u64>, next: u64) -> u64 {
    match so_far {
        Some(hash) => hash.rotate_left(1) ^ next,
        None => next,
    }
}

const MURMUR_MUL: u64 = 0xc6a4_a793_5bd1_e995;
const MURMUR_SEED: u64 = 0xc70f_6907;

/// MurmurHash2 of 64 bits as the GNU C++ library has it; Envoy's `MURMUR_HASH_2`.
///
/// ```
/// assert_eq!(pointsman_policy::hash::murmur2_64(b"foo"), 9_631_199_822_919_835_226);
/// ```
#[must_use]
pub fn murmur2_64(bytes: &[u8]) -> u64 {
    let mix = |value: u64| value ^ (value >> 47);
    let mut hash = MURMUR_SEED ^ (bytes.len() as u64).wrapping_mul(MURMUR_MUL);
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let data = mix(little_endian(word).wrapping_mul(MURMUR_MUL)).wrapping_mul(MURMUR_MUL);
        hash = (hash ^ data).wrapping_mul(MURMUR_MUL);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        hash = (hash ^ little_endian(rest)).wrapping_mul(MURMUR_MUL);
    }
    mix(mix(hash).wrapping_mul(MURMUR_MUL))
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur_equals_the_c_plus_plus_library() {
        // Printed by std::hash<std::string> of libstdc++.
        let table: [(&str, u64); 6] = [
            ("", 6_142_509_188_972_423_790),
            ("a", 4_993_892_634_952_068_459),
            ("foo", 9_631_199_822_919_835_226),
            ("foo\nbar", 16_306_510_975_912_980_159),
            ("12345678", 10_113_836_418_918_046_885),
            ("a longer text, of 33 characters .", 476_464_243_547_150_277),
        ];
        for (text, expected) in table {
            assert_eq!(murmur2_64(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn hashes_of_several_policies_are_rotated_together() {
        assert_eq!(combine(None, 5), 5);
        assert_eq!(combine(Some(1 << 63), 5), 1 ^ 5);
        assert_eq!(xx_hash64_chain([b"a".as_slice(), b"b"]), xx_hash64_seeded(b"b", xx_hash64(b"a")));
        assert_eq!(xx_hash64(b""), 0xef46_db37_51d8_e999);
    }
}
