//! Room for connections. Where there is none left, the one that has been silent longest makes some: so thousands of
//! sockets that say nothing, or say it very slowly, keep nobody out. Whoever reads nothing of an answer leaves after a while,
//! whether there is room or not: what their request holds is let go.

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
    answers: Mutex<Answers>,
}

/// The answers of one connection.
#[derive(Debug, Default)]
struct Answers {
    next: u64,
    /// Requests under way.
    under_way: usize,
    /// Those of which something was handed over and nothing more has been asked for since, with the time.
    unread_since: HashMap<u64, Instant>,
}

/// A request under way, until this is dropped.
#[derive(Debug)]
pub(super) struct Busy {
    seat: Arc<Seat>,
    number: u64,
}

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
        let answers = Mutex::default();
        Some(Arc::new(Seat {
            room,
            number,
            leave,
            answers,
        }))
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

    /// Done when there are answers, and nothing of any has been read for `most`. One that is not read beside others that are
    /// ends with its connection: many people may share that, and their requests are not to end with it.
    pub(super) async fn stalled(&self, most: Duration) {
        loop {
            let left = self.answers().patience_left(most, Instant::now());
            let Some(wait) = left else {
                return;
            };
            tokio::time::sleep(wait).await;
        }
    }

    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        if let Some(talk) = self.room.open().talks.get_mut(&self.number) {
            talk.busy += 1;
        }
        let mut answers = self.answers();
        answers.next += 1;
        answers.under_way += 1;
        Busy {
            seat: Arc::clone(self),
            number: answers.next,
        }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    /// How long to wait before anything can have stalled; `None` when something has.
    fn patience_left(&self, most: Duration, now: Instant) -> Option<Duration> {
        let none_waits_for_us = self.unread_since.len() == self.under_way;
        let newest = self.unread_since.values().max().filter(|_| none_waits_for_us);
        let left = most.saturating_sub(now.saturating_duration_since(newest.copied().unwrap_or(now)));
        (!left.is_zero()).then_some(left)
    }
}

impl Busy {
    /// Something of the answer is on its way, and no more is asked for until there is room for it.
    pub(super) fn handed_over(&self, now: Instant) {
        self.seat.answers().unread_since.insert(self.number, now);
    }

    /// Whoever asked waits for us.
    pub(super) fn wants_more(&self) {
        self.seat.answers().unread_since.remove(&self.number);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.wants_more();
        self.seat.answers().under_way -= 1;
        if let Some(talk) = self.seat.room.open().talks.get_mut(&self.seat.number) {
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

    #[test]
    fn answers_of_which_nothing_is_read_stall_their_connection() {
        let most = Duration::from_mins(1);
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let seat = Room::new(1).seat(begun).unwrap();
        let left = |now| seat.answers().patience_left(most, now);
        let (read, waiting, unread) = (seat.busy(), seat.busy(), seat.busy());
        assert_eq!(left(after(99)), Some(most), "no answer has begun");
        read.handed_over(begun);
        drop(read);
        assert_eq!(left(after(99)), Some(most), "it is handed over");
        unread.handed_over(begun);
        waiting.handed_over(begun);
        waiting.wants_more();
        assert_eq!(left(after(99)), Some(most), "the other is ours to go on with");
        waiting.handed_over(after(40));
        assert_eq!(
            left(after(60)),
            Some(Duration::from_secs(40)),
            "the other is being read"
        );
        drop(waiting);
        unread.handed_over(after(59));
        assert_eq!(
            left(after(60)),
            Some(Duration::from_secs(59)),
            "it is read slowly"
        );
        assert_eq!(left(after(118)), Some(Duration::from_secs(1)));
        assert_eq!(left(after(119)), None, "nobody reads it");
    }
}
