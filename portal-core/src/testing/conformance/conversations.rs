//! Conversations: what is kept of them, found by what it says.

use super::world::{World, got, put};
use crate::client::Client;
use crate::conversation::{Assigned, Conversation, ConversationFilter, Happening};
use crate::identity::StaffMember;
use crate::notify::{Delivery, DeliveryFilter, DeliveryState, Letter};
use crate::sms::{ReceivedFilter, ReceivedSms, Texted};
use crate::text::Phone;
use crate::workflow::Channel;
use crate::{ClientId, ConversationId, Duration, Page, PageRequest, PracticeId, StaffId, Store, Timestamp};

fn phone(number: u32) -> Phone {
    Phone::try_from(format!("+614915{number:05}")).expect("a number in E.164 form")
}

/// One of each kind: of Anna and Ben, of a number that nobody knows, and of one that joined Anna's.
fn some(world: &World) -> [Conversation; 4] {
    let World { samples: s, .. } = world;
    let at = |minutes| s.at + Duration::minutes(minutes);
    let begun = |client: &Client| Conversation::of_client(world.id(), client.id, s.at);
    let anna = Conversation {
        assignee_id: Some(world.member.id),
        ..begun(&world.anna).noting(Happening::Automated(Channel::Email), at(1))
    };
    let ben = begun(&world.ben).noting(Happening::Automated(Channel::Sms), at(2));
    let number = |number| Conversation::of_number(world.id(), phone(number), s.at);
    let unknown = number(1).noting(Happening::Wrote("Who is this?"), at(3));
    let joined = Conversation {
        client_id: Some(world.anna.id),
        assignee_id: Some(world.member.id),
        unread: 4,
        ..number(2).noting(Happening::Wrote("It is Anna"), at(4))
    };
    [anna, ben, unknown, joined]
}

fn ids(page: &Page<Conversation>) -> Vec<ConversationId> {
    page.items.iter().map(|row| row.id).collect()
}

