//! Sends checkpoints of the audit trail to where the practice cannot reach them.

use std::collections::HashMap;
use std::time::Duration;

use portal_core::audit::AuditTree;
use portal_core::notify::{Composed, EmailMessage};
use portal_core::practice::Practice;
use portal_core::text::Email;
use portal_core::{Allowance, Error, NoRule, PageRequest, Portal, PracticeId, StoreError, Timestamp};
use portal_notify::webhook::Webhook;
use serde_json::json;
use tokio::sync::watch;

use super::surviving;

const LOOK_EVERY: Duration = Duration::from_secs(30);
/// One mail a day and practice, over all servers.
const MAILS: Allowance = Allowance {
    times: 1,
    every: portal_core::Duration::hours(24),
};
/// How long to wait after a failure: twice as long each time, up to an hour.
const RETRY: Duration = Duration::from_secs(30);
const LONGEST_RETRY: Duration = Duration::from_hours(1);

/// Where checkpoints are sent, besides the folder.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// Each that is kept for good is posted here: every ten minutes in which there were entries.
    pub webhook: Option<Webhook>,
    /// The newest is mailed here once a day on which there were entries.
    pub mail: Vec<Email>,
}

/// What was sent of one practice.
#[derive(Debug, Default)]
struct Sent {
    /// Of which size the last checkpoint was that the webhook took.
    posted: Option<u64>,
    /// How often it did not, and when to ask again.
    refused: u32,
    not_before: Option<tokio::time::Instant>,
    /// Addresses that today's mail is owed to, and until when.
    owed: Vec<Email>,
    owed_until: Option<Timestamp>,
}

/// Sends what is due, again and again. What could not be sent is told in the log; the next one says all that it said.
pub(super) async fn send(portal: &Portal, elsewhere: &Elsewhere, mut stop: watch::Receiver<bool>) {
    if elsewhere.webhook.is_none() && elsewhere.mail.is_empty() {
        return;
    }
    let mut sent = HashMap::<PracticeId, Sent>::new();
    while !*stop.borrow() {
        surviving("sending checkpoints", round(portal, elsewhere, &mut sent)).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

async fn round(
    portal: &Portal,
    elsewhere: &Elsewhere,
    sent: &mut HashMap<PracticeId, Sent>,
) -> Result<(), Error<NoRule>> {
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = portal.store().practices(&page).await?;
        for practice in &page.items {
            let Some(tree) = portal.store().audit_tree(practice.id).await? else {
                continue;
            };
            let sent = sent.entry(practice.id).or_default();
            if let Some(webhook) = &elsewhere.webhook {
                post(webhook, &tree, sent).await;
            }
            if !elsewhere.mail.is_empty() {
                mail(portal, practice, &elsewhere.mail, &tree, sent).await?;
            }
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn post(webhook: &Webhook, tree: &AuditTree, sent: &mut Sent) {
    let waits = sent.not_before.is_some_and(|at| tokio::time::Instant::now() < at);
    // A new one is due when one was kept since; what is sent is the newest.
    if waits || sent.posted.is_some_and(|posted| tree.kept_size <= posted) {
        return;
    }
    let practice = tree.practice_id;
    let body = json!({
        "type": "audit.checkpoint",
        "timestamp": tree.signed_at,
        "data": {
            "origin": tree.origin,
            "size": tree.size,
            "root": tree.root,
            "checkpoint": tree.note,
            "key": tree.key,
        },
    });
    let id = format!("checkpoint-{practice}-{}", tree.size);
    match webhook.post(&id, body.to_string().into_bytes()).await {
        Ok(()) => {
            (sent.posted, sent.refused, sent.not_before) = (Some(tree.size), 0, None);
        }
        Err(error) => {
            tracing::error!(%practice, %error, "the audit trail's checkpoint could not be posted to audit.checkpoint_webhook");
            let wait = RETRY.saturating_mul(1 << sent.refused.min(10)).min(LONGEST_RETRY);
            sent.refused = sent.refused.saturating_add(1);
            sent.not_before = tokio::time::Instant::now().checked_add(wait);
        }
    }
}

async fn mail(
    portal: &Portal,
    practice: &Practice,
    to: &[Email],
    tree: &AuditTree,
    sent: &mut Sent,
) -> Result<(), StoreError> {
    let now = portal.now();
    let (number, end) = MAILS.window(now);
    if sent.owed_until != Some(end) {
        // Nothing was sealed since the mail of the day before.
        if tree.signed_at < end - MAILS.every - MAILS.every {
            return Ok(());
        }
        let key = format!("audit-checkpoint-mail {number}");
        let count = portal.store().count(practice.id, &key, end).await?;
        sent.owed_until = Some(end);
        sent.owed = if MAILS.allows(count) {
            to.to_vec()
        } else {
            Vec::new()
        };
    }
    let mut failed = Vec::new();
    for to in std::mem::take(&mut sent.owed) {
        let message = message(practice, &to, tree);
        if let Err(error) = portal.mailer().send(&message).await {
            tracing::error!(practice = %practice.id, %error, "the audit trail's checkpoint could not be mailed to an address of audit.checkpoint_mail");
            failed.push(to);
        }
    }
    sent.owed = failed;
    Ok(())
}

fn message(practice: &Practice, to: &Email, tree: &AuditTree) -> EmailMessage {
    let text = format!(
        "Keep this message: with it you can tell later whether anything before it was changed in the audit trail of {}, \
         which has {} entries.\n\nThe signed checkpoint:\n\n{}\nTo check an export of the trail, save the lines from the address to the \
         signature as a file old.checkpoint, and run\n\n    portal-server verify-audit audit.jsonl --key KEY --checkpoint \
         old.checkpoint\n\nwith the public key that you were given by another way than this.\n",
        practice.name, tree.size, tree.note
    );
    EmailMessage {
        message_id: format!("checkpoint-{}-{}", tree.practice_id, tree.size),
        thread_id: Some(format!("checkpoints-{}", tree.practice_id)),
        from_name: practice
            .sender_name
            .clone()
            .unwrap_or_else(|| practice.name.clone()),
        to_name: String::new(),
        to: to.clone(),
        content: Composed {
            subject: format!(
                "Checkpoint of the audit trail of {}, {} entries",
                practice.name, tree.size
            ),
            html: format!("<pre>{}</pre>", escaped(&text)),
            text,
        },
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
