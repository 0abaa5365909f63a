//! What a change of a matter brought about.

use portal_core::stage::{Addressee, Effects, MatchedWorkflow, Notice, Sending, StageEntry};
use portal_core::workflow::Held;
use portal_core::{Timestamp, Version, WorkflowId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::requests::RequestBody;

/// A matter's stay in one stage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StageBody {
    id: Uuid,
    /// Its number among the matter's stages, from 1.
    number: u32,
    /// As the system of record wrote it.
    raw: String,
    /// What the taxonomy makes of it, when it knows the stage.
    canonical: Option<String>,
    /// `opened` in it, `changed` to it, or `found` in it when stages were not kept yet.
    #[schema(example = "changed")]
    why: &'static str,
    #[schema(value_type = String, format = DateTime)]
    entered_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    left_at: Option<Timestamp>,
}

impl From<StageEntry> for StageBody {
    fn from(entry: StageEntry) -> Self {
        Self {
            id: entry.id.0,
            number: entry.number,
            raw: entry.raw,
            canonical: entry.canonical,
            why: entry.why.as_str(),
            entered_at: entry.entered_at,
            left_at: entry.left_at,
        }
    }
}

/// A workflow that matches.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedBody {
    id: Uuid,
    version: i64,
    name: String,
}

impl MatchedBody {
    pub(crate) const fn new(id: WorkflowId, version: Version, name: String) -> Self {
        Self {
            id: id.0,
            version: version.0,
            name,
        }
    }
}

impl From<(MatchedWorkflow, String)> for MatchedBody {
    fn from((own, name): (MatchedWorkflow, String)) -> Self {
        Self::new(own.workflow, own.version, name)
    }
}

/// A message or task that is due.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SendingBody {
    workflow_id: Uuid,
    /// Which of the workflow's automations, counted from 0.
    automation: usize,
    /// `sms`, `email` or `task`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// The client whom it goes to.
    client_id: Option<Uuid>,
    /// The staff member whose task it is; null too where a task is for anyone.
    staff_id: Option<Uuid>,
    /// Not to be sent, or begun, before: its delay, and quiet hours.
    #[schema(value_type = String, format = DateTime)]
    not_before: Timestamp,
    /// How many segments a text message has.
    segments: Option<u32>,
    /// Why it is not sent: `not-served`, `no-phone`, `invalid-phone`, `no-consent`, `opted-out`, `no-email`, `no-access`,
    /// `written` for this stay in the stage already, `once` for each matter, in a `pause`, `empty`, `too-long` or `template`.
    held: Option<&'static str>,
    /// The same in words.
    #[schema(example = "no telephone number is known")]
    held_why: Option<String>,
}

impl From<Sending> for SendingBody {
    fn from(sending: Sending) -> Self {
        let (client_id, staff_id) = match sending.to {
            Addressee::Client(id) => (Some(id.0), None),
            Addressee::Staff(id) => (None, Some(id.0)),
            Addressee::AnyStaff => (None, None),
        };
        Self {
            workflow_id: sending.workflow.0,
            automation: sending.automation,
            channel: sending.channel.as_str(),
            client_id,
            staff_id,
            not_before: sending.not_before,
            segments: sending.length().map(|length| length.segments),
            held: sending.held.as_ref().map(Held::as_str),
            held_why: sending.held.as_ref().map(ToString::to_string),
        }
    }
}

/// What a change of a matter brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EffectsBody {
    /// The workflows that match it now, the most specific first.
    matched: Vec<MatchedBody>,
    /// The stage that it entered; null when it stayed in its own.
    entered: Option<StageBody>,
    /// What is asked for now and was not before.
    asked: Vec<RequestBody>,
    /// What is asked for no longer.
    withdrawn: Vec<RequestBody>,
    /// What the automations that fire send and set, and what is held back, with the reason.
    sends: Vec<SendingBody>,
    /// The mails that tell clients what is asked of them now.
    notices: Vec<NoticeBody>,
}

/// A mail that tells a client what is asked of them now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeBody {
    client_id: Uuid,
    /// How many things it names.
    requests: usize,
    /// Why there is none: `not-served`, `no-email` or `no-access`.
    held: Option<&'static str>,
    /// The same in words.
    held_why: Option<String>,
}

impl From<Notice> for NoticeBody {
    fn from(notice: Notice) -> Self {
        let held = notice.to.as_ref().err();
        Self {
            client_id: notice.client.0,
            requests: notice.requests,
            held: held.map(Held::as_str),
            held_why: held.map(ToString::to_string),
        }
    }
}

impl From<Effects> for EffectsBody {
    fn from(effects: Effects) -> Self {
        Self {
            matched: effects.matched.into_iter().map(MatchedBody::from).collect(),
            entered: effects.entered.map(StageBody::from),
            asked: effects.asked.into_iter().map(RequestBody::from).collect(),
            withdrawn: effects.withdrawn.into_iter().map(RequestBody::from).collect(),
            sends: effects.sends.into_iter().map(SendingBody::from).collect(),
            notices: effects.notices.into_iter().map(NoticeBody::from).collect(),
        }
    }
}
