use std::path::PathBuf;

use portal_notify::webhook::{Webhook, WebhookSettings};

use super::reader::Reader;
use super::text::{Hidden, Sender};
use crate::workers::Elsewhere;

/// The audit trail.
///
/// `audit.key_id` (default `1`) names the keys that sign checkpoints: another id, other keys, while everything that older keys
/// signed stays verifiable with those. `audit.signing_secret` is what they are derived from (default: `secrets.master_key`).
/// `audit.previous_keys` names the keys that signed before: a trail is gone on with only from a head that one of these keys signed.
#[derive(Debug, Clone, Default)]
pub struct AuditConfig {
    /// A folder that every checkpoint is also written to, best one on another machine. Default: none.
    pub checkpoint_dir: Option<PathBuf>,
    /// An address that checkpoints are posted to, signed with `audit.checkpoint_webhook_secret` (Standard Webhooks). Default: none.
    pub checkpoint_webhook: Option<Webhook>,
    /// Addresses that the newest checkpoint is mailed to, once a day. Default: none.
    pub checkpoint_mail: Vec<Sender>,
}

impl AuditConfig {
    pub(super) fn from_reader(read: &mut Reader) -> Self {
        let url = read.optional::<String>("audit", "checkpoint_webhook");
        let secret = read.optional::<Hidden>("audit", "checkpoint_webhook_secret");
        let checkpoint_webhook = match (url, secret) {
            (None, None) => None,
            (Some(url), Some(secret)) => {
                let secret = secret.expose().into();
                Webhook::new(&WebhookSettings { url, secret })
                    .map_err(|error| read.problem("audit.checkpoint_webhook", &error.to_string()))
                    .ok()
            }
            (Some(_), None) => {
                let advice = "set what requests are signed with: `echo whsec_$(openssl rand -base64 32)`";
                read.problem("audit.checkpoint_webhook_secret", advice);
                None
            }
            (None, Some(_)) => {
                read.problem(
                    "audit.checkpoint_webhook",
                    "set the address that checkpoints are posted to",
                );
                None
            }
        };
        Self {
            checkpoint_dir: read.optional("audit", "checkpoint_dir"),
            checkpoint_webhook,
            checkpoint_mail: read.list("audit", "checkpoint_mail"),
        }
    }

    /// Where checkpoints are sent.
    pub(crate) fn elsewhere(&self) -> Elsewhere {
        Elsewhere {
            webhook: self.checkpoint_webhook.clone(),
            mail: self.checkpoint_mail.iter().map(|to| to.0.clone()).collect(),
        }
    }
}
