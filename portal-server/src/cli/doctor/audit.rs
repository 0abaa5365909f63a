//! Whether the audit trail can be gone on with.

use portal_core::audit::{AuditTree, Checkpoint, TreeFault, check_growth, keys_not_known};
use portal_core::{Page, PageRequest, Store, StoreError};

use super::Findings;
use crate::checkpoints::{self, Found};
use crate::config::Config;

/// Looks at each practice's head as the sealer does before it goes on from it.
pub(super) async fn audit(config: &Config, store: &dyn Store, findings: &mut Findings) {
    let kept = folder(config, findings);
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let practices = match store.practices(&page).await {
            Ok(Page {
                items, next: more, ..
            }) => {
                next = more;
                items
            }
            Err(error) => {
                return findings.note("audit trail", Err::<&str, _>(error), "Look at the database.");
            }
        };
        for practice in practices {
            let what = format!("audit trail of {}", practice.name);
            let found = kept.iter().filter(|found| found.practice == practice.id);
            let looked = async {
                let tree = store.audit_tree(practice.id).await?;
                let Some(tree) = tree else {
                    let seen = grown(store, found, None).await?;
                    return Ok::<_, StoreError>(seen.map(|()| "nothing is sealed yet".to_owned()));
                };
                let keys = config.keys.audit_verifiers(practice.id, &tree.origin);
                let (size, by) = match tree.signed_by(&keys) {
                    Ok(key) => (tree.size, format!("{:08x}", key.id())),
                    Err(fault) => return Ok(Err(fault)),
                };
                let seen = grown(store, found, Some(&tree)).await?;
                if let Ok(()) = seen {
                    let kept = store.audit_keys(practice.id).await?;
                    let unknown: Vec<&str> = keys_not_known(&kept, &keys)
                        .into_iter()
                        .map(|kept| &*kept.key)
                        .collect();
                    if !unknown.is_empty() {
                        Findings::warn(
                            &what,
                            format_args!(
                                "older checkpoints are signed by keys that are not configured: {}",
                                unknown.join(", ")
                            ),
                            "Exports hold them and cannot be verified without these keys. Name them in audit.previous_keys, if they \
                             were yours: compare with what you wrote down while they signed.",
                        );
                    }
                }
                Ok(seen.map(|()| format!("{size} entries are sealed, and key {by} signed that")))
            };
            match looked.await {
                Ok(Ok(fine)) => findings.note(&what, Ok::<_, String>(fine), ""),
                Ok(Err(fault)) => findings.note(
                    &what,
                    Err::<&str, _>(format!("{fault}; nothing is sealed until this is mended")),
                    fault.advice(),
                ),
                Err(error) => findings.note(&what, Err::<&str, _>(error), "Look at the database."),
            }
        }
        if next.is_none() {
            return;
        }
    }
}

/// What stands in the folder for checkpoints.
fn folder(config: &Config, findings: &mut Findings) -> Vec<Found> {
    let elsewhere = config.audit.elsewhere();
    if elsewhere.webhook.is_some() || !elsewhere.mail.is_empty() {
        let sent = format!(
            "are sent to {} webhook and {} addresses; that is tried when there is one",
            u32::from(elsewhere.webhook.is_some()),
            elsewhere.mail.len()
        );
        findings.note("audit checkpoints", Ok::<_, String>(sent), "");
    }
    let Some(folder) = &config.audit.checkpoint_dir else {
        if elsewhere.webhook.is_some() || !elsewhere.mail.is_empty() {
            return Vec::new();
        }
        Findings::warn(
            "audit checkpoints",
            "are kept nowhere but in the database",
            "Set audit.checkpoint_dir, best to a folder of another machine: a trail that was written anew is found out only by an \
             older checkpoint in other hands.",
        );
        return Vec::new();
    };
    let read = checkpoints::read(folder, &config.keys);
    let (found, outcome) = match read {
        Ok(found) => (found, Ok(folder.display().to_string())),
        Err(error) => (Vec::new(), Err(format!("{}: {error}", folder.display()))),
    };
    let advice =
        "Let this user read and write `audit.checkpoint_dir`: nothing is sealed while it cannot be read.";
    findings.note("audit checkpoints", outcome, advice);
    found
}

/// Whether a tree goes on from the checkpoints in the folder.
async fn grown<'f>(
    store: &dyn Store,
    found: impl Iterator<Item = &'f Found>,
    tree: Option<&AuditTree>,
) -> Result<Result<(), TreeFault>, StoreError> {
    for Found { practice, checkpoint } in found {
        let Checkpoint { size, root, .. } = match checkpoint {
            Ok(checkpoint) => checkpoint,
            Err(why) => return Ok(Err(TreeFault::NotBelieved(why.clone()))),
        };
        if let Err(fault) = check_growth(store, *practice, (*size, *root), tree).await? {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(()))
}
