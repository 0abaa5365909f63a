//! Random commands, done through the portal's services on PostgreSQL, on SQLite and in memory with the same ids, clock and
//! secrets: every answer is the same, values and errors, and in the end every list.
//!
//! `PROPTEST_CASES` sets how many sequences are tried (24 by default). One that fails is made as short as it can be, and
//! kept in `tests/proptest-regressions`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test fails by panicking; all commands are done in one place, one arm each"
)]

#[path = "../../portal-store-sql/tests/shared/portal.rs"]
mod portal;

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use portal::{Desk, PASSWORD};
use portal_core::audit::AuditFilter;
use portal_core::checklist::{RequestDraft, RequestFilter};
use portal_core::client::{ClientDraft, ClientFilter};
use portal_core::document::{DocumentFilter, Interrupted, UploadTarget};
use portal_core::matter::{MatterDraft, MatterFilter, MatterSort, Part};
use portal_core::notify::DeliveryFilter;
use portal_core::testing::MemoryStore;
use portal_core::{
    AccessId, ClientId, Context, Cursor, DocumentId, Duration, Locator, MatterId, Origin, Page, PageRequest,
    RequestId, Store, StoreError,
};
use portal_store_postgres::testing::ThrowAway;
use portal_store_sqlite::SqliteStore;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

/// Which of the things that are there; the number is wrapped around.
type Nth = usize;

