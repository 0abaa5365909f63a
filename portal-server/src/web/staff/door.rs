//! Signing in as staff.

use askama::Template;

use crate::web::view::{Errors, Shell};

/// `/staff/sign-in`. After a lost session, `note` says so, and `next` leads back to the page that was left.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/sign_in.html")]
pub struct SignIn {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where the form posts to.
    pub action: String,
    /// The path to go to afterwards, as a field of the form.
    pub next: String,
    /// The email address as sent before.
    pub email: String,
    /// What is wrong; never which of email and password.
    pub errors: Errors,
    /// What to know first, such as that the session ended; may be empty.
    pub note: String,
    /// Further hidden fields: what a form sent whose session had ended.
    pub kept: Vec<(String, String)>,
}

/// After signing in again: what was typed before is sent by a press.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/resume.html")]
pub struct Resume {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where the form goes that was sent before.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
    /// Those of them that the person typed, to recognise it by.
    pub typed: Vec<String>,
}
