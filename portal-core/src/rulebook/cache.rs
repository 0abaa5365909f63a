//! Compiled rules, kept as long as they hold.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::Accepting;
use crate::workflow::{Taxonomy, Workflow, Workflows};
use crate::{Change, PageRequest, Portal, PracticeId, RecordKind, StoreError, Version};

/// A practice's rules, compiled.
#[derive(Debug, Clone)]
pub struct Rules {
    practice: PracticeId,
    version: Option<Version>,
    workflows: Workflows,
    accepting: Vec<Accepting>,
}

impl Rules {
    /// The workflows, over the taxonomy of the day.
    #[must_use]
    pub const fn workflows(&self) -> &Workflows {
        &self.workflows
    }

    pub(crate) const fn version(&self) -> Option<Version> {
        self.version
    }

    /// The taxonomy.
    #[must_use]
    pub const fn taxonomy(&self) -> &Taxonomy {
        self.workflows.taxonomy()
    }

    /// What the taxonomy was given, by which not all matters were read yet.
    pub(crate) fn accepting(&self) -> &[Accepting] {
        &self.accepting
    }

    /// Whether anybody ever made a rule.
    #[must_use]
    pub const fn exist(&self) -> bool {
        self.version.is_some()
    }

    /// The same rules with other workflows, to try them out.
    pub(crate) fn with(&self, workflows: impl IntoIterator<Item = Workflow>) -> Self {
        Self {
            workflows: Workflows::compile(self.taxonomy(), workflows),
            ..self.clone()
        }
    }

    /// The change, which holds only while these are the rules.
    pub(crate) fn hold(&self, change: Change) -> Change {
        match self.version {
            Some(version) => change.while_unchanged(RecordKind::Rulebook, self.practice, version),
            None => change,
        }
    }
}

/// The rules that were compiled last, by practice.
#[derive(Default)]
pub(crate) struct RulesCache(Mutex<HashMap<PracticeId, Arc<Rules>>>);

impl fmt::Debug for RulesCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RulesCache").finish_non_exhaustive()
    }
}

/// The most practices whose rules are kept compiled; beyond that, some are compiled again.
const MOST: usize = 64;

impl RulesCache {
    fn get(&self, practice: PracticeId, version: Option<Version>) -> Option<Arc<Rules>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&practice)
            .filter(|rules| rules.version == version)
            .cloned()
    }

    fn put(&self, rules: &Arc<Rules>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST && !held.contains_key(&rules.practice) {
            let somebody = held.keys().next().copied();
            somebody.map(|practice| held.remove(&practice));
        }
        held.insert(rules.practice, Arc::clone(rules));
    }
}

impl Portal {
    /// The practice's rules as they are now, compiled.
    pub(crate) async fn rules(&self, practice: PracticeId) -> Result<Arc<Rules>, StoreError> {
        loop {
            let version = self.store().rulebook_version(practice).await?;
            if let Some(rules) = self.rules_cache().get(practice, version) {
                return Ok(rules);
            }
            let (taxonomy, accepting) = match self.store().rulebook(practice).await? {
                Some(book) => {
                    let wrong = |invalid| StoreError::Failed(format!("the taxonomy that is kept: {invalid}"));
                    (Taxonomy::new(&book.taxonomy).map_err(wrong)?, book.accepting)
                }
                None => (Taxonomy::empty(), Vec::new()),
            };
            let workflows = self.all_workflows(practice).await?;
            // What was read piece by piece is of one moment only if nothing changed meanwhile.
            if self.store().rulebook_version(practice).await? != version {
                continue;
            }
            let rules = Arc::new(Rules {
                practice,
                version,
                workflows: Workflows::compile(&taxonomy, workflows),
                accepting,
            });
            self.rules_cache().put(&rules);
            return Ok(rules);
        }
    }

    async fn all_workflows(&self, practice: PracticeId) -> Result<Vec<Workflow>, StoreError> {
        let mut workflows = Vec::new();
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().workflows(practice, &page).await?;
            workflows.extend(page.items.iter().map(super::KeptWorkflow::workflow));
            next = page.next;
            if next.is_none() {
                return Ok(workflows);
            }
        }
    }
}
