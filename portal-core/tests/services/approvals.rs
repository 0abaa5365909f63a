//! Approvals: asked, seen, answered once, superseded by a new version, and what proves it.

use portal_core::approval::{
    Answer, Approval, ApprovalDraft, ApprovalFilter, ApprovalItem, ApprovalRule, ApprovalState, Assurance,
    Decision, Evidence, Needed,
};
use portal_core::audit::AuditFilter;
use portal_core::client::Client;
use portal_core::document::{Confidentiality, Document, DocumentPatch, UploadTarget};
use portal_core::notify::{NotificationKind, Notifications};
use portal_core::{
    ApprovalId, ClientId, Context, Duration, Error, ErrorKind, EventKind, Origin, PageRequest,
};

use crate::world::World;

const DRAFT: &[u8] = b"%PDF-1.7\nthe draft\n%%EOF\n";
const SECOND: &[u8] = b"%PDF-1.7\nthe second draft\n%%EOF\n";

/// Staff files a document on the matter.
async fn filed(world: &World, name: &str, confidentiality: Confidentiality) -> Document {
    let target = UploadTarget::Matter {
        matter: world.matter.id,
        client: Some(world.amina.id),
        confidentiality,
        replaces: None,
    };
    world
        .upload_bytes(&world.owner, target, name, DRAFT)
        .await
        .unwrap()
}

async fn replaced(world: &World, document: &Document) -> Document {
    let target = UploadTarget::Matter {
        matter: world.matter.id,
        client: None,
        confidentiality: Confidentiality::StaffOnly,
        replaces: Some(document.id),
    };
    let bytes = world.upload_bytes(&world.owner, target, "draft 2.pdf", SECOND);
    bytes.await.unwrap()
}

fn draft(documents: &[&Document], people: &[ClientId]) -> ApprovalDraft {
    ApprovalDraft {
        title: "Your statement".into(),
        description: "Please read it.".into(),
        documents: documents.iter().map(|document| document.id).collect(),
        people: people.to_vec(),
        ..ApprovalDraft::default()
    }
}

async fn ask(world: &World, draft: &ApprovalDraft) -> Approval {
    let asked = world
        .portal
        .ask_approval(&world.owner, world.matter.id, draft)
        .await;
    world.portal.drain().await.unwrap();
    asked.unwrap().approval
}

fn answer(approval: &Approval, decision: Decision) -> Answer {
    Answer {
        decision,
        comment: "Fine with me.".into(),
        shown: approval.shown_hash(),
    }
}

async fn approve(
    world: &World,
    ctx: &Context,
    approval: &Approval,
) -> Result<ApprovalItem, Error<ApprovalRule>> {
    let done = world
        .portal
        .answer_approval(ctx, approval.id, &answer(approval, Decision::Approved), None)
        .await;
    world.portal.drain().await.unwrap();
    done
}

async fn waiting(world: &World, ctx: &Context) -> Vec<ApprovalId> {
    let waiting = world
        .portal
        .approvals_to_answer(ctx, world.matter.id)
        .await
        .unwrap();
    waiting.iter().map(|approval| approval.id).collect()
}

async fn listed(world: &World, ctx: &Context) -> Vec<ApprovalId> {
    let filter = ApprovalFilter {
        matter: Some(world.matter.id),
        ..ApprovalFilter::default()
    };
    let page = PageRequest::first(200).with_total();
    let page = world.portal.approvals(ctx, &filter, &page).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).ok());
    page.items.iter().map(|item| item.approval.id).collect()
}

async fn state(world: &World, id: ApprovalId) -> ApprovalState {
    let item = world.portal.approval(&world.owner, id).await.unwrap();
    item.approval.state
}

async fn evidence(world: &World, ctx: &Context, id: ApprovalId) -> Vec<Evidence> {
    world.portal.evidence(ctx, id).await.unwrap().1
}

fn rule<T: std::fmt::Debug>(outcome: Result<T, Error<ApprovalRule>>) -> ApprovalRule {
    match outcome {
        Err(Error::Rule(rule)) => rule,
        other => panic!("no rule: {other:?}"),
    }
}

