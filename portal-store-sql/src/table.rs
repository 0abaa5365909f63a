//! Saving a record: one statement, the same on both databases.

use std::sync::OnceLock;

use portal_core::{PracticeId, StoreError, Version};
use uuid::Uuid;

use crate::statement::{Must, Sql, Statement, Step};
use crate::value::{Argument, Value};

/// A table of records. Its first three columns are `practice_id`, `id` and `version`.
#[derive(Debug)]
pub(crate) struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    insert: OnceLock<String>,
    update: OnceLock<String>,
}

impl Table {
    /// The table `name` with these columns after the first three.
    pub(crate) const fn new(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            name,
            columns,
            insert: OnceLock::new(),
            update: OnceLock::new(),
        }
    }

    /// Saves a record at the version it shall have. A new one must not exist yet, any other must exist at the
    /// version before: no row is written otherwise.
    pub(crate) fn save(
        &'static self,
        practice: impl Argument,
        id: impl Argument,
        version: Version,
        values: Vec<Value>,
    ) -> Result<Step, StoreError> {
        if values.len() != self.columns.len() {
            return Err(StoreError::Failed(format!("{} has other columns", self.name)));
        }
        let mut args = vec![practice.value(), id.value(), version.value()];
        args.extend(values);
        let (sql, inserts) = if version == Version::FIRST {
            (self.insert(), Some(self.name))
        } else {
            (self.update(), None)
        };
        Ok(Step {
            statement: Statement::fixed(sql, args),
            must: Must::WriteOne,
            inserts,
        })
    }

    /// The statements that save a new record and one that exists.
    pub(crate) fn saves(&'static self) -> [&'static str; 2] {
        [self.insert(), self.update()]
    }

    fn insert(&'static self) -> &'static str {
        self.insert.get_or_init(|| {
            let columns = self.columns.join(", ");
            let places: Vec<String> = (1..=self.columns.len() + 3).map(|n| format!("${n}")).collect();
            format!(
                "INSERT INTO {} (practice_id, id, version, {columns}) VALUES ({}) \
                 ON CONFLICT (practice_id, id) DO NOTHING",
                self.name,
                places.join(", ")
            )
        })
    }

    fn update(&'static self) -> &'static str {
        self.update.get_or_init(|| {
            let sets: Vec<String> = self
                .columns
                .iter()
                .zip(4..)
                .map(|(column, n)| format!("{column} = ${n}"))
                .collect();
            format!(
                "UPDATE {} SET version = $3, {} WHERE practice_id = $1 AND id = $2 AND version = $3 - 1",
                self.name,
                sets.join(", ")
            )
        })
    }

    /// Finds the record if it is still at `version`, and keeps it there until the transaction ends.
    pub(crate) fn guard(
        &self,
        hold: &'static str,
        practice: impl Argument,
        id: impl Argument,
        version: Version,
    ) -> Step {
        let sql = format!(
            "SELECT id FROM {} WHERE practice_id = $1 AND id = $2 AND version = $3{hold}",
            self.name
        );
        Step {
            statement: Statement {
                sql: sql.into(),
                args: vec![practice.value(), id.value(), version.value()],
            },
            must: Must::FindOne,
            inserts: None,
        }
    }
}

/// How the rows of a table are read.
pub(crate) trait Selects {
    /// Its columns, as a `SELECT` or `RETURNING` lists them.
    const COLUMNS: &'static str;
    /// From the table, within the practice that follows.
    const FROM: &'static str;
    /// And with the id that follows.
    const AND_ID: &'static str;

    /// `SELECT` of the rows of a practice, to be narrowed down.
    fn select(practice: PracticeId) -> Sql {
        let mut sql = Sql::new("SELECT ");
        sql.push(Self::COLUMNS).push(Self::FROM).bind(practice);
        sql
    }

    /// `SELECT` of one row.
    fn by_id(practice: PracticeId, id: impl Into<Uuid>) -> Statement {
        let mut sql = Self::select(practice);
        sql.push(Self::AND_ID).bind(id.into());
        sql.done()
    }
}

/// A row among other columns, read by their place: several tables' rows can stand in one.
pub(crate) trait At<'r, R: sqlx::Row>: Sized {
    /// How many columns it takes.
    const WIDTH: usize;
    /// Reads it from the columns that begin at `first`.
    fn at(row: &'r R, first: usize) -> sqlx::Result<Self>;
}

/// `None` when an outer join found no row: then not even the practice is there.
impl<'r, R: sqlx::Row, T: At<'r, R>> At<'r, R> for Option<T>
where
    usize: sqlx::ColumnIndex<R>,
    Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    const WIDTH: usize = T::WIDTH;

    fn at(row: &'r R, first: usize) -> sqlx::Result<Self> {
        match row.try_get::<Option<Uuid>, _>(first)? {
            Some(_) => T::at(row, first).map(Some),
            None => Ok(None),
        }
    }
}

/// A table, and the row that is read from it: the columns that records are made of, then those that only serve
/// searches, sorting and unique rules.
macro_rules! table {
    ($table:ident = $name:literal as $row:ident { $($column:ident: $type:ty,)* } + [$($hidden:ident),*]) => {
        pub(crate) static $table: crate::table::Table = crate::table::Table::new(
            $name,
            &[$(stringify!($column),)* $(stringify!($hidden),)*],
        );

        pub(crate) struct $row {
            practice_id: uuid::Uuid,
            id: uuid::Uuid,
            version: i64,
            $($column: $type,)*
        }

        impl<'r, R: sqlx::Row> crate::table::At<'r, R> for $row
        where
            usize: sqlx::ColumnIndex<R>,
            uuid::Uuid: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
            $($type: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,)*
        {
            const WIDTH: usize = [$(stringify!($column)),*].len() + 3;

            fn at(row: &'r R, first: usize) -> sqlx::Result<Self> {
                let mut next = first + 2;
                Ok(Self {
                    practice_id: row.try_get(first)?,
                    id: row.try_get(first + 1)?,
                    version: row.try_get(first + 2)?,
                    $($column: {
                        next += 1;
                        row.try_get(next)?
                    },)*
                })
            }
        }

        /// By place: looking up each column of each row by its name takes longer than reading it.
        impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for $row
        where
            Self: crate::table::At<'r, R>,
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                crate::table::At::at(row, 0)
            }
        }

        impl crate::table::Selects for $row {
            const COLUMNS: &'static str = concat!(
                $name, ".practice_id, ", $name, ".id, ", $name, ".version"
                $(, ", ", $name, ".", stringify!($column))*
            );
            const FROM: &'static str = concat!(" FROM ", $name, " WHERE ", $name, ".practice_id = ");
            const AND_ID: &'static str = concat!(" AND ", $name, ".id = ");
        }
    };
}
pub(crate) use table;
