//! Rounds of planning: claims what happened, plans whom to tell, and commits that with the events' ends.

use super::readers::Readers;
use super::worker::{PRACTICES_AT_ONCE, Round};
use super::{NotificationKind, Queue, Worked};
use crate::{Change, Duration, Event, EventKind, Portal, PracticeId, Record, StoreError};

/// How long a claim holds before another worker may take it over.
const LEASE: Duration = Duration::minutes(1);
/// How many events are claimed of one practice before the next has its turn.
const AT_ONCE: u32 = 200;
/// How often an event is planned while others are quicker.
const TRIES: u32 = 4;
/// How many records are saved by one commit of several events' ends: as many as a store can write at once.
const TOGETHER: usize = 16;

impl Portal {
    /// Plans the events that are due: one round over all practices.
    pub async fn plan_due(&self) -> Result<Worked, StoreError> {
        let mut round = Round::default();
        let due = self
            .store()
            .due_practices(Queue::Events, self.now(), PRACTICES_AT_ONCE);
        for practice in due.await? {
            round.add(self.plan_of(practice).await)?;
        }
        round.end()
    }

    async fn plan_of(&self, practice: PracticeId) -> Result<Worked, StoreError> {
        let now = self.now();
        let events = self
            .store()
            .claim_events(practice, now, now + LEASE, AT_ONCE)
            .await?;
        self.plan_events(events).await
    }

    /// Plans events of one practice. Those whose plan concerns no other's end together: a commit costs more than they do.
    async fn plan_events(&self, events: Vec<Event>) -> Result<Worked, StoreError> {
        let mut worked = Worked::default();
        let mut readers = Readers::default();
        let mut quiet = Vec::new();
        for event in events {
            match self.plan(&event, &mut readers).await {
                Ok(change) if is_quiet(&change) => {
                    if !fits(&quiet, &change) {
                        worked = worked.plus(self.end_together(std::mem::take(&mut quiet)).await?);
                    }
                    quiet.push((event, change));
                }
                Ok(change) => worked = worked.plus(self.end_at_last(event, change, &mut readers).await?),
                Err(error) => worked = worked.plus(self.fail(event, error.to_string()).await?),
            }
        }
        Ok(worked.plus(self.end_together(quiet).await?))
    }

    async fn end_together(&self, planned: Vec<(Event, Change)>) -> Result<Worked, StoreError> {
        let changes = planned.iter().map(|(_, change)| change.clone());
        let Some(all) = changes.reduce(Change::and) else {
            return Ok(Worked::default());
        };
        match self.commit(all).await {
            Ok(()) => {
                let done = planned.iter().map(|(event, change)| done(event, change));
                return Ok(done.fold(Worked::default(), Worked::plus));
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::InDoubt(_))) => return Err(error),
            // It is one of them, for which the others need not suffer.
            Err(_) => {}
        }
        let mut worked = Worked::default();
        for (event, change) in planned {
            worked = worked.plus(self.end(event, change).await?);
        }
        Ok(worked)
    }

    /// Ends an event; plans it again when what it writes moved meanwhile, like a conversation that somebody answers.
    async fn end_at_last(
        &self,
        event: Event,
        mut change: Change,
        readers: &mut Readers,
    ) -> Result<Worked, StoreError> {
        for _ in 1..TRIES {
            match self.commit(change.clone()).await {
                Ok(()) => return Ok(done(&event, &change)),
                Err(StoreError::Stale) => match self.plan(&event, readers).await {
                    Ok(again) => change = again,
                    Err(error) => return self.fail(event, error.to_string()).await,
                },
                Err(_) => break,
            }
        }
        self.end(event, change).await
    }

    async fn end(&self, event: Event, change: Change) -> Result<Worked, StoreError> {
        let done = done(&event, &change);
        match self.commit(change).await {
            Ok(()) => Ok(done),
            Err(error @ (StoreError::Unavailable(_) | StoreError::InDoubt(_))) => Err(error),
            Err(error) => self.fail(event, error.to_string()).await,
        }
    }

    async fn fail(&self, event: Event, why: String) -> Result<Worked, StoreError> {
        let practice = event.practice_id;
        let failed = event.failed(why, self.now(), self.jitter());
        let change = Change::unaudited(practice, "the event itself tells why it failed").save(failed);
        match self.commit(change).await {
            // Another worker took it over.
            Ok(()) | Err(StoreError::Stale) => Ok(Worked {
                failed: 1,
                ..Worked::default()
            }),
            Err(error) => Err(error),
        }
    }
}

/// An event that was planned, and what it leaves to send: its messages, or the one that was written with it.
fn done(event: &Event, change: &Change) -> Worked {
    let saves = change.saves().iter();
    let messages = saves
        .filter(|record| matches!(record, Record::Delivery(_)))
        .count();
    let written = usize::from(matches!(event.kind, EventKind::TextWritten { .. }));
    Worked {
        planned: 1,
        to_send: u32::try_from(messages + written).unwrap_or(u32::MAX),
        ..Worked::default()
    }
}

/// Whether it writes nothing that the plan of another event depends on: these look at what was sent before, and at what somebody
/// was told of texts and tasks.
fn is_quiet(change: &Change) -> bool {
    let is_quiet = |record: &Record| match record {
        Record::Event(_) => true,
        Record::Notification(told) => !matches!(
            told.kind,
            NotificationKind::TextReceived { .. } | NotificationKind::TaskGiven { .. }
        ),
        _ => false,
    };
    change.saves().iter().all(is_quiet) && change.unchanged().is_empty()
}

/// Whether one commit can hold one more.
fn fits(planned: &[(Event, Change)], more: &Change) -> bool {
    let saves: usize = planned.iter().map(|(_, change)| change.saves().len()).sum();
    saves + more.saves().len() <= TOGETHER
}
