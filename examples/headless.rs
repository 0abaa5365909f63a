//! The portal without any server: a program asks a client for a passport, takes the file in and accepts it.
//!
//! Run it with `cargo run -p portal-examples --example headless`.
#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use portal_core::checklist::RequestDraft;
use portal_core::client::ClientDraft;
use portal_core::document::UploadTarget;
use portal_core::identity::NewStaffMember;
use portal_core::matter::{MatterDraft, Part};
use portal_core::notify::{EmailMessage, Mailer, SendError};
use portal_core::policy::Role;
use portal_core::practice::PracticeDraft;
use portal_core::{
    Actor, Context, Ids, Keys, NoHints, Origin, Parts, Portal, RandomIds, Settings, SystemClock,
};
use portal_notify::{CapturedSms, Letters};
use portal_server::{blobs::FileBlobs, passwords::Argon2Passwords};
use portal_store_sqlite::SqliteStore;

/// A port is a small trait: this is all it takes to send the portal's mail your own way.
struct PrintedMail;

#[async_trait]
impl Mailer for PrintedMail {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        println!("mail to {}: {}", message.to, message.content.subject);
        Ok(())
    }

    async fn check(&self) -> Result<(), SendError> {
        Ok(())
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let files = tempfile::tempdir()?;
    let ids = Arc::new(RandomIds);
    let portal = Portal::new(Parts {
        store: Arc::new(SqliteStore::in_memory().await?),
        blobs: Arc::new(FileBlobs::open(files.path()).await?),
        mailer: Arc::new(PrintedMail),
        sms: Arc::new(CapturedSms::default()),
        composer: Arc::new(Letters),
        passwords: Arc::new(Argon2Passwords::new(ids.clone())),
        second_factor: None,
        clock: Arc::new(SystemClock),
        hints: Arc::new(NoHints),
        settings: Settings {
            public_url: "https://portal.example.com".into(),
            keys: Keys::new(ids.random()),
        },
        ids,
    });

    let practice = PracticeDraft {
        name: "Harbour Migration".into(),
        ..PracticeDraft::default()
    };
    let owner = NewStaffMember {
        name: "Sam Keller".into(),
        email: "sam@example.com".into(),
        role: Role::Owner,
        password: "correct horse battery staple".into(),
    };
    let (practice, owner) = portal.create_practice(&practice, owner).await?;

    // A context says who acts. A server makes it of a session; a program that trusts itself may say it.
    let as_actor = |actor| Context {
        practice: practice.id,
        actor,
        session: None,
        origin: Origin::default(),
        at: portal.now(),
    };
    let staff = as_actor(Actor::Staff {
        id: owner.id,
        role: owner.role,
    });
    let matter = MatterDraft {
        reference: "HM-1".into(),
        title: "Partner visa".into(),
        practice_area: "Immigration".into(),
        stage: "Documents".into(),
        attributes: std::collections::BTreeMap::new(),
        owner_id: owner.id,
        parent_id: None,
    };
    let matter = portal.open_matter(&staff, &matter).await?;
    let amina = ClientDraft {
        given_names: "Amina".into(),
        family_name: "Haddad".into(),
        email: "amina@example.com".into(),
        ..ClientDraft::default()
    };
    let amina = portal.add_client(&staff, &amina).await?;
    portal
        .put_participant(&staff, matter.id, amina.id, Part::Principal)
        .await?;
    let access = portal.enable_access(&staff, matter.id, amina.id, true).await?;
    println!("portal enabled: {}", portal.portal_url(&access));

    let passport = RequestDraft {
        title: "Passport bio page".into(),
        ..RequestDraft::default()
    };
    let passport = portal.add_request(&staff, matter.id, amina.id, &passport).await?;
    portal.drain().await?;

    let client = as_actor(Actor::Client { id: amina.id });
    let target = UploadTarget::Request {
        request: passport.id,
        replaces: None,
    };
    let bytes = stream::iter([Ok(Bytes::from_static(b"%PDF-1.7\n%%EOF\n"))]);
    let document = portal.upload(&client, target, "passport.pdf", bytes).await?;
    println!("{} is {}", document.current.name, document.status.as_str());

    portal.accept_document(&staff, document.id).await?;
    portal.drain().await?;
    let passport = portal.request(&client, passport.id).await?;
    println!("{} is {}", passport.title, passport.state.as_str());
    assert_eq!(passport.state.as_str(), "accepted");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn it_runs_from_beginning_to_end() {
        super::run().await.unwrap();
    }
}