/// Somebody's mails whose subject has this in it.
fn mails(world: &World, client: &Client, subject: &str) -> usize {
    let address = client.email.as_ref().unwrap().to_string();
    let mails = world.fakes.mail.sent_to(&address);
    mails
        .iter()
        .filter(|mail| mail.content.subject.contains(subject))
        .count()
}

async fn audited(world: &World, action: &str) -> usize {
    let filter = AuditFilter {
        action: Some(action.into()),
        ..AuditFilter::default()
    };
    let page = PageRequest::first(200);
    let entries = world.portal.audit_entries(&world.owner, &filter, &page).await;
    entries.unwrap().items.len()
}

#[tokio::test]
async fn an_answer_leaves_evidence_of_all_that_decided_it() {
    let world = World::new().await;
    let (access, _, amina) = world.enter(&world.amina).await;
    let document = filed(&world, "draft.pdf", Confidentiality::Client).await;
    let approval = ask(&world, &draft(&[&document], &[world.amina.id])).await;
    assert_eq!(mails(&world, &world.amina, "asks for your approval"), 1);
    assert_eq!(waiting(&world, &amina).await, [approval.id]);
    let from = Context {
        origin: Origin {
            ip: "203.0.113.9".parse().ok(),
            user_agent: Some("A phone".into()),
            request_id: Some("r-1".into()),
        },
        ..amina.clone()
    };
    world.fakes.clock.advance(Duration::minutes(5));
    let at = world.portal.now();
    let item = approve(&world, &from, &approval).await.unwrap();
    assert_eq!(item.approval.state, ApprovalState::Approved);
    assert_eq!(waiting(&world, &amina).await, []);
    let [proof] = <[Evidence; 1]>::try_from(evidence(&world, &world.owner, approval.id).await).unwrap();
    assert_eq!(proof.shown, approval.shown());
    assert_eq!(proof.shown_hash, approval.shown_hash());
    let shown: serde_json::Value = serde_json::from_slice(&proof.shown).unwrap();
    assert_eq!(
        shown["documents"][0]["sha256"],
        document.current.sha256.to_string()
    );
    assert_eq!(
        (proof.decision, proof.comment.as_str()),
        (Decision::Approved, "Fine with me.")
    );
    assert_eq!((proof.at, proof.client_id), (at, world.amina.id));
    let how = &proof.circumstances;
    assert_eq!(how.from, from.origin);
    assert_eq!(how.name, "Amina Haddad");
    assert_eq!(
        (how.on_behalf_of.client, how.on_behalf_of.access),
        (world.amina.id, access.id)
    );
    assert_eq!(Some(how.signed_in.session), amina.session);
    assert_eq!(how.signed_in.assurance, Assurance::SingleFactor);
    assert!(how.signed_in.since < at);
    assert_eq!(how.approval_version, approval.version);
    // Its entry is the one of the trail, and reading it leaves another.
    let filter = AuditFilter {
        action: Some("approval.approved".into()),
        ..AuditFilter::default()
    };
    let page = PageRequest::first(10);
    let entries = world
        .portal
        .audit_entries(&world.owner, &filter, &page)
        .await
        .unwrap();
    assert_eq!(entries.items[0].id, how.audit_entry);
    assert_eq!(
        entries.items[0].detail["sha256"],
        approval.shown_hash().to_string()
    );
    assert_eq!(proof.belongs_to(&entries.items[0]), Ok(()));
    assert_eq!(audited(&world, "approval.asked").await, 1);
    assert_eq!(audited(&world, "approval.evidence-read").await, 1);
    // Staff are told.
    let told = world
        .store
        .notifications(world.practice.id, world.owner_id, true, &page)
        .await;
    let told = told.unwrap().items;
    let answered = NotificationKind::ApprovalAnswered {
        approval: approval.id,
    };
    assert!(
        told.iter()
            .any(|it| it.kind == answered && it.headline == "Amina Haddad approved Your statement.")
    );
}

