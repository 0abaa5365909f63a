use portal_core::{Event, StoreError, Version};
use sqlx::types::Json;

use crate::decode;
use crate::statement::Step;
use crate::store::Reads;
use crate::table::table;
use crate::value::{Argument, Stamp, Value};

table! {
    EVENT = "event" as EventRow {
        kind: Json<serde_json::Value>,
        happened_at: Stamp,
        state: String,
        attempts: i64,
        due_at: Stamp,
        last_error: Option<String>,
    } + []
}

impl Reads for EventRow {
    type Record = Event;
    fn record(self) -> Result<Event, StoreError> {
        Ok(Event {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            kind: decode::json("kind", self.kind.0)?,
            at: self.happened_at.0,
            state: decode::word("state", &self.state)?,
            attempts: decode::number("attempts", self.attempts)?,
            due_at: self.due_at.0,
            last_error: self.last_error,
        })
    }
}

pub(crate) fn save(event: &Event) -> Result<Step, StoreError> {
    EVENT.save(
        event.practice_id,
        event.id,
        event.version,
        vec![
            Value::json(&event.kind)?,
            event.at.value(),
            decode::text_of(&event.state)?.value(),
            event.attempts.value(),
            event.due_at.value(),
            event.last_error.clone().value(),
        ],
    )
}
