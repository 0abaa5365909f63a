//! Everything that a store tells of a practice.

use super::world::{World, got};
use crate::access::SignInLink;
use crate::approval::{ApprovalFilter, Evidence};
use crate::audit::AuditFilter;
use crate::checklist::RequestFilter;
use crate::client::{Client, ClientFilter};
use crate::conversation::{Conversation, ConversationFilter};
use crate::document::DocumentFilter;
use crate::identity::Session;
use crate::matter::{MatterFilter, MatterSort, MatterSummary};
use crate::notify::{Delivery, DeliveryFilter, Notification};
use crate::rulebook::{KeptWorkflow, Rulebook};
use crate::sms::{Consent, PhoneRecord, ReceivedFilter, ReceivedSms};
use crate::stage::{MatterScan, StageEntry};
use crate::task::{Task, TaskFilter};
use crate::upload::Upload;
use crate::{Duration, PageRequest, PracticeId, Record, Store};

/// What one method of one port answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    method: &'static str,
    records: Vec<Record>,
    other: String,
}

/// Records that a world lacks.
pub(super) struct Extras {
    pub(super) session: Session,
    pub(super) link: SignInLink,
    pub(super) share: crate::document::Share,
    pub(super) upload: Upload,
    pub(super) task: Task,
    pub(super) evidence: Evidence,
    pub(super) entry: StageEntry,
    pub(super) book: Rulebook,
    pub(super) workflow: KeptWorkflow,
    pub(super) notification: Notification,
    pub(super) delivery: Delivery,
    pub(super) automated: Delivery,
    pub(super) phone_record: PhoneRecord,
    pub(super) consent: Consent,
    pub(super) received: ReceivedSms,
    pub(super) conversation: Conversation,
    /// A number that joined Anna's.
    pub(super) joined: Conversation,
    /// Somebody with a telephone.
    pub(super) reachable: Client,
}

impl Extras {
    pub(super) fn of(world: &World) -> Self {
        let World { samples: s, .. } = world;
        let event = s.event(&world.case, &world.owner);
        Self {
            session: s.session(crate::identity::Person::Preview {
                staff: world.owner.id,
                client: world.anna.id,
                access: world.anna_access.id,
            }),
            link: s.link(&world.anna_access),
            share: s.share(&world.document, &world.ben_access),
            upload: s.begun_upload(&world.request, 48_213),
            task: s.automated_task(&world.case, &world.owner),
            evidence: s.evidence(&world.approval, &world.anna_access),
            entry: s.stage_entry(&world.case, 1),
            book: s.rulebook(),
            workflow: s.workflow(),
            notification: s.notification(&world.owner, &world.case),
            delivery: s.delivery(&event, &world.case, &world.anna),
            automated: s.automated(&event, &world.case, &world.anna),
            phone_record: s.phone_record(),
            consent: s.consent(&world.anna, &world.owner),
            received: s.received_sms(),
            conversation: s.conversation(),
            joined: Conversation {
                id: s.id(),
                client_id: Some(world.anna.id),
                ..s.conversation()
            },
            reachable: Client {
                phone: Some(s.phone()),
                ..s.client("Reachable", "Client")
            },
        }
    }

    pub(super) fn records(&self) -> Vec<Record> {
        vec![
            self.session.clone().into(),
            self.link.clone().into(),
            self.share.clone().into(),
            self.upload.clone().into(),
            self.task.clone().into(),
            self.evidence.clone().into(),
            self.entry.clone().into(),
            self.book.clone().into(),
            self.workflow.clone().into(),
            self.notification.clone().into(),
            self.delivery.clone().into(),
            self.automated.clone().into(),
            self.phone_record.clone().into(),
            self.consent.clone().into(),
            self.received.clone().into(),
            self.conversation.clone().into(),
            self.joined.clone().into(),
            self.reachable.clone().into(),
        ]
    }
}

/// What every reading method answers when it is asked within `practice` for the ids and values of `world`.
pub(super) async fn everything(
    store: &dyn Store,
    practice: PracticeId,
    world: &World,
    extras: &Extras,
) -> Vec<Answer> {
    let mut answers = records_told(store, practice, world, extras).await;
    answers.extend(the_rest_told(store, practice, world).await);
    answers
}

