//! Pages, cursors and changes.

use portal_core::audit::{AuditEntry, Subject};
use portal_core::testing::{Samples, strategies};
use portal_core::{Change, Cursor, Page, PageRequest, RecordKind, Version};
use proptest::prelude::*;
use uuid::Uuid;

proptest! {
    #[test]
    fn cursors_come_back(id: [u8; 16], key in strategies::any_text(60)) {
        let cursor = Cursor { key, id: Uuid::from_bytes(id) };
        let text = cursor.to_string();
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "it goes into an address");
        prop_assert_eq!(text.parse::<Cursor>(), Ok(cursor));
    }

    #[test]
    fn no_cursor_does_harm(text in strategies::any_text(60)) {
        if let Err(error) = text.parse::<Cursor>() {
            prop_assert_eq!((error.field.as_str(), error.code), ("cursor", "malformed"));
        }
    }

    #[test]
    fn a_page_goes_on_exactly_when_there_is_more(items in 0_usize..30, limit in 0_u32..40) {
        let request = PageRequest::first(limit);
        prop_assert!((1..=200).contains(&request.limit));
        let read = items.min(request.limit as usize + 1);
        let page = Page::cut((0..read).collect(), &request, None, |item| Cursor {
            key: item.to_string(),
            id: Uuid::nil(),
        });
        prop_assert_eq!(page.items.len(), items.min(request.limit as usize));
        prop_assert_eq!(page.next.is_some(), items > request.limit as usize);
        if let Some(next) = page.next {
            prop_assert_eq!(next.key, (request.limit - 1).to_string(), "after the last item of this page");
        }
    }
}

#[test]
fn a_count_goes_on_nowhere() {
    let page = Page::cut(vec![1, 2], &PageRequest::count(), Some(2), |_| {
        unreachable!("there is no last item")
    });
    assert_eq!(
        page,
        Page {
            items: Vec::new(),
            next: None,
            total: Some(2)
        }
    );
}

#[test]
fn a_change_keeps_everything_in_order() {
    let samples = Samples::new(1);
    let clients: Vec<_> = (0..4)
        .map(|number| samples.client("Client", &number.to_string()))
        .collect();
    let entry = |action| {
        let ctx = portal_core::Context::system(samples.practice, "test", samples.at);
        AuditEntry::new(samples.id(), &ctx, action, Subject::new("client", clients[0].id))
    };
    let first = Change::audited(entry("one"))
        .save(clients[0].clone())
        .save_all(clients[1..3].to_vec());
    let second = Change::audited(entry("two"))
        .save(clients[3].clone())
        .while_unchanged(RecordKind::Client, clients[0].id, Version(4))
        .audit(entry("three"));
    let both = first.and(second);
    assert_eq!(both.practice(), samples.practice);
    let saved: Vec<_> = both.saves().to_vec();
    assert_eq!(saved, clients.into_iter().map(Into::into).collect::<Vec<_>>());
    let actions: Vec<&str> = both
        .audit_entries()
        .iter()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(actions, ["one", "two", "three"]);
    assert_eq!(both.unchanged().len(), 1);
}