pub(super) async fn conversations_are_filtered_as_defined(store: &dyn Store) {
    let world = World::in_store(store, 96).await;
    let [anna, ben, unknown, joined] = some(&world);
    put(
        store,
        [anna.clone(), ben.clone(), unknown.clone(), joined.clone()],
    )
    .await;
    let page = PageRequest::first(200).with_total();
    let none = ConversationFilter::default();
    // The member works on Ben's matter and not on Anna's, and answers Anna.
    let staff = world.samples.id();
    let named = |q: &str| ConversationFilter {
        q: Some(q.into()),
        ..none.clone()
    };
    let cases = [
        (none.clone(), vec![unknown.id, ben.id, anna.id]),
        (
            ConversationFilter {
                unread: true,
                ..none.clone()
            },
            vec![unknown.id],
        ),
        (
            ConversationFilter {
                unknown: true,
                ..none.clone()
            },
            vec![unknown.id],
        ),
        (
            ConversationFilter {
                assigned: Some(Assigned::To(world.member.id)),
                ..none.clone()
            },
            vec![anna.id],
        ),
        (
            ConversationFilter {
                assigned: Some(Assigned::Nobody),
                ..none.clone()
            },
            vec![unknown.id, ben.id],
        ),
        (
            ConversationFilter {
                channel: Some(Channel::Sms),
                ..none.clone()
            },
            vec![unknown.id, ben.id],
        ),
        (
            ConversationFilter {
                channel: Some(Channel::Email),
                ..none.clone()
            },
            vec![anna.id],
        ),
        (named(&world.ben.given_names.to_uppercase()), vec![ben.id]),
        (named("61491500001"), vec![unknown.id]),
        (named("61491500002"), vec![]),
        (named("nobody%"), vec![]),
        (
            ConversationFilter {
                visible_to: Some(staff),
                ..none.clone()
            },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let found = got(store.conversations(world.id(), &filter, &page).await);
        assert_eq!(ids(&found), expected, "conversations of {filter:?}");
        assert_eq!(found.total, Some(expected.len() as u64), "{filter:?} counted");
    }
    numbers_that_joined(store, &world, joined).await;
    visible_as_defined(store, &world, [&unknown, &ben, &anna]).await;
    unread_as_far_as_asked(store, &world, staff).await;
    of_who_left(store, &world, anna.id).await;
}

/// Numbers that joined a client's are found by that client, and by who answered them; `joined` is Anna's.
async fn numbers_that_joined(store: &dyn Store, world: &World, joined: Conversation) {
    let of = async |clients: &[ClientId]| got(store.joined_numbers(world.id(), clients).await);
    assert_eq!(
        of(&[world.ben.id, world.anna.id]).await,
        std::slice::from_ref(&joined)
    );
    assert!(of(&[]).await.is_empty() && of(&[world.ben.id]).await.is_empty());
    let page = PageRequest::first(200).with_total();
    for (assigned, found) in [
        (None, true),
        (Some(Assigned::To(world.member.id)), true),
        (Some(Assigned::To(world.owner.id)), false),
        (Some(Assigned::Nobody), false),
    ] {
        let filter = ConversationFilter {
            joined: true,
            assigned,
            ..ConversationFilter::default()
        };
        let listed = got(store.conversations(world.id(), &filter, &page).await);
        let expected: &[Conversation] = if found { std::slice::from_ref(&joined) } else { &[] };
        assert_eq!(listed.items, expected, "{filter:?}");
        assert_eq!(listed.total, Some(expected.len() as u64), "{filter:?} counted");
    }
}

/// Unread conversations are counted as far as asked, and no further. `nobody` works for nobody.
async fn unread_as_far_as_asked(store: &dyn Store, world: &World, nobody: StaffId) {
    let unread = async |whose, at_most| got(store.unread_conversations(world.id(), whose, at_most).await);
    assert_eq!((unread(None, 9).await, unread(Some(nobody), 9).await), (1, 0));
    let more: Vec<Conversation> = (3..6)
        .map(|number| Conversation::of_number(world.id(), phone(number), world.samples.at))
        .map(|begun| begun.noting(Happening::Wrote("Hello"), world.samples.at))
        .collect();
    put(store, more).await;
    assert_eq!(
        (
            unread(None, 9).await,
            unread(None, 2).await,
            unread(None, 4).await
        ),
        (4, 2, 4)
    );
}

/// Whom somebody answered who left is nobody's.
async fn of_who_left(store: &dyn Store, world: &World, anna: ConversationId) {
    let left = StaffMember {
        version: world.member.version.next(),
        active: false,
        ..world.member.clone()
    };
    put(store, [left]).await;
    let of_nobody = ConversationFilter {
        assigned: Some(Assigned::Nobody),
        q: Some(world.anna.given_names.clone()),
        ..ConversationFilter::default()
    };
    let found = got(store
        .conversations(world.id(), &of_nobody, &PageRequest::first(200))
        .await);
    assert_eq!(ids(&found), [anna], "hers was theirs");
}

/// Each staff member sees what they answer and the clients of their matters.
async fn visible_as_defined(store: &dyn Store, world: &World, all: [&Conversation; 3]) {
    let page = PageRequest::first(200);
    let whose = |who| ConversationFilter {
        visible_to: Some(who),
        ..ConversationFilter::default()
    };
    for who in [world.owner.id, world.member.id] {
        let found = got(store.conversations(world.id(), &whose(who), &page).await);
        let mut expected = Vec::new();
        for row in all {
            let mut works = row.assignee_id == Some(who);
            if let Some(client) = row.client_id {
                for part in got(store.participations(world.id(), client).await) {
                    let matter = got(store.matter(world.id(), part.matter_id).await);
                    let owns = matter.is_some_and(|matter| matter.owner_id == who);
                    let seat = got(store.is_on_team(world.id(), part.matter_id, who).await);
                    works |= !part.removed && (owns || seat);
                }
            }
            if works {
                expected.push(row.id);
            }
        }
        assert_eq!(ids(&found), expected, "visible to {who}");
    }
}

pub(super) async fn conversations_reach_every_item_once(store: &dyn Store) {
    let world = World::in_store(store, 97).await;
    // Several at the same time, so that ids decide.
    let rows: Vec<Conversation> = (0..23)
        .map(|number| {
            let at = world.samples.at + Duration::minutes(i64::from(number / 5));
            Conversation::of_number(world.id(), phone(number), at).noting(Happening::Wrote("Hello"), at)
        })
        .collect();
    put(store, rows.clone()).await;
    let mut seen = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(4).after(next);
        let page = got(store
            .conversations(world.id(), &ConversationFilter::default(), &page)
            .await);
        seen.extend(ids(&page));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    let mut expected = rows;
    expected.sort_by_key(|row| std::cmp::Reverse((row.last_at, row.id)));
    let expected: Vec<ConversationId> = expected.iter().map(|row| row.id).collect();
    assert_eq!(seen, expected, "each once, the newest first");
}

pub(super) async fn what_came_in_is_found_by_where_it_came(store: &dyn Store) {
    let world = World::in_store(store, 98).await;
    let World { samples: s, .. } = &world;
    let places = [
        Conversation::id_of(world.anna.id),
        Conversation::id_of_number(&phone(1)),
    ];
    let rows: Vec<ReceivedSms> = (0..12_u32)
        .map(|number| ReceivedSms {
            conversation_id: places[(number % 2) as usize],
            from: phone(number % 3),
            received_at: s.at + Duration::minutes(i64::from(number)),
            ..s.received_sms()
        })
        .collect();
    put(store, rows.clone()).await;
    let page = PageRequest::first(200).with_total();
    for from in [None, Some(phone(0)), Some(phone(2))] {
        for conversation in [None, Some(places[0]), Some(places[1]), Some(s.id())] {
            for after in [None, Some(s.at + Duration::minutes(5))] {
                let filter = ReceivedFilter {
                    from: from.clone(),
                    conversation,
                    after,
                };
                let found = got(store.received(world.id(), &filter, &page).await);
                let mut expected: Vec<_> = rows
                    .iter()
                    .filter(|row| {
                        from.as_ref().is_none_or(|from| row.from == *from)
                            && conversation.is_none_or(|id| row.conversation_id == id)
                            && after.is_none_or(|after| row.received_at > after)
                    })
                    .cloned()
                    .collect();
                expected.reverse();
                assert_eq!(found.total, Some(expected.len() as u64), "{filter:?} counted");
                assert!(found.items == expected, "received: {filter:?}");
            }
        }
    }
}

/// More than any page holds stands between an answer of staff and now.
pub(super) async fn the_newest_of_each_kind_is_found_among_many(store: &dyn Store) {
    let world = World::in_store(store, 102).await;
    let World { samples: s, .. } = &world;
    let many = i64::from(PageRequest::MOST) + 30;
    let at = |minutes| s.at + Duration::minutes(minutes);
    let event = s.event(&world.case, &world.owner);
    let answer = |client: &Client, minutes| Delivery {
        to: s.phone().into(),
        letter: Letter::Reply {
            about: s.about(&world.case, &client.name()),
            text: "Tomorrow at ten.".into(),
            by: Some(world.owner.id),
        },
        matter_id: None,
        created_at: at(minutes),
        ..s.delivery(&event, &world.case, client)
    };
    let (of_anna, of_ben) = (answer(&world.anna, 1), answer(&world.ben, many + 9));
    let texts: Vec<Delivery> = (2..many)
        .map(|minutes| Delivery {
            created_at: at(minutes),
            ..s.automated(&event, &world.case, &world.anna)
        })
        .collect();
    let mail = Delivery {
        created_at: at(many + 5),
        ..s.delivery(&event, &world.case, &world.anna)
    };
    let place = Conversation::id_of(world.anna.id);
    let came: Vec<ReceivedSms> = (2..many)
        .map(|minutes| ReceivedSms {
            conversation_id: place,
            received_at: at(minutes),
            ..s.received_sms()
        })
        .collect();
    put(store, texts.clone()).await;
    put(store, [of_anna.clone(), of_ben.clone(), mail.clone()]).await;
    put(store, came.clone()).await;
    let one = PageRequest::first(1).with_total();
    let newest = async |client: &Client, channel, automated| {
        let filter = DeliveryFilter {
            client: Some(client.id),
            channel,
            automated,
            ..DeliveryFilter::default()
        };
        let found = got(store.deliveries(world.id(), &filter, &one).await);
        let listed = found.items.iter().all(|row| filter.admits(row));
        assert!(listed, "listed by {filter:?}");
        (found.items.into_iter().next(), found.total.unwrap_or_default())
    };
    let (sms, count) = (Some(Channel::Sms), texts.len() as u64);
    assert_eq!(newest(&world.anna, sms, Some(false)).await, (Some(of_anna), 1));
    assert_eq!(newest(&world.ben, sms, Some(false)).await, (Some(of_ben), 1));
    assert_eq!(newest(&world.ben, None, Some(true)).await, (None, 0));
    let last = texts.last().cloned();
    assert_eq!(newest(&world.anna, sms, Some(true)).await, (last.clone(), count));
    assert_eq!(newest(&world.anna, sms, None).await, (last, count + 1));
    assert_eq!(newest(&world.anna, None, Some(false)).await, (Some(mail), 2));
    let unread = ReceivedFilter {
        after: Some(at(2)),
        ..ReceivedFilter::of(place)
    };
    let found = got(store.received(world.id(), &unread, &one).await);
    assert!(found.items.first() == came.last(), "what came last");
    assert_eq!(found.total, Some(count - 1), "what came after the first");
}

pub(super) async fn clients_are_found_by_their_number(store: &dyn Store) {
    let world = World::in_store(store, 99).await;
    let with = |number: Option<u32>| Client {
        phone: number.map(phone),
        ..world.samples.client("Somebody", "Else")
    };
    let (one, two, other, without) = (with(Some(7)), with(Some(7)), with(Some(8)), with(None));
    put(store, [one.clone(), two.clone(), other.clone(), without]).await;
    let found = async |number| {
        let mut ids: Vec<_> = got(store.clients_by_phone(world.id(), &phone(number)).await)
            .into_iter()
            .map(|client| client.id)
            .collect();
        ids.sort();
        ids
    };
    let mut both = vec![one.id, two.id];
    both.sort();
    assert_eq!(found(7).await, both, "who shares a number");
    assert_eq!(found(8).await, [other.id]);
    assert!(found(9).await.is_empty());
}

pub(super) async fn who_texted_a_number_is_told_of_all_practices(store: &dyn Store) {
    let (one, two) = (
        World::in_store(store, 100).await,
        World::in_store(store, 101).await,
    );
    let minute = |number| one.samples.at + Duration::minutes(number);
    let text = |world: &World, to: u32, state, (tried, sent): (Option<i64>, Option<i64>)| {
        let event = world.samples.event(&world.case, &world.owner);
        Delivery {
            to: phone(to).into(),
            state,
            tried_at: tried.map(minute),
            sent_at: sent.map(minute),
            ..world.samples.automated(&event, &world.case, &world.anna)
        }
    };
    let told = async |to: u32| {
        let mut told = got(store.who_texted(&phone(to)).await);
        told.sort_by_key(|it| it.practice);
        told
    };
    let expected = |of: &[(PracticeId, Option<i64>)]| {
        let texted = |(practice, left): &(PracticeId, Option<i64>)| Texted {
            practice: *practice,
            left: left.map(minute) as Option<Timestamp>,
        };
        let mut expected: Vec<Texted> = of.iter().map(texted).collect();
        expected.sort_by_key(|it| it.practice);
        expected
    };
    put(
        store,
        [
            // What left last counts, not what was tried last.
            text(&one, 1, DeliveryState::Delivered, (Some(0), Some(9))),
            text(&one, 1, DeliveryState::Sent, (Some(5), Some(6))),
            text(&one, 1, DeliveryState::Queued, (None, None)),
            text(&one, 1, DeliveryState::Held, (None, None)),
            text(&one, 2, DeliveryState::Failed, (Some(1), None)),
            text(&one, 3, DeliveryState::Queued, (None, None)),
            text(&one, 4, DeliveryState::Failed, (Some(1), Some(2))),
            // It may be with its reader, though nobody said so: it is tried again under its key, or was held back then.
            text(&one, 5, DeliveryState::Queued, (Some(7), None)),
            text(&one, 6, DeliveryState::Held, (Some(4), None)),
            // It was given up before it was tried.
            text(&one, 7, DeliveryState::Failed, (None, None)),
        ],
    )
    .await;
    put(
        store,
        [
            text(&two, 1, DeliveryState::Unknown, (Some(8), None)),
            text(&two, 2, DeliveryState::Sending, (Some(3), None)),
            text(&two, 3, DeliveryState::Held, (None, None)),
        ],
    )
    .await;
    let both = |left_one, left_two| expected(&[(one.id(), left_one), (two.id(), left_two)]);
    assert_eq!(told(1).await, both(Some(9), Some(8)));
    assert_eq!(told(2).await, both(None, Some(3)), "what was refused was tried");
    assert_eq!(told(3).await, [], "nothing left");
    assert_eq!(told(4).await, expected(&[(one.id(), Some(2))]));
    assert_eq!(told(5).await, expected(&[(one.id(), Some(7))]));
    assert_eq!(told(6).await, expected(&[(one.id(), Some(4))]));
    assert_eq!(told(7).await, [], "nothing left");
    assert_eq!(told(8).await, [], "nobody's");
}
