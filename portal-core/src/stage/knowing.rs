//! Reading what automations depend on, for many matters with a few questions.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::{Reader, Scene, scene};
use crate::access::PortalAccess;
use crate::client::Client;
use crate::matter::{Matter, Participant};
use crate::notify::Written;
use crate::practice::Practice;
use crate::sms::{PhoneRecord, agreement_at};
use crate::task::Task;
use crate::text::Phone;
use crate::workflow::{Agreement, Channel, Workflow};
use crate::{
    ClientId, Error, MatterId, NoRule, Portal, PracticeId, StaffId, StageEntryId, StoreError, Timestamp,
};

/// What is known of some matters.
#[derive(Debug)]
pub(crate) struct Known {
    practice: Practice,
    owners: HashMap<StaffId, String>,
    participants: HashMap<MatterId, Vec<Participant>>,
    clients: HashMap<ClientId, Client>,
    /// With where the portal is.
    accesses: HashMap<(MatterId, ClientId), (PortalAccess, String)>,
    home: String,
    agreements: HashMap<ClientId, Agreement>,
    written: HashMap<MatterId, Vec<Written>>,
    tasks: HashMap<MatterId, Vec<Task>>,
}

/// What is asked for beside the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What is on record about numbers, because something goes by text message.
    texts: bool,
    /// What was set, because there are tasks.
    tasks: bool,
}

impl Wanted {
    /// Whether there are tasks.
    pub(crate) const fn tasks(self) -> bool {
        self.tasks
    }

    /// What these workflows depend on.
    pub(crate) fn by<'w>(workflows: impl IntoIterator<Item = &'w Workflow>) -> Self {
        let mut wanted = Self {
            texts: false,
            tasks: false,
        };
        for own in workflows.into_iter().flat_map(|workflow| &workflow.automations) {
            wanted.texts |= own.enabled && own.channel == Channel::Sms;
            wanted.tasks |= own.enabled && own.channel == Channel::Task;
        }
        wanted
    }
}

impl Portal {
    /// What is known of these matters, with so many questions to the store whatever their number. Where `given` says who takes
    /// part in one, that is not read.
    pub(crate) async fn known(
        &self,
        practice: PracticeId,
        matters: &[&Matter],
        wanted: Wanted,
        given: Option<(MatterId, &[Participant])>,
    ) -> Result<Known, Error<NoRule>> {
        let store = self.store();
        let ids: Vec<MatterId> = matters.iter().map(|matter| matter.id).collect();
        let mut participants: HashMap<MatterId, Vec<Participant>> = HashMap::new();
        match given {
            Some((matter, given)) => {
                participants.insert(matter, given.to_vec());
            }
            None => {
                for participant in store.participants_on(practice, &ids).await? {
                    participants
                        .entry(participant.matter_id)
                        .or_default()
                        .push(participant);
                }
            }
        }
        let present = participants.values().flatten().filter(|own| !own.removed);
        let clients: HashSet<ClientId> = present.map(|own| own.client_id).collect();
        let clients: Vec<ClientId> = clients.into_iter().collect();
        let clients = store.clients_by_id(practice, &clients).await?;
        let agreements = if wanted.texts {
            self.agreements(practice, &clients).await?
        } else {
            HashMap::new()
        };
        let accesses = store
            .accesses_on(practice, &ids)
            .await?
            .into_iter()
            .map(|access| {
                let url = self.portal_url(&access);
                ((access.matter_id, access.client_id), (access, url))
            });
        let accesses = accesses.collect();
        let mut written: HashMap<MatterId, Vec<Written>> = HashMap::new();
        for own in store.written_on(practice, &ids).await? {
            written.entry(own.matter).or_default().push(own);
        }
        let mut tasks: HashMap<MatterId, Vec<Task>> = HashMap::new();
        if wanted.tasks {
            for task in store.automated_tasks(practice, &ids).await? {
                tasks.entry(task.matter_id).or_default().push(task);
            }
        }
        Ok(Known {
            owners: self
                .names(practice, matters.iter().map(|matter| matter.owner_id))
                .await?,
            practice: store
                .practice(practice)
                .await?
                .ok_or(Error::NotFound("practice"))?,
            participants,
            clients: clients.into_iter().map(|client| (client.id, client)).collect(),
            accesses,
            home: self.url("/"),
            agreements,
            written,
            tasks,
        })
    }

