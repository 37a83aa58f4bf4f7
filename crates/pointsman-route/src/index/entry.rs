//! A route as the index knows it.

/// A route in the index: its position, and whether the key alone says that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

const CERTAIN: u32 = 1 << 30;

impl Entry {
    /// One more than the highest position.
    pub(super) const MOST: usize = CERTAIN as usize;

    pub(super) const fn new(position: u32) -> Self {
        Self(position)
    }

    pub(super) const fn certain_if(self, certain: bool) -> Self {
        if certain { Self(self.0 | CERTAIN) } else { self }
    }

    pub(super) const fn position(self) -> u32 {
        self.0 & (CERTAIN - 1)
    }

    pub(super) const fn is_certain(self) -> bool {
        self.0 & CERTAIN != 0
    }
}

/// What stands at a key: one route, or the number of a list of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    One(Entry),
    Several(usize),
}

const SEVERAL: u32 = 1 << 31;

impl Found {
    pub(super) const fn from_bits(bits: u32) -> Self {
        if bits & SEVERAL == 0 { Self::One(Entry(bits)) } else { Self::Several((bits & !SEVERAL) as usize) }
    }
}

/// Lists of entries with one key, as they are built.
#[derive(Debug, Default)]
pub(super) struct Lists(pub(super) Vec<Vec<Entry>>);

impl Lists {
    /// What a map says of a key once an entry has come to those before: `value` is what it said, if anything.
    pub(super) fn add(&mut self, value: Option<u32>, entry: Entry) -> u32 {
        let Some(value) = value else { return entry.0 };
        match Found::from_bits(value) {
            Found::One(first) => {
                self.0.push(vec![first, entry]);
                u32::try_from(self.0.len() - 1).unwrap_or(0) | SEVERAL
            }
            Found::Several(number) => {
                if let Some(list) = self.0.get_mut(number) {
                    list.push(entry);
                }
                value
            }
        }
    }
}
