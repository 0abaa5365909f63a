//! A provider of text messages as the adapter for Twilio speaks to it: it takes no idempotency key, so that whatever is sent
//! again arrives again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use portal_core::{DeliveryId, Locator};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::form_urlencoded;

use crate::sink::Mood;

/// A text message that came whole.
#[derive(Debug, Clone)]
pub struct Text {
    pub delivery: DeliveryId,
    pub to: String,
    pub body: String,
    /// Whether the sender was told that it was taken.
    pub acknowledged: bool,
}

pub struct Texts {
    pub address: SocketAddr,
    mood: watch::Sender<Mood>,
    kept: Arc<Mutex<Vec<Text>>>,
}

impl Texts {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, moods) = watch::channel(Mood::Takes);
        let kept = Arc::<Mutex<Vec<Text>>>::default();
        let keeping = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, moods) = (Arc::clone(&keeping), moods.clone());
                tokio::spawn(async move { answer(stream, moods, &kept).await });
            }
        });
        Self { address, mood, kept }
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub fn taken(&self) -> Vec<Text> {
        self.kept.lock().unwrap().clone()
    }
}

/// One request on one connection, as the adapter makes them.
async fn answer(stream: TcpStream, mut moods: watch::Receiver<Mood>, kept: &Mutex<Vec<Text>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut form = vec![0; length];
    stream.read_exact(&mut form).await.ok()?;
    let mood = *moods.borrow_and_update();
    let (status, body) = match mood {
        Mood::Hangs => {
            let _ = moods.wait_for(|mood| *mood != Mood::Hangs).await;
            return None;
        }
        // https://www.twilio.com/docs/api/errors/20429
        Mood::NotNow => (
            "429 Too Many Requests",
            r#"{"code":20429,"message":"not now"}"#.to_owned(),
        ),
        Mood::Takes | Mood::TakesAndDrops => {
            let acknowledged = mood == Mood::Takes;
            let number = keep(&form, acknowledged, kept);
            if !acknowledged {
                return None;
            }
            ("201 Created", format!(r#"{{"sid":"SM{number:032x}"}}"#))
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()
}

/// Keeps a message; answers its number.
fn keep(form: &[u8], acknowledged: bool, kept: &Mutex<Vec<Text>>) -> usize {
    let value = |name: &str| {
        let found = form_urlencoded::parse(form).find(|(key, _)| key == name);
        found
            .unwrap_or_else(|| panic!("a message without {name}"))
            .1
            .into_owned()
    };
    let callback = value("StatusCallback");
    let (_, locator) = callback.split_once("message=").expect("the message it is about");
    let locator: Locator = locator.parse().expect("the name of a message");
    let text = Text {
        delivery: DeliveryId(locator.id),
        to: value("To"),
        body: value("Body"),
        acknowledged,
    };
    let mut kept = kept.lock().unwrap();
    kept.push(text);
    kept.len()
}