#[tokio::test]
async fn it_is_answered_once_and_only_by_whom_it_asks() {
    let world = World::new().await;
    let (access, _, amina) = world.enter(&world.amina).await;
    let (_, _, omar) = world.enter(&world.omar).await;
    let approval = ask(&world, &draft(&[], &[world.amina.id])).await;
    // To somebody else on the same matter, and to staff, it does not exist or is not theirs.
    for outcome in [
        approve(&world, &omar, &approval).await.map(drop),
        world
            .portal
            .approval(&omar, approval.id)
            .await
            .map(drop)
            .map_err(Error::widen),
        world
            .portal
            .evidence(&omar, approval.id)
            .await
            .map(drop)
            .map_err(Error::widen),
    ] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(listed(&world, &omar).await, []);
    assert_eq!(
        approve(&world, &world.owner, &approval).await.unwrap_err().kind(),
        ErrorKind::Denied
    );
    // Staff who look as the client see it and cannot answer.
    let preview = world.portal.preview(&world.owner, access.id).await.unwrap();
    let preview = world.ctx(&preview.token).await.unwrap();
    assert_eq!(waiting(&world, &preview).await, [approval.id]);
    assert_eq!(
        approve(&world, &preview, &approval).await.unwrap_err().kind(),
        ErrorKind::Denied
    );
    let many = [(approval.id, answer(&approval, Decision::Approved))];
    let refused = world
        .portal
        .answer_approvals(&preview, &many, None)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert_eq!(evidence(&world, &world.owner, approval.id).await, []);
    approve(&world, &amina, &approval).await.unwrap();
    assert_eq!(
        rule(approve(&world, &amina, &approval).await),
        ApprovalRule::AnsweredAlready
    );
    assert_eq!(evidence(&world, &amina, approval.id).await.len(), 1);
    // Who is shut out cannot answer what is still open.
    let late = ask(&world, &draft(&[], &[world.omar.id])).await;
    let accesses = world
        .portal
        .accesses(&world.owner, world.matter.id)
        .await
        .unwrap();
    let (access, _) = accesses
        .iter()
        .find(|(access, _)| access.client_id == world.omar.id)
        .unwrap();
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    assert_eq!(
        approve(&world, &omar, &late).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_its_field() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    let secret = filed(&world, "notes.pdf", Confidentiality::StaffOnly).await;
    let ask = async |draft: ApprovalDraft| {
        world
            .portal
            .ask_approval(&world.owner, world.matter.id, &draft)
            .await
    };
    assert_eq!(rule(ask(draft(&[], &[])).await), ApprovalRule::NobodyAsked);
    assert_eq!(
        rule(ask(draft(&[], &[world.omar.id])).await),
        ApprovalRule::CannotBeAsked
    );
    let refused = rule(ask(draft(&[&secret], &[world.amina.id])).await);
    assert_eq!(refused, ApprovalRule::StaffOnly("notes.pdf".into()));
    let mut elsewhere = secret.clone();
    elsewhere.id = portal_core::DocumentId(uuid::Uuid::max());
    assert_eq!(
        rule(ask(draft(&[&elsewhere], &[world.amina.id])).await),
        ApprovalRule::NotOnMatter
    );
    let untitled = ApprovalDraft {
        title: " ".into(),
        description: "x".repeat(5_001),
        due_on: Some(portal_core::Date::MIN),
        remind_every_days: Some(0),
        ..draft(&[], &[world.amina.id])
    };
    let Err(Error::Invalid(invalid)) = ask(untitled).await else {
        panic!("all that is wrong is told at once");
    };
    let fields: Vec<&str> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["title", "description", "due_on", "remind_every_days"]);
    // Named twice is asked once.
    let twice = ask(draft(&[], &[world.amina.id, world.amina.id])).await.unwrap();
    assert_eq!(twice.approval.people.len(), 1);
    world
        .portal
        .close_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    assert_eq!(
        rule(ask(draft(&[], &[world.amina.id])).await),
        ApprovalRule::MatterClosed
    );
}

