use portal_core::matter::{Matter, Participant, TeamMember};
use portal_core::{StoreError, Version, text};
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::list::sort_key;
use crate::statement::Step;
use crate::store::Reads;
use crate::table::table;
use crate::value::{Argument, Stamp, Value};

table! {
    MATTER = "matter" as MatterRow {
        reference: String,
        title: String,
        practice_area: Option<String>,
        stage: Option<String>,
        attributes: Json<serde_json::Value>,
        normalised: Json<serde_json::Value>,
        unknown: Json<serde_json::Value>,
        owner_id: Uuid,
        parent_id: Option<Uuid>,
        state: String,
        created_at: Stamp,
        updated_at: Stamp,
    } + [reference_key, title_key, search_text, has_unknown]
}

impl Reads for MatterRow {
    type Record = Matter;
    fn record(self) -> Result<Matter, StoreError> {
        Ok(Matter {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            reference: self.reference,
            title: self.title,
            practice_area: self.practice_area,
            stage: self.stage,
            attributes: decode::json("attributes", self.attributes.0)?,
            normalised: decode::json("normalised", self.normalised.0)?,
            unknown: decode::json("unknown", self.unknown.0)?,
            owner_id: self.owner_id.into(),
            parent_id: self.parent_id.map(Into::into),
            state: decode::word("state", &self.state)?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save_matter(matter: &Matter) -> Result<Step, StoreError> {
    MATTER.save(
        matter.practice_id,
        matter.id,
        matter.version,
        vec![
            (&matter.reference).value(),
            (&matter.title).value(),
            matter.practice_area.clone().value(),
            matter.stage.clone().value(),
            Value::json(&matter.attributes)?,
            Value::json(&matter.normalised)?,
            Value::json(&matter.unknown)?,
            matter.owner_id.value(),
            matter.parent_id.value(),
            matter.state.as_str().value(),
            matter.created_at.value(),
            matter.updated_at.value(),
            text::fold(&matter.reference).value(),
            sort_key(&text::fold(&matter.title)).value(),
            matter.search_text().value(),
            (!matter.unknown.is_empty()).value(),
        ],
    )
}

table! {
    PARTICIPANT = "participant" as ParticipantRow {
        matter_id: Uuid,
        client_id: Uuid,
        part: String,
        removed: bool,
        created_at: Stamp,
    } + []
}

impl Reads for ParticipantRow {
    type Record = Participant;
    fn record(self) -> Result<Participant, StoreError> {
        Ok(Participant {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            client_id: self.client_id.into(),
            part: decode::word("part", &self.part)?,
            removed: self.removed,
            created_at: self.created_at.0,
        })
    }
}

pub(crate) fn save_participant(participant: &Participant) -> Result<Step, StoreError> {
    PARTICIPANT.save(
        participant.practice_id,
        participant.id,
        participant.version,
        vec![
            participant.matter_id.value(),
            participant.client_id.value(),
            participant.part.as_str().value(),
            participant.removed.value(),
            participant.created_at.value(),
        ],
    )
}

table! {
    TEAM_MEMBER = "team_member" as TeamMemberRow {
        matter_id: Uuid,
        staff_id: Uuid,
        removed: bool,
    } + []
}

impl Reads for TeamMemberRow {
    type Record = TeamMember;
    fn record(self) -> Result<TeamMember, StoreError> {
        Ok(TeamMember {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            staff_id: self.staff_id.into(),
            removed: self.removed,
        })
    }
}

pub(crate) fn save_team_member(member: &TeamMember) -> Result<Step, StoreError> {
    TEAM_MEMBER.save(
        member.practice_id,
        member.id,
        member.version,
        vec![
            member.matter_id.value(),
            member.staff_id.value(),
            member.removed.value(),
        ],
    )
}
