//! Filters: the same records and questions as a store that does it the plain way, and the same answers.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::records::sampled;
use super::world::{World, got, put};
use crate::access::PortalAccess;
use crate::checklist::{Request, RequestCounts, RequestFilter, RequestState};
use crate::document::{
    Confidentiality, Document, DocumentCounts, DocumentFilter, DocumentStatus, Documents as _, Placement,
    Share, Uploader,
};
use crate::matter::{Matter, MatterFilter, MatterSort, MatterState, Part};
use crate::notify::{Delivery, DeliveryFilter, DeliveryState, Recipient, Span};
use crate::testing::{MemoryStore, strategies};
use crate::{Date, Page, PageRequest, Record, RequestId, Store, WorkflowId};

/// A world full of work, in `store` and in a plain one.
struct Full {
    world: World,
    plain: MemoryStore,
    matters: Vec<Matter>,
    accesses: Vec<PortalAccess>,
    requests: Vec<Request>,
    documents: Vec<Document>,
    shares: Vec<Share>,
}

impl Full {
    async fn in_store(store: &dyn Store, seed: u64) -> Self {
        let world = World::in_store(store, seed).await;
        let plain = MemoryStore::default();
        put(&plain, world.records()).await;
        let mut full = Self {
            matters: vec![world.case.clone(), world.other.clone()],
            accesses: vec![world.anna_access.clone(), world.ben_access.clone()],
            requests: vec![world.request.clone()],
            documents: vec![world.document.clone()],
            shares: Vec::new(),
            plain,
            world,
        };
        let records = full.work();
        put(store, records.clone()).await;
        put(&full.plain, records).await;
        full
    }

    /// More of everything, of each sort.
    fn work(&mut self) -> Vec<Record> {
        let World {
            samples: s,
            owner,
            member,
            anna,
            ben,
            case,
            ..
        } = &self.world;
        let mut records: Vec<Record> = Vec::new();
        for number in 0..14_usize {
            let mut matter = s.matter(if number % 3 == 0 { member } else { owner });
            matter.practice_area = [None, Some("Tax"), Some("Family")][number % 3].map(Into::into);
            matter.stage = [None, Some("Lodged"), Some("lodged"), Some("100%")][number % 4].map(Into::into);
            matter.parent_id = (number % 5 == 0).then_some(case.id);
            if number % 4 == 1 {
                matter.state = MatterState::Closed;
            }
            let mut seat = s.team_member(&matter, member);
            seat.removed = number % 2 == 0;
            let client = if number % 2 == 0 { anna } else { ben };
            let mut part = s.participant(&matter, client, Part::ALL[number % 4]);
            part.removed = number % 6 == 0;
            let mut access = s.access(&matter, client);
            access.state = sampled(strategies::access_state(), 14)[number];
            self.matters.push(matter.clone());
            self.accesses.push(access.clone());
            records.extend([Record::from(matter), seat.into(), part.into(), access.into()]);
        }
        for (number, matter) in self.matters.iter().cycle().take(60).enumerate() {
            let client = if number % 3 == 0 { ben } else { anna };
            let mut request = s.request(matter, client);
            request.state = RequestState::ALL[number % 6];
            request.position = i32::try_from(number % 7).expect("small");
            request.due_on = [None, day(number % 5)][number % 2];
            self.requests.push(request);
        }
        records.extend(self.requests.iter().skip(1).cloned().map(Record::from));
        let confidentialities = [
            Confidentiality::StaffOnly,
            Confidentiality::Client,
            Confidentiality::Participants,
        ];
        for (number, request) in self.requests.iter().cycle().take(150).enumerate() {
            let placement = Placement {
                matter: request.matter_id,
                client: [Some(request.client_id), None, Some(ben.id)][number % 3],
                // Every second request stays without documents, withdrawn ones among them.
                request: (request.position % 2 == 0).then_some(request.id),
                confidentiality: confidentialities[number % 7 % 3],
            };
            let mut document = s.document(placement, Uploader::Staff(owner.id)).0;
            document.status = DocumentStatus::ALL[number % 4];
            document.category = ["Portal Upload", "Filed", "Identit\u{e9}"][number % 3].into();
            self.documents.push(document);
        }
        records.extend(self.documents.iter().skip(1).cloned().map(Record::from));
        for (number, document) in self
            .documents
            .iter()
            .enumerate()
            .filter(|(number, _)| number % 4 == 0)
        {
            for access in [&self.accesses[number % 5], &self.accesses[5 + number % 7]] {
                let mut share = s.share(document, access);
                share.removed = number % 8 == 0;
                self.shares.push(share);
            }
        }
        records.extend(self.shares.iter().cloned().map(Record::from));
        records
    }
}

