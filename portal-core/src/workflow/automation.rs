use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::model::yes;
use super::requirement::principal;
use crate::StaffId;
use crate::matter::Part;

/// What a workflow does by itself when a matter enters a stage in which it matches. Data only: messages are written and sent
/// by whoever reads it, with [`Template`](super::Template), [`Automation::due_at`] and [`Person`](super::Person).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automation {
    /// Over what.
    pub channel: Channel,
    /// Whether it is switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Who gets the message: everybody who takes this part in the matter. A task goes to staff; it speaks of the first of these.
    #[serde(default = "principal")]
    pub to: Part,
    /// The subject of an email, or the title of a task, by language ("en", "pt-BR"); a template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subject: BTreeMap<String, String>,
    /// What it says, by language; a template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub text: BTreeMap<String, String>,
    /// Who does a task.
    #[serde(default, skip_serializing_if = "Assignee::is_owner")]
    pub assignee: Assignee,
    /// How many days a task may take, by the practice's calendar, from the day on which it is to be begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_in_days: Option<u32>,
    /// How long it waits, in minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_minutes: u32,
    /// When the recipient is not to be disturbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// Whether it happens again on a later entry.
    #[serde(default, skip_serializing_if = "Again::is_always")]
    pub again: Again,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How an automation reaches people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A mail.
    Email,
    /// A task for staff.
    Task,
}

impl Channel {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Task => "task",
        }
    }

    /// Its name in sentences.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sms => "text message",
            Self::Email => "mail",
            Self::Task => "task",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who does the task that an automation sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Assignee {
    /// Whoever answers for the matter.
    #[default]
    Owner,
    /// Whoever sees it first: anyone who may see the matter.
    Anyone,
    /// This staff member.
    Staff(StaffId),
}

impl Assignee {
    const fn is_owner(&self) -> bool {
        matches!(self, Self::Owner)
    }

    /// The staff member who that is on a matter of `owner`'s; `None` for anyone.
    #[must_use]
    pub const fn on_matter_of(self, owner: StaffId) -> Option<StaffId> {
        match self {
            Self::Owner => Some(owner),
            Self::Anyone => None,
            Self::Staff(staff) => Some(staff),
        }
    }
}

impl fmt::Display for Assignee {
    /// `owner`, `anyone`, or a staff member's id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Anyone => f.write_str("anyone"),
            Self::Staff(staff) => staff.fmt(f),
        }
    }
}

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an assignee is \"owner\", \"anyone\" or a staff member's id")]
pub struct NoAssignee;

impl FromStr for Assignee {
    type Err = NoAssignee;

    fn from_str(text: &str) -> Result<Self, NoAssignee> {
        match text {
            "owner" => Ok(Self::Owner),
            "anyone" => Ok(Self::Anyone),
            id => id.parse().map(Self::Staff).map_err(|_| NoAssignee),
        }
    }
}

impl TryFrom<String> for Assignee {
    type Error = NoAssignee;

    fn try_from(text: String) -> Result<Self, NoAssignee> {
        text.parse()
    }
}

impl From<Assignee> for String {
    fn from(assignee: Assignee) -> Self {
        assignee.to_string()
    }
}

/// Hours of the recipient's day, 0 to 23, from the beginning of the first to that of the second; they may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The hour that they begin with.
    pub from: u8,
    /// The hour before which they end.
    pub until: u8,
}

/// Whether an automation happens again when a matter enters the stage again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// On every entry.
    #[default]
    Always,
    /// Once for each matter.
    Once,
    /// When so many days have passed since the last time.
    AfterDays(u32),
}

impl Again {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    const fn is_always(&self) -> bool {
        matches!(self, Self::Always)
    }
}

impl Automation {
    /// A message or task that is switched on and goes out at once, on every entry.
    #[must_use]
    pub const fn new(channel: Channel) -> Self {
        Self {
            channel,
            enabled: true,
            to: Part::Principal,
            subject: BTreeMap::new(),
            text: BTreeMap::new(),
            assignee: Assignee::Owner,
            due_in_days: None,
            delay_minutes: 0,
            quiet_hours: None,
            again: Again::Always,
        }
    }

    /// With this text in this language.
    #[must_use]
    pub fn saying(mut self, language: impl Into<String>, text: impl Into<String>) -> Self {
        self.text.insert(language.into(), text.into());
        self
    }

    /// Whether it says the same to the same people as another does, whenever and however often.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        self.channel == other.channel
            && self.to == other.to
            && self.assignee == other.assignee
            && is_same(&self.subject, &other.subject)
            && is_same(&self.text, &other.text)
    }

    /// The channel and the people whom it sends a message to; nobody when it is switched off or a task.
    #[must_use]
    pub const fn reaches(&self) -> Option<(Channel, Part)> {
        match self.channel {
            Channel::Sms | Channel::Email if self.enabled => Some((self.channel, self.to)),
            _ => None,
        }
    }
}

/// Whether templates say the same: forms end lines in another way than files.
fn is_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(language, words)| {
            let other = other.get(language);
            other.is_some_and(|other| words.lines().eq(other.lines()))
        })
}
