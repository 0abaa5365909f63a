//! What people type.

use portal_core::testing::strategies;
use portal_core::text::{self, Email, Phone, fold};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Characters that hide themselves or reorder others.
const TREACHEROUS: [char; 22] = [
    '\0',
    '\u{1}',
    '\u{7}',
    '\u{8}',
    '\u{b}',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{9f}',
    '\u{61c}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202e}',
    '\u{2066}',
    '\u{2069}',
    '\u{feff}',
    '\u{fff9}',
    '\u{fffb}',
    '\u{ffff}',
    '\u{e0001}',
    '\u{e007f}',
];

#[test]
fn treacherous_characters_are_refused_wherever_they_stand() {
    for c in TREACHEROUS {
        for text in [format!("a{c}b"), format!("ab{c}c{c}"), format!("{c}{c}x{c}y")] {
            for outcome in [text::line("name", &text, 100), text::block("name", &text, 100)] {
                let error = outcome.unwrap_err();
                assert_eq!(
                    (error.field.as_str(), error.code),
                    ("name", "control-characters"),
                    "{c:?} in {text:?}"
                );
            }
        }
    }
    // Joiners belong to scripts and to emoji.
    for fine in [
        "\u{645}\u{6cc}\u{200c}\u{62e}",
        "\u{1f469}\u{200d}\u{1f680}",
        "\u{915}\u{94d}\u{200d}\u{937}",
    ] {
        assert!(text::line("name", fine, 100).is_ok(), "{fine:?}");
    }
}

#[test]
fn lines_have_one_line_and_blocks_have_several() {
    assert!(text::line("x", "two\nlines", 100).is_err());
    assert!(text::line("x", "a\ttab", 100).is_err());
    assert_eq!(
        text::block("x", " two\r\nlines\tand a tab \n", 100).unwrap(),
        "two\nlines\tand a tab"
    );
    assert_eq!(text::line("x", "  \u{a0}ends\u{2003} ", 100).unwrap(), "ends");
    assert_eq!(text::line("x", " \u{3000}\t", 100).unwrap_err().code, "required");
    assert_eq!(text::optional_line("x", " ", 100).unwrap(), "");
}

#[test]
fn length_is_counted_in_characters() {
    for c in ["a", "\u{e9}", "\u{4e2d}", "\u{1f4c4}"] {
        assert!(text::line("x", &c.repeat(60), 60).is_ok());
        let error = text::line("x", &c.repeat(61), 60).unwrap_err();
        assert_eq!(error.code, "too-long");
        assert!(
            error.message.contains("61") && error.message.contains("60"),
            "{}",
            error.message
        );
    }
    assert!(
        text::line("x", &"e\u{301}".repeat(60), 60).is_ok(),
        "composed before it is counted"
    );
}

#[test]
fn folding_is_final_for_every_character() {
    // Beyond these, Unicode has assigned nothing but private use.
    for c in ('\0'..='\u{323af}').chain('\u{e0000}'..='\u{e01ef}') {
        let once = fold(c.encode_utf8(&mut [0; 4]));
        assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        let lower: String = c.to_lowercase().collect();
        assert_eq!(fold(&lower), once, "case of U+{:04X} matters", u32::from(c));
        assert!(
            !once.chars().any(char::is_control),
            "U+{:04X} leaves a control character",
            u32::from(c)
        );
    }
}

#[test]
fn what_reads_alike_folds_alike() {
    for (one, other) in [
        ("Zo\u{eb}", "ZOE"),
        ("Zoe\u{308}", "zo\u{eb}"),
        ("\u{c5}ngstr\u{f6}m", "angstrom"),
        ("\u{ff21}\u{ff22}\u{ff23}", "abc"),
        ("\u{fb01}sh", "FISH"),
        ("\u{130}stanbul", "istanbul"),
        ("a \u{a0}\u{2003} b", " A B "),
        ("\u{2460}", "1"),
        ("\u{3a3}", "\u{3c3}"),
        ("\u{39f}\u{394}\u{39f}\u{3a3}", "\u{3bf}\u{3b4}\u{3cc}\u{3c2}"),
    ] {
        assert_eq!(fold(one), fold(other), "{one} and {other}");
    }
    assert_ne!(fold("a b"), fold("ab"));
}

#[test]
fn addresses_in_any_form() {
    let long_local = format!("{}@example.com", "a".repeat(64));
    for good in [
        "a@b.co",
        "Anna.Berg+portal@Example.COM",
        "o'brien@example.com",
        "x_y-z@sub.domain.example",
        "1@2.example",
        "a@xn--bcher-kva.example",
        long_local.as_str(),
        "  spaced@example.com ",
    ] {
        let email = Email::parse("email", good).unwrap_or_else(|error| panic!("{good}: {error:?}"));
        assert_eq!(Email::parse("email", email.as_str()).unwrap(), email);
        assert!(email.as_str().eq_ignore_ascii_case(good.trim()));
    }
    let too_long_local = format!("{}@example.com", "a".repeat(65));
    let too_long = format!("a@{}example.com", "abcdefghi.".repeat(25));
    for bad in [
        "",
        "@",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a b@c.co",
        "a@b..co",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.co",
        "a@-b.co",
        "a@b-.co",
        "a@b.co\r\nBcc: x@y.co",
        "a@b.co,c@d.co",
        "<a@b.co>",
        "Anna <a@b.co>",
        "a@b.co\0",
        "\"a b\"@c.co",
        "\u{e9}@b.co",
        "a@b\u{e9}.co",
        "a@[127.0.0.1]",
        "a@b.co;",
        "a@@b.co",
        "mailto:a@b.co",
        too_long_local.as_str(),
        too_long.as_str(),
    ] {
        let error = Email::parse("contact.email", bad).expect_err(bad);
        assert_eq!(
            (error.field.as_str(), error.code),
            ("contact.email", "email"),
            "{bad:?}"
        );
    }
}

