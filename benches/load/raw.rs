//! A database without a store: for what no store offers, such as rows by the million.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, SqliteConnection};

use crate::Failed;

/// The database, for what no store offers: copying rows by the million.
pub(crate) enum Raw {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Raw {
    pub(crate) async fn run(&mut self, sql: String) -> Result<(), Failed> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Postgres(connection) => {
                connection.execute(sql).await?;
            }
            Self::Sqlite(connection) => {
                connection.execute(sql).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn columns(&mut self, table: &'static str) -> Result<Vec<String>, Failed> {
        Ok(match self {
            Self::Postgres(connection) => {
                let sql = "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 \
                           AND table_schema = 'public' ORDER BY ordinal_position";
                sqlx::query_scalar(sql).bind(table).fetch_all(connection).await?
            }
            Self::Sqlite(connection) => {
                let sql = "SELECT name FROM pragma_table_info($1) ORDER BY cid";
                sqlx::query_scalar(sql).bind(table).fetch_all(connection).await?
            }
        })
    }

    pub(crate) const fn new_id(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "gen_random_uuid()",
            Self::Sqlite(_) => "randomblob(16)",
        }
    }

    pub(crate) fn numbers(&self, count: u32) -> String {
        match self {
            Self::Postgres(_) => format!("generate_series(1, {count}) AS series (n)"),
            Self::Sqlite(_) => format!(
                "(WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}) SELECT n FROM series) AS series"
            ),
        }
    }

    /// Copies rows of `table` that `of` chooses, as many times as `count` says; `changed` gives what a column has in the copy number `n`.
    pub(crate) async fn copies(
        &mut self,
        table: &'static str,
        of: &str,
        count: u32,
        changed: impl Fn(&Self, &str) -> Option<String>,
    ) -> Result<(), Failed> {
        let columns = self.columns(table).await?;
        let copied: Vec<String> = columns
            .iter()
            .map(|column| changed(self, column).unwrap_or_else(|| format!("{table}.{column}")))
            .collect();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} CROSS JOIN {} WHERE {of}",
            columns.join(", "),
            copied.join(", "),
            self.numbers(count)
        );
        self.run(sql).await?;
        self.tidy().await
    }

    pub(crate) async fn tidy(&mut self) -> Result<(), Failed> {
        let sql = match self {
            Self::Postgres(_) => "VACUUM ANALYZE",
            Self::Sqlite(_) => "ANALYZE",
        };
        self.run(sql.to_owned()).await
    }
}
