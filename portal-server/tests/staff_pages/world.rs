//! A practice with one person of each role, one matter and two clients, and its portal as a router.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::stream;
use portal_core::access::PortalAccess;
use portal_core::checklist::{Request, RequestDraft};
use portal_core::client::{Client, ClientDraft};
use portal_core::document::{Document, Interrupted, UploadTarget};
use portal_core::identity::{NewStaffMember, Password, StaffMember};
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft};
use portal_core::testing::{Fakes, MemoryStore};
use portal_core::{Context, Origin, Parts, Portal, Store};
use portal_notify::{CapturedMailer, CapturedSms};
use portal_server::{AppState, Presentation};
use portal_store_postgres::testing::ThrowAway;
use portal_store_sqlite::{SqliteOptions, SqliteStore};

use crate::browser::{Answer, Browser};
use crate::rendered;

pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A practice where the member is on the team of no matter.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) portal: Portal,
    pub(crate) router: Router,
    pub(crate) practice: Practice,
    pub(crate) owner: Context,
    pub(crate) staff: Vec<StaffMember>,
    pub(crate) matter: Matter,
    pub(crate) amina: Client,
    pub(crate) omar: Client,
    _kept: Kept,
}

/// What a world's store lives in, until its test ends.
enum Kept {
    Nowhere,
    Folder { _folder: tempfile::TempDir },
    Server { _database: Box<ThrowAway> },
}

impl World {
    pub(crate) async fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::default()), Kept::Nowhere).await
    }

    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("portal.db"), SqliteOptions::default());
        let store = store.await.unwrap();
        store.migrate().await.unwrap();
        Self::new(Arc::new(store), Kept::Folder { _folder: folder }).await
    }

    pub(crate) async fn on_postgres() -> Self {
        let database = ThrowAway::create().await;
        let store = database.store().await.unwrap();
        let kept = Kept::Server {
            _database: Box::new(database),
        };
        Self::new(Arc::new(store), kept).await
    }

    async fn new(store: Arc<dyn Store>, kept: Kept) -> Self {
        let fakes = Fakes::default();
        let mailer = CapturedMailer::default();
        let texts = CapturedSms::default();
        let portal = Portal::new(Parts {
            mailer: Arc::new(mailer.clone()),
            sms: Arc::new(texts.clone()),
            ..fakes.parts(store.clone())
        });
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            brand_colour: "#ffd400".into(),
            time_zone: "Australia/Sydney".into(),
            ..PracticeDraft::default()
        };
        let (practice, owner) = portal.create_practice(&draft, person(Role::Owner)).await.unwrap();
        let password = Password::typed(PASSWORD.into());
        let email = email(Role::Owner);
        let signed_in = portal.sign_in_staff(practice.id, &email, password, Origin::default());
        let signed_in = signed_in.await.unwrap();
        let signed = portal
            .authenticate(&signed_in.token, Origin::default())
            .await
            .unwrap();
        let ctx = signed.context;
        let mut staff = vec![owner];
        for role in [Role::Admin, Role::Manager, Role::Member, Role::Auditor] {
            staff.push(portal.add_staff(&ctx, person(role)).await.unwrap());
        }
        let presentation = Presentation {
            captured: Some(mailer),
            captured_sms: Some(texts),
            price_per_segment: Some("0.08 AUD".parse().unwrap()),
            ..Presentation::default()
        };
        let router = portal_server::router(AppState::new(portal.clone(), presentation).unwrap());
        let (amina, omar) = (
            client(&portal, &ctx, "Amina").await,
            client(&portal, &ctx, "Omar").await,
        );
        let matter = portal
            .open_matter(&ctx, &matter_draft("HM-2041", &staff[0]))
            .await
            .unwrap();
        let world = Self {
            fakes,
            store,
            portal,
            router,
            practice,
            owner: ctx,
            staff,
            matter,
            amina,
            omar,
            _kept: kept,
        };
        world.put(&world.matter, &world.amina, Part::Principal).await;
        world.put(&world.matter, &world.omar, Part::Partner).await;
        world
    }

    pub(crate) async fn put(&self, matter: &Matter, client: &Client, part: Part) {
        let put = self
            .portal
            .put_participant(&self.owner, matter.id, client.id, part);
        put.await.unwrap();
    }

    pub(crate) fn staff(&self, role: Role) -> &StaffMember {
        self.staff.iter().find(|member| member.role == role).unwrap()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser in which the person of that role has signed in.
    pub(crate) async fn desk(&self, role: Role) -> Browser {
        let mut browser = self.browser();
        let sent = form(&[("email", &email(role)), ("password", PASSWORD)]);
        let answer = browser.post("/staff/sign-in", &sent).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        browser
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/staff/matters/{}{rest}", self.matter.id)
    }

    pub(crate) async fn ask(&self, client: &Client, title: &str) -> Request {
        let draft = RequestDraft {
            title: title.into(),
            ..RequestDraft::default()
        };
        let asked = self
            .portal
            .add_request(&self.owner, self.matter.id, client.id, &draft);
        asked.await.unwrap()
    }

    /// Opens the portal to a client, with an invitation, and answers the circumstances of their session.
    pub(crate) async fn enter(&self, client: &Client) -> (PortalAccess, Context) {
        let access = self
            .portal
            .enable_access(&self.owner, self.matter.id, client.id, true);
        let access = access.await.unwrap();
        self.portal.drain().await.unwrap();
        let mail = self.link_to(client).await;
        let after = |mark: &str| {
            let rest = mail.split(mark).nth(1).expect("the mail has a link and a code");
            rest.split_whitespace().next().unwrap().to_owned()
        };
        let link = after("/p/sign-in/").parse().unwrap();
        let code = after("Code: ");
        let entered = self
            .portal
            .redeem_link(&link, None, Some(&code), Origin::default());
        let (signed_in, _) = entered.await.unwrap();
        let signed = self
            .portal
            .authenticate(&signed_in.token, Origin::default())
            .await;
        (access, signed.unwrap().context)
    }

    /// The newest captured mail with a sign-in link to a client, as its page shows it.
    pub(crate) async fn link_to(&self, client: &Client) -> String {
        let mut anybody = self.browser();
        let list = anybody.get("/dev/outbox").await;
        let address = client.email.as_ref().unwrap().to_string();
        let rows = list.all("li[data-item]");
        for (place, row) in rows.iter().enumerate() {
            if row.contains(&address) {
                let href = &list.attributes("li[data-item] a", "href")[place];
                let text = anybody.get(href).await.words("pre.mail-text");
                if text.contains("/p/sign-in/") {
                    return text;
                }
            }
        }
        panic!("no mail with a link was captured for {address}")
    }

    /// Provides a file as a client does.
    pub(crate) async fn provide(
        &self,
        ctx: &Context,
        request: &Request,
        name: &str,
        bytes: &'static [u8],
    ) -> Document {
        let target = UploadTarget::Request {
            request: request.id,
            replaces: None,
        };
        let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from_static(bytes))]);
        self.portal.upload(ctx, target, name, bytes).await.unwrap()
    }
}

