//! A store that is broken in one way that is chosen, around one that is not.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;
use portal_core::access::{Accesses, LinkStanding, PortalAccess, SignInLink};
use portal_core::approval::{Approval, ApprovalFilter, Approvals, Evidence};
use portal_core::audit::tree::{Tile, TileId};
use portal_core::audit::{
    AuditEntry, AuditFilter, AuditTree, Audits, KeptCheckpoint, Seal, SealedEntry, Seals, Swept,
};
use portal_core::checklist::{ChecklistTemplate, Checklists, Request, RequestCounts, RequestFilter};
use portal_core::client::{Client, ClientFilter, Clients};
use portal_core::conversation::{Conversation, ConversationFilter, Conversations};
use portal_core::document::{
    Document, DocumentCounts, DocumentFilter, DocumentVersion, Documents, Share, Uploader,
};
use portal_core::identity::{Identities, Session, SessionKey, StaffMember, Standing};
use portal_core::matter::{
    Matter, MatterFilter, MatterSort, MatterSummary, Matters, Participant, TeamMember,
};
use portal_core::notify::{
    Delivery, DeliveryCount, DeliveryFilter, Lane, Notification, Notifications, Outbox, Queue, Written,
};
use portal_core::practice::{Practice, Practices};
use portal_core::rulebook::{KeptWorkflow, Rulebook, Rulebooks};
use portal_core::sms::{Consent, PhoneRecord, ReceivedFilter, ReceivedSms, TextMessages, Texted};
use portal_core::stage::{MatterCase, MatterScan, StageEntry, Stages};
use portal_core::task::{Task, TaskFilter, Tasks};
use portal_core::testing::MemoryStore;
use portal_core::text::{Address, Phone};
use portal_core::upload::{Upload, Uploads};
use portal_core::{
    AccessId, ApprovalId, AuditId, Change, Claim, ClientId, Commits, ConversationId, Counters, Cursor,
    DeliveryId, Digest, DocumentId, DocumentVersionId, Duration, Event, Housekeeping, IdempotencyKeys,
    KeyClaim, LinkId, MatterId, NotificationId, Page, PageRequest, PracticeId, ReceivedSmsId, Record,
    RequestId, SessionId, StaffId, StoreError, StoredAnswer, TaskId, TemplateId, Timestamp, UploadId,
    Version, WorkflowId,
};
use uuid::Uuid;

use crate::delegate::delegate;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident,)*) => {
        /// What can be broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Fault { $($(#[$doc])* $fault,)* }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Self::$fault),*];
        }
    };
}

faults! {
    /// What a change saved before its fault shows stays.
    HalfAppliedChange,
    /// The last save wins, whatever it read.
    StaleVersionAccepted,
    /// `while_unchanged` is not looked at.
    GuardIgnored,
    /// A second record of a unique value is no conflict.
    UniqueRuleIgnored,
    /// A caller who goes away in the middle leaves half of the change.
    CancelledCommitLeavesHalf,
    /// The last audit entry of a change is forgotten.
    AuditEntryDropped,
    /// An entry that is committed after one with a later id was sealed never waits.
    LateEntryForgotten,
    /// Another practice's records are found too.
    TenantLeaks,
    /// A page leaves out what has the same sort key as the last item of the page before.
    PageDropsTie,
    /// A page begins with the last item of the page before.
    PageRepeatsRow,
    /// Times are kept to the millisecond.
    PrecisionLost,
    /// Only a search's first word counts.
    SearchIgnoresWord,
    /// A second worker is given what the first one claimed.
    ClaimShared,
    /// What was claimed is never found again.
    LeaseNeverEnds,
    /// The practice that comes first by id is always served first.
    PracticesStarve,
    /// Counting reads, waits, and then writes.
    CounterNotAtomic,
    /// Looking at a counter counts.
    LookingCounts,
    /// An idempotency key is new to everybody who claims it.
    KeyFreshTwice,
    /// The key of a claim that was cut off is new again.
    CutOffKeyFresh,
    /// A claim that is made again counts as somebody else's.
    ClaimForgotten,
    /// Sessions that ended are among those that live.
    EndedSessionsLive,
    /// Tidying does nothing.
    TidyTakesNothing,
}

