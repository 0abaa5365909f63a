//! A second factor with an answer: needed, right, wrong, somebody else's, none; and nothing is written when an answer is refused.

use std::sync::{Arc, Mutex};

use portal_core::approval::{
    Answer, Approval, ApprovalDraft, ApprovalRule, ApprovalState, Approvals as _, Decision, Evidence,
    Presented,
};
use portal_core::audit::AuditFilter;
use portal_core::notify::Notifications as _;
use portal_core::practice::{Practice, PracticeDraft, PracticeSettings};
use portal_core::testing::CountingIds;
use portal_core::{Context, Duration, Error, ErrorKind, Ids, NoRule, PageRequest, Parts, Portal};
use uuid::Uuid;

use crate::world::World;

/// A portal on the same store, with a book of codes as its second factor.
fn with_factor(world: &World) -> Portal {
    Portal::new(parts(world))
}

fn parts(world: &World) -> Parts {
    Parts {
        second_factor: Some(Arc::new(world.fakes.codes.clone())),
        ..world.fakes.parts(world.store.clone())
    }
}

async fn need(world: &World, portal: &Portal, needed: bool) -> Result<Practice, Error<NoRule>> {
    let practice = portal.practice(&world.owner).await.unwrap();
    let settings = PracticeSettings {
        approval_factor_needed: needed,
        ..practice.settings.clone()
    };
    let draft = PracticeDraft {
        settings,
        ..practice.draft()
    };
    portal.update_practice(&world.owner, None, &draft).await
}

async fn ask(world: &World) -> Approval {
    let draft = ApprovalDraft {
        title: "Your statement".into(),
        people: vec![world.amina.id],
        ..ApprovalDraft::default()
    };
    let asked = world
        .portal
        .ask_approval(&world.owner, world.matter.id, &draft)
        .await;
    asked.unwrap().approval
}

fn yes(approval: &Approval) -> Answer {
    Answer {
        decision: Decision::Approved,
        comment: String::new(),
        shown: approval.shown_hash(),
    }
}

async fn answer(
    portal: &Portal,
    ctx: &Context,
    approval: &Approval,
    code: &str,
) -> Result<Approval, Error<ApprovalRule>> {
    let presented = Presented::given(code).unwrap();
    let done = portal
        .answer_approval(ctx, approval.id, &yes(approval), presented.as_ref())
        .await;
    done.map(|item| item.approval)
}

fn rule<T: std::fmt::Debug>(outcome: Result<T, Error<ApprovalRule>>) -> ApprovalRule {
    match outcome {
        Err(Error::Rule(rule)) => rule,
        other => panic!("no rule: {other:?}"),
    }
}

/// What a refused answer must not add to: the approval, its evidence, the entries of the trail, and what staff are told.
async fn written(world: &World, approval: &Approval) -> (Approval, Vec<Evidence>, Option<u64>, usize) {
    let (store, practice) = (&world.store, world.practice.id);
    world.portal.drain().await.unwrap();
    let found = store.approval(practice, approval.id).await.unwrap().unwrap();
    let evidence = store.evidence(practice, approval.id).await.unwrap();
    let page = PageRequest::first(1).with_total();
    let entries = world
        .portal
        .audit_entries(&world.owner, &AuditFilter::default(), &page)
        .await;
    let page = PageRequest::first(200);
    let told = store
        .notifications(practice, world.owner_id, true, &page)
        .await
        .unwrap();
    (found, evidence, entries.unwrap().total, told.items.len())
}

#[tokio::test]
async fn what_nothing_can_check_cannot_be_needed() {
    let world = World::new().await;
    let Err(Error::Invalid(refused)) = need(&world, &world.portal, true).await else {
        panic!("nobody could answer any more");
    };
    let [error] = refused.errors.as_slice() else {
        panic!("{refused}")
    };
    assert_eq!(
        (error.field.as_str(), error.code),
        ("settings.approval_factor_needed", "no-second-factor")
    );
    // Beside all else that is wrong.
    let draft = PracticeDraft {
        name: String::new(),
        settings: PracticeSettings {
            approval_factor_needed: true,
            ..PracticeSettings::default()
        },
        ..world.practice.draft()
    };
    let Err(Error::Invalid(refused)) = world.portal.update_practice(&world.owner, None, &draft).await else {
        panic!("a practice has a name");
    };
    let fields: Vec<&str> = refused.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["name", "settings.approval_factor_needed"]);
    let owner = portal_core::identity::NewStaffMember {
        name: "Sam".into(),
        email: "sam@other.test".into(),
        role: portal_core::policy::Role::Owner,
        password: crate::world::PASSWORD.into(),
    };
    let draft = PracticeDraft {
        name: "Other".into(),
        ..draft
    };
    let new = world.portal.create_practice(&draft, owner).await;
    assert_eq!(new.unwrap_err().kind(), ErrorKind::Invalid);

    // With one it can; and what is on stays on, and can be switched off, when a server without one starts on the same store.
    let portal = with_factor(&world);
    assert!(
        need(&world, &portal, true)
            .await
            .unwrap()
            .settings
            .approval_factor_needed
    );
    assert!(
        need(&world, &world.portal, true)
            .await
            .unwrap()
            .settings
            .approval_factor_needed
    );
    need(&world, &world.portal, false).await.unwrap();
    need(&world, &world.portal, true).await.unwrap_err();
    let filter = AuditFilter {
        action: Some("practice.changed".into()),
        ..AuditFilter::default()
    };
    let page = PageRequest::first(10);
    let entries = portal.audit_entries(&world.owner, &filter, &page).await.unwrap();
    let switched = entries
        .items
        .iter()
        .map(|entry| entry.detail.get("approval_factor_needed").cloned());
    assert_eq!(
        switched.collect::<Vec<_>>(),
        [Some(false.into()), None, Some(true.into())],
        "the newest first: who switched it, and who changed something else"
    );
}