#[test]
fn numbers_in_any_form() {
    for (text, country, number) in [
        ("+61 412 345 678", "AU", "+61412345678"),
        ("0412 345 678", "AU", "+61412345678"),
        ("(02) 5550 1234", "AU", "+61255501234"),
        ("+44 (0)20 7946 0018", "AU", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+1-212-555-0123", "AU", "+12125550123"),
        (" +61412345678 ", "ZZ", "+61412345678"),
    ] {
        let phone = Phone::parse("phone", text, country).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(phone.as_str(), number, "{text}");
        assert_eq!(Phone::try_from(number.to_owned()), Ok(phone));
    }
    for text in [
        "",
        "1",
        "12345",
        "phone",
        "+",
        "+61",
        "0412 345 678 ext. 5",
        "+61 412 345 678 900 123",
    ] {
        let error = Phone::parse("phone", text, "AU").expect_err(text);
        assert_eq!((error.field.as_str(), error.code), ("phone", "phone"));
    }
    assert!(
        Phone::parse("phone", "0412 345 678", "ZZ").is_err(),
        "no country, no way to read it"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_line_is_kept_as_it_was_given(text in strategies::any_text(40)) {
        match text::line("name", &text, 30) {
            Ok(line) => {
                prop_assert_eq!(&line, &text.trim().nfc().collect::<String>());
                prop_assert_eq!(text::line("again", &line, 30), Ok(line.clone()), "and saves as it was");
                prop_assert!((1..=30).contains(&line.chars().count()));
                prop_assert!(!line.chars().any(|c| c.is_control() || TREACHEROUS.contains(&c)));
                prop_assert_eq!(text::block("block", &line, 30), Ok(line));
            }
            Err(error) => {
                prop_assert_eq!(error.field, "name");
                prop_assert!(["required", "too-long", "control-characters"].contains(&error.code));
            }
        }
    }

    #[test]
    fn a_block_is_kept_as_it_was_given(text in strategies::any_text(40)) {
        if let Ok(block) = text::block("x", &text, 40) {
            prop_assert_eq!(text::block("x", &block, 40), Ok(block.clone()));
            prop_assert!(!block.chars().any(|c| c != '\n' && c != '\t' && c.is_control()));
        }
    }

    #[test]
    fn folding_is_final(text in strategies::any_text(60)) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once.clone());
        prop_assert_eq!(fold(&text.to_lowercase()), once.clone(), "case does not matter");
        prop_assert_eq!(fold(&text.nfd().collect::<String>()), once.clone(), "nor how accents are written");
        prop_assert!(!once.contains("  ") && once.trim() == once);
    }

    #[test]
    fn addresses_are_kept_with_their_case(email in strategies::email()) {
        prop_assert_eq!(Email::parse("email", email.as_str()), Ok(email.clone()));
        let shouted = Email::parse("email", &email.as_str().to_uppercase()).unwrap();
        prop_assert_eq!(shouted.key(), email.key(), "compared without case");
        let hint = email.hint();
        let local = email.as_str().rsplit_once('@').unwrap().0;
        // Short ones, and those made of the stars that hide, look like their hint.
        let looks_hidden = local.len() < 3 || local.trim_end_matches('*').len() < 2;
        prop_assert!(looks_hidden || !hint.contains(local), "{hint} tells {local}");
        let told = format!("{email:?}");
        prop_assert!(looks_hidden || !told.contains(local));
        let json = serde_json::to_string(&email).unwrap();
        prop_assert_eq!(serde_json::from_str::<Email>(&json).unwrap(), email);
    }

    #[test]
    fn nothing_typed_as_an_address_or_number_does_harm(text in strategies::any_text(60), country in "[A-Z]{2}") {
        if let Ok(email) = Email::parse("email", &text) {
            prop_assert!(email.as_str().is_ascii() && !email.as_str().contains(['\r', '\n', ' ', '<', '>', ',']));
        }
        if let Ok(phone) = Phone::parse("phone", &text, &country) {
            prop_assert!(phone.as_str().starts_with('+'));
            prop_assert!(phone.as_str()[1..].bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn odd_numbers_do_no_harm(text in "[0-9+() ./extp;:=#*-]{0,44}", country in "[A-Za-z]{0,3}") {
        if let Ok(phone) = Phone::parse("phone", &text, &country) {
            prop_assert_eq!(Phone::parse("phone", phone.as_str(), "AU"), Ok(phone));
        }
    }
}