#[tokio::test]
async fn a_new_version_supersedes_and_asks_anew() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (one, two) = (
        filed(&world, "draft.pdf", Confidentiality::Client).await,
        filed(&world, "annex.pdf", Confidentiality::Client).await,
    );
    let old = ask(&world, &draft(&[&one, &two], &[world.amina.id])).await;
    let apart = ask(&world, &draft(&[&two], &[world.amina.id])).await;
    let done = ask(&world, &draft(&[&one], &[world.amina.id])).await;
    approve(&world, &amina, &done).await.unwrap();
    let newer = replaced(&world, &one).await;
    world.portal.drain().await.unwrap();
    assert_eq!(
        (newer.versions, newer.confidentiality),
        (2, Confidentiality::Client)
    );
    // The old page is refused, with the way on.
    assert_eq!(
        rule(approve(&world, &amina, &old).await),
        ApprovalRule::Superseded
    );
    let seen = world.portal.approval(&amina, old.id).await.unwrap().approval;
    assert_eq!(seen.state, ApprovalState::Superseded);
    let next = seen.replaced_by.expect("there is a new one");
    let next = world.portal.approval(&amina, next).await.unwrap().approval;
    assert_eq!(next.documents[0].sha256, newer.current.sha256);
    assert_eq!(next.documents[1], old.documents[1]);
    assert_eq!(mails(&world, &world.amina, "asks for your approval"), 4);
    let stale = Answer {
        shown: old.shown_hash(),
        ..answer(&next, Decision::Approved)
    };
    let refused = world.portal.answer_approval(&amina, next.id, &stale, None).await;
    assert_eq!(rule(refused), ApprovalRule::SubjectChanged);
    approve(&world, &amina, &next).await.unwrap();
    // What was answered, and what shows another document, stays as it was.
    assert_eq!(state(&world, done.id).await, ApprovalState::Approved);
    assert_eq!(state(&world, apart.id).await, ApprovalState::Open);
    assert_eq!(evidence(&world, &world.owner, old.id).await, []);
    let proof = evidence(&world, &world.owner, done.id).await.remove(0);
    assert_eq!(
        proof.shown,
        done.shown(),
        "the evidence is of what was shown then"
    );
    assert_eq!(audited(&world, "approval.superseded").await, 1);
}

#[tokio::test]
async fn people_see_the_versions_that_they_are_asked_about_and_no_other() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    let (_, _, omar) = world.enter(&world.omar).await;
    // Amina's document: Omar sees nothing of it until he is asked.
    let document = filed(&world, "draft.pdf", Confidentiality::Client).await;
    let sees = async |ctx: &Context| match world.portal.document(ctx, document.id).await {
        Ok(document) => document.versions,
        Err(Error::NotFound(_)) => 0,
        Err(other) => panic!("{other:?}"),
    };
    let may_have = async |number: Option<u32>| {
        let file = world.portal.download(&omar, document.id, number).await;
        file.ok().map(|download| download.file.sha256)
    };
    assert_eq!(sees(&omar).await, 0);
    let approval = ask(&world, &draft(&[&document], &[world.omar.id])).await;
    assert_eq!(sees(&omar).await, 1);
    assert_eq!(may_have(Some(1)).await, Some(document.current.sha256));
    approve(&world, &omar, &approval).await.unwrap();
    let newer = replaced(&world, &document).await;
    // What he approved stays his to look at; the new version is not his.
    assert_eq!(sees(&omar).await, 1);
    assert_eq!(may_have(None).await, Some(document.current.sha256));
    assert_eq!(may_have(Some(2)).await, None);
    let versions = world.portal.document_versions(&omar, document.id).await.unwrap();
    assert_eq!(versions.iter().map(|it| it.number).collect::<Vec<_>>(), [1]);
    assert_eq!(newer.versions, 2);
    // Asked about once more, and not answered.
    let asked = ask(&world, &draft(&[&document], &[world.omar.id])).await;
    assert_eq!(may_have(Some(2)).await, Some(newer.current.sha256));
    // For staff only from now on: what he answered is still his, and what he did not answer is not.
    let patch = DocumentPatch {
        confidentiality: Some(Confidentiality::StaffOnly),
        ..DocumentPatch::default()
    };
    world
        .portal
        .update_document(&world.owner, document.id, None, &patch)
        .await
        .unwrap();
    assert_eq!(sees(&omar).await, 1);
    assert_eq!(may_have(Some(2)).await, None);
    // A version that comes now asks nobody anew.
    replaced(&world, &document).await;
    let over = world
        .portal
        .approval(&world.owner, asked.id)
        .await
        .unwrap()
        .approval;
    assert_eq!((over.state, over.replaced_by), (ApprovalState::Superseded, None));
    assert_eq!((may_have(Some(3)).await, sees(&omar).await), (None, 1));
    // What is taken back before it was answered is gone.
    let other = filed(&world, "other.pdf", Confidentiality::Client).await;
    let asked = ask(&world, &draft(&[&other], &[world.omar.id])).await;
    assert!(world.portal.document(&omar, other.id).await.is_ok());
    world
        .portal
        .withdraw_approval(&world.owner, asked.id, None, "By mistake")
        .await
        .unwrap();
    assert!(matches!(
        world.portal.document(&omar, other.id).await,
        Err(Error::NotFound(_))
    ));
    assert_eq!(
        rule(approve(&world, &omar, &asked).await),
        ApprovalRule::Withdrawn
    );
    let again = world
        .portal
        .withdraw_approval(&world.owner, asked.id, None, "")
        .await;
    assert_eq!(rule(again), ApprovalRule::NotOpen);
}

