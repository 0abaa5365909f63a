//! Clients: the list, one of them, and the form.

use askama::Template;

use super::{Column, Fact, Happened, MatterRow};
use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// A client in the list.
#[derive(Debug, Clone, Default)]
pub struct ClientRow {
    /// Their page.
    pub href: String,
    /// Their name.
    pub name: String,
    /// Their reference; may be empty.
    pub reference: String,
    /// Their email address; may be empty.
    pub email: String,
    /// Their phone number; may be empty.
    pub phone: String,
    /// Whether they are active, in an icon and a word.
    pub badge: Badge,
}

/// `/staff/clients`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/clients.html")]
pub struct Clients {
    /// The frame.
    pub shell: Shell,
    /// How many match, worded.
    pub counted: String,
    /// What was searched for (`q`).
    pub q: String,
    /// The columns: name, reference, email, phone, state.
    pub columns: Vec<Column>,
    /// This page of clients.
    pub rows: Vec<ClientRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where a client is added; `None` for who may not.
    pub new_href: Option<String>,
}

/// `/staff/clients/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/client.html")]
pub struct ClientPage {
    /// The frame.
    pub shell: Shell,
    /// Their name.
    pub name: String,
    /// Whether they are active.
    pub badge: Badge,
    /// How to reach them.
    pub contact: Vec<Fact>,
    /// Who they are.
    pub identity: Vec<Fact>,
    /// What they want of text messages.
    pub texts: TextCard,
    /// Their matters.
    pub matters: Vec<MatterRow>,
    /// How many matters there are in all.
    pub total: u64,
    /// Where in the matters this page is.
    pub pager: Pager,
    /// Where their details are changed; `None` for who may not.
    pub edit_href: Option<String>,
    /// The conversation with them; `None` for who may not see it.
    pub messages_href: Option<String>,
    /// Where a matter for them is opened; `None` for who may not.
    pub new_matter_href: Option<String>,
    /// Where deactivating posts to; `None` when inactive, or for who may not.
    pub deactivate_action: Option<String>,
    /// Where activating posts to; `None` when active, or for who may not.
    pub activate_action: Option<String>,
    /// Where their personal data is erased from the audit trail; `None` for who may not.
    pub erase_href: Option<String>,
}

/// Before a client's personal data is erased from the audit trail: what that means.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/client_erase.html")]
pub struct ErasePage {
    /// The frame.
    pub shell: Shell,
    /// The client's name.
    pub name: String,
    /// Their page.
    pub client_href: String,
    /// Where the form posts to.
    pub action: String,
    /// What is to be typed, as the field's label says it.
    pub question: String,
    /// What was typed.
    pub confirm: String,
    /// What is wrong with that.
    pub errors: Errors,
}

/// What is on record about text messages to a client.
#[derive(Debug, Clone, Default)]
pub struct TextCard {
    /// Where it stands, in an icon and a word.
    pub badge: Badge,
    /// What that means.
    pub text: String,
    /// Messages that were held back, the newest first.
    pub held: Vec<HeldText>,
    /// What was said, the newest first.
    pub history: Vec<Happened>,
    /// Why what was sent was refused, where there is no form that says so.
    pub refused: Errors,
    /// The form with which staff record what they were told; `None` for who may not, without a number, and for somebody who
    /// stopped the messages themselves.
    pub form: Option<ConsentForm>,
}

/// A text message that was held back.
#[derive(Debug, Clone, Default)]
pub struct HeldText {
    /// Its place in the matter's history; empty when it has none.
    pub href: String,
    /// When it would have been sent.
    pub when: String,
    /// Why it was not.
    pub why: String,
}

/// What a client told staff, as it is filled in.
#[derive(Debug, Clone, Default)]
pub struct ConsentForm {
    /// Where it posts to.
    pub action: String,
    /// Choices of `agreement`.
    pub agreements: Vec<Choice>,
    /// Choices of `how`.
    pub ways: Vec<Choice>,
    /// `said_on` as sent (`2026-11-20`).
    pub said_on: String,
    /// `note` as sent.
    pub note: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
}

/// Adding a client, or changing one.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/client_form.html")]
pub struct ClientForm {
    /// The frame.
    pub shell: Shell,
    /// `New client`, or `Change Amina Haddad`.
    pub heading: String,
    /// Where the form posts to.
    pub action: String,
    /// Where leaving leads.
    pub cancel_href: String,
    /// The version that was read; empty for a new one.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `given_names`.
    pub given_names: String,
    /// `family_name`.
    pub family_name: String,
    /// `email`.
    pub email: String,
    /// `phone`.
    pub phone: String,
    /// `reference`.
    pub reference: String,
    /// `date_of_birth` (`1991-03-03`).
    pub date_of_birth: String,
    /// `nationality` (two letters, ISO 3166-1).
    pub nationality: String,
    /// `language` (BCP 47).
    pub language: String,
    /// Choices of `time_zone`.
    pub time_zones: Vec<Choice>,
    /// What no choice of it says: that it is the practice's.
    pub own_time_zone: String,
    /// `passport_number`.
    pub passport_number: String,
    /// `passport_issued_on`.
    pub passport_issued_on: String,
    /// `passport_expires_on`.
    pub passport_expires_on: String,
}
