use uuid::Uuid;

use crate::text::fold;
use crate::{Cursor, Page, PageRequest};

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Rising,
    Falling,
}

/// The page of `rows` that is wanted, ordered by `key`: the sort key as text, and the id.
pub(super) fn page<T>(
    mut rows: Vec<T>,
    request: &PageRequest,
    order: Order,
    key: impl Fn(&T) -> (String, Uuid),
) -> Page<T> {
    let total = request
        .total
        .then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX));
    rows.sort_by_cached_key(&key);
    if order == Order::Falling {
        rows.reverse();
    }
    if let Some(after) = &request.after {
        let last = (after.key.clone(), after.id);
        rows.retain(|row| match order {
            Order::Rising => key(row) > last,
            Order::Falling => key(row) < last,
        });
    }
    Page::cut(rows, request, total, |row| {
        let (key, id) = key(row);
        Cursor { key, id }
    })
}

/// Whether `text`, which is folded, has each word of the search somewhere. No search finds everything.
pub(super) fn finds(search: Option<&str>, text: &str) -> bool {
    search.is_none_or(|search| fold(search).split(' ').all(|word| text.contains(word)))
}