pub(crate) struct FaultyStore {
    pub(crate) within: MemoryStore,
    fault: Option<Fault>,
    practices: Mutex<BTreeSet<PracticeId>>,
    claimed: Mutex<Vec<Event>>,
    counts: Mutex<HashMap<(PracticeId, String), u32>>,
    ended: Mutex<Vec<Session>>,
}

impl FaultyStore {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            within: MemoryStore::default(),
            fault,
            practices: Mutex::default(),
            claimed: Mutex::default(),
            counts: Mutex::default(),
            ended: Mutex::default(),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn only_first_word(&self, q: Option<&String>) -> Option<String> {
        let first = |q: &String| q.split_whitespace().next().unwrap_or_default().to_owned();
        q.map(|q| {
            if self.has(Fault::SearchIgnoresWord) {
                first(q)
            } else {
                q.clone()
            }
        })
    }

    /// What becomes of a page on its way out; `cursor` is where its list says that an item stands.
    fn paged<T>(&self, page: Page<T>, asked: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
        let Page {
            mut items,
            mut next,
            total,
        } = page;
        if let (true, Some(after)) = (self.has(Fault::PageDropsTie), &asked.after) {
            items.retain(|item| cursor(item).key != after.key);
        }
        if let (true, Some(_), [.., last_but_one, _]) =
            (self.has(Fault::PageRepeatsRow), &next, items.as_slice())
        {
            next = Some(cursor(last_but_one));
        }
        Page { items, next, total }
    }

    /// The change without what this fault forgets.
    fn forgetting(&self, change: &Change) -> Change {
        let kept =
            Change::unaudited(change.practice(), "a fault is planted").save_all(change.saves().to_vec());
        let kept = change.unchanged().iter().fold(kept, |kept, guard| {
            if self.has(Fault::GuardIgnored) {
                kept
            } else {
                kept.while_unchanged(guard.kind, guard.id, guard.version)
            }
        });
        let dropped = usize::from(self.has(Fault::AuditEntryDropped));
        let entries = change.audit_entries();
        let entries = entries.iter().take(entries.len().saturating_sub(dropped));
        let kept = entries.fold(kept, |kept, entry| kept.audit(entry.clone()));
        let kept = change.erasures().iter().cloned().fold(kept, Change::erase);
        let kept = change.waits().iter().copied().fold(kept, Change::wait_for_seal);
        change.seals().cloned().into_iter().fold(kept, Change::with_seals)
    }

    /// One change for each record; guards and audit entries go with the first.
    fn in_pieces(change: &Change) -> Vec<Change> {
        let mut pieces: Vec<Change> = Vec::new();
        for record in change.saves() {
            let piece = Change::unaudited(change.practice(), "a fault is planted").save(record.clone());
            pieces.push(piece);
        }
        let rest = Change::unaudited(change.practice(), "a fault is planted");
        let rest = change.unchanged().iter().fold(rest, |rest, guard| {
            rest.while_unchanged(guard.kind, guard.id, guard.version)
        });
        let rest = change
            .audit_entries()
            .iter()
            .fold(rest, |rest, entry| rest.audit(entry.clone()));
        pieces.insert(0, rest);
        pieces
    }

    /// Saves over whatever is there.
    async fn overwrite(&self, change: &Change) -> Result<(), StoreError> {
        let mut change = change.clone();
        for _ in 0..10 {
            let outcome = self.within.commit(change.clone()).await;
            if outcome != Err(StoreError::Stale) {
                return outcome;
            }
            let later = change.saves().iter().cloned().map(one_version_later);
            change = Change::unaudited(change.practice(), "a fault is planted").save_all(later);
        }
        Err(StoreError::Stale)
    }
}

fn one_version_later(record: Record) -> Record {
    match record {
        Record::Matter(mut row) => {
            row.version.bump();
            Record::Matter(row)
        }
        other => other,
    }
}

fn to_the_millisecond(at: Timestamp) -> Timestamp {
    let cut = i64::from(at.to_offset_date_time().microsecond() % 1_000);
    at - Duration::microseconds(cut)
}

