//! Rounds: start, load, kill, start again, compare.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use portal_core::identity::StaffMember;
use portal_core::notify::Queue;
use portal_core::{PageRequest, PracticeId, Store, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use crate::check::{Check, Trail};
use crate::http::Call;
use crate::journal::{Journal, What};
use crate::load::{Shared, Worker};
use crate::mail;
use crate::place::{Kind, Place};
use crate::random::Random;
use crate::report::Report;
use crate::server::{End, OWNER, PASSWORD, Server, Setup};
use crate::sink::{Mood, Sink};
use crate::storm::{self, Cases};
use crate::storm_check::StormCheck;
use crate::texts::Texts;
use crate::tree::Tree;

const WORKERS: u64 = 6;
/// How often everything that waits is drained, and mails are compared.
const DRAIN_EVERY: u64 = 10;
/// Longer than any lease, in seconds.
const PAST_LEASES: u64 = 360;
const HOUR: u64 = 3_600;
/// Files' bytes are as old as the real clock says: those that seem a day old would be swept while they are new.
const MOST_AHEAD: u64 = 22 * HOUR;

/// Where the server can be made to die, and how often a round comes by at least.
const EVERYTHING: [(&str, u64); 6] = [
    ("blobs::before-rename", 4),
    ("blobs::after-rename", 4),
    ("blobs::finished", 4),
    ("idempotency::claimed", 8),
    ("idempotency::answered", 8),
    ("idempotency::kept", 8),
];
const STORM: [(&str, u64); 2] = [("sms::before-send", 3), ("sms::after-send", 3)];
const ALWAYS: [(&str, u64); 5] = [
    ("mail::before-send", 3),
    ("mail::after-send", 3),
    ("closing::drained", 1),
    ("closing::rested", 1),
    ("closing::closed", 1),
];
const SQLITE: [(&str, u64); 3] = [
    ("sqlite::begun", 40),
    ("sqlite::before-commit", 40),
    ("sqlite::after-commit", 40),
];
const POSTGRES: [(&str, u64); 3] = [
    ("postgres::before-commit", 40),
    ("postgres::after-commit", 40),
    ("postgres::after-write", 60),
];

/// What the clients of a campaign do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// What staff and clients do all day.
    Everything,
    /// Stage changes, whose workflows ask for documents and write to people.
    Storm,
}

/// What a campaign is to be.
#[derive(Clone)]
pub struct Plan {
    pub rounds: u64,
    pub seed: u64,
    pub kind: Kind,
    pub work: Work,
    pub program: PathBuf,
    /// Faults to switch on in every round: a campaign that finds nothing then is worth nothing.
    pub faults: Option<&'static str>,
    /// Where to die in every round, instead of everywhere in turn.
    pub die_at: Option<&'static str>,
    pub progress: bool,
}

struct Campaign {
    plan: Plan,
    place: Place,
    setup: Setup,
    texts: Texts,
    cases: Arc<Cases>,
    shared: Arc<Shared>,
    random: Random,
    practice: PracticeId,
    owner: StaffMember,
    trail: Trail,
    tree: Tree,
    report: Report,
    ahead: u64,
    token: String,
    /// The first round whose mails and repetitions were not looked at.
    undrained: u64,
}

/// Runs a campaign. When something was wrong, the folder with the evidence is kept and named.
pub async fn run(plan: Plan) -> (Report, Option<PathBuf>) {
    let mut campaign = Campaign::begin(plan).await;
    for round in 1..=campaign.plan.rounds {
        campaign.round(round).await;
        if round % DRAIN_EVERY == 0 || round == campaign.plan.rounds {
            campaign.drain(round).await;
            if campaign.plan.progress {
                let report = &campaign.report;
                println!(
                    "{} round {round}: {} sent, {} acknowledged, {} violations",
                    campaign.plan.kind.name(),
                    report.sent,
                    report.acknowledged,
                    report.violations().len()
                );
            }
        }
        if !campaign.report.violations().is_empty() {
            break;
        }
    }
    campaign.finish().await
}

