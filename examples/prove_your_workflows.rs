//! The laws of matching, tried on workflows of your own: copy the test, and name your file.
//!
//! `cargo test -p portal-examples --example prove_your_workflows`; the same from a shell, without Rust:
//! `portal-server workflows check examples/workflows.toml --allow requirement-differs --allow uncovered`.
#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::error::Error;

use portal_core::workflow::{Case, PRACTICE_AREA, STAGE, WorkflowFile, Workflows};

fn main() -> Result<(), Box<dyn Error>> {
    let file = WorkflowFile::read(include_str!("workflows.toml"))?;
    let workflows = Workflows::compile(&file.taxonomy, file.workflows);
    let case = Case::new()
        .with(PRACTICE_AREA, " t visa ")
        .with(STAGE, "FILING (USCIS)");
    let facts = workflows.taxonomy().facts(&case);
    for found in workflows.matches(&facts) {
        println!("matches: {}", found.name);
    }
    for asked in workflows.requirements(&facts).asked() {
        println!("asks for: {}", asked.requirement.title);
    }
    for finding in workflows.analyse().findings {
        println!("{}: {}", finding.kind(), finding.sentence(&workflows));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use portal_core::testing::workflows::prove;
    use portal_core::workflow::WorkflowFile;

    #[test]
    fn our_workflows_keep_the_laws() {
        let file = WorkflowFile::read(include_str!("workflows.toml")).unwrap();
        prove(&file.taxonomy, &file.workflows).unwrap();
    }

    #[test]
    fn it_runs() {
        super::main().unwrap();
    }
}
