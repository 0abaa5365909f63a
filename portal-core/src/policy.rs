//! Who may do what: one pure table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::matter::Matter;
use crate::{Actor, Context, Error, NoRule};

/// What a staff member is to the practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Owns the practice's account; may do everything.
    Owner,
    /// Runs the portal: settings, staff, templates, and all matters.
    Admin,
    /// Sees and works on all matters; no settings.
    Manager,
    /// Works on the matters they own or are on the team of.
    Member,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role, the strongest first.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Manager,
        Self::Member,
        Self::Auditor,
    ];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = crate::FieldError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                crate::FieldError::new(
                    "role",
                    "unknown",
                    "Choose owner, admin, manager, member or auditor.",
                )
            })
    }
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Change the practice's name, branding and settings.
    ManagePractice,
    /// Add, change and deactivate staff.
    ManageStaff,
    /// See who works for the practice.
    SeeStaff,
    /// See clients.
    SeeClients,
    /// Add and change clients.
    EditClients,
    /// See matters, their checklists and documents.
    SeeMatters,
    /// Open new matters.
    OpenMatters,
    /// Change matters: title, stage, participants, team; close and reopen.
    EditMatters,
    /// Enable, revoke, restore and invite.
    ManageAccess,
    /// Look at a portal as its client sees it.
    PreviewAsClient,
    /// Ask for documents, change, waive and withdraw requests.
    EditChecklists,
    /// Add and change tasks, and say that they are done.
    EditTasks,
    /// Accept and return what clients provided.
    ReviewDocuments,
    /// Ask clients for approval, and take that back.
    AskApprovals,
    /// Add, categorise and share documents.
    EditDocuments,
    /// See checklist templates.
    SeeTemplates,
    /// Change checklist templates.
    EditTemplates,
    /// See the taxonomy and the workflows.
    SeeWorkflows,
    /// Change the taxonomy and the workflows, and look at what they would do.
    EditWorkflows,
    /// See conversations with clients.
    SeeConversations,
    /// Answer clients, mark conversations as read, assign them, and say whose number one is.
    AnswerClients,
    /// Read the audit trail of the whole practice.
    SeeAudit,
    /// Import clients, matters and participants.
    Import,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 23] = [
        Self::ManagePractice,
        Self::ManageStaff,
        Self::SeeStaff,
        Self::SeeClients,
        Self::EditClients,
        Self::SeeMatters,
        Self::OpenMatters,
        Self::EditMatters,
        Self::ManageAccess,
        Self::PreviewAsClient,
        Self::EditChecklists,
        Self::EditTasks,
        Self::ReviewDocuments,
        Self::AskApprovals,
        Self::EditDocuments,
        Self::SeeTemplates,
        Self::EditTemplates,
        Self::SeeWorkflows,
        Self::EditWorkflows,
        Self::SeeConversations,
        Self::AnswerClients,
        Self::SeeAudit,
        Self::Import,
    ];

    /// Whether it changes nothing.
    #[must_use]
    pub const fn reads_only(self) -> bool {
        matches!(
            self,
            Self::SeeStaff
                | Self::SeeClients
                | Self::SeeMatters
                | Self::SeeTemplates
                | Self::SeeWorkflows
                | Self::SeeConversations
                | Self::SeeAudit
                | Self::PreviewAsClient
        )
    }

    /// The words that complete "You are not allowed to ..".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ManagePractice => "change the practice's settings",
            Self::ManageStaff => "manage staff",
            Self::SeeStaff => "see staff",
            Self::SeeClients => "see clients",
            Self::EditClients => "change clients",
            Self::SeeMatters => "see matters",
            Self::OpenMatters => "open matters",
            Self::EditMatters => "change matters",
            Self::ManageAccess => "manage portal access",
            Self::PreviewAsClient => "preview the portal",
            Self::EditChecklists => "change checklists",
            Self::EditTasks => "change tasks",
            Self::ReviewDocuments => "review documents",
            Self::AskApprovals => "ask for approval",
            Self::EditDocuments => "change documents",
            Self::SeeTemplates => "see checklist templates",
            Self::EditTemplates => "change checklist templates",
            Self::SeeWorkflows => "see workflows",
            Self::EditWorkflows => "change workflows",
            Self::SeeConversations => "see conversations",
            Self::AnswerClients => "answer clients",
            Self::SeeAudit => "read the audit trail",
            Self::Import => "import records",
        }
    }
}

