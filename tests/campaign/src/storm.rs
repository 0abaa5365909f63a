//! A storm of stage changes: matters that go to and fro between stages whose workflows ask for documents and write to people.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use portal_core::MatterId;
use serde_json::{Value, json};

use crate::http::{Answer, Call};
use crate::journal::What;
use crate::load::{Worker, id};

/// How many matters go through the storm: few enough that several clients change one at the same time.
const MATTERS: u64 = 24;

/// A stage, and what its workflow does.
#[derive(Debug)]
pub struct Stage {
    pub name: &'static str,
    /// As systems of record write it.
    spellings: &'static [&'static str],
    /// What is asked for.
    pub asks: &'static [&'static str],
    /// What is written, and whether only once on a matter.
    pub writes: &'static [(&'static str, bool)],
}

pub const STAGES: [Stage; 4] = [
    Stage {
        name: "Intake",
        spellings: &["Intake", " INTAKE ", "1 - intake"],
        asks: &["Questionnaire"],
        writes: &[("sms", false)],
    },
    Stage {
        name: "Filing",
        spellings: &["Filing (USCIS)", "filing", "FILING  (uscis)"],
        asks: &["Passport bio page", "Personal statement"],
        writes: &[("sms", false), ("email", false)],
    },
    Stage {
        name: "Interview",
        spellings: &["Interview"],
        asks: &["Passport bio page"],
        writes: &[],
    },
    Stage {
        name: "Decision",
        spellings: &["Decision", "decision made"],
        asks: &[],
        writes: &[("sms", true), ("email", false)],
    },
];

/// A matter of the storm, with one client.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: MatterId,
    pub reference: String,
    pub email: String,
    pub phone: String,
}

/// Rules and matters, as they stand throughout.
#[derive(Debug, Default)]
pub struct Cases {
    pub cases: Vec<Case>,
    /// The workflow of each stage, in the order of [`STAGES`].
    pub workflows: Vec<String>,
}

async fn done(address: SocketAddr, call: Call) -> Answer {
    let answer = call.send(address).await.expect("an answer");
    assert!(answer.is_success(), "{} {}", answer.status, answer.json());
    answer
}

/// Makes the rules and the matters.
pub async fn prepare(address: SocketAddr, token: &str) -> Cases {
    let post = |path: &str, body: &Value| Call::post(path).json(body).token(token);
    let values = STAGES.map(|stage| json!({"name": stage.name, "aliases": aliases(&stage)}));
    let taxonomy = json!({"dimensions": [
        {"name": "Practice area", "values": [
            {"name": "Immigration"},
            {"name": "T-Visa", "parent": "Immigration"},
        ]},
        {"name": "Case stage", "values": values},
    ]});
    let call = Call::new("PUT", "/api/v1/taxonomies")
        .json(&taxonomy)
        .token(token);
    done(address, call).await;
    let mut all = Cases::default();
    for stage in &STAGES {
        let answer = done(address, post("/api/v1/workflows", &workflow(stage))).await;
        all.workflows.push(id(&answer));
    }
    for number in 0..MATTERS {
        let reference = format!("S-{number}");
        let (email, phone) = (format!("s{number}@mail.test"), format!("+6148000{number:04}"));
        let body = json!({
            "given_names": "C", "family_name": "One", "reference": reference, "email": email, "phone": phone,
        });
        let client = id(&done(address, post("/api/v1/clients", &body)).await);
        let matter = id(&done(address, post("/api/v1/matters", &matter(&reference, None))).await);
        let body = json!({"client_id": client, "part": "principal"});
        done(
            address,
            post(&format!("/api/v1/matters/{matter}/participants"), &body),
        )
        .await;
        all.cases.push(Case {
            id: matter.parse().unwrap(),
            reference,
            email,
            phone,
        });
    }
    all
}

/// Spellings that do not fold to the name.
fn aliases(stage: &Stage) -> Vec<&'static str> {
    let fold = portal_core::workflow::fold;
    let mut seen = vec![fold(stage.name)];
    let mut aliases = Vec::new();
    for spelling in stage.spellings {
        if !seen.contains(&fold(spelling)) {
            seen.push(fold(spelling));
            aliases.push(*spelling);
        }
    }
    aliases
}

fn workflow(stage: &Stage) -> Value {
    let text = json!({"en": "{{ matter.reference }} is now at {{ matter.stage }}"});
    let automations: Vec<Value> = stage
        .writes
        .iter()
        .map(|(channel, once)| {
            let again = if *once { "once" } else { "always" };
            let mut automation = json!({"channel": channel, "text": text, "again": again});
            if *channel == "email" {
                automation["subject"] = json!({"en": "Where things stand"});
            }
            automation
        })
        .collect();
    let requirements: Vec<Value> = stage.asks.iter().map(|title| json!({"title": title})).collect();
    json!({
        "name": stage.name,
        "enabled": true,
        "criteria": [
            {"dimension": "Practice area", "below": "Immigration"},
            {"dimension": "Case stage", "one_of": [stage.name]},
        ],
        "requirements": requirements,
        "automations": automations,
    })
}

fn matter(reference: &str, stage: Option<&str>) -> Value {
    let mut body = json!({"title": format!("Matter {reference}"), "practice_area": " t visa "});
    match stage {
        Some(stage) => body["stage"] = json!(stage),
        None => body["reference"] = json!(reference),
    }
    body
}

impl Worker {
    /// Changes stages until it is told to stop, or nobody answers any more.
    pub async fn storm(mut self, cases: Arc<Cases>) {
        while !self.stop.load(Ordering::Relaxed) && self.change(&cases).await.is_some() {}
    }

    async fn change(&mut self, cases: &Cases) -> Option<()> {
        let mut pick = |count: usize| {
            let count = u64::try_from(count).unwrap();
            usize::try_from(self.random.below(count)).unwrap()
        };
        let case = &cases.cases[pick(cases.cases.len())];
        let stage = &STAGES[pick(STAGES.len())];
        let raw = stage.spellings[pick(stage.spellings.len())];
        let what = What::Stage { matter: case.id };
        let (reference, staff) = (&case.reference, &self.token);
        let call = if self.random.once_in(3) {
            let path = format!("/api/v1/matters/by-reference/{reference}");
            Call::new("PUT", path).json(&matter(reference, Some(raw)))
        } else {
            Call::new("PATCH", format!("/api/v1/matters/{}", case.id)).json(&json!({"stage": raw}))
        };
        let call = call.token(staff).from(self.number);
        if self.leaves && self.random.once_in(3) {
            self.leave(what, call).await;
            return Some(());
        }
        self.ask(what, call).await.map(|_| ())
    }
}
