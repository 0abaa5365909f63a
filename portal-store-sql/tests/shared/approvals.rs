//! Answers against new versions, and against each other: no answer to what was not shown, and one answer.
//!
//! `PORTAL_TEST_APPROVAL_ROUNDS` sets how often (40 by default; CONTRIBUTING has the command for the long run).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use portal_core::approval::{Answer, Approval, ApprovalDraft, ApprovalRule, ApprovalState, Decision, Needed};
use portal_core::client::{Client, ClientDraft};
use portal_core::document::{Confidentiality, Document, Interrupted, UploadTarget};
use portal_core::matter::Part;
use portal_core::{AccessId, Context, DocumentId, Error, MatterId, Origin, Store};

use crate::entering::entered;
use crate::portal::Desk;

fn rounds() -> usize {
    let set = std::env::var("PORTAL_TEST_APPROVAL_ROUNDS").ok();
    set.map_or(40, |text| {
        text.parse().expect("PORTAL_TEST_APPROVAL_ROUNDS is a number")
    })
}

/// After so many rounds each side has come first, whatever one of them takes.
const ENOUGH: usize = 40;

/// By how much one side begins before the other. It is sought where either may win: whoever lost begins earlier next time, in
/// steps that grow while the same side goes on winning.
struct Lead {
    /// The start of the new version before that of the answers; negative the other way round.
    micros: i64,
    step: i64,
    answers_won: bool,
}

impl Default for Lead {
    fn default() -> Self {
        Self {
            micros: 0,
            step: 100,
            answers_won: true,
        }
    }
}

impl Lead {
    fn of_the_version(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.micros).unwrap_or_default())
    }

    fn of_the_answers(&self) -> Duration {
        Duration::from_micros(u64::try_from(-self.micros).unwrap_or_default())
    }

    fn learn(&mut self, answers_won: bool) {
        let again = answers_won == self.answers_won;
        self.step = if again {
            self.step * 2
        } else {
            (self.step / 2).max(50)
        };
        self.micros += if answers_won { self.step } else { -self.step };
        self.answers_won = answers_won;
    }
}

async fn second_client(desk: &Desk, owner: &Context, matter: MatterId) -> (Client, AccessId) {
    let draft = ClientDraft {
        given_names: "Omar".into(),
        family_name: "Haddad".into(),
        email: "omar@mail.test".into(),
        ..ClientDraft::default()
    };
    let client = desk.portal.add_client(owner, &draft).await.unwrap();
    let part = desk
        .portal
        .put_participant(owner, matter, client.id, Part::Partner);
    part.await.unwrap();
    let access = desk.portal.enable_access(owner, matter, client.id, false).await;
    (client, access.unwrap().id)
}

async fn file(
    portal: &portal_core::Portal,
    owner: &Context,
    matter: MatterId,
    replaces: Option<DocumentId>,
    text: String,
) -> Document {
    let target = UploadTarget::Matter {
        matter,
        client: None,
        confidentiality: Confidentiality::Participants,
        replaces,
    };
    let bytes: Result<Bytes, Interrupted> = Ok(Bytes::from(format!("%PDF-1.7\n{text}\n%%EOF\n")));
    let stored = portal
        .upload(owner, target, "draft.pdf", stream::iter([bytes]))
        .await;
    stored.unwrap()
}

fn is_late(error: &Error<ApprovalRule>) -> bool {
    use ApprovalRule as R;
    matches!(
        error,
        Error::Rule(R::AnsweredAlready | R::Settled | R::Superseded | R::SubjectChanged)
    )
}

