//! Every statement is prepared against a real database, and those that people wait for find their rows by an index.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../../portal-store-sql/tests/shared/lists.rs"]
mod lists;

use portal_store_postgres::testing::ThrowAway;
use portal_store_sql::catalogue::{Entry, Use, every_statement};
use portal_store_sql::{Dialect, arguments};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Row};

async fn connection(database: &ThrowAway) -> PgConnection {
    PgConnection::connect(&database.url()).await.unwrap()
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let database = ThrowAway::create().await;
    let mut connection = connection(&database).await;
    for entry in every_statement(Dialect::Postgres).unwrap() {
        let sql = entry.statement.sql.clone();
        if let Err(error) = connection
            .prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(sql.clone())))
            .await
        {
            panic!("{}: {error}\n{sql}", entry.name);
        }
    }
}

/// The plan of a statement with its sample arguments, as the server would carry it out.
async fn plan(connection: &mut PgConnection, entry: &Entry) -> Value {
    let sql = format!("EXPLAIN (FORMAT JSON) {}", entry.statement.sql);
    let arguments = arguments::<Postgres>(entry.statement.args.clone()).unwrap();
    let row = sqlx::query_with(AssertSqlSafe(sql), arguments)
        .fetch_one(connection)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", entry.name));
    row.get::<Value, _>(0)[0]["Plan"].clone()
}

/// Calls `look` with each node of a plan.
fn walk(node: &Value, look: &mut impl FnMut(&Value)) {
    look(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, look);
    }
}

/// On empty tables the planner prefers to scan; told not to, it shows whether it has another way.
#[tokio::test]
async fn what_people_wait_for_uses_an_index() {
    let database = ThrowAway::create().await;
    let mut connection = connection(&database).await;
    connection.execute("SET enable_seqscan = off").await.unwrap();
    for entry in every_statement(Dialect::Postgres).unwrap() {
        // The list of practices, the worker and housekeeping serve all practices at once.
        if matches!(entry.used, Use::Rare | Use::Saves) {
            continue;
        }
        let plan = plan(&mut connection, &entry).await;
        walk(&plan, &mut |node| {
            let kind = node["Node Type"].as_str().unwrap_or_default();
            let by_practice = node["Index Cond"]
                .as_str()
                .is_some_and(|cond| entry.used == Use::Shared || cond.contains("practice_id ="));
            let fine = match kind {
                "Seq Scan" => false,
                "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => by_practice,
                _ => true,
            };
            assert!(fine, "{}: {node:#}\n{}", entry.name, entry.statement.sql);
        });
    }
}

/// The first page of a list must not sort the whole list: there is an index in its order.
#[tokio::test]
async fn whole_lists_are_not_sorted() {
    let database = ThrowAway::create().await;
    let mut connection = connection(&database).await;
    for setting in [
        "enable_seqscan",
        "enable_bitmapscan",
        "enable_sort",
        "enable_incremental_sort",
    ] {
        connection
            .execute(AssertSqlSafe(format!("SET {setting} = off")))
            .await
            .unwrap();
    }
    let entries = every_statement(Dialect::Postgres).unwrap();
    for name in lists::WHOLE {
        for name in [name.to_owned(), format!("{name}, next page")] {
            let entry = entries
                .iter()
                .find(|entry| entry.name == name)
                .unwrap_or_else(|| panic!("{name}"));
            let plan = plan(&mut connection, entry).await;
            walk(&plan, &mut |node| {
                let kind = node["Node Type"].as_str().unwrap_or_default();
                assert!(!kind.contains("Sort"), "{name} sorts: {plan:#}");
            });
        }
    }
}
