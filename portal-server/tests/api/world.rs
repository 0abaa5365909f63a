//! A practice with everything that the API speaks of, and somebody of each kind who asks for it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use http_body_util::BodyExt;
use portal_core::access::PortalAccess;
use portal_core::approval::ApprovalDraft;
use portal_core::checklist::{RequestDraft, TemplateDraft, TemplateGroup, TemplateItem};
use portal_core::client::{Client, ClientDraft};
use portal_core::document::{Interrupted, UploadTarget};
use portal_core::identity::{NewStaffMember, Password};
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::practice::PracticeDraft;
use portal_core::task::TaskDraft;
use portal_core::testing::Fakes;
use portal_core::workflow::{Criterion, DimensionDraft, Requirement, TaxonomyDraft, WorkflowDraft};
use portal_core::{Context, Locator, Origin, Portal, PracticeId, StaffId, Store};
use portal_server::{AppState, Presentation};
use portal_store_postgres::testing::ThrowAway;
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery staple";
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
pub const BOUNDARY: &str = "----a-boundary-of-the-test";

/// Somebody who asks, from the least to the most allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Nobody,
    /// The owner of another practice.
    Stranger,
    /// The client of a related matter.
    Relative,
    /// The client whose things are asked for.
    Client,
    Auditor,
    /// Works for the practice, but not on the matter.
    Member,
    Manager,
    Admin,
    Owner,
}

impl Who {
    pub const ALL: [Self; 9] = [
        Self::Nobody,
        Self::Stranger,
        Self::Relative,
        Self::Client,
        Self::Auditor,
        Self::Member,
        Self::Manager,
        Self::Admin,
        Self::Owner,
    ];
}

/// What keeps a database alive as long as its world.
enum Kept {
    File { _folder: tempfile::TempDir },
    Server { _database: Box<ThrowAway> },
}

pub struct World {
    pub fakes: Fakes,
    pub store: Arc<dyn Store>,
    pub portal: Portal,
    pub router: Router,
    pub practice: PracticeId,
    pub owner: Context,
    pub member_id: StaffId,
    pub matter: Matter,
    pub client: Client,
    pub access: PortalAccess,
    pub relative_access: PortalAccess,
    pub request: String,
    pub task: String,
    pub approval: String,
    pub document: String,
    /// An upload that the client has begun.
    pub upload: String,
    pub template: String,
    /// A workflow for matters of the office in Sydney.
    pub workflow: String,
    pub notification: String,
    /// A client who takes part in nothing yet.
    pub newcomer: Client,
    stranger: PracticeId,
    /// Who owns the other practice.
    pub stranger_owner: Context,
    _kept: Kept,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(json!(null))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The first wrong field, and how it is wrong.
    pub fn wrong_field(&self) -> (String, String) {
        let json = self.json();
        let text = |name: &str| json["errors"][0][name].as_str().unwrap_or_default().to_owned();
        (text("field"), text("code"))
    }
}

/// A request as it is being put together.
pub struct Ask<'a> {
    router: &'a Router,
    builder: axum::http::request::Builder,
    body: Body,
}

