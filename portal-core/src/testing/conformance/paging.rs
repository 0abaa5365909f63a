//! Lists: every item on exactly one page, whatever the size of the pages and however many items are equal.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::world::{World, got, put};
use crate::approval::{Approval, ApprovalFilter};
use crate::audit::AuditFilter;
use crate::checklist::RequestFilter;
use crate::client::ClientFilter;
use crate::document::DocumentFilter;
use crate::identity::StaffMember;
use crate::matter::{MatterFilter, MatterSort};
use crate::notify::DeliveryFilter;
use crate::policy::Role;
use crate::task::{Task, TaskDone, TaskFilter};
use crate::testing::Samples;
use crate::text::{Phone, fold};
use crate::{Change, Date, Duration, Page, PageRequest, Store, StoreError};

/// How many items the lists have beside those of the world: more than fit on a page of 7 or 20.
const MANY: usize = 45;
/// How many different sort keys they have.
const KEYS: usize = 5;

/// Walks a list with pages of each size. Every walk meets the items of `expected` once each, ordered by `key`
/// (then by id), and always in the same order; totals are right where they are asked for.
pub(super) async fn walk<T>(
    what: &str,
    expected: &BTreeSet<Uuid>,
    key: impl Fn(&T) -> (String, Uuid),
    falling: bool,
    fetch: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
) {
    for (limit, with_total) in [
        (1, false),
        (2, true),
        (7, true),
        (20, false),
        (200, true),
        (200, false),
    ] {
        let mut met: Vec<(String, Uuid)> = Vec::new();
        let mut next = None;
        loop {
            let mut request = PageRequest::first(limit).after(next);
            request.total = with_total;
            let page = got(fetch(request).await);
            let size = u32::try_from(page.items.len()).expect("a page is small");
            assert!(size <= limit, "{what}: {size} items on a page of {limit}");
            assert!(
                page.next.is_none() || size == limit,
                "{what}: a page that is not full goes on"
            );
            let total = with_total.then_some(expected.len() as u64);
            assert_eq!(page.total, total, "{what}: the total");
            met.extend(page.items.iter().map(&key));
            next = page.next;
            if next.is_none() {
                break;
            }
            assert!(met.len() <= expected.len(), "{what}: pages of {limit} never end");
        }
        let mut ordered = met.clone();
        ordered.sort();
        if falling {
            ordered.reverse();
        }
        assert_eq!(met, ordered, "{what}: the order of pages of {limit}");
        let ids: BTreeSet<Uuid> = met.iter().map(|(_, id)| *id).collect();
        assert_eq!(met.len(), ids.len(), "{what}: pages of {limit} repeat an item");
        assert_eq!(&ids, expected, "{what}: pages of {limit} reach every item");
    }
}

fn ids<T, I: Into<Uuid>>(items: &[T], id: impl Fn(&T) -> I) -> BTreeSet<Uuid> {
    items.iter().map(|item| id(item).into()).collect()
}

/// Names that sort alike although they are not written alike, and some that only fold brings into order.
const NAMES: [&str; KEYS] = ["\u{c5}ngstr\u{f6}m", "angstrom", "ANGSTROM", "Zed", "\u{42f}na"];

pub(super) async fn lists_of_people_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 40).await;
    let World { samples: s, .. } = &world;
    let mut practices = vec![world.practice.clone()];
    for seed in 0..8 {
        let other = Samples::new(4_000 + seed).practice();
        put(store, [other.clone()]).await;
        practices.push(other);
    }
    let by_id = |row: &crate::practice::Practice| (String::new(), row.id.into());
    let expected = ids(&practices, |row| row.id);
    walk("practices", &expected, by_id, false, async |page| {
        store.practices(&page).await
    })
    .await;

    let mut staff: Vec<StaffMember> = vec![world.owner.clone(), world.member.clone()];
    let mut clients = vec![world.anna.clone(), world.ben.clone()];
    for name in NAMES.iter().cycle().take(MANY) {
        staff.push(StaffMember {
            name: (*name).into(),
            ..s.staff(Role::Member)
        });
        clients.push(s.client("Alex", name));
    }
    put(
        store,
        staff
            .split_off(2)
            .into_iter()
            .inspect(|row| staff.push(row.clone()))
            .collect::<Vec<_>>(),
    )
    .await;
    put(store, clients.iter().skip(2).cloned().collect::<Vec<_>>()).await;
    let expected = ids(&staff, |row| row.id);
    let by_name = |row: &StaffMember| (fold(&row.name), row.id.into());
    walk("staff", &expected, by_name, false, async |page| {
        store.staff(world.id(), &page).await
    })
    .await;
    let expected = ids(&clients, |row| row.id);
    let by_name = |row: &crate::client::Client| (row.sort_text(), row.id.into());
    let all = ClientFilter::default();
    walk("clients", &expected, by_name, false, async |page| {
        store.clients(world.id(), &all, &page).await
    })
    .await;
}

