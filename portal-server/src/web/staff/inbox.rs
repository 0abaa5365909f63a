//! Conversations with clients: the list, and one of them beside it.

use askama::Template;

use super::Chip;
use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// `/staff/inbox`, alone or with a conversation.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/inbox.html")]
pub struct Inbox {
    /// The frame.
    pub shell: Shell,
    /// How many conversations match, worded; empty where that was not counted.
    pub counted: String,
    /// Saved filters.
    pub chips: Vec<Chip>,
    /// What was searched for (`q`).
    pub q: String,
    /// Choices of `channel`.
    pub channels: Vec<Choice>,
    /// The saved filter in force (`show`).
    pub show: String,
    /// Whether anything narrows the list.
    pub filtered: bool,
    /// This page of conversations, the one where something happened last first.
    pub rows: Vec<ConversationRow>,
    /// Where this page is.
    pub pager: Pager,
    /// The conversation beside the list.
    pub open: Option<Box<OpenConversation>>,
    /// The whole history as a file; `None` for who may not read it.
    pub export_href: Option<String>,
}

/// A conversation in the list.
#[derive(Debug, Clone, Default)]
pub struct ConversationRow {
    /// Its page.
    pub href: String,
    /// The client's name, or the number.
    pub name: String,
    /// How the last message that a person wrote begins; may be empty.
    pub preview: String,
    /// When something last happened.
    pub when: String,
    /// How many messages nobody read; empty for none.
    pub unread: String,
    /// Who answers it; may be empty.
    pub assignee: String,
    /// Whether nobody knows whose number it is.
    pub unknown: bool,
    /// Whether it is the one beside the list.
    pub current: bool,
}

/// A conversation.
#[derive(Debug, Clone, Default)]
pub struct OpenConversation {
    /// The client's name, or the number.
    pub name: String,
    /// Where they are reached: number and address.
    pub reached: String,
    /// The client's page; `None` for a number that nobody knows.
    pub client_href: Option<String>,
    /// Back to the list.
    pub list_href: String,
    /// Messages before the first shown; `None` when these are all.
    pub earlier_href: Option<String>,
    /// The newest messages; `None` when these are the newest.
    pub newest_href: Option<String>,
    /// The messages shown, the oldest first.
    pub messages: Vec<Message>,
    /// Who read it up to where: `Read by Sam Keller, today, 14:05`; may be empty.
    pub receipt: String,
    /// Marks it as read; `None` when nothing is unread, or for who may not.
    pub read_action: Option<String>,
    /// What `read_up_to` says: the newest message shown.
    pub read_up_to: String,
    /// The form that answers; `None` for who may not, or when nobody knows whose number it is.
    pub reply: Option<ReplyForm>,
    /// The form that says who answers; `None` for who may not.
    pub assign: Option<AssignForm>,
    /// The form that says whose number it is; `None` for a client's conversation.
    pub link: Option<LinkForm>,
    /// The numbers that staff said are theirs.
    pub numbers: Vec<TheirNumber>,
}

/// A number that staff said is the client's.
#[derive(Debug, Clone, Default)]
pub struct TheirNumber {
    /// The number.
    pub phone: String,
    /// `Sam Keller said so, today, 14:05`; may be empty.
    pub said: String,
    /// Where taking it back posts to (`version`); `None` for who may not.
    pub unlink_action: Option<String>,
    /// The version of its record.
    pub version: String,
}

/// A message.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Its id on the page.
    pub id: String,
    /// Whether it went out.
    pub own: bool,
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// Who wrote it, and over what: `Amina Haddad, text message`.
    pub who: String,
    /// The subject of a mail.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// `Today, 14:05`.
    pub when: String,
    /// `2 segments`; empty for mail.
    pub segments: String,
    /// What became of it; `None` for what came in.
    pub badge: Option<Badge>,
    /// Why, in a sentence; may be empty.
    pub why: String,
}

/// The form that answers.
#[derive(Debug, Clone, Default)]
pub struct ReplyForm {
    /// Where it posts to (`text`, `once`, `read_up_to`).
    pub action: String,
    /// What was typed.
    pub text: String,
    /// The id that the message shall have.
    pub once: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
}

/// The form that says who answers.
#[derive(Debug, Clone, Default)]
pub struct AssignForm {
    /// Where it posts to (`staff`).
    pub action: String,
    /// Choices of `staff`; none is nobody in particular.
    pub staff: Vec<Choice>,
}

/// The form that says whose number it is.
#[derive(Debug, Clone, Default)]
pub struct LinkForm {
    /// Where it posts to (`client`).
    pub action: String,
    /// This page, which looks for clients by `find`.
    pub here: String,
    /// What was looked for.
    pub find: String,
    /// Clients it could be.
    pub candidates: Vec<Candidate>,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// Somebody whose number it could be.
#[derive(Debug, Clone, Default)]
pub struct Candidate {
    /// Their id, which is sent as `client`.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What tells them from others: reference, number, address.
    pub detail: String,
}