#[async_trait]
impl Commits for FaultyStore {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.practices.lock().unwrap().insert(change.practice());
        for record in change.saves() {
            if let Record::Session(session) = record
                && session.ended.is_some()
            {
                self.ended.lock().unwrap().push((**session).clone());
            }
        }
        match self.fault {
            Some(Fault::HalfAppliedChange | Fault::CancelledCommitLeavesHalf) => {
                for piece in Self::in_pieces(&change) {
                    self.within.commit(piece).await?;
                    if self.has(Fault::CancelledCommitLeavesHalf) {
                        tokio::task::yield_now().await;
                    }
                }
                Ok(())
            }
            Some(Fault::StaleVersionAccepted) => self.overwrite(&change).await,
            Some(Fault::UniqueRuleIgnored) => match self.within.commit(change).await {
                Err(StoreError::Conflict(_)) => Ok(()),
                other => other,
            },
            _ => self.within.commit(self.forgetting(&change)).await,
        }
    }
}

delegate! {
    Practices {
        fn practice(id: PracticeId) -> Option<Practice>;
        fn practices(page: &PageRequest) -> Page<Practice>;
    }
    with {}
}

delegate! {
    Identities {
        fn staff_member(practice: PracticeId, id: StaffId) -> Option<StaffMember>;
        fn staff_by_email(practice: PracticeId, email_key: &str) -> Option<StaffMember>;
        fn staff(practice: PracticeId, page: &PageRequest) -> Page<StaffMember>;
        fn active_owners(practice: PracticeId) -> u64;
        fn session(practice: PracticeId, id: SessionId) -> Option<Session>;
        fn standing(practice: PracticeId, key: SessionKey) -> Option<Standing>;
        fn live_staff_sessions(practice: PracticeId, staff: StaffId, now: Timestamp) -> Vec<Session>;
    }
    with {
        async fn live_client_sessions(
            &self,
            practice: PracticeId,
            client: ClientId,
            now: Timestamp,
        ) -> Result<Vec<Session>, StoreError> {
            let mut live = self.within.live_client_sessions(practice, client, now).await?;
            if self.has(Fault::EndedSessionsLive) {
                let ended = self.ended.lock().unwrap();
                live.extend(ended.iter().filter(|session| session.client() == Some(client)).cloned());
            }
            Ok(live)
        }
    }
}

delegate! {
    Clients {
        fn client_by_reference(practice: PracticeId, reference: &str) -> Option<Client>;
        fn clients_by_id(practice: PracticeId, ids: &[ClientId]) -> Vec<Client>;
        fn clients_by_phone(practice: PracticeId, phone: &Phone) -> Vec<Client>;
    }
    with {
        async fn client(&self, practice: PracticeId, id: ClientId) -> Result<Option<Client>, StoreError> {
            let found = self.within.client(practice, id).await?;
            if found.is_some() || !self.has(Fault::TenantLeaks) {
                return Ok(found);
            }
            let everywhere = self.practices.lock().unwrap().clone();
            for other in everywhere {
                if let Some(leaked) = self.within.client(other, id).await? {
                    return Ok(Some(leaked));
                }
            }
            Ok(None)
        }

        async fn clients(
            &self,
            practice: PracticeId,
            filter: &ClientFilter,
            page: &PageRequest,
        ) -> Result<Page<Client>, StoreError> {
            let filter = ClientFilter { q: self.only_first_word(filter.q.as_ref()) };
            let found = self.within.clients(practice, &filter, page).await?;
            Ok(self.paged(found, page, |client| Cursor { key: client.sort_text(), id: client.id.into() }))
        }
    }
}

delegate! {
    Matters {
        fn matter_by_reference(practice: PracticeId, reference: &str) -> Option<Matter>;
        fn matters_by_id(practice: PracticeId, ids: &[MatterId]) -> Vec<Matter>;
        fn matters(
            practice: PracticeId,
            filter: &MatterFilter,
            sort: MatterSort,
            page: &PageRequest,
        ) -> Page<MatterSummary>;
        fn ancestors(practice: PracticeId, matter: MatterId) -> Vec<MatterId>;
        fn matter_vocabulary(practice: PracticeId) -> (Vec<String>, Vec<String>);
        fn participants(practice: PracticeId, matter: MatterId) -> Vec<Participant>;
        fn participants_on(practice: PracticeId, matters: &[MatterId]) -> Vec<Participant>;
        fn participations(practice: PracticeId, client: ClientId) -> Vec<Participant>;
        fn team(practice: PracticeId, matter: MatterId) -> Vec<TeamMember>;
        fn is_on_team(practice: PracticeId, matter: MatterId, staff: StaffId) -> bool;
    }
    with {
        async fn matter(&self, practice: PracticeId, id: MatterId) -> Result<Option<Matter>, StoreError> {
            let found = self.within.matter(practice, id).await?;
            Ok(found.map(|matter| {
                if self.has(Fault::PrecisionLost) {
                    Matter { updated_at: to_the_millisecond(matter.updated_at), ..matter }
                } else {
                    matter
                }
            }))
        }
    }
}

