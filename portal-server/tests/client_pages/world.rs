//! A small practice at work, and its portal as a router.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use futures_util::stream;
use portal_core::access::PortalAccess;
use portal_core::checklist::{Request, RequestDraft};
use portal_core::client::{Client, ClientDraft};
use portal_core::document::{Document, Interrupted, UploadTarget};
use portal_core::identity::{NewStaffMember, Password};
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft, PracticeSettings};
use portal_core::testing::{Fakes, MemoryStore};
use portal_core::{Context, Locator, Origin, Parts, Portal, SecretLocator, StaffId, Store};
use portal_server::{AppState, Presentation};
use portal_store_sqlite::{SqliteOptions, SqliteStore};

use crate::browser::Browser;

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A practice with one matter and the two people of one family on it.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) portal: Portal,
    pub(crate) router: Router,
    pub(crate) practice: Practice,
    pub(crate) owner: Context,
    pub(crate) owner_id: StaffId,
    pub(crate) matter: Matter,
    pub(crate) amina: Client,
    pub(crate) omar: Client,
    _folder: Option<tempfile::TempDir>,
}

/// A mail with a way in.
pub(crate) struct Mail {
    /// The path of its link.
    pub(crate) path: String,
    /// Its short code.
    pub(crate) code: String,
}

