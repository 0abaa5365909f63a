//! Text messages as networks count them.

use portal_core::sms::{Encoding, SmsLength, cost, segments};
use proptest::prelude::*;

/// The basic table as 3GPP TS 23.038 section 6.2.1 prints it, row by row of its columns (1B is the escape).
const TABLE: [&str; 8] = [
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
];
/// Section 6.2.1.1.
const EXTENSION: [char; 10] = ['\u{c}', '^', '{', '}', '\\', '[', '~', ']', '|', '€'];

fn is_basic(c: char) -> bool {
    c != '\u{1b}' && TABLE.iter().any(|row| row.contains(c))
}

fn of(text: &str) -> (Encoding, u32, u32, u32) {
    let SmsLength {
        encoding,
        units,
        segments,
        left,
    } = SmsLength::of(text);
    (encoding, units, segments, left)
}

#[test]
fn the_alphabet_is_the_standards() {
    assert!(TABLE.iter().all(|row| row.chars().count() == 16));
    for c in (0..=0x2_ffff).filter_map(char::from_u32) {
        let text = c.to_string();
        let expected = if is_basic(c) {
            (Encoding::Gsm7, 1)
        } else if EXTENSION.contains(&c) {
            (Encoding::Gsm7, 2)
        } else {
            (Encoding::Ucs2, u32::try_from(c.len_utf16()).unwrap())
        };
        let found = SmsLength::of(&text);
        assert_eq!((found.encoding, found.units), expected, "{c:?}");
    }
}

/// The limits of <https://www.twilio.com/docs/glossary/what-sms-character-limit> and of 3GPP TS 23.040, section 9.2.3.24.1.
#[test]
fn limits_are_where_networks_have_them() {
    use Encoding::{Gsm7, Ucs2};
    let long = |c: &str, times: usize| c.repeat(times);
    assert_eq!(of(""), (Gsm7, 0, 0, 160));
    assert_eq!(of(&long("a", 160)), (Gsm7, 160, 1, 0));
    assert_eq!(of(&long("a", 161)), (Gsm7, 161, 2, 145));
    assert_eq!(of(&long("a", 306)), (Gsm7, 306, 2, 0));
    assert_eq!(of(&long("a", 307)), (Gsm7, 307, 3, 152));
    assert_eq!(of(&long("€", 80)), (Gsm7, 160, 1, 0));
    assert_eq!(of(&long("ж", 70)), (Ucs2, 70, 1, 0));
    assert_eq!(of(&long("ж", 71)), (Ucs2, 71, 2, 63));
    assert_eq!(of(&long("😀", 35)), (Ucs2, 70, 1, 0));
    // 153 and 67 are odd: what takes two units leaves one over in each segment.
    assert_eq!(of(&long("€", 81)), (Gsm7, 162, 2, 153 - 10));
    assert_eq!(of(&long("😀", 36)), (Ucs2, 72, 2, 67 - 6));
    assert_eq!(of(&long("😀", 67)), (Ucs2, 134, 3, 65));
}

#[test]
fn nothing_is_split_that_belongs_together() {
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(50));
    assert_eq!(segments(&text), ["a".repeat(152), format!("€{}", "b".repeat(50))]);
    let text = format!("{}😀{}", "ж".repeat(66), "ж".repeat(10));
    assert_eq!(segments(&text), ["ж".repeat(66), format!("😀{}", "ж".repeat(10))]);
}

#[test]
fn only_so_much_may_be_sent() {
    assert!(!SmsLength::of("").is_fine());
    assert!(SmsLength::of(&"a".repeat(1_530)).is_fine());
    assert!(!SmsLength::of(&"a".repeat(1_531)).is_fine());
}

proptest! {
    #[test]
    fn segments_are_the_text_filled_one_after_the_other(text in "[a-zA-Z0-9 €{}жß😀\u{5d0}\n]{0,700}") {
        let length = SmsLength::of(&text);
        let parts = segments(&text);
        prop_assert_eq!(parts.concat(), text.clone());
        prop_assert_eq!(u32::try_from(parts.len()).unwrap(), length.segments);
        // Counted otherwise than by the code: by what would go over the air.
        let gsm = text.chars().all(|c| is_basic(c) || EXTENSION.contains(&c));
        prop_assert_eq!(length.encoding == Encoding::Gsm7, gsm);
        let units = |part: &str| if gsm {
            part.chars().count() + part.chars().filter(|c| EXTENSION.contains(c)).count()
        } else {
            part.encode_utf16().count()
        };
        prop_assert_eq!(units(&text), length.units as usize);
        let (alone, joined) = if gsm { (160, 153) } else { (70, 67) };
        if units(&text) <= alone {
            prop_assert!(parts.len() <= 1);
        } else {
            for pair in parts.windows(2) {
                let next = pair[1].chars().next().unwrap().to_string();
                prop_assert!(units(pair[0]) <= joined);
                prop_assert!(units(pair[0]) + units(&next) > joined, "there was room for one more");
            }
            prop_assert!(units(parts.last().unwrap()) <= joined);
        }
        let room = if parts.len() > 1 { joined } else { alone };
        prop_assert_eq!(length.left as usize, room - parts.last().map_or(0, |last| units(last)));
    }

    #[test]
    fn costs_are_rounded_up_once(price in 0_u32..100_000, count in 0_u64..1_000_000) {
        let exact = u64::from(price) * count;
        let rounded = cost(price, count) * 1_000;
        prop_assert!(rounded >= exact && rounded - exact < 1_000);
    }
}
