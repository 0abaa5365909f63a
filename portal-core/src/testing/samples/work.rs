use std::collections::BTreeMap;

use uuid::Uuid;

use super::Samples;
use crate::access::PortalAccess;
use crate::approval::{
    Approval, ApprovalKind, Asked, Assurance, Attached, Circumstances, Decision, Evidence, Needed,
    OnBehalfOf, SignInMethod, SignedInAs, Terms,
};
use crate::checklist::{
    ChecklistTemplate, Request, RequestSource, RequestState, TemplateGroup, TemplateItem,
};
use crate::client::Client;
use crate::document::{
    Confidentiality, Document, DocumentVersion, FileName, FileVersion, Placement, Share, UploadTarget,
    Uploader,
};
use crate::identity::StaffMember;
use crate::matter::{Matter, MatterState, Part, Participant, TeamMember};
use crate::rulebook::{KeptWorkflow, Rulebook};
use crate::stage::{StageEntry, StageWhy};
use crate::task::{Task, TaskCause, TaskSource};
use crate::upload::{Upload, UploadState};
use crate::workflow::{
    Assignee, Automation, Channel, Criterion, DimensionDraft, PRACTICE_AREA, Requirement, STAGE,
    TaxonomyDraft, WorkflowDraft,
};
use crate::{Date, Version};

