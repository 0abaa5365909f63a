//! A mail server that keeps what it was given, and refuses, hangs or hangs up when it is told to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the sink behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Takes,
    /// 451 to each recipient.
    NotNow,
    /// Says nothing more, until the mood changes.
    Hangs,
    /// Takes a mail, and hangs up instead of saying so.
    TakesAndDrops,
}

impl Mood {
    pub const ALL: [Self; 4] = [Self::Takes, Self::NotNow, Self::Hangs, Self::TakesAndDrops];
}

/// A mail that came whole.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The part of `Message-ID` before the `@`.
    pub id: String,
    pub to: String,
    /// Whether the sender was told that it was taken.
    pub acknowledged: bool,
}

/// A sign-in link that came by mail.
#[derive(Debug, Clone)]
pub struct Link {
    pub token: String,
    pub code: String,
}

pub struct Sink {
    pub address: SocketAddr,
    mood: watch::Sender<Mood>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    mails: Vec<Mail>,
    links: BTreeMap<String, Link>,
}

impl Sink {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, moods) = watch::channel(Mood::Takes);
        let kept = Arc::<Mutex<Kept>>::default();
        let keeping = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, moods) = (Arc::clone(&keeping), moods.clone());
                tokio::spawn(async move { converse(stream, moods, &kept).await });
            }
        });
        Self { address, mood, kept }
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.kept.lock().unwrap().mails.clone()
    }

    /// The newest link that was sent to this address.
    pub fn link(&self, to: &str) -> Option<Link> {
        self.kept.lock().unwrap().links.get(to).cloned()
    }
}

async fn converse(stream: TcpStream, mut moods: watch::Receiver<Mood>, kept: &Mutex<Kept>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.test\r\n").await.ok()?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let mood = *moods.borrow_and_update();
        if mood == Mood::Hangs {
            let _ = moods.wait_for(|mood| *mood != Mood::Hangs).await;
            return None;
        }
        let command = line.trim_end().to_ascii_uppercase();
        let answer: &[u8] = if command.starts_with("RCPT TO:") && mood == Mood::NotNow {
            b"451 not now\r\n"
        } else if command.starts_with("RCPT TO:") {
            to = line["RCPT TO:".len()..]
                .trim()
                .trim_matches(['<', '>'])
                .to_owned();
            b"250 fine\r\n"
        } else if command == "DATA" {
            stream.write_all(b"354 go on\r\n").await.ok()?;
            let bytes = body(&mut stream).await?;
            let acknowledged = mood != Mood::TakesAndDrops;
            keep(&bytes, &to, acknowledged, kept);
            if !acknowledged {
                return None;
            }
            b"250 taken\r\n"
        } else if command == "QUIT" {
            return None;
        } else {
            b"250 fine\r\n"
        };
        stream.write_all(answer).await.ok()?;
    }
}

/// The message, when its end came too.
async fn body(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let begun = bytes.len();
        if stream.read_until(b'\n', &mut bytes).await.ok()? == 0 {
            return None;
        }
        if &bytes[begun..] == b".\r\n" {
            bytes.truncate(begun);
            return Some(bytes);
        }
        if bytes[begun] == b'.' {
            bytes.remove(begun);
        }
    }
}

fn keep(bytes: &[u8], to: &str, acknowledged: bool, kept: &Mutex<Kept>) {
    let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
    let id = mail.message_id().unwrap_or_default();
    let id = id.split('@').next().unwrap_or_default().to_owned();
    let text = mail.body_text(0).unwrap_or_default();
    let mut kept = kept.lock().unwrap();
    let after = |mark: &str| Some(text.split_once(mark)?.1);
    if let Some(token) = after("/p/sign-in/").and_then(|rest| rest.split_whitespace().next()) {
        let code = after("type this one:").and_then(|rest| rest.trim_start().lines().next());
        let link = Link {
            token: token.to_owned(),
            code: code.unwrap_or_default().to_owned(),
        };
        kept.links.insert(to.to_owned(), link);
    }
    kept.mails.push(Mail {
        id,
        to: to.to_owned(),
        acknowledged,
    });
}
