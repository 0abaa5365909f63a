//! Seals the audit trail, off the writers' path.

use std::path::{Path, PathBuf};
use std::time::Duration;

use portal_core::audit::{AuditTree, SealedHeads};
use portal_core::{Error, NoRule, Portal};
use tokio::sync::{Notify, watch};

use super::{PAUSE, surviving};
use crate::checkpoints;

/// Looks even when nobody hints, for what other processes wrote: an entry is sealed within a second.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long to gather entries after a hint: fewer, larger batches, each with one signature.
const GATHER: Duration = Duration::from_millis(200);

/// Seals what waits, again and again, and once more when told to stop.
pub(super) async fn seal(
    portal: &Portal,
    bell: &Notify,
    folder: Option<&Path>,
    mut stop: watch::Receiver<bool>,
) {
    let heads = SealedHeads::default();
    // What a restart would forget stands in the folder. Until it can be read nothing is sealed; what waits is lost to nobody.
    while let Some(folder) = folder
        && !remember(portal, &heads, folder).await
    {
        if *stop.borrow() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
    loop {
        let stopping = *stop.borrow();
        let pause = match surviving("sealing the audit trail", round(portal, &heads, folder)).await {
            Some(Left::More) if !stopping => continue,
            Some(Left::More | Left::Nothing) => LOOK_EVERY,
            None => PAUSE,
        };
        if stopping {
            return;
        }
        let hinted = async {
            bell.notified().await;
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = hinted, if pause == LOOK_EVERY => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// What a round left.
enum Left {
    Nothing,
    More,
}

/// Seals what waits now.
async fn round(portal: &Portal, heads: &SealedHeads, folder: Option<&Path>) -> Result<Left, Error<NoRule>> {
    let mut newest = std::collections::BTreeMap::new();
    let done = portal
        .seal_due(heads, |tree| {
            newest.insert((tree.practice_id, tree.kept_size == tree.size), tree.clone());
        })
        .await?;
    metrics::counter!("portal_audit_sealed_total").increment(done.entries);
    for (practice, error) in &done.failed {
        tracing::error!(%practice, %error, "the audit trail could not be sealed; it is tried again, and that of others goes on");
    }
    metrics::counter!("portal_audit_seal_failed_total")
        .increment(u64::try_from(done.failed.len()).unwrap_or(u64::MAX));
    if let Some(folder) = folder {
        let mut trees: Vec<AuditTree> = newest.into_values().collect();
        // The newest last: its file takes the place of the one before.
        trees.sort_by_key(|tree| tree.size);
        for tree in trees {
            publish(folder.to_owned(), tree).await;
        }
    }
    Ok(if done.more { Left::More } else { Left::Nothing })
}

/// Writes a checkpoint that is committed, so that whoever watches the folder holds it. One that cannot be written is told in the
/// log; the next one says all that it said.
async fn publish(folder: PathBuf, tree: AuditTree) {
    let practice = tree.practice_id;
    let written = tokio::task::spawn_blocking(move || checkpoints::write(&folder, &tree)).await;
    let error = match written {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error,
        Err(error) => std::io::Error::other(error),
    };
    tracing::error!(%practice, %error, "the audit trail's checkpoint could not be written to audit.checkpoint_dir");
}

/// Reads what checkpoints of before stand in the folder; whether that was possible.
async fn remember(portal: &Portal, heads: &SealedHeads, folder: &Path) -> bool {
    let (of, keys) = (folder.to_owned(), portal.keys().clone());
    let read = tokio::task::spawn_blocking(move || checkpoints::read(&of, &keys)).await;
    let error = match read {
        Ok(Ok(found)) => {
            for found in found {
                match found.checkpoint {
                    Ok(checkpoint) => heads.remember_checkpoint(found.practice, &checkpoint),
                    Err(why) => heads.distrust(found.practice, why),
                }
            }
            return true;
        }
        Ok(Err(error)) => error,
        Err(error) => std::io::Error::other(error),
    };
    let folder = folder.display();
    tracing::error!(%folder, %error, "audit.checkpoint_dir cannot be read, and nothing is sealed before it is; it is tried again");
    false
}
