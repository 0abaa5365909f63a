//! Finds entries of the audit trail that an older server wrote and let no sealer know of.

use std::time::Duration;

use portal_core::audit::Sweep;
use portal_core::{Error, NoRule, PageRequest, Portal, Timestamp};
use tokio::sync::watch;

use super::surviving;

/// How often it is looked what an older server beside this one wrote.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// How far back a later sweep looks, before the beginning of the last whole one: an older server's clock may be behind.
const OVERLAP: portal_core::Duration = portal_core::Duration::hours(24);
/// Between two looks, so that a sweep of a long trail takes a small part of the database.
const REST: Duration = Duration::from_millis(50);
/// How long to wait for a batch that is being sealed, and how often.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const TRIES: u32 = 30;

/// Sweeps the whole trail once, and then every hour what came since.
pub(super) async fn sweep(portal: &Portal, mut stop: watch::Receiver<bool>) {
    let mut from = Timestamp::UNIX_EPOCH;
    while !*stop.borrow() {
        let begun = portal.now();
        let swept = surviving("sweeping the audit trail", sweep_once(portal, from, &stop)).await;
        if swept == Some(true) {
            from = begun - OVERLAP;
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Sweeps every practice's trail from `from` on; whether it came to the end of each.
async fn sweep_once(
    portal: &Portal,
    from: Timestamp,
    stop: &watch::Receiver<bool>,
) -> Result<bool, Error<NoRule>> {
    let (mut next, mut whole) = (None, true);
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = portal.store().practices(&page).await?;
        for practice in page.items {
            let mut sweep = Sweep::new(practice.id, from);
            let mut tries = 0;
            while !sweep.is_over() && tries < TRIES {
                if *stop.borrow() {
                    return Ok(false);
                }
                match portal.sweep_audit(&mut sweep).await {
                    Ok(true) => {
                        tries = 0;
                        tokio::time::sleep(REST).await;
                    }
                    Ok(false) => {
                        tries += 1;
                        tokio::time::sleep(AGAIN_AFTER).await;
                    }
                    // The next practice's trail may well be read.
                    Err(error) => {
                        tracing::warn!(practice = %practice.id, %error, "the audit trail was not swept");
                        break;
                    }
                }
            }
            whole &= sweep.is_over();
            if sweep.missed() > 0 {
                tracing::warn!(
                    practice = %practice.id,
                    entries = sweep.missed(),
                    "entries of the audit trail were found that were never sealed, as an older server leaves them; they are sealed now"
                );
            }
        }
        next = page.next;
        if next.is_none() {
            return Ok(whole);
        }
    }
}
