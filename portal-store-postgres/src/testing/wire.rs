use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::ThrowAway;

/// Between a store and its server. It passes everything on until it is told what to do with the next message that holds a
/// certain text; an empty text is in every message.
#[derive(Debug)]
pub struct Wire {
    url: String,
    fate: Arc<Fate>,
}

#[derive(Debug)]
struct Fate {
    armed: Mutex<Option<(&'static [u8], Break)>>,
    /// What all connections do.
    is: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// The answer is swallowed, and this connection ends.
    Connection,
    /// The same, and no other one gets through.
    Server,
    /// Nothing comes any more, and nothing ends.
    Silence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    Dead,
    Silent,
}

impl Fate {
    fn armed(&self) -> MutexGuard<'_, Option<(&'static [u8], Break)>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the answer to `message` is lost, if it is.
    fn of(&self, message: &[u8]) -> Option<Break> {
        let holds = |text: &[u8]| text.is_empty() || message.windows(text.len()).any(|at| at == text);
        let (_, how) = self.armed().take_if(|(text, _)| holds(text))?;
        match how {
            Break::Connection => {}
            Break::Server => drop(self.is.send_replace(State::Dead)),
            Break::Silence => drop(self.is.send_replace(State::Silent)),
        }
        Some(how)
    }
}

impl Wire {
    /// A wire to the server of `database`.
    ///
    /// # Panics
    /// When there is none.
    #[expect(clippy::expect_used, reason = "a test without its database must not pass")]
    pub async fn to(database: &ThrowAway) -> Self {
        let options = PgConnectOptions::from_str(&database.url()).expect("the address of a database");
        let server = (options.get_host().to_owned(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port on this machine");
        let SocketAddr::V4(address) = listener.local_addr().expect("its address") else {
            unreachable!("it was asked for");
        };
        let url = options
            .host("127.0.0.1")
            .port(address.port())
            .to_url_lossy()
            .to_string();
        let fate = Arc::new(Fate {
            armed: Mutex::default(),
            is: watch::Sender::new(State::Alive),
        });
        let shared = Arc::clone(&fate);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((server.0.as_str(), server.1)).await else {
                    return;
                };
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { url, fate }
    }

    /// The database's URL through this wire.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The message gets through, its answer does not, and its connection ends.
    pub fn lose_the_answer_to(&self, text: &'static [u8]) {
        *self.fate.armed() = Some((text, Break::Connection));
    }

    /// The same, and all connections end, also those that are made later, until the wire is revived.
    pub fn go_dead_after(&self, text: &'static [u8]) {
        *self.fate.armed() = Some((text, Break::Server));
    }

    /// The message gets through, and then nothing comes back through any connection, which does not end either.
    pub fn fall_silent_after(&self, text: &'static [u8]) {
        *self.fate.armed() = Some((text, Break::Silence));
    }

    /// Lets connections through again.
    pub fn revive(&self) {
        self.fate.is.send_replace(State::Alive);
    }

    /// Whether the message came that it was waiting for.
    #[must_use]
    pub fn has_lost_it(&self) -> bool {
        self.fate.armed().is_none()
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, fate: Arc<Fate>) {
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut state = fate.is.subscribe();
    let mut lost = None;
    loop {
        let now = *state.borrow_and_update();
        if now == State::Dead && lost.is_none() {
            return;
        }
        let silent = now == State::Silent || lost == Some(Break::Silence);
        tokio::select! {
            count = client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let asked = asked.get(..count).unwrap_or_default();
                lost = lost.or_else(|| fate.of(asked));
                if server.write_all(asked).await.is_err() { return }
            }
            count = server.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                let answered = answered.get(..count).unwrap_or_default();
                match lost {
                    // The server has done it.
                    Some(Break::Connection | Break::Server) => return,
                    _ if silent => {}
                    _ => if client.write_all(answered).await.is_err() { return }
                }
            }
            _ = state.changed() => {}
        }
    }
}