/// How far a capability reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nowhere.
    Nothing,
    /// To the matters one owns or is on the team of.
    OwnMatters,
    /// To the whole practice.
    Practice,
}

/// The policy table: how far `capability` reaches for `role`.
#[must_use]
pub const fn reach(role: Role, capability: Capability) -> Reach {
    use Capability as C;
    match role {
        Role::Owner | Role::Admin => Reach::Practice,
        Role::Manager => match capability {
            C::ManagePractice | C::ManageStaff => Reach::Nothing,
            _ => Reach::Practice,
        },
        Role::Member => match capability {
            C::ManagePractice
            | C::ManageStaff
            | C::EditTemplates
            | C::EditWorkflows
            | C::SeeAudit
            | C::Import => Reach::Nothing,
            C::SeeStaff
            | C::SeeClients
            | C::EditClients
            | C::OpenMatters
            | C::SeeTemplates
            | C::SeeWorkflows => Reach::Practice,
            C::SeeMatters
            | C::EditMatters
            | C::ManageAccess
            | C::PreviewAsClient
            | C::EditChecklists
            | C::EditTasks
            | C::ReviewDocuments
            | C::AskApprovals
            | C::EditDocuments
            | C::SeeConversations
            | C::AnswerClients => Reach::OwnMatters,
        },
        Role::Auditor => match capability {
            C::SeeStaff
            | C::SeeClients
            | C::SeeMatters
            | C::SeeTemplates
            | C::SeeWorkflows
            | C::SeeConversations
            | C::SeeAudit => Reach::Practice,
            _ => Reach::Nothing,
        },
    }
}

/// Whether a conversation is within `reach`: every one of the practice for who sees all matters; for others, those of clients
/// whom they work for, and those that they answer.
///
/// Whoever links a number to a client must see the client's conversation by this rule, without the number; and who answers the
/// number goes on to answer the client only if they do. So linking shows nobody what they did not see before.
#[must_use]
pub const fn sees_conversation(reach: Reach, works_for_client: bool, answers: bool) -> bool {
    match reach {
        Reach::Practice => true,
        Reach::OwnMatters => works_for_client || answers,
        Reach::Nothing => false,
    }
}

/// Whether a staff member of this role answers whoever nobody in particular answers: who answers all clients of the practice,
/// not only those whom they work for.
#[must_use]
pub const fn answers_everybody(role: Role) -> bool {
    matches!(reach(role, Capability::AnswerClients), Reach::Practice)
}

/// Whether a staff member of this role answers clients at all.
#[must_use]
pub const fn answers_anybody(role: Role) -> bool {
    !matches!(reach(role, Capability::AnswerClients), Reach::Nothing)
}

impl Context {
    /// How far `capability` reaches for whoever acts. Clients have none of these; the portal itself has all.
    #[must_use]
    pub const fn reach(&self, capability: Capability) -> Reach {
        match self.actor {
            Actor::Staff { role, .. } => reach(role, capability),
            Actor::System(_) => Reach::Practice,
            Actor::Client { .. } | Actor::Preview { .. } | Actor::Anyone => Reach::Nothing,
        }
    }

    /// Refuses unless `capability` reaches anything at all.
    pub const fn require(&self, capability: Capability) -> Result<Reach, Error<NoRule>> {
        match (self.actor, self.reach(capability)) {
            (Actor::Anyone, _) => Err(Error::Unauthenticated),
            (_, Reach::Nothing) => Err(Error::Denied(capability.words())),
            (_, reach) => Ok(reach),
        }
    }

    /// Refuses unless `capability` reaches `matter`. What one may not see answers like what does not exist.
    pub fn require_on(
        &self,
        capability: Capability,
        matter: &Matter,
        on_team: bool,
    ) -> Result<(), Error<NoRule>> {
        let own = on_team || self.staff().is_some_and(|(id, _)| matter.owner_id == id);
        let reaches = |capability| match self.reach(capability) {
            Reach::Practice => true,
            Reach::OwnMatters => own,
            Reach::Nothing => false,
        };
        if self.actor == Actor::Anyone {
            Err(Error::Unauthenticated)
        } else if matter.practice_id != self.practice || !reaches(Capability::SeeMatters) {
            Err(Error::NotFound("matter"))
        } else if reaches(capability) {
            Ok(())
        } else {
            Err(Error::Denied(capability.words()))
        }
    }
}