pub(super) async fn lists_of_work_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 41).await;
    let World { samples: s, .. } = &world;
    let (mut matters, mut templates) = (
        vec![world.case.clone(), world.other.clone()],
        vec![world.template.clone()],
    );
    let (mut requests, mut documents) = (vec![world.request.clone()], vec![world.document.clone()]);
    for (number, name) in NAMES.iter().cycle().take(MANY).enumerate() {
        let at = s.at + Duration::microseconds(i64::try_from(number % KEYS).expect("small"));
        let mut matter = s.at(at).matter(&world.owner);
        matter.title = (*name).into();
        matter.reference = format!("{name} {number:02}");
        matters.push(matter);
        let mut template = s.template();
        template.name = format!("{name} {number:02}");
        templates.push(template);
        let mut request = s.request(&world.case, &world.anna);
        // Numbers that sort otherwise as text: 2 before 10.
        request.position = [2, 10, 9, 100, i32::MAX][number % KEYS];
        documents.push(s.at(at).upload(&request).0);
        requests.push(request);
    }
    put(store, matters.iter().skip(2).cloned().collect::<Vec<_>>()).await;
    put(store, templates.iter().skip(1).cloned().collect::<Vec<_>>()).await;
    put(store, requests.iter().skip(1).cloned().collect::<Vec<_>>()).await;
    put(store, documents.iter().skip(1).cloned().collect::<Vec<_>>()).await;

    let all = MatterFilter::default();
    let expected = ids(&matters, |row| row.id);
    for sort in [MatterSort::Updated, MatterSort::Reference, MatterSort::Title] {
        let key = |row: &crate::matter::MatterSummary| {
            let key = match sort {
                MatterSort::Updated => row.matter.updated_at.to_string(),
                MatterSort::Reference => fold(&row.matter.reference),
                MatterSort::Title => fold(&row.matter.title),
            };
            (key, row.matter.id.into())
        };
        let falling = sort == MatterSort::Updated;
        let what = format!("matters by {sort:?}");
        walk(&what, &expected, key, falling, async |page| {
            store.matters(world.id(), &all, sort, &page).await
        })
        .await;
    }
    let mut workflows = Vec::new();
    for (number, name) in NAMES.iter().cycle().take(MANY).enumerate() {
        let mut workflow = s.workflow();
        workflow.draft.name = format!("{name} {number:02}");
        workflows.push(workflow);
    }
    let removed = s.workflow().remove(s.at);
    let mut first = removed.clone();
    (first.version, first.removed) = (crate::Version::FIRST, false);
    put(store, [first]).await;
    put(store, [removed]).await;
    put(store, workflows.clone()).await;
    let expected = ids(&workflows, |row| row.id);
    let key = |row: &crate::rulebook::KeptWorkflow| (fold(&row.draft.name), row.id.into());
    walk("workflows", &expected, key, false, async |page| {
        store.workflows(world.id(), &page).await
    })
    .await;
    // Numbers that sort otherwise as text: 2 before 10.
    let entries: Vec<_> = (1..=45)
        .map(|number| s.stage_entry(&world.case, number))
        .collect();
    put(store, entries.clone()).await;
    put(store, [s.stage_entry(&world.other, 1)]).await;
    let expected = ids(&entries, |row| row.id);
    let key = |row: &crate::stage::StageEntry| (format!("{:010}", row.number), row.id.into());
    walk("stage entries", &expected, key, true, async |page| {
        store.stage_entries(world.id(), world.case.id, &page).await
    })
    .await;
    let expected = ids(&templates, |row| row.id);
    let key = |row: &crate::checklist::ChecklistTemplate| (fold(&row.name), row.id.into());
    walk("templates", &expected, key, false, async |page| {
        store.templates(world.id(), false, &page).await
    })
    .await;
    let expected = ids(&requests, |row| row.id);
    let key = |row: &crate::checklist::Request| (format!("{:010}", row.position), row.id.into());
    let all = RequestFilter::default();
    walk("requests", &expected, key, false, async |page| {
        store.requests(world.id(), &all, &page).await
    })
    .await;
    let expected = ids(&documents, |row| row.id);
    let key = |row: &crate::document::Document| (row.created_at.to_string(), row.id.into());
    let all = DocumentFilter::default();
    walk("documents", &expected, key, true, async |page| {
        store.documents(world.id(), &all, &page).await
    })
    .await;
}

