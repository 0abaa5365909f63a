//! Sessions.

use portal_core::identity::{IdentityRule, Person, Session, SessionEnd};
use portal_core::policy::Role;
use portal_core::practice::PracticeSettings;
use portal_core::testing::{Samples, strategies};
use portal_core::{AccessId, ClientId, Duration, StaffId};
use proptest::prelude::*;

fn begun(settings: &PracticeSettings) -> (Samples, Session) {
    let samples = Samples::new(1);
    let person = Person::Client(samples.id());
    let (id, digest, origin) = (samples.id(), samples.digest(), samples.origin());
    let session = Session::begin(id, samples.practice, person, digest, settings, origin, samples.at);
    (samples, session)
}

#[test]
fn a_session_ends_by_age_and_by_idleness_to_the_moment() {
    let settings = PracticeSettings {
        session_minutes: 60,
        idle_minutes: 20,
        ..PracticeSettings::default()
    };
    let (samples, session) = begun(&settings);
    let (idle, moment) = (settings.idle_life(), Duration::microseconds(1));
    let start = samples.at;
    assert!(session.is_alive(idle, start));
    assert!(session.is_alive(idle, start + idle - moment));
    assert!(!session.is_alive(idle, start + idle));
    // Used again and again, it still ends.
    let mut used = session;
    let end = start + Duration::minutes(60);
    let mut now = start;
    while now + Duration::minutes(10) < end {
        now = now + Duration::minutes(10);
        used = used.seen(now).unwrap();
        assert!(used.is_alive(idle, now));
    }
    assert!(used.is_alive(idle, end - moment));
    assert!(!used.is_alive(idle, end));
    assert_eq!(used.expires_at, end, "use does not lengthen its life");
}

#[test]
fn use_is_noted_once_a_minute() {
    let (samples, session) = begun(&PracticeSettings::default());
    let at = |seconds| samples.at + Duration::seconds(seconds);
    assert_eq!(session.clone().seen(at(59)), None);
    assert_eq!(
        session.clone().seen(at(-100)),
        None,
        "a clock that went back notes nothing"
    );
    let seen = session.clone().seen(at(60)).unwrap();
    assert_eq!((seen.seen_at, seen.version), (at(60), session.version.next()));
}

proptest! {
    #[test]
    fn what_has_ended_never_lives_again(settings in strategies::settings(), after in 0_i64..400_000, at in 0_i64..400_000) {
        let (samples, session) = begun(&settings);
        let (first, second) = (samples.at + Duration::seconds(at), samples.at + Duration::seconds(at + 1));
        let ended = session.end(SessionEnd::AccessRevoked, first);
        prop_assert!(!ended.is_alive(settings.idle_life(), samples.at + Duration::seconds(after)));
        let twice = ended.clone().end(SessionEnd::SignedOut, second);
        prop_assert_eq!(twice.ended, ended.ended, "why it ended first is what stays");
        let rotated = twice.rotate(samples.digest(), second);
        prop_assert!(!rotated.is_alive(settings.idle_life(), second), "a new secret does not revive it");
    }

    #[test]
    fn no_session_outlives_two_days(settings in strategies::settings(), seconds in 172_800_i64..400_000) {
        let (samples, session) = begun(&settings);
        prop_assert!(session.expires_at - session.created_at <= Duration::hours(48));
        let used = Session { seen_at: samples.at + Duration::seconds(seconds), ..session };
        prop_assert!(!used.is_alive(settings.idle_life(), samples.at + Duration::seconds(seconds)));
    }

    #[test]
    fn revoking_ends_what_stands_on_the_access(elsewhere: bool, previewed: bool) {
        let samples = Samples::new(1);
        let (staff, client): (StaffId, ClientId) = (samples.id(), samples.id());
        let (access, other): (AccessId, AccessId) = (samples.id(), samples.id());
        let preview = Person::Preview { staff, client, access: if previewed { access } else { other } };
        prop_assert_eq!(samples.session(preview).ends_with(access, elsewhere), previewed);
        prop_assert_eq!(samples.session(Person::Client(client)).ends_with(access, elsewhere), !elsewhere);
        prop_assert!(!samples.session(Person::Staff(staff)).ends_with(access, elsewhere));
    }

    #[test]
    fn a_practice_keeps_an_owner(
        was in strategies::role(), was_active: bool,
        role in strategies::role(), active: bool,
        others in 0_u64..3,
    ) {
        let samples = Samples::new(1);
        let mut staff = samples.staff(was);
        staff.active = was_active;
        let owns = |role, active| u64::from(role == Role::Owner && active);
        let owners = others + owns(was, was_active);
        match staff.clone().with_standing(role, active, owners) {
            Ok(after) => {
                prop_assert_eq!((after.role, after.active, after.version), (role, active, staff.version.next()));
                prop_assert!(others + owns(role, active) > 0 || owners == 0);
            }
            Err(IdentityRule::LastOwner) => prop_assert!(others + owns(role, active) == 0 && owners > 0),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
