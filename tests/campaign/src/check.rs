//! Compares what is there with what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::str::FromStr;

use futures_util::{StreamExt, stream};
use portal_core::audit::{AuditEntry, AuditFilter};
use portal_core::checklist::RequestFilter;
use portal_core::document::{Document, DocumentFilter};
use portal_core::{AccessId, ClientId, DocumentId, MatterId, PageRequest, PracticeId, RequestId, Store};
use serde_json::Value;

use crate::http::{Answer, Call};
use crate::journal::{Entry, What};
use crate::load::hex;
use crate::place::Place;
use crate::report::Report;

/// The audit trail as it was last seen.
#[derive(Default)]
pub struct Trail {
    seen: BTreeMap<uuid::Uuid, String>,
    counts: BTreeMap<(String, String), u64>,
}

impl Trail {
    /// How often an action was done to a record.
    fn count(&self, subject: &str, action: &str) -> u64 {
        let key = (subject.to_owned(), action.to_owned());
        self.counts.get(&key).copied().unwrap_or(0)
    }

    /// How many entries were seen.
    pub fn entries(&self) -> usize {
        self.seen.len()
    }
}

pub struct Check<'a> {
    pub place: &'a Place,
    pub store: &'a dyn Store,
    pub practice: PracticeId,
    pub address: SocketAddr,
    pub token: &'a str,
    pub trail: &'a mut Trail,
    pub report: &'a mut Report,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn parsed<T: FromStr>(id: &str) -> T {
    id.parse().ok().expect("an id")
}

/// The value without what other commands may change.
fn without(value: &Value, names: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(map) = value.as_object_mut() {
        for name in names {
            map.remove(*name);
        }
    }
    value
}

