use super::{Conversation, Entry, Happening};
use crate::notify::Letter;
use crate::{ClientId, StaffId, Timestamp};

/// That somebody says whose number it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joining<'a> {
    /// Who says so.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
    /// Whether who answers the number answers the client from now on, where nobody does yet: not unless they see the client's
    /// conversation by themselves, since who answers a conversation sees all of it.
    pub brings_assignee: bool,
    /// The newest message of each kind of both, in any order: see [`Parting::kept`].
    pub newest: &'a [Entry],
}

/// What becomes of the messages when a number turns out not to be a client's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parting<'a> {
    /// How many of the number's messages nobody read.
    pub unread: u32,
    /// The newest message of each kind from the number, in any order.
    pub taken: &'a [Entry],
    /// The newest message of each kind of the client's conversation without them, in any order: of what came in, of answers and
    /// of automations' text messages. Of automations' mails the conversation itself knows when the last one went.
    pub kept: &'a [Entry],
}

impl Conversation {
    /// The number is `client`'s: both conversations afterwards, the number's and `theirs`, which has all now.
    #[must_use]
    pub fn join(mut self, client: ClientId, mut theirs: Self, how: Joining<'_>) -> (Self, Self) {
        self.version.bump();
        theirs.version.bump();
        self.client_id = Some(client);
        (self.linked_by, self.linked_at) = (how.by, Some(how.at));
        theirs.unread = theirs.unread.saturating_add(self.unread);
        let brought = self.assignee_id.filter(|_| how.brings_assignee);
        theirs.assignee_id = theirs.assignee_id.or(brought);
        self.unread = 0;
        self.preview = String::new();
        (self, theirs.retold(how.newest))
    }

    /// Up to where what came from this number was read, while it is said to be that of `theirs`: as that was read since, or else
    /// as it was read itself before.
    #[must_use]
    pub fn was_read_up_to(&self, theirs: &Self) -> Option<Timestamp> {
        let read_since = theirs
            .read_at
            .is_some_and(|read| self.linked_at.is_none_or(|linked| read >= linked));
        if read_since {
            theirs.read_up_to
        } else {
            self.read_up_to
        }
    }

    /// The number is not the client's after all: both conversations afterwards, the number's and `theirs`, each as its own messages
    /// tell.
    #[must_use]
    pub fn part(mut self, mut theirs: Self, messages: Parting<'_>) -> (Self, Self) {
        if self.was_read_up_to(&theirs) != self.read_up_to {
            self.read_up_to = theirs.read_up_to;
            (self.read_by, self.read_at) = (theirs.read_by, theirs.read_at);
        }
        self.version.bump();
        theirs.version.bump();
        self.client_id = None;
        (self.linked_by, self.linked_at) = (None, None);
        self.unread = messages.unread;
        theirs.unread = theirs.unread.saturating_sub(messages.unread);
        (self.retold(messages.taken), theirs.retold(messages.kept))
    }

    /// The same as the newest message of each kind tells it. Who answers it and what is unread stay as they are; so does when
    /// something last happened, if nothing did.
    fn retold(mut self, newest: &[Entry]) -> Self {
        let (unread, mailed_at) = (self.unread, self.mailed_at);
        let mut newest: Vec<&Entry> = newest.iter().collect();
        newest.sort_by_key(|entry| (entry.at(), entry.id()));
        let mut counted = newest.into_iter().filter_map(happening).peekable();
        if let Some(first) = counted.peek().map(|(_, at)| *at).or(mailed_at) {
            self.last_at = first;
        }
        self.preview.clear();
        (self.wrote_at, self.texted_at) = (None, None);
        let mut told = counted.fold(self, |told, (what, at)| told.also(what, at));
        told.last_at = mailed_at.map_or(told.last_at, |mailed| mailed.max(told.last_at));
        told.unread = unread;
        told
    }
}

/// What an entry means for its conversation; `None` for mails that the portal writes by itself.
fn happening(entry: &Entry) -> Option<(Happening<'_>, Timestamp)> {
    let what = match entry {
        Entry::Received(sms) => Happening::Wrote(&sms.text),
        Entry::Sent(delivery) => match &delivery.letter {
            Letter::Reply { text, .. } => Happening::Answered(text, None),
            Letter::Automated { cause, .. } => Happening::Automated(cause.channel),
            _ => return None,
        },
    };
    Some((what, entry.at()))
}
