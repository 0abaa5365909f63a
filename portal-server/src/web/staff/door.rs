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
}
