use std::fmt::Write as _;

use crate::notify::{Composed, Composer, Letter, LetterSecrets};
use crate::practice::Practice;

/// Puts letters into plain words that hold everything a letter knows, line by line, so that a test can look for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainComposer;

impl Composer for PlainComposer {
    fn compose(
        &self,
        practice: &Practice,
        letter: &Letter,
        secrets: &LetterSecrets,
    ) -> Result<Composed, String> {
        let about = letter.about();
        let (subject, body) = match letter {
            Letter::SignIn {
                expires_at, minutes, ..
            } => (
                format!("Sign in to {}", practice.name),
                opens(secrets, &expires_at.to_string(), *minutes),
            ),
            Letter::Invitation {
                expires_at, minutes, ..
            } => (
                format!("{} invites you to its portal", practice.name),
                opens(secrets, &expires_at.to_string(), *minutes),
            ),
            Letter::RequestsAdded { requests, .. } => {
                let mut body = String::from("Please provide:\n");
                for (title, due_on) in requests {
                    let due = due_on.map(|date| format!(" (until {date})")).unwrap_or_default();
                    writeln!(body, "- {title}{due}").map_err(|error| error.to_string())?;
                }
                (format!("{} asks for documents", practice.name), body)
            }
            Letter::DocumentReturned {
                request_title,
                file_name,
                reason,
                ..
            } => {
                let request = request_title.as_deref().unwrap_or("Your file");
                (
                    format!("{request} needs another look"),
                    format!("{file_name} was returned: {reason}\n"),
                )
            }
            Letter::ApprovalAsked {
                title, files, due_on, ..
            } => {
                let due = due_on.map(|date| format!(" (until {date})")).unwrap_or_default();
                let body = format!("Please answer: {title}{due}\n{}\n", files.join("\n"));
                (format!("{} asks for your approval", practice.name), body)
            }
            Letter::ApprovalWithdrawn { title, reason, .. } => (
                format!("{} needs no answer any more", practice.name),
                format!("Nothing is to be done about {title}: {reason}\n"),
            ),
            Letter::Automated { subject, text, .. } => (subject.clone(), format!("{text}\n")),
            Letter::Reply { text, .. } => (String::new(), format!("{text}\n")),
            Letter::StaffNotice { headline, .. } => (headline.clone(), format!("{headline}\n")),
        };
        let text = format!(
            "Dear {},\n\n{body}\n{} ({})\n{}\n\n{}\n{}\n",
            about.reader,
            about.matter_title,
            about.matter_reference,
            about.url,
            practice.sender(),
            practice.help_text,
        );
        let html = format!("<pre>{}</pre>", escape(&text));
        Ok(Composed { subject, text, html })
    }
}

fn opens(secrets: &LetterSecrets, expires_at: &str, minutes: i64) -> String {
    format!(
        "Open {}\nCode: {}\nIt works once, for {minutes} minutes, until {expires_at}.\n",
        secrets.url, secrets.code
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
