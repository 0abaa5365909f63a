//! Compares the mails that arrived with their history, once nothing waits any more.

use std::collections::{BTreeMap, BTreeSet};

use portal_core::identity::StaffMember;
use portal_core::notify::{Delivery, DeliveryFilter, DeliveryState, NotificationKind};
use portal_core::text::Address;
use portal_core::{PageRequest, PracticeId, Store};

use crate::journal::{Entry, What};
use crate::report::Report;
use crate::sink::Mail;

/// The whole history.
pub async fn deliveries(store: &dyn Store, practice: PracticeId) -> Vec<Delivery> {
    let mut page = PageRequest::first(PageRequest::MOST);
    let mut all = Vec::new();
    loop {
        let part = store
            .deliveries(practice, &DeliveryFilter::default(), &page)
            .await
            .unwrap();
        all.extend(part.items);
        match part.next {
            Some(next) => page = page.after(Some(next)),
            None => return all,
        }
    }
}

/// Every mail that arrived has its history, and what the history calls sent arrived.
pub fn check(history: &[Delivery], mails: &[Mail], report: &mut Report) {
    let history: BTreeMap<String, &Delivery> = history
        .iter()
        .filter(|it| !matches!(it.to, Address::Phone(_)))
        .map(|it| (it.id.to_string(), it))
        .collect();
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    let mut last: BTreeMap<&str, &Delivery> = BTreeMap::new();
    (report.history, report.duplicates) = (Vec::new(), 0);
    for mail in mails {
        let Some(delivery) = history.get(&mail.id) else {
            report
                .history
                .push(format!("{mail:?} arrived and is not in the history"));
            continue;
        };
        if delivery.attempts == 0 || delivery.to.to_string() != mail.to {
            report.history.push(format!(
                "{mail:?} arrived otherwise than the history says: {delivery:?}"
            ));
        }
        *times.entry(&mail.id).or_default() += 1;
        // Only the newest link works: their order does not matter.
        if times[mail.id.as_str()] == 1 && delivery.letter.link().is_none() {
            let before = last.entry(&mail.to).or_insert(delivery);
            if before.created_at > delivery.created_at {
                report.history.push(format!(
                    "{} to {} arrived before {}, which was written earlier",
                    before.id, mail.to, delivery.id
                ));
            } else {
                *before = delivery;
            }
        }
    }
    for (id, delivery) in &history {
        if delivery.state == DeliveryState::Sent && !times.contains_key(id.as_str()) {
            report.history.push(format!(
                "{id} to {} is on record as sent and never arrived",
                delivery.to
            ));
        }
        if matches!(delivery.state, DeliveryState::Queued | DeliveryState::Sending) {
            report.history.push(format!(
                "{id} to {} still waits: {:?}",
                delivery.to, delivery.last_error
            ));
        }
    }
    report.mails = u64::try_from(mails.len()).unwrap();
    report.duplicates = times.values().map(|times| times - 1).sum();
}

/// Staff is told once of each document that a client uploaded.
pub async fn notifications(
    store: &dyn Store,
    practice: PracticeId,
    owner: &StaffMember,
    entries: &[Entry],
    report: &mut Report,
) {
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    let mut page = PageRequest::first(PageRequest::MOST);
    loop {
        let part = store
            .notifications(practice, owner.id, false, &page)
            .await
            .unwrap();
        for notification in part.items {
            if let NotificationKind::DocumentUploaded { document, .. } = notification.kind {
                *told.entry(document.to_string()).or_default() += 1;
            }
        }
        match part.next {
            Some(next) => page = page.after(Some(next)),
            None => break,
        }
    }
    let twice: BTreeSet<_> = told.iter().filter(|(_, times)| **times > 1).collect();
    if !twice.is_empty() {
        report
            .broken
            .push(format!("staff was told more than once of {twice:?}"));
    }
    for entry in entries {
        let What::Document { by_client: true, .. } = entry.what else {
            continue;
        };
        let Some(body) = entry.acknowledged() else {
            continue;
        };
        let id = body["items"][0]["id"].as_str().unwrap_or_default();
        if !told.contains_key(id) {
            report
                .lost
                .push(format!("round {}: nobody was told of document {id}", entry.round));
        }
    }
}
