//! Signing in: asking for a link, what follows, and confirming it.

use askama::Template;

use super::Contact;
use crate::web::view::{Errors, Shell};

/// `/p/{access}` for someone who is not signed in. The same for every address that looks like a portal's.
#[derive(Debug, Clone, Template)]
#[template(path = "client/ask.html")]
pub struct AskForLink {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where the one button posts to.
    pub action: String,
}

/// After asking: the same whatever happened.
#[derive(Debug, Clone, Template)]
#[template(path = "client/asked.html")]
pub struct AskedForLink {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where asking once more posts to.
    pub action: String,
    /// How long a link works: `48 hours`.
    pub lifetime: String,
    /// Whom to turn to when no mail comes: the practice, not a person of a matter.
    pub contact: Option<Contact>,
}

/// `/p/sign-in/{token}`: a link that works, which a person has to confirm.
#[derive(Debug, Clone, Template)]
#[template(path = "client/confirm.html")]
pub struct ConfirmLink {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where the confirmation posts to.
    pub action: String,
    /// Whether the short code of the same mail is needed, because another browser asked for the link.
    pub needs_code: bool,
    /// What is wrong with the `code` as sent.
    pub errors: Errors,
    /// How long the session will last: `48 hours`.
    pub session: String,
}

/// A link that no longer works, for whatever reason: offers a new one in one press.
#[derive(Debug, Clone, Template)]
#[template(path = "client/link_over.html")]
pub struct LinkOver {
    /// The frame, without navigation.
    pub shell: Shell,
    /// Where the one button posts to; `None` when the link names no portal.
    pub action: Option<String>,
    /// How long a link works: `48 hours`; empty when the link names no practice.
    pub lifetime: String,
    /// Whom to turn to.
    pub contact: Option<Contact>,
}
