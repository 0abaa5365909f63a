//! Links and sessions.

use super::world::{World, got, put};
use crate::access::{LinkStanding, Workspace};
use crate::identity::{Person, Session, SessionEnd, SessionKey, Standing};
use crate::policy::Role;
use crate::{Duration, SessionId, Store};

pub(super) async fn only_the_newest_link_is_the_newest(store: &dyn Store) {
    let world = World::in_store(store, 80).await;
    let World { samples: s, .. } = &world;
    let newest = async || got(store.newest_link(world.id(), world.anna_access.id).await);
    assert_eq!(newest().await, None, "no link yet");
    let first = s.link(&world.anna_access);
    put(store, [first.clone()]).await;
    assert_eq!(newest().await, Some(first.id));
    // Issued in the same microsecond: the id decides.
    let tie = s.link(&world.anna_access);
    put(store, [tie.clone()]).await;
    assert_eq!(
        newest().await,
        Some(tie.id),
        "of two links of one moment, the later id"
    );
    // An older one, written later and with a later id, is not newer.
    let old = s.at(s.at - Duration::microseconds(1)).link(&world.anna_access);
    put(store, [old]).await;
    assert_eq!(newest().await, Some(tie.id), "by time before id");
    let elsewhere = s.at(s.at + Duration::hours(1)).link(&world.ben_access);
    put(store, [elsewhere]).await;
    assert_eq!(newest().await, Some(tie.id), "another workspace's link");
    let later = s.at(s.at + Duration::microseconds(1)).link(&world.anna_access);
    put(store, [later.clone()]).await;
    assert_eq!(newest().await, Some(later.id), "by a microsecond");
}

pub(super) async fn links_are_counted_since(store: &dyn Store) {
    let world = World::in_store(store, 81).await;
    let World { samples: s, .. } = &world;
    for (access, minutes) in [
        (&world.anna_access, [0, 30, 59, 61]),
        (&world.ben_access, [1, 2, 3, 90]),
    ] {
        for ago in minutes {
            put(store, [s.at(s.at - Duration::minutes(ago)).link(access)]).await;
        }
    }
    let since = async |minutes| {
        let since = s.at - Duration::minutes(minutes);
        got(store.links_since(world.id(), world.anna_access.id, since).await)
    };
    assert_eq!(since(60).await, (3, 6), "in the last hour");
    assert_eq!(since(59).await, (3, 6), "since means from that moment on");
    assert_eq!(since(58).await, (2, 5));
    assert_eq!(since(-1).await, (0, 0), "since a moment that is to come");
    assert_eq!(since(1_000).await, (4, 8));
}

pub(super) async fn live_sessions_are_those_that_live(store: &dyn Store) {
    let world = World::in_store(store, 82).await;
    let World { samples: s, .. } = &world;
    let preview = Person::Preview {
        staff: world.owner.id,
        client: world.anna.id,
        access: world.anna_access.id,
    };
    let staff = s.session(Person::Staff(world.owner.id));
    let client = s.session(Person::Client(world.anna.id));
    let preview = s.session(preview);
    let ended = |person| Session {
        version: crate::Version::FIRST,
        ..s.session(person).end(SessionEnd::SignedOut, s.at)
    };
    let ended = [staff.person, client.person, preview.person].map(ended);
    let others = [
        s.session(Person::Staff(world.member.id)),
        s.session(Person::Client(world.ben.id)),
    ];
    put(store, [staff.clone(), client.clone(), preview.clone()]).await;
    put(store, ended).await;
    put(store, others).await;
    let ids = |sessions: Vec<Session>| {
        let mut ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
        ids.sort_unstable();
        ids
    };
    let of_staff = async |at| {
        ids(got(store
            .live_staff_sessions(world.id(), world.owner.id, at)
            .await))
    };
    let of_client = async |at| {
        ids(got(store
            .live_client_sessions(world.id(), world.anna.id, at)
            .await))
    };
    assert_eq!(
        of_staff(s.at).await,
        [staff.id, preview.id],
        "a staff member's, previews included"
    );
    assert_eq!(
        of_client(s.at).await,
        [client.id, preview.id],
        "a client's, previews included"
    );
    let last_moment = staff.expires_at - Duration::microseconds(1);
    assert_eq!(
        of_staff(last_moment).await,
        [staff.id, preview.id],
        "in their last moment"
    );
    assert!(of_staff(staff.expires_at).await.is_empty(), "expired");
    assert!(of_client(staff.expires_at).await.is_empty(), "expired");

    assert_eq!(got(store.active_owners(world.id()).await), 1);
    let mut more = [s.staff(Role::Owner), s.staff(Role::Owner), s.staff(Role::Admin)];
    more[1].active = false;
    put(store, more).await;
    assert_eq!(
        got(store.active_owners(world.id()).await),
        2,
        "active owners only"
    );
}

