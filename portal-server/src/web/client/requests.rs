//! Everything that is asked for.

use askama::Template;

use super::{Matter, RequestRow};
use crate::web::view::{Progress, Shell};

/// `/p/{access}/requests`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/requests.html")]
pub struct Requests {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub matter: Matter,
    /// How much is done.
    pub progress: Progress,
    /// The requests, in groups that mean something to the client: what is to do comes first. Empty ones are left out.
    pub groups: Vec<Group>,
}

/// Requests under one heading.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// `To provide`, `Being checked`, `Done`.
    pub title: String,
    /// Its requests.
    pub rows: Vec<RequestRow>,
}
