//! Who may do what.

use portal_core::conversation::{Conversation, Joining};
use portal_core::matter::Matter;
use portal_core::policy::{
    Capability, Reach, Role, answers_anybody, answers_everybody, reach, sees_conversation,
};
use portal_core::testing::{Samples, strategies};
use portal_core::{Actor, Context, Error, PracticeId, StaffId};
use proptest::prelude::*;

#[test]
fn an_auditor_writes_nothing_and_a_reader_of_everything_reads_everything() {
    for capability in Capability::ALL {
        let reaches = reach(Role::Auditor, capability) != Reach::Nothing;
        assert!(
            !reaches || capability.reads_only(),
            "an auditor could {}",
            capability.words()
        );
    }
    for sees in [
        Capability::SeeStaff,
        Capability::SeeClients,
        Capability::SeeMatters,
        Capability::SeeTemplates,
        Capability::SeeAudit,
    ] {
        assert_eq!(reach(Role::Auditor, sees), Reach::Practice, "{}", sees.words());
    }
}

#[test]
fn a_stronger_role_may_do_all_that_a_weaker_may() {
    for capability in Capability::ALL {
        for pair in [Role::Owner, Role::Admin, Role::Manager, Role::Member].windows(2) {
            let (stronger, weaker) = (reach(pair[0], capability), reach(pair[1], capability));
            assert!(
                stronger >= weaker,
                "{} but not {}: {}",
                pair[1],
                pair[0],
                capability.words()
            );
        }
        assert_eq!(
            reach(Role::Owner, capability),
            Reach::Practice,
            "an owner cannot {}",
            capability.words()
        );
    }
}

#[test]
fn a_member_works_on_own_matters_only() {
    use Capability as C;
    for capability in [
        C::SeeMatters,
        C::EditMatters,
        C::ManageAccess,
        C::PreviewAsClient,
        C::EditChecklists,
        C::ReviewDocuments,
        C::EditDocuments,
    ] {
        assert_eq!(
            reach(Role::Member, capability),
            Reach::OwnMatters,
            "{}",
            capability.words()
        );
    }
    for capability in [
        C::ManagePractice,
        C::ManageStaff,
        C::EditTemplates,
        C::SeeAudit,
        C::Import,
    ] {
        assert_eq!(
            reach(Role::Member, capability),
            Reach::Nothing,
            "{}",
            capability.words()
        );
    }
    for capability in [C::ManagePractice, C::ManageStaff] {
        assert_eq!(
            reach(Role::Manager, capability),
            Reach::Nothing,
            "{}",
            capability.words()
        );
    }
}

#[test]
fn every_role_reads_its_own_name() {
    for role in Role::ALL {
        assert_eq!(role.to_string().parse::<Role>(), Ok(role));
    }
    assert!("root".parse::<Role>().is_err());
    assert!("Owner".parse::<Role>().is_err());
}

fn matter_of(samples: &Samples, ctx: &Context, owned: bool) -> Matter {
    let mut matter = samples.matter(&samples.staff(Role::Owner));
    if let (true, Some((id, _))) = (owned, ctx.staff()) {
        matter.owner_id = id;
    }
    matter
}

