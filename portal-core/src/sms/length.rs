use super::alphabet::septets;

/// How a text message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The 7-bit default alphabet with its extension table (3GPP TS 23.038, section 6.2.1). A unit is a septet.
    Gsm7,
    /// UCS-2, in practice UTF-16 (section 6.2.3): as soon as one character is not in the default alphabet. A unit is two
    /// bytes; what lies beyond the basic plane takes two units.
    Ucs2,
}

impl Encoding {
    /// The encoding that `text` needs.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.chars().all(|c| septets(c).is_some()) {
            Self::Gsm7
        } else {
            Self::Ucs2
        }
    }

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm-7",
            Self::Ucs2 => "ucs-2",
        }
    }

    /// How many units a message of one segment holds: 140 bytes.
    #[must_use]
    pub const fn alone(self) -> u32 {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// How many units each segment of a longer message holds: six bytes say how they belong together (3GPP TS 23.040,
    /// section 9.2.3.24.1).
    #[must_use]
    pub const fn joined(self) -> u32 {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    fn units(self, c: char) -> u32 {
        match self {
            Self::Gsm7 => septets(c).unwrap_or(2),
            Self::Ucs2 if c.len_utf16() == 2 => 2,
            Self::Ucs2 => 1,
        }
    }
}

/// How long a text message is, as networks count and bill it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsLength {
    /// How it is written.
    pub encoding: Encoding,
    /// Its length in septets or UTF-16 units.
    pub units: u32,
    /// Over how many segments it goes; an empty message is none.
    pub segments: u32,
    /// How many units the last segment has left.
    pub left: u32,
}

impl SmsLength {
    /// The most segments that a message may have: 1,530 septets, which all providers known here take.
    pub const MOST_SEGMENTS: u32 = 10;

    /// The length of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let encoding = Encoding::of(text);
        let units = text.chars().map(|c| encoding.units(c)).sum();
        let parts = segments(text);
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let last = parts.last().map_or("", |last| last);
        let filled: u32 = last.chars().map(|c| encoding.units(c)).sum();
        let room = if count > 1 {
            encoding.joined()
        } else {
            encoding.alone()
        };
        Self {
            encoding,
            units,
            segments: count,
            left: room.saturating_sub(filled),
        }
    }

    /// Whether a message of this length may be sent.
    #[must_use]
    pub const fn is_fine(self) -> bool {
        self.segments > 0 && self.segments <= Self::MOST_SEGMENTS
    }
}

/// The segments that `text` goes out in. No character is split: neither an escape from what it escapes nor a surrogate from
/// its pair.
#[must_use]
pub fn segments(text: &str) -> Vec<&str> {
    let encoding = Encoding::of(text);
    let units: u32 = text.chars().map(|c| encoding.units(c)).sum();
    if units <= encoding.alone() {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let mut parts = Vec::new();
    let (mut begin, mut filled) = (0, 0);
    for (at, c) in text.char_indices() {
        let more = encoding.units(c);
        if filled + more > encoding.joined() {
            parts.extend(text.get(begin..at));
            (begin, filled) = (at, 0);
        }
        filled += more;
    }
    parts.extend(text.get(begin..));
    parts
}

/// What sending `segments` costs in minor units of a currency (cents, say), rounded up, at a price for a thousand segments:
/// providers charge fractions of a cent for one.
///
/// ```
/// // 0.0079 dollars a segment are 790 cents for a thousand.
/// assert_eq!(portal_core::sms::cost(790, 3), 3);
/// assert_eq!(portal_core::sms::cost(790, 1_000), 790);
/// ```
#[must_use]
pub const fn cost(minor_units_per_thousand: u32, segments: u64) -> u64 {
    (minor_units_per_thousand as u64)
        .saturating_mul(segments)
        .div_ceil(1_000)
}
