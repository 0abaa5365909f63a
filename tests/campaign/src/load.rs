//! What the campaign's clients do all the time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::http::{Answer, Call};
use crate::journal::{Journal, What};
use crate::random::Random;
use crate::sink::Sink;

/// A client with a workspace, who waits for the link.
#[derive(Clone)]
pub struct Invited {
    pub email: String,
    pub matter: String,
    pub access: String,
    pub request: String,
}

/// What the workers of all rounds share.
pub struct Shared {
    pub journal: Journal,
    pub sink: Sink,
    pub invited: Mutex<Vec<Invited>>,
}

pub struct Worker {
    pub shared: Arc<Shared>,
    pub stop: Arc<AtomicBool>,
    pub address: SocketAddr,
    pub token: String,
    pub round: u64,
    pub number: u64,
    pub random: Random,
    /// Whether it hangs up on some of its requests at once.
    pub leaves: bool,
}

pub fn hex(bytes: &[u8]) -> String {
    portal_core::Digest(Sha256::digest(bytes).into()).to_string()
}

pub fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap_or_default().to_owned()
}

impl Worker {
    /// Goes on until it is told to stop, or nobody answers any more.
    pub async fn work(mut self) {
        let mut turn = 0;
        while !self.stop.load(Ordering::Relaxed) && self.turn(turn).await.is_some() {
            turn += 1;
        }
    }

    /// Sends a command, between its two lines in the journal. `None` when no answer came.
    pub(crate) async fn ask(&self, what: What, call: Call) -> Option<Answer> {
        if self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.shared.journal.sending(self.round, what, &call);
        let answer = call.send(self.address).await.ok()?;
        self.shared.journal.answered(number, &answer);
        // The clock jumped past the end of the session.
        (answer.status != 401).then_some(answer)
    }

    pub(crate) async fn leave(&mut self, what: What, call: Call) {
        let after = Duration::from_micros(self.random.below(300));
        self.shared.journal.sending(self.round, what, &call);
        let _ = call.send_and_leave(self.address, after).await;
    }

    fn staff(&self, method: &'static str, path: impl Into<String>) -> Call {
        Call::new(method, path).token(&self.token).from(self.number)
    }

    fn name(&mut self, turn: u64) -> String {
        let (round, worker, salt) = (self.round, self.number, self.random.below(1 << 32));
        format!("{round}-{worker}-{turn}-{salt:08x}")
    }

    fn pdf(&mut self) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        for _ in 0..self.random.below(8_000) {
            bytes.extend(self.random.next().to_le_bytes());
        }
        bytes
    }

    async fn turn(&mut self, turn: u64) -> Option<()> {
        let name = self.name(turn);
        let email = format!("c{name}@mail.test");
        let body = json!({"given_names": "C", "family_name": "One", "reference": name, "email": email});
        let call = self
            .staff("POST", "/api/v1/clients")
            .json(&body)
            .key(format!("client-{name}"));
        let what = What::Client {
            reference: name.clone(),
        };
        let client = id(&self.ask(what, call).await?);
        let body = json!({"reference": name, "title": format!("Matter {name}")});
        let call = self.staff("POST", "/api/v1/matters").json(&body);
        let matter = id(&self
            .ask(
                What::Matter {
                    reference: name.clone(),
                },
                call,
            )
            .await?);
        let path = format!("/api/v1/matters/{matter}");
        let body = json!({"client_id": client, "part": "principal"});
        let call = self.staff("POST", format!("{path}/participants")).json(&body);
        self.ask(What::Participant, call).await?;

        let call = self.staff("POST", format!("{path}/portal-accesses"));
        let call = call.json(&json!({"client_id": client, "invite": true}));
        let what = What::Access {
            matter: matter.clone(),
            client: client.clone(),
        };
        let access = self.ask(what, call).await?;

        let asked = self.request(&matter, &client, &name).await?;
        if access.is_success() && asked.is_success() {
            self.shared.invited.lock().unwrap().push(Invited {
                email,
                matter: matter.clone(),
                access: id(&access),
                request: id(&asked),
            });
        }
        if self.random.once_in(2) {
            let name = format!("{name}b");
            let call = self.staff("PATCH", format!("/api/v1/clients/{client}"));
            let call = call.json(&json!({"family_name": name}));
            self.ask(What::Patch { client, name }, call).await?;
        }
        let bytes = self.pdf();
        let call = self
            .staff("POST", format!("{path}/documents"))
            .file("scan.pdf", &bytes);
        self.upload(&matter, &bytes, call, false).await?;
        self.enter().await
    }

    async fn request(&mut self, matter: &str, client: &str, name: &str) -> Option<Answer> {
        let path = format!("/api/v1/matters/{matter}/requests");
        let call = |worker: &Self, title: &str| {
            let body = json!({"client_id": client, "title": title, "wanted": 2});
            worker
                .staff("POST", path.clone())
                .json(&body)
                .key(format!("request-{title}"))
        };
        let what = |title: &str| What::Request {
            matter: matter.to_owned(),
            title: title.to_owned(),
        };
        if self.leaves {
            for number in 0..4 {
                let title = format!("Left {name} {number}");
                let left = call(self, &title);
                self.leave(what(&title), left).await;
            }
        }
        let title = format!("Passport {name}");
        self.ask(what(&title), call(self, &title)).await
    }

    async fn upload(&self, matter: &str, bytes: &[u8], call: Call, by_client: bool) -> Option<Answer> {
        let what = What::Document {
            matter: matter.to_owned(),
            sha256: hex(bytes),
            by_client,
        };
        self.ask(what, call).await
    }

    /// A client whose link came by mail signs in, twice at the same moment, uploads, and is shut out now and then.
    async fn enter(&mut self) -> Option<()> {
        let found = {
            let mut invited = self.shared.invited.lock().unwrap();
            let ready = invited
                .iter()
                .position(|it| self.shared.sink.link(&it.email).is_some());
            ready.map(|index| invited.swap_remove(index))
        };
        let Some(invited) = found else { return Some(()) };
        let link = self.shared.sink.link(&invited.email)?;
        let call = Call::post("/api/v1/auth/redeem-link").from(self.random.below(60_000));
        let call = call.json(&json!({"token": link.token, "code": link.code}));
        let redeem = || What::Redeem {
            access: invited.access.clone(),
        };
        let (one, other) = tokio::join!(self.ask(redeem(), call.clone()), self.ask(redeem(), call));
        let signed_in = [one?, other?].into_iter().find(Answer::is_success);
        let Some(token) = signed_in.and_then(|answer| match &answer.json()["access_token"] {
            Value::String(token) => Some(token.clone()),
            _ => None,
        }) else {
            return Some(());
        };
        let bytes = self.pdf();
        let call = Call::post(format!("/api/v1/requests/{}/documents", invited.request));
        let call = call.token(&token).file("passport.pdf", &bytes);
        self.upload(&invited.matter, &bytes, call, true).await?;
        if self.random.once_in(3) {
            let call = self.staff(
                "POST",
                format!("/api/v1/portal-accesses/{}/revoke", invited.access),
            );
            let access = invited.access;
            self.ask(What::Revoke { access }, call).await?;
        }
        Some(())
    }
}