impl Campaign {
    async fn begin(plan: Plan) -> Self {
        let kind = plan.kind;
        let place = tokio::task::spawn_blocking(move || Place::new(kind))
            .await
            .unwrap();
        let sink = Sink::start().await;
        let texts = Texts::start().await;
        let setup = Setup::write(&plan.program, &place, sink.address, texts.address);
        setup.create_owner().await;
        let store = place.store().await;
        let practice = store
            .practices(&PageRequest::first(1))
            .await
            .unwrap()
            .items
            .remove(0)
            .id;
        let owner = store.staff_by_email(practice, OWNER).await.unwrap().unwrap();
        let journal = Journal::new(&place.folder.join("journal.jsonl"));
        Self {
            random: Random::new(plan.seed),
            shared: Arc::new(Shared {
                journal,
                sink,
                invited: std::sync::Mutex::default(),
            }),
            plan,
            place,
            setup,
            texts,
            cases: Arc::default(),
            practice,
            owner,
            trail: Trail::default(),
            tree: Tree::default(),
            report: Report::default(),
            ahead: 0,
            token: String::new(),
            undrained: 1,
        }
    }

    async fn sign_in(&mut self, server: &Server) {
        let body = json!({"email": OWNER, "password": PASSWORD});
        let call = Call::post("/api/v1/auth/sign-in")
            .json(&body)
            .from(self.random.below(60_000));
        let answer = call.send(server.address).await.expect("an answer");
        assert!(answer.is_success(), "the owner cannot sign in: {}", answer.json());
        answer.json()["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.token);
    }

    /// A server, which does as it should unless it is the one that dies.
    async fn start(&mut self, die_at: Option<&str>, faults: Option<&str>) -> Server {
        let server = self.setup.start(die_at, faults).await;
        self.report.recoveries.push(server.took);
        server
    }

    /// Where this round dies: at one of the points in turn, or at no point but at any moment.
    fn point(&mut self, round: u64) -> Option<String> {
        if let Some(fixed) = self.plan.die_at {
            return Some(fixed.to_owned());
        }
        let own = match self.plan.kind {
            Kind::Sqlite => SQLITE,
            Kind::Postgres => POSTGRES,
        };
        let points: Vec<_> = match self.plan.work {
            Work::Everything => ALWAYS.iter().chain(&own).chain(&EVERYTHING).collect(),
            Work::Storm => ALWAYS.iter().chain(&own).chain(&STORM).collect(),
        };
        // Of three rounds two die at a point, and one at any moment. Three divides neither number of points, so each has its turn.
        let turn = usize::try_from(round - 1).unwrap();
        let step = turn - turn / 3;
        let (point, often) =
            points[(step * 3 + usize::try_from(self.plan.seed % 14).unwrap()) % points.len()];
        (turn % 3 != 2).then(|| format!("{point}={}", 1 + self.random.below(*often)))
    }

    async fn round(&mut self, round: u64) {
        self.report.rounds = round;
        let point = self.point(round);
        if self.token.is_empty() {
            let server = self.start(None, None).await;
            self.sign_in(&server).await;
            if self.plan.work == Work::Storm && self.cases.cases.is_empty() {
                self.cases = Arc::new(storm::prepare(server.address, &self.token).await);
            }
            server.kill().await;
        }
        let mut server = self.start(point.as_deref(), self.plan.faults).await;
        let mood = if self.plan.faults.is_some() || round % 2 == 1 {
            Mood::Takes
        } else {
            Mood::ALL[usize::try_from(self.random.below(4)).unwrap()]
        };
        self.shared.sink.set(mood);
        let mood = if self.plan.faults.is_some() || round.is_multiple_of(2) {
            Mood::Takes
        } else {
            Mood::ALL[usize::try_from(self.random.below(4)).unwrap()]
        };
        self.texts.set(mood);
        let stop = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> = (0..WORKERS)
            .map(|number| {
                let worker = Worker {
                    shared: Arc::clone(&self.shared),
                    stop: Arc::clone(&stop),
                    address: server.address,
                    token: self.token.clone(),
                    round,
                    number,
                    random: self.random.part(number),
                    leaves: round % 4 == 3,
                };
                let cases = Arc::clone(&self.cases);
                match self.plan.work {
                    Work::Everything => tokio::spawn(worker.work()),
                    Work::Storm => tokio::spawn(worker.storm(cases)),
                }
            })
            .collect();
        self.disturb(round).await;
        let end = self.end(&mut server, point.as_deref()).await;
        let end = match end {
            Some(end) => end,
            None if point.as_deref().is_some_and(|point| point.starts_with("closing")) => {
                server.close().await
            }
            None => server.kill().await,
        };
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.await.unwrap();
        }
        let name = point.and_then(|point| Some(point.split_once('=')?.0.to_owned()));
        let how = match (end, name) {
            (End::Died, Some(name)) => name,
            (End::Closed, _) => "closed".into(),
            _ => "SIGKILL".into(),
        };
        *self.report.ends.entry(how).or_default() += 1;
        self.compare(round).await;
    }

