//! What the address of a list asks for: search, filters, order, and the place in it. All of it stands in the address, so
//! that a list can be kept and sent.

use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portal_core::{Page, PageRequest};
use url::form_urlencoded;

use crate::web::view::Pager;

/// The most characters that are searched for.
const MOST_SEARCHED: usize = 200;

/// The address of a list. What it does not know is left alone, and what makes no sense counts as not asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    path: String,
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::new(parts.uri.path(), parts.uri.query().unwrap_or_default()))
    }
}

impl Asked {
    pub(super) fn new(path: &str, query: &str) -> Self {
        Self {
            path: path.to_owned(),
            pairs: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        }
    }

    /// The value of that name; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The value of that name as what it stands for.
    pub(super) fn value<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// The words to search for; `None` when there are none.
    pub(super) fn search(&self) -> Option<String> {
        self.searched("q")
    }

    /// The same under another name.
    pub(super) fn searched(&self, name: &str) -> Option<String> {
        let kept: String = self
            .text(name)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MOST_SEARCHED)
            .collect();
        Some(kept.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The part of the list that is asked for, with its total.
    pub(super) fn page(&self, limit: u32) -> PageRequest {
        PageRequest::first(limit).after(self.value("cursor")).with_total()
    }

    /// The same list from its start with `name` set to `value`, or without it when that is empty.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        self.address(&[(name, value)])
    }

    fn address(&self, changes: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let stays = |name: &str| {
            !matches!(name, "cursor" | "from") && changes.iter().all(|(changed, _)| *changed != name)
        };
        for (name, value) in &self.pairs {
            if stays(name) && !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        for (name, value) in changes.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// Where `page` is in the list, and the ways on.
    pub(super) fn pager<T>(&self, page: &Page<T>) -> Pager {
        let continued = self.value::<portal_core::Cursor>("cursor").is_some();
        let before = if continued {
            self.value::<u64>("from").unwrap_or(1).saturating_sub(1)
        } else {
            0
        };
        let count = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        let last = before.saturating_add(count);
        let shown = if count == 0 {
            String::new()
        } else if before == 0 && page.next.is_none() {
            format!("All {}", number(page.total.unwrap_or(count).max(count)))
        } else {
            let first = number(before.saturating_add(1));
            let of = page.total.map(|total| format!(" of {}", number(total.max(last))));
            format!("{first} to {}{}", number(last), of.unwrap_or_default())
        };
        let next = page.next.as_ref().map(|cursor| {
            let from = last.saturating_add(1).to_string();
            self.address(&[("cursor", &cursor.to_string()), ("from", &from)])
        });
        Pager {
            shown,
            first_href: continued.then(|| self.address(&[])),
            previous_href: None,
            next_href: next,
        }
    }
}

/// A number as people read it: `1,204`.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many of something: `No matters`, `1 matter`, `1,204 matters`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    match count {
        0 => format!("No {many}"),
        1 => format!("1 {one}"),
        count => format!("{} {many}", number(count)),
    }
}

#[cfg(test)]
mod tests {
    use portal_core::Cursor;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_changed_filter_keeps_the_others_and_starts_again() {
        let asked = Asked::new("/staff/matters", "q=a%26b+c&state=open&cursor=x&from=51&owner=");
        assert_eq!(
            asked.with("state", "closed"),
            "/staff/matters?q=a%26b+c&state=closed"
        );
        assert_eq!(asked.with("state", ""), "/staff/matters?q=a%26b+c");
        assert_eq!(Asked::new("/staff", "q=1").with("q", ""), "/staff");
    }

    #[test]
    fn control_characters_are_not_searched_for() {
        let asked = Asked::new("/", "q=%00Ha%0Addad%7F%20");
        assert_eq!(asked.search().as_deref(), Some("Ha ddad"));
        assert_eq!(Asked::new("/", "q=%00%20").search(), None);
        let long = "x".repeat(5_000);
        assert_eq!(
            Asked::new("/", &format!("q={long}")).search().map(|q| q.len()),
            Some(200)
        );
    }

    #[test]
    fn the_pager_says_where_one_is() {
        let page = |count: usize, next: bool, total| Page {
            items: vec![(); count],
            next: next.then(|| Cursor {
                key: "k".into(),
                id: Uuid::nil(),
            }),
            total: Some(total),
        };
        let first = Asked::new("/x", "q=a");
        assert_eq!(first.pager(&page(3, false, 3)).shown, "All 3");
        let pager = first.pager(&page(50, true, 1_204));
        assert_eq!(pager.shown, "1 to 50 of 1,204");
        assert!(pager.first_href.is_none());
        let next = pager.next_href.unwrap();
        let (path, query) = next.split_once('?').unwrap();
        let second = Asked::new(path, query);
        let pager = second.pager(&page(50, true, 1_204));
        assert_eq!(pager.shown, "51 to 100 of 1,204");
        assert_eq!(pager.first_href.as_deref(), Some("/x?q=a"));
        // Nonsense in the address gives the first page and true numbers.
        let odd = Asked::new("/x", "cursor=nonsense&from=900");
        assert_eq!(odd.pager(&page(3, false, 3)).shown, "All 3");
    }

    #[test]
    fn numbers_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(count), text);
        }
        assert_eq!(counted(0, "matter", "matters"), "No matters");
        assert_eq!(counted(1, "matter", "matters"), "1 matter");
    }
}
