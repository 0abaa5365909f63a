use portal_core::audit::AuditFilter;
use portal_core::conversation::{Assigned, ConversationFilter};
use portal_core::notify::{DeliveryFilter, DeliveryState, Lane, Queue, Span};
use portal_core::sms::ReceivedFilter;
use portal_core::text::{Address, Phone};
use portal_core::workflow::Channel;
use portal_core::{ConversationId, PageRequest, StoreError, StoredAnswer, WorkflowId};

use super::{CLAIM, CLIENT, Catalogue, ID, MATTER, NOW, PRACTICE, STAFF, TIME_KEY, Use};
use crate::driver::Dialect;
use crate::table::Selects;
use crate::{audit, client, conversation, counter, housekeeping, idempotency, notify, sms};

/// A day, of which messages are counted.
const DAY: Span = Span {
    from: NOW,
    until: NOW,
};

/// What the workers look for and claim.
fn claims(it: &mut Catalogue, dialect: Dialect) {
    it.rare(
        "practices with events",
        notify::due_practices(Queue::Events, NOW, ID, 10),
    );
    it.rare(
        "practices with texts",
        notify::due_practices(Queue::Messages(Lane::Text), NOW, ID, 10),
    );
    it.hot(
        "claim events",
        notify::claim_events(dialect, PRACTICE, (NOW, NOW), 10),
    );
    it.hot(
        "claim deliveries",
        notify::claim_deliveries(dialect, (PRACTICE, Lane::Mail), (NOW, NOW), 10),
    );
}

pub(super) fn telling(it: &mut Catalogue, dialect: Dialect) -> Result<(), StoreError> {
    claims(it, dialect);
    it.hot("delivery", notify::DeliveryRow::by_id(PRACTICE, ID));
    let reader = Address::try_from("reader@example.test".to_owned())
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    it.hot("open deliveries", notify::open_deliveries(PRACTICE, &reader, 10));
    let none = DeliveryFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "on a matter",
            DeliveryFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to a client",
            DeliveryFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by state",
            DeliveryFilter {
                state: Some(DeliveryState::Failed),
                ..none.clone()
            },
        ),
        (
            "of a workflow",
            DeliveryFilter {
                workflow: Some(WorkflowId(ID)),
                ..none.clone()
            },
        ),
        (
            "by everything",
            DeliveryFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                state: Some(DeliveryState::Failed),
                workflow: Some(WorkflowId(ID)),
                channel: Some(Channel::Sms),
                automated: Some(true),
                created: Some(DAY),
            },
        ),
        (
            "of staff to a client",
            DeliveryFilter {
                client: Some(CLIENT),
                channel: Some(Channel::Sms),
                automated: Some(false),
                ..none.clone()
            },
        ),
        (
            "of a day",
            DeliveryFilter {
                created: Some(DAY),
                ..none.clone()
            },
        ),
        (
            "over a channel",
            DeliveryFilter {
                channel: Some(Channel::Sms),
                ..none.clone()
            },
        ),
    ];
    let day = DeliveryFilter {
        created: Some(DAY),
        ..none.clone()
    };
    it.hot(
        "deliveries of a day, counted",
        notify::delivery_counts(PRACTICE, &day),
    );
    for (name, filter) in &filters {
        let count = notify::deliveries_count(PRACTICE, filter);
        let list = |page: &PageRequest| notify::deliveries(PRACTICE, filter, page);
        it.list(&format!("deliveries {name}"), TIME_KEY, list, Some(count))?;
    }
    it.hot("written on matters", notify::written_on(PRACTICE, &[ID; 3]));
    text_messages(it)?;
    conversations(it)?;
    it.hot("notification", notify::NotificationRow::by_id(PRACTICE, ID));
    for unread in [false, true] {
        let count = notify::notifications_count(PRACTICE, STAFF, unread);
        let list = |page: &PageRequest| notify::notifications(PRACTICE, STAFF, unread, page);
        it.list(
            &format!("notifications, unread: {unread}"),
            TIME_KEY,
            list,
            Some(count),
        )?;
    }
    Ok(())
}

fn text_messages(it: &mut Catalogue) -> Result<(), StoreError> {
    let phone =
        Phone::try_from("+61491570156".to_owned()).map_err(|error| StoreError::Failed(error.to_string()))?;
    it.hot("phone records", sms::phone_records(PRACTICE, &[ID; 3]));
    it.hot("phone record", sms::phone_record(PRACTICE, &phone));
    it.list(
        "consents",
        TIME_KEY,
        |page| sms::consents(PRACTICE, &phone, page),
        Some(sms::consent_count(PRACTICE, &phone)),
    )?;
    it.hot("received message", sms::ReceivedSmsRow::by_id(PRACTICE, ID));
    let from = ReceivedFilter {
        from: Some(phone.clone()),
        ..ReceivedFilter::default()
    };
    let unread = ReceivedFilter {
        after: Some(NOW),
        ..ReceivedFilter::of(ConversationId(ID))
    };
    for (name, filter) in [
        ("received messages", &ReceivedFilter::default()),
        ("received messages of a number", &from),
        (
            "received messages of a conversation",
            &ReceivedFilter::of(ConversationId(ID)),
        ),
        ("received messages that are unread", &unread),
    ] {
        let count = sms::received_count(PRACTICE, filter);
        it.list(
            name,
            TIME_KEY,
            |page| sms::received(PRACTICE, filter, page),
            Some(count),
        )?;
    }
    it.add(Use::Shared, "who texted a number", sms::who_texted(&phone));
    it.hot("clients of a number", client::clients_by_phone(PRACTICE, &phone));
    Ok(())
}