#[tokio::test]
async fn an_answer_without_the_factor_that_is_needed_writes_nothing() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let portal = with_factor(&world);
    let codes = &world.fakes.codes;
    need(&world, &portal, true).await.unwrap();
    let approval = ask(&world).await;
    let before = written(&world, &approval).await;
    assert_eq!(
        rule(answer(&portal, &amina, &approval, " ").await),
        ApprovalRule::FactorNeeded
    );
    assert_eq!(
        rule(answer(&portal, &amina, &approval, "1").await),
        ApprovalRule::NoFactorSetUp
    );
    codes.give(world.omar.id, "omar's");
    codes.give(world.amina.id, "amina's");
    for wrong in ["omar's", "1"] {
        assert_eq!(
            rule(answer(&portal, &amina, &approval, wrong).await),
            ApprovalRule::WrongFactor
        );
    }
    // A server on the same store that has lost its factor lets nobody through.
    for code in ["", "amina's"] {
        let refused = answer(&world.portal, &amina, &approval, code).await;
        assert_eq!(refused.as_ref().unwrap_err().kind(), ErrorKind::Denied);
        assert_eq!(rule(refused), ApprovalRule::FactorNotOffered);
    }
    assert_eq!(written(&world, &approval).await, before);

    let done = answer(&portal, &amina, &approval, " amina's ").await.unwrap();
    assert_eq!(done.state, ApprovalState::Approved);
    let (_, evidence, ..) = written(&world, &approval).await;
    let factor = evidence[0].circumstances.factor.as_ref().unwrap();
    assert_eq!(factor.as_str(), "recovery-code");
    let text = String::from_utf8(evidence[0].canonical()).unwrap();
    assert!(
        text.contains(r#","factor":{"method":"recovery-code"},"format":"#),
        "{text}"
    );
    assert!(!text.contains("amina's"), "what was presented is kept nowhere");
    // What was used once is used up.
    let next = ask(&world).await;
    assert_eq!(
        rule(answer(&portal, &amina, &next, "amina's").await),
        ApprovalRule::WrongFactor
    );
}

#[tokio::test]
async fn a_factor_is_not_spent_on_what_is_refused_anyway() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (_, _, omar) = world.enter(&world.omar).await;
    let portal = with_factor(&world);
    let codes = &world.fakes.codes;
    need(&world, &portal, true).await.unwrap();
    codes.give(world.amina.id, "first");
    codes.give(world.omar.id, "his");
    let approval = ask(&world).await;
    let other = Approval {
        terms: portal_core::approval::Terms {
            title: "Another".into(),
            ..approval.terms.clone()
        },
        ..approval.clone()
    };
    assert_eq!(
        rule(answer(&portal, &amina, &other, "first").await),
        ApprovalRule::SubjectChanged
    );
    // What is not his does not exist, with and without a factor.
    for code in ["his", ""] {
        let refused = answer(&portal, &omar, &approval, code).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(codes.checked(), Vec::<Vec<_>>::new());
    answer(&portal, &amina, &approval, "first").await.unwrap();
    assert_eq!(
        rule(answer(&portal, &amina, &approval, "").await),
        ApprovalRule::AnsweredAlready
    );
}

