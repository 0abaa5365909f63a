//! What needs the reader.

use askama::Template;

use super::MatterRow;
use super::matter::Tile;
use super::notifications::NotificationRow;
use crate::web::view::Shell;

/// `/staff`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/home.html")]
pub struct Home {
    /// The frame.
    pub shell: Shell,
    /// `Good morning, Sam`.
    pub greeting: String,
    /// What needs a look, each with exactly those behind it.
    pub tiles: Vec<Tile>,
    /// The reader's matters that changed last.
    pub matters: Vec<MatterRow>,
    /// All of the reader's matters.
    pub matters_href: String,
    /// What the reader was told and has not read.
    pub unread: Vec<NotificationRow>,
    /// Where a matter is added; `None` for who may not.
    pub new_href: Option<String>,
}
