use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::index::{Index, Rank};
use super::scope::Scope;
use super::{Facts, Standing, Taxonomy, Workflow, count};
use crate::WorkflowId;

/// Workflows over a taxonomy, ready to match: in the order in which they stand, with an index.
///
/// What a match costs grows with how many workflows match, not with how many there are; beside that, with the number of
/// different sets of dimensions that workflows name values of (a practice has few), and with the candidates that an
/// exclusion rules out.
#[derive(Clone)]
pub struct Workflows {
    taxonomy: Taxonomy,
    /// By standing, the first first.
    all: Vec<Workflow>,
    standings: Vec<Standing>,
    index: Index,
}

/// A workflow that matches.
#[derive(Debug, Clone, Copy)]
pub struct Match<'w> {
    rank: Rank,
    workflow: &'w Workflow,
}

impl<'w> Match<'w> {
    /// The workflow.
    #[must_use]
    pub const fn workflow(self) -> &'w Workflow {
        self.workflow
    }
}

impl Deref for Match<'_> {
    type Target = Workflow;
    fn deref(&self) -> &Workflow {
        self.workflow
    }
}

impl Workflows {
    /// Reads the workflows through the taxonomy and builds the index. Takes any workflow: one whose criteria cannot hold
    /// matches nothing, and [`analyse`](Workflows::analyse) says so.
    #[must_use]
    pub fn compile(taxonomy: &Taxonomy, workflows: impl IntoIterator<Item = Workflow>) -> Self {
        let mut all: Vec<(Standing, Workflow)> = workflows
            .into_iter()
            .map(|workflow| (Standing::of(&workflow, taxonomy), workflow))
            .collect();
        all.sort_unstable_by_key(|(standing, _)| *standing);
        let (standings, all): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let live = all.iter().enumerate().filter(|(_, workflow)| workflow.enabled);
        let filed = live.filter_map(|(rank, workflow)| {
            let scope = Scope::of(workflow, taxonomy);
            (!scope.is_empty()).then_some((count(rank), workflow, scope))
        });
        let index = Index::build(taxonomy, filed);
        Self {
            taxonomy: taxonomy.clone(),
            all,
            standings,
            index,
        }
    }

    /// Every enabled workflow of which all criteria hold, the most specific first, then the highest priority, then the
    /// smallest id.
    ///
    /// Facts that another taxonomy made (an earlier version, say) are read again by their canonical names.
    #[must_use]
    pub fn matches(&self, facts: &Facts) -> Vec<Match<'_>> {
        let mut matches = Vec::new();
        self.matches_into(facts, &mut matches);
        matches
    }

    /// The same into a buffer of the caller's, whose earlier content is lost. Allocates nothing once the buffer has room.
    pub fn matches_into<'w>(&'w self, facts: &Facts, matches: &mut Vec<Match<'w>>) {
        matches.clear();
        let facts = self.read(facts);
        self.index.find(&self.taxonomy, &facts, |rank| {
            if let Some(workflow) = self.all.get(rank as usize) {
                matches.push(Match { rank, workflow });
            }
        });
        if matches.len() > 1 {
            matches.sort_unstable_by_key(|found| found.rank);
        }
    }

    /// The ids of what matches, in order.
    #[must_use]
    pub fn matching(&self, facts: &Facts) -> Vec<WorkflowId> {
        self.matches(facts).iter().map(|found| found.id).collect()
    }

    pub(super) fn read<'f>(&self, facts: &'f Facts) -> Cow<'f, Facts> {
        if facts.taxonomy().is_same(&self.taxonomy) {
            Cow::Borrowed(facts)
        } else {
            Cow::Owned(facts.read_by(&self.taxonomy))
        }
    }

    /// The taxonomy that they are read through.
    #[must_use]
    pub const fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// All workflows, disabled ones too, as they stand.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Workflow> {
        self.all.iter()
    }

    /// The workflow of this id.
    #[must_use]
    pub fn get(&self, id: WorkflowId) -> Option<&Workflow> {
        self.all.iter().find(|workflow| workflow.id == id)
    }

    pub(super) fn with_standings(&self) -> impl Iterator<Item = (&Standing, &Workflow)> {
        self.standings.iter().zip(&self.all)
    }

    pub(super) fn standing(&self, found: Match<'_>) -> Option<&Standing> {
        self.standings.get(found.rank as usize)
    }

    /// How many there are, disabled ones too.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many bytes the index takes beside the workflows themselves, without what allocators add.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.index.bytes() + self.standings.capacity() * size_of::<Standing>()
    }
}

impl fmt::Debug for Workflows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}
