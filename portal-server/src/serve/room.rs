//! Room for connections. Where there is none left, the one that has been silent longest makes some: so thousands of
//! sockets that say nothing, or say it very slowly, keep nobody out. Whoever never reads their answer counts as busy, and keeps
//! their seat.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long anybody may be silent without being sent away: who has just come gets to say what they came for.
const GRACE: Duration = Duration::from_millis(100);

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    talks: HashMap<u64, Talk>,
}

#[derive(Debug)]
struct Talk {
    /// Requests under way: from the end of their header to the last byte of their answer.
    busy: usize,
    /// Since when there is none.
    silent_since: Instant,
    leave: CancellationToken,
}

/// A connection's place in the room, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    room: Arc<Room>,
    number: u64,
    leave: CancellationToken,
}

/// A request under way, until this is dropped.
#[derive(Debug)]
pub(super) struct Busy(Arc<Seat>);

impl Room {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let open = Mutex::default();
        Arc::new(Self { most, open })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat; `None` while every connection there is room for has a request under way or has only just come.
    pub(super) fn seat(self: &Arc<Self>, now: Instant) -> Option<Arc<Seat>> {
        let mut open = self.open();
        if open.talks.len() >= self.most && !open.send_one_away(now) {
            return None;
        }
        let (number, leave) = (open.next, CancellationToken::new());
        open.next += 1;
        let talk = Talk {
            busy: 0,
            silent_since: now,
            leave: leave.clone(),
        };
        open.talks.insert(number, talk);
        let room = Arc::clone(self);
        Some(Arc::new(Seat { room, number, leave }))
    }

    /// Closes the connection that has been silent longest, if any is.
    pub(super) fn send_one_away(&self, now: Instant) -> bool {
        self.open().send_one_away(now)
    }
}

impl Open {
    fn send_one_away(&mut self, now: Instant) -> bool {
        let silent = self
            .talks
            .iter()
            .filter(|(_, talk)| talk.busy == 0 && now.saturating_duration_since(talk.silent_since) >= GRACE);
        let Some(number) = silent
            .min_by_key(|(_, talk)| talk.silent_since)
            .map(|(number, _)| *number)
        else {
            return false;
        };
        if let Some(talk) = self.talks.remove(&number) {
            talk.leave.cancel();
        }
        true
    }
}

impl Seat {
    /// Done when the connection has to make room.
    pub(super) async fn told_to_leave(&self) {
        self.leave.cancelled().await;
    }

    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        if let Some(talk) = self.room.open().talks.get_mut(&self.number) {
            talk.busy += 1;
        }
        Busy(Arc::clone(self))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(talk) = self.0.room.open().talks.get_mut(&self.0.number) {
            talk.busy -= 1;
            talk.silent_since = Instant::now();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.open().talks.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_silent_one_makes_room_and_a_busy_one_never() {
        let room = Room::new(3);
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let seats = [0, 1, 2].map(|seconds| room.seat(after(seconds)).unwrap());
        let gone = || seats.each_ref().map(|seat| seat.leave.is_cancelled());
        assert!(room.seat(begun).is_none(), "all have only just come");
        let first = seats[0].busy();
        let newcomer = room.seat(after(3)).unwrap();
        assert_eq!(gone(), [false, true, false], "the first one has work to do");
        let (third, fourth) = (seats[2].busy(), newcomer.busy());
        assert!(room.seat(after(9)).is_none(), "all have work to do");
        drop(third);
        drop(fourth);
        assert!(room.seat(begun).is_none(), "they were busy a moment ago");
        drop(room.seat(after(60)).unwrap());
        assert!(
            seats[2].leave.is_cancelled(),
            "one of the two that were busy before"
        );
        assert!(!seats[0].leave.is_cancelled() && !newcomer.leave.is_cancelled());
        drop((first, seats, newcomer));
        assert!(room.open().talks.is_empty());
    }
}
