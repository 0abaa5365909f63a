//! The unique rules by their columns, for SQLite, whose errors name these and not the rule.

use portal_core::unique as rule;

const RULES: [(&str, &str); 18] = [
    (
        rule::STAFF_EMAIL,
        "staff_member.practice_id, staff_member.email_key",
    ),
    (rule::SESSION_SECRET, "session.practice_id, session.secret_digest"),
    (rule::CLIENT_REFERENCE, "client.practice_id, client.reference_key"),
    (rule::MATTER_REFERENCE, "matter.practice_id, matter.reference_key"),
    (
        rule::PARTICIPANT_ONCE,
        "participant.practice_id, participant.matter_id, participant.client_id",
    ),
    (
        rule::TEAM_MEMBER_ONCE,
        "team_member.practice_id, team_member.matter_id, team_member.staff_id",
    ),
    (
        rule::PORTAL_ACCESS_ONCE,
        "portal_access.practice_id, portal_access.matter_id, portal_access.client_id",
    ),
    (
        rule::LINK_TOKEN,
        "sign_in_link.practice_id, sign_in_link.token_digest",
    ),
    (
        rule::TEMPLATE_NAME,
        "checklist_template.practice_id, checklist_template.name_key",
    ),
    (
        rule::REQUEST_SOURCE,
        "request.practice_id, request.matter_id, request.client_id, request.template_id, request.template_key",
    ),
    (
        rule::REQUEST_REQUIREMENT,
        "request.practice_id, request.matter_id, request.client_id, request.requirement_key",
    ),
    (rule::WORKFLOW_NAME, "workflow.practice_id, workflow.name_key"),
    (
        rule::STAGE_ENTRY_NUMBER,
        "stage_entry.practice_id, stage_entry.matter_id, stage_entry.number",
    ),
    (
        rule::DOCUMENT_VERSION_NUMBER,
        "document_version.practice_id, document_version.document_id, document_version.number",
    ),
    (rule::AUTOMATION_ONCE, "delivery.practice_id, delivery.once_key"),
    (
        rule::APPROVAL_ANSWER_ONCE,
        "approval_evidence.practice_id, approval_evidence.approval_id, approval_evidence.client_id",
    ),
    (rule::TASK_ONCE, "task.practice_id, task.once_key"),
    (
        rule::SHARE_ONCE,
        "share.practice_id, share.document_id, share.access_id",
    ),
];

/// The name of the unique rule over these columns, given as `table.column, table.column`.
#[must_use]
pub fn rule_of_columns(columns: &str) -> Option<&'static str> {
    RULES.iter().find(|(_, of)| *of == columns).map(|(rule, _)| *rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_columns() {
        for name in rule::ALL {
            assert!(RULES.iter().any(|(rule, _)| *rule == name), "{name}");
        }
    }
}
