//! A practice on each store, and files for it.

use std::io;
use std::sync::Arc;

use portal_core::client::{Client, ClientFilter};
use portal_core::identity::NewStaffMember;
use portal_core::import::{ImportOptions, Sheet};
use portal_core::matter::{Matter, MatterFilter, MatterSort};
use portal_core::policy::Role;
use portal_core::practice::{Practice, PracticeDraft};
use portal_core::testing::{Fakes, MemoryStore};
use portal_core::{Context, PageRequest, Portal, StaffId, Store};
use portal_server::import::{Counts, FileOptions, ImportError, Refused, Watcher, import};
use portal_store_postgres::testing::ThrowAway;
use portal_store_sqlite::SqliteStore;

pub(crate) struct World {
    pub(crate) portal: Portal,
    pub(crate) practice: Practice,
    pub(crate) owner: StaffId,
    /// Dropped last: its database goes with it.
    _database: Option<ThrowAway>,
}

/// What an import told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) refused: Vec<Refused>,
    pub(crate) progress: Vec<(u64, Counts)>,
}

impl Watcher for Told {
    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.refused.push(refused.clone());
        Ok(())
    }

    fn progress(&mut self, bytes: u64, counts: &Counts) -> io::Result<()> {
        self.progress.push((bytes, *counts));
        Ok(())
    }
}

impl Told {
    /// `line column` of everything that was refused.
    pub(crate) fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        for refused in &self.refused {
            for refusal in &refused.refusals {
                let column = refusal.column.as_deref().unwrap_or("-");
                places.push(format!("{} {column}", refused.line));
            }
        }
        places
    }
}

pub(crate) fn counts(created: u64, updated: u64, unchanged: u64, refused: u64) -> Counts {
    Counts {
        created,
        updated,
        unchanged,
        refused,
    }
}

impl World {
    pub(crate) async fn on(store: Arc<dyn Store>, database: Option<ThrowAway>) -> Self {
        let portal = Fakes::default().portal(store);
        let draft = PracticeDraft {
            name: "Harbour Migration".into(),
            ..PracticeDraft::default()
        };
        let owner = NewStaffMember {
            name: "Sam Keller".into(),
            email: "sam@harbour.test".into(),
            role: Role::Owner,
            password: "correct horse battery staple".into(),
        };
        let (practice, owner) = portal.create_practice(&draft, owner).await.unwrap();
        Self {
            portal,
            practice,
            owner: owner.id,
            _database: database,
        }
    }

    pub(crate) async fn in_memory() -> (Self, Arc<MemoryStore>) {
        let store = Arc::new(MemoryStore::default());
        (Self::on(store.clone(), None).await, store)
    }

    /// One on each database.
    pub(crate) async fn each() -> [(&'static str, Self); 3] {
        let sqlite = SqliteStore::in_memory().await.unwrap();
        sqlite.migrate().await.unwrap();
        let database = ThrowAway::create().await;
        let postgres = database.store().await.unwrap();
        [
            ("memory", Self::in_memory().await.0),
            ("SQLite", Self::on(Arc::new(sqlite), None).await),
            ("PostgreSQL", Self::on(Arc::new(postgres), Some(database)).await),
        ]
    }

    pub(crate) fn ctx(&self) -> Context {
        Context::system(self.practice.id, "import", self.portal.now())
    }

    pub(crate) async fn try_import(
        &self,
        sheet: Sheet,
        file: impl io::Read,
        dry_run: bool,
    ) -> (Result<Counts, ImportError>, Told) {
        let options = FileOptions {
            sheet,
            delimiter: b',',
            rows: ImportOptions {
                dry_run,
                owner: Some(self.owner),
            },
        };
        let mut told = Told::default();
        let outcome = import(&self.portal, &self.ctx(), file, &options, &mut told).await;
        (outcome, told)
    }

    /// First dry, then for real: both must say the same, and the dry one must leave everything as it was.
    pub(crate) async fn import(&self, sheet: Sheet, file: &[u8]) -> (Counts, Told) {
        let before = (self.clients().await, self.matters().await);
        let (dry, dry_told) = self.try_import(sheet, file, true).await;
        assert_eq!(
            (self.clients().await, self.matters().await),
            before,
            "a dry run wrote"
        );
        let (wet, told) = self.try_import(sheet, file, false).await;
        let (dry, wet) = (dry.unwrap(), wet.unwrap());
        assert_eq!(dry, wet, "{:?} {:?}", dry_told.refused, told.refused);
        assert_eq!(dry_told.refused, told.refused);
        (wet, told)
    }

    pub(crate) async fn clients(&self) -> Vec<Client> {
        let (mut clients, mut page) = (Vec::new(), PageRequest::first(100));
        loop {
            let filter = ClientFilter::default();
            let found = self.portal.clients(&self.ctx(), &filter, &page).await.unwrap();
            clients.extend(found.items);
            let Some(next) = found.next else { break };
            page = PageRequest::first(100).after(Some(next));
        }
        clients.sort_by_key(|client| client.id);
        clients
    }

    pub(crate) async fn matters(&self) -> Vec<Matter> {
        let filter = MatterFilter::default();
        let page = PageRequest::first(100);
        let found = self
            .portal
            .matters(&self.ctx(), &filter, MatterSort::Reference, &page)
            .await
            .unwrap();
        found.items.into_iter().map(|summary| summary.matter).collect()
    }

    pub(crate) async fn client(&self, reference: &str) -> Client {
        let found = self
            .portal
            .store()
            .client_by_reference(self.practice.id, reference)
            .await;
        found.unwrap().expect("the client is there")
    }
}
