//! Captured mail: what a demo would have sent.

use askama::Template;

use crate::web::view::{Badge, Pager, Shell};

/// `/dev/outbox`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/mails.html")]
pub struct Mails {
    /// The frame.
    pub shell: Shell,
    /// This page, newest first.
    pub rows: Vec<MailRow>,
    /// Where this page is.
    pub pager: Pager,
}

/// One mail in the list.
#[derive(Debug, Clone, Default)]
pub struct MailRow {
    /// Its page.
    pub href: String,
    /// Its subject.
    pub subject: String,
    /// To whom: name and address.
    pub to: String,
    /// `Today, 14:05`.
    pub when: String,
    /// Whether it was sent.
    pub badge: Badge,
}

/// `/dev/outbox/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/mail.html")]
pub struct MailPage {
    /// The frame.
    pub shell: Shell,
    /// Back to the list.
    pub list_href: String,
    /// Its subject.
    pub subject: String,
    /// Who it is from: name and address.
    pub from: String,
    /// To whom: name and address.
    pub to: String,
    /// When it was sent.
    pub when: String,
    /// The text part.
    pub text: String,
    /// Where the HTML part is served, in a sandbox; empty when there is none.
    pub html_href: String,
    /// The links in it, to open here.
    pub links: Vec<String>,
}
