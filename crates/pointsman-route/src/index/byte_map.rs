//! A map from byte strings to small numbers, made once and asked often.

/// Odd, with about as many ones as zeros.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A map from byte strings to `u32`: open addressing by cache lines of four, never more than half full.
///
/// Keys are compared, so that equal hashes cost time but never answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByteMap {
    lines: Box<[Line]>,
    keys: Vec<u8>,
    used: usize,
}

/// Four places that one cache line holds, filled from the first.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line {
    // Of free places 0.
    tags: [u32; PLACES],
    slots: [Slot; PLACES],
}

const PLACES: usize = 4;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    start: u32,
    length: u32,
    value: u32,
}

impl ByteMap {
    pub(crate) const fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The value of a key, made by `fresh` where there is none.
    pub(crate) fn entry(&mut self, key: &[u8], fresh: impl FnOnce() -> u32) -> &mut u32 {
        if (self.used + 1) * 2 > self.lines.len() * PLACES {
            self.grow();
        }
        let tag = tag(hash(key));
        let same = self.lines.get(self.first_line(tag)).map_or(0, |line| line.places_of(tag));
        let place = self.find(same, tag, key).unwrap_or_else(|| {
            let start = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
            let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
            self.keys.extend_from_slice(key);
            self.used += 1;
            insert(&mut self.lines, tag, Slot { start, length, value: fresh() })
        });
        let slot = self.lines.get_mut(place.0).and_then(|line| line.slots.get_mut(place.1));
        &mut slot.expect("a place that was just found").value
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get(&self, key: &[u8]) -> Option<u32> {
        if self.used == 0 { None } else { self.get_hashed(hash(key), key) }
    }

    /// The value of a key whose hash is known. Of most keys that are not there one line is read and no branch is in doubt.
    #[inline(always)]
    pub(crate) fn get_hashed(&self, hash: u64, key: &[u8]) -> Option<u32> {
        let tag = tag(hash);
        let line = self.lines.get(self.first_line(tag))?;
        let same = line.places_of(tag);
        if same == 0 && line.has_room() {
            return None;
        }
        let (line, place) = self.find(same, tag, key)?;
        Some(self.lines.get(line)?.slots.get(place)?.value)
    }

    const fn first_line(&self, tag: u32) -> usize {
        tag as usize & self.lines.len().wrapping_sub(1)
    }

    /// Where a key stands; `same` are the places of the first line that have its tag.
    fn find(&self, mut same: u32, tag: u32, key: &[u8]) -> Option<(usize, usize)> {
        let mut number = self.first_line(tag);
        loop {
            let line = self.lines.get(number)?;
            while same != 0 {
                let place = same.trailing_zeros() as usize;
                if line.slots.get(place).is_some_and(|slot| equal(self.key_of(slot), key)) {
                    return Some((number, place));
                }
                same &= same - 1;
            }
            if line.has_room() {
                return None;
            }
            number = (number + 1) & self.lines.len().wrapping_sub(1);
            same = self.lines.get(number)?.places_of(tag);
        }
    }

    fn key_of(&self, slot: &Slot) -> &[u8] {
        let start = slot.start as usize;
        self.keys.get(start..start + slot.length as usize).unwrap_or_default()
    }

    fn grow(&mut self) {
        let larger = vec![Line::default(); (self.lines.len() * 2).max(2)].into_boxed_slice();
        for line in std::mem::replace(&mut self.lines, larger) {
            for (tag, slot) in line.tags.into_iter().zip(line.slots).filter(|(tag, _)| *tag != 0) {
                insert(&mut self.lines, tag, slot);
            }
        }
    }
}

impl Line {
    /// A bit for each place with that tag.
    #[inline]
    fn places_of(&self, tag: u32) -> u32 {
        self.tags.iter().zip(0..).fold(0, |same, (other, place)| same | u32::from(*other == tag) << place)
    }

    #[inline]
    const fn has_room(&self) -> bool {
        let [.., last] = self.tags;
        last == 0
    }
}

/// Puts a slot into the first free place from its line on: there is one, as half of them are free.
fn insert(lines: &mut [Line], tag: u32, slot: Slot) -> (usize, usize) {
    let mask = lines.len().wrapping_sub(1);
    let mut number = tag as usize & mask;
    loop {
        let Some(line) = lines.get_mut(number) else { return (0, 0) };
        if let Some(place) = line.tags.iter().position(|other| *other == 0) {
            if let (Some(of_tag), Some(of_slot)) = (line.tags.get_mut(place), line.slots.get_mut(place)) {
                (*of_tag, *of_slot) = (tag, slot);
            }
            return (number, place);
        }
        number = (number + 1) & mask;
    }
}

/// Whether two byte strings are equal, as `==` says: for short ones, which mostly differ at the end, eight bytes at a time
/// from there are faster than a call of `memcmp`.
#[inline]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let same = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(last_of_a), Some(last_of_b)) => {
            let ((a, _), (b, _)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
            same((last_of_a, last_of_b)) && a.iter().zip(b).all(same)
        }
        _ => a.iter().zip(b).all(|(a, b)| a == b),
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
    #[inline(always)]
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

/// What a line keeps of a hash; never 0.
#[inline]
const fn tag(hash: u64) -> u32 {
    match (hash >> 32) as u32 {
        0 => 1,
        tag => tag,
    }
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