    /// A database server that restarts, and a clock that jumps, in the middle of everything.
    async fn disturb(&mut self, round: u64) {
        if self.plan.faults.is_some() {
            return;
        }
        if self.plan.kind == Kind::Postgres && round % 10 == 4 {
            sleep(Duration::from_millis(150)).await;
            let mode = if self.random.once_in(2) {
                "fast"
            } else {
                "immediate"
            };
            let restarted = tokio::task::block_in_place(|| self.place.restart_database(mode));
            self.report.database_restarts += u64::from(restarted);
        }
        if round % 100 == 5 && self.ahead + HOUR < MOST_AHEAD {
            sleep(Duration::from_millis(100)).await;
            self.ahead += HOUR;
            self.setup.set_clock(self.ahead);
            self.token.clear();
        }
    }

    /// Waits until the server dies at its point, or until it is time to kill it.
    async fn end(&mut self, server: &mut Server, point: Option<&str>) -> Option<End> {
        let longest = match point {
            Some(point) if point.starts_with("closing") => 200,
            Some(_) => 2_000,
            None => self.random.below(500),
        };
        let until = Instant::now() + Duration::from_millis(longest);
        while Instant::now() < until {
            if server.is_dead() {
                return Some(End::Died);
            }
            sleep(Duration::from_millis(2)).await;
        }
        None
    }

    async fn compare(&mut self, round: u64) {
        let server = self.start(None, None).await;
        if self.token.is_empty() {
            self.sign_in(&server).await;
        }
        let entries = self.shared.journal.since(round);
        self.report.sent += entries.len() as u64;
        self.report.acknowledged += entries.iter().filter(|e| e.acknowledged().is_some()).count() as u64;
        self.check(&server, &entries, false).await;
        server.kill().await;
    }

    async fn check(&mut self, server: &Server, entries: &[crate::journal::Entry], all: bool) {
        let store = self.place.store().await;
        let mut check = Check {
            place: &self.place,
            store: &*store,
            practice: self.practice,
            address: server.address,
            token: &self.token,
            trail: &mut self.trail,
            report: &mut self.report,
        };
        check.entries(entries).await;
        if all {
            check.audit(true).await;
        }
        self.tree.look(&*store, self.practice, &mut self.report).await;
        self.storm_check(&*store).matters(entries).await;
    }

    fn storm_check<'a>(&'a mut self, store: &'a dyn Store) -> StormCheck<'a> {
        StormCheck {
            store,
            practice: self.practice,
            cases: &self.cases,
            report: &mut self.report,
        }
    }

