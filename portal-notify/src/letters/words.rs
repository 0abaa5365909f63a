//! Small pieces of language.

use std::borrow::Cow;

use time::macros::format_description;
use unicode_segmentation::UnicodeSegmentation;

/// The text on one line and with at most `most` characters as people count them, an ellipsis where it was cut.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line = on_one_line(text);
    let mut clusters = line.grapheme_indices(true);
    let Some((end, _)) = clusters.nth(most.saturating_sub(1)) else {
        return line;
    };
    if clusters.next().is_none() {
        return line;
    }
    let (kept, _) = line.split_at(end);
    format!("{}…", kept.trim_end())
}

/// The same for a file name, of which the end is worth keeping too.
pub(super) fn shortened_file_name(name: &str, most: usize) -> String {
    const END: usize = 12;
    let line = on_one_line(name);
    let clusters: Vec<&str> = line.graphemes(true).collect();
    if clusters.len() <= most {
        return line;
    }
    let (front, end) = clusters.split_at(clusters.len() - END);
    let front: String = front.iter().take(most - END - 1).copied().collect();
    format!("{}…{}", front.trim_end(), end.concat())
}

fn on_one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text set off from what stands around it where it is written from right to left (UAX #9, section 2.7), so
/// that brackets and full stops stay where they belong in plain text.
pub(super) fn isolated(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_right_to_left) {
        Cow::Owned(format!("\u{2068}{text}\u{2069}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and their neighbours, their presentation forms, and the ancient and
/// African scripts of the supplementary plane.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// A length of time in plain words.
pub(super) fn duration(minutes: i64) -> String {
    const DAY: i64 = 24 * 60;
    let counted = |count: i64, unit: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {unit}{plural}")
    };
    match minutes {
        ..1 => "a short time".into(),
        1..120 if minutes != 60 => counted(minutes, "minute"),
        _ if minutes > 2 * DAY && minutes % DAY == 0 => counted(minutes / DAY, "day"),
        _ if minutes % 60 == 0 => counted(minutes / 60, "hour"),
        _ => format!(
            "{} and {}",
            counted(minutes / 60, "hour"),
            counted(minutes % 60, "minute")
        ),
    }
}

/// A date as people write it: "Fri 27 Nov 2026". The year stays, because mail is kept for years.
pub(super) fn date(date: time::Date) -> String {
    let layout = format_description!("[weekday repr:short] [day padding:none] [month repr:short] [year]");
    date.format(&layout).unwrap_or_else(|_| date.to_string())
}

/// A noun as it stands within a sentence: without its capital, unless it is an abbreviation or of a language that
/// writes nouns with one.
pub(super) fn within_sentence(noun: &str, locale: &str) -> String {
    let german = locale.split('-').next() == Some("de");
    let mut letters = noun.chars();
    match (letters.next(), letters.next()) {
        (Some(first), second) if !german && !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(noun.chars().skip(1)).collect()
        }
        _ => noun.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_the_unit_that_people_think_in() {
        let cases = [
            (-5, "a short time"),
            (0, "a short time"),
            (1, "1 minute"),
            (10, "10 minutes"),
            (60, "1 hour"),
            (90, "90 minutes"),
            (120, "2 hours"),
            (150, "2 hours and 30 minutes"),
            (1_440, "24 hours"),
            (2_880, "48 hours"),
            (4_320, "3 days"),
        ];
        for (minutes, words) in cases {
            assert_eq!(duration(minutes), words);
        }
    }

    #[test]
    fn dates_name_the_day_of_the_week() {
        assert_eq!(date(time::macros::date!(2026 - 11 - 27)), "Fri 27 Nov 2026");
        assert_eq!(date(time::macros::date!(2027 - 01 - 02)), "Sat 2 Jan 2027");
    }

    #[test]
    fn what_is_cut_is_cut_between_characters_that_people_see() {
        assert_eq!(shortened("Harbour", 7), "Harbour");
        assert_eq!(shortened("Harbour Migration", 9), "Harbour…");
        assert_eq!(shortened("one\r\ntwo", 80), "one two");
        let families = "👨‍👩‍👧".repeat(5);
        assert_eq!(shortened(&families, 3), format!("{}…", "👨‍👩‍👧".repeat(2)));
        assert_eq!(shortened(&families, 5), families);
    }

    #[test]
    fn a_file_keeps_its_end() {
        assert_eq!(shortened_file_name("passport.pdf", 80), "passport.pdf");
        let long = format!("{}-signed.pdf", "scan ".repeat(60));
        let short = shortened_file_name(&long, 40);
        assert!(short.ends_with("signed.pdf") && short.contains('…'), "{short}");
        assert!(short.chars().count() <= 40, "{short}");
    }

    #[test]
    fn nouns_lose_their_capital_where_that_is_right() {
        assert_eq!(within_sentence("Application", "en-AU"), "application");
        assert_eq!(within_sentence("RFE case", "en"), "RFE case");
        assert_eq!(within_sentence("Antrag", "de-AT"), "Antrag");
        assert_eq!(within_sentence("Case", "ar"), "case");
        assert_eq!(within_sentence("قضية", "ar"), "قضية");
        assert_eq!(within_sentence("", "en"), "");
    }
}
