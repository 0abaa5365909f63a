//! What the messages of automations depend on, gathered in one place for the rule that decides over them.

use super::Addressee;
use crate::access::PortalAccess;
use crate::client::Client;
use crate::matter::{Matter, Part, Participant};
use crate::notify::Written;
use crate::practice::Practice;
use crate::task::Task;
use crate::text::Address;
use crate::workflow::{Agreement, Channel, Field, Fields, Held, PRACTICE_AREA, Person, STAGE};
use crate::{ClientId, StageEntryId, Timestamp};

/// A matter at the moment at which automations fire on it, and all that decides what they send.
#[derive(Debug, Clone)]
pub struct Scene<'a> {
    /// The practice.
    pub practice: &'a Practice,
    /// The matter.
    pub matter: &'a Matter,
    /// The name of its owner.
    pub owner: &'a str,
    /// Those who take part in it at present.
    pub people: Vec<Reader<'a>>,
    /// What automations wrote on it before.
    pub written: &'a [Written],
    /// The tasks that automations set on it before.
    pub tasks: &'a [Task],
    /// The stay in a stage that they fire for.
    pub entry: StageEntryId,
    /// When that happened for which they fire: delays count from then.
    pub since: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// Somebody who takes part in a matter.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    /// Who.
    pub client: &'a Client,
    /// Which part.
    pub part: Part,
    /// Their portal access, if they ever had one.
    pub access: Option<&'a PortalAccess>,
    /// Where the portal is for them.
    pub url: String,
    /// What is on record about their number.
    pub agreement: Agreement,
}

impl<'a> Scene<'a> {
    /// What decides whether a message reaches somebody.
    #[must_use]
    pub fn person(&self, reader: &Reader<'a>) -> Person<'a> {
        Person {
            client: reader.client,
            agreement: reader.agreement,
            consent_needed: self.practice.settings.text_consent_needed,
            may_enter: reader
                .access
                .is_some_and(|access| access.admits(self.matter, reader.client)),
        }
    }

    /// Those whom a message to this part is for, or only `only` of them.
    pub(super) fn readers(&self, part: Part, only: Option<ClientId>) -> impl Iterator<Item = &Reader<'a>> {
        let is_meant = move |reader: &&Reader<'a>| {
            reader.part == part && only.is_none_or(|only| reader.client.id == only)
        };
        self.people.iter().filter(is_meant)
    }

    /// Where a mail that leads a client into the portal reaches them; or why it does not. `None` of who takes no part.
    pub(super) fn invited(&self, client: ClientId) -> Option<Result<Address, Held>> {
        let reader = self.people.iter().find(|reader| reader.client.id == client)?;
        let reached = self.person(reader).reached_by(Channel::Email, true);
        Some(reached.map(|address| address.unwrap_or(Address::Nowhere)))
    }

    /// The one whom a message or task is for.
    #[must_use]
    pub fn reader(&self, to: Addressee) -> Option<&Reader<'a>> {
        let Addressee::Client(id) = to else {
            return None;
        };
        self.people.iter().find(|reader| reader.client.id == id)
    }
}

/// Who takes part at present, with what is known of each by their id; whoever is not known of is left out.
pub(crate) fn present<'a>(
    participants: &'a [Participant],
    reader: impl Fn(&'a Participant) -> Option<Reader<'a>>,
) -> Vec<Reader<'a>> {
    let present = participants.iter().filter(|participant| !participant.removed);
    present.filter_map(reader).collect()
}

/// What templates can say of a matter; nothing of a client where there is none. The portal's address only where it may be given:
/// it is empty otherwise, for templates that ask.
pub(crate) fn fields(
    practice: &Practice,
    matter: &Matter,
    owner: &str,
    client: Option<&Client>,
    portal: Option<&str>,
) -> Fields {
    let clean = |dimension: &str, raw: Option<&String>| {
        let clean = matter.normalised.get(dimension).or(raw);
        clean.cloned().unwrap_or_default()
    };
    let given = client.map_or("", |client| client.given_names.as_str());
    Fields::new()
        .with(Field::ClientName, client.map(Client::name).unwrap_or_default())
        .with(
            Field::ClientFirstName,
            given.split_whitespace().next().unwrap_or_default(),
        )
        .with(Field::ClientGivenNames, given)
        .with(
            Field::ClientFamilyName,
            client.map_or("", |client| client.family_name.as_str()),
        )
        .with(Field::MatterReference, &matter.reference)
        .with(Field::MatterTitle, &matter.title)
        .with(
            Field::MatterPracticeArea,
            clean(PRACTICE_AREA, matter.practice_area.as_ref()),
        )
        .with(Field::MatterStage, clean(STAGE, matter.stage.as_ref()))
        .with(Field::MatterOwner, owner)
        .with(Field::PracticeName, &practice.name)
        .with(Field::PracticeHelp, &practice.help_text)
        .with(Field::PracticeMatterWord, &practice.matter_word)
        .with(Field::PortalUrl, portal.unwrap_or_default())
}
