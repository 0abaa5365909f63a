//! The unique rules that every store keeps, by the names that [`StoreError::Conflict`](crate::StoreError::Conflict)
//! carries.
//!
//! Each rule holds within one practice, and removed, archived, ended and deactivated records count too, unless a rule says otherwise.

/// No two staff members have the same [`Email::key`](crate::text::Email::key).
pub const STAFF_EMAIL: &str = "staff_email";
/// No two clients have the same reference, compared folded ([`text::fold`](crate::text::fold)); none is no
/// reference.
pub const CLIENT_REFERENCE: &str = "client_reference";
/// No two matters have the same reference, compared folded.
pub const MATTER_REFERENCE: &str = "matter_reference";
/// A matter has each client once.
pub const PARTICIPANT_ONCE: &str = "participant_once";
/// A matter has each staff member on its team once.
pub const TEAM_MEMBER_ONCE: &str = "team_member_once";
/// A client has at most one portal access on a matter.
pub const PORTAL_ACCESS_ONCE: &str = "portal_access_once";
/// No two templates have the same name, compared folded.
pub const TEMPLATE_NAME: &str = "template_name";
/// A client is asked at most once on a matter for each item of a template; what staff ask by hand is free.
pub const REQUEST_SOURCE: &str = "request_source";
/// A client is asked at most once on a matter under each key of a workflow's requirements.
pub const REQUEST_REQUIREMENT: &str = "request_requirement";
/// No two workflows have the same name, compared folded; those that were removed do not count.
pub const WORKFLOW_NAME: &str = "workflow_name";
/// The entries of a matter into its stages are numbered.
pub const STAGE_ENTRY_NUMBER: &str = "stage_entry_number";
/// A document has each version number once.
pub const DOCUMENT_VERSION_NUMBER: &str = "document_version_number";
/// A document is shared with a portal access at most once.
pub const SHARE_ONCE: &str = "share_once";
/// No two sign-in links have a token of the same hash.
pub const LINK_TOKEN: &str = "link_token";
/// No two sessions have a secret of the same hash.
pub const SESSION_SECRET: &str = "session_secret";

/// An automation's message is written once for each edition of the automation, stage entry, recipient and channel.
pub const AUTOMATION_ONCE: &str = "automation_once";

/// An automation's task is set once for each edition of the automation, stage entry and assignee that it names.
pub const TASK_ONCE: &str = "task_once";

/// Each person answers an approval once.
pub const APPROVAL_ANSWER_ONCE: &str = "approval_answer_once";

/// Every rule's name.
pub const ALL: [&str; 18] = [
    STAFF_EMAIL,
    CLIENT_REFERENCE,
    MATTER_REFERENCE,
    PARTICIPANT_ONCE,
    TEAM_MEMBER_ONCE,
    PORTAL_ACCESS_ONCE,
    TEMPLATE_NAME,
    REQUEST_SOURCE,
    REQUEST_REQUIREMENT,
    WORKFLOW_NAME,
    STAGE_ENTRY_NUMBER,
    DOCUMENT_VERSION_NUMBER,
    SHARE_ONCE,
    LINK_TOKEN,
    SESSION_SECRET,
    AUTOMATION_ONCE,
    TASK_ONCE,
    APPROVAL_ANSWER_ONCE,
];
