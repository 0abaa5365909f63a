//! Whom an automation's message reaches, and why it does not.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Channel;
use crate::Timestamp;
use crate::client::Client;
use crate::text::{Address, Phone};

/// Why a message is not sent to somebody whom it is meant for, or a task not set. One type says it everywhere: a dry run, the
/// answer to a change of stage, and the history.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Held {
    /// The practice does not serve them any more.
    NotServed,
    /// No telephone number is known.
    NoPhone,
    /// The number is not one that can exist.
    InvalidPhone,
    /// Nobody recorded that they agree to text messages, and the practice wants that.
    NoConsent,
    /// They asked for no more text messages.
    OptedOut,
    /// No address is known.
    NoEmail,
    /// The message gives the portal's address, which they may not enter.
    NoAccess,
    /// It waited, and they take no part in the matter any more.
    NotInvolved,
    /// It waited, and its workflow was switched off or removed, or does not send this any more.
    SwitchedOff,
    /// It waited, and they have another number or address now.
    OtherAddress,
    /// It was written, or held back, for this stay in the stage already.
    Written,
    /// It is sent once for each matter, and was.
    Once,
    /// It was sent not long ago, and is not sent again so soon.
    Pause {
        /// When it may be sent again.
        until: Timestamp,
    },
    /// There is nothing in it, for this recipient.
    Empty,
    /// It is longer than a text message may be.
    TooLong {
        /// How many segments it would have.
        segments: u32,
    },
    /// Its template failed.
    Template {
        /// Why.
        why: String,
    },
}

impl Held {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotServed => "not-served",
            Self::NoPhone => "no-phone",
            Self::InvalidPhone => "invalid-phone",
            Self::NoConsent => "no-consent",
            Self::OptedOut => "opted-out",
            Self::NoEmail => "no-email",
            Self::NoAccess => "no-access",
            Self::NotInvolved => "not-involved",
            Self::SwitchedOff => "switched-off",
            Self::OtherAddress => "other-address",
            Self::Written => "written",
            Self::Once => "once",
            Self::Pause { .. } => "pause",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too-long",
            Self::Template { .. } => "template",
        }
    }

    /// Whether the history gets an entry that says so; not where it has the message itself already.
    #[must_use]
    pub const fn leaves_an_entry(&self) -> bool {
        !matches!(self, Self::Written | Self::Once | Self::Pause { .. })
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotServed => f.write_str("the practice does not serve them any more"),
            Self::NoPhone => f.write_str("no telephone number is known"),
            Self::InvalidPhone => f.write_str("the telephone number does not exist"),
            Self::NoConsent => f.write_str("they did not agree to text messages"),
            Self::OptedOut => f.write_str("they asked for no more text messages"),
            Self::NoEmail => f.write_str("no email address is known"),
            Self::NoAccess => f.write_str("it gives the portal's address, which they may not enter"),
            Self::NotInvolved => f.write_str("they take no part in the matter any more"),
            Self::SwitchedOff => f.write_str("its workflow does not send it any more"),
            Self::OtherAddress => f.write_str("they have another number or address now"),
            Self::Written => f.write_str("it was written for this stay in the stage already"),
            Self::Once => f.write_str("it is sent once for each matter, and was"),
            Self::Pause { until } => write!(f, "it was sent not long ago; again from {} on", until.date()),
            Self::Empty => f.write_str("it says nothing"),
            Self::TooLong { segments } => write!(f, "it is too long: {segments} text messages"),
            Self::Template { why } => write!(f, "its template failed: {why}"),
        }
    }
}

/// What is on record about a telephone number and text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// Nothing.
    #[default]
    Unknown,
    /// They agreed.
    Agreed,
    /// They asked for no more.
    OptedOut,
}

/// Somebody whom a message may be for, and what decides whether it reaches them.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Who.
    pub client: &'a Client,
    /// What is on record about their number.
    pub agreement: Agreement,
    /// Whether an agreement must be on record.
    pub consent_needed: bool,
    /// Whether they may enter the portal on this matter.
    pub may_enter: bool,
}

impl Person<'_> {
    /// Where a message over `channel` reaches them; `gives_portal` when it gives the portal's address. Tasks go to staff and
    /// reach nobody here.
    ///
    /// # Errors
    /// The first reason why it does not.
    pub fn reached_by(self, channel: Channel, gives_portal: bool) -> Result<Option<Address>, Held> {
        if channel == Channel::Task {
            return Ok(None);
        }
        if !self.client.active {
            return Err(Held::NotServed);
        }
        let address = match channel {
            Channel::Email => Address::Email(self.client.email.clone().ok_or(Held::NoEmail)?),
            Channel::Sms | Channel::Task => Address::Phone(self.textable()?),
        };
        if gives_portal && !self.may_enter {
            return Err(Held::NoAccess);
        }
        Ok(Some(address))
    }

    fn textable(self) -> Result<Phone, Held> {
        let phone = self.client.phone.clone().ok_or(Held::NoPhone)?;
        if !phone.can_exist() {
            return Err(Held::InvalidPhone);
        }
        match self.agreement {
            Agreement::OptedOut => Err(Held::OptedOut),
            Agreement::Unknown if self.consent_needed => Err(Held::NoConsent),
            Agreement::Unknown | Agreement::Agreed => Ok(phone),
        }
    }
}
