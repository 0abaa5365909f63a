//! What an axum handler over sqlx does when nothing is asked of it but the work itself: no policy, no limits, no log, no
//! problem answers. The portal is measured beside it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::StreamExt;
use portal_core::{Digest, Ids, RandomIds, SecretLocator};
use portal_store_sql::{Statement, Value, arguments};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgPoolOptions, PgRow};
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, Row};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::Failed;
use crate::statements::{Statements, new_ids};
use crate::world::World;

struct Bare {
    pool: PgPool,
    statements: Statements,
    folder: PathBuf,
}

/// Why a bare handler answers 500 or 401.
struct Trouble(StatusCode);

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        eprintln!("{error}");
        Self(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Serves until it is killed.
pub(crate) async fn serve(address: SocketAddr, database: &str, folder: PathBuf) -> Result<(), Failed> {
    let statements = Statements::listen(database, &World::new()).await?;
    // sqlx's own settings, but for the number of connections, which is the portal's.
    let pool = PgPoolOptions::new().max_connections(16).connect(database).await?;
    let bare = Arc::new(Bare {
        pool,
        statements,
        folder,
    });
    let app = Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/open-list", get(open_list))
        .route("/list", get(list))
        .route("/record", get(record))
        .route("/change", post(change))
        .route("/upload", post(upload))
        .route("/download/{name}", get(download))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(bare);
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn rows(pool: &PgPool, statement: &Statement) -> Result<Vec<PgRow>, Trouble> {
    let arguments = arguments::<Postgres>(statement.args.clone())?;
    Ok(sqlx::query_with(AssertSqlSafe(statement.sql.clone()), arguments)
        .fetch_all(pool)
        .await?)
}

/// Whoever holds the cookie has a session, or the answer is 401.
async fn signed_in(bare: &Bare, headers: &HeaderMap) -> Result<(), Trouble> {
    let cookie = headers
        .get(header::COOKIE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let token = cookie.strip_prefix("portal-staff=").unwrap_or_default();
    let token: SecretLocator = token.parse().map_err(|_| Trouble(StatusCode::UNAUTHORIZED))?;
    let Digest(digest) = token.secret.digest();
    let sql = "SELECT id, staff_id, expires_at FROM session WHERE practice_id = $1 AND secret_digest = $2 AND ended_at IS NULL";
    let found = sqlx::query(sql)
        .bind(token.practice.0)
        .bind(digest.to_vec())
        .fetch_optional(&bare.pool)
        .await?;
    found.map(drop).ok_or(Trouble(StatusCode::UNAUTHORIZED))
}

#[derive(Serialize)]
struct Item {
    id: Uuid,
    reference: String,
    title: String,
    stage: Option<String>,
    state: String,
    beside: usize,
}

async fn items(bare: &Bare) -> Result<Json<Vec<Item>>, Trouble> {
    let mut pages = bare.statements.list.iter();
    let mut items = Vec::new();
    if let Some(list) = pages.next() {
        for row in rows(&bare.pool, list).await? {
            items.push(Item {
                id: row.try_get("id")?,
                reference: row.try_get("reference")?,
                title: row.try_get("title")?,
                stage: row.try_get("stage")?,
                state: row.try_get("state")?,
                beside: 0,
            });
        }
    }
    for beside in pages {
        for row in rows(&bare.pool, beside).await? {
            let matter: Uuid = row.try_get("matter_id")?;
            if let Some(item) = items.iter_mut().find(|item| item.id == matter) {
                item.beside += 1;
            }
        }
    }
    Ok(Json(items))
}

/// Without asking who asks.
async fn open_list(State(bare): State<Arc<Bare>>) -> Result<Json<Vec<Item>>, Trouble> {
    items(&bare).await
}

async fn list(State(bare): State<Arc<Bare>>, headers: HeaderMap) -> Result<Json<Vec<Item>>, Trouble> {
    signed_in(&bare, &headers).await?;
    items(&bare).await
}

#[derive(Serialize)]
struct Child {
    id: Uuid,
    title: String,
    help: String,
    state: String,
}

async fn record(State(bare): State<Arc<Bare>>, headers: HeaderMap) -> Result<Json<Vec<Child>>, Trouble> {
    signed_in(&bare, &headers).await?;
    let mut children = Vec::new();
    for (number, statement) in bare.statements.record.iter().enumerate() {
        for row in rows(&bare.pool, statement).await? {
            if number > 0 {
                children.push(Child {
                    id: row.try_get("id")?,
                    title: row.try_get("title")?,
                    help: row.try_get("help")?,
                    state: row.try_get("state")?,
                });
            }
        }
    }
    Ok(Json(children))
}

async fn change(State(bare): State<Arc<Bare>>, headers: HeaderMap) -> Result<StatusCode, Trouble> {
    signed_in(&bare, &headers).await?;
    let mut transaction = bare.pool.begin().await?;
    let ids = new_ids(&bare.statements.change);
    let ids: Vec<(Value, Value)> = ids
        .into_iter()
        .map(|id| (id, Value::Id(Some(RandomIds.uuid()))))
        .collect();
    for statement in &bare.statements.change {
        let mut statement = statement.clone();
        for argument in &mut statement.args {
            if let Some((_, id)) = ids.iter().find(|(old, _)| old == argument) {
                *argument = id.clone();
            }
        }
        let arguments = arguments::<Postgres>(statement.args)?;
        transaction
            .execute(sqlx::query_with(AssertSqlSafe(statement.sql), arguments))
            .await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::CREATED)
}

/// Streams, hashes, syncs, renames.
async fn upload(State(bare): State<Arc<Bare>>, request: Request<Body>) -> Result<String, Trouble> {
    let name = RandomIds.uuid().to_string();
    let unfinished = bare.folder.join(format!("{name}.part"));
    let mut file = tokio::fs::File::create(&unfinished).await?;
    let mut hash = Sha256::new();
    let mut body = request.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        hash.update(&chunk);
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    tokio::fs::rename(&unfinished, bare.folder.join(&name)).await?;
    Ok(format!("{name} {:?}", hash.finalize()))
}

/// Streams, in pieces of the size that tower-http's `ServeDir` reads.
async fn download(State(bare): State<Arc<Bare>>, Path(name): Path<Uuid>) -> Result<Response, Trouble> {
    let file = tokio::fs::File::open(bare.folder.join(name.to_string())).await?;
    let length = file.metadata().await?.len();
    let body = Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024));
    Ok(([(header::CONTENT_LENGTH, length)], body).into_response())
}
