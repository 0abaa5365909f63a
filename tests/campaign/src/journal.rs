//! What was sent, and what was acknowledged.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use portal_core::MatterId;
use serde_json::{Value, json};

use crate::http::{Answer, Call};

/// What a command was to do.
#[derive(Debug, Clone)]
pub enum What {
    Client {
        reference: String,
    },
    Patch {
        client: String,
        name: String,
    },
    Matter {
        reference: String,
    },
    Participant,
    Access {
        matter: String,
        client: String,
    },
    Request {
        matter: String,
        title: String,
    },
    Document {
        matter: String,
        sha256: String,
        by_client: bool,
    },
    Redeem {
        access: String,
    },
    Revoke {
        access: String,
    },
    Stage {
        matter: MatterId,
    },
}

#[derive(Clone)]
pub struct Entry {
    pub round: u64,
    pub what: What,
    pub call: Call,
    /// The answer, if it came whole.
    pub answer: Option<Answer>,
}

impl Entry {
    /// The body of a success.
    pub fn acknowledged(&self) -> Option<Value> {
        self.answer.as_ref().filter(|a| a.is_success()).map(Answer::json)
    }

    /// Whether nobody can know what became of it.
    pub fn is_unknown(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.status >= 500)
    }
}

pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    file: Mutex<File>,
}

impl Journal {
    pub fn new(path: &Path) -> Self {
        Self {
            entries: Mutex::default(),
            file: Mutex::new(File::create(path).unwrap()),
        }
    }

    fn write(&self, line: &Value) {
        writeln!(self.file.lock().unwrap(), "{line}").unwrap();
    }

    /// Notes a command before it leaves; answers its number.
    pub fn sending(&self, round: u64, what: What, call: &Call) -> usize {
        let mut entries = self.entries.lock().unwrap();
        let number = entries.len();
        self.write(&json!({"n": number, "round": round, "sent": format!("{what:?}"), "path": call.path}));
        entries.push(Entry {
            round,
            what,
            call: call.clone(),
            answer: None,
        });
        number
    }

    pub fn answered(&self, number: usize, answer: &Answer) {
        self.write(&json!({"n": number, "status": answer.status, "body": answer.json()}));
        self.entries.lock().unwrap()[number].answer = Some(answer.clone());
    }

    pub fn since(&self, round: u64) -> Vec<Entry> {
        let entries = self.entries.lock().unwrap();
        let begin = entries.partition_point(|entry| entry.round < round);
        entries[begin..].to_vec()
    }
}