#[derive(Debug, Clone)]
enum Command {
    AddClient {
        name: &'static str,
        reference: &'static str,
        email: &'static str,
    },
    SetClientActive(Nth, bool),
    OpenMatter {
        reference: &'static str,
        title: &'static str,
    },
    CloseMatter(Nth),
    ReopenMatter(Nth),
    PutParticipant(Nth, Nth, Part),
    RemoveParticipant(Nth, Nth),
    EnableAccess(Nth, Nth, bool),
    RevokeAccess(Nth),
    RestoreAccess(Nth),
    Invite(Nth),
    AskForLink(Nth),
    ConfirmLastLink {
        right: bool,
    },
    AddRequest(Nth, Nth, &'static str),
    Upload(Nth, &'static str),
    Accept(Nth),
    Return(Nth),
    SignIn {
        right: bool,
    },
    Work,
    Wait(i64),
    Tidy,
    Matters(&'static str, MatterSort, u32),
    Clients(&'static str, u32),
    Requests(Nth),
    Documents(Nth, &'static str),
}

fn nth() -> impl Strategy<Value = Nth> {
    0..4_usize
}

fn search() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "visa",
        "VISA 820",
        "\u{e9}t\u{e9}",
        "%",
        "_",
        "'",
        "nobody",
    ])
}

fn command() -> impl Strategy<Value = Command> {
    let names = prop::sample::select(vec!["Amina", "\u{c9}tienne", "amina", "O'Neil", "Zo\u{eb}"]);
    let references = prop::sample::select(vec!["", "A-1", "a-1", "\u{c1}-1", "B 2", "%"]);
    let emails = prop::sample::select(vec!["", "amina@mail.test", "AMINA@mail.test", "no address"]);
    let titles = prop::sample::select(vec![
        "Partner visa 820",
        "partner Visa",
        "\u{c9}t\u{e9} 100%",
        "a_b",
        "",
    ]);
    let files = prop::sample::select(vec!["passport.pdf", "PASS'PORT.pdf", "caf\u{e9}.pdf", "evil.exe"]);
    let parts = prop::sample::select(vec![Part::Principal, Part::Partner]);
    let sorts = prop::sample::select(vec![
        MatterSort::Updated,
        MatterSort::Reference,
        MatterSort::Title,
    ]);
    prop_oneof![
        3 => (names, references.clone(), emails)
            .prop_map(|(name, reference, email)| Command::AddClient { name, reference, email }),
        1 => (nth(), any::<bool>()).prop_map(|(client, active)| Command::SetClientActive(client, active)),
        3 => (references, titles.clone()).prop_map(|(reference, title)| Command::OpenMatter { reference, title }),
        1 => nth().prop_map(Command::CloseMatter),
        1 => nth().prop_map(Command::ReopenMatter),
        4 => (nth(), nth(), parts).prop_map(|(matter, client, part)| Command::PutParticipant(matter, client, part)),
        1 => (nth(), nth()).prop_map(|(matter, client)| Command::RemoveParticipant(matter, client)),
        4 => (nth(), nth(), any::<bool>()).prop_map(|(matter, client, mail)| Command::EnableAccess(matter, client, mail)),
        1 => nth().prop_map(Command::RevokeAccess),
        1 => nth().prop_map(Command::RestoreAccess),
        1 => nth().prop_map(Command::Invite),
        2 => nth().prop_map(Command::AskForLink),
        3 => prop::bool::weighted(0.8).prop_map(|right| Command::ConfirmLastLink { right }),
        4 => (nth(), nth(), titles).prop_map(|(matter, client, title)| Command::AddRequest(matter, client, title)),
        4 => (nth(), files).prop_map(|(request, name)| Command::Upload(request, name)),
        2 => nth().prop_map(Command::Accept),
        2 => nth().prop_map(Command::Return),
        1 => any::<bool>().prop_map(|right| Command::SignIn { right }),
        4 => Just(Command::Work),
        2 => prop::sample::select(vec![1_i64, 50, 700, 3_000, 50_000]).prop_map(Command::Wait),
        1 => Just(Command::Tidy),
        2 => (search(), sorts, 1..4_u32).prop_map(|(q, sort, limit)| Command::Matters(q, sort, limit)),
        1 => (search(), 1..4_u32).prop_map(|(q, limit)| Command::Clients(q, limit)),
        1 => nth().prop_map(Command::Requests),
        1 => (nth(), search()).prop_map(|(matter, q)| Command::Documents(matter, q)),
    ]
}

/// The same practice on one of the stores, with what it has so far.
struct Side {
    name: &'static str,
    desk: Desk,
    owner: Context,
    /// The client who signed in last.
    visitor: Option<Context>,
    clients: Vec<ClientId>,
    matters: Vec<MatterId>,
    accesses: Vec<AccessId>,
    requests: Vec<RequestId>,
    documents: Vec<DocumentId>,
}

/// One of the things that are there, or one that nobody has.
fn pick<T: Copy + From<uuid::Uuid>>(things: &[T], nth: Nth) -> T {
    let nobodys = || T::from(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
    // One number more than there are things is the one that nobody has.
    things
        .get(nth % (things.len() + 1))
        .copied()
        .unwrap_or_else(nobodys)
}

/// An answer as it is compared; what is new is kept.
fn note<T: Debug, E: Debug, I>(answer: &Result<T, E>, id: impl Fn(&T) -> I, kept: &mut Vec<I>) -> String {
    kept.extend(answer.as_ref().ok().map(id));
    format!("{answer:?}")
}

/// All pages of a list.
async fn whole<T>(
    limit: u32,
    page: impl AsyncFn(PageRequest) -> Result<Page<T>, String>,
) -> Result<Vec<T>, String> {
    let (mut items, mut next): (Vec<T>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = page(PageRequest::first(limit).after(next).with_total()).await?;
        let total = page.total;
        items.extend(page.items);
        next = page.next;
        if next.is_none() {
            assert_eq!(total, Some(items.len() as u64), "the total of a list");
            return Ok(items);
        }
    }
}

fn words(q: &str) -> Option<String> {
    (!q.is_empty()).then(|| q.to_owned())
}

impl Side {
    async fn on(name: &'static str, store: Arc<dyn Store>) -> Self {
        let desk = Desk::on(store).await;
        let (client, access) = desk.client().await;
        let found = desk.portal.store().access(desk.practice.id, access).await;
        let matter = found.unwrap().unwrap().matter_id;
        let mut side = Self {
            name,
            owner: desk.owner().await,
            desk,
            visitor: None,
            clients: vec![client.id],
            matters: vec![matter],
            accesses: vec![access],
            requests: Vec::new(),
            documents: Vec::new(),
        };
        // A client is in, with something to do: most sequences go on from there.
        for command in [
            Command::AddRequest(0, 0, "Passport"),
            Command::Invite(0),
            Command::Work,
            Command::ConfirmLastLink { right: true },
        ] {
            side.answer(&command).await;
        }
        assert!(side.visitor.is_some() && side.requests.len() == 1);
        side
    }

    async fn answer(&mut self, command: &Command) -> String {
        let portal = self.desk.portal.clone();
        let owner = Context {
            at: portal.now(),
            ..self.owner.clone()
        };
        let ctx = &owner;
        let visitor = self.visitor.clone().map(|visitor| Context {
            at: portal.now(),
            ..visitor
        });
        match *command {
            Command::AddClient {
                name,
                reference,
                email,
            } => {
                let draft = ClientDraft {
                    reference: reference.into(),
                    given_names: name.into(),
                    family_name: "Haddad".into(),
                    email: email.into(),
                    ..ClientDraft::default()
                };
                note(
                    &portal.add_client(ctx, &draft).await,
                    |new| new.id,
                    &mut self.clients,
                )
            }
            Command::SetClientActive(client, active) => {
                let client = pick(&self.clients, client);
                format!("{:?}", portal.set_client_active(ctx, client, active).await)
            }
            Command::OpenMatter { reference, title } => {
                let draft = MatterDraft {
                    reference: reference.into(),
                    title: title.into(),
                    practice_area: String::new(),
                    stage: String::new(),
                    attributes: std::collections::BTreeMap::default(),
                    owner_id: self.desk.owner,
                    parent_id: self.matters.first().copied(),
                };
                note(
                    &portal.open_matter(ctx, &draft).await,
                    |new| new.id,
                    &mut self.matters,
                )
            }
            Command::CloseMatter(matter) => {
                format!(
                    "{:?}",
                    portal.close_matter(ctx, pick(&self.matters, matter)).await
                )
            }
            Command::ReopenMatter(matter) => {
                format!(
                    "{:?}",
                    portal.reopen_matter(ctx, pick(&self.matters, matter)).await
                )
            }
            Command::PutParticipant(matter, client, part) => {
                let (matter, client) = (pick(&self.matters, matter), pick(&self.clients, client));
                format!("{:?}", portal.put_participant(ctx, matter, client, part).await)
            }
            Command::RemoveParticipant(matter, client) => {
                let (matter, client) = (pick(&self.matters, matter), pick(&self.clients, client));
                format!("{:?}", portal.remove_participant(ctx, matter, client).await)
            }
            Command::EnableAccess(matter, client, mail) => {
                let (matter, client) = (pick(&self.matters, matter), pick(&self.clients, client));
                let enabled = portal.enable_access(ctx, matter, client, mail).await;
                note(&enabled, |new| new.id, &mut self.accesses)
            }
            Command::RevokeAccess(access) => {
                format!(
                    "{:?}",
                    portal.revoke_access(ctx, pick(&self.accesses, access)).await
                )
            }
            Command::RestoreAccess(access) => {
                format!(
                    "{:?}",
                    portal.restore_access(ctx, pick(&self.accesses, access)).await
                )
            }
            Command::Invite(access) => {
                format!("{:?}", portal.invite(ctx, pick(&self.accesses, access)).await)
            }
            Command::AskForLink(access) => {
                let workspace = Locator::of_access(ctx.practice, pick(&self.accesses, access));
                format!(
                    "{:?}",
                    portal.ask_for_link(workspace, None, Origin::default()).await
                )
            }
            Command::ConfirmLastLink { right } => {
                let letters = self.desk.fakes.mail.sent();
                if !letters
                    .iter()
                    .any(|mail| mail.content.text.contains("/p/sign-in/"))
                {
                    return "no letter".to_owned();
                }
                let (link, code) = self.desk.last_link();
                let code = if right { code } else { "000000".to_owned() };
                let confirmed = portal
                    .redeem_link(&link, None, Some(&code), Origin::default())
                    .await;
                let said = format!("{confirmed:?}");
                if let Ok((signed_in, _)) = confirmed {
                    let came = portal.authenticate(&signed_in.token, Origin::default()).await;
                    self.visitor = came.ok().map(|came| came.context);
                }
                said
            }
            Command::AddRequest(matter, client, title) => {
                let (matter, client) = (pick(&self.matters, matter), pick(&self.clients, client));
                let draft = RequestDraft {
                    title: title.into(),
                    ..RequestDraft::default()
                };
                let added = portal.add_request(ctx, matter, client, &draft).await;
                note(&added, |new| new.id, &mut self.requests)
            }
            Command::Upload(request, name) => {
                let Some(visitor) = visitor else {
                    return "nobody is there".to_owned();
                };
                let target = UploadTarget::Request {
                    request: pick(&self.requests, request),
                    replaces: None,
                };
                let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from_static(b"%PDF-1.7\n%%EOF\n"))]);
                let uploaded = portal.upload(&visitor, target, name, bytes).await;
                note(&uploaded, |new| new.id, &mut self.documents)
            }
            Command::Accept(document) => {
                format!(
                    "{:?}",
                    portal.accept_document(ctx, pick(&self.documents, document)).await
                )
            }
            Command::Return(document) => {
                let document = pick(&self.documents, document);
                format!("{:?}", portal.return_document(ctx, document, "Too dark").await)
            }
            Command::SignIn { right } => {
                let password = if right { PASSWORD } else { "wrong" };
                format!("{:?}", self.desk.sign_in(password, "203.0.113.9").await)
            }
            Command::Work => format!("{:?}", portal.drain().await),
            Command::Wait(minutes) => {
                self.desk.fakes.clock.advance(Duration::minutes(minutes));
                String::new()
            }
            Command::Tidy => format!("{:?}", portal.store().tidy(portal.now()).await),
            Command::Matters(q, sort, limit) => {
                let filter = MatterFilter {
                    q: words(q),
                    ..MatterFilter::default()
                };
                let all = whole(limit, async |page| {
                    let found = portal.matters(ctx, &filter, sort, &page).await;
                    found.map_err(|error| format!("{error:?}"))
                });
                format!("{:?}", all.await)
            }
            Command::Clients(q, limit) => {
                let filter = ClientFilter { q: words(q) };
                let all = whole(limit, async |page| {
                    let found = portal.clients(ctx, &filter, &page).await;
                    found.map_err(|error| format!("{error:?}"))
                });
                format!("{:?}", all.await)
            }
            Command::Requests(matter) => {
                let filter = RequestFilter {
                    matter: Some(pick(&self.matters, matter)),
                    ..RequestFilter::default()
                };
                let as_staff = portal.request_counts(ctx, &filter).await;
                let page = PageRequest::default();
                let as_client = match &visitor {
                    Some(visitor) => Some(portal.requests(visitor, &filter, &page).await),
                    None => None,
                };
                format!("{as_staff:?} {as_client:?}")
            }
            Command::Documents(matter, q) => {
                let filter = DocumentFilter {
                    matter: Some(pick(&self.matters, matter)),
                    q: words(q),
                    ..DocumentFilter::default()
                };
                let page = PageRequest::default();
                let as_staff = portal.documents(ctx, &filter, &page).await;
                let as_client = match &visitor {
                    Some(visitor) => Some(portal.documents(visitor, &filter, &page).await),
                    None => None,
                };
                format!("{as_staff:?} {as_client:?}")
            }
        }
    }