#[tokio::test]
async fn one_factor_counts_for_all_that_is_answered_at_once() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let portal = with_factor(&world);
    let codes = &world.fakes.codes;
    need(&world, &portal, true).await.unwrap();
    codes.give(world.amina.id, "once");
    let (one, two, wrong) = (ask(&world).await, ask(&world).await, ask(&world).await);
    let answers = [(one.id, yes(&one)), (two.id, yes(&two)), (wrong.id, yes(&one))];
    let (before, before_two) = (written(&world, &one).await, written(&world, &two).await);
    for (code, expected) in [
        ("", ApprovalRule::FactorNeeded),
        ("no", ApprovalRule::WrongFactor),
    ] {
        let presented = Presented::given(code).unwrap();
        let refused = portal
            .answer_approvals(&amina, &answers, presented.as_ref())
            .await;
        assert_eq!(rule(refused), expected);
    }
    assert_eq!(written(&world, &one).await, before);
    assert_eq!(written(&world, &two).await, before_two);
    let presented = Presented::given("once").unwrap();
    let done = portal
        .answer_approvals(&amina, &answers, presented.as_ref())
        .await
        .unwrap();
    assert!(done[..2].iter().all(|(_, outcome)| outcome.is_ok()), "{done:?}");
    assert!(matches!(
        done[2].1,
        Err(Error::Rule(ApprovalRule::SubjectChanged))
    ));
    assert_eq!(
        codes.checked(),
        vec![vec![one.id, two.id]; 2],
        "once for each command, and for what could be answered"
    );
    for approval in [&one, &two] {
        let (_, evidence, ..) = written(&world, approval).await;
        assert!(evidence[0].circumstances.factor.is_some());
    }
}

#[tokio::test]
async fn one_that_nobody_needs_is_checked_all_the_same() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let portal = with_factor(&world);
    world.fakes.codes.give(world.amina.id, "right");
    let (one, two) = (ask(&world).await, ask(&world).await);
    assert_eq!(
        rule(answer(&portal, &amina, &one, "wrong").await),
        ApprovalRule::WrongFactor
    );
    answer(&portal, &amina, &one, "right").await.unwrap();
    answer(&portal, &amina, &two, "").await.unwrap();
    let (.., evidence_of_two) = (written(&world, &one).await, written(&world, &two).await.1);
    assert_eq!(evidence_of_two[0].circumstances.factor, None);
    let text = String::from_utf8(evidence_of_two[0].canonical()).unwrap();
    assert!(!text.contains("factor\":{"), "{text}");
    let (_, evidence, ..) = written(&world, &one).await;
    assert!(evidence[0].circumstances.factor.is_some());
    // A portal without one says that it cannot take it.
    let three = ask(&world).await;
    assert_eq!(
        rule(answer(&world.portal, &amina, &three, "x").await),
        ApprovalRule::FactorNotOffered
    );
}

#[tokio::test]
async fn guesses_have_an_end_and_a_factor_that_fails_lets_nobody_through() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let portal = with_factor(&world);
    let codes = &world.fakes.codes;
    need(&world, &portal, true).await.unwrap();
    codes.give(world.amina.id, "right");
    let approval = ask(&world).await;
    for guess in 0..20 {
        let refused = answer(&portal, &amina, &approval, &guess.to_string()).await;
        assert_eq!(rule(refused), ApprovalRule::WrongFactor);
    }
    let refused = answer(&portal, &amina, &approval, "right").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Limited);
    assert_eq!(codes.checked().len(), 20, "counted before it is checked");
    world.fakes.clock.advance(Duration::minutes(10));
    codes.tear();
    let before = written(&world, &approval).await;
    let refused = answer(&portal, &amina, &approval, "right").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert_eq!(written(&world, &approval).await, before);
}

/// Ids; when the first is asked for, something else happens.
struct Meanwhile {
    ids: CountingIds,
    what: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Ids for Meanwhile {
    fn uuid(&self) -> Uuid {
        let what = self.what.lock().unwrap().take();
        if let Some(what) = what {
            what();
        }
        self.ids.uuid()
    }

    fn random(&self) -> [u8; 32] {
        self.ids.random()
    }
}

/// An answer that was decided without a factor, while the practice began to need one, before it was written.
#[tokio::test]
async fn whoever_begins_to_need_a_factor_gets_no_answer_without() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let approval = ask(&world).await;
    let other = with_factor(&world);
    let owner = world.owner.clone();
    let practice = world.practice.clone();
    let what = move || {
        let draft = PracticeDraft {
            settings: PracticeSettings {
                approval_factor_needed: true,
                ..practice.settings.clone()
            },
            ..practice.draft()
        };
        let switched = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime
                .block_on(other.update_practice(&owner, None, &draft))
                .unwrap();
        });
        switched.join().unwrap();
    };
    let ids = Arc::new(Meanwhile {
        ids: CountingIds::new(7),
        what: Mutex::new(Some(Box::new(what))),
    });
    let portal = Portal::new(Parts {
        ids: ids.clone(),
        ..parts(&world)
    });
    assert_eq!(
        rule(answer(&portal, &amina, &approval, "").await),
        ApprovalRule::FactorNeeded
    );
    assert!(ids.what.lock().unwrap().is_none(), "it was switched on meanwhile");
    assert_eq!(written(&world, &approval).await.1, []);
}
