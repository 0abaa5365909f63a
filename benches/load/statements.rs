//! What the portal asks its database, written down while it asks, so that pgbench and the bare handlers ask the same.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use portal_core::audit::Subject;
use portal_core::checklist::{Checklists, RequestFilter};
use portal_core::document::Documents;
use portal_core::matter::{MatterFilter, MatterSort, Matters};
use portal_core::{Change, Commits, EventKind, Ids, PageRequest, RandomIds, StoreError};
use portal_store_postgres::{PostgresDriver, PostgresOptions};
use portal_store_sql::{Dialect, Driver, ServerDriver, SqlStore, Statement, Step, Value, Written};
use sqlx::Database;

use crate::Failed;
use crate::world::World;

/// Passes everything on and remembers it.
struct Recording<D> {
    inner: D,
    heard: Mutex<Vec<Statement>>,
}

impl<D> Recording<D> {
    fn note(&self, statement: &Statement) {
        if let Ok(mut heard) = self.heard.lock() {
            heard.push(statement.clone());
        }
    }

    fn take(&self) -> Vec<Statement> {
        self.heard
            .lock()
            .map(|mut heard| std::mem::take(&mut *heard))
            .unwrap_or_default()
    }
}

#[async_trait]
impl<D: Driver> Driver for Recording<D> {
    type Db = D::Db;

    const DIALECT: Dialect = D::DIALECT;

    async fn fetch(&self, statement: Statement) -> Result<Vec<<D::Db as Database>::Row>, StoreError> {
        self.note(&statement);
        self.inner.fetch(statement).await
    }

    async fn write(&self, statement: Statement) -> Result<Written<<D::Db as Database>::Row>, StoreError> {
        self.note(&statement);
        self.inner.write(statement).await
    }

    async fn apply(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        for step in &steps {
            self.note(&step.statement);
        }
        self.inner.apply(steps).await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }

    async fn pending(&self) -> Result<Vec<String>, StoreError> {
        self.inner.pending().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

/// The statements of each kind of work.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    /// A page of 25 matters.
    pub(crate) list: Vec<Statement>,
    /// One matter with its fifty requests and the counts of their documents.
    pub(crate) record: Vec<Statement>,
    /// A request that is added, with its audit entry and its event.
    pub(crate) change: Vec<Statement>,
}

impl Statements {
    /// Does each kind of work once on `database`, which is filled already.
    pub(crate) async fn listen(database: &str, world: &World) -> Result<Self, Failed> {
        let store = SqlStore::new(Recording {
            inner: PostgresDriver::connect(database, PostgresOptions::default()).await?,
            heard: Mutex::default(),
        });
        let practice = world.samples.practice;
        let page = PageRequest::first(25);
        store
            .matters(practice, &MatterFilter::default(), MatterSort::Updated, &page)
            .await?;
        let list = store.driver().take();
        store.matter(practice, world.matter.id).await?;
        let filter = RequestFilter {
            matter: Some(world.matter.id),
            ..RequestFilter::default()
        };
        let page = store.requests(practice, &filter, &PageRequest::first(50)).await?;
        let ids: Vec<_> = page.items.iter().map(|request| request.id).collect();
        store.document_counts_by_request(practice, &ids).await?;
        let record = store.driver().take();
        store.commit(change(world)).await?;
        let change = store.driver().take();
        store.close().await;
        Ok(Self { list, record, change })
    }
}

/// What adding a request writes.
pub(crate) fn change(world: &World) -> Change {
    let samples = &world.samples;
    let mut request = samples.request(&world.matter, &world.client);
    request.id = RandomIds.uuid().into();
    let ctx = samples.as_staff(&world.owner);
    let subject = Subject::new("request", request.id);
    let entry = portal_core::audit::AuditEntry::new(RandomIds.uuid().into(), &ctx, "request.added", subject)
        .on(world.matter.id);
    let added = EventKind::RequestsAdded {
        matter: world.matter.id,
        client: world.client.id,
        requests: vec![request.id],
    };
    let event = portal_core::Event::new(RandomIds.uuid().into(), samples.practice, added, samples.at);
    Change::audited(entry).save(request).save(event)
}

/// The ids of what these statements write: a statement names its row by the second argument, and another one may name it too.
pub(crate) fn new_ids(statements: &[Statement]) -> Vec<Value> {
    let named = statements.iter().filter_map(|statement| statement.args.get(1));
    named
        .filter(|value| matches!(value, Value::Id(Some(_))))
        .cloned()
        .collect()
}

/// A script for pgbench, with the values of its variables.
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    pub(crate) variables: Vec<String>,
}

impl Script {
    /// These statements with these arguments; each new row gets an id of its own. `BEGIN` and `COMMIT` stand around them
    /// when they write.
    pub(crate) fn of(statements: &[Statement], writes: bool, path: &Path) -> Result<Self, Failed> {
        let new = if writes { new_ids(statements) } else { Vec::new() };
        let mut text = String::new();
        let mut variables = Vec::new();
        if writes {
            text.push_str("BEGIN;\n");
        }
        for (number, statement) in statements.iter().enumerate() {
            let mut parts = statement.sql.split('$');
            text.push_str(parts.next().unwrap_or_default());
            for part in parts {
                let end = part
                    .bytes()
                    .position(|b| !b.is_ascii_digit())
                    .unwrap_or(part.len());
                let (digits, rest) = part.split_at(end);
                let place: usize = digits.parse()?;
                let value = statement.args.get(place - 1);
                match value.map(literal) {
                    _ if value.is_some_and(|value| new.contains(value)) => text.push_str("gen_random_uuid()"),
                    Some(Some(value)) => {
                        let name = format!("a{number}x{place}");
                        text.push(':');
                        text.push_str(&name);
                        let variable = format!("{name}={value}");
                        if !variables.contains(&variable) {
                            variables.push(variable);
                        }
                    }
                    _ => text.push_str("NULL"),
                }
                text.push_str(rest);
            }
            text.push_str(";\n");
        }
        if writes {
            text.push_str("COMMIT;\n");
        }
        std::fs::write(path, text)?;
        Ok(Self {
            path: path.to_owned(),
            variables,
        })
    }
}

/// How PostgreSQL reads the value as text.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Id(value) => value.map(|id| id.to_string()),
        Value::Int(value) => value.map(|number| number.to_string()),
        Value::Bool(value) => value.map(|is| is.to_string()),
        Value::Text(value) => value.clone(),
        Value::Bytes(value) => value.as_ref().map(|bytes| {
            let mut hex = "\\x".to_owned();
            for byte in bytes {
                // Writing to text cannot fail.
                let _ = write!(hex, "{byte:02x}");
            }
            hex
        }),
        Value::Stamp(value) => value.map(|at| at.to_string()),
        Value::Day(value) => value.map(|day| day.to_string()),
        Value::Json(value) => value.as_ref().map(ToString::to_string),
    }
}
