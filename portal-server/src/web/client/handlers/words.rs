//! What things are called on the client's pages: states, files, counts.

use portal_core::checklist::{Request, RequestCounts, RequestState};
use portal_core::document::{Document, DocumentCounts, DocumentStatus, FileType, Uploader};
use portal_core::practice::Practice;
use portal_core::{ClientId, Timestamp};

use crate::web::client::{FileRow, RequestRow, Upload};
use crate::web::view::{Badge, Progress, Tone, file_size};
use crate::web::when::When;

/// Where a request stands.
pub(super) fn request_badge(request: &Request) -> Badge {
    match request.state {
        RequestState::Outstanding if request.required => Badge::new(Tone::Neutral, "To provide"),
        RequestState::Outstanding => Badge::new(Tone::Neutral, "Optional"),
        RequestState::Submitted => Badge::new(Tone::Info, "Being checked").with_icon("clock"),
        RequestState::Accepted => Badge::new(Tone::Success, "Accepted"),
        RequestState::Returned => Badge::new(Tone::Warning, "Please send again").with_icon("return"),
        RequestState::Waived => Badge::new(Tone::Neutral, "Not needed").with_icon("check"),
        RequestState::Withdrawn => Badge::new(Tone::Neutral, "Not asked any more").with_icon("check"),
    }
}

fn document_badge(status: DocumentStatus) -> Badge {
    match status {
        DocumentStatus::PendingReview => Badge::new(Tone::Info, "Being checked").with_icon("clock"),
        DocumentStatus::Accepted => Badge::new(Tone::Success, "Accepted"),
        DocumentStatus::Returned => Badge::new(Tone::Warning, "Please send again").with_icon("return"),
        DocumentStatus::Filed => Badge::new(Tone::Neutral, "For you").with_icon("document"),
    }
}

/// How much of what was asked is done.
pub(super) fn progress(counts: &RequestCounts) -> Progress {
    Progress {
        done: counts.done(),
        total: counts.asked(),
    }
}

/// What a matter needs from its client, in a badge.
pub(super) fn matter_badge(counts: &RequestCounts) -> Badge {
    if counts.returned > 0 {
        return Badge::new(Tone::Warning, format!("{} to send again", counts.returned)).with_icon("return");
    }
    if counts.outstanding > 0 {
        return Badge::new(Tone::Neutral, format!("{} to provide", counts.outstanding));
    }
    if counts.submitted > 0 {
        return Badge::new(Tone::Info, "Being checked").with_icon("clock");
    }
    match counts.accepted {
        0 => Badge::new(Tone::Neutral, "Nothing to do"),
        _ => Badge::new(Tone::Success, "All done"),
    }
}

/// `1 file`, `3 files`.
pub(super) fn files(count: u64) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{} files", grouped(count)),
    }
}

/// `1,204`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length of time: `48 hours`, `1 hour`, `10 minutes`.
pub(super) fn length(minutes: u32) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        60 => "1 hour".to_owned(),
        minutes if minutes > 0 && minutes.is_multiple_of(60) => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}

