//! Routes by a text that a request must have, as a whole or at its beginning.

use crate::program::TextKey;

use super::byte_map::{ByteMap, PrefixHash};
use super::entry::{Entry, Found, Lists};

/// Which routes want a text, or one that begins so.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    whole: ByteMap,
    begins: ByteMap,
    // Lengths of the beginnings, ascending.
    lengths: Box<[usize]>,
}

impl Texts {
    /// Entries must come in order. Also gives the lists of those whose keys are the same.
    pub(super) fn new<'k>(
        entries: impl IntoIterator<Item = (TextKey<'k>, Entry)>,
    ) -> (Self, Vec<Vec<Entry>>) {
        let (mut texts, mut lists, mut lengths) = (Self::default(), Lists::default(), Vec::new());
        for (key, entry) in entries {
            let (map, text) = match key {
                TextKey::Whole(text) => (&mut texts.whole, text),
                TextKey::Begin(text) => {
                    lengths.push(text.len());
                    (&mut texts.begins, text)
                }
            };
            let known = map.get(text);
            let value = lists.add(known, entry);
            *map.entry(text, || value) = value;
        }
        lengths.sort_unstable();
        lengths.dedup();
        texts.lengths = lengths.into();
        (texts, lists.0)
    }

    /// How many look-ups [`each`](Self::each) does at most.
    pub(super) fn look_ups(&self) -> usize {
        self.lengths.len() + usize::from(!self.whole.is_empty())
    }

    /// Calls `visit` with what stands at the text and at each of its beginnings. O(length + different lengths).
    #[inline]
    pub(super) fn each(&self, text: &[u8], mut visit: impl FnMut(Found)) {
        let mut hashes = PrefixHash::new(text);
        for length in self.lengths.iter().take_while(|length| **length <= text.len()) {
            let hash = hashes.to(*length);
            let begin = text.get(..*length).unwrap_or_default();
            if let Some(value) = self.begins.get_hashed(hash, begin) {
                visit(Found::from_bits(value));
            }
        }
        if !self.whole.is_empty()
            && let Some(value) = self.whole.get_hashed(hashes.to(text.len()), text)
        {
            visit(Found::from_bits(value));
        }
    }
}
