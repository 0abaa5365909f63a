//! What becomes of a message that waited, when it is about to leave: the world may have moved on.

use super::{Cause, Delivery, Letter, Recipient};
use crate::client::Client;
use crate::matter::Participant;
use crate::rulebook::KeptWorkflow;
use crate::text::{Address, Email};
use crate::workflow::{Automation, Held, Person};
use crate::{ClientId, Portal, StoreError};

const GIVEN_UP: &str = "its reader was shut out, or has another address now";

impl Portal {
    /// What becomes of `delivery` instead of being sent now; `None` when it may leave.
    pub(super) async fn instead(&self, delivery: &Delivery) -> Result<Option<Delivery>, StoreError> {
        let Some(cause) = delivery.letter.cause() else {
            let is_right = self.is_still_for(delivery).await?;
            return Ok((!is_right).then(|| delivery.clone().given_up(GIVEN_UP)));
        };
        if let Some(why) = self.overtaken(delivery, cause).await? {
            return Ok(Some(delivery.clone().held(&why.to_string())));
        }
        let Some(quiet) = cause.quiet_hours else {
            return Ok(None);
        };
        // A server that was down, or a provider that was, must not wake anybody.
        let practice = self.store().practice(delivery.practice_id).await?;
        let zone = practice.map(|practice| practice.time_zone).unwrap_or_default();
        let client = match delivery.recipient {
            Recipient::Client(client) => self.store().client(delivery.practice_id, client).await?,
            Recipient::Staff(_) => None,
        };
        let zone = client.as_ref().map_or(zone.as_str(), |client| client.zone(&zone));
        let until = quiet.over(self.now(), zone);
        Ok((until > self.now()).then(|| delivery.clone().put_off(until)))
    }

    /// Why an automation's message must not reach its reader any more.
    async fn overtaken(&self, delivery: &Delivery, cause: &Cause) -> Result<Option<Held>, StoreError> {
        let (store, practice) = (self.store(), delivery.practice_id);
        let (Recipient::Client(client), Some(matter)) = (delivery.recipient, delivery.matter_id) else {
            return Ok(Some(Held::NotServed));
        };
        let workflow = store.workflow(practice, cause.workflow).await?;
        let participants = store.participants(practice, matter).await?;
        if let Some(why) = withdrawn(workflow.as_ref(), &participants, client, cause) {
            return Ok(Some(why));
        }
        let (client, matter) = (
            store.client(practice, client).await?,
            store.matter(practice, matter).await?,
        );
        let (Some(client), Some(matter)) = (client, matter) else {
            return Ok(Some(Held::NotServed));
        };
        let access = store.access_for(practice, matter.id, client.id).await?;
        let agreement = self
            .agreement_of(practice, &client, client.phone.as_ref())
            .await?;
        let practice = store.practice(practice).await?;
        let person = Person {
            client: &client,
            agreement,
            consent_needed: practice.is_none_or(|practice| practice.settings.text_consent_needed),
            may_enter: access.is_some_and(|access| access.admits(&matter, &client)),
        };
        Ok(match person.reached_by(cause.channel, cause.gives_portal) {
            Err(why) => Some(why),
            Ok(Some(now)) if is_same(&now, &delivery.to) => None,
            Ok(_) => Some(Held::OtherAddress),
        })
    }

    /// Whether the reader of what no automation sends may still be told: a mail that waited for its server is not sent to somebody
    /// who was shut out meanwhile, nor to an address that is not theirs any more.
    async fn is_still_for(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        let practice = delivery.practice_id;
        let client = match delivery.recipient {
            Recipient::Staff(id) => {
                let staff = self.store().staff_member(practice, id).await?;
                let is_theirs = |email: Email| Address::from(email) == delivery.to;
                return Ok(staff.is_some_and(|staff| staff.active && is_theirs(staff.email)));
            }
            Recipient::Client(id) => self.store().client(practice, id).await?,
        };
        let Some(client) = client else {
            return Ok(false);
        };
        if let (Letter::Reply { .. }, Address::Phone(to)) = (&delivery.letter, &delivery.to) {
            let is_theirs =
                is_theirs(&client, &delivery.to) || self.is_said_to_be(practice, to, client.id).await?;
            return Ok(client.active && is_theirs);
        }
        let Some(matter) = delivery.matter_id else {
            return Ok(false);
        };
        let access = self.store().access_for(practice, matter, client.id).await?;
        let matter = self.store().matter(practice, matter).await?;
        let admitted = access
            .zip(matter)
            .is_some_and(|(access, matter)| access.admits(&matter, &client));
        Ok(client.active && admitted && is_theirs(&client, &delivery.to))
    }
}

/// Why nobody wants an automation's message any more, whoever it is that it could reach.
fn withdrawn(
    workflow: Option<&KeptWorkflow>,
    participants: &[Participant],
    client: ClientId,
    cause: &Cause,
) -> Option<Held> {
    let Some(involved) = participants
        .iter()
        .find(|participant| participant.client_id == client && !participant.removed)
    else {
        return Some(Held::NotInvolved);
    };
    let sends = |kept: &KeptWorkflow| {
        let mut automations = kept.draft.automations.iter();
        let is_sent = |own: &Automation| own.reaches() == Some((cause.channel, involved.part));
        !kept.removed && kept.draft.enabled && automations.any(is_sent)
    };
    (!workflow.is_some_and(sends)).then_some(Held::SwitchedOff)
}

fn is_same(one: &Address, other: &Address) -> bool {
    match (one, other) {
        (Address::Email(one), Address::Email(other)) => one.key() == other.key(),
        (one, other) => one == other,
    }
}

fn is_theirs(client: &Client, to: &Address) -> bool {
    match to {
        Address::Email(to) => client.email.as_ref().map(Email::key) == Some(to.key()),
        Address::Phone(to) => client.phone.as_ref() == Some(to),
        Address::Nowhere => false,
    }
}