#[tokio::test]
async fn people_are_asked_in_turn_or_at_once() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let (_, _, omar) = world.enter(&world.omar).await;
    let both = [world.amina.id, world.omar.id];
    let in_turn = ApprovalDraft {
        in_turn: true,
        ..draft(&[], &both)
    };
    let approval = ask(&world, &in_turn).await;
    assert_eq!(
        (
            listed(&world, &amina).await.len(),
            listed(&world, &omar).await.len()
        ),
        (1, 0)
    );
    assert_eq!(mails(&world, &world.omar, "approval"), 0);
    assert_eq!(
        approve(&world, &omar, &approval).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    approve(&world, &amina, &approval).await.unwrap();
    assert_eq!(mails(&world, &world.omar, "approval"), 1, "his turn has come");
    assert_eq!(state(&world, approval.id).await, ApprovalState::Open);
    approve(&world, &omar, &approval).await.unwrap();
    assert_eq!(state(&world, approval.id).await, ApprovalState::Approved);
    assert_eq!(evidence(&world, &world.owner, approval.id).await.len(), 2);
    assert_eq!(
        evidence(&world, &omar, approval.id).await.len(),
        1,
        "of his own answer"
    );
    // Any of them, at once: the first answer is the answer.
    let any = ApprovalDraft {
        needed: Needed::Any,
        ..draft(&[], &both)
    };
    let approval = ask(&world, &any).await;
    let no = answer(&approval, Decision::Declined);
    world
        .portal
        .answer_approval(&omar, approval.id, &no, None)
        .await
        .unwrap();
    assert_eq!(state(&world, approval.id).await, ApprovalState::Declined);
    assert_eq!(
        rule(approve(&world, &amina, &approval).await),
        ApprovalRule::Settled
    );
}