/// A day in March 2026.
fn day(number: usize) -> Option<Date> {
    let ordinal = u16::try_from(number).ok()? + 70;
    Date::from_ordinal_date(2026, ordinal).ok()
}

/// The same list from both, in pages of several sizes.
async fn same_list<T: PartialEq + std::fmt::Debug>(
    what: &str,
    fetch: impl AsyncFn(bool, PageRequest) -> Page<T>,
) -> Vec<T> {
    let expected = fetch(true, PageRequest::first(200).with_total()).await;
    let found = fetch(false, PageRequest::first(200).with_total()).await;
    assert_eq!(found.items, expected.items, "{what}");
    assert_eq!(found.total, expected.total, "the total of {what}");
    assert!(found.next.is_none());
    let counted = fetch(false, PageRequest::count()).await;
    assert_eq!(
        (counted.items.len(), counted.next),
        (0, None),
        "only the count of {what}"
    );
    assert_eq!(counted.total, expected.total, "the count alone of {what}");
    let mut met = Vec::new();
    let mut next = None;
    loop {
        let page = fetch(false, PageRequest::first(3).after(next)).await;
        met.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(met, expected.items, "pages of three of {what}");
    expected.items
}

/// How many of `answers` hold anything: a check of filters that find nothing checks nothing.
fn some_found(what: &str, answers: &[usize]) {
    let found = answers.iter().filter(|count| **count > 0).count();
    assert!(
        found * 5 > answers.len(),
        "{what}: {found} of {} filters found anything",
        answers.len()
    );
}

pub(super) async fn matters_are_filtered_as_defined(store: &dyn Store) {
    let full = Full::in_store(store, 90).await;
    let World {
        owner,
        member,
        anna,
        ben,
        case,
        ..
    } = &full.world;
    let people = select(vec![owner.id, member.id]);
    let narrow = (
        option::weighted(0.2, select(vec![MatterState::Open, MatterState::Closed])),
        option::weighted(0.2, people.clone()),
        option::weighted(0.3, people),
        option::weighted(0.2, select(vec!["Tax", "tax", "Family", "a\0b"])),
        option::weighted(0.2, select(vec!["Lodged", "lodged", "100%", "100_"])),
        option::weighted(0.2, select(vec![anna.id, ben.id])),
        option::weighted(0.1, Just(case.id)),
        prop::bool::weighted(0.3),
        option::weighted(0.2, select(vec!["anna", "berg m-", "lodged", "%", "nobody"])),
    );
    let filters = narrow.prop_map(
        |(state, owner, visible_to, area, stage, client, parent, to_review, q)| MatterFilter {
            q: q.map(Into::into),
            state,
            owner,
            visible_to,
            practice_area: area.map(Into::into),
            stage: stage.map(Into::into),
            client,
            parent,
            to_review,
        },
    );
    let sorts = select(vec![
        MatterSort::Updated,
        MatterSort::Reference,
        MatterSort::Title,
    ]);
    let mut found = Vec::new();
    for (filter, sort) in sampled((filters, sorts), 80) {
        let fetch = async |plain: bool, page: PageRequest| {
            let from: &dyn Store = if plain { &full.plain } else { store };
            got(from.matters(full.world.id(), &filter, sort, &page).await)
        };
        found.push(
            same_list(&format!("matters by {sort:?} of {filter:?}"), fetch)
                .await
                .len(),
        );
    }
    some_found("matters", &found);
}

pub(super) async fn requests_are_filtered_and_counted_as_defined(store: &dyn Store) {
    let full = Full::in_store(store, 91).await;
    let World {
        owner,
        member,
        anna,
        ben,
        ..
    } = &full.world;
    let matters: Vec<_> = full.matters.iter().map(|matter| matter.id).collect();
    let narrow = (
        option::weighted(0.3, select(matters)),
        option::weighted(0.3, select(vec![anna.id, ben.id])),
        option::weighted(0.2, strategies::request_state()),
        any::<bool>(),
        option::weighted(0.3, select(vec![owner.id, member.id])),
        option::weighted(0.3, (0_usize..7).prop_filter_map("a day", day)),
    );
    let filters = narrow.prop_map(
        |(matter, client, state, shown_to_client, visible_to, overdue_on)| RequestFilter {
            matter,
            client,
            state,
            shown_to_client,
            visible_to,
            overdue_on,
        },
    );
    let mut found = Vec::new();
    for filter in sampled(filters, 80) {
        let fetch = async |plain: bool, page: PageRequest| {
            let from: &dyn Store = if plain { &full.plain } else { store };
            got(from.requests(full.world.id(), &filter, &page).await)
        };
        let items = same_list(&format!("requests of {filter:?}"), fetch).await;
        let listed = items
            .iter()
            .fold(RequestCounts::default(), |counts, row| counts.plus(row.state, 1));
        let counted = got(store.request_counts(full.world.id(), &filter).await);
        assert_eq!(counted, listed, "counts and list of {filter:?}");
        found.push(items.len());
    }
    some_found("requests", &found);
    let ids: Vec<RequestId> = full.requests.iter().map(|row| row.id).collect();
    let mut by_id = got(store.requests_by_id(full.world.id(), &ids).await);
    by_id.sort_by_key(|row| row.id);
    let mut expected = full.requests.clone();
    expected.sort_by_key(|row| row.id);
    assert_eq!(by_id, expected, "requests by their ids");
}

pub(super) async fn documents_are_filtered_and_counted_as_defined(store: &dyn Store) {
    let full = Full::in_store(store, 92).await;
    let World {
        owner,
        member,
        anna,
        ben,
        ..
    } = &full.world;
    let matters: Vec<_> = full.matters.iter().map(|matter| matter.id).collect();
    let requests: Vec<_> = full.requests.iter().map(|request| request.id).collect();
    let accesses: Vec<_> = full.accesses.iter().map(|access| access.id).collect();
    let narrow = (
        option::weighted(0.2, select(matters)),
        option::weighted(0.2, select(vec![anna.id, ben.id])),
        option::weighted(0.1, select(requests.clone())),
        option::weighted(0.2, strategies::document_status()),
        option::weighted(0.2, select(vec!["passport", "identite", "PORTAL .pdf", "%"])),
        option::weighted(0.4, select(accesses)),
        option::weighted(0.2, select(vec![owner.id, member.id])),
    );
    let filters = narrow.prop_map(
        |(matter, client, request, status, q, access, staff)| DocumentFilter {
            matter,
            client,
            request,
            status,
            q: q.map(Into::into),
            visible_to_access: access,
            visible_to_staff: staff,
        },
    );
    let mut found = Vec::new();
    for filter in sampled(filters, 120) {
        let fetch = async |plain: bool, page: PageRequest| {
            let from: &dyn Store = if plain { &full.plain } else { store };
            got(from.documents(full.world.id(), &filter, &page).await)
        };
        let items = same_list(&format!("documents of {filter:?}"), fetch).await;
        let listed = items.iter().fold(DocumentCounts::default(), |counts, row| {
            counts.plus(row.status, 1)
        });
        let counted = got(store.document_counts(full.world.id(), &filter).await);
        assert_eq!(counted, listed, "counts and list of {filter:?}");
        found.push(items.len());
    }
    some_found("documents", &found);
    let mut by_request = got(store.document_counts_by_request(full.world.id(), &requests).await);
    by_request.sort_by_key(|(request, _)| *request);
    let plain = full
        .plain
        .document_counts_by_request(full.world.id(), &requests)
        .await;
    assert_eq!(by_request, got(plain), "counts by request");
    let all: u64 = by_request.iter().map(|(_, counts)| counts.total()).sum();
    let answering = full
        .documents
        .iter()
        .filter(|row| row.request_id.is_some())
        .count();
    assert_eq!(all, answering as u64, "counts by request add up");
    // Blobs are known by the versions that have them.
    let blobs = [
        full.world.file.file.blob,
        full.world.samples.id(),
        full.world.samples.id(),
    ];
    assert_eq!(
        got(store.known_blobs(full.world.id(), &blobs).await),
        [full.world.file.file.blob]
    );
}

/// Not against the plain store but against the rules themselves.
pub(super) async fn a_client_is_shown_what_the_rule_says(store: &dyn Store) {
    let full = Full::in_store(store, 93).await;
    let page = PageRequest::first(200);
    let (mut seen, mut hidden) = (0, 0);
    for access in &full.accesses {
        let filter = DocumentFilter {
            visible_to_access: Some(access.id),
            ..DocumentFilter::default()
        };
        let listed = got(store.documents(full.world.id(), &filter, &page).await).items;
        for document in &full.documents {
            let of_both = |share: &&Share| share.document_id == document.id && share.access_id == access.id;
            let shared = full.shares.iter().filter(of_both).any(|share| !share.removed);
            let rule = document.is_visible_to(access, shared);
            let shown = listed.iter().any(|row| row.id == document.id);
            assert_eq!(shown, rule, "{document:#?}\nshared: {shared}, with {access:#?}");
            if rule { seen += 1 } else { hidden += 1 }
        }
    }
    assert!(
        seen > 50 && hidden > 50,
        "{seen} seen and {hidden} hidden: both must come up"
    );
    let filter = DocumentFilter {
        visible_to_access: Some(full.world.samples.id()),
        ..DocumentFilter::default()
    };
    let nothing = got(store.documents(full.world.id(), &filter, &page).await);
    assert!(
        nothing.items.is_empty(),
        "a portal access that is not there sees nothing"
    );

    let shown = RequestFilter {
        shown_to_client: true,
        ..RequestFilter::default()
    };
    let listed = got(store.requests(full.world.id(), &shown, &page).await).items;
    let mut withdrawn_and_shown = 0;
    for request in &full.requests {
        let provided = full
            .documents
            .iter()
            .any(|row| row.request_id == Some(request.id));
        let rule = request.state != RequestState::Withdrawn || provided;
        let shown = listed.iter().any(|row| row.id == request.id);
        assert_eq!(shown, rule, "{request:#?}");
        withdrawn_and_shown += usize::from(rule && request.state == RequestState::Withdrawn);
    }
    assert!(withdrawn_and_shown > 0, "what was provided stays visible");
}

pub(super) async fn the_next_request_is_the_one_to_do_first(store: &dyn Store) {
    let world = World::in_store(store, 94).await;
    let World { samples: s, .. } = &world;
    let day = |day| Date::from_ordinal_date(2026, day).ok();
    let ask = |required, due_on, position, state| Request {
        required,
        due_on,
        position,
        state,
        ..s.request(&world.other, &world.ben)
    };
    let (open, back) = (RequestState::Outstanding, RequestState::Returned);
    // In the order in which they are to be done.
    let ordered = vec![
        ask(true, day(5), 9, open),
        ask(true, day(6), 1, back),
        ask(true, day(6), 2, open),
        ask(true, day(6), 2, back),
        ask(true, None, 0, open),
        ask(true, None, 3, open),
        ask(false, day(1), 0, open),
        ask(false, day(2), 0, back),
        ask(false, None, 0, open),
    ];
    let last = async |matter: &Matter| got(store.last_position(world.id(), matter.id).await);
    assert_eq!(last(&world.other).await, 0, "no request yet");
    let mut mixed = ordered.clone();
    mixed.swap(0, 8);
    mixed.swap(1, 5);
    // None of these is for Ben to do on this matter.
    let mut of_anna = ask(true, day(1), 0, open);
    of_anna.client_id = world.anna.id;
    let mut elsewhere = ask(true, day(1), 0, open);
    elsewhere.matter_id = world.case.id;
    mixed.extend([of_anna, elsewhere]);
    for state in [
        RequestState::Submitted,
        RequestState::Accepted,
        RequestState::Waived,
        RequestState::Withdrawn,
    ] {
        mixed.push(ask(true, day(1), 0, state));
    }
    put(store, mixed).await;
    assert_eq!(
        last(&world.other).await,
        9,
        "whoever is asked, whatever became of it"
    );
    let next = async || got(store.next_request(world.id(), world.other.id, world.ben.id).await);
    for request in ordered {
        assert_eq!(next().await, Some(request.clone()), "what to do next");
        let done = request.withdraw(s.at).expect("it is open");
        put(store, [done]).await;
    }
    assert_eq!(next().await, None, "nothing left to do");
}

async fn deliveries_of_workflows(
    store: &dyn Store,
    world: &World,
    (all, workflows): (&[Delivery], &[WorkflowId]),
) {
    let page = PageRequest::first(200);
    for workflow in workflows.iter().copied() {
        for matter in [None, Some(world.case.id)] {
            let filter = DeliveryFilter {
                matter,
                workflow: Some(workflow),
                ..DeliveryFilter::default()
            };
            let found = got(store.deliveries(world.id(), &filter, &page).await);
            let of_it = all
                .iter()
                .filter(|row| row.letter.cause().is_some_and(|cause| cause.workflow == workflow));
            let expected: Vec<_> = of_it
                .filter(|row| matter.is_none() || row.matter_id == matter)
                .cloned()
                .collect();
            assert_eq!(found.items, expected, "deliveries of {filter:?}");
        }
    }
}

/// Counts by state, channel and workflow, against the list of what each counts.
async fn deliveries_are_counted_as_listed(store: &dyn Store, world: &World, all: &[Delivery]) {
    let page = PageRequest::first(200).with_total();
    let at = |number: usize| all.get(number).map_or(world.samples.at, |row| row.created_at);
    let last = all
        .iter()
        .map(|row| row.created_at)
        .max()
        .unwrap_or(world.samples.at);
    let spans = [
        None,
        Some(Span {
            from: at(0),
            until: at(20),
        }),
        Some(Span {
            from: at(20),
            until: last,
        }),
        Some(Span {
            from: last,
            until: last,
        }),
    ];
    for created in spans {
        for matter in [None, Some(world.case.id)] {
            let filter = DeliveryFilter {
                matter,
                created,
                ..DeliveryFilter::default()
            };
            let counts = got(store.delivery_counts(world.id(), &filter).await);
            let sum: u64 = counts.iter().map(|count| count.count).sum();
            let of_it = all.iter().filter(|row| filter.admits(row)).count();
            assert_eq!(usize::try_from(sum).ok(), Some(of_it), "counts of {filter:?}");
            for count in counts {
                assert!(count.count > 0, "no entry counts none");
                let alike = DeliveryFilter {
                    state: Some(count.state),
                    channel: Some(count.channel),
                    ..filter.clone()
                };
                let listed = got(store.deliveries(world.id(), &alike, &page).await);
                assert_eq!(
                    listed.total.and_then(|total| usize::try_from(total).ok()),
                    Some(listed.items.len()),
                    "a list of {alike:?} is counted as it is listed"
                );
                let of_workflow =
                    |row: &&Delivery| row.letter.cause().map(|cause| cause.workflow) == count.workflow;
                let listed = listed.items.iter().filter(of_workflow);
                let segments: u64 = listed.clone().map(|row| u64::from(row.segments())).sum();
                assert_eq!(
                    count.segments, segments,
                    "the segments of {count:?} of {filter:?}"
                );
                assert!(listed.clone().all(|row| alike.admits(row)), "listed by {alike:?}");
                assert_eq!(
                    u64::try_from(listed.count()).ok(),
                    Some(count.count),
                    "{count:?} of {filter:?}"
                );
            }
        }
    }
}

pub(super) async fn deliveries_and_notifications_are_filtered_as_defined(store: &dyn Store) {
    let world = World::in_store(store, 95).await;
    let World { samples: s, .. } = &world;
    let event = s.event(&world.case, &world.owner);
    let states = [
        DeliveryState::Queued,
        DeliveryState::Sending,
        DeliveryState::Sent,
        DeliveryState::Delivered,
        DeliveryState::Failed,
        DeliveryState::Unknown,
        DeliveryState::Held,
    ];
    let recipients = [
        Recipient::Client(world.anna.id),
        Recipient::Client(world.ben.id),
        Recipient::Staff(world.owner.id),
    ];
    let mut all = Vec::new();
    let mut workflows = Vec::new();
    for (number, state) in states.into_iter().cycle().take(63).enumerate() {
        let mut delivery = match number % 2 {
            0 => s.delivery(&event, &world.case, &world.anna),
            _ => s.automated(&event, &world.case, &world.anna),
        };
        delivery.state = state;
        delivery.recipient = recipients[number % 3];
        // Some have several segments; of those that failed, some were taken before.
        delivery.text = "Your case moved on. ".repeat(number % 5 * 6 + 1);
        let was_taken = matches!(state, DeliveryState::Sent | DeliveryState::Delivered);
        delivery.sent_at = (was_taken || number % 4 == 3).then_some(s.at);
        delivery.matter_id = [Some(world.case.id), Some(world.other.id), None][number / 4 % 3];
        all.push(delivery);
        workflows.extend(
            all.last()
                .and_then(|row| row.letter.cause())
                .map(|cause| cause.workflow),
        );
    }
    put(store, all.clone()).await;
    let page = PageRequest::first(200).with_total();
    for matter in [None, Some(world.case.id), Some(world.other.id), Some(s.id())] {
        for client in [None, Some(world.anna.id), Some(world.ben.id)] {
            for state in [None].into_iter().chain(states.map(Some)) {
                let filter = DeliveryFilter {
                    matter,
                    client,
                    state,
                    ..DeliveryFilter::default()
                };
                let mut found = got(store.deliveries(world.id(), &filter, &page).await).items;
                found.sort_by_key(|row| row.id);
                let kept = all.iter().filter(|row| {
                    (matter.is_none() || row.matter_id == matter)
                        && client.is_none_or(|client| row.recipient == Recipient::Client(client))
                        && state.is_none_or(|state| row.state == state)
                });
                let expected: Vec<_> = kept.cloned().collect();
                assert_eq!(found, expected, "deliveries of {filter:?}");
            }
        }
    }
    deliveries_of_workflows(store, &world, (&all, &workflows)).await;
    deliveries_are_counted_as_listed(store, &world, &all).await;
    let mut told = Vec::new();
    for number in 0..9 {
        let staff = if number % 3 == 0 {
            &world.member
        } else {
            &world.owner
        };
        let mut notification = s.notification(staff, &world.case);
        notification.read_at = (number % 2 == 0).then_some(s.at);
        told.push(notification);
    }
    put(store, told.clone()).await;
    for staff in [world.owner.id, world.member.id] {
        let mine = told.iter().filter(|row| row.staff_id == staff);
        let unread = mine.clone().filter(|row| row.read_at.is_none()).count() as u64;
        let counted = got(store.unread_notifications(world.id(), staff).await);
        assert_eq!(counted, unread, "what is unread");
        let listed = got(store.notifications(world.id(), staff, true, &page).await);
        assert!(
            listed
                .items
                .iter()
                .all(|row| row.staff_id == staff && row.read_at.is_none())
        );
        assert_eq!(listed.total, Some(unread), "the unread ones");
        let listed = got(store.notifications(world.id(), staff, false, &page).await);
        assert_eq!(listed.items.len(), mine.count(), "read ones too");
    }
}