    /// Every list there is, and the letters that went out.
    async fn everything(&self) -> Vec<String> {
        let (store, practice) = (self.desk.portal.store(), self.desk.practice.id);
        let told = |error: StoreError| format!("{error:?}");
        let clients = whole(3, async |page| {
            store
                .clients(practice, &ClientFilter::default(), &page)
                .await
                .map_err(told)
        });
        // Clients keep their names out of `Debug`.
        let clients = clients.await.map(|all| {
            let one = |client: &portal_core::client::Client| {
                format!(
                    "{client:?} {} {:?}",
                    client.name(),
                    client.email.as_ref().map(ToString::to_string)
                )
            };
            all.iter().map(one).collect::<Vec<_>>()
        });
        let matters = whole(3, async |page| {
            let filter = MatterFilter::default();
            store
                .matters(practice, &filter, MatterSort::Reference, &page)
                .await
                .map_err(told)
        });
        let requests = whole(3, async |page| {
            store
                .requests(practice, &RequestFilter::default(), &page)
                .await
                .map_err(told)
        });
        let documents = whole(3, async |page| {
            store
                .documents(practice, &DocumentFilter::default(), &page)
                .await
                .map_err(told)
        });
        let deliveries = whole(3, async |page| {
            store
                .deliveries(practice, &DeliveryFilter::default(), &page)
                .await
                .map_err(told)
        });
        let notifications = whole(3, async |page| {
            store
                .notifications(practice, self.desk.owner, false, &page)
                .await
                .map_err(told)
        });
        let audit = whole(20, async |page| {
            store
                .audit_entries(practice, &AuditFilter::default(), &page)
                .await
                .map_err(told)
        });
        let mut said = vec![
            format!("{clients:?}"),
            format!("{:?}", matters.await),
            format!("{:?}", requests.await),
            format!("{:?}", documents.await),
            format!("{:?}", deliveries.await),
            format!("{:?}", notifications.await),
            format!("{:?}", audit.await),
            format!("{:?}", self.desk.fakes.mail.sent()),
        ];
        for matter in &self.matters {
            said.push(format!("{:?}", store.participants(practice, *matter).await));
            said.push(format!("{:?}", store.accesses_of_matter(practice, *matter).await));
        }
        said
    }
}