#[tokio::test]
async fn who_does_not_answer_is_reminded_until_the_time_is_over() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    let today = world.portal.now().date();
    let last = today.next_day().unwrap().next_day().unwrap();
    let timed = ApprovalDraft {
        expires_on: Some(last),
        remind_every_days: Some(1),
        ..draft(&[], &[world.amina.id])
    };
    let approval = ask(&world, &timed).await;
    let end = approval.terms.expires_at.unwrap();
    assert_eq!(
        end.date(),
        last.next_day().unwrap(),
        "the whole last day counts, in UTC here"
    );
    let asked = || mails(&world, &world.amina, "asks for your approval");
    assert_eq!(asked(), 1);
    let wait_until = async |at: portal_core::Timestamp| {
        world.fakes.clock.advance(at - world.portal.now());
        world.portal.drain().await.unwrap();
    };
    wait_until(approval.created_at + Duration::days(1) - Duration::microseconds(1)).await;
    assert_eq!(asked(), 1);
    wait_until(approval.created_at + Duration::days(1)).await;
    assert_eq!(asked(), 2);
    wait_until(approval.created_at + Duration::days(2)).await;
    assert_eq!(asked(), 3);
    wait_until(end - Duration::microseconds(1)).await;
    assert_eq!(state(&world, approval.id).await, ApprovalState::Open);
    wait_until(end).await;
    assert_eq!(state(&world, approval.id).await, ApprovalState::Expired);
    assert_eq!(audited(&world, "approval.expired").await, 1);
    wait_until(end + Duration::days(30)).await;
    assert_eq!(asked(), 3, "nobody is asked again after the end");
    let page = PageRequest::first(10);
    let told = world
        .store
        .notifications(world.practice.id, world.owner_id, true, &page)
        .await;
    let expired = NotificationKind::ApprovalExpired {
        approval: approval.id,
    };
    assert_eq!(
        told.unwrap().items.iter().filter(|it| it.kind == expired).count(),
        1
    );
}

#[tokio::test]
async fn nobody_is_reminded_of_what_they_answered() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    world.enter(&world.omar).await;
    let timed = ApprovalDraft {
        remind_every_days: Some(3),
        ..draft(&[], &[world.amina.id, world.omar.id])
    };
    let approval = ask(&world, &timed).await;
    approve(&world, &amina, &approval).await.unwrap();
    for _ in 0..20 {
        world.fakes.clock.advance(Duration::days(3));
        world.portal.drain().await.unwrap();
    }
    assert_eq!(mails(&world, &world.amina, "approval"), 1);
    let reminders = usize::try_from(Approval::MOST_REMINDERS).unwrap();
    assert_eq!(mails(&world, &world.omar, "approval"), 1 + reminders);
}

#[tokio::test]
async fn many_are_answered_at_once_each_with_evidence_of_its_own() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        let approval = ask(&world, &draft(&[], &[world.amina.id])).await;
        answers.push((approval.id, answer(&approval, Decision::Approved)));
    }
    // One with the hash of another, and one that does not exist.
    let wrong = ask(&world, &draft(&[], &[world.amina.id])).await;
    answers.push((wrong.id, answers[0].1.clone()));
    answers.push((ApprovalId(uuid::Uuid::max()), answers[0].1.clone()));
    let done = world
        .portal
        .answer_approvals(&amina, &answers, None)
        .await
        .unwrap();
    assert!(done[..5].iter().all(|(_, outcome)| outcome.is_ok()));
    assert!(matches!(
        done[5].1,
        Err(Error::Rule(ApprovalRule::SubjectChanged))
    ));
    assert!(matches!(done[6].1, Err(Error::NotFound(_))));
    for (id, _) in &answers[..5] {
        let [proof] = <[Evidence; 1]>::try_from(evidence(&world, &world.owner, *id).await).unwrap();
        assert_eq!(
            (proof.comment.as_str(), proof.approval_id),
            ("Fine with me.", *id)
        );
    }
    assert_eq!(audited(&world, "approval.approved").await, 5);
    assert_eq!(state(&world, wrong.id).await, ApprovalState::Open);
    for wrong in [vec![], vec![answers[0].clone(); 51]] {
        let refused = world.portal.answer_approvals(&amina, &wrong, None).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn who_answers_without_end_is_asked_to_wait() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let approval = ask(&world, &draft(&[], &[world.amina.id])).await;
    let wrong = Answer {
        shown: portal_core::Digest([0; 32]),
        ..answer(&approval, Decision::Approved)
    };
    for _ in 0..300 {
        let refused = world
            .portal
            .answer_approval(&amina, approval.id, &wrong, None)
            .await;
        assert_eq!(rule(refused), ApprovalRule::SubjectChanged);
    }
    let refused = world
        .portal
        .answer_approval(&amina, approval.id, &wrong, None)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Limited);
    world.fakes.clock.advance(Duration::minutes(10));
    approve(&world, &amina, &approval).await.unwrap();
}