proptest! {
    #[test]
    fn practice_matter_and_capability_must_all_allow_it(
        ctx in strategies::context(&Samples::new(1)),
        capability in strategies::capability(),
        owned: bool,
        on_team: bool,
    ) {
        let samples = Samples::new(1);
        let matter = matter_of(&samples, &ctx, owned);
        let own = on_team || (owned && ctx.staff().is_some());
        let within = |reach| match reach {
            Reach::Practice => true,
            Reach::OwnMatters => own,
            Reach::Nothing => false,
        };
        let sees = within(ctx.reach(Capability::SeeMatters));
        let may = within(ctx.reach(capability));
        match ctx.require_on(capability, &matter, on_team) {
            Ok(()) => prop_assert!(sees && may),
            Err(Error::Unauthenticated) => prop_assert_eq!(ctx.actor, Actor::Anyone),
            Err(Error::NotFound(_)) => prop_assert!(!sees, "what one sees is not said to be missing"),
            Err(Error::Denied(_)) => prop_assert!(sees && !may, "what one may not see is not denied but missing"),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn another_practice_is_not_there_for_anybody(
        ctx in strategies::context(&Samples::new(1)),
        capability in strategies::capability(),
    ) {
        let mut matter = matter_of(&Samples::new(1), &ctx, true);
        matter.practice_id = PracticeId(uuid::Uuid::from_u128(7));
        match ctx.require_on(capability, &matter, true) {
            Err(Error::NotFound("matter")) => {}
            Err(Error::Unauthenticated) => prop_assert_eq!(ctx.actor, Actor::Anyone),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn clients_have_none_of_the_staffs_capabilities(
        ctx in strategies::context(&Samples::new(1)),
        capability in strategies::capability(),
    ) {
        if ctx.client().is_some() {
            prop_assert!(matches!(ctx.require(capability), Err(Error::Denied(_))));
        }
        if ctx.actor == Actor::Anyone {
            prop_assert!(matches!(ctx.require(capability), Err(Error::Unauthenticated)));
        }
    }

    #[test]
    fn only_a_client_acts_as_one(ctx in strategies::context(&Samples::new(1))) {
        match ctx.actor {
            Actor::Client { id } => prop_assert_eq!(ctx.acting_client().ok(), Some(id)),
            Actor::Anyone => prop_assert!(matches!(ctx.acting_client(), Err(Error::Unauthenticated))),
            _ => prop_assert!(matches!(ctx.acting_client(), Err(Error::Denied(_)))),
        }
    }
}

#[test]
fn a_conversation_is_seen_by_who_sees_all_who_works_for_its_client_and_who_answers_it() {
    for role in Role::ALL {
        for (works_for, answers) in [(false, false), (false, true), (true, false), (true, true)] {
            let sees = sees_conversation(reach(role, Capability::SeeConversations), works_for, answers);
            let expected = role != Role::Member || works_for || answers;
            assert_eq!(
                sees, expected,
                "{role}, works for the client: {works_for}, answers: {answers}"
            );
        }
    }
    for (works_for, answers) in [(false, false), (false, true), (true, false), (true, true)] {
        assert!(
            !sees_conversation(Reach::Nothing, works_for, answers),
            "nothing is nothing"
        );
    }
}

#[test]
fn who_answers_everybody_sees_and_answers_every_conversation() {
    let everybody: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| answers_everybody(*role))
        .collect();
    assert_eq!(everybody, [Role::Owner, Role::Admin, Role::Manager]);
    for role in everybody {
        let sees = sees_conversation(reach(role, Capability::SeeConversations), false, false);
        assert!(
            sees && answers_anybody(role),
            "{role} would be told of what they may not see"
        );
    }
    assert!(answers_anybody(Role::Member), "those whom they work for");
    assert!(!answers_anybody(Role::Auditor));
}

/// Whether each person sees the client's conversation, given who answers it.
fn who_sees(people: &[(Role, bool)], answered_by: Option<usize>) -> Vec<bool> {
    let sees = |(who, (role, works_for)): (usize, &(Role, bool))| {
        let reach = reach(*role, Capability::SeeConversations);
        sees_conversation(reach, *works_for, answered_by == Some(who))
    };
    people.iter().enumerate().map(sees).collect()
}

proptest! {
    /// A number that anybody answers joins a client's conversation that anybody may answer: nobody sees that who did not before.
    #[test]
    fn linking_a_number_shows_nobody_what_they_did_not_see(
        people in proptest::collection::vec((proptest::sample::select(Role::ALL.to_vec()), any::<bool>()), 1..5),
        answers_number in proptest::option::of(0..5_usize),
        answers_client in proptest::option::of(0..5_usize),
    ) {
        let id = |who: usize| StaffId(uuid::Uuid::from_u128(who as u128));
        let samples = Samples::new(1);
        let (client, at) = (samples.client("Anna", "Berg"), samples.at);
        let (answers_number, answers_client) = (
            answers_number.filter(|who| *who < people.len()),
            answers_client.filter(|who| *who < people.len()),
        );
        let number = Conversation { assignee_id: answers_number.map(id), ..samples.conversation() };
        let theirs = Conversation { assignee_id: answers_client.map(id), ..Conversation::of_client(samples.practice, client.id, at) };
        // As the service does it.
        let brings_assignee = answers_number.is_some_and(|who| {
            let (role, works_for) = people[who];
            sees_conversation(reach(role, Capability::SeeConversations), works_for, false)
        });
        let (_, theirs) = number.join(client.id, theirs, Joining { by: None, at, brings_assignee, newest: &[] });
        let before = who_sees(&people, answers_client);
        let after = who_sees(&people, (0..people.len()).find(|who| theirs.assignee_id == Some(id(*who))));
        prop_assert_eq!(before, after);
    }
}
