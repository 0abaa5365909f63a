//! Words that stop text messages.

use portal_core::sms::Keyword;
use proptest::prelude::*;

/// CTIA, Messaging Principles and Best Practices (2023), section 5.1.3, and
/// <https://help.twilio.com/articles/223134027-Twilio-support-for-opt-out-keywords-SMS-STOP-filtering->.
const STOP: [&str; 8] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
];

#[test]
fn each_word_means_what_carriers_say() {
    for word in STOP {
        assert_eq!(Keyword::of(word), Some(Keyword::Stop), "{word}");
    }
    assert_eq!(Keyword::of("START"), Some(Keyword::Start));
    assert_eq!(Keyword::of("UNSTOP"), Some(Keyword::Start));
    assert_eq!(Keyword::of("HELP"), Some(Keyword::Help));
    assert_eq!(Keyword::of("INFO"), Some(Keyword::Help));
}

#[test]
fn a_sentence_is_no_word() {
    for text in [
        "",
        " ",
        "Please do not stop",
        "When does it end?",
        "I need help with the form",
        "stop by the office",
        "yes",
        "STOP1",
    ] {
        assert_eq!(Keyword::of(text), None, "{text:?}");
    }
    assert_eq!(
        Keyword::of(&format!("stop{}", " ".repeat(1_000))),
        None,
        "not a word any more"
    );
}

proptest! {
    #[test]
    fn case_and_what_surrounds_it_do_not_matter(
        word in prop::sample::select(STOP.as_slice()),
        upper in prop::collection::vec(any::<bool>(), 12),
        before in "[ \"'(\n]{0,3}",
        after in "[ .!\"')\n]{0,4}",
    ) {
        let cased: String = word.chars().zip(upper)
            .map(|(c, upper)| if upper { c } else { c.to_ascii_lowercase() })
            .collect();
        prop_assert_eq!(Keyword::of(&format!("{before}{cased}{after}")), Some(Keyword::Stop));
    }

    #[test]
    fn anything_can_be_read(text in ".{0,200}") {
        let _ = Keyword::of(&text);
    }
}
