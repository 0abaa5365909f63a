//! What the server does without being asked: tells people what happened, seals the audit trail, and tidies up.

mod elsewhere;
mod missed;
mod sealing;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use elsewhere::Elsewhere;
use futures_util::FutureExt;
use portal_core::notify::{Lane, Worked};
use portal_core::{Error, Hints, NoRule, PageRequest, Portal, PracticeId, StoreError};
use tokio::sync::{Notify, watch};

/// Looks even when nobody hints, for what other processes wrote and for what is due by time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to gather what else happens after a hint or a round, so that a busy time is planned in larger rounds.
const GATHER: Duration = Duration::from_millis(20);
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(5);
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// How old files must be that were never finished, or never claimed, before they are swept: older than any upload in one
/// go takes, and than one in several goes still waits after its last byte.
const SWEEP_AFTER: portal_core::Duration = portal_core::Duration::hours(48);

/// Wakes the workers after each commit of this process.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Bells>);

/// One for each loop: a bell wakes one waiter, and remembers a ring that nobody waited for.
#[derive(Debug, Default)]
struct Bells {
    plan: Notify,
    seal: Notify,
    send: [Notify; 3],
}

impl Hints for Wake {
    fn changed(&self, _practice: PracticeId) {
        self.0.plan.notify_one();
        self.0.seal.notify_one();
    }
}

/// Works until `stop` says true. What is being sent is finished first; what was only claimed is handed back.
///
/// Planning and each lane are loops of their own: a mail server or provider that hangs keeps nobody from being told in the app, or
/// over another way, and a sign-in link waits for no other mail.
pub async fn work(portal: Portal, wake: Wake, stop: watch::Receiver<bool>) {
    Box::pin(work_and_publish(portal, wake, stop, None, &Elsewhere::default())).await;
}

/// The same, and writes each checkpoint of the audit trail into a folder too, and sends them elsewhere.
pub async fn work_and_publish(
    portal: Portal,
    wake: Wake,
    stop: watch::Receiver<bool>,
    checkpoints: Option<&Path>,
    elsewhere: &Elsewhere,
) {
    let plan = async || {
        let done = portal.plan_due().await?;
        metrics::counter!("portal_events_planned_total").increment(done.planned.into());
        Ok(done)
    };
    let is_over = || *stop.borrow();
    let send = async |lane: Lane| {
        let done = portal.send_due(lane, &is_over).await?;
        metrics::counter!("portal_messages_sent_total", "lane" => lane.as_str()).increment(done.sent.into());
        Ok(done)
    };
    let [links, mails, texts] = &wake.0.send;
    tokio::join!(
        // Whatever is to be sent comes with an event; most events leave nothing to send, and wake nobody.
        again_and_again(
            "planning whom to tell",
            plan,
            (&wake.0.plan, &wake.0.send),
            stop.clone()
        ),
        again_and_again(
            "sending links",
            async || send(Lane::Link).await,
            (links, &[]),
            stop.clone()
        ),
        again_and_again(
            "sending mail",
            async || send(Lane::Mail).await,
            (mails, &[]),
            stop.clone()
        ),
        again_and_again(
            "sending texts",
            async || send(Lane::Text).await,
            (texts, &[]),
            stop.clone()
        ),
        sealing::seal(&portal, &wake.0.seal, checkpoints, stop.clone()),
        elsewhere::send(&portal, elsewhere, stop.clone()),
        missed::sweep(&portal, stop.clone()),
        tidy(&portal, stop.clone()),
    );
}

async fn again_and_again<F>(
    what: &str,
    mut round: impl FnMut() -> F,
    (bell, then): (&Notify, &[Notify]),
    mut stop: watch::Receiver<bool>,
) where
    F: Future<Output = Result<Worked, StoreError>>,
{
    while !*stop.borrow() {
        let attempt = round();
        let pause = match surviving(what, async { Ok(attempt.await?) }).await {
            Some(done) => {
                metrics::counter!("portal_work_failed_total").increment(done.failed.into());
                if done.to_send > 0 {
                    then.iter().for_each(Notify::notify_one);
                }
                if done.is_idle() { LOOK_EVERY } else { GATHER }
            }
            None => PAUSE,
        };
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

async fn tidy(portal: &Portal, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Some((rows, blobs)) = surviving("tidying up", tidy_once(portal)).await {
            tracing::debug!(rows, blobs, "tidied up");
        }
        tokio::select! {
            () = tokio::time::sleep(TIDY_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Throws away what nobody needs any more; answers how many rows and how many files' bytes.
pub async fn tidy_once(portal: &Portal) -> Result<(u64, u64), Error<NoRule>> {
    let now = portal.now();
    let before = now - SWEEP_AFTER;
    let rows = portal.store().tidy(now).await?;
    let mut blobs = portal.blobs().discard_unfinished(before).await?;
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = portal.store().practices(&page).await?;
        for practice in page.items {
            blobs += portal.sweep_uploads(practice.id).await?;
            blobs += portal.sweep_blobs(practice.id, before).await?;
        }
        next = page.next;
        if next.is_none() {
            return Ok((rows, blobs));
        }
    }
}

/// The outcome of `work`; `None` when it failed or panicked, which is logged, and the server goes on.
async fn surviving<T>(what: &str, work: impl Future<Output = Result<T, Error<NoRule>>>) -> Option<T> {
    match std::panic::AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(error)) => {
            tracing::error!(%error, "{what} failed; it is tried again");
            None
        }
        Err(_) => {
            tracing::error!("{what} panicked; it is tried again");
            None
        }
    }
}
