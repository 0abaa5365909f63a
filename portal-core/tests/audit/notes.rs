//! Signed notes, checkpoints and keys.

use portal_core::audit::Checkpoint;
use portal_core::audit::note::{Note, NoteError, NoteSigner, VerifierKey};
use portal_core::{Digest, PracticeId};
use proptest::prelude::*;

/// The example of C2SP's signed-note.
const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn practice() -> PracticeId {
    PracticeId(uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001))
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: Checkpoint::origin_of("https://portal.example.com/", practice()),
        size: 20_852_163,
        root: Digest([9; 32]),
    }
}

#[test]
fn the_published_example_is_accepted() {
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!(key.to_string(), KEY);
    assert_eq!(
        Note::parse(NOTE).unwrap().verify(std::slice::from_ref(&key)),
        Ok(&key)
    );
}

#[test]
fn keys_that_are_not_what_they_say_are_refused() {
    let weak = "example.com/foo+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for text in [
        "",
        "a+b",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        weak,
    ] {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    assert!(
        KEY.replace("+530d903a", "+530D903A")
            .parse::<VerifierKey>()
            .is_err()
    );
}

#[test]
fn a_checkpoint_comes_back_as_it_was_signed() {
    let checkpoint = checkpoint();
    assert_eq!(
        checkpoint.origin,
        format!("portal.example.com/audit/{}", practice())
    );
    assert_eq!(Checkpoint::practice_of(&checkpoint.origin), Some(practice()));
    let signer = NoteSigner::new(&checkpoint.origin, &[7; 32]);
    let note = checkpoint.sign(&signer);
    let keys = [signer.verifier()];
    assert_eq!(
        Checkpoint::verify(&note, &keys),
        Ok((checkpoint.clone(), &keys[0]))
    );
    let other = NoteSigner::new(&checkpoint.origin, &[8; 32]);
    assert!(matches!(
        Checkpoint::verify(&note, &[other.verifier()]),
        Err(NoteError::UnknownKey(_))
    ));
    // A witness's signature more does no harm, and neither does the old key's beside the new one's.
    let line = checkpoint.sign(&other).lines().last().unwrap().to_owned();
    let both = format!("{note}{line}\n");
    assert!(Checkpoint::verify(&both, &keys).is_ok());
    // The right key for another tree.
    let elsewhere = NoteSigner::new("portal.example.com/audit", &[7; 32]);
    let note = checkpoint.sign(&elsewhere);
    assert_eq!(
        Checkpoint::verify(&note, &[elsewhere.verifier()]),
        Err(NoteError::Malformed)
    );
}

#[test]
fn text_that_is_no_checkpoint_is_refused() {
    let good = checkpoint().to_string();
    let [origin, size, root] = *good.lines().collect::<Vec<_>>() else {
        panic!("three lines")
    };
    for text in [
        String::new(),
        format!("{origin}\n{size}\n"),
        format!("\n{size}\n{root}\n"),
        format!("{origin}\n0{size}\n{root}\n"),
        format!("{origin}\n+{size}\n{root}\n"),
        format!("{origin}\n{size}\n{root}\nextension\n"),
        format!("{origin}\n{size}\n{root}"),
        format!("{origin}\n{size}\n{}\n", &root[..root.len() - 4]),
        format!("{origin}\n99999999999999999999\n{root}\n"),
    ] {
        assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_byte_of_a_note_can_be_changed(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let signer = NoteSigner::new(&checkpoint().origin, &[7; 32]);
        let note = checkpoint().sign(&signer);
        let mut bytes = note.clone().into_bytes();
        bytes[at.index(note.len())] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::verify(&changed, &[signer.verifier()]).is_err(), "{changed:?}");
        }
    }

    #[test]
    fn any_text_is_refused_without_panicking(text in "\\PC*", keys in "\\PC*") {
        prop_assert!(Checkpoint::verify(&text, &[]).is_err());
        let _ = keys.parse::<VerifierKey>();
    }
}
