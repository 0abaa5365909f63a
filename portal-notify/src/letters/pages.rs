//! The templates, and what each shows beside its [`Frame`].

use askama::Template;
use portal_core::Date;
use portal_core::notify::AskedNow;

use super::frame::Frame;
use super::words;

/// What opens the door.
pub(super) struct Key {
    /// The code in two groups, the second empty when it cannot be split.
    pub(super) code: (String, String),
    /// For how long both work, in words.
    pub(super) life: String,
}

impl Key {
    pub(super) fn new(code: &str, minutes: i64) -> Self {
        let (front, end) = match code.split_at_checked(4) {
            Some((front, end)) if code.len() == 8 => (front, end),
            _ => (code, ""),
        };
        Self {
            code: (front.to_owned(), end.to_owned()),
            life: words::duration(minutes),
        }
    }
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    /// Titles, and the dates they are due.
    pub(super) requests: Vec<(&'a str, Option<String>)>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(requests: &'a [(String, Option<Date>)]) -> Self {
        Self {
            requests: requests
                .iter()
                .map(|(title, due)| (title.as_str(), due.map(words::date)))
                .collect(),
        }
    }

    pub(super) fn lead(&self) -> String {
        match self.requests.len() {
            1 => "this document".into(),
            many => format!("these {many} documents"),
        }
    }
}

/// What is to be sent again.
pub(super) struct Returned<'a> {
    pub(super) request_title: Option<&'a str>,
    pub(super) file_name: &'a str,
    pub(super) reason: Vec<&'a str>,
}

/// What is to be approved.
pub(super) struct Question<'a> {
    pub(super) title: &'a str,
    pub(super) files: &'a [String],
    pub(super) due: Option<String>,
    why: AskedNow,
}

impl<'a> Question<'a> {
    pub(super) fn new(title: &'a str, files: &'a [String], due: Option<Date>, why: AskedNow) -> Self {
        let due = due.map(words::date);
        Self {
            title,
            files,
            due,
            why,
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.why == AskedNow::Changed
    }

    pub(super) fn is_reminder(&self) -> bool {
        self.why == AskedNow::Reminder
    }
}

/// What need not be answered any more.
pub(super) struct TakenBack<'a> {
    pub(super) title: &'a str,
    /// Why, in lines; none where staff gave no reason.
    pub(super) reason: Vec<&'a str>,
}

impl<'a> TakenBack<'a> {
    pub(super) fn new(title: &'a str, reason: &'a str) -> Self {
        let reason = reason.lines().collect();
        Self { title, reason }
    }
}

#[derive(Template)]
#[template(path = "email/approval-withdrawn.html")]
pub(super) struct ApprovalWithdrawnHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) taken_back: &'a TakenBack<'a>,
}

#[derive(Template)]
#[template(path = "email/approval-withdrawn.txt")]
pub(super) struct ApprovalWithdrawnText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) taken_back: &'a TakenBack<'a>,
}

#[derive(Template)]
#[template(path = "email/approval-asked.html")]
pub(super) struct ApprovalAskedHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) question: &'a Question<'a>,
}

#[derive(Template)]
#[template(path = "email/approval-asked.txt")]
pub(super) struct ApprovalAskedText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) question: &'a Question<'a>,
}

#[derive(Template)]
#[template(path = "email/sign-in.html")]
pub(super) struct SignInHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) key: &'a Key,
}

#[derive(Template)]
#[template(path = "email/sign-in.txt")]
pub(super) struct SignInText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) key: &'a Key,
}

#[derive(Template)]
#[template(path = "email/invitation.html")]
pub(super) struct InvitationHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) key: &'a Key,
}

#[derive(Template)]
#[template(path = "email/invitation.txt")]
pub(super) struct InvitationText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) key: &'a Key,
}

#[derive(Template)]
#[template(path = "email/requests-added.html")]
pub(super) struct RequestsAddedHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) wanted: &'a Wanted<'a>,
}

#[derive(Template)]
#[template(path = "email/requests-added.txt")]
pub(super) struct RequestsAddedText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) wanted: &'a Wanted<'a>,
}

#[derive(Template)]
#[template(path = "email/document-returned.html")]
pub(super) struct DocumentReturnedHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) returned: &'a Returned<'a>,
}

#[derive(Template)]
#[template(path = "email/document-returned.txt")]
pub(super) struct DocumentReturnedText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) returned: &'a Returned<'a>,
}

#[derive(Template)]
#[template(path = "email/staff-notice.html")]
pub(super) struct StaffNoticeHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) headline: &'a str,
    pub(super) is_task: bool,
}

#[derive(Template)]
#[template(path = "email/staff-notice.txt")]
pub(super) struct StaffNoticeText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) headline: &'a str,
    pub(super) is_task: bool,
}

#[derive(Template)]
#[template(path = "email/automated.html")]
pub(super) struct AutomatedHtml<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) paragraphs: &'a [Vec<&'a str>],
}

#[derive(Template)]
#[template(path = "email/automated.txt")]
pub(super) struct AutomatedText<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) text: &'a str,
}