fn conversations(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("conversation", conversation::ConversationRow::by_id(PRACTICE, ID));
    it.hot("joined numbers", conversation::joined_numbers(PRACTICE, &[ID; 3]));
    let none = ConversationFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "unread",
            ConversationFilter {
                unread: true,
                ..none.clone()
            },
        ),
        (
            "of numbers that joined",
            ConversationFilter {
                joined: true,
                assigned: Some(Assigned::To(STAFF)),
                ..none.clone()
            },
        ),
        (
            "assigned",
            ConversationFilter {
                assigned: Some(Assigned::To(STAFF)),
                ..none.clone()
            },
        ),
        (
            "of nobody",
            ConversationFilter {
                assigned: Some(Assigned::Nobody),
                ..none.clone()
            },
        ),
        (
            "of one's own",
            ConversationFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "by everything",
            ConversationFilter {
                unread: true,
                unknown: true,
                assigned: Some(Assigned::Nobody),
                channel: Some(Channel::Sms),
                q: Some("anna 614".into()),
                visible_to: Some(STAFF),
                joined: false,
            },
        ),
    ];
    for (name, visible_to) in [("all", None), ("one's own", Some(STAFF))] {
        let unread = ConversationFilter {
            unread: true,
            visible_to,
            ..none.clone()
        };
        it.hot(
            format!("conversations that are unread, of {name}, as far as it goes"),
            conversation::conversations_up_to(PRACTICE, &unread, 100),
        );
    }
    for (name, filter) in &filters {
        let count = conversation::conversations_count(PRACTICE, filter);
        let list = |page: &PageRequest| conversation::conversations(PRACTICE, filter, page);
        it.list(&format!("conversations {name}"), TIME_KEY, list, Some(count))?;
    }
    Ok(())
}

pub(super) fn rest(it: &mut Catalogue) -> Result<(), StoreError> {
    let none = AuditFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "on a matter",
            AuditFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "about a record",
            AuditFilter {
                subject: Some(ID),
                ..none.clone()
            },
        ),
        (
            "of an action",
            AuditFilter {
                action: Some("access.revoked".into()),
                ..none.clone()
            },
        ),
        (
            "of a staff member",
            AuditFilter {
                staff: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "of a client",
            AuditFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "from an address",
            AuditFilter {
                ip: Some(std::net::Ipv4Addr::LOCALHOST.into()),
                ..none.clone()
            },
        ),
        (
            "of a time",
            AuditFilter {
                from: Some(NOW),
                until: Some(NOW),
                ..none.clone()
            },
        ),
        (
            "by everything",
            AuditFilter {
                matter: Some(MATTER),
                subject: Some(ID),
                action: Some("access.revoked".into()),
                staff: Some(STAFF),
                client: Some(CLIENT),
                ip: Some(std::net::Ipv4Addr::LOCALHOST.into()),
                from: Some(NOW),
                until: Some(NOW),
            },
        ),
    ];
    for (name, filter) in &filters {
        let count = audit::entries_count(PRACTICE, filter);
        let list = |page: &PageRequest| audit::entries(PRACTICE, filter, page);
        it.list(&format!("audit entries {name}"), TIME_KEY, list, Some(count))?;
    }
    it.hot("count", counter::count(PRACTICE, "sign-in", NOW));
    it.hot("counted", counter::counted(PRACTICE, "sign-in", NOW));
    it.hot("claim key", idempotency::claim(PRACTICE, "k", CLAIM, NOW));
    it.hot("find key", idempotency::find(PRACTICE, "k"));
    let answer = StoredAnswer {
        status: 200,
        content_type: None,
        etag: None,
        location: None,
        body: Vec::new(),
    };
    it.hot("store answer", idempotency::answer(PRACTICE, "k", answer, NOW));
    it.hot("extend key", idempotency::extend(PRACTICE, "k", NOW));
    it.hot("release key", idempotency::release(PRACTICE, "k"));
    for (number, sweep) in housekeeping::sweeps(NOW).into_iter().enumerate() {
        it.rare(format!("sweep {number}"), sweep);
    }
    Ok(())
}