/// As many tasks as fill the lists, on a few days, some without one; and as many that are done.
fn many_tasks(world: &World) -> [Vec<Task>; 2] {
    let (mut open, mut done) = (Vec::new(), Vec::new());
    for number in 0..MANY {
        let at = world.samples.at + Duration::microseconds(i64::try_from(number % KEYS).expect("small") * 10);
        let mut task = world.samples.task(&world.case, &world.owner);
        task.due_on = Date::from_ordinal_date(2026, u16::try_from(number % KEYS).expect("small") * 99).ok();
        done.push(Task {
            id: world.samples.id(),
            done: Some(TaskDone {
                at,
                by: world.owner.id,
            }),
            ..task.clone()
        });
        open.push(task);
    }
    [open, done]
}

pub(super) async fn lists_of_tasks_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 45).await;
    let [open, done] = many_tasks(&world);
    put(store, open.clone()).await;
    put(store, done.clone()).await;
    let filter = TaskFilter::default();
    let key = |row: &Task| (row.due_key(), row.id.into());
    walk(
        "open tasks",
        &ids(&open, |row| row.id),
        key,
        false,
        async |page| store.tasks(world.id(), &filter, &page).await,
    )
    .await;
    let filter = TaskFilter { done: true, ..filter };
    let key = |row: &Task| {
        let at = row.done.map(|done| done.at.to_string());
        (at.unwrap_or_default(), row.id.into())
    };
    walk("done tasks", &ids(&done, |row| row.id), key, true, async |page| {
        store.tasks(world.id(), &filter, &page).await
    })
    .await;
}

pub(super) async fn lists_of_approvals_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 46).await;
    let many = (0..MANY).map(|number| {
        let at = world.samples.at + Duration::microseconds(i64::try_from(number % KEYS).expect("small") * 10);
        let samples = world.samples.at(at);
        samples.approval(&world.case, &world.owner, &world.file, &world.anna_access)
    });
    let mut many: Vec<Approval> = many.collect();
    put(store, many.clone()).await;
    many.push(world.approval.clone());
    let key = |row: &Approval| (row.created_at.to_string(), row.id.into());
    let all = ApprovalFilter::default();
    walk("approvals", &ids(&many, |row| row.id), key, true, async |page| {
        store.approvals(world.id(), &all, &page).await
    })
    .await;
}

pub(super) async fn lists_of_what_was_told_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 42).await;
    let World { samples: s, .. } = &world;
    let (mut notifications, mut deliveries, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    let mut consents = Vec::new();
    for number in 0..MANY {
        let at = s.at + Duration::microseconds(i64::try_from(number % KEYS).expect("small") * 10);
        let s = s.at(at);
        notifications.push(s.notification(&world.owner, &world.case));
        deliveries.push(s.delivery(&s.event(&world.case, &world.owner), &world.case, &world.anna));
        entries.push(s.audit(&s.as_staff(&world.owner), &world.case));
        consents.push(s.consent(&world.anna, &world.owner));
    }
    put(store, notifications.clone()).await;
    put(store, deliveries.clone()).await;
    put(store, consents.clone()).await;
    let elsewhere = Phone::try_from("+61491570157".to_owned()).expect("a number in E.164 form");
    let other = crate::sms::Consent {
        phone: elsewhere,
        ..s.consent(&world.anna, &world.owner)
    };
    put(store, [other]).await;
    for entry in &entries {
        got(store.commit(Change::audited(entry.clone())).await);
    }
    let expected = ids(&notifications, |row| row.id);
    let key = |row: &crate::notify::Notification| (row.created_at.to_string(), row.id.into());
    let owner = world.owner.id;
    walk("notifications", &expected, key, true, async |page| {
        store.notifications(world.id(), owner, false, &page).await
    })
    .await;
    let expected = ids(&deliveries, |row| row.id);
    let key = |row: &crate::notify::Delivery| (row.created_at.to_string(), row.id.into());
    let all = DeliveryFilter::default();
    walk("deliveries", &expected, key, true, async |page| {
        store.deliveries(world.id(), &all, &page).await
    })
    .await;
    let expected = ids(&consents, |row| row.id);
    let key = |row: &crate::sms::Consent| (row.created_at.to_string(), row.id.into());
    let phone = s.phone();
    walk("consents", &expected, key, true, async |page| {
        store.consents(world.id(), &phone, &page).await
    })
    .await;
    let expected = ids(&entries, |row| row.id);
    let key = |row: &crate::audit::AuditEntry| (row.at.to_string(), row.id.into());
    let all = AuditFilter::default();
    walk("audit entries", &expected, key, true, async |page| {
        store.audit_entries(world.id(), &all, &page).await
    })
    .await;
}