impl World {
    pub(crate) async fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::default()), None).await
    }

    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("portal.db"), SqliteOptions::default())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        Self::new(Arc::new(store), Some(folder)).await
    }

    async fn new(store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let fakes = Fakes::default();
        let portal = fakes.portal(store.clone());
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            brand_colour: "#1f5fbf".into(),
            time_zone: "Australia/Sydney".into(),
            matter_word: "Application".into(),
            help_text: "Call us on +61 2 5550 1234.".into(),
            settings: PracticeSettings {
                upload_most_bytes: 1 << 20,
                ..PracticeSettings::default()
            },
            ..PracticeDraft::default()
        };
        let owner = NewStaffMember {
            name: "Sam Keller".into(),
            email: "sam@harbour.test".into(),
            role: Role::Owner,
            password: PASSWORD.into(),
        };
        let (practice, staff) = portal.create_practice(&draft, owner).await.unwrap();
        let password = Password::typed(PASSWORD.into());
        let signed_in = portal
            .sign_in_staff(practice.id, "sam@harbour.test", password, Origin::default())
            .await
            .unwrap();
        let owner = portal
            .authenticate(&signed_in.token, Origin::default())
            .await
            .unwrap()
            .context;
        let state = AppState::new(portal.clone(), Presentation::default()).unwrap();
        let router = portal_server::router(state);
        let (amina, omar) = (
            client(&portal, &owner, "Amina").await,
            client(&portal, &owner, "Omar").await,
        );
        let world = Self {
            matter: matter(&portal, &owner, "HM-2041", staff.id).await,
            fakes,
            store,
            portal,
            router,
            practice,
            owner,
            owner_id: staff.id,
            amina,
            omar,
            _folder: folder,
        };
        world.put(&world.matter, &world.amina, Part::Principal).await;
        world.put(&world.matter, &world.omar, Part::Partner).await;
        world
    }

    /// One more matter, with this client on it.
    pub(crate) async fn another_matter(&self, reference: &str, with: &Client) -> Matter {
        let matter = matter(&self.portal, &self.owner, reference, self.owner_id).await;
        self.put(&matter, with, Part::Principal).await;
        matter
    }

    async fn put(&self, matter: &Matter, client: &Client, part: Part) {
        let put = self
            .portal
            .put_participant(&self.owner, matter.id, client.id, part);
        put.await.unwrap();
    }

    /// A server on the same store, that takes codes as a second factor.
    pub(crate) fn with_factor(&self) -> (Portal, Router) {
        let portal = Portal::new(Parts {
            second_factor: Some(Arc::new(self.fakes.codes.clone())),
            ..self.fakes.parts(self.store.clone())
        });
        let state = AppState::new(portal.clone(), Presentation::default()).unwrap();
        (portal, portal_server::router(state))
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// Enables a workspace, with an invitation.
    pub(crate) async fn invite(&self, matter: &Matter, client: &Client) -> PortalAccess {
        let access = self.portal.enable_access(&self.owner, matter.id, client.id, true);
        let access = access.await.unwrap();
        self.portal.drain().await.unwrap();
        access
    }

    pub(crate) fn path(access: &PortalAccess) -> String {
        format!("/p/{}", Locator::of_access(access.practice_id, access.id))
    }

    /// Enables a workspace and enters it through the invitation's mail, in a fresh browser.
    pub(crate) async fn enter(&self, client: &Client) -> (PortalAccess, String, Browser) {
        let access = self.invite(&self.matter, client).await;
        let mut browser = self.browser();
        self.confirm(&mut browser, client).await;
        let path = Self::path(&access);
        (access, path, browser)
    }

    /// Confirms the newest mail's link with its code.
    pub(crate) async fn confirm(&self, browser: &mut Browser, client: &Client) {
        let mail = self.last_mail(client);
        let answer = browser.post(&mail.path, &format!("code={}", mail.code)).await;
        let home = browser.follow(&answer).await;
        assert!(
            home.status.is_success() || home.status.is_redirection(),
            "{}",
            home.text()
        );
    }

    /// The newest mail with a link in it.
    pub(crate) fn last_mail(&self, client: &Client) -> Mail {
        let address = client.email.as_ref().unwrap().to_string();
        let mails = self.fakes.mail.sent_to(&address);
        let text = mails
            .into_iter()
            .rev()
            .map(|mail| mail.content.text)
            .find(|text| text.contains("/p/sign-in/"))
            .expect("a mail with a link was sent");
        let after = |mark: &str| {
            let rest = text.split(mark).nth(1).unwrap();
            rest.split_whitespace().next().unwrap().to_owned()
        };
        Mail {
            path: format!("/p/sign-in/{}", after("/p/sign-in/")),
            code: after("Code: "),
        }
    }

    /// How many mails this client got.
    pub(crate) fn mails(&self, client: &Client) -> usize {
        let address = client.email.as_ref().unwrap().to_string();
        self.fakes.mail.sent_to(&address).len()
    }

    pub(crate) async fn ask(&self, client: &Client, title: &str) -> Request {
        self.ask_on(&self.matter, client, title).await
    }

    pub(crate) async fn ask_on(&self, matter: &Matter, client: &Client, title: &str) -> Request {
        let draft = RequestDraft {
            title: title.into(),
            help: "The page with your photo.".into(),
            example: "All four corners can be seen.".into(),
            ..RequestDraft::default()
        };
        let asked = self.portal.add_request(&self.owner, matter.id, client.id, &draft);
        asked.await.unwrap()
    }

    /// Provides a file without the pages, for tests that need many.
    pub(crate) async fn provide(&self, ctx: &Context, request: &Request, name: &str) -> Document {
        let target = UploadTarget::Request {
            request: request.id,
            replaces: None,
        };
        let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from_static(PDF))]);
        self.portal.upload(ctx, target, name, bytes).await.unwrap()
    }

    /// The circumstances of whoever this browser is signed in as.
    pub(crate) async fn context(&self, browser: &Browser) -> Option<Context> {
        let token: SecretLocator = browser.cookies.get("__Host-portal")?.parse().unwrap();
        let signed = self.portal.authenticate(&token, Origin::default()).await;
        signed.ok().map(|signed| signed.context)
    }
}

async fn client(portal: &Portal, owner: &Context, name: &str) -> Client {
    let draft = ClientDraft {
        given_names: name.into(),
        family_name: "Haddad".into(),
        email: format!("{}@mail.test", name.to_lowercase()),
        ..ClientDraft::default()
    };
    portal.add_client(owner, &draft).await.unwrap()
}

async fn matter(portal: &Portal, owner: &Context, reference: &str, by: StaffId) -> Matter {
    let draft = MatterDraft {
        reference: reference.into(),
        title: format!("Partner visa 820 ({reference})"),
        practice_area: "Immigration".into(),
        stage: "Documents being collected".into(),
        attributes: std::collections::BTreeMap::default(),
        owner_id: by,
        parent_id: None,
    };
    portal.open_matter(owner, &draft).await.unwrap()
}
