use caseless::Caseless;
use icu_properties::props::DefaultIgnorableCodePoint;
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The form in which values are compared: compatibility-composed (NFKC), with case folded (Unicode's default case
/// folding), punctuation and dashes read as spaces, single spaces, and neither apostrophes nor characters that have no
/// look of their own (Unicode's `Default_Ignorable_Code_Point`, such as variation selectors, and formats). Accents and vowel signs stay: they tell words apart.
///
/// Pure, total and idempotent. Text of nothing but spaces and punctuation becomes empty.
///
/// ```
/// use portal_core::workflow::fold;
/// assert_eq!(fold("  T\u{2011}VISA "), fold("t visa"));
/// assert_eq!(fold("Filing (USCIS)"), "filing uscis");
/// assert_eq!(fold(" - "), "");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = pass(text);
    if text.is_ascii() {
        return folded;
    }
    // What stood apart before may compose now, and some characters take two steps (U+1E9E, capital sharp s).
    loop {
        let next = pass(&folded);
        if next == folded {
            return folded;
        }
        folded = next;
    }
}

fn pass(text: &str) -> String {
    if text.is_ascii() {
        join(text.chars().map(|c| c.to_ascii_lowercase()), text.len())
    } else {
        join(text.nfkc().default_case_fold().nfkc(), text.len())
    }
}

fn join(characters: impl Iterator<Item = char>, length: usize) -> String {
    let mut joined = String::with_capacity(length);
    let mut gap = false;
    for c in characters {
        match role(c) {
            Role::Kept => {
                if gap && !joined.is_empty() {
                    joined.push(' ');
                }
                gap = false;
                joined.push(c);
            }
            Role::Gap => gap = true,
            Role::Nothing => {}
        }
    }
    joined
}

enum Role {
    Kept,
    Gap,
    Nothing,
}

const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

fn role(c: char) -> Role {
    if c.is_ascii_alphanumeric() {
        return Role::Kept;
    }
    match c {
        _ if IGNORABLE.contains(c) => Role::Nothing,
        '\'' | '\u{2018}' | '\u{2019}' => Role::Nothing,
        _ => match (c.general_category(), c.general_category_group()) {
            (GeneralCategory::Format, _) => Role::Nothing,
            (GeneralCategory::Control, _)
            | (_, GeneralCategoryGroup::Punctuation | GeneralCategoryGroup::Separator) => Role::Gap,
            _ => Role::Kept,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_width_spaces_dashes_and_punctuation_do_not_matter() {
        for text in [
            "T-Visa",
            " t visa ",
            "T_VISA",
            "t\u{a0}visa",
            "\u{ff34}\u{2014}\u{ff36}isa",
            "(T) \u{201c}visa\u{201d}!",
            "T\t\nVisa.",
        ] {
            assert_eq!(fold(text), "t visa", "{text:?}");
        }
        assert_eq!(fold("Workers\u{2019} Comp"), fold("worker's comp"));
        assert_eq!(fold("\u{2018}A\u{2019}"), "a");
        assert_eq!(fold("im\u{ad}migration\u{200b}"), "immigration");
    }

    #[test]
    fn what_cannot_be_seen_does_not_matter() {
        let unseen = [
            '\u{34f}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180f}',
            '\u{2060}',
            '\u{2065}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{1d173}',
            '\u{e0100}',
            '\u{e01ef}',
        ];
        for c in unseen {
            assert_eq!(fold(&format!("T{c}-Vi{c}sa{c}")), "t visa", "{c:?}");
            assert_eq!(fold(&c.to_string()), "", "{c:?}");
        }
        // An accent after it still belongs to the letter before it.
        assert_eq!(fold("re\u{34f}\u{301}sume\u{fe0e}"), fold("r\u{e9}sume"));
        assert_eq!(fold("\u{2764}\u{fe0f}"), fold("\u{2764}"));
    }

    #[test]
    fn case_is_folded_as_unicode_says() {
        assert_eq!(fold("STRASSE"), fold("Stra\u{df}e"));
        assert_eq!(fold("\u{1e9e}"), "ss");
        assert_eq!(
            fold("\u{39f}\u{394}\u{39f}\u{3a3}"),
            fold("\u{3bf}\u{3b4}\u{3bf}\u{3c2}")
        );
        assert_eq!(fold("\u{130}"), fold("i\u{307}"));
    }

    #[test]
    fn what_tells_words_apart_stays() {
        assert_ne!(fold("r\u{e9}sum\u{e9}"), fold("resume"));
        assert_ne!(fold("\u{915}\u{93f}"), fold("\u{915}\u{93e}"));
        assert_ne!(fold("C++"), fold("C"));
        assert_ne!(fold("\u{131}"), fold("i"));
        assert_ne!(fold("T Visa"), fold("TVisa"));
    }

    #[test]
    fn every_character_folds_to_what_folds_to_itself() {
        // Of ideographs, syllables and planes without letters, some are enough.
        let is_plain = |c: char| matches!(c, '\u{3400}'..'\u{a000}' | '\u{ac00}'..'\u{f900}' | '\u{12000}'..'\u{1d400}' | '\u{1f900}'..);
        for c in ('\0'..=char::MAX).filter(|c| !is_plain(*c) || u32::from(*c) % 997 == 0) {
            let text = format!("{c} a{c}\u{301}b-{c}'");
            let folded = fold(&text);
            assert_eq!(fold(&folded), folded, "{text:?}");
        }
    }
}