pub(crate) async fn of_answers_and_new_versions_one_comes_first(store: Arc<dyn Store>) {
    let desk = Desk::on(store).await;
    let (amina, access) = desk.client().await;
    let owner = desk.owner().await;
    let matter = desk.portal.access(&owner, access).await.unwrap().matter.id;
    let (omar, other_access) = second_client(&desk, &owner, matter).await;
    let (amina_ctx, omar_ctx) = (
        entered(&desk, access, Origin::default()).await,
        entered(&desk, other_access, Origin::default()).await,
    );
    let (mut answered, mut superseded, mut mismatches) = (0, 0, 0);
    // Rounds with a new version that somebody answered before it came.
    let mut in_time = 0;
    let mut lead = Lead::default();
    for round in 0..rounds() {
        // Nobody is limited: more answers are given than anybody reads.
        desk.fakes.clock.advance(portal_core::Duration::seconds(5));
        let document = file(&desk.portal, &owner, matter, None, format!("first {round}")).await;
        let draft = ApprovalDraft {
            title: format!("Draft {round}"),
            documents: vec![document.id],
            people: vec![amina.id, omar.id],
            needed: Needed::Any,
            ..ApprovalDraft::default()
        };
        let asked = desk.portal.ask_approval(&owner, matter, &draft).await.unwrap();
        let approval = asked.approval;
        let answers = [
            (&amina_ctx, Decision::Approved),
            (&amina_ctx, Decision::Declined),
            (&omar_ctx, Decision::Approved),
        ];
        let mut at_once = tokio::task::JoinSet::new();
        // Every other round the document gets a new version meanwhile.
        let replaces = round % 2 == 0;
        for (ctx, decision) in answers {
            let (portal, ctx, id) = (desk.portal.clone(), ctx.clone(), approval.id);
            let answer = Answer {
                decision,
                comment: String::new(),
                shown: approval.shown_hash(),
            };
            let wait = if replaces {
                lead.of_the_version()
            } else {
                Duration::ZERO
            };
            at_once.spawn(async move {
                tokio::time::sleep(wait).await;
                match portal.answer_approval(&ctx, id, &answer, None).await {
                    Ok(_) => 1,
                    Err(error) if is_late(&error) => 0,
                    Err(other) => panic!("somebody was told {other:?}"),
                }
            });
        }
        if replaces {
            let (portal, owner, id) = (desk.portal.clone(), owner.clone(), document.id);
            let wait = lead.of_the_answers();
            at_once.spawn(async move {
                tokio::time::sleep(wait).await;
                file(&portal, &owner, matter, Some(id), format!("second {round}")).await;
                0
            });
        }
        let mut won = 0;
        while let Some(done) = at_once.join_next().await {
            won += done.unwrap();
        }
        assert!(won <= 1, "round {round}: {won} answers to one question");
        assert!(replaces || won == 1, "round {round}: somebody answers");
        let fits = what_is_on_record_fits(&desk, &approval, won, &format!("round {round}")).await;
        mismatches += usize::from(!fits);
        answered += won;
        superseded += usize::from(won == 0);
        if replaces {
            in_time += won;
            lead.learn(won == 1);
        }
    }
    println!(
        "{answered} answered, {in_time} of them before a new version, {superseded} superseded, {mismatches} mismatches"
    );
    assert_eq!(mismatches, 0);
    if rounds() >= ENOUGH {
        assert!(in_time > 0 && superseded > 0, "each came first at least once");
    }
}

async fn what_is_on_record_fits(desk: &Desk, asked: &Approval, won: usize, round: &str) -> bool {
    let (store, practice) = (desk.portal.store(), desk.practice.id);
    let found = store.approval(practice, asked.id).await.unwrap().unwrap();
    let evidence = store.evidence(practice, asked.id).await.unwrap();
    assert_eq!(evidence.len(), won, "{round}: each answer has its evidence");
    if let Some(proof) = evidence.first() {
        assert!(
            matches!(found.state, ApprovalState::Approved | ApprovalState::Declined),
            "{round}"
        );
        assert_eq!(found.replaced_by, None, "{round}");
        let said = found.answer_of(proof.client_id).map(|answer| answer.decision);
        assert_eq!(said, Some(proof.decision), "{round}");
        return proof.shown == asked.shown()
            && proof.shown_hash == asked.shown_hash()
            && found.shown() == asked.shown();
    }
    assert_eq!(found.state, ApprovalState::Superseded, "{round}");
    let next = found.replaced_by.expect("another took its place");
    let next = store.approval(practice, next).await.unwrap().unwrap();
    let attached = &next.documents[0];
    let document = store
        .document(practice, attached.document)
        .await
        .unwrap()
        .unwrap();
    assert!(
        next.people.iter().all(|asked| asked.answered.is_none()),
        "{round}"
    );
    next.state == ApprovalState::Open
        && (attached.number, attached.sha256) == (document.versions, document.current.sha256)
}