delegate! {
    Accesses {
        fn access(practice: PracticeId, id: AccessId) -> Option<PortalAccess>;
        fn access_for(practice: PracticeId, matter: MatterId, client: ClientId) -> Option<PortalAccess>;
        fn accesses_of_matter(practice: PracticeId, matter: MatterId) -> Vec<PortalAccess>;
        fn accesses_on(practice: PracticeId, matters: &[MatterId]) -> Vec<PortalAccess>;
        fn accesses_of_client(practice: PracticeId, client: ClientId) -> Vec<PortalAccess>;
        fn link(practice: PracticeId, id: LinkId) -> Option<SignInLink>;
        fn link_standing(practice: PracticeId, token: Digest) -> Option<LinkStanding>;
        fn newest_link(practice: PracticeId, access: AccessId) -> Option<LinkId>;
        fn links_since(practice: PracticeId, access: AccessId, since: Timestamp) -> (u64, u64);
    }
    with {}
}

delegate! {
    Rulebooks {
        fn rulebook(practice: PracticeId) -> Option<Rulebook>;
        fn rulebook_version(practice: PracticeId) -> Option<Version>;
        fn workflow(practice: PracticeId, id: WorkflowId) -> Option<KeptWorkflow>;
        fn workflows(practice: PracticeId, page: &PageRequest) -> Page<KeptWorkflow>;
    }
    with {}
}

delegate! {
    Stages {
        fn stage_entries(practice: PracticeId, matter: MatterId, page: &PageRequest) -> Page<StageEntry>;
        fn current_entries(practice: PracticeId, matters: &[MatterId]) -> Vec<StageEntry>;
        fn matter_cases(practice: PracticeId, scan: &MatterScan) -> Vec<MatterCase>;
    }
    with {}
}

delegate! {
    Checklists {
        fn template(practice: PracticeId, id: TemplateId) -> Option<ChecklistTemplate>;
        fn templates(practice: PracticeId, archived: bool, page: &PageRequest) -> Page<ChecklistTemplate>;
        fn request(practice: PracticeId, id: RequestId) -> Option<Request>;
        fn requests_by_id(practice: PracticeId, ids: &[RequestId]) -> Vec<Request>;
        fn last_position(practice: PracticeId, matter: MatterId) -> i32;
        fn request_counts(practice: PracticeId, filter: &RequestFilter) -> RequestCounts;
        fn next_request(practice: PracticeId, matter: MatterId, client: ClientId) -> Option<Request>;
    }
    with {
        async fn requests(
            &self,
            practice: PracticeId,
            filter: &RequestFilter,
            page: &PageRequest,
        ) -> Result<Page<Request>, StoreError> {
            let found = self.within.requests(practice, filter, page).await?;
            Ok(self.paged(found, page, |request| Cursor {
                key: format!("{:010}", request.position),
                id: request.id.into(),
            }))
        }
    }
}

delegate! {
    Documents {
        fn document(practice: PracticeId, id: DocumentId) -> Option<Document>;
        fn documents(practice: PracticeId, filter: &DocumentFilter, page: &PageRequest) -> Page<Document>;
        fn document_counts(practice: PracticeId, filter: &DocumentFilter) -> DocumentCounts;
        fn document_counts_by_request(
            practice: PracticeId,
            requests: &[RequestId],
        ) -> Vec<(RequestId, DocumentCounts)>;
        fn document_version(practice: PracticeId, id: DocumentVersionId) -> Option<DocumentVersion>;
        fn document_versions(practice: PracticeId, document: DocumentId) -> Vec<DocumentVersion>;
        fn shares(practice: PracticeId, document: DocumentId) -> Vec<Share>;
        fn known_blobs(practice: PracticeId, blobs: &[Uuid]) -> Vec<Uuid>;
    }
    with {}
}

