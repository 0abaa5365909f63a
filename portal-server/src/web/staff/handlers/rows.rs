//! Rows of lists, made of what the core lists.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use portal_core::client::Client;
use portal_core::document::{Document, DocumentStatus, Uploader};
use portal_core::identity::StaffMember;
use portal_core::matter::{Matter, MatterSummary};
use portal_core::notify::{Notification, NotificationKind};
use portal_core::policy::{Capability, Role};
use portal_core::{ClientId, Error, MatterId, NoRule, PageRequest, RequestId, StaffId};

use super::desk::Desk;
use super::words;
use crate::error::Problem;
use crate::web::staff::MatterRow;
use crate::web::staff::matter::DocumentRow;
use crate::web::staff::notifications::NotificationRow;
use crate::web::view::{Badge, Choice, file_size};

/// How many a page of a list shows.
pub(super) const PAGE: u32 = 50;

impl Desk {
    pub(super) fn matter_row(&self, summary: &MatterSummary) -> MatterRow {
        let MatterSummary { matter, requests, .. } = summary;
        let asked = requests.asked();
        MatterRow {
            href: matter_href(matter.id),
            reference: matter.reference.clone(),
            title: matter.title.clone(),
            clients: summary.client_name.clone().unwrap_or_default(),
            stage: matter.stage.clone().unwrap_or_default(),
            owner: summary.owner_name.clone(),
            badge: words::needs_badge(summary, &self.when),
            done: if asked == 0 {
                String::new()
            } else {
                format!("{} of {asked}", requests.done())
            },
            updated: self.when.day(matter.updated_at),
            access: Badge::default(),
        }
    }