impl<'a> Ask<'a> {
    /// Asks another server of the same portal.
    pub fn through(self, router: &'a Router) -> Self {
        Self { router, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub fn raw(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.builder = self.builder.header(header::CONTENT_TYPE, content_type);
        self.body = body.into();
        self
    }

    pub fn files(self, files: &[(&str, &[u8])]) -> Self {
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.raw(&content_type, multipart(files))
    }

    pub async fn send(self) -> Answer {
        let request: Request<Body> = self.builder.body(self.body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default(),
        }
    }
}

pub fn multipart(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// `Upload-Metadata` of these pairs.
pub fn metadata(pairs: &[(&str, &str)]) -> String {
    let pair = |(key, value): &(&str, &str)| format!("{key} {}", STANDARD.encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
}

impl World {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        let store = SqliteStore::open(path, SqliteOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        Box::pin(Self::new(Arc::new(store), Kept::File { _folder: folder })).await
    }

    pub async fn on_postgres() -> Self {
        let database = ThrowAway::create().await;
        let store = database.store().await.unwrap();
        Box::pin(Self::new(
            Arc::new(store),
            Kept::Server {
                _database: Box::new(database),
            },
        ))
        .await
    }

    async fn new(store: Arc<dyn Store>, kept: Kept) -> Self {
        let fakes = Fakes::default();
        let portal = fakes.portal(store.clone());
        let (practice, owner) = practice(&portal, "Harbour Migration").await;
        let (stranger, stranger_owner) = self::practice(&portal, "Somebody Else").await;
        let mut staff = Vec::new();
        for role in [Role::Admin, Role::Manager, Role::Member, Role::Auditor] {
            let added = portal.add_staff(&owner, new_staff(role)).await.unwrap();
            staff.push(added.id);
        }
        let client = client(&portal, &owner, "Amina").await;
        let relative = self::client(&portal, &owner, "Omar").await;
        let newcomer = self::client(&portal, &owner, "Lina").await;
        let matter = matter(&portal, &owner, "HM-1", None).await;
        let related = self::matter(&portal, &owner, "HM-2", Some(&matter)).await;
        let access = enter(&portal, &owner, &matter, &client).await;
        let relative_access = enter(&portal, &owner, &related, &relative).await;
        let draft = RequestDraft {
            title: "Passport".into(),
            ..RequestDraft::default()
        };
        let request = portal
            .add_request(&owner, matter.id, client.id, &draft)
            .await
            .unwrap();
        let task = TaskDraft {
            title: "Call".into(),
            ..TaskDraft::default()
        };
        let task = portal.add_task(&owner, matter.id, &task).await.unwrap();
        let approval = ApprovalDraft {
            title: "Your statement".into(),
            people: vec![client.id],
            ..ApprovalDraft::default()
        };
        let approval = portal.ask_approval(&owner, matter.id, &approval).await.unwrap();
        let template = portal.add_template(&owner, &template()).await.unwrap();
        let offices = DimensionDraft::new("Office").value("Sydney").value("Perth");
        let dimensions = vec![offices];
        portal
            .save_taxonomy(&owner, None, &TaxonomyDraft { dimensions })
            .await
            .unwrap();
        let workflow = WorkflowDraft {
            name: "Sydney".into(),
            criteria: vec![Criterion::one_of("Office", ["Sydney"])],
            requirements: vec![Requirement::new("Lease")],
            ..WorkflowDraft::default()
        };
        let workflow = portal.add_workflow(&owner, &workflow).await.unwrap();
        let mut world = Self {
            router: portal_server::router(AppState::new(portal.clone(), Presentation::default()).unwrap()),
            fakes,
            store,
            practice,
            member_id: staff[2],
            matter,
            client,
            access,
            relative_access,
            request: request.id.to_string(),
            task: task.task.id.to_string(),
            approval: approval.approval.id.to_string(),
            document: String::new(),
            upload: String::new(),
            template: template.id.to_string(),
            workflow: workflow.id.to_string(),
            notification: String::new(),
            newcomer,
            stranger,
            stranger_owner,
            owner,
            portal,
            _kept: kept,
        };
        world.portal.drain().await.unwrap();
        world.provide(request.id).await;
        world
    }

    /// The client provides a document, of which the owner is notified.
    async fn provide(&mut self, request: portal_core::RequestId) {
        let token = self.client_token(&self.client.clone()).await;
        let path = format!("/api/v1/requests/{request}/documents");
        let answer = self
            .post(&path)
            .token(&token)
            .files(&[("passport.pdf", PDF)])
            .send()
            .await;
        assert_eq!(answer.status, 201, "{:?}", answer.json());
        answer.json()["items"][0]["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.document);
        let path = self.begin_upload(&token, "passport.pdf", 100).await;
        path.rsplit('/').next().unwrap().clone_into(&mut self.upload);
        self.portal.drain().await.unwrap();
        let page = portal_core::PageRequest::default();
        let notifications = self.portal.notifications(&self.owner, true, &page).await.unwrap();
        self.notification = notifications.items[0].id.to_string();
    }

    /// Begins an upload of `size` bytes for the request; answers its path.
    pub async fn begin_upload(&self, token: &str, name: &str, size: usize) -> String {
        let ask = self.tus(Method::POST, "/api/v1/uploads").token(token);
        let ask = ask.header("upload-length", &size.to_string());
        let metadata = metadata(&[("filename", name), ("request_id", &self.request)]);
        let answer = ask.header("upload-metadata", &metadata).send().await;
        assert_eq!(answer.status, 201, "{:?}", answer.json());
        answer.header("location").to_owned()
    }

    /// A request as a tus client sends it.
    pub fn tus(&self, method: Method, path: &str) -> Ask<'_> {
        self.ask(method, path).header("tus-resumable", "1.0.0")
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask {
            router: &self.router,
            builder: Request::builder().method(method).uri(path),
            body: Body::empty(),
        }
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    pub async fn sign_in(&self, practice: PracticeId, email: &str) -> Value {
        let body = json!({"practice_id": practice.to_string(), "email": email, "password": PASSWORD});
        let answer = self.post("/api/v1/auth/sign-in").json(&body).send().await;
        assert_eq!(answer.status, 200, "{:?}", answer.json());
        answer.json()
    }

    /// A session cookie of the owner.
    pub async fn owner_cookie(&self) -> String {
        let password = Password::typed(PASSWORD.into());
        let signed_in =
            self.portal
                .sign_in_staff(self.practice, "owner@harbour.test", password, Origin::default());
        format!("__Host-portal-staff={}", signed_in.await.unwrap().token.reveal())
    }

    pub async fn owner_token(&self) -> String {
        self.token(Who::Owner).await.unwrap()
    }

    /// An access token of each kind of person; none for nobody.
    pub async fn token(&self, who: Who) -> Option<String> {
        let staff = async |practice, name: &str| {
            let tokens = self.sign_in(practice, &format!("{name}@harbour.test")).await;
            Some(tokens["access_token"].as_str().unwrap().to_owned())
        };
        match who {
            Who::Nobody => None,
            Who::Stranger => staff(self.stranger, "owner").await,
            Who::Client => Some(self.client_token(&self.client).await),
            Who::Relative => {
                let relative = self
                    .portal
                    .access(&self.owner, self.relative_access.id)
                    .await
                    .unwrap();
                Some(self.client_token(&relative.client).await)
            }
            Who::Auditor => staff(self.practice, "auditor").await,
            Who::Member => staff(self.practice, "member").await,
            Who::Manager => staff(self.practice, "manager").await,
            Who::Admin => staff(self.practice, "admin").await,
            Who::Owner => staff(self.practice, "owner").await,
        }
    }

    async fn client_token(&self, client: &Client) -> String {
        let accesses = self
            .portal
            .store()
            .accesses_of_client(self.practice, client.id)
            .await
            .unwrap();
        let locator = Locator::of_access(self.practice, accesses[0].id);
        self.post(&format!("/api/v1/portal/{locator}/request-link"))
            .send()
            .await;
        self.portal.drain().await.unwrap();
        let (token, code) = self.last_link(client);
        let body = json!({"token": token, "code": code});
        let answer = self.post("/api/v1/auth/redeem-link").json(&body).send().await;
        assert_eq!(answer.status, 200, "{:?}", answer.json());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Token and code of the newest mail with a link.
    pub fn last_link(&self, client: &Client) -> (String, String) {
        let address = client.email.as_ref().unwrap().to_string();
        let mails = self.fakes.mail.sent_to(&address);
        let text = mails.into_iter().rev().map(|mail| mail.content.text);
        let text = text
            .into_iter()
            .find(|text| text.contains("/p/sign-in/"))
            .expect("a mail with a link");
        let after = |mark: &str| {
            let rest = text.split(mark).nth(1).unwrap();
            rest.split_whitespace().next().unwrap().to_owned()
        };
        (after("/p/sign-in/"), after("Code: "))
    }
}

async fn practice(portal: &Portal, name: &str) -> (PracticeId, Context) {
    let draft = PracticeDraft {
        name: name.into(),
        ..PracticeDraft::default()
    };
    let (practice, _) = portal
        .create_practice(&draft, new_staff(Role::Owner))
        .await
        .unwrap();
    let password = Password::typed(PASSWORD.into());
    let signed_in = portal.sign_in_staff(practice.id, "owner@harbour.test", password, Origin::default());
    let token = signed_in.await.unwrap().token;
    let authenticated = portal.authenticate(&token, Origin::default()).await.unwrap();
    (practice.id, authenticated.context)
}

fn new_staff(role: Role) -> NewStaffMember {
    NewStaffMember {
        name: format!("The {role}"),
        email: format!("{role}@harbour.test"),
        role,
        password: PASSWORD.into(),
    }
}

fn template() -> TemplateDraft {
    let item = TemplateItem {
        key: String::new(),
        title: "Birth certificate".into(),
        help: String::new(),
        example: String::new(),
        wanted: 1,
        required: true,
        due_in_days: Some(14),
    };
    TemplateDraft {
        name: "Identity".into(),
        groups: vec![TemplateGroup {
            name: "Identity".into(),
            items: vec![item],
        }],
        ..TemplateDraft::default()
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

async fn matter(portal: &Portal, owner: &Context, reference: &str, parent: Option<&Matter>) -> Matter {
    let draft = MatterDraft {
        reference: reference.into(),
        title: "Partner visa 820".into(),
        practice_area: "Immigration".into(),
        stage: "Filing".into(),
        attributes: std::collections::BTreeMap::default(),
        owner_id: owner.staff().unwrap().0,
        parent_id: parent.map(|parent| parent.id),
    };
    portal.open_matter(owner, &draft).await.unwrap()
}

async fn enter(portal: &Portal, owner: &Context, matter: &Matter, client: &Client) -> PortalAccess {
    portal
        .put_participant(owner, matter.id, client.id, Part::Principal)
        .await
        .unwrap();
    portal
        .enable_access(owner, matter.id, client.id, false)
        .await
        .unwrap()
}

/// Bytes as an upload that comes whole.
pub fn whole(
    bytes: &'static [u8],
) -> impl futures_util::Stream<Item = Result<Bytes, Interrupted>> + Unpin + Send {
    stream::iter([Ok(Bytes::from_static(bytes))])
}

/// A second document on the request, without the API.
pub async fn upload(world: &World, ctx: &Context, name: &str) -> String {
    let target = UploadTarget::Request {
        request: world.request.parse().unwrap(),
        replaces: None,
    };
    let document = world.portal.upload(ctx, target, name, whole(PDF)).await.unwrap();
    document.id.to_string()
}