async fn try_out(commands: &[Command]) -> Result<(), TestCaseError> {
    let database = ThrowAway::create().await;
    let postgres = database.store().await.unwrap();
    let sqlite = SqliteStore::in_memory().await.unwrap();
    sqlite.migrate().await.unwrap();
    let mut yardstick = Side::on("memory", Arc::new(MemoryStore::default())).await;
    let mut sides = [
        Side::on("SQLite", Arc::new(sqlite)).await,
        Side::on("PostgreSQL", Arc::new(postgres)).await,
    ];
    for (number, command) in commands.iter().enumerate() {
        let expected = yardstick.answer(command).await;
        for side in &mut sides {
            let answer = side.answer(command).await;
            prop_assert_eq!(
                &answer,
                &expected,
                "{}: command {} {:?}",
                side.name,
                number,
                command
            );
        }
    }
    let expected = yardstick.everything().await;
    for side in &sides {
        prop_assert_eq!(&side.everything().await, &expected, "{}: in the end", side.name);
    }
    Ok(())
}

#[test]
fn every_store_answers_alike() {
    let kept = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/proptest-regressions/differential.txt"
    );
    let mut config = Config {
        max_shrink_iters: 500,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 24;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let commands = prop::collection::vec(command(), 20..80);
    let outcome = TestRunner::new(config).run(&commands, |commands| runtime.block_on(try_out(&commands)));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