impl Samples {
    /// An open matter of `owner`'s.
    #[must_use]
    pub fn matter(&self, owner: &StaffMember) -> Matter {
        let reference = self.numbered("M");
        Matter {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            title: format!("Partner visa {reference}"),
            reference,
            practice_area: Some("Family migration".into()),
            stage: Some("Gathering documents".into()),
            attributes: BTreeMap::from([("visa type".into(), "820/801".into())]),
            normalised: BTreeMap::from([("Case stage".into(), "Documents".into())]),
            unknown: BTreeMap::new(),
            owner_id: owner.id,
            parent_id: None,
            state: MatterState::Open,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// `client`'s part in `matter`.
    #[must_use]
    pub fn participant(&self, matter: &Matter, client: &Client, part: Part) -> Participant {
        Participant {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            client_id: client.id,
            part,
            removed: false,
            created_at: self.at,
        }
    }

    /// `staff`'s place on the team of `matter`.
    #[must_use]
    pub fn team_member(&self, matter: &Matter, staff: &StaffMember) -> TeamMember {
        TeamMember {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            staff_id: staff.id,
            removed: false,
        }
    }

    /// A template of two groups with three items: `passport`, `birth-certificate` (two files, optional) and
    /// `payslips` (due in 14 days).
    #[must_use]
    pub fn template(&self) -> ChecklistTemplate {
        let item = |key: &str, title: &str, wanted, required, due_in_days| TemplateItem {
            key: key.into(),
            title: title.into(),
            help: format!("Please send your {}.", title.to_lowercase()),
            example: "A colour scan of every page".into(),
            wanted,
            required,
            due_in_days,
        };
        ChecklistTemplate {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            name: self.numbered("Template"),
            description: "What every partner visa needs".into(),
            groups: vec![
                TemplateGroup {
                    name: "Identity".into(),
                    items: vec![
                        item("passport", "Passport", 1, true, None),
                        item("birth-certificate", "Birth certificate", 2, false, None),
                    ],
                },
                TemplateGroup {
                    name: "Employment".into(),
                    items: vec![item("payslips", "Payslips", 3, true, Some(14))],
                },
            ],
            archived: false,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// An outstanding request to `client` for one file.
    #[must_use]
    pub fn request(&self, matter: &Matter, client: &Client) -> Request {
        Request {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            client_id: client.id,
            group: "Identity".into(),
            title: "Passport".into(),
            help: "The page with your photo.".into(),
            example: "A colour scan".into(),
            wanted: 1,
            required: true,
            due_on: Date::from_ordinal_date(2026, 120).ok(),
            position: 1,
            source: RequestSource::Hand,
            state: RequestState::Outstanding,
            obsolete: false,
            reason: None,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// The practice's rulebook: two dimensions, in each a few values.
    #[must_use]
    pub fn rulebook(&self) -> Rulebook {
        let areas = DimensionDraft::new(PRACTICE_AREA)
            .value("Family migration")
            .value_below("Family migration", "Partner visa")
            .alias("820/801");
        let stages = DimensionDraft::new(STAGE)
            .value("Documents")
            .alias("Gathering documents")
            .value("Decision");
        Rulebook {
            id: self.practice,
            practice_id: self.practice,
            version: Version::FIRST,
            taxonomy: TaxonomyDraft {
                dimensions: vec![areas, stages],
            },
            taxonomy_version: Version::FIRST,
            accepting: Vec::new(),
            updated_at: self.at,
        }
    }

    /// A workflow over [`Samples::rulebook`] for matters in the stage "Documents": it asks the principal for a passport, and
    /// sends them a text message.
    #[must_use]
    pub fn workflow(&self) -> KeptWorkflow {
        KeptWorkflow {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            editions: vec![Version::FIRST],
            draft: WorkflowDraft {
                name: self.numbered("Workflow"),
                priority: -3,
                criteria: vec![
                    Criterion::any(PRACTICE_AREA),
                    Criterion::one_of(STAGE, ["Documents"]),
                ],
                requirements: vec![Requirement {
                    key: "passport".into(),
                    due_in_days: Some(14),
                    ..Requirement::new("Passport bio page")
                }],
                automations: vec![
                    Automation::new(Channel::Sms).saying("en", "We need your passport \u{1f6c2}."),
                ],
                ..WorkflowDraft::default()
            },
            removed: false,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// The entry of `matter` into the stage that it is in.
    #[must_use]
    pub fn stage_entry(&self, matter: &Matter, number: u32) -> StageEntry {
        StageEntry {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            number,
            raw: matter.stage.clone().unwrap_or_default(),
            canonical: Some("Documents".into()),
            why: StageWhy::Opened,
            entered_at: self.at,
            left_at: None,
        }
    }

    /// A file called `name`; its hash and blob are of nothing else.
    #[must_use]
    pub fn file(&self, name: &str) -> FileVersion {
        FileVersion {
            name: FileName::sanitise(name),
            media_type: "application/pdf".into(),
            size: 48_213,
            sha256: self.digest(),
            blob: self.id::<Uuid>(),
        }
    }

    /// What `client` uploaded for `request`, waiting for review, and its first version.
    #[must_use]
    pub fn upload(&self, request: &Request) -> (Document, DocumentVersion) {
        let placement = Placement {
            matter: request.matter_id,
            client: Some(request.client_id),
            request: Some(request.id),
            confidentiality: Confidentiality::Client,
        };
        self.document(placement, Uploader::Client(request.client_id))
    }

    /// An upload of `size` bytes that `request`'s client has begun.
    #[must_use]
    pub fn begun_upload(&self, request: &Request, size: u64) -> Upload {
        Upload {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            target: UploadTarget::Request {
                request: request.id,
                replaces: None,
            },
            by: Uploader::Client(request.client_id),
            name: FileName::sanitise("passport.pdf"),
            size,
            received: 0,
            metadata: "filename cGFzc3BvcnQucGRm".into(),
            state: UploadState::Receiving,
            created_at: self.at,
            expires_at: self.at + Upload::PATIENCE,
        }
    }

    /// A document somewhere, by somebody, and its first version.
    #[must_use]
    pub fn document(&self, placement: Placement, by: Uploader) -> (Document, DocumentVersion) {
        let file = self.file("passport.pdf");
        Document::new(
            (self.id(), self.id()),
            self.practice,
            placement,
            file,
            by,
            self.at,
        )
    }

    /// An open task by hand on `matter`, for `assignee`.
    #[must_use]
    pub fn task(&self, matter: &Matter, assignee: &StaffMember) -> Task {
        Task {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            matter_id: matter.id,
            title: "Call the client \u{260e}".into(),
            note: "Ask which passport is valid.\nIn the morning.".into(),
            assignee_id: Some(assignee.id),
            due_on: Date::from_ordinal_date(2026, 120).ok(),
            starts_at: self.at,
            source: TaskSource::Hand,
            done: None,
            created_at: self.at,
            updated_at: self.at,
        }
    }

    /// The same, set by an automation of a workflow that there need not be.
    #[must_use]
    pub fn automated_task(&self, matter: &Matter, assignee: &StaffMember) -> Task {
        let cause = TaskCause {
            workflow: self.id(),
            version: Version(3),
            entry: self.id(),
            assignee: Assignee::Owner,
        };
        Task {
            source: TaskSource::Workflow(cause),
            ..self.task(matter, assignee)
        }
    }

    /// An open approval of a draft on `matter`, which `asker` asks the client of `access` with one document attached.
    #[must_use]
    pub fn approval(
        &self,
        matter: &Matter,
        asker: &StaffMember,
        file: &DocumentVersion,
        access: &PortalAccess,
    ) -> Approval {
        let terms = Terms {
            kind: ApprovalKind::Draft,
            title: "Your statement, second draft".into(),
            description: "Please read it carefully.\nIs everything right?".into(),
            subject: None,
            needed: Needed::All,
            in_turn: false,
            due_on: Date::from_ordinal_date(2026, 120).ok(),
            expires_on: None,
            expires_at: None,
            remind_every_days: None,
        };
        let documents = vec![Attached::of(file)];
        let people = vec![Asked::new(access.client_id, access.id)];
        let place = (self.practice, matter.id);
        Approval::ask(self.id(), place, terms, (documents, people), asker.id, self.at)
    }

    /// The evidence that the client of `access` approved `approval`.
    #[must_use]
    pub fn evidence(&self, approval: &Approval, access: &PortalAccess) -> Evidence {
        Evidence {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            approval_id: approval.id,
            matter_id: approval.matter_id,
            client_id: access.client_id,
            decision: Decision::Approved,
            comment: "Yes \u{1f44d}\nthank you".into(),
            shown: approval.shown(),
            shown_hash: approval.shown_hash(),
            circumstances: Circumstances {
                name: "Anna Berg".into(),
                on_behalf_of: OnBehalfOf {
                    client: access.client_id,
                    name: "Anna Berg".into(),
                    part: Some(Part::Principal),
                    access: access.id,
                },
                signed_in: SignedInAs {
                    session: self.id(),
                    method: SignInMethod::EmailLink,
                    assurance: Assurance::SingleFactor,
                    since: self.at,
                    from: self.origin(),
                },
                factor: None,
                from: self.origin(),
                clock: "server clock, UTC".into(),
                approval_version: approval.version,
                audit_entry: self.id(),
            },
            at: self.at,
        }
    }

    /// `document`, shared with `access`.
    #[must_use]
    pub fn share(&self, document: &Document, access: &PortalAccess) -> Share {
        Share {
            id: self.id(),
            practice_id: self.practice,
            version: Version::FIRST,
            document_id: document.id,
            access_id: access.id,
            removed: false,
            created_at: self.at,
        }
    }
}