pub(crate) fn email(role: Role) -> String {
    format!("{role}@harbour.test")
}

fn person(role: Role) -> NewStaffMember {
    NewStaffMember {
        name: format!("{} Keller", role.as_str()),
        email: email(role),
        role,
        password: PASSWORD.into(),
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

pub(crate) fn matter_draft(reference: &str, owner: &StaffMember) -> MatterDraft {
    MatterDraft {
        reference: reference.into(),
        title: format!("Partner visa 820 ({reference})"),
        practice_area: "Immigration".into(),
        stage: "Documents".into(),
        attributes: std::collections::BTreeMap::default(),
        owner_id: owner.id,
        parent_id: None,
    }
}

/// Fields as a form sends them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// The fields of a form as the page filled them, with some typed over.
pub(crate) fn filled(page: &Answer, action: &str, typed: &[(&str, &str)]) -> String {
    let html = scraper::Html::parse_document(&page.text());
    let select = |selector: &str| scraper::Selector::parse(selector).unwrap();
    let form = html
        .select(&select(&format!("form[method=post][action='{action}']")))
        .next()
        .unwrap_or_else(|| panic!("no form to {action} in {}", page.text()));
    let mut pairs: Vec<(String, String)> = Vec::new();
    for field in form.select(&select("input[name], textarea[name], select[name]")) {
        let name = field.attr("name").unwrap().to_owned();
        let value = match field.value().name() {
            "textarea" => field.text().collect::<String>(),
            "select" => {
                let chosen = field.select(&select("option[selected]")).next();
                let chosen = chosen.or_else(|| field.select(&select("option")).next());
                chosen
                    .and_then(|option| option.attr("value"))
                    .unwrap_or_default()
                    .to_owned()
            }
            _ if field.attr("type") == Some("checkbox") && field.attr("checked").is_none() => continue,
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        pairs.push((name, value));
    }
    for (name, value) in typed {
        pairs.retain(|(known, _)| known != name);
        pairs.push(((*name).to_owned(), (*value).to_owned()));
    }
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    self::form(&pairs)
}

/// Looks at a page, which must be one.
pub(crate) async fn look(browser: &mut Browser, name: &str, path: &str) -> Answer {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    rendered::page(&format!("staff-live-{name}"), &answer.text());
    answer
}

/// Sends a form that can be mended, and checks that its page says so.
pub(crate) async fn refused(browser: &mut Browser, name: &str, path: &str, sent: &str) -> Answer {
    let answer = browser.post(path, sent).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{path}: {}",
        answer.text()
    );
    rendered::page(&format!("staff-live-{name}"), &answer.text());
    assert!(
        !answer.words("[role=alert]").is_empty(),
        "{path} says what is wrong on top"
    );
    answer
}

/// Sends a form that is accepted, and answers the page that follows.
pub(crate) async fn send(browser: &mut Browser, path: &str, sent: &str) -> Answer {
    let answer = browser.post(path, sent).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.text());
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page
}
