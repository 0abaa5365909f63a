//! Every statement is prepared against a real database, and those that people wait for find their rows by an index.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../portal-store-sql/tests/shared/lists.rs"]
mod lists;

use portal_store_sql::catalogue::{Use, every_statement};
use portal_store_sql::{Dialect, arguments, rule_of_columns};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Executor, Row, Sqlite};
use tempfile::TempDir;

async fn database() -> (TempDir, SqlitePool) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("portal.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path))
        .await
        .unwrap();
    (directory, pool)
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let (_directory, pool) = database().await;
    let entries = every_statement(Dialect::Sqlite).unwrap();
    assert!(
        entries.len() > 150,
        "the catalogue has {} statements",
        entries.len()
    );
    for entry in entries {
        let sql = entry.statement.sql.clone();
        if let Err(error) = pool
            .prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(sql.clone())))
            .await
        {
            panic!("{}: {error}\n{sql}", entry.name);
        }
    }
}

/// Whether a step of a plan finds its rows by an index that the practice leads. A statement's own subqueries (a matter's
/// `line` of ancestors, what a claim found `due`, what a count `found`, the words that are `used`, constants) are as short as their
/// limits and may be scanned.
fn finds_by_practice(step: &str) -> bool {
    if step.starts_with("SEARCH ") {
        step.contains("practice_id=?")
    } else if step.starts_with("SCAN ") {
        [
            "SCAN line",
            "SCAN due",
            "SCAN found",
            "SCAN used",
            "SCAN CONSTANT ROW",
        ]
        .iter()
        .any(|own| step.starts_with(own))
    } else {
        true
    }
}

#[tokio::test]
async fn what_people_wait_for_uses_an_index() {
    let (_directory, pool) = database().await;
    for entry in every_statement(Dialect::Sqlite).unwrap() {
        let fine: fn(&str) -> bool = match entry.used {
            Use::Hot => finds_by_practice,
            Use::Shared => |step| !step.starts_with("SCAN "),
            // The list of practices, the worker and housekeeping serve all practices at once.
            Use::Rare | Use::Saves => continue,
        };
        let sql = format!("EXPLAIN QUERY PLAN {}", entry.statement.sql);
        let arguments = arguments::<Sqlite>(entry.statement.args.clone()).unwrap();
        let plan = sqlx::query_with(AssertSqlSafe(sql), arguments)
            .fetch_all(&pool)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get::<String, _>("detail")).collect();
        for step in &steps {
            assert!(
                fine(step),
                "{}: {step}\nplan: {steps:#?}\n{}",
                entry.name,
                entry.statement.sql
            );
        }
    }
}

/// The first page of a list must not sort the whole list. Those that are narrowed down to a few rows first may sort
/// these few.
#[tokio::test]
async fn whole_lists_are_not_sorted() {
    let (_directory, pool) = database().await;
    let entries = every_statement(Dialect::Sqlite).unwrap();
    for name in lists::WHOLE {
        for name in [name.to_owned(), format!("{name}, next page")] {
            let entry = entries
                .iter()
                .find(|entry| entry.name == name)
                .unwrap_or_else(|| panic!("{name}"));
            let sql = format!("EXPLAIN QUERY PLAN {}", entry.statement.sql);
            let arguments = arguments::<Sqlite>(entry.statement.args.clone()).unwrap();
            let plan = sqlx::query_with(AssertSqlSafe(sql), arguments)
                .fetch_all(&pool)
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.get::<String, _>("detail")).collect();
            assert!(
                steps.iter().all(|step| !step.contains("TEMP B-TREE FOR ORDER BY")
                    && !step.contains("LAST TERM OF ORDER BY")),
                "{name} sorts: {steps:#?}"
            );
        }
    }
}

/// SQLite's errors name columns, not rules: each unique index must be one that the program knows by its columns.
#[tokio::test]
async fn every_unique_index_is_a_rule() {
    let (_directory, pool) = database().await;
    let indexes = sqlx::query(
        "SELECT t.name AS table_name, i.name AS index_name, \
         (SELECT group_concat(t.name || '.' || c.name, ', ') FROM pragma_index_info(i.name) AS c) AS columns \
         FROM sqlite_schema AS t JOIN pragma_index_list(t.name) AS i \
         WHERE t.type = 'table' AND i.\"unique\" AND i.origin <> 'pk' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut found: Vec<&str> = indexes
        .iter()
        .map(|index| {
            let columns: String = index.get("columns");
            rule_of_columns(&columns).unwrap_or_else(|| panic!("no rule is over {columns}"))
        })
        .collect();
    found.sort_unstable();
    let mut rules = portal_core::unique::ALL.to_vec();
    rules.sort_unstable();
    assert_eq!(found, rules);
}
