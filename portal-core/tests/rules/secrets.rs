//! Secrets, locators and hashes.

use portal_core::identity::Password;
use portal_core::testing::{CountingIds, Samples};
use portal_core::{Digest, Ids, Keys, LinkId, Locator, PracticeId, RandomIds, Secret, SecretLocator};
use proptest::prelude::*;
use uuid::Uuid;

#[test]
fn random_bits_are_many_and_never_the_same() {
    let drawn: std::collections::HashSet<[u8; 32]> = (0..10_000).map(|_| RandomIds.random()).collect();
    assert_eq!(drawn.len(), 10_000);
    let ids: Vec<Uuid> = (0..10_000).map(|_| RandomIds.uuid()).collect();
    assert!(ids.is_sorted(), "ids sort by time of creation");
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
}

#[test]
fn counted_ids_repeat_themselves_and_never_meet() {
    let made = |seed| {
        let ids = CountingIds::new(seed);
        (0..1_000).map(|_| ids.uuid()).collect::<Vec<_>>()
    };
    assert_eq!(made(1), made(1));
    assert!(made(1).is_sorted());
    let both: std::collections::HashSet<Uuid> = made(1).into_iter().chain(made(2)).collect();
    assert_eq!(both.len(), 2_000);
}

#[test]
fn nothing_secret_is_printed() {
    let samples = Samples::new(1);
    let secret = Secret::new([0xAB; 32]);
    let locator = SecretLocator {
        practice: samples.practice,
        secret: secret.clone(),
    };
    let keys = Keys::new([0xAB; 32]);
    let password = Password::typed("hunter2hunter2".into());
    let client = samples.client("Anneliese", "Wagner");
    let staff = samples.staff(portal_core::policy::Role::Owner);
    let printed = [
        format!("{secret:?}"),
        format!("{locator:?}"),
        format!("{keys:?}"),
        format!("{password:?}"),
        format!("{client:?} {client:#?}"),
        format!("{:?} {:?}", client.passport, client.phone),
        format!("{staff:?}"),
        format!("{:?}", client.draft()),
    ];
    for text in printed {
        for told in [
            "abab",
            "ABAB",
            "171",
            &secret.reveal(),
            "hunter2",
            "Anneliese",
            "Wagner",
            "412",
            "LR123",
            "$plain$",
        ] {
            assert!(!text.contains(told), "{told} is in {text}");
        }
    }
}

#[test]
fn codes_have_eight_digits_and_all_are_used() {
    let keys = Keys::new([1; 32]);
    let practice = PracticeId(Uuid::from_u128(1));
    let codes: Vec<String> = (0..2_000)
        .map(|number| keys.link_code(practice, LinkId(Uuid::from_u128(number))))
        .collect();
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()))
    );
    for digit in '0'..='9' {
        let first = codes.iter().filter(|code| code.starts_with(digit)).count();
        assert!(
            (120..290).contains(&first),
            "{first} of 2,000 codes begin with {digit}"
        );
    }
}

proptest! {
    #[test]
    fn locators_come_back(practice: [u8; 16], id: [u8; 16]) {
        let locator = Locator { practice: PracticeId(Uuid::from_bytes(practice)), id: Uuid::from_bytes(id) };
        let text = locator.to_string();
        prop_assert_eq!(text.len(), 43);
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        prop_assert_eq!(text.parse::<Locator>(), Ok(locator));
    }

    #[test]
    fn secret_locators_come_back(practice: [u8; 16], bits: [u8; 32]) {
        let locator = SecretLocator { practice: PracticeId(Uuid::from_bytes(practice)), secret: Secret::new(bits) };
        let text = locator.reveal();
        prop_assert_eq!(text.len(), 64);
        let back: SecretLocator = text.parse().unwrap();
        prop_assert_eq!(back.practice, locator.practice);
        prop_assert_eq!(back.secret.digest(), locator.secret.digest());
        let secret: Secret = locator.secret.reveal().parse().unwrap();
        prop_assert_eq!(secret.digest(), Digest::of(&bits));
    }

    #[test]
    fn no_other_text_is_a_locator(text in ".{0,80}", cut in 1_usize..40) {
        let is_base64 = |length| text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        prop_assert!(text.parse::<Locator>().is_err() || is_base64(43));
        prop_assert!(text.parse::<SecretLocator>().is_err() || is_base64(64));
        let good = Locator { practice: PracticeId(Uuid::max()), id: Uuid::nil() }.to_string();
        prop_assert!(good[..43 - cut].parse::<Locator>().is_err());
        let (padded, spaced) = (format!("{good}="), format!(" {good}"));
        prop_assert!(padded.parse::<Locator>().is_err());
        prop_assert!(spaced.parse::<Locator>().is_err());
    }

    #[test]
    fn hashes_come_back(bits: [u8; 32], text in "[0-9a-fA-F+ -]{60,68}") {
        let digest = Digest(bits);
        prop_assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        if let Ok(parsed) = text.parse::<Digest>() {
            prop_assert_eq!(parsed.to_string(), text.to_ascii_lowercase(), "only hexadecimal is taken");
        }
    }

    #[test]
    fn one_bit_makes_another_hash(bits: [u8; 32], bit in 0_usize..256) {
        let mut other = bits;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(Digest(bits), Digest(other));
        prop_assert_ne!(Secret::new(bits).digest(), Secret::new(other).digest());
    }

    #[test]
    fn tokens_and_codes_belong_to_one_link(master: [u8; 32], practice: [u8; 16], one: [u8; 16], two: [u8; 16]) {
        prop_assume!(one != two);
        let (keys, practice) = (Keys::new(master), PracticeId(Uuid::from_bytes(practice)));
        let (one, two) = (LinkId(Uuid::from_bytes(one)), LinkId(Uuid::from_bytes(two)));
        let token = |link| keys.link_token(practice, link).secret.digest();
        prop_assert_eq!(token(one), token(one));
        prop_assert_ne!(token(one), token(two));
        let code = keys.link_code(practice, one);
        prop_assert_ne!(keys.link_code_digest(practice, one, &code), keys.link_code_digest(practice, two, &code));
        // A purpose's values serve no other, and parts do not run into each other.
        prop_assert_ne!(keys.derive("a", &[b"bc"]), keys.derive("ab", &[b"c"]));
        prop_assert_ne!(keys.derive("a", &[b"b", b"c"]), keys.derive("a", &[b"bc"]));
        prop_assert_ne!(keys.derive("a", &[b"b", b""]), keys.derive("a", &[b"", b"b"]));
    }

    #[test]
    fn a_chosen_password_has_12_to_200_characters(text in strategies_text()) {
        let length = text.chars().count();
        prop_assert_eq!(Password::chosen(text.clone()).is_ok(), (12..=200).contains(&length));
        let typed = Password::typed(text.clone());
        prop_assert_eq!(typed.expose(), text);
    }
}

fn strategies_text() -> impl Strategy<Value = String> {
    prop_oneof![
        portal_core::testing::strategies::any_text(30),
        portal_core::testing::strategies::any_text(230),
    ]
}
