//! Workflows: clean values, matching by the laws, merging, analysis and files. Each law is also shown to catch a matcher
//! that breaks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod analysis;
mod broken_matchers;
mod files;
mod hostile_files;
mod large_sets;
mod laws;
mod matching;
mod merging;
mod model;
mod normalising;
mod taxonomy;

use portal_core::workflow::{
    Criterion, DimensionDraft, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft, Workflow, WorkflowDraft,
    WorkflowId,
};

/// Immigration with visas below it, family law; three stages.
fn sample() -> Taxonomy {
    let areas = DimensionDraft::new(PRACTICE_AREA)
        .value("Immigration")
        .value_below("Immigration", "Humanitarian")
        .value_below("Humanitarian", "T-Visa")
        .alias("T-1")
        .alias("T nonimmigrant status")
        .value_below("Humanitarian", "U-Visa")
        .value("Family law");
    let stages = DimensionDraft::new(STAGE)
        .value("Intake")
        .value("Filing")
        .alias("Filing (USCIS)")
        .value("Decision");
    Taxonomy::new(&TaxonomyDraft {
        dimensions: vec![areas, stages],
    })
    .unwrap()
}

/// A workflow whose id is its number.
fn workflow(number: u128, criteria: Vec<Criterion>) -> Workflow {
    let draft = WorkflowDraft {
        name: format!("Workflow {number}"),
        criteria,
        ..WorkflowDraft::default()
    };
    Workflow::new(id(number), &draft, &sample()).unwrap()
}

fn id(number: u128) -> WorkflowId {
    WorkflowId(uuid::Uuid::from_u128(number))
}
