//! What the reader was told.

use askama::Template;

use super::Chip;
use crate::web::view::{Pager, Shell};

/// `/staff/notifications`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/notifications.html")]
pub struct Notifications {
    /// The frame.
    pub shell: Shell,
    /// Filters: unread, all.
    pub chips: Vec<Chip>,
    /// This page, newest first.
    pub rows: Vec<NotificationRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where reading all of them posts to; `None` when none is unread.
    pub read_all_action: Option<String>,
}

/// One notification.
#[derive(Debug, Clone, Default)]
pub struct NotificationRow {
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// What happened, in one sentence.
    pub headline: String,
    /// Where opening it posts to: marks it read, then leads to what it is about.
    pub open_action: String,
    /// The matter it concerns: `HM-2041 Partner visa 820`; empty for none in particular.
    pub matter: String,
    /// `Today, 14:05`.
    pub when: String,
    /// Whether it is still unread.
    pub unread: bool,
}
