//! Which letters of a host need a closer look before it is searched among the domains.

/// Whether a host has letters that domains, which are in lower case and without ports, do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HostLetters {
    pub(crate) has_capital: bool,
    pub(crate) has_colon: bool,
}

impl HostLetters {
    /// Eight bytes at a time: a host is looked at for every request.
    #[inline]
    pub(crate) fn of(host: &[u8]) -> Self {
        let (words, rest) = host.as_chunks::<8>();
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        let words = words.iter().chain([&last]).map(|word| u64::from_le_bytes(*word));
        let (capitals, colons) = words.fold((0, 0), |(capital, colon), word| {
            (capital | capitals(word), colon | zeros(word ^ every(b':')))
        });
        Self { has_capital: capitals != 0, has_colon: colons != 0 }
    }
}

const HIGH: u64 = every(0x80);

/// The byte eight times.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Not 0 where one of the bytes is a capital letter.
const fn capitals(word: u64) -> u64 {
    let low = word & !HIGH;
    let (from_a, beyond_z) = (low + every(0x80 - b'A'), low + every(0x7f - b'Z'));
    from_a & !beyond_z & !word & HIGH
}

/// Not 0 where one of the bytes is 0.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::HostLetters;

    #[test]
    fn every_byte_is_seen_at_every_place() {
        for (length, place) in (0..20_usize).flat_map(|length| (0..length).map(move |place| (length, place)))
        {
            for byte in 0..=u8::MAX {
                let mut host = vec![b'z'; length];
                host[place] = byte;
                let expected =
                    HostLetters { has_capital: byte.is_ascii_uppercase(), has_colon: byte == b':' };
                assert_eq!(HostLetters::of(&host), expected, "{host:?}");
            }
        }
        assert_eq!(HostLetters::of(b""), HostLetters { has_capital: false, has_colon: false });
    }
}