    /// What clients want of text messages, for those of whom anything is on record.
    async fn agreements(
        &self,
        practice: PracticeId,
        clients: &[Client],
    ) -> Result<HashMap<ClientId, Agreement>, StoreError> {
        let ids: Vec<ClientId> = clients.iter().map(|client| client.id).collect();
        let mut said: HashMap<ClientId, Vec<Phone>> = HashMap::new();
        for number in self.store().joined_numbers(practice, &ids).await? {
            if let (Some(client), Some(phone)) = (number.client_id, number.phone) {
                said.entry(client).or_default().push(phone);
            }
        }
        let own = clients.iter().filter_map(|client| client.phone.as_ref());
        let numbers: HashSet<Phone> = own.chain(said.values().flatten()).cloned().collect();
        let numbers: Vec<Phone> = numbers.into_iter().collect();
        let records = self.store().phone_records(practice, &numbers).await?;
        let records: HashMap<&Phone, &PhoneRecord> =
            records.iter().map(|record| (&record.phone, record)).collect();
        let of = |client: &Client| {
            let own = client.phone.as_ref();
            let others = said.get(&client.id).into_iter().flatten();
            let others: Vec<PhoneRecord> = others
                .filter(|phone| Some(*phone) != own)
                .filter_map(|phone| records.get(phone).copied().cloned())
                .collect();
            let record = own.and_then(|phone| records.get(phone).copied());
            (client.id, agreement_at(record, &others))
        };
        Ok(clients.iter().map(of).collect())
    }

    /// The names of staff: few people own many matters.
    async fn names(
        &self,
        practice: PracticeId,
        owners: impl Iterator<Item = StaffId>,
    ) -> Result<HashMap<StaffId, String>, StoreError> {
        let mut names = HashMap::new();
        for owner in owners {
            if let Entry::Vacant(unknown) = names.entry(owner) {
                let staff = self.store().staff_member(practice, owner).await?;
                unknown.insert(staff.map(|staff| staff.name).unwrap_or_default());
            }
        }
        Ok(names)
    }
}

impl Known {
    pub(crate) fn participants_of(&self, matter: MatterId) -> Vec<Participant> {
        self.participants.get(&matter).cloned().unwrap_or_default()
    }

    /// The matter with what is known, when automations fire for `entry` because of what happened at `since`.
    pub(crate) fn scene<'a>(
        &'a self,
        matter: &'a Matter,
        entry: StageEntryId,
        (since, now): (Timestamp, Timestamp),
    ) -> Scene<'a> {
        let participants = self.participants.get(&matter.id).map_or(&[][..], Vec::as_slice);
        let reader = |participant: &Participant| {
            let client = self.clients.get(&participant.client_id)?;
            let access = self.accesses.get(&(matter.id, client.id));
            let agreement = self.agreements.get(&client.id);
            Some(Reader {
                client,
                part: participant.part,
                access: access.map(|(access, _)| access),
                url: access.map_or_else(|| self.home.clone(), |(_, url)| url.clone()),
                agreement: agreement.copied().unwrap_or_default(),
            })
        };
        Scene {
            practice: &self.practice,
            matter,
            owner: self.owners.get(&matter.owner_id).map_or("", String::as_str),
            people: scene::present(participants, reader),
            written: self.written.get(&matter.id).map_or(&[][..], Vec::as_slice),
            tasks: self.tasks.get(&matter.id).map_or(&[][..], Vec::as_slice),
            entry,
            since,
            now,
        }
    }
}
