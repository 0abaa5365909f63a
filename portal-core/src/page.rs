//! Lists in pages. No list is ever cut short without a way on.
//!
//! Each list says what it is sorted by. Text keys are compared byte by byte (that is, by code point), and equal keys
//! by id, in the same direction.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::FieldError;

/// Where a page ended: the last item's sort key and id. Its text is opaque.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The last item's value in the list's sort column, as text.
    pub key: String,
    /// The last item's id, which settles ties.
    pub id: Uuid,
}

impl Cursor {
    /// What is wrong with one that the list did not give out.
    #[must_use]
    pub fn malformed() -> FieldError {
        FieldError::new(
            "cursor",
            "malformed",
            "This is not a cursor that the list gave out. Start again without one.",
        )
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.as_bytes().to_vec();
        bytes.extend_from_slice(self.key.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Self, FieldError> {
        let wrong = Self::malformed;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (id, key) = bytes.split_at_checked(16).ok_or_else(wrong)?;
        Ok(Self {
            id: Uuid::from_slice(id).map_err(|_| wrong())?,
            key: String::from_utf8(key.to_vec()).map_err(|_| wrong())?,
        })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many items; none when only the count is wanted.
    pub limit: u32,
    /// After this place; from the start when `None`.
    pub after: Option<Cursor>,
    /// Whether to count the whole list as well, which costs a scan of it.
    pub total: bool,
}

impl PageRequest {
    /// The most items a page may have.
    pub const MOST: u32 = 200;

    /// The first `limit` items (1 to 200; anything else is brought into that range).
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self {
            limit: limit.clamp(1, Self::MOST),
            after: None,
            total: false,
        }
    }

    /// No items, only the list's total count.
    #[must_use]
    pub const fn count() -> Self {
        Self {
            limit: 0,
            after: None,
            total: true,
        }
    }

    /// The page after `cursor`.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// The same page with the list's total count.
    #[must_use]
    pub fn with_total(mut self) -> Self {
        self.total = true;
        self
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::first(50)
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end of the list.
    pub next: Option<Cursor>,
    /// How many items the whole list has, when asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// Cuts a page out of what a store read: it reads one row more than asked, which tells if there is more.
    pub fn cut(
        mut items: Vec<T>,
        request: &PageRequest,
        total: Option<u64>,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next, total }
    }

    /// The same page of other items.
    pub fn map<U>(self, map: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(map).collect(),
            next: self.next,
            total: self.total,
        }
    }
}
