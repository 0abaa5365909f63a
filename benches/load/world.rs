//! A practice with work in it: 10,000 matters, each with its client and two requests, and one with fifty.

use portal_core::access::{PortalAccess, SignInLink};
use portal_core::checklist::Request;
use portal_core::client::Client;
use portal_core::identity::{Person, Session, StaffMember};
use portal_core::matter::{Matter, Part};
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{
    ClientId, Clock, Digest, Duration, Keys, MatterId, Record, Secret, SecretLocator, Store, SystemClock,
};

use crate::Failed;

/// The key of the installations that are measured. It protects nothing but what this program makes up.
fn master_key() -> [u8; 32] {
    Digest::of(b"the load run's own key").0
}

/// The key as a configuration holds it.
pub(crate) fn master_key_hex() -> String {
    Digest(master_key()).to_string()
}

/// How many matters there are to list.
pub(crate) const MATTERS: usize = 10_000;
/// How many requests the one matter has.
pub(crate) const REQUESTS: i32 = 50;
/// How many people work at once.
pub(crate) const SESSIONS: usize = 16;

pub(crate) struct World {
    pub(crate) samples: Samples,
    pub(crate) owner: StaffMember,
    /// What each person's browser holds.
    pub(crate) cookies: Vec<String>,
    pub(crate) matter: Matter,
    pub(crate) client: Client,
    workspaces: Vec<PortalAccess>,
    clients: Vec<Client>,
}

/// What the n-th browser keeps; the same in every process.
fn secret(number: usize) -> Secret {
    let mut bits = [9; 32];
    bits[..8].copy_from_slice(&(number as u64).to_be_bytes());
    Secret::new(bits)
}

impl World {
    /// The same in every process, but for the time.
    pub(crate) fn new() -> Self {
        let samples = Samples::new(7).at(SystemClock.now());
        // Without a password of their own, which no try fits: it is compared to nobody's, which takes as long.
        let owner = StaffMember {
            password_hash: None,
            ..samples.staff(Role::Owner)
        };
        let matter = samples.matter(&owner);
        let client = samples.client("Amira", "Haddad");
        let cookie = |number| {
            let token = SecretLocator {
                practice: samples.practice,
                secret: secret(number),
            };
            format!("portal-staff={}", token.reveal())
        };
        Self {
            cookies: (0..SESSIONS).map(cookie).collect(),
            owner,
            matter,
            client,
            samples,
            workspaces: Vec::new(),
            clients: Vec::new(),
        }
    }

    /// Writes it all.
    pub(crate) async fn fill(&mut self, store: &dyn Store) -> Result<(), Failed> {
        let s = self.samples.clone();
        let mut practice = s.practice();
        practice.settings.upload_most_bytes = 2 << 30;
        save(store, [Record::from(practice), self.owner.clone().into()]).await?;
        let session = |number| Session {
            secret_digest: secret(number).digest(),
            ..s.session(Person::Staff(self.owner.id))
        };
        save(store, (0..SESSIONS).map(session)).await?;
        let request = |matter: &Matter, client: &Client, position| Request {
            position,
            ..s.request(matter, client)
        };
        let participant = s.participant(&self.matter, &self.client, Part::Principal);
        let fifty = (1..=REQUESTS).map(|position| request(&self.matter, &self.client, position).into());
        let first = [
            self.client.clone().into(),
            self.matter.clone().into(),
            Record::from(participant),
        ];
        save(store, first.into_iter().chain(fifty)).await?;
        let mut records: Vec<Record> = Vec::new();
        for number in 1..MATTERS {
            let mut matter = s.matter(&self.owner);
            matter.updated_at = s.at - Duration::minutes(i64::try_from(number)?);
            let client = s.client("Somebody", &format!("Number {number}"));
            let access = s.access(&matter, &client);
            records.push(client.clone().into());
            records.push(matter.clone().into());
            records.push(s.participant(&matter, &client, Part::Principal).into());
            records.push(access.clone().into());
            records.extend((1..=2).map(|position| request(&matter, &client, position).into()));
            self.workspaces.push(access);
            self.clients.push(client);
            if records.len() >= 600 {
                save(store, std::mem::take(&mut records)).await?;
            }
        }
        Ok(save(store, records).await?)
    }

    /// The n-th of those who have a workspace, with its matter; after the last comes the first again.
    pub(crate) fn reader(&self, number: usize) -> Option<(MatterId, ClientId)> {
        let access = self.workspaces.get(number % self.workspaces.len().max(1))?;
        Some((access.matter_id, access.client_id))
    }

    /// A fresh sign-in link to each workspace: the token, and the cookie of the browser that asked for it.
    pub(crate) async fn links(&self, store: &dyn Store) -> Result<(Vec<String>, String), Failed> {
        let samples = self.samples.at(SystemClock.now());
        let browser = secret(usize::MAX);
        let (mut tokens, mut records) = (Vec::new(), Vec::new());
        for (access, client) in self.workspaces.iter().zip(&self.clients) {
            let link = samples.link(access);
            let token = Keys::new(master_key()).link_token(samples.practice, link.id);
            tokens.push(token.reveal());
            let email = client.email.clone().ok_or("a client without an address")?;
            records.push(SignInLink {
                token_digest: token.secret.digest(),
                browser: Some(browser.digest()),
                email,
                ..link
            });
            if records.len() == 500 {
                save(store, std::mem::take(&mut records)).await?;
            }
        }
        save(store, records).await?;
        Ok((tokens, format!("portal-browser={}", browser.reveal())))
    }
}
