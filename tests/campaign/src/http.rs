//! Just enough HTTP/1.1 to know for certain whether an answer came whole, and to go away before it does.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const BOUNDARY: &str = "----portal-campaign";
const PATIENCE: Duration = Duration::from_secs(20);

/// A request.
#[derive(Clone)]
pub struct Call {
    pub method: &'static str,
    pub path: String,
    token: Option<String>,
    key: Option<String>,
    content_type: String,
    body: Vec<u8>,
    from: u64,
}

/// An answer that came whole.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

impl Call {
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            token: None,
            key: None,
            content_type: String::new(),
            body: Vec::new(),
            from: 1,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new("POST", path)
    }

    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub fn key(mut self, key: String) -> Self {
        self.key = Some(key);
        self
    }

    /// As if it came from another network: limits count by address.
    pub const fn from(mut self, network: u64) -> Self {
        self.from = network;
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        "application/json".clone_into(&mut self.content_type);
        self.body = body.to_string().into_bytes();
        self
    }

    pub fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        self.content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/pdf\r\n\r\n"
        )
        .into_bytes();
        self.body.extend_from_slice(bytes);
        self.body
            .extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self
    }

    fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        use std::fmt::Write;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\nX-Forwarded-For: 10.{}.{}.7\r\n",
            self.method,
            self.path,
            self.body.len(),
            self.from / 250 % 250,
            self.from % 250,
        );
        for (name, value) in [
            (
                "Authorization",
                self.token.as_ref().map(|token| format!("Bearer {token}")),
            ),
            ("Idempotency-Key", self.key.clone()),
            (
                "Content-Type",
                Some(self.content_type.clone()).filter(|text| !text.is_empty()),
            ),
        ] {
            if let Some(value) = value {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it and waits for the whole answer. An error says nothing about what became of it.
    pub async fn send(&self, address: SocketAddr) -> io::Result<Answer> {
        let whole = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            stream.write_all(&self.bytes(address)).await?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await?;
            parse(&bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        };
        timeout(PATIENCE, whole).await?
    }

    /// Sends it and hangs up so many microseconds later.
    pub async fn send_and_leave(&self, address: SocketAddr, after: Duration) -> io::Result<()> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.bytes(address)).await?;
        let sent = Instant::now();
        // A timer of the runtime is exact to a millisecond only.
        while sent.elapsed() < after {
            std::hint::spin_loop();
        }
        Ok(())
    }
}

/// The answer, if all of it is there.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
    let body = &bytes[end + 4..];
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    };
    let body = if let Some(length) = header("content-length") {
        (body.len() == length.trim().parse::<usize>().ok()?).then(|| body.to_vec())?
    } else if header("transfer-encoding").is_some_and(|how| how.contains("chunked")) {
        unchunked(body)?
    } else {
        body.to_vec()
    };
    Some(Answer { status, body })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(rest.get(line + 2..line + 2 + length)?);
        rest = rest.get(line + 4 + length..)?;
    }
}