impl Check<'_> {
    /// Looks at everything that `entries` tell of.
    pub async fn entries(&mut self, entries: &[Entry]) {
        self.audit(false).await;
        let (address, token) = (self.address, self.token);
        let reads = entries.iter().filter_map(|entry| Some((entry, path(entry)?)));
        let reads: Vec<(&Entry, Answer)> = stream::iter(reads)
            .map(async |(entry, path)| {
                let call = Call::get(path).token(token);
                (entry, call.send(address).await.expect("the server answers"))
            })
            .buffer_unordered(8)
            .collect()
            .await;
        let mut patches: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            if let What::Patch { client, .. } = &entry.what {
                patches.entry(client).or_default().push(entry);
            }
        }
        for (entry, answer) in reads {
            self.acknowledged(entry, &answer, &patches);
        }
        for entry in entries.iter().filter(|entry| entry.is_unknown()) {
            self.unknown(entry).await;
        }
        self.tokens(entries).await;
    }

    fn acknowledged(&mut self, entry: &Entry, answer: &Answer, patches: &BTreeMap<&str, Vec<&Entry>>) {
        let Some(body) = entry.acknowledged() else { return };
        let now = answer.json();
        let lost = |why: &str| {
            format!(
                "round {}: {:?} {why}: was {body}, is {now}",
                entry.round, entry.what
            )
        };
        if !answer.is_success() {
            self.report.lost.push(lost("is not there"));
            return;
        }
        let id = text(&body, "id");
        let (same, action) = match &entry.what {
            What::Client { .. } => {
                let names = ["version", "updated_at", "family_name", "name"];
                let patches = patches.get(id.as_str()).map_or(&[][..], Vec::as_slice);
                let family = text(&now, "family_name");
                let patched = patches
                    .iter()
                    .any(|e| matches!(&e.what, What::Patch { name, .. } if *name == family));
                let must = patches.iter().any(|e| e.acknowledged().is_some());
                let same = if patches.is_empty() {
                    now == body
                } else {
                    without(&now, &names) == without(&body, &names) && (patched || (!must && family == "One"))
                };
                (same, "client.added")
            }
            What::Matter { .. } => {
                // What opening it brought about is told once, by the answer.
                let names = ["version", "updated_at", "effects"];
                (without(&now, &names) == without(&body, &names), "matter.opened")
            }
            What::Request { .. } => {
                let names = ["version", "updated_at", "state"];
                (without(&now, &names) == without(&body, &names), "request.added")
            }
            What::Access { .. } => {
                let names = [
                    "version",
                    "updated_at",
                    "state",
                    "invited_at",
                    "first_entered_at",
                    "url",
                ];
                (without(&now, &names) == without(&body, &names), "access.enabled")
            }
            What::Revoke { .. } => (text(&now, "state") == "revoked", "access.revoked"),
            What::Document { sha256, .. } => {
                let same = hex(&answer.body) == *sha256;
                let id = text(&body["items"][0], "id");
                if self.trail.count(&id, "document.uploaded") != 1 {
                    self.report.broken.push(format!(
                        "round {}: {:?} without its audit entry",
                        entry.round, entry.what
                    ));
                }
                if !same {
                    self.report
                        .lost
                        .push(format!("round {}: {:?} has other bytes", entry.round, entry.what));
                }
                return;
            }
            What::Patch { .. } | What::Participant | What::Redeem { .. } | What::Stage { .. } => return,
        };
        if !same {
            self.report.lost.push(lost("differs"));
        }
        if self.trail.count(&id, action) != 1 {
            self.report.broken.push(lost("has not one audit entry"));
        }
    }

    /// What was never acknowledged is there whole, once, or not at all.
    pub async fn unknown(&mut self, entry: &Entry) {
        let practice = self.practice;
        let page = PageRequest::first(PageRequest::MOST);
        let (ids, action): (Vec<String>, &str) = match &entry.what {
            What::Client { reference } => {
                let found = self.store.client_by_reference(practice, reference).await.unwrap();
                (found.iter().map(|it| it.id.to_string()).collect(), "client.added")
            }
            What::Matter { reference } => {
                let found = self.store.matter_by_reference(practice, reference).await.unwrap();
                (
                    found.iter().map(|it| it.id.to_string()).collect(),
                    "matter.opened",
                )
            }
            What::Request { matter, title } => {
                let Ok(matter) = matter.parse::<MatterId>() else {
                    return;
                };
                let filter = RequestFilter {
                    matter: Some(matter),
                    ..RequestFilter::default()
                };
                let found = self.store.requests(practice, &filter, &page).await.unwrap().items;
                let found = found.iter().filter(|it| it.title == *title);
                (found.map(|it| it.id.to_string()).collect(), "request.added")
            }
            What::Access { matter, client } => {
                let (Ok(matter), Ok(client)) = (matter.parse(), client.parse()) else {
                    return;
                };
                let found = self.store.access_for(practice, matter, client).await.unwrap();
                (
                    found.iter().map(|it| it.id.to_string()).collect(),
                    "access.enabled",
                )
            }
            What::Document { matter, sha256, .. } => {
                let Ok(matter) = matter.parse::<MatterId>() else {
                    return;
                };
                let filter = DocumentFilter {
                    matter: Some(matter),
                    ..DocumentFilter::default()
                };
                let found = self
                    .store
                    .documents(practice, &filter, &page)
                    .await
                    .unwrap()
                    .items;
                let found: Vec<Document> = found
                    .into_iter()
                    .filter(|it| it.current.sha256.to_string() == *sha256)
                    .collect();
                for document in &found {
                    let bytes = std::fs::read(self.place.blob(practice, document.current.blob));
                    if bytes.ok().is_none_or(|bytes| hex(&bytes) != *sha256) {
                        self.report
                            .broken
                            .push(format!("{:?} is a document without its bytes", entry.what));
                    }
                }
                (
                    found.iter().map(|it| it.id.to_string()).collect(),
                    "document.uploaded",
                )
            }
            What::Patch { .. }
            | What::Participant
            | What::Redeem { .. }
            | What::Revoke { .. }
            | What::Stage { .. } => return,
        };
        if ids.len() > 1 {
            self.report
                .broken
                .push(format!("{:?} is there {} times", entry.what, ids.len()));
        }
        for id in ids {
            if self.trail.count(&id, action) != 1 {
                self.report
                    .broken
                    .push(format!("{:?} is there without its audit entry", entry.what));
            }
        }
    }

    /// One link lets in at most once, across kills too.
    async fn tokens(&mut self, entries: &[Entry]) {
        let mut accesses: BTreeMap<&str, (u64, Option<&Entry>)> = BTreeMap::new();
        for entry in entries {
            if let What::Redeem { access } = &entry.what {
                let known = accesses.entry(access).or_default();
                known.0 += u64::from(entry.acknowledged().is_some());
                known.1 = Some(entry);
            }
        }
        for (access, (mut acknowledged, entry)) in accesses {
            // Once more, after the kill.
            if let Some(entry) = entry {
                let again = entry
                    .call
                    .clone()
                    .from(acknowledged + 60_000)
                    .send(self.address)
                    .await;
                acknowledged += u64::from(again.expect("the server answers").is_success());
            }
            let filter = AuditFilter {
                subject: Some(parsed(access)),
                action: Some("client.signed-in".into()),
                ..AuditFilter::default()
            };
            let first = PageRequest::default();
            let page = self.store.audit_entries(self.practice, &filter, &first);
            let recorded = page.await.unwrap().items.len() as u64;
            if acknowledged > 1 || recorded > 1 {
                self.report.tokens.push(format!(
                    "{access}: {acknowledged} answers, {recorded} sign-ins on record"
                ));
            }
            if acknowledged > recorded {
                self.report.lost.push(format!(
                    "{access}: {acknowledged} acknowledged, {recorded} sign-ins on record"
                ));
            }
        }
    }

    /// Reads what is new in the audit trail, or all of it; no entry speaks of what is not there, and none ever goes.
    pub async fn audit(&mut self, all: bool) {
        let mut page = PageRequest::first(PageRequest::MOST);
        let mut still_there = BTreeSet::new();
        loop {
            let part = self
                .store
                .audit_entries(self.practice, &AuditFilter::default(), &page)
                .await
                .unwrap();
            let mut new = 0;
            for entry in part.items {
                still_there.insert(entry.id.0);
                let told = format!("{entry:?}");
                match self.trail.seen.get(&entry.id.0) {
                    Some(before) if *before != told => {
                        self.report
                            .broken
                            .push(format!("an audit entry changed: {before} to {told}"));
                    }
                    Some(_) => {}
                    None => {
                        new += 1;
                        let key = (entry.subject_id.to_string(), entry.action.clone());
                        *self.trail.counts.entry(key).or_default() += 1;
                        self.trail.seen.insert(entry.id.0, told);
                        if !self.is_there(&entry).await {
                            self.report
                                .broken
                                .push(format!("an audit entry of what is not there: {entry}"));
                        }
                    }
                }
            }
            match part.next {
                Some(next) if all || new > 0 => page = page.after(Some(next)),
                _ => break,
            }
        }
        if all {
            let gone = self
                .trail
                .seen
                .keys()
                .filter(|id| !still_there.contains(id))
                .count();
            if gone > 0 {
                self.report
                    .lost
                    .push(format!("{gone} audit entries that were there before are gone"));
            }
        }
    }

    async fn is_there(&self, entry: &AuditEntry) -> bool {
        let (store, practice, id) = (self.store, self.practice, entry.subject_id);
        match entry.subject_kind.as_str() {
            "client" => store.client(practice, ClientId(id)).await.unwrap().is_some(),
            "matter" => store.matter(practice, MatterId(id)).await.unwrap().is_some(),
            "request" => store.request(practice, RequestId(id)).await.unwrap().is_some(),
            "document" => store.document(practice, DocumentId(id)).await.unwrap().is_some(),
            "portal-access" => store.access(practice, AccessId(id)).await.unwrap().is_some(),
            _ => true,
        }
    }
}

/// Where what was acknowledged can be read.
fn path(entry: &Entry) -> Option<String> {
    let body = entry.acknowledged()?;
    let id = text(&body, "id");
    Some(match &entry.what {
        What::Client { .. } => format!("/api/v1/clients/{id}"),
        What::Matter { .. } => format!("/api/v1/matters/{id}"),
        What::Request { .. } => format!("/api/v1/requests/{id}"),
        What::Access { .. } | What::Revoke { .. } => format!("/api/v1/portal-accesses/{id}"),
        What::Document { .. } => format!("/api/v1/documents/{}/content", text(&body["items"][0], "id")),
        What::Patch { .. } | What::Participant | What::Redeem { .. } | What::Stage { .. } => return None,
    })
}
