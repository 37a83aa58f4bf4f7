//! A map from byte strings to small numbers, made once and asked often.

/// Odd, with about as many ones as zeros.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A map from byte strings to `u32`: open addressing, never more than half full.
///
/// Keys are compared, so that equal hashes cost time but never answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByteMap {
    slots: Box<[Slot]>,
    keys: Vec<u8>,
    used: usize,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    // The upper half of the hash: four slots fit in a cache line.
    tag: u32,
    start: u32,
    // One more than the length of the key; 0 where the slot is free.
    length: u32,
    value: u32,
}

const FREE: Slot = Slot { tag: 0, start: 0, length: 0, value: 0 };

impl ByteMap {
    pub(crate) const fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The value of a key, made by `fresh` where there is none.
    pub(crate) fn entry(&mut self, key: &[u8], fresh: impl FnOnce() -> u32) -> &mut u32 {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let hash = hash(key);
        let position = self.position(hash, key);
        if self.slots.get(position).is_some_and(|slot| slot.length == 0) {
            let slot = Slot {
                tag: tag(hash),
                start: u32::try_from(self.keys.len()).unwrap_or(u32::MAX),
                length: u32::try_from(key.len() + 1).unwrap_or(u32::MAX),
                value: fresh(),
            };
            self.keys.extend_from_slice(key);
            self.used += 1;
            if let Some(free) = self.slots.get_mut(position) {
                *free = slot;
            }
        }
        // The table is never full, so that the position always exists.
        &mut self.slots.get_mut(position).expect("a position below the length").value
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &[u8]) -> Option<u32> {
        if self.used == 0 { None } else { self.get_hashed(hash(key), key) }
    }

    /// The value of a key whose hash is known.
    #[inline]
    pub(crate) fn get_hashed(&self, hash: u64, key: &[u8]) -> Option<u32> {
        let slot = self.slots.get(self.position(hash, key))?;
        (slot.length != 0).then_some(slot.value)
    }

    /// The slot of a key, or the free one where it would stand.
    #[inline]
    fn position(&self, hash: u64, key: &[u8]) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let tag = tag(hash);
        let mut position = tag as usize & mask;
        while let Some(slot) = self.slots.get(position) {
            if slot.length == 0 || (slot.tag == tag && self.key_of(*slot) == key) {
                break;
            }
            position = (position + 1) & mask;
        }
        position
    }

    fn key_of(&self, slot: Slot) -> &[u8] {
        let start = slot.start as usize;
        self.keys.get(start..start + slot.length as usize - 1).unwrap_or_default()
    }

    fn grow(&mut self) {
        let larger = vec![FREE; (self.slots.len() * 2).max(8)].into_boxed_slice();
        let old = std::mem::replace(&mut self.slots, larger);
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| slot.length != 0) {
            let mut position = slot.tag as usize & mask;
            while self.slots.get(position).is_some_and(|other| other.length != 0) {
                position = (position + 1) & mask;
            }
            if let Some(free) = self.slots.get_mut(position) {
                *free = slot;
            }
        }
    }
}

/// The hash of a whole byte string.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut prefix = PrefixHash::new(bytes);
    prefix.to(bytes.len())
}

/// Hashes of growing prefixes of one byte string.
#[derive(Debug)]
pub(crate) struct PrefixHash<'b> {
    bytes: &'b [u8],
    // Bytes taken into the state: a multiple of 8.
    taken: usize,
    state: u64,
}

impl<'b> PrefixHash<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, taken: 0, state: FACTOR }
    }

    /// The hash of the first `length` bytes; lengths must not fall, nor exceed the string.
    #[inline]
    pub(crate) fn to(&mut self, length: usize) -> u64 {
        while self.taken + 8 <= length {
            self.state = fold(self.state ^ self.word(self.taken));
            self.taken += 8;
        }
        let rest = length - self.taken;
        let tail = if rest == 0 { 0 } else { self.word(self.taken) & (u64::MAX >> (64 - 8 * rest)) };
        fold(self.state ^ tail ^ (length as u64).wrapping_mul(FACTOR))
    }

    /// Eight bytes from there on; those past the end are zero.
    #[inline]
    fn word(&self, start: usize) -> u64 {
        match self.bytes.get(start..start + 8).and_then(|word| word.try_into().ok()) {
            Some(word) => u64::from_le_bytes(word),
            None => self.last_word(start),
        }
    }

    /// The fewer than eight bytes from there on, cut out of the last eight where there are so many.
    #[inline]
    fn last_word(&self, start: usize) -> u64 {
        match self.bytes.last_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word) >> (8 * (start + 8 - self.bytes.len())),
            None => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
            }
        }
    }
}

/// What a slot keeps of a hash.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is wanted")]
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low and the high half are wanted")]
const fn fold(value: u64) -> u64 {
    let product = (value as u128).wrapping_mul(FACTOR as u128);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_is_a_map() {
        let keys: Vec<String> =
            (0..3_000).map(|i| "/".repeat(i % 20) + &format!("key-{}", i * 7 % 2_000)).collect();
        let (mut map, mut model) = (ByteMap::default(), HashMap::new());
        for (number, key) in (0_u32..).zip(&keys) {
            *map.entry(key.as_bytes(), || 0) += number;
            *model.entry(key.clone()).or_insert(0) += number;
        }
        for key in &keys {
            assert_eq!(map.get(key.as_bytes()), model.get(key).copied());
            assert_eq!(map.get(format!("{key}!").as_bytes()), None);
        }
        assert_eq!(ByteMap::default().get(b"x"), None);
    }

    #[test]
    fn prefixes_hash_like_wholes() {
        let text = b"/api/v1/services/reviews/items?x";
        let mut prefixes = PrefixHash::new(text);
        for length in 0..=text.len() {
            assert_eq!(prefixes.to(length), hash(&text[..length]), "{length}");
        }
        assert_ne!(hash(b"a"), hash(b"a\0"));
    }
}