/// A version that comes while an approval is being asked: whichever is first, the open approval shows the newest version.
#[tokio::test]
async fn asking_and_replacing_at_once_leave_nothing_old_open() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    for _ in 0..20 {
        let document = filed(&world, "draft.pdf", Confidentiality::Client).await;
        let asking = draft(&[&document], &[world.amina.id]);
        let asked = world.portal.ask_approval(&world.owner, world.matter.id, &asking);
        let (asked, newer) = tokio::join!(asked, replaced(&world, &document));
        let mut approval = asked.unwrap().approval;
        approval = world
            .portal
            .approval(&world.owner, approval.id)
            .await
            .unwrap()
            .approval;
        if let Some(next) = approval.replaced_by {
            approval = world.portal.approval(&world.owner, next).await.unwrap().approval;
        }
        assert_eq!(approval.state, ApprovalState::Open);
        assert_eq!(approval.documents[0].sha256, newer.current.sha256);
    }
}

#[test]
fn events_of_approvals_have_stable_names() {
    let (approval, client) = (ApprovalId(uuid::Uuid::nil()), ClientId(uuid::Uuid::nil()));
    let names = [
        EventKind::ApprovalAsked { approval, client }.name(),
        EventKind::ApprovalAnswered { approval, client }.name(),
        EventKind::ApprovalReminderDue { approval, number: 1 }.name(),
        EventKind::ApprovalWithdrawn { approval }.name(),
        EventKind::ApprovalOver { approval }.name(),
    ];
    assert_eq!(
        names,
        [
            "approval.asked",
            "approval.answered",
            "approval.reminder-due",
            "approval.withdrawn",
            "approval.over"
        ]
    );
}

#[tokio::test]
async fn who_was_asked_by_mail_is_told_that_nothing_is_to_be_done_any_more() {
    const SUBJECT: &str = "needs no answer any more";
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    world.enter(&world.omar).await;
    let both = [world.amina.id, world.omar.id];
    let withdraw = async |approval: &Approval, reason: &str| {
        let withdrawn = world
            .portal
            .withdraw_approval(&world.owner, approval.id, None, reason);
        withdrawn.await.unwrap();
        world.portal.drain().await.unwrap();
    };

    // Who answered knows all there is to know.
    let asked = ask(&world, &draft(&[], &both)).await;
    approve(&world, &amina, &asked).await.unwrap();
    withdraw(&asked, "We found a mistake in it.").await;
    assert_eq!(
        (
            mails(&world, &world.amina, SUBJECT),
            mails(&world, &world.omar, SUBJECT)
        ),
        (0, 1)
    );
    let told = world.fakes.mail.sent_to("omar@mail.test").pop().unwrap();
    assert!(
        told.content.text.contains("Your statement")
            && told.content.text.contains("We found a mistake in it."),
        "{}",
        told.content.text
    );

    // Whose turn it never was heard nothing of it, and hears nothing now.
    let in_turn = ApprovalDraft {
        in_turn: true,
        ..draft(&[], &both)
    };
    let asked = ask(&world, &in_turn).await;
    withdraw(&asked, "").await;
    assert_eq!(
        (
            mails(&world, &world.amina, SUBJECT),
            mails(&world, &world.omar, SUBJECT)
        ),
        (1, 1)
    );

    // Nor does anybody whose mail was not written yet when it was taken back.
    let asked = world
        .portal
        .ask_approval(&world.owner, world.matter.id, &draft(&[], &both))
        .await
        .unwrap()
        .approval;
    withdraw(&asked, "").await;
    assert_eq!(
        (
            mails(&world, &world.amina, SUBJECT),
            mails(&world, &world.omar, SUBJECT)
        ),
        (1, 1)
    );
}
