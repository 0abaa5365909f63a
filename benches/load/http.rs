//! Clients that cost as little as they can: threads with keep-alive connections, who read no more of an answer than they
//! must.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::Failed;

/// What became of a run of requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Answers that came in time and were as expected.
    pub(crate) answers: usize,
    /// How long they were counted for.
    pub(crate) seconds: f64,
    /// How long each took, sorted, in microseconds.
    pub(crate) micros: Vec<u32>,
    /// Answers that asked to come again later: 503 with `Retry-After`.
    pub(crate) refused: usize,
    /// Answers that were neither: the first of them.
    pub(crate) wrong: Option<String>,
}

impl Outcome {
    pub(crate) fn rate(&self) -> f64 {
        count(self.answers) / self.seconds.max(f64::MIN_POSITIVE)
    }

    /// The time within which this share of the answers came, in milliseconds.
    pub(crate) fn within(&self, share: f64) -> f64 {
        let at = count(self.micros.len()) * share;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let at = at as usize;
        self.micros
            .get(at.min(self.micros.len().saturating_sub(1)))
            .map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts here are small")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// Lets `clients` send requests one after the other for `length`. `request` makes the n-th of a client, or none when there is
/// nothing more to ask for; each must be answered with `status`.
pub(crate) fn drive(
    address: SocketAddr,
    clients: usize,
    length: Duration,
    status: u16,
    request: impl Fn(usize, usize) -> Option<Vec<u8>> + Sync,
) -> Result<Outcome, Failed> {
    let all = Mutex::new(Outcome::default());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..clients)
            .map(|client| {
                let (all, request) = (&all, &request);
                scope.spawn(move || -> Result<(), Failed> {
                    let mut own = Outcome::default();
                    let mut connection = Connection::open(address)?;
                    for number in 0.. {
                        if begun.elapsed() >= length {
                            break;
                        }
                        let Some(bytes) = request(client, number) else {
                            break;
                        };
                        let asked = Instant::now();
                        let answer = connection.ask(&bytes)?;
                        if answer.status == status {
                            own.answers += 1;
                            own.micros
                                .push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                        } else if answer.status == 503 && answer.head.contains("\r\nretry-after: ") {
                            own.refused += 1;
                        } else if own.wrong.is_none() {
                            own.wrong = Some(format!(
                                "{}: {}",
                                answer.status,
                                String::from_utf8_lossy(&answer.start)
                            ));
                        }
                        if answer.closes {
                            connection = Connection::open(address)?;
                        }
                    }
                    let mut all = all.lock().map_err(|_| "a client panicked")?;
                    all.answers += own.answers;
                    all.refused += own.refused;
                    all.micros.extend(own.micros);
                    all.wrong = all.wrong.take().or(own.wrong);
                    Ok(())
                })
            })
            .collect();
        for worker in workers {
            worker.join().map_err(|_| "a client panicked")??;
        }
        Ok::<(), Failed>(())
    })?;
    let mut outcome = all.into_inner().map_err(|_| "a client panicked")?;
    outcome.seconds = begun.elapsed().as_secs_f64();
    outcome.micros.sort_unstable();
    Ok(outcome)
}

/// An answer, as far as anybody looks at it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) length: u64,
    /// The beginning of its body.
    pub(crate) start: Vec<u8>,
    pub(crate) head: String,
    closes: bool,
}

/// A connection of a client.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self, Failed> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(2)))?;
        Ok(Self {
            stream,
            buffer: vec![0; 256 * 1024],
        })
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Answer, Failed> {
        self.stream.write_all(request)?;
        self.answer()
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Reads one answer to its end.
    pub(crate) fn answer(&mut self) -> Result<Answer, Failed> {
        let mut filled = 0;
        let head_end = loop {
            let room = self.buffer.get_mut(filled..).ok_or("a head without end")?;
            let read = self.stream.read(room)?;
            if read == 0 {
                return Err("the server hung up".into());
            }
            filled += read;
            let seen = self.buffer.get(..filled).unwrap_or_default();
            if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head =
            String::from_utf8_lossy(self.buffer.get(..head_end).unwrap_or_default()).to_ascii_lowercase();
        let status = head
            .get(9..12)
            .and_then(|text| text.parse().ok())
            .ok_or("no status")?;
        let value = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim().to_owned())
        };
        let mut start = self.buffer.get(head_end..filled).unwrap_or_default().to_vec();
        let closes = value("connection:").is_some_and(|text| text == "close");
        let length = if let Some(length) = value("content-length:") {
            let length: u64 = length.parse()?;
            let mut left = length.saturating_sub(start.len() as u64);
            while left > 0 {
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
                let room = self.buffer.get_mut(..most).unwrap_or_default();
                let read = self.stream.read(room)?;
                if read == 0 {
                    return Err("the server hung up in the middle of an answer".into());
                }
                left -= read as u64;
            }
            length
        } else if value("transfer-encoding:").is_some() {
            while !start.ends_with(b"0\r\n\r\n") {
                let read = self.stream.read(&mut self.buffer)?;
                if read == 0 {
                    return Err("the server hung up in the middle of an answer".into());
                }
                // Only the end of what came is looked at, so a long answer need not be kept.
                if start.len() > 64 * 1024 {
                    start.drain(..start.len() - 16);
                }
                start.extend_from_slice(self.buffer.get(..read).unwrap_or_default());
            }
            start.len() as u64
        } else {
            0
        };
        start.truncate(2_000);
        Ok(Answer {
            status,
            length,
            start,
            head,
            closes,
        })
    }
}
