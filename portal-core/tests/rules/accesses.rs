//! Portal access.

use portal_core::access::{AccessRule, AccessState, PortalAccess};
use portal_core::client::Client;
use portal_core::matter::{Matter, MatterState, Part, Participant};
use portal_core::policy::Role;
use portal_core::testing::{Samples, strategies};
use portal_core::{ClientId, Duration};
use proptest::prelude::*;

struct Case {
    samples: Samples,
    matter: Matter,
    client: Client,
    part: Participant,
    access: PortalAccess,
}

fn case() -> Case {
    let samples = Samples::new(1);
    let matter = samples.matter(&samples.staff(Role::Owner));
    let client = samples.client("Anna", "Berg");
    Case {
        part: samples.participant(&matter, &client, Part::Principal),
        access: samples.access(&matter, &client),
        samples,
        matter,
        client,
    }
}

/// What can happen to a workspace.
#[derive(Debug, Clone, Copy)]
enum Step {
    Restore,
    Revoke,
    Close,
    Invite,
    Enter,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = proptest::sample::select(vec![
        Step::Restore,
        Step::Revoke,
        Step::Close,
        Step::Invite,
        Step::Enter,
    ]);
    proptest::collection::vec(step, 0..20)
}

proptest! {
    #[test]
    fn only_staff_bring_a_workspace_back(state in strategies::access_state(), steps in steps()) {
        let case = case();
        let mut access = PortalAccess { state, ..case.access };
        for (step, number) in steps.into_iter().zip(0..) {
            let before = access.clone();
            let at = case.samples.at + Duration::seconds(number);
            let after = match step {
                Step::Restore => before.clone().restore(&case.matter, Some(&case.part), &case.client, at).ok(),
                Step::Revoke => before.clone().revoke(at).ok(),
                Step::Close => before.clone().close(at),
                Step::Invite => Some(before.clone().invited(at)),
                Step::Enter => before.clone().entered(at),
            };
            let Some(after) = after else { continue };
            prop_assert_eq!(after.version, before.version.next(), "a transition is one version");
            let changed = (before.state, after.state);
            match step {
                Step::Restore => prop_assert!(before.state != AccessState::Active && after.state == AccessState::Active),
                Step::Revoke => prop_assert_eq!(changed, (AccessState::Active, AccessState::Revoked)),
                Step::Close => prop_assert_eq!(changed, (AccessState::Active, AccessState::Closed)),
                Step::Invite | Step::Enter => prop_assert_eq!(before.state, after.state),
            }
            prop_assert_eq!((after.id, after.matter_id, after.client_id), (before.id, before.matter_id, before.client_id));
            access = after;
        }
    }

    #[test]
    fn access_matter_and_client_must_all_allow_it(
        state in strategies::access_state(),
        open in strategies::matter_state(),
        active: bool,
        own_matter: bool,
        own_client: bool,
    ) {
        let case = case();
        let access = PortalAccess { state, ..case.access };
        let mut matter = Matter { state: open, ..case.matter };
        let mut client = Client { active, ..case.client };
        if !own_matter {
            matter.id = case.samples.id();
        }
        if !own_client {
            client.id = case.samples.id();
        }
        let admitted = state == AccessState::Active && open == MatterState::Open && active && own_matter && own_client;
        prop_assert_eq!(access.admits(&matter, &client), admitted);
    }

    #[test]
    fn what_may_be_enabled_admits_and_what_may_not_says_why(
        open in strategies::matter_state(),
        active: bool,
        removed: bool,
        listed: bool,
        own: bool,
    ) {
        let case = case();
        let matter = Matter { state: open, ..case.matter };
        let client = Client { active, ..case.client };
        let mut part = Participant { removed, ..case.part };
        if !own {
            part.client_id = case.samples.id::<ClientId>();
        }
        let enabled = PortalAccess::enable(case.samples.id(), &matter, Some(&part).filter(|_| listed), &client, case.samples.at);
        match enabled {
            Ok(access) => {
                prop_assert!(access.admits(&matter, &client));
                prop_assert!(listed && own && !removed);
                prop_assert_eq!(access.version, portal_core::Version::FIRST);
            }
            Err(AccessRule::NotParticipant) => prop_assert!(!listed || !own || removed),
            Err(AccessRule::MatterClosed) => prop_assert_eq!(open, MatterState::Closed),
            Err(AccessRule::ClientInactive) => prop_assert!(!active),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}

#[test]
fn a_revoked_workspace_stays_revoked_when_its_matter_closes() {
    let case = case();
    let revoked = case.access.revoke(case.samples.at).unwrap();
    assert_eq!(revoked.clone().close(case.samples.at), None);
    assert_eq!(revoked.revoke(case.samples.at), Err(AccessRule::NotActive));
}

#[test]
fn nobody_leaves_a_matter_with_an_open_door() {
    let case = case();
    assert!(case.part.clone().remove(Some(&case.access)).is_err());
    let revoked = case.access.revoke(case.samples.at).unwrap();
    assert!(case.part.clone().remove(Some(&revoked)).unwrap().removed);
    assert!(case.part.remove(None).unwrap().removed);
}