    /// Lets leases run out and everything that waits be sent; then mails, notifications and repetitions are compared.
    async fn drain(&mut self, round: u64) {
        self.shared.sink.set(Mood::Takes);
        self.texts.set(Mood::Takes);
        let server = self.start(None, None).await;
        let store = self.place.store().await;
        self.ahead += PAST_LEASES;
        self.setup.set_clock(self.ahead);
        self.sign_in(&server).await;
        let entries = self.shared.journal.since(self.undrained);
        if self.plan.faults.is_none() {
            // What this does for the first time is to be told and sent as well.
            self.repeat(&server, &entries).await;
        }
        let patience = Instant::now() + Duration::from_mins(1);
        loop {
            assert!(
                self.ahead < MOST_AHEAD,
                "the clock was moved too far: choose fewer rounds"
            );
            self.ahead += PAST_LEASES;
            self.setup.set_clock(self.ahead);
            let look_again = Instant::now() + Duration::from_secs(3);
            let far_away: Timestamp = self.owner.created_at + portal_core::Duration::days(400);
            let mut is_idle = false;
            while !is_idle && Instant::now() < look_again {
                sleep(Duration::from_millis(50)).await;
                is_idle = true;
                for queue in Queue::ALL {
                    is_idle &= store.due_practices(queue, far_away, 1).await.unwrap().is_empty();
                }
            }
            if is_idle {
                break;
            }
            if Instant::now() > patience {
                self.report.history.push("what was queued does not drain".into());
                break;
            }
        }
        // The clock was moved past the end of what staff had.
        self.sign_in(&server).await;
        let mails = self.shared.sink.mails();
        let kept = std::mem::take(&mut self.report.history);
        let history = mail::deliveries(&*store, self.practice).await;
        mail::check(&history, &mails, &mut self.report);
        self.report.history.extend(kept);
        let texts = self.texts.taken();
        let mut check = self.storm_check(&*store);
        check.automations(&history).await;
        check.texts(&texts, &history);
        mail::notifications(&*store, self.practice, &self.owner, &entries, &mut self.report).await;
        self.undrained = round + 1;
        server.kill().await;
    }

    /// What was sent with a key and not answered is sent again with it: that never does it twice.
    async fn repeat(&mut self, server: &Server, entries: &[crate::journal::Entry]) {
        let keyed = |what: &What| matches!(what, What::Client { .. } | What::Request { .. });
        let unknown: Vec<_> = entries
            .iter()
            .filter(|e| e.is_unknown() && keyed(&e.what))
            .collect();
        for entry in &unknown {
            let call = entry.call.clone().token(&self.token);
            let answer = call.send(server.address).await.expect("the server answers");
            let is_right = answer.is_success() || matches!(answer.status, 404 | 409 | 422);
            if !is_right {
                let why = format!(
                    "{:?} repeated with its key: {} {}",
                    entry.what,
                    answer.status,
                    answer.json()
                );
                self.report.broken.push(why);
            }
        }
        let store = self.place.store().await;
        let mut check = Check {
            place: &self.place,
            store: &*store,
            practice: self.practice,
            address: server.address,
            token: &self.token,
            trail: &mut self.trail,
            report: &mut self.report,
        };
        check.audit(false).await;
        for entry in unknown {
            check.unknown(entry).await;
        }
    }

    /// Everything of all rounds, once more.
    async fn finish(mut self) -> (Report, Option<PathBuf>) {
        if self.report.violations().is_empty() {
            let server = self.start(None, None).await;
            self.sign_in(&server).await;
            let entries = self.shared.journal.since(0);
            self.check(&server, &entries, true).await;
            assert_eq!(server.close().await, End::Closed, "it ends when it is told to");
            let (place, entries) = (&self.place.folder, self.trail.entries());
            self.tree
                .verify(&self.setup, place, entries, &mut self.report)
                .await;
        }
        if self.report.violations().is_empty() {
            self.place.discard();
            return (self.report, None);
        }
        let folder = self.place.folder.clone();
        (self.report, Some(folder))
    }
}
