//! Choosing one of several matters.

use askama::Template;

use crate::web::view::{Badge, Progress, Shell};

/// The page after signing in for someone with several matters.
#[derive(Debug, Clone, Template)]
#[template(path = "client/matters.html")]
pub struct ChooseMatter {
    /// The frame, without navigation.
    pub shell: Shell,
    /// `Good morning, Amina`.
    pub greeting: String,
    /// The word the practice uses, in the plural and small: `matters`, `cases`, `projects`.
    pub word: String,
    /// The matters this person may open, those with something to do first.
    pub matters: Vec<MatterCard>,
}

/// One matter to open.
#[derive(Debug, Clone, Default)]
pub struct MatterCard {
    /// Its home.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Its reference.
    pub reference: String,
    /// The stage it is in, in plain words; may be empty.
    pub stage: String,
    /// What it needs.
    pub badge: Badge,
    /// How much of what was asked is done.
    pub progress: Progress,
}