delegate! {
    Uploads {
        fn upload(practice: PracticeId, id: UploadId) -> Option<Upload>;
        fn uploads_waiting(practice: PracticeId, by: Uploader, at: Timestamp) -> u64;
    }
    with {}
}

delegate! {
    Notifications {
        fn notification(practice: PracticeId, id: NotificationId) -> Option<Notification>;
        fn notifications(
            practice: PracticeId,
            staff: StaffId,
            unread: bool,
            page: &PageRequest,
        ) -> Page<Notification>;
        fn unread_notifications(practice: PracticeId, staff: StaffId) -> u64;
    }
    with {}
}

delegate! {
    TextMessages {
        fn phone_record(practice: PracticeId, phone: &Phone) -> Option<PhoneRecord>;
        fn phone_records(practice: PracticeId, phones: &[Phone]) -> Vec<PhoneRecord>;
        fn consents(practice: PracticeId, phone: &Phone, page: &PageRequest) -> Page<Consent>;
        fn received_sms(practice: PracticeId, id: ReceivedSmsId) -> Option<ReceivedSms>;
        fn received(practice: PracticeId, filter: &ReceivedFilter, page: &PageRequest) -> Page<ReceivedSms>;
        fn who_texted(phone: &Phone) -> Vec<Texted>;
    }
    with {}
}

delegate! {
    Conversations {
        fn conversation(practice: PracticeId, id: ConversationId) -> Option<Conversation>;
        fn conversations(
            practice: PracticeId,
            filter: &ConversationFilter,
            page: &PageRequest,
        ) -> Page<Conversation>;
        fn unread_conversations(practice: PracticeId, visible_to: Option<StaffId>, at_most: u32) -> u64;
        fn joined_numbers(practice: PracticeId, clients: &[ClientId]) -> Vec<Conversation>;
    }
    with {}
}

delegate! {
    Tasks {
        fn task(practice: PracticeId, id: TaskId) -> Option<Task>;
        fn tasks(practice: PracticeId, filter: &TaskFilter, page: &PageRequest) -> Page<Task>;
        fn task_count(practice: PracticeId, filter: &TaskFilter) -> u64;
        fn automated_tasks(practice: PracticeId, matters: &[MatterId]) -> Vec<Task>;
    }
    with {}
}

delegate! {
    Approvals {
        fn approval(practice: PracticeId, id: ApprovalId) -> Option<Approval>;
        fn approvals(practice: PracticeId, filter: &ApprovalFilter, page: &PageRequest) -> Page<Approval>;
        fn approval_count(practice: PracticeId, filter: &ApprovalFilter) -> u64;
        fn evidence(practice: PracticeId, approval: ApprovalId) -> Vec<Evidence>;
    }
    with {}
}

delegate! {
    Outbox {
        fn claim_deliveries(
            practice: PracticeId,
            lane: Lane,
            now: Timestamp,
            lease_until: Timestamp,
            limit: u32,
        ) -> Vec<Delivery>;
        fn delivery(practice: PracticeId, id: DeliveryId) -> Option<Delivery>;
        fn open_deliveries(practice: PracticeId, to: &Address, limit: u32) -> Vec<Delivery>;
        fn deliveries(practice: PracticeId, filter: &DeliveryFilter, page: &PageRequest) -> Page<Delivery>;
        fn written_on(practice: PracticeId, matters: &[MatterId]) -> Vec<Written>;
        fn delivery_counts(practice: PracticeId, filter: &DeliveryFilter) -> Vec<DeliveryCount>;
    }
    with {
        async fn due_practices(
            &self,
            queue: Queue,
            now: Timestamp,
            limit: u32,
        ) -> Result<Vec<PracticeId>, StoreError> {
            if !self.has(Fault::PracticesStarve) {
                return self.within.due_practices(queue, now, limit).await;
            }
            let mut due = self.within.due_practices(queue, now, u32::MAX).await?;
            due.sort_unstable();
            due.truncate(limit.try_into().unwrap());
            Ok(due)
        }

        async fn claim_events(
            &self,
            practice: PracticeId,
            now: Timestamp,
            lease_until: Timestamp,
            limit: u32,
        ) -> Result<Vec<Event>, StoreError> {
            let lease_until = if self.has(Fault::LeaseNeverEnds) {
                lease_until + Duration::days(36_500)
            } else {
                lease_until
            };
            let mut claimed = self.within.claim_events(practice, now, lease_until, limit).await?;
            if self.has(Fault::ClaimShared) {
                let mut before = self.claimed.lock().unwrap();
                if claimed.is_empty() {
                    claimed.extend(before.iter().filter(|event| event.practice_id == practice).cloned());
                } else {
                    before.extend(claimed.iter().cloned());
                }
            }
            Ok(claimed)
        }
    }
}

