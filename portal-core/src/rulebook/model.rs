use serde::{Deserialize, Serialize};

use crate::workflow::{Automation, Taxonomy, TaxonomyDraft, Workflow, WorkflowDraft, editions, fold};
use crate::{Invalid, PracticeId, Timestamp, Version, WorkflowId};

/// A practice's taxonomy, and how often its rules changed. A practice has one, under its own id, or none yet, which says
/// the same as an empty one.
///
/// Every change of the taxonomy or of a workflow saves it. So a decision that holds on to its version
/// ([`Change::while_unchanged`](crate::Change::while_unchanged)) was made by the rules of the moment, and whoever has
/// compiled them learns by one number whether they still hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulebook {
    /// The practice.
    pub id: PracticeId,
    /// The practice.
    pub practice_id: PracticeId,
    /// How often the taxonomy or any workflow changed.
    pub version: Version,
    /// The taxonomy.
    pub taxonomy: TaxonomyDraft,
    /// How often the taxonomy itself was saved; 0 before the first time.
    pub taxonomy_version: Version,
    /// When the rules last changed.
    pub updated_at: Timestamp,
    /// What the taxonomy was given, by which not all matters were read yet, the last at the end.
    pub accepting: Vec<Accepting>,
}

/// Something that the taxonomy was given, and whether people are told of what it brings: that is for whoever gave it to decide,
/// and holds whoever reads a matter by it first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepting {
    /// How often the taxonomy was saved by then.
    pub since: Version,
    /// The dimension, and the text that was accepted in it; `None` when the whole taxonomy was replaced.
    pub text: Option<(String, String)>,
    /// Whether what it brings is told, and automations fire.
    pub send: bool,
}

impl Rulebook {
    /// The rulebook of a practice that has none yet; it is not saved.
    #[must_use]
    pub fn blank(practice: PracticeId, at: Timestamp) -> Self {
        Self {
            id: practice,
            practice_id: practice,
            version: Version(0),
            taxonomy: TaxonomyDraft::default(),
            taxonomy_version: Version(0),
            updated_at: at,
            accepting: Vec::new(),
        }
    }

    /// The same, while matters are read by `text` of its taxonomy, or by all of it. The last word on a text is the one that counts.
    #[must_use]
    pub fn accepting(mut self, text: Option<(&str, &str)>, send: bool) -> Self {
        let text = text.map(|(dimension, raw)| (dimension.to_owned(), raw.to_owned()));
        let folded = |(dimension, raw): &(String, String)| (fold(dimension), fold(raw));
        if let Some(same) = text.as_ref().map(folded) {
            self.accepting
                .retain(|own| own.text.as_ref().map(folded).as_ref() != Some(&same));
        }
        self.accepting.push(Accepting {
            since: self.taxonomy_version,
            text,
            send,
        });
        self
    }

    /// The same once all matters were read by what was accepted then.
    #[must_use]
    pub fn accepted(mut self, since: Version, at: Timestamp) -> Self {
        self.accepting.retain(|own| own.since != since);
        self.touched(at)
    }

    /// The same with another taxonomy. What somebody chose for a text that it reads otherwise is over.
    #[must_use]
    pub fn with_taxonomy(mut self, taxonomy: &Taxonomy, at: Timestamp) -> Self {
        let before = Taxonomy::new(&self.taxonomy).ok();
        self.accepting.retain(|own| {
            own.text.as_ref().is_none_or(|(dimension, raw)| {
                let before = before
                    .as_ref()
                    .and_then(|before| before.canonical(dimension, raw));
                before == taxonomy.canonical(dimension, raw)
            })
        });
        self.taxonomy = taxonomy.draft();
        self.taxonomy_version.bump();
        self.touched(at)
    }

    /// The same after a workflow changed.
    #[must_use]
    pub fn touched(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.updated_at = at;
        self
    }
}

/// A workflow as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWorkflow {
    /// Its id.
    pub id: WorkflowId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// What it says.
    pub draft: WorkflowDraft,
    /// See [`Workflow::editions`].
    pub editions: Vec<Version>,
    /// Whether it was removed. It is kept for what it has done, and never listed.
    pub removed: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl KeptWorkflow {
    /// The most workflows that a practice can have.
    pub const MOST: u64 = 10_000;

    /// A new workflow.
    ///
    /// # Errors
    /// See [`Workflow::new`].
    pub fn new(
        id: WorkflowId,
        practice: PracticeId,
        draft: &WorkflowDraft,
        taxonomy: &Taxonomy,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        Ok(Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            editions: vec![Version::FIRST; draft.automations.len()],
            draft: Workflow::new(id, draft, taxonomy)?.draft(),
            removed: false,
            created_at: at,
            updated_at: at,
        })
    }

    /// The same workflow with everything as `draft` says. One that is only switched off is not looked at again, so that it
    /// can be when the taxonomy does not know its values any more.
    ///
    /// # Errors
    /// See [`Workflow::new`].
    pub fn revise(
        mut self,
        draft: &WorkflowDraft,
        taxonomy: &Taxonomy,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let off = WorkflowDraft {
            enabled: false,
            ..self.draft.clone()
        };
        let draft = if *draft == off {
            off
        } else {
            Workflow::new(self.id, draft, taxonomy)?.draft()
        };
        self.editions = self.editions_with(&draft.automations);
        self.version.bump();
        self.draft = draft;
        self.updated_at = at;
        Ok(self)
    }

    /// The editions of its automations if these took their place.
    pub(crate) fn editions_with(&self, automations: &[Automation]) -> Vec<Version> {
        let before = (
            self.draft.automations.as_slice(),
            self.editions.as_slice(),
            self.version,
        );
        editions(before, automations, self.version.next())
    }

    /// The workflow, removed.
    #[must_use]
    pub fn remove(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.updated_at = at;
        self.removed = true;
        self
    }

    /// The workflow as the matcher takes it.
    #[must_use]
    pub fn workflow(&self) -> Workflow {
        let draft = self.draft.clone();
        Workflow {
            id: self.id,
            version: self.version,
            editions: self.editions.clone(),
            name: draft.name,
            enabled: draft.enabled,
            priority: draft.priority,
            criteria: draft.criteria,
            requirements: draft.requirements,
            automations: draft.automations,
        }
    }
}
