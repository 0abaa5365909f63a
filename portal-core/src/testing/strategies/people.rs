use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{date, email, line, name, phone, recent, settings};
use crate::access::{AccessState, PortalAccess};
use crate::client::{Client, Passport};
use crate::identity::{Person, Session, SessionEnd, StaffMember};
use crate::matter::Matter;
use crate::policy::Role;
use crate::testing::Samples;
use crate::{AccessId, Actor, ClientId, Context, Date, Duration, StaffId};

/// A role.
pub fn role() -> impl Strategy<Value = Role> {
    select(&Role::ALL[..])
}

/// A state of a portal access.
pub fn access_state() -> impl Strategy<Value = AccessState> {
    select(vec![
        AccessState::Active,
        AccessState::Revoked,
        AccessState::Closed,
    ])
}

/// A staff member of any role, active or not.
pub fn staff_member(samples: &Samples) -> impl Strategy<Value = StaffMember> + use<> {
    let samples = samples.clone();
    (name(), role(), any::<bool>(), any::<bool>(), recent()).prop_map(
        move |(name, role, active, has_password, created_at)| {
            let staff = samples.staff(role);
            StaffMember {
                name,
                active,
                password_hash: staff.password_hash.clone().filter(|_| has_password),
                created_at,
                ..staff
            }
        },
    )
}

/// A client of whom anything or nothing is known.
pub fn client(samples: &Samples) -> impl Strategy<Value = Client> + use<> {
    let samples = samples.clone();
    let names = (name(), option::of(name()));
    let zone =
        select(vec!["UTC", "Australia/Sydney", "America/Argentina/Buenos_Aires"]).prop_map(str::to_owned);
    let reach = (
        option::of(email()),
        option::of(phone()),
        option::of(line(35)),
        option::of(zone),
    );
    let papers = (
        option::of(date()),
        option::of(line(60)),
        option::of(line(40)),
        option::of(date()),
    );
    let record = (any::<bool>(), any::<bool>(), recent(), recent());
    (names, reach, papers, record).prop_map(
        move |((given_names, family_name), (email, phone, language, time_zone), papers, record)| {
            let client = samples.client("", "");
            let (date_of_birth, nationality, number, issued_on) = papers;
            let (has_reference, active, created_at, updated_at) = record;
            Client {
                reference: client.reference.clone().filter(|_| has_reference),
                given_names,
                family_name: family_name.unwrap_or_default(),
                email,
                phone,
                date_of_birth,
                nationality,
                passport: Passport {
                    number,
                    issued_on,
                    expires_on: issued_on.and_then(ten_years_later),
                },
                language,
                time_zone,
                active,
                created_at,
                updated_at,
                ..client
            }
        },
    )
}

fn ten_years_later(issued_on: Date) -> Option<Date> {
    issued_on.checked_add(Duration::days(3_652))
}

/// A portal access of `client` on `matter` in any state.
pub fn access(
    samples: &Samples,
    matter: &Matter,
    client: &Client,
) -> impl Strategy<Value = PortalAccess> + use<> {
    let (samples, matter, client) = (samples.clone(), matter.clone(), client.clone());
    (
        access_state(),
        option::of(recent()),
        option::of(recent()),
        recent(),
    )
        .prop_map(
            move |(state, invited_at, first_entered_at, created_at)| PortalAccess {
                state,
                invited_at,
                first_entered_at,
                created_at,
                ..samples.access(&matter, &client)
            },
        )
}

/// Whose a session can be, among these people.
pub fn person(staff: StaffId, client: ClientId, access: AccessId) -> impl Strategy<Value = Person> {
    select(vec![
        Person::Staff(staff),
        Person::Client(client),
        Person::Preview {
            staff,
            client,
            access,
        },
    ])
}

/// A session of `person`, alive or ended.
pub fn session(samples: &Samples, person: Person) -> impl Strategy<Value = Session> + use<> {
    let samples = samples.clone();
    let why = select(vec![
        SessionEnd::SignedOut,
        SessionEnd::SignedOutEverywhere,
        SessionEnd::AccessRevoked,
        SessionEnd::MatterClosed,
        SessionEnd::Deactivated,
        SessionEnd::Replaced,
    ]);
    (settings(), recent(), recent(), option::of((recent(), why))).prop_map(
        move |(settings, at, seen_at, ended)| {
            let origin = samples.origin();
            let (id, digest) = (samples.id(), samples.digest());
            let begun = Session::begin(id, samples.practice, person, digest, &settings, origin, at);
            Session {
                seen_at,
                ended,
                ..begun
            }
        },
    )
}

/// Anybody who can act.
pub fn actor() -> impl Strategy<Value = Actor> {
    let id = || any::<[u8; 16]>().prop_map(uuid::Uuid::from_bytes);
    prop_oneof![
        4 => (id(), role()).prop_map(|(id, role)| Actor::Staff { id: StaffId(id), role }),
        2 => id().prop_map(|id| Actor::Client { id: ClientId(id) }),
        1 => (id(), id(), id()).prop_map(|(staff, client, access)| Actor::Preview {
            staff: StaffId(staff),
            client: ClientId(client),
            access: AccessId(access),
        }),
        1 => select(vec!["worker", "import"]).prop_map(Actor::System),
        1 => Just(Actor::Anyone),
    ]
}

/// Something that anybody does in the practice of `samples`.
pub fn context(samples: &Samples) -> impl Strategy<Value = Context> + use<> {
    let samples = samples.clone();
    (actor(), recent()).prop_map(move |(actor, at)| samples.at(at).context(actor))
}
