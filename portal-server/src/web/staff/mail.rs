//! Captured mail and text messages: what a demo would have sent.

use askama::Template;

use crate::web::view::{Badge, Pager, Shell};

/// `/dev/outbox`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/mails.html")]
pub struct Mails {
    /// The frame.
    pub shell: Shell,
    /// Whether mails are; where a mail server takes them, only text messages are.
    pub mails_are_captured: bool,
    /// This page, newest first.
    pub rows: Vec<MailRow>,
    /// Where this page is.
    pub pager: Pager,
    /// The telephones that text messages went to or came from.
    pub phones: Vec<PhoneScreen>,
    /// Where a text message from any telephone is posted; `None` where text messages are not captured.
    pub write_action: Option<String>,
}

/// A telephone that text messages went to or came from.
#[derive(Debug, Clone, Default)]
pub struct PhoneScreen {
    /// What its fields' ids end with.
    pub id: String,
    /// Its number.
    pub number: String,
    /// What it got and what was written on it, the oldest first.
    pub texts: Vec<TextBubble>,
}

/// A text message.
#[derive(Debug, Clone, Default)]
pub struct TextBubble {
    /// What it says.
    pub text: String,
    /// `No. 3, 2 segments, GSM-7`; empty for one that was written here.
    pub note: String,
    /// Whether it was written on this telephone.
    pub written_here: bool,
    /// What is known of one that was sent to it; its text is empty when nothing is.
    pub badge: Badge,
    /// Where the provider's report about it is posted; `None` when there is nothing more to tell.
    pub report_action: Option<String>,
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
