use crate::text::Phone;
use crate::workflow::Channel;
use crate::{ClientId, ConversationId, Digest, PracticeId, StaffId, Timestamp, Version};

/// What is on record about a conversation beside its messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The client's own id for theirs; made of the number for that of a number: [`Conversation::id_of_number`].
    pub id: ConversationId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved; 0 for one that nothing was noted of yet.
    pub version: Version,
    /// Whose it is; `None` while nobody said whose number it is.
    pub client_id: Option<ClientId>,
    /// The number, for the conversation of a number.
    pub phone: Option<Phone>,
    /// Who said whose number it is.
    pub linked_by: Option<StaffId>,
    /// When they said so.
    pub linked_at: Option<Timestamp>,
    /// Who answers it.
    pub assignee_id: Option<StaffId>,
    /// How many messages came in that nobody read: those after `read_up_to`, and those that a number brought when it joined.
    pub unread: u32,
    /// Up to where it was read, inclusive.
    pub read_up_to: Option<Timestamp>,
    /// Who read it last.
    pub read_by: Option<StaffId>,
    /// When they did.
    pub read_at: Option<Timestamp>,
    /// When something last happened: they wrote, an automation wrote to them, or staff answered. Mails that the portal writes
    /// by itself (sign-in links, what is asked) do not count.
    pub last_at: Timestamp,
    /// When a text message last went or came.
    pub texted_at: Option<Timestamp>,
    /// When an automation's mail last went.
    pub mailed_at: Option<Timestamp>,
    /// When they last wrote.
    pub wrote_at: Option<Timestamp>,
    /// How the last message that a person wrote begins, theirs or ours; empty before there is one.
    pub preview: String,
}

impl std::fmt::Debug for Conversation {
    /// Without what somebody wrote.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conversation")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("unread", &self.unread)
            .finish_non_exhaustive()
    }
}

/// Something that happens in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening<'a> {
    /// They wrote this.
    Wrote(&'a str),
    /// Staff answers with this.
    Answered(&'a str, Option<ReadUpTo>),
    /// An automation writes to them.
    Automated(Channel),
}

/// Who read up to where, and how many messages came in after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadUpTo {
    /// Who.
    pub staff: Option<StaffId>,
    /// Up to where, inclusive.
    pub up_to: Timestamp,
    /// How many came in later.
    pub left: u32,
    /// When they read it.
    pub at: Timestamp,
}

impl Conversation {
    /// The most characters of a preview.
    const PREVIEW: usize = 120;

    /// The id of the conversation of a number: there can be only one.
    #[must_use]
    pub fn id_of_number(phone: &Phone) -> ConversationId {
        let Digest(hash) = Digest::of(format!("conversation {}", phone.as_str()).as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(hash)
            .for_each(|(byte, hashed)| *byte = hashed);
        // RFC 9562, section 5.8.
        ConversationId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The id of a client's conversation.
    #[must_use]
    pub const fn id_of(client: ClientId) -> ConversationId {
        ConversationId(client.0)
    }

    fn begun(id: ConversationId, practice: PracticeId, at: Timestamp) -> Self {
        Self {
            id,
            practice_id: practice,
            version: Version(0),
            client_id: None,
            phone: None,
            linked_by: None,
            linked_at: None,
            assignee_id: None,
            unread: 0,
            read_up_to: None,
            read_by: None,
            read_at: None,
            last_at: at,
            texted_at: None,
            mailed_at: None,
            wrote_at: None,
            preview: String::new(),
        }
    }

    /// A client's, of which nothing was noted yet.
    #[must_use]
    pub fn of_client(practice: PracticeId, client: ClientId, at: Timestamp) -> Self {
        Self {
            client_id: Some(client),
            ..Self::begun(Self::id_of(client), practice, at)
        }
    }

    /// A number's, of which nothing was noted yet.
    #[must_use]
    pub fn of_number(practice: PracticeId, phone: Phone, at: Timestamp) -> Self {
        let begun = Self::begun(Self::id_of_number(&phone), practice, at);
        Self {
            phone: Some(phone),
            ..begun
        }
    }

    /// Whether it went into a client's, because somebody said whose number it is.
    #[must_use]
    pub const fn has_joined(&self) -> bool {
        self.phone.is_some() && self.client_id.is_some()
    }

    /// Something happened. Messages may be told of in any order.
    #[must_use]
    pub fn noting(mut self, what: Happening<'_>, at: Timestamp) -> Self {
        self.version.bump();
        self.also(what, at)
    }

    /// Something more happened, in the same change.
    #[must_use]
    pub(crate) fn also(mut self, what: Happening<'_>, at: Timestamp) -> Self {
        let later = |known: Option<Timestamp>| Some(known.map_or(at, |known| known.max(at)));
        let said = match what {
            Happening::Wrote(text) => {
                self.unread = self.unread.saturating_add(1);
                self.wrote_at = later(self.wrote_at);
                self.texted_at = later(self.texted_at);
                Some(text)
            }
            Happening::Answered(text, read) => {
                if let Some(read) = read {
                    self.note_read(read);
                }
                self.texted_at = later(self.texted_at);
                Some(text)
            }
            Happening::Automated(Channel::Sms) => {
                self.texted_at = later(self.texted_at);
                None
            }
            Happening::Automated(_) => {
                self.mailed_at = later(self.mailed_at);
                None
            }
        };
        if let Some(text) = said.filter(|_| at >= self.last_at || self.preview.is_empty()) {
            self.preview = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.preview = self.preview.chars().take(Self::PREVIEW).collect();
        }
        self.last_at = self.last_at.max(at);
        self
    }

    /// Somebody read it. `None` when there was nothing new to them.
    #[must_use]
    pub fn read(mut self, read: ReadUpTo) -> Option<Self> {
        self.note_read(read).then(|| {
            self.version.bump();
            self
        })
    }

    fn note_read(&mut self, read: ReadUpTo) -> bool {
        if read.left >= self.unread {
            return false;
        }
        self.read_up_to = self.read_up_to.max(Some(read.up_to));
        self.read_by = read.staff;
        self.read_at = Some(read.at);
        self.unread = read.left;
        true
    }

    /// `staff` answers it from now on, or nobody in particular. `None` when that is so already.
    #[must_use]
    pub fn assign(mut self, staff: Option<StaffId>) -> Option<Self> {
        (self.assignee_id != staff).then(|| {
            self.version.bump();
            self.assignee_id = staff;
            self
        })
    }
}