    /// All staff, by name. There are as many as a practice has people, so all of them are read.
    pub(super) async fn all_staff(&self) -> Result<Vec<StaffMember>, Problem> {
        let mut staff = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.portal().staff(self.ctx(), &page).await?;
            staff.extend(page.items);
            next = page.next;
            if next.is_none() {
                return Ok(staff);
            }
        }
    }

    /// The clients of these ids, by id, for showing their names.
    pub(super) async fn clients_of(
        &self,
        ids: impl IntoIterator<Item = ClientId>,
    ) -> Result<HashMap<ClientId, Client>, Problem> {
        let ids: Vec<ClientId> = ids.into_iter().collect();
        let found = self
            .portal()
            .store()
            .clients_by_id(self.ctx().practice, &ids)
            .await;
        let found = found.map_err(Error::<NoRule>::from)?;
        Ok(found.into_iter().map(|client| (client.id, client)).collect())
    }

    /// The matters of these ids, by id, for showing what a row belongs to.
    pub(super) async fn matters_of(
        &self,
        ids: impl IntoIterator<Item = MatterId>,
    ) -> Result<HashMap<MatterId, Matter>, Problem> {
        let ids: Vec<MatterId> = ids.into_iter().collect();
        let found = self
            .portal()
            .store()
            .matters_by_id(self.ctx().practice, &ids)
            .await;
        let found = found.map_err(Error::<NoRule>::from)?;
        Ok(found.into_iter().map(|matter| (matter.id, matter)).collect())
    }

    pub(super) async fn staff_name(&self, id: StaffId) -> Result<String, Problem> {
        if id == self.staff.id {
            return Ok(self.staff.name.clone());
        }
        let found = self.portal().store().staff_member(self.ctx().practice, id).await;
        let found = found.map_err(Error::<NoRule>::from)?;
        Ok(found.map_or_else(|| "Somebody".to_owned(), |staff| staff.name))
    }

    /// Who sent a file.
    pub(super) async fn uploader(&self, uploader: Uploader) -> Result<String, Problem> {
        match uploader {
            Uploader::Staff(id) => self.staff_name(id).await,
            Uploader::Client(id) => {
                let clients = self.clients_of([id]).await?;
                Ok(clients.get(&id).map(Client::name).unwrap_or_default())
            }
        }
    }

    /// The documents as rows, each with the request that it answers.
    pub(super) async fn document_rows(&self, documents: &[Document]) -> Result<Vec<DocumentRow>, Problem> {
        let requests: Vec<RequestId> = documents
            .iter()
            .filter_map(|document| document.request_id)
            .collect();
        let requests = self
            .portal()
            .store()
            .requests_by_id(self.ctx().practice, &requests)
            .await;
        let requests = requests.map_err(Error::<NoRule>::from)?;
        let senders = documents
            .iter()
            .filter_map(|document| match document.uploaded_by {
                Uploader::Client(id) => Some(id),
                Uploader::Staff(_) => None,
            });
        let owners = documents.iter().filter_map(|document| document.client_id);
        let clients = self.clients_of(senders.chain(owners)).await?;
        let name = |id: &ClientId| clients.get(id).map(Client::name);
        let mut rows = Vec::with_capacity(documents.len());
        let mut staff: HashMap<StaffId, String> = HashMap::new();
        for document in documents {
            let from = match document.uploaded_by {
                Uploader::Client(id) => name(&id).unwrap_or_default(),
                Uploader::Staff(id) => match staff.entry(id) {
                    Entry::Occupied(known) => known.get().clone(),
                    Entry::Vacant(place) => place.insert(self.staff_name(id).await?).clone(),
                },
            };
            let request = requests
                .iter()
                .find(|request| Some(request.id) == document.request_id)
                .map(|request| {
                    (
                        request.title.clone(),
                        request_href(document.matter_id, request.id),
                    )
                });
            let client = document.client_id.as_ref().and_then(name);
            rows.push(DocumentRow {
                name: document.current.name.to_string(),
                kind: words::file_kind(&document.current),
                href: document_href(document.id),
                download_href: format!("{}/file", document_href(document.id)),
                request,
                from,
                size: file_size(document.current.size),
                when: self.when.moment(document.updated_at),
                category: document.category.clone(),
                audience: words::audience(document.confidentiality, client.as_deref()),
                badge: words::document_badge(document.status),
                accept: (document.status == DocumentStatus::PendingReview)
                    .then(|| {
                        self.if_may(
                            Capability::ReviewDocuments,
                            format!("{}/accept", document_href(document.id)),
                        )
                    })
                    .flatten()
                    .map(|action| (action, document.version.0.to_string())),
            });
        }
        Ok(rows)
    }

    pub(super) async fn notification_rows(
        &self,
        notifications: &[Notification],
    ) -> Result<Vec<NotificationRow>, Problem> {
        let matters = self
            .matters_of(notifications.iter().filter_map(|told| told.matter_id))
            .await?;
        let row = |told: &Notification| NotificationRow {
            icon: match told.kind {
                NotificationKind::DocumentUploaded { .. } => "upload",
                NotificationKind::ClientSignedIn => "user",
                NotificationKind::Assigned => "matter",
                NotificationKind::ApprovalAnswered { .. } => "approval",
                NotificationKind::ApprovalExpired { .. } => "clock",
                NotificationKind::TaskGiven { .. } => "check",
                NotificationKind::TextReceived { .. } => "message",
            },
            headline: told.headline.clone(),
            open_action: format!("/staff/notifications/{}", told.id),
            matter: told
                .matter_id
                .and_then(|matter| matters.get(&matter))
                .map(matter_name)
                .unwrap_or_default(),
            when: self.when.moment(told.created_at),
            unread: told.read_at.is_none(),
        };
        Ok(notifications.iter().map(row).collect())
    }
}

/// Those who can work on matters, as choices; whoever is `chosen` is among them whatever became of them.
pub(super) fn workers(staff: &[StaffMember], chosen: &str) -> Vec<Choice> {
    staff
        .iter()
        .filter(|member| (member.active && member.role != Role::Auditor) || member.id.to_string() == chosen)
        .map(|member| Choice::new(member.id.to_string(), member.name.clone(), chosen))
        .collect()
}

/// A matter's reference and title.
pub(super) fn matter_name(matter: &Matter) -> String {
    format!("{} {}", matter.reference, matter.title)
}

pub(super) fn matter_href(id: MatterId) -> String {
    format!("/staff/matters/{id}")
}

pub(super) fn request_href(matter: MatterId, id: RequestId) -> String {
    format!("/staff/matters/{matter}/requests/{id}")
}

pub(super) fn document_href(id: portal_core::DocumentId) -> String {
    format!("/staff/documents/{id}")
}