/// The answers that are records.
async fn records_told(
    store: &dyn Store,
    practice: PracticeId,
    world: &World,
    extras: &Extras,
) -> Vec<Answer> {
    let page = PageRequest::first(200).with_total();
    let mut answers = Vec::new();
    let mut records = |method, records: Vec<Record>| {
        answers.push(Answer {
            method,
            records,
            other: String::new(),
        });
    };
    macro_rules! one {
        ($method:ident($($argument:expr),*)) => {
            records(stringify!($method), got(store.$method(practice, $($argument),*).await).map(Record::from).into_iter().collect())
        };
    }
    macro_rules! list {
        ($method:ident($($argument:expr),*)) => {
            records(stringify!($method), got(store.$method(practice, $($argument),*).await).into_iter().map(Record::from).collect())
        };
    }
    macro_rules! page {
        ($method:ident($($argument:expr),*)) => {
            records(stringify!($method), got(store.$method(practice, $($argument,)* &page).await).items.into_iter().map(Record::from).collect())
        };
    }
    let soon = world.samples.at + Duration::minutes(1);
    let (anna, case, owner) = (world.anna.id, world.case.id, world.owner.id);
    one!(staff_member(owner));
    one!(staff_by_email(&world.owner.email.key()));
    page!(staff());
    one!(session(extras.session.id));
    list!(live_staff_sessions(owner, soon));
    list!(live_client_sessions(anna, soon));
    one!(client(anna));
    one!(client_by_reference(
        world.anna.reference.as_deref().unwrap_or_default()
    ));
    list!(clients_by_id(&[anna, world.ben.id]));
    page!(clients(&ClientFilter::default()));
    one!(matter(case));
    one!(matter_by_reference(&world.case.reference));
    list!(matters_by_id(&[case, world.other.id]));
    list!(participants(case));
    list!(participants_on(&[case, world.other.id]));
    list!(participations(anna));
    list!(team(case));
    one!(access(world.anna_access.id));
    one!(access_for(case, anna));
    list!(accesses_of_matter(case));
    list!(accesses_on(&[case, world.other.id]));
    list!(accesses_of_client(anna));
    one!(link(extras.link.id));
    one!(workflow(extras.workflow.id));
    page!(workflows());
    page!(stage_entries(case));
    list!(current_entries(&[case, world.other.id]));
    one!(template(world.template.id));
    page!(templates(true));
    one!(request(world.request.id));
    list!(requests_by_id(&[world.request.id]));
    page!(requests(&RequestFilter::default()));
    one!(next_request(case, anna));
    one!(document(world.document.id));
    page!(documents(&DocumentFilter::default()));
    one!(document_version(world.file.id));
    list!(document_versions(world.document.id));
    list!(shares(world.document.id));
    one!(upload(extras.upload.id));
    one!(task(extras.task.id));
    page!(tasks(&TaskFilter::default()));
    list!(automated_tasks(&[case, world.other.id]));
    one!(approval(world.approval.id));
    page!(approvals(&ApprovalFilter::default()));
    list!(evidence(world.approval.id));
    one!(notification(extras.notification.id));
    page!(notifications(owner, false));
    one!(delivery(extras.delivery.id));
    page!(deliveries(&DeliveryFilter::default()));
    one!(phone_record(&extras.phone_record.phone));
    list!(phone_records(std::slice::from_ref(&extras.phone_record.phone)));
    page!(consents(&extras.consent.phone));
    one!(received_sms(extras.received.id));
    page!(received(&ReceivedFilter::default()));
    one!(conversation(extras.conversation.id));
    page!(conversations(&ConversationFilter::default()));
    list!(joined_numbers(&[anna]));
    list!(clients_by_phone(&world.samples.phone()));
    answers
}

/// The answers that are numbers, ids and words.
async fn the_rest_told(store: &dyn Store, practice: PracticeId, world: &World) -> Vec<Answer> {
    let page = PageRequest::first(200);
    let (case, owner) = (world.case.id, world.owner.id);
    let mut answers = Vec::new();
    let mut other = |method, other: String| {
        answers.push(Answer {
            method,
            records: Vec::new(),
            other,
        });
    };
    macro_rules! said {
        ($method:ident($($argument:expr),*)) => {
            other(stringify!($method), format!("{:?}", got(store.$method(practice, $($argument),*).await)))
        };
    }
    said!(active_owners());
    said!(ancestors(world.other.id));
    said!(matter_vocabulary());
    said!(is_on_team(case, world.member.id));
    said!(written_on(&[case, world.other.id]));
    said!(newest_link(world.anna_access.id));
    said!(links_since(world.anna_access.id, world.samples.at));
    said!(request_counts(&RequestFilter::default()));
    said!(document_counts(&DocumentFilter::default()));
    said!(document_counts_by_request(&[world.request.id]));
    said!(known_blobs(&[world.file.file.blob]));
    said!(uploads_waiting(
        crate::document::Uploader::Client(world.anna.id),
        world.samples.at
    ));
    said!(unread_notifications(owner));
    said!(unread_conversations(None, 100));
    said!(task_count(&TaskFilter::default()));
    said!(approval_count(&ApprovalFilter::default()));
    said!(rulebook());
    said!(rulebook_version());
    let scan = MatterScan {
        limit: 10,
        ..MatterScan::default()
    };
    said!(matter_cases(&scan));
    let shared = DocumentFilter {
        visible_to_access: Some(world.ben_access.id),
        ..DocumentFilter::default()
    };
    said!(document_counts(&shared));
    let audit = got(store
        .audit_entries(practice, &AuditFilter::default(), &page)
        .await);
    other("audit_entries", format!("{:?}", audit.items));
    let found = store.practice(practice).await;
    other("practice", format!("{:?}", got(found)));
    for sort in [MatterSort::Updated, MatterSort::Reference, MatterSort::Title] {
        let matters = got(store
            .matters(practice, &MatterFilter::default(), sort, &page)
            .await);
        let rows: Vec<MatterSummary> = matters.items;
        other("matters", format!("{rows:?}"));
    }
    answers
}

/// Whether any of it says anything: an empty list, none, nought and `false` do not.
pub(super) fn tells(answer: &Answer) -> bool {
    let nothing = ["", "0", "None", "[]", "false", "(0, 0)", "([], [])"];
    let counts_nothing =
        answer.other.contains("Counts") && !answer.other.contains(|c: char| ('1'..='9').contains(&c));
    !answer.records.is_empty() || !(nothing.contains(&answer.other.as_str()) || counts_nothing)
}