pub(super) async fn an_empty_list_is_an_empty_page(store: &dyn Store) {
    let nobody = Samples::new(43).practice;
    let page = PageRequest::default().with_total();
    let empty = |total: Option<u64>, items: usize, more: bool| {
        assert_eq!(
            (total, items, more),
            (Some(0), 0, false),
            "a list of a practice that is not there"
        );
    };
    let clients = got(store.clients(nobody, &ClientFilter::default(), &page).await);
    empty(clients.total, clients.items.len(), clients.next.is_some());
    let matters = store
        .matters(nobody, &MatterFilter::default(), MatterSort::Title, &page)
        .await;
    let matters = got(matters);
    empty(matters.total, matters.items.len(), matters.next.is_some());
    let documents = got(store.documents(nobody, &DocumentFilter::default(), &page).await);
    empty(documents.total, documents.items.len(), documents.next.is_some());
    let practices = got(store.practices(&page).await);
    empty(practices.total, practices.items.len(), practices.next.is_some());
    assert!(
        got(store.clients_by_id(nobody, &[]).await).is_empty(),
        "no ids, no clients"
    );
    assert!(
        got(store.matters_by_id(nobody, &[]).await).is_empty(),
        "no ids, no matters"
    );
    assert!(
        got(store.requests_by_id(nobody, &[]).await).is_empty(),
        "no ids, no requests"
    );
    assert!(got(store.document_counts_by_request(nobody, &[]).await).is_empty());
    assert!(got(store.known_blobs(nobody, &[]).await).is_empty());
}

/// A cursor that a list did not give out (from another list, say) is refused or taken for some place in the list.
pub(super) async fn a_cursor_from_elsewhere_does_no_harm(store: &dyn Store) {
    let world = World::in_store(store, 44).await;
    let id = world.id();
    let fine = |what: &str, key: &str, outcome: Option<StoreError>| {
        let fine = matches!(outcome, None | Some(StoreError::Cursor));
        assert!(fine, "{what} after {key:?}: {outcome:?}");
    };
    for key in [
        "",
        "soon",
        "2026-03-02T12:00:00.000000Z",
        "0000000001",
        "99999999999999999999",
        "-1",
        "\u{1f4c4}",
        "a\0b",
        "'; --",
    ] {
        let cursor = crate::Cursor {
            key: key.into(),
            id: world.case.id.into(),
        };
        let page = PageRequest::first(5).after(Some(cursor));
        fine("practices", key, store.practices(&page).await.err());
        fine("staff", key, store.staff(id, &page).await.err());
        let all = ClientFilter::default();
        fine("clients", key, store.clients(id, &all, &page).await.err());
        for sort in [MatterSort::Updated, MatterSort::Reference, MatterSort::Title] {
            let all = MatterFilter::default();
            fine("matters", key, store.matters(id, &all, sort, &page).await.err());
        }
        fine("templates", key, store.templates(id, true, &page).await.err());
        fine("workflows", key, store.workflows(id, &page).await.err());
        let case = world.case.id;
        fine(
            "stage entries",
            key,
            store.stage_entries(id, case, &page).await.err(),
        );
        let all = RequestFilter::default();
        fine("requests", key, store.requests(id, &all, &page).await.err());
        let all = DocumentFilter::default();
        fine("documents", key, store.documents(id, &all, &page).await.err());
        for done in [false, true] {
            let all = TaskFilter {
                done,
                ..TaskFilter::default()
            };
            fine("tasks", key, store.tasks(id, &all, &page).await.err());
        }
        let all = ApprovalFilter::default();
        fine("approvals", key, store.approvals(id, &all, &page).await.err());
        let owner = world.owner.id;
        fine(
            "notifications",
            key,
            store.notifications(id, owner, false, &page).await.err(),
        );
        let all = DeliveryFilter::default();
        fine("deliveries", key, store.deliveries(id, &all, &page).await.err());
        let phone = world.samples.phone();
        fine("consents", key, store.consents(id, &phone, &page).await.err());
        let all = AuditFilter::default();
        fine(
            "audit entries",
            key,
            store.audit_entries(id, &all, &page).await.err(),
        );
    }
}