delegate! {
    Audits {
        fn audit_entries(practice: PracticeId, filter: &AuditFilter, page: &PageRequest) -> Page<AuditEntry>;
    }
    with {}
}

delegate! {
    Seals {
        fn unsealed_practices(after: Option<PracticeId>, limit: u32) -> Vec<PracticeId>;
        fn swept(practice: PracticeId, after: (Timestamp, AuditId), limit: u32) -> Vec<Swept>;
        fn audit_tree(practice: PracticeId) -> Option<AuditTree>;
        fn audit_tiles(practice: PracticeId, ids: &[TileId]) -> Vec<Tile>;
        fn seal_of(practice: PracticeId, entry: AuditId) -> Option<Seal>;
        fn sealed_entries(practice: PracticeId, from: u64, limit: u32) -> Vec<SealedEntry>;
        fn kept_checkpoints(practice: PracticeId, after: u64, limit: u32) -> Vec<KeptCheckpoint>;
        fn audit_keys(practice: PracticeId) -> Vec<KeptCheckpoint>;
    }
    with {
        async fn unsealed(&self, practice: PracticeId, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
            let mut waiting = self.within.unsealed(practice, limit).await?;
            if self.has(Fault::LateEntryForgotten) {
                // As a sealer would that remembers the last id it sealed.
                let sealed = self.within.sealed_entries(practice, 0, u32::MAX).await?;
                let last = sealed.iter().map(|row| row.seal.entry_id).max();
                waiting.retain(|entry| last.is_none_or(|last| entry.id > last));
            }
            Ok(waiting)
        }
    }
}

delegate! {
    Counters {}
    with {
        async fn count(&self, practice: PracticeId, key: &str, until: Timestamp) -> Result<u32, StoreError> {
            if !self.has(Fault::CounterNotAtomic) {
                return self.within.count(practice, key, until).await;
            }
            let place = (practice, key.to_owned());
            let read = self.counts.lock().unwrap().get(&place).copied().unwrap_or(0);
            tokio::task::yield_now().await;
            self.counts.lock().unwrap().insert(place, read + 1);
            Ok(read + 1)
        }

        async fn counted(&self, practice: PracticeId, key: &str, now: Timestamp) -> Result<u32, StoreError> {
            let count = self.within.counted(practice, key, now).await?;
            if self.has(Fault::LookingCounts) {
                self.within.count(practice, key, now).await?;
            }
            Ok(count)
        }
    }
}

delegate! {
    IdempotencyKeys {
        fn extend_key(practice: PracticeId, key: &str, lease_until: Timestamp) -> ();
        fn store_answer(practice: PracticeId, key: &str, answer: StoredAnswer, kept_until: Timestamp) -> ();
        fn release_key(practice: PracticeId, key: &str) -> ();
    }
    with {
        async fn claim_key(
            &self,
            practice: PracticeId,
            key: &str,
            claim: Claim,
            now: Timestamp,
        ) -> Result<KeyClaim, StoreError> {
            let by = if self.has(Fault::ClaimForgotten) { crate::another() } else { claim.by };
            let claim = Claim { by, ..claim };
            Ok(match self.within.claim_key(practice, key, claim, now).await? {
                _ if self.has(Fault::KeyFreshTwice) => KeyClaim::Fresh,
                KeyClaim::CutOff if self.has(Fault::CutOffKeyFresh) => KeyClaim::Fresh,
                claim => claim,
            })
        }
    }
}

delegate! {
    Housekeeping {
        fn check() -> ();
    }
    with {
        async fn tidy(&self, now: Timestamp) -> Result<u64, StoreError> {
            if self.has(Fault::TidyTakesNothing) { Ok(0) } else { self.within.tidy(now).await }
        }
    }
}
