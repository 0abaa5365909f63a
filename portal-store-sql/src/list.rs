//! Lists: pages by key, searches by word.

use portal_core::{Cursor, Digest, PageRequest, StoreError, Timestamp, text};
use uuid::Uuid;

use crate::statement::Sql;
use crate::value::{Argument, Value};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Text,
    Stamp,
    Number,
}

impl Key {
    /// The sort column's value at which a page ended.
    fn read(self, cursor: &Cursor) -> Result<Value, StoreError> {
        match self {
            Self::Text => Ok(cursor.key.as_str().value()),
            Self::Stamp => cursor
                .key
                .parse::<Timestamp>()
                .map(Argument::value)
                .map_err(|_| StoreError::Cursor),
            Self::Number => cursor
                .key
                .parse::<i64>()
                .map(Argument::value)
                .map_err(|_| StoreError::Cursor),
        }
    }
}

impl Sql {
    /// Goes on after the page's cursor. `begins` is ` AND (column, id) > (`, or `<` where the list descends.
    pub(crate) fn after(
        &mut self,
        page: &PageRequest,
        key: Key,
        begins: &'static str,
    ) -> Result<&mut Self, StoreError> {
        if let Some(cursor) = &page.after {
            self.push(begins)
                .bind(key.read(cursor)?)
                .push(", ")
                .bind(cursor.id)
                .push(")");
        }
        Ok(self)
    }

    /// One row more than the page has, which tells if there is more.
    pub(crate) fn limit(&mut self, page: &PageRequest) -> &mut Self {
        self.push(" LIMIT ").bind(i64::from(page.limit) + 1)
    }

    /// ` AND column = argument`, when there is one.
    pub(crate) fn and(&mut self, condition: &'static str, argument: Option<impl Argument>) -> &mut Self {
        if let Some(argument) = argument {
            self.push(condition).bind(argument);
        }
        self
    }

    /// Each word of `q` must be somewhere: `condition` is asked to look for the pattern that it is given.
    pub(crate) fn words(&mut self, q: Option<&str>, condition: impl Fn(&mut Self, String)) -> &mut Self {
        for pattern in patterns(q.unwrap_or_default()) {
            self.push(" AND (");
            condition(self, pattern);
            self.push(")");
        }
        self
    }

    /// Looks for a pattern in a column.
    pub(crate) fn like(&mut self, column: &'static str, pattern: impl Argument) -> &mut Self {
        self.push(column)
            .push(" LIKE ")
            .bind(pattern)
            .push(" ESCAPE '\\'")
    }
}

/// The most words of a search that count.
const MOST_WORDS: usize = 8;
/// The most characters of a word that count: SQLite refuses longer patterns. No searched text is as long, so that a word
/// cut here
/// finds nothing, as it should.
const MOST_CHARS: usize = 10_000;

/// A search's words, folded, as many and as much of them as count.
pub(crate) fn words(q: &str) -> impl Iterator<Item = String> {
    let folded = text::fold(q);
    let words = folded.split_whitespace().take(MOST_WORDS);
    let words: Vec<String> = words
        .map(|word| word.chars().take(MOST_CHARS).collect())
        .collect();
    words.into_iter()
}

/// The `LIKE` patterns of a search's words.
fn patterns(q: &str) -> impl Iterator<Item = String> {
    words(q).map(|word| {
        let mut pattern = String::with_capacity(word.len() + 2);
        pattern.push('%');
        for c in word.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        pattern
    })
}

/// The form of a folded text that lists sort by: cut, because PostgreSQL's indexes take no more than 2,704 bytes.
pub(crate) fn sort_key(folded: &str) -> String {
    folded.chars().take(300).collect()
}

/// The form of a folded text that a unique rule compares, short enough for an index: a long one is told from others by
/// its hash. It still sorts as the text does, up to where it was cut.
pub(crate) fn unique_key(folded: &str) -> String {
    if folded.len() <= MOST_KEY_BYTES {
        return folded.to_owned();
    }
    let beginning: String = folded.chars().take(300).collect();
    format!("{beginning} {}", Digest::of(folded.as_bytes()))
}

/// PostgreSQL's indexes take 2,704 bytes, and the practice's and the record's id go in too.
const MOST_KEY_BYTES: usize = 2_000;

pub(crate) fn cursor(key: &impl ToString, id: impl Into<Uuid>) -> Cursor {
    Cursor {
        key: key.to_string(),
        id: id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_escaped_and_limited() {
        let all = |q| patterns(q).collect::<Vec<_>>();
        assert_eq!(all("  \u{c9}milie 100%_a\\b "), ["%emilie%", "%100\\%\\_a\\\\b%"]);
        assert!(all(" \t ").is_empty());
        assert_eq!(all("1 2 3 4 5 6 7 8 9 10").len(), 8);
    }

    #[test]
    fn long_keys_are_cut_and_stay_different() {
        assert_eq!(unique_key("passport"), "passport");
        // One sign that folds to eighteen letters.
        let long = |end: &str| unique_key(&text::fold(&format!("{}{end}", "\u{fdfa}".repeat(119))));
        assert!(long("a").len() <= MOST_KEY_BYTES);
        assert_ne!(long("a"), long("b"));
        assert_eq!(long("a"), long("A"));
    }

    #[test]
    fn a_cursor_of_another_kind_is_refused() {
        let cursor = Cursor {
            key: "soon".into(),
            id: Uuid::nil(),
        };
        for key in [Key::Stamp, Key::Number] {
            assert_eq!(key.read(&cursor), Err(StoreError::Cursor));
        }
    }
}
