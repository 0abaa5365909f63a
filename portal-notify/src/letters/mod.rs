mod frame;
mod pages;
mod words;

use askama::Template;
use portal_core::notify::{AskedNow, Composed, Composer, Letter, LetterSecrets, Opens};
use portal_core::practice::Practice;

use frame::Frame;
use pages::{
    ApprovalAskedHtml, ApprovalAskedText, ApprovalWithdrawnHtml, ApprovalWithdrawnText, AutomatedHtml,
    AutomatedText, DocumentReturnedHtml, DocumentReturnedText, InvitationHtml, InvitationText, Key, Question,
    RequestsAddedHtml, RequestsAddedText, Returned, SignInHtml, SignInText, StaffNoticeHtml, StaffNoticeText,
    TakenBack, Wanted,
};

/// The portal's own words, in English: one sentence, one button, the address and code as text, who sent it and why.
///
/// The templates are in `templates/email`, one for HTML and one for plain text each. Whatever people typed is
/// escaped in HTML, set off from the text around it in its own direction, and cut only in subjects.
#[derive(Debug, Clone, Copy, Default)]
pub struct Letters;

impl Composer for Letters {
    fn compose(
        &self,
        practice: &Practice,
        letter: &Letter,
        secrets: &LetterSecrets,
    ) -> Result<Composed, String> {
        let subject = subject(practice, letter);
        let url = if letter.link().is_some() {
            secrets.url.as_str()
        } else {
            letter.about().url.as_str()
        };
        let frame = &Frame::new(practice, letter.about(), &subject, url);
        let (html, text) = match letter {
            Letter::SignIn { minutes, .. } => {
                let key = &Key::new(&secrets.code, *minutes);
                (
                    SignInHtml { frame, key }.render(),
                    SignInText { frame, key }.render(),
                )
            }
            Letter::Invitation { minutes, .. } => {
                let key = &Key::new(&secrets.code, *minutes);
                (
                    InvitationHtml { frame, key }.render(),
                    InvitationText { frame, key }.render(),
                )
            }
            Letter::RequestsAdded { requests, .. } => {
                let wanted = &Wanted::new(requests);
                (
                    RequestsAddedHtml { frame, wanted }.render(),
                    RequestsAddedText { frame, wanted }.render(),
                )
            }
            Letter::DocumentReturned {
                request_title,
                file_name,
                reason,
                ..
            } => {
                let returned = &Returned {
                    request_title: request_title.as_deref(),
                    file_name,
                    reason: reason.lines().collect(),
                };
                (
                    DocumentReturnedHtml { frame, returned }.render(),
                    DocumentReturnedText { frame, returned }.render(),
                )
            }
            Letter::ApprovalAsked {
                title,
                files,
                due_on,
                why,
                ..
            } => {
                let question = &Question::new(title, files, *due_on, *why);
                (
                    ApprovalAskedHtml { frame, question }.render(),
                    ApprovalAskedText { frame, question }.render(),
                )
            }
            Letter::ApprovalWithdrawn { title, reason, .. } => {
                let taken_back = &TakenBack::new(title, reason);
                (
                    ApprovalWithdrawnHtml { frame, taken_back }.render(),
                    ApprovalWithdrawnText { frame, taken_back }.render(),
                )
            }
            Letter::Automated { text, .. } | Letter::Reply { text, .. } => {
                let paragraphs = &text
                    .split("\n\n")
                    .map(|part| part.lines().collect())
                    .collect::<Vec<Vec<&str>>>();
                (
                    AutomatedHtml { frame, paragraphs }.render(),
                    AutomatedText { frame, text }.render(),
                )
            }
            Letter::StaffNotice { headline, opens, .. } => {
                let is_task = *opens == Opens::Task;
                (
                    StaffNoticeHtml {
                        frame,
                        headline,
                        is_task,
                    }
                    .render(),
                    StaffNoticeText {
                        frame,
                        headline,
                        is_task,
                    }
                    .render(),
                )
            }
        };
        let broken =
            |error: askama::Error| format!("the letter {} cannot be written: {error}", letter.name());
        Ok(Composed {
            html: html.map_err(broken)?,
            text: text.map_err(broken)? + "\n",
            subject,
        })
    }
}

/// What happened, in a line. Names are cut where they are so long that nothing else would be seen.
fn subject(practice: &Practice, letter: &Letter) -> String {
    let name = words::shortened(&practice.name, 80);
    match letter {
        Letter::SignIn { .. } => format!("Your sign-in link for {name}"),
        Letter::Invitation { .. } => format!("{name} invites you to your client portal"),
        Letter::RequestsAdded { requests, .. } => match requests.as_slice() {
            [(title, _)] => format!("{name} asks you for: {}", words::shortened(title, 80)),
            _ => format!("{name} asks you for {} documents", requests.len()),
        },
        Letter::DocumentReturned { file_name, .. } => {
            format!("Please replace {}", words::shortened_file_name(file_name, 80))
        }
        Letter::ApprovalAsked { title, why, .. } => {
            let title = words::shortened(title, 80);
            match why {
                AskedNow::New => format!("{name} asks for your approval: {title}"),
                AskedNow::Changed => format!("Changed, please look again: {title}"),
                AskedNow::Reminder => format!("Still waiting for your answer: {title}"),
            }
        }
        Letter::ApprovalWithdrawn { title, .. } => {
            format!("No answer needed any more: {}", words::shortened(title, 80))
        }
        Letter::Automated { subject, .. } => words::shortened(subject, 200),
        Letter::Reply { .. } => "A message for you".to_owned(),
        Letter::StaffNotice { headline, about, .. } if about.matter_reference.is_empty() => {
            words::shortened(headline.trim_end_matches('.'), 160)
        }
        Letter::StaffNotice { headline, about, .. } => format!(
            "{} ({})",
            words::shortened(headline.trim_end_matches('.'), 120),
            words::shortened(&about.matter_reference, 40)
        ),
    }
}
