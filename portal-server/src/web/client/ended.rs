//! What an open page becomes when its session is over.

use askama::Template;

use super::Contact;
use crate::web::view::Shell;

/// The session is over: by time, by signing out, or because access ended. Says nothing of which.
#[derive(Debug, Clone, Template)]
#[template(path = "client/ended.html")]
pub struct Ended {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where asking for a new link posts to; `None` when nothing says which portal it was.
    pub action: Option<String>,
    /// Whom to turn to.
    pub contact: Option<Contact>,
}