pub(super) async fn a_session_comes_with_all_that_stands_behind_it(store: &dyn Store) {
    let world = World::in_store(store, 84).await;
    let World { samples: s, .. } = &world;
    let (owner, anna, access) = (world.owner.clone(), world.anna.clone(), world.anna_access.clone());
    let lonely = s.client("Nobody", "Yet");
    put(store, [lonely.clone()]).await;
    let preview = Person::Preview {
        staff: owner.id,
        client: anna.id,
        access: access.id,
    };
    let (owner, anna) = (Some(owner), Some(anna));
    for (person, staff, client, has_active_access) in [
        (Person::Staff(world.owner.id), &owner, &None, false),
        (Person::Client(world.anna.id), &None, &anna, true),
        (Person::Client(lonely.id), &None, &Some(lonely.clone()), false),
        (preview, &owner, &anna, true),
    ] {
        let session = s.session(person);
        put(store, [session.clone()]).await;
        let expected = Some(Standing {
            session: session.clone(),
            practice: got(store.practice(world.id()).await).unwrap_or_else(|| s.practice()),
            staff: staff.clone(),
            client: client.clone(),
            has_active_access,
        });
        for key in [
            SessionKey::Id(session.id),
            SessionKey::Secret(session.secret_digest),
        ] {
            assert_eq!(got(store.standing(world.id(), key).await), expected, "{person:?}");
            assert_eq!(got(store.standing(s.id(), key).await), None, "another practice");
        }
    }
    // As it stands now, not as it stood when they signed in.
    let session = s.session(Person::Client(world.anna.id));
    put(store, [session.clone()]).await;
    let standing = async || {
        let standing = got(store.standing(world.id(), SessionKey::Id(session.id)).await);
        standing.map(|standing| standing.has_active_access)
    };
    assert_eq!(standing().await, Some(true));
    let revoked = access.revoke(s.at);
    put(store, revoked).await;
    assert_eq!(standing().await, Some(false), "an access that was revoked");
    let unknown = SessionKey::Id(s.id());
    assert_eq!(got(store.standing(world.id(), unknown).await), None);
}

pub(super) async fn secrets_are_found_by_their_hash(store: &dyn Store) {
    let world = World::in_store(store, 83).await;
    let World { samples: s, .. } = &world;
    let session = s.session(Person::Client(world.anna.id));
    let link = s.link(&world.anna_access);
    put(store, [session.clone()]).await;
    put(store, [link.clone()]).await;
    let by = async |digest| {
        let standing = got(store.standing(world.id(), SessionKey::Secret(digest)).await);
        standing.map(|standing| standing.session)
    };
    assert_eq!(by(session.secret_digest).await, Some(session.clone()));
    assert_eq!(by(s.digest()).await, None);
    let rotated = session.clone().rotate(s.digest(), s.at);
    put(store, [rotated.clone()]).await;
    assert_eq!(
        by(session.secret_digest).await,
        None,
        "the old secret is worth nothing"
    );
    assert_eq!(by(rotated.secret_digest).await, Some(rotated));
    let workspace = Workspace {
        access: world.anna_access.clone(),
        matter: world.case.clone(),
        client: world.anna.clone(),
    };
    let expected = LinkStanding {
        link: link.clone(),
        newest: link.id,
        workspace,
        practice: got(store.practice(world.id()).await).unwrap_or_else(|| s.practice()),
    };
    let sent = async |digest| got(store.link_standing(world.id(), digest).await);
    assert_eq!(sent(link.token_digest).await, Some(expected.clone()));
    assert_eq!(sent(link.code_digest).await, None);
    let later = s.at(s.at + Duration::microseconds(1)).link(&world.anna_access);
    put(store, [later.clone(), s.link(&world.ben_access)]).await;
    let expected = LinkStanding {
        newest: later.id,
        ..expected
    };
    assert_eq!(
        sent(link.token_digest).await,
        Some(expected),
        "a newer one to the same workspace"
    );
    let mut flipped = link.token_digest;
    flipped.0[31] ^= 1;
    assert_eq!(sent(flipped).await, None, "one bit off");

    let owner = world.owner.clone();
    let by = async |key: &str| got(store.staff_by_email(world.id(), key).await);
    assert_eq!(by(&owner.email.key()).await, Some(owner));
    assert_eq!(by("nobody@example.com").await, None);
}
