//! Workflows: what a matter of one kind asks for and sends by itself, decided on clean values by rules one can prove.
//!
//! This module stands alone: it needs no [`Portal`](crate::Portal), no store and no runtime, and nothing in it reads a
//! clock, sends anything or changes a record. It answers four questions: what does this text mean, which workflows match
//! this matter, why, and what is odd about these workflows.
//!
//! # The vocabulary
//!
//! Systems of record hold what people typed: ` t visa `, `T-VISA`, `FILING (USCIS)`. A [`Taxonomy`] is a practice's clean
//! vocabulary: *dimensions*, their *canonical values*, which can lie below each other, and *aliases*.
//!
//! ```
//! use portal_core::workflow::{Case, DimensionDraft, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let areas = DimensionDraft::new(PRACTICE_AREA)
//!     .value("Immigration")
//!     .value_below("Immigration", "T-Visa");
//! let stages = DimensionDraft::new(STAGE)
//!     .value("Filing").alias("Filing (USCIS)")
//!     .value("Decision");
//! let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions: vec![areas, stages] })?;
//!
//! let case = Case::new().with(PRACTICE_AREA, " t visa ").with(STAGE, "Fileing");
//! let reading = taxonomy.read(&case);
//! assert_eq!(reading.facts.value(PRACTICE_AREA).map(|value| value.to_string()).as_deref(), Some("T-Visa"));
//! // What is not known stays raw, and waits for a person. It is never guessed.
//! assert_eq!(reading.unknown[STAGE], "Fileing");
//! assert_eq!(taxonomy.suggest(STAGE, "Fileing", 3)[0].value.name(), "Filing");
//! # Ok(())
//! # }
//! ```
//!
//! A text is compared in its [`fold`]ed form: NFKC, case, spaces, dashes and punctuation do not matter. What comes of it,
//! [`Facts`], only the taxonomy can make; so no raw text reaches the matcher, which the compiler sees to. A person who
//! accepts a suggestion adds an alias; [`Workflows::accept`] shows first which matters it would make match what.
//!
//! Taxonomies come and go as TOML ([`Taxonomy::from_toml`]) and as spreadsheets ([`Taxonomy::from_csv`]). A store keeps
//! the [`TaxonomyDraft`] as one versioned record a practice (all of it is needed to read anything, and it must change as a
//! whole), and each [`Workflow`] as one.
//!
//! # Workflows
//!
//! A [`Workflow`] has criteria, all of which must hold, requirements, and automations. A [`Criterion`] wants of one dimension
//! any value, one of some, any below a parent (not the parent itself), or none of some. Where a matter has nothing, or
//! something unknown, "one of" and "below" fail. "None of" holds of nothing, but not of what is
//! unknown, which may be one of them; only "any" does.
//!
//! ```
//! # use portal_core::workflow::{Case, DimensionDraft, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft};
//! use portal_core::workflow::{Criterion, Requirement, Workflow, WorkflowDraft, WorkflowId, Workflows};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let areas = DimensionDraft::new(PRACTICE_AREA).value("Immigration").value_below("Immigration", "T-Visa");
//! # let stages = DimensionDraft::new(STAGE).value("Filing").value("Decision");
//! # let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions: vec![areas, stages] })?;
//! let draft = WorkflowDraft {
//!     name: "Immigration, filing".into(),
//!     criteria: vec![
//!         Criterion::below(PRACTICE_AREA, "Immigration"),
//!         Criterion::one_of(STAGE, ["Filing"]),
//!     ],
//!     requirements: vec![Requirement::new("Passport bio page")],
//!     ..WorkflowDraft::default()
//! };
//! let workflow = Workflow::new(WorkflowId(uuid::Uuid::from_u128(1)), &draft, &taxonomy)?;
//! let workflows = Workflows::compile(&taxonomy, [workflow]);
//!
//! let facts = taxonomy.facts(&Case::new().with(PRACTICE_AREA, "T VISA").with(STAGE, "filing"));
//! assert_eq!(workflows.matches(&facts).len(), 1);
//! let asked = workflows.requirements(&facts);
//! assert_eq!(asked.asked()[0].requirement.title, "Passport bio page");
//!
//! let facts = taxonomy.facts(&Case::new().with(PRACTICE_AREA, "T VISA").with(STAGE, "decision"));
//! let why = workflows.explain(&facts).next().unwrap();
//! assert!(!why.matches);
//! assert_eq!(why.criteria[1].to_string(), "fails Case stage: one of Filing: it is Decision");
//! # Ok(())
//! # }
//! ```
//!
//! [`Workflows::compile`] builds an index, so that a match costs what it finds and not what there is (`benches/README.md`
//! has figures). What matches comes in a defined order ([`Standing`]): the most specific first, then the highest priority,
//! then the smallest id. Where several ask for the same thing, under the same key, the first has its way, and the others
//! are named ([`Requirements`]).
//!
//! # Proofs
//!
//! [`Workflows::analyse`] finds workflows that nothing can match, that others shadow, that are there twice or in conflict,
//! values that nothing covers, and criteria on what is gone, each with a case that shows it. The [`laws`] say what
//! matching is, among them that the index gives exactly what a plain [reference](laws::reference) gives; they run on your
//! workflows too:
//!
//! * from a test, in ten lines: `examples/prove_your_workflows.rs`;
//! * from a shell or CI: `portal-server workflows check FILE`, on a [`WorkflowFile`].

mod analysis;
mod automation;
mod cells;
mod check;
mod criterion;
mod explain;
mod file;
mod index;
mod language;
pub mod laws;
mod matcher;
mod merge;
mod model;
mod problem;
mod reach;
mod requirement;
mod scope;
mod standing;
mod taxonomy;
mod template;
mod timing;

pub use crate::WorkflowId;
pub use analysis::{Analysis, Finding, FindingKind};
pub use automation::{Again, Assignee, Automation, Channel, NoAssignee, QuietHours};
pub use criterion::{Criterion, Test};
pub use explain::{Explanation, Verdict};
pub use file::WorkflowFile;
pub use language::in_language;
pub use matcher::{Match, Workflows};
pub use merge::{Asked, Claim, Requirements};
pub(crate) use model::editions;
pub use model::{Workflow, WorkflowDraft};
pub use problem::{FileProblem, FileProblems};
pub use reach::{Agreement, Held, Person};
pub use requirement::Requirement;
pub use standing::{Specificity, Standing};
pub use taxonomy::{
    Acceptance, Affected, Canonical, Case, DimensionDraft, Facts, Normalised, PRACTICE_AREA, Reading, STAGE,
    Suggestion, Taxonomy, TaxonomyDraft, ValueDraft, fold,
};
use taxonomy::{Dimension, Hints, count};
pub use template::{Field, Fields, Template, TemplateProblem};
