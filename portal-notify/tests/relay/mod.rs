//! A small mail server for tests: it speaks enough SMTP (RFC 5321), STARTTLS and AUTH to be talked to for real,
//! keeps what it was given, and misbehaves on demand.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The user and password that a relay with authentication wants.
pub(crate) const USER: &str = "portal@example.com";
/// See [`USER`]. With signs that matter in a URL.
pub(crate) const PASSWORD: &str = "s3cr3t/with:signs@and%";

/// When a relay steps out of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Greeting,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the last line of the message.
    Body,
    Noop,
}

/// How it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Answer(&'static str),
    /// Never answers.
    Hang,
    HangUp,
}

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    None,
    StartTls,
    Tls,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) bytes: Vec<u8>,
}

/// A running mail server; it ends with the test's runtime.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    /// Its certificate (PEM).
    pub(crate) certificate: String,
    state: Arc<State>,
}

struct State {
    protection: Protection,
    mechanism: Option<&'static str>,
    script: Mutex<VecDeque<(At, Act)>>,
    taken: Mutex<Vec<Taken>>,
    commands: Mutex<Vec<String>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    tls: TlsAcceptor,
}

impl Relay {
    pub(crate) async fn start(protection: Protection, mechanism: Option<&'static str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into(), "localhost".into()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let state = Arc::new(State {
            protection,
            mechanism,
            script: Mutex::default(),
            taken: Mutex::default(),
            commands: Mutex::default(),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            tls: TlsAcceptor::from(Arc::new(config)),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                tokio::spawn(async move {
                    state.connections.fetch_add(1, Ordering::SeqCst);
                    let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
                    state.most_open.fetch_max(open, Ordering::SeqCst);
                    // A client that hangs up in the middle is part of the game.
                    let _ = state.serve(stream).await;
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self {
            address,
            certificate: own.cert.pem(),
            state,
        }
    }

    /// The next time it gets `at` this point, it does `act` instead of what it should.
    pub(crate) fn will(&self, at: At, act: Act) {
        self.state.script.lock().unwrap().push_back((at, act));
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.state.commands.lock().unwrap().clone()
    }

    /// How many connections were made, and how many there were at a time.
    pub(crate) fn connections(&self) -> (usize, usize) {
        (
            self.state.connections.load(Ordering::SeqCst),
            self.state.most_open.load(Ordering::SeqCst),
        )
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Why a conversation stopped.
enum Stop {
    Over,
    StartTls,
}

impl State {
    async fn serve(&self, tcp: tokio::net::TcpStream) -> std::io::Result<()> {
        let mut stream: Box<dyn Stream> = Box::new(tcp);
        if self.protection == Protection::Tls {
            stream = Box::new(self.tls.accept(stream).await?);
        }
        let mut stream = BufReader::new(stream);
        self.say(&mut stream, At::Greeting, "220 relay.example ready")
            .await?;
        let mut offered = self.protection == Protection::StartTls;
        while let Stop::StartTls = self.converse(&mut stream, offered).await? {
            offered = false;
            let secured = self.tls.accept(stream.into_inner()).await?;
            stream = BufReader::new(Box::new(secured));
        }
        Ok(())
    }

    /// Says what it should, or does what the script wants.
    async fn say(
        &self,
        stream: &mut BufReader<Box<dyn Stream>>,
        at: At,
        answer: &str,
    ) -> std::io::Result<bool> {
        let act = {
            let mut script = self.script.lock().unwrap();
            match script.front() {
                Some((when, act)) if *when == at => {
                    let act = *act;
                    script.pop_front();
                    Some(act)
                }
                _ => None,
            }
        };
        let answer = match act {
            None => answer,
            Some(Act::Answer(answer)) => answer,
            Some(Act::Hang) => {
                // Until the client has had enough.
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await?;
                return Err(std::io::ErrorKind::ConnectionAborted.into());
            }
            Some(Act::HangUp) => return Err(std::io::ErrorKind::ConnectionAborted.into()),
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
        stream.flush().await?;
        Ok(answer.starts_with(['2', '3']))
    }

    async fn line(&self, stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let count = stream.read_line(&mut line).await?;
        Ok((count > 0).then(|| line.trim_end().to_owned()))
    }

    async fn converse(
        &self,
        stream: &mut BufReader<Box<dyn Stream>>,
        starttls: bool,
    ) -> std::io::Result<Stop> {
        let (mut from, mut to) = (String::new(), Vec::new());
        while let Some(line) = self.line(stream).await? {
            self.commands.lock().unwrap().push(line.clone());
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("EHLO") {
                let mut answer = String::from("250-relay.example\r\n");
                if starttls {
                    answer.push_str("250-STARTTLS\r\n");
                }
                if let Some(mechanism) = self.mechanism {
                    answer.extend(["250-AUTH ", mechanism, "\r\n"]);
                }
                answer.push_str("250 8BITMIME\r\n");
                stream.write_all(answer.as_bytes()).await?;
                stream.flush().await?;
            } else if upper == "STARTTLS" && starttls {
                stream.write_all(b"220 go ahead\r\n").await?;
                stream.flush().await?;
                return Ok(Stop::StartTls);
            } else if let Some(initial) = line.strip_prefix("AUTH PLAIN ") {
                let expected = base64(format!("\0{USER}\0{PASSWORD}").as_bytes());
                self.admit(stream, initial == expected).await?;
            } else if upper == "AUTH LOGIN" {
                stream.write_all(b"334 VXNlcm5hbWU6\r\n").await?;
                let user = self.line(stream).await?.unwrap_or_default();
                stream.write_all(b"334 UGFzc3dvcmQ6\r\n").await?;
                let password = self.line(stream).await?.unwrap_or_default();
                let right = user == base64(USER.as_bytes()) && password == base64(PASSWORD.as_bytes());
                self.admit(stream, right).await?;
            } else if let Some(sender) = line.strip_prefix("MAIL FROM:") {
                if self.say(stream, At::Mail, "250 fine").await? {
                    sender.clone_into(&mut from);
                }
            } else if let Some(recipient) = line.strip_prefix("RCPT TO:") {
                if self.say(stream, At::Rcpt, "250 fine").await? {
                    to.push(recipient.to_owned());
                }
            } else if upper == "DATA" {
                if self.say(stream, At::Data, "354 go on").await? {
                    let bytes = body(stream).await?;
                    if self.say(stream, At::Body, "250 taken").await? {
                        let taken = Taken {
                            from: std::mem::take(&mut from),
                            to: std::mem::take(&mut to),
                            bytes,
                        };
                        self.taken.lock().unwrap().push(taken);
                    }
                }
            } else if upper == "NOOP" {
                self.say(stream, At::Noop, "250 fine").await?;
            } else if upper == "QUIT" {
                stream.write_all(b"221 bye\r\n").await?;
                stream.flush().await?;
                return Ok(Stop::Over);
            } else {
                stream.write_all(b"500 what?\r\n").await?;
                stream.flush().await?;
            }
        }
        Ok(Stop::Over)
    }

    async fn admit(&self, stream: &mut BufReader<Box<dyn Stream>>, right: bool) -> std::io::Result<bool> {
        let answer = if right {
            "235 welcome"
        } else {
            "535 5.7.8 no such user or password"
        };
        self.say(stream, At::Auth, answer).await
    }
}

/// The message up to the line with a single dot, without the dots that were added to others.
async fn body(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(bytes);
        }
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
