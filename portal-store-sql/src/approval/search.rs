//! Searching among more approvals than one reads through while somebody waits.
//!
//! Words that many approvals have are found among the newest; a word that few have is found by an index of parts of words (three
//! characters each), which would be slow for the former: it gives all that have them, to be sorted then. So the newest are
//! looked through first, and the index is asked only when these do not fill the page.

use portal_core::approval::ApprovalFilter;
use portal_core::{PageRequest, PracticeId, StoreError, Timestamp, text};
use sqlx::FromRow;

use crate::driver::Dialect;
use crate::list::Key;
use crate::statement::{Sql, Statement};
use crate::store::Reads;
use crate::value::Stamp;

/// How many of the newest are looked through.
const NEWEST: i64 = 2_000;

/// The least characters that the index of parts knows.
const PART: usize = 3;

#[derive(FromRow)]
pub(crate) struct OldestRow {
    created_at: Stamp,
}

impl Reads for OldestRow {
    type Record = Timestamp;
    fn record(self) -> Result<Timestamp, StoreError> {
        Ok(self.created_at.0)
    }
}

/// Whether `filter` asks for words.
pub(super) fn has_words(filter: &ApprovalFilter) -> bool {
    filter
        .q
        .as_deref()
        .is_some_and(|q| !text::fold(q).trim().is_empty())
}

/// When the oldest of the newest was asked, of those that come after the page's cursor; no row when there are not as many.
pub(crate) fn oldest_of_newest(
    practice: PracticeId,
    filter: &ApprovalFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = Sql::new("SELECT approval.created_at FROM approval WHERE approval.practice_id = ");
    sql.bind(practice)
        .and(" AND approval.created_at < ", filter.before);
    sql.after(page, Key::Stamp, " AND (approval.created_at, approval.id) < (")?
        .push(" ORDER BY approval.created_at DESC, approval.id DESC LIMIT 1 OFFSET ")
        .bind(NEWEST - 1);
    Ok(sql.done())
}

/// `filter` among those that were asked at `oldest` or later.
pub(super) fn among_newest(filter: &ApprovalFilter, oldest: Timestamp) -> ApprovalFilter {
    ApprovalFilter {
        since: Some(filter.since.map_or(oldest, |since| since.max(oldest))),
        ..filter.clone()
    }
}

/// Only those that the index of parts finds. It finds all that have the words, and on SQLite perhaps more: what a filter asks is to
/// be asked beside it.
pub(super) fn by_parts(sql: &mut Sql, dialect: Dialect, practice: PracticeId, filter: &ApprovalFilter) {
    let q = filter.q.as_deref();
    match dialect {
        Dialect::Postgres => {
            // The array is made once. The index is over this expression, so that nobody uses it who does not name it.
            sql.push(
                " AND approval.id = ANY(ARRAY(SELECT found.id FROM approval AS found WHERE found.practice_id = ",
            )
            .bind(practice)
            .words(q, |sql, pattern| {
                sql.like("(found.search_text || '')", pattern);
            })
            .push("))");
        }
        Dialect::Sqlite => {
            if let Some(phrases) = phrases(q.unwrap_or_default()) {
                sql.push(
                    " AND approval.id IN (SELECT found.approval_id FROM approval_parts AS found WHERE found.approval_parts MATCH ",
                )
                .bind(phrases)
                .push(" AND found.practice_id = ")
                .bind(practice)
                .push(")");
            }
        }
    }
}

/// The words of a search as FTS5 wants them, each a string that must be there; none when all are too short for it.
fn phrases(q: &str) -> Option<String> {
    let words = crate::list::words(q).filter(|word| word.chars().count() >= PART);
    let quoted: Vec<String> = words
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::phrases;

    #[test]
    fn phrases_are_quoted_and_long_enough() {
        assert_eq!(
            phrases("Erkl\u{e4}rung 4\" \"x\" an or").as_deref(),
            Some("\"erklarung\" AND \"\"\"x\"\"\"")
        );
        assert_eq!(phrases("an or \u{7b7e}\u{8bc1}"), None);
    }
}
