//! A whole taxonomy from a file's text.

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::workflow::{FileProblem, Taxonomy};

use super::super::desk::{Desk, Outcome};
use super::super::sent::Sent;
use super::{read, save};
use crate::error::Problem;
use crate::web::staff::Place;
use crate::web::staff::taxonomy::ImportPage;
use crate::web::view::{Choice, Errors};

/// How many problems of a file are shown at once.
const MOST_PROBLEMS: usize = 20;

async fn page(
    desk: &Desk,
    text: Option<String>,
    format: &str,
    errors: Errors,
) -> Result<ImportPage, Problem> {
    let (kept, taxonomy) = read(desk).await?;
    let text = match text {
        Some(text) => text,
        None => taxonomy.to_csv().map_err(Problem::internal)?,
    };
    Ok(ImportPage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        version: kept.version.0.to_string(),
        errors,
        formats: vec![
            Choice::new("csv", "CSV: dimension, value, parent, alias", format),
            Choice::new("toml", "TOML", format),
        ],
        text,
    })
}

pub(in super::super) async fn show(desk: Desk) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    Ok(desk.page(&page(&desk, None, "csv", Errors::default()).await?))
}

pub(in super::super) async fn replace(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let (text, format) = (fields.text("text"), fields.text("format"));
    let taxonomy = if format == "toml" {
        Taxonomy::from_toml(&text)
    } else {
        Taxonomy::from_csv(&text)
    };
    let mut errors = Errors::default();
    match taxonomy {
        Ok(taxonomy) => match save(&desk, fields.version(), &taxonomy.draft()).await? {
            Outcome::Done(_) => {
                let text = "The taxonomy is replaced. Matters are being read again; nobody is told.";
                return Ok(desk.done("/staff/taxonomy", text));
            }
            Outcome::Wrong(wrong) => {
                for error in wrong.0 {
                    errors.add("text", error.text);
                }
            }
        },
        Err(problems) => {
            let say = |problem: &FileProblem| match problem.line {
                Some(line) => format!("Line {line}: {}", problem.message),
                None => problem.message.clone(),
            };
            for problem in problems.0.iter().take(MOST_PROBLEMS) {
                errors.add("text", say(problem));
            }
        }
    }
    Ok(desk.mend(&page(&desk, Some(text), &format, errors).await?))
}