/// The practice's word for several matters, small: `applications`, `enquiries`, `processes`.
pub(super) fn plural(word: &str) -> String {
    let word = word.to_lowercase();
    let before_y = word
        .strip_suffix('y')
        .filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match before_y {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|end| word.ends_with(end)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

/// The name to greet somebody by: the first of their given names, or the only name they have.
pub(super) fn first_name<'a>(given_names: &'a str, family_name: &'a str) -> &'a str {
    given_names
        .split_whitespace()
        .next()
        .or_else(|| family_name.split_whitespace().next())
        .unwrap_or_default()
}

/// How many files a request wants, and how many are still to come; empty when one is enough, or it is settled.
pub(super) fn wanted(request: &Request, sent: &DocumentCounts) -> String {
    let wanted = u64::from(request.wanted);
    if wanted < 2 || !request.state.waits_for_client() {
        return String::new();
    }
    match wanted.saturating_sub(sent.pending_review + sent.accepted) {
        0 => String::new(),
        missing if missing == wanted => format!("{wanted} files needed"),
        missing => format!("{wanted} files needed, {missing} more to send"),
    }
}

/// A request in a list. `provided` counts its files.
pub(super) fn request_row(base: &str, request: &Request, provided: u64, when: &When) -> RequestRow {
    let waits = request.state.waits_for_client();
    let due = request.due_on.filter(|_| waits);
    let more = waits && request.wanted > 1 && provided < u64::from(request.wanted);
    RequestRow {
        href: format!("{base}/requests/{}", request.id),
        title: request.title.clone(),
        badge: request_badge(request),
        due: due.map(|date| when.due(date)),
        provided: match provided {
            0 if more => format!("{} files needed", request.wanted),
            0 => String::new(),
            count if more => format!("{} of {}", count, files(request.wanted.into())),
            count => files(count),
        },
    }
}

/// A file in a list, as `reader` sees it. `newest` says when its newest version came.
pub(super) fn file_row(
    base: &str,
    document: &Document,
    newest: Timestamp,
    reader: ClientId,
    when: &When,
) -> FileRow {
    let came = match document.uploaded_by {
        Uploader::Client(id) if id == reader => "Sent",
        Uploader::Client(_) | Uploader::Staff(_) => "Added",
    };
    let name = document.current.name.as_str();
    FileRow {
        name: name.to_owned(),
        kind: kind(&document.current.name.extension().unwrap_or_default()),
        size: file_size(document.current.size),
        when: format!("{came} {}", lower_day(when.moment(newest))).replace(' ', "\u{a0}"),
        badge: document_badge(document.status),
        reason: document
            .reason
            .clone()
            .filter(|_| document.shows_history_to(reader))
            .unwrap_or_default(),
        download_href: format!("{base}/documents/{}/open", document.id),
        ..FileRow::default()
    }
}

/// Up to four letters for a type.
pub(super) fn kind(extension: &str) -> String {
    let letters = match extension {
        "jpeg" | "jpe" | "jfif" => "jpg",
        "tiff" => "tif",
        other => other,
    };
    letters.chars().take(4).collect::<String>().to_uppercase()
}

/// Within a sentence, near days are written small.
pub(super) fn lower_day(text: String) -> String {
    match text
        .split_once([',', ' '])
        .map_or(text.as_str(), |(first, _)| first)
    {
        "Today" | "Yesterday" | "Tomorrow" => text.replacen(['T', 'Y'], &text[..1].to_lowercase(), 1),
        _ => text,
    }
}

/// The way to send files to `action`.
pub(super) fn upload(practice: &Practice, action: String) -> Upload {
    let most = practice.settings.upload_most_bytes >> 20;
    Upload {
        action,
        limits: format!("PDF, photos and office documents, up to {most}\u{a0}MB each."),
        accept: FileType::accept(),
        ..Upload::default()
    }
}

#[cfg(test)]
mod tests {
    use portal_core::policy::Role;
    use portal_core::testing::Samples;

    use super::*;

    #[test]
    fn words_follow_their_numbers() {
        assert_eq!(files(1), "1 file");
        assert_eq!(files(0), "0 files");
        assert_eq!(files(1_204), "1,204 files");
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
        for (minutes, text) in [
            (1, "1 minute"),
            (10, "10 minutes"),
            (60, "1 hour"),
            (90, "90 minutes"),
            (2_880, "48 hours"),
        ] {
            assert_eq!(length(minutes), text);
        }
    }

    #[test]
    fn the_practices_word_has_a_plural() {
        for (word, text) in [
            ("Application", "applications"),
            ("Enquiry", "enquiries"),
            ("Survey", "surveys"),
            ("Process", "processes"),
            ("Matter", "matters"),
        ] {
            assert_eq!(plural(word), text);
        }
    }

    #[test]
    fn people_are_greeted_by_a_name_they_have() {
        assert_eq!(first_name("Amina Layla", "Haddad"), "Amina");
        assert_eq!(first_name("", "Suharto"), "Suharto");
        assert_eq!(first_name(" ", ""), "");
    }

    #[test]
    fn a_request_for_several_files_says_how_many_are_to_come() {
        let samples = Samples::new(1);
        let (owner, client) = (samples.staff(Role::Owner), samples.client("Amina", "Haddad"));
        let mut request = samples.request(&samples.matter(&owner), &client);
        let when = When::new(&samples.practice(), samples.at);
        let sent = |pending_review, returned| DocumentCounts {
            pending_review,
            returned,
            ..DocumentCounts::default()
        };
        assert_eq!(wanted(&request, &sent(0, 0)), "");
        request.wanted = 3;
        for (pending, returned, said, row) in [
            (0, 0, "3 files needed", "3 files needed"),
            (1, 0, "3 files needed, 2 more to send", "1 of 3 files"),
            (1, 1, "3 files needed, 2 more to send", "2 of 3 files"),
            (2, 2, "3 files needed, 1 more to send", "4 files"),
            (3, 1, "", "4 files"),
        ] {
            assert_eq!(wanted(&request, &sent(pending, returned)), said);
            let shown = request_row("/p/x", &request, pending + returned, &when);
            assert_eq!(shown.provided, row);
        }
        request.state = RequestState::Submitted;
        assert_eq!(wanted(&request, &sent(3, 0)), "");
        assert!(
            request_row("/p/x", &request, 3, &when).due.is_none(),
            "what is there is not due"
        );
    }

    #[test]
    fn near_days_are_small_within_a_sentence() {
        assert_eq!(lower_day("Today, 14:05".into()), "today, 14:05");
        assert_eq!(lower_day("Yesterday, 09:00".into()), "yesterday, 09:00");
        assert_eq!(lower_day("Tue 3 Mar, 09:00".into()), "Tue 3 Mar, 09:00");
        assert_eq!(lower_day("Thu 5 Mar".into()), "Thu 5 Mar");
    }
}
