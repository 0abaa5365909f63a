//! The laws of matching, as checks that run on any workflows: yours.
//!
//! ```
//! # use portal_core::workflow::{WorkflowFile, Workflows, laws};
//! # let text = "";
//! let file = WorkflowFile::read(text).unwrap();
//! laws::Subject::new(&file.taxonomy, &file.workflows).prove::<Workflows>().unwrap();
//! ```
//!
//! Nothing here is random, so a check in somebody's CI says the same every time. With the feature `testing`,
//! `portal_core::testing::workflows` adds random taxonomies, workflows and cases.

mod brute;
mod cases;
mod checks;
mod reference;

pub use reference::reference;

use std::fmt;

use super::{Analysis, Case, Requirements, Taxonomy, Workflow, Workflows};
use crate::WorkflowId;

/// What is proved of: [`Workflows`], or a matcher of your own.
pub trait Matcher: Sized {
    /// Builds it.
    fn compile(taxonomy: &Taxonomy, workflows: &[Workflow]) -> Self;
    /// What matches, in order.
    fn matching(&self, case: &Case) -> Vec<WorkflowId>;
    /// What its explanations say matches, in order.
    fn explained(&self, case: &Case) -> Vec<WorkflowId>;
    /// What is asked for.
    fn requirements(&self, case: &Case) -> Requirements;
    /// What is odd about them.
    fn analysis(&self) -> Analysis;
}

impl Matcher for Workflows {
    fn compile(taxonomy: &Taxonomy, workflows: &[Workflow]) -> Self {
        Self::compile(taxonomy, workflows.iter().cloned())
    }

    fn matching(&self, case: &Case) -> Vec<WorkflowId> {
        self.matching(&self.taxonomy().facts(case))
    }

    fn explained(&self, case: &Case) -> Vec<WorkflowId> {
        self.explain(&self.taxonomy().facts(case))
            .filter(|explanation| explanation.matches)
            .map(|explanation| explanation.workflow.id)
            .collect()
    }

    fn requirements(&self, case: &Case) -> Requirements {
        self.requirements(&self.taxonomy().facts(case))
    }

    fn analysis(&self) -> Analysis {
        self.analyse()
    }
}

/// A law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// The compiled matcher gives exactly what the plain definition ([`reference()`]) gives.
    Reference,
    /// The order in which workflows are given changes nothing.
    Order,
    /// Switching one workflow on or off never changes what another matches.
    Enabling,
    /// A narrower criterion never matches more.
    Narrower,
    /// Only normalised values matter: spellings of one value, and unknown texts, are all alike.
    Normalised,
    /// An explanation says that a workflow matches if and only if it does.
    Explanation,
    /// Merging requirements is associative and order-free, and the workflow that stands first has its way.
    Merging,
    /// Each finding's case shows it, and no case tried denies it; and where all cases could be tried, analysis finds what
    /// trying them finds, no more and no less. That it is incomplete it may say of more than a thousand workflows, or of more
    /// than [`Analysis::MOST_FINDINGS`] findings of a kind.
    Analysis,
}

impl Law {
    /// Every law.
    pub const ALL: [Self; 8] = [
        Self::Reference,
        Self::Order,
        Self::Enabling,
        Self::Narrower,
        Self::Normalised,
        Self::Explanation,
        Self::Merging,
        Self::Analysis,
    ];

    /// The law in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Reference => "the index finds exactly what the plain definition finds",
            Self::Order => "the order of definition changes nothing",
            Self::Enabling => "enabling one workflow never changes what another matches",
            Self::Narrower => "a narrower criterion never matches more",
            Self::Normalised => "only normalised values matter",
            Self::Explanation => "explanations agree with what matches",
            Self::Merging => "merging requirements is associative and order-free",
            Self::Analysis => "analysis finds what trying all cases finds",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// A law that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{law}: not so. {what} ({case})")]
pub struct Broken {
    /// Which one.
    pub law: Law,
    /// What was seen instead.
    pub what: String,
    /// Of which case.
    pub case: Case,
}

/// Workflows, and the cases on which the laws are tried.
#[derive(Debug, Clone)]
pub struct Subject<'s> {
    taxonomy: &'s Taxonomy,
    workflows: &'s [Workflow],
    cases: Vec<Case>,
    all: bool,
}

impl<'s> Subject<'s> {
    /// The most cases that are made here.
    pub const MOST_CASES: usize = 4_096;
    /// Laws about single workflows are tried on at most so many, evenly spread.
    pub const MOST_WORKFLOWS: usize = 64;

    /// These workflows, and cases made of them: all there are where that is at most [`Self::MOST_CASES`], otherwise those
    /// around which something changes. Fewer for very many workflows, so that it takes seconds.
    #[must_use]
    pub fn new(taxonomy: &'s Taxonomy, workflows: &'s [Workflow]) -> Self {
        let most = (2_000_000 / workflows.len().max(1)).clamp(64, Self::MOST_CASES);
        let (cases, all) = cases::cases(taxonomy, workflows, most);
        Self {
            taxonomy,
            workflows,
            cases,
            all,
        }
    }

    /// These workflows, and no cases but these.
    #[must_use]
    pub const fn on(taxonomy: &'s Taxonomy, workflows: &'s [Workflow], cases: Vec<Case>) -> Self {
        Self {
            taxonomy,
            workflows,
            cases,
            all: false,
        }
    }

    /// These cases beside the others: yours, from the system of record.
    #[must_use]
    pub fn with_cases(mut self, cases: impl IntoIterator<Item = Case>) -> Self {
        self.cases.extend(cases);
        self
    }

    /// The cases.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Whether all cases that there are are tried.
    #[must_use]
    pub const fn tries_all(&self) -> bool {
        self.all
    }

    /// Checks every law.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn prove<M: Matcher>(&self) -> Result<(), Broken> {
        Law::ALL.into_iter().try_for_each(|law| self.check::<M>(law))
    }

    /// Checks one law.
    ///
    /// # Errors
    /// When it is broken.
    pub fn check<M: Matcher>(&self, law: Law) -> Result<(), Broken> {
        let result = match law {
            Law::Reference => self.reference::<M>(),
            Law::Order => self.order::<M>(),
            Law::Enabling => self.enabling::<M>(),
            Law::Narrower => self.narrower::<M>(),
            Law::Normalised => self.normalised::<M>(),
            Law::Explanation => self.explanation::<M>(),
            Law::Merging => self.merging::<M>(),
            Law::Analysis => self.analysis::<M>(),
        };
        result.map_err(|(case, what)| Broken { law, what, case })
    }
}

/// The case in which a law is broken, and how.
type Seen = Result<(), (Case, String)>;
