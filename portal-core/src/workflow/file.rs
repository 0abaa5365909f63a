//! A file (TOML) with a taxonomy and workflows, as somebody keeps it under version control.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use super::problem::{Problems, shown};
use super::{
    DimensionDraft, FileProblem, FileProblems, Hints, Taxonomy, TaxonomyDraft, Workflow, WorkflowDraft, fold,
};
use crate::{FieldError, WorkflowId};

/// A taxonomy with workflows, as one file holds them.
///
/// ```
/// use portal_core::workflow::WorkflowFile;
///
/// let file = WorkflowFile::read(r#"
///     [[dimensions]]
///     name = "Practice area"
///     values = [{ name = "Immigration" }, { name = "T-Visa", parent = "Immigration", aliases = ["T-1"] }]
///
///     [[workflows]]
///     name = "Immigration"
///     criteria = [{ dimension = "Practice area", below = "Immigration" }]
///     requirements = [{ title = "Passport bio page", due_in_days = 14 }]
///     automations = [{ channel = "sms", text = { en = "We need your passport." } }]
/// "#).unwrap();
/// assert_eq!(file.workflows[0].requirements[0].key, "passport-bio-page");
/// assert_eq!(WorkflowFile::read(&file.write().unwrap()), Ok(file));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowFile {
    /// The taxonomy.
    pub taxonomy: Taxonomy,
    /// The workflows, in the order of the file. Their ids follow from their names, of which no two are alike.
    pub workflows: Vec<Workflow>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    dimensions: Vec<DimensionDraft>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    workflows: Vec<WorkflowDraft>,
}

impl WorkflowFile {
    /// The most bytes of a file.
    pub const MOST_BYTES: usize = 10_000_000;
    /// The most workflows in a file.
    pub const MOST_WORKFLOWS: usize = 10_000;

    /// Reads a file and tells what is wrong with it, each problem with its line.
    ///
    /// # Errors
    /// A file that is too large or no TOML, keys that do not exist, and whatever [`Taxonomy::new`] and [`Workflow::new`]
    /// refuse.
    pub fn read(text: &str) -> Result<Self, FileProblems> {
        let written = parse(text)?;
        let draft = TaxonomyDraft {
            dimensions: written.dimensions,
        };
        let mut lines = Lines::new(text);
        let taxonomy = Taxonomy::checked(&draft).map_err(|told| {
            FileProblems::of(told, |error| FileProblem {
                line: lines.of(&error.field),
                place: error.field,
                message: error.message,
            })
        })?;
        if written.workflows.len() > Self::MOST_WORKFLOWS {
            let message = format!("A file can hold at most {} workflows.", Self::MOST_WORKFLOWS);
            return Err(FileProblems::one(None, "workflows", message));
        }
        let mut problems = Problems::default();
        let mut hints = Hints::default();
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut workflows = Vec::with_capacity(written.workflows.len());
        for (w, draft) in written.workflows.iter().enumerate() {
            let place = format!("workflows.{w}");
            let name = fold(&draft.name);
            let mut problem = |FieldError { field, message, .. }| {
                let place = format!("{place}.{field}");
                FileProblem {
                    line: lines.of(&place),
                    message: format!(
                        "{message} (workflow \u{201c}{}\u{201d})",
                        shown(draft.name.trim())
                    ),
                    place,
                }
            };
            match Workflow::first(id(&name), draft, &taxonomy, &mut hints) {
                Ok(workflow) => workflows.push(workflow),
                Err(told) => problems.add_all(told, &mut problem),
            }
            if let Some(other) = names.insert(name, w) {
                let message = format!("Workflow {other} of the file has this name too.");
                problems.add(|| problem(FieldError::new("name", "duplicate", message)));
            }
        }
        problems.finish()?;
        Ok(Self { taxonomy, workflows })
    }

    /// The file's text. Ids and versions are not in it.
    ///
    /// # Errors
    /// When TOML cannot hold it, which no checked workflow brings about.
    pub fn write(&self) -> Result<String, FileProblems> {
        write(&Written {
            dimensions: self.taxonomy.draft().dimensions,
            workflows: self.workflows.iter().map(Workflow::draft).collect(),
        })
    }
}

impl Taxonomy {
    /// Reads a file that holds dimensions only.
    ///
    /// # Errors
    /// See [`WorkflowFile::read`].
    pub fn from_toml(text: &str) -> Result<Self, FileProblems> {
        let file = WorkflowFile::read(text)?;
        if file.workflows.is_empty() {
            Ok(file.taxonomy)
        } else {
            let line = Lines::new(text).of("workflows.0");
            Err(FileProblems::one(
                line,
                "workflows",
                "This holds workflows too; a taxonomy has dimensions only.",
            ))
        }
    }

    /// The taxonomy as such a file.
    ///
    /// # Errors
    /// When TOML cannot hold it, which no taxonomy brings about.
    pub fn to_toml(&self) -> Result<String, FileProblems> {
        write(&Written {
            dimensions: self.draft().dimensions,
            workflows: Vec::new(),
        })
    }
}

fn parse(text: &str) -> Result<Written, FileProblems> {
    if text.len() > WorkflowFile::MOST_BYTES {
        let message = format!(
            "The file has {} bytes; at most {} are read.",
            text.len(),
            WorkflowFile::MOST_BYTES
        );
        return Err(FileProblems::one(None, "", message));
    }
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| LineStarts::of(text).line(span.start));
        FileProblems::one(line, "", error.message().replace('\n', " "))
    })
}

fn write(written: &Written) -> Result<String, FileProblems> {
    toml::to_string(written).map_err(|error| FileProblems::one(None, "", error.to_string()))
}

/// An id that follows from a name (a `UUIDv8`, RFC 9562), so that a file gives the same ids every time.
fn id(name: &str) -> WorkflowId {
    let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, from)| *byte = from);
    WorkflowId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Finds the line of a path; the file is parsed once more when the first is asked for.
struct Lines<'t> {
    text: &'t str,
    parsed: Option<(DeTable<'t>, LineStarts)>,
}

impl<'t> Lines<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, parsed: None }
    }

    /// The line of a path like `workflows.2.criteria.0`, or of as much of it as the file has.
    fn of(&mut self, path: &str) -> Option<usize> {
        if self.parsed.is_none() {
            let root = DeTable::parse(self.text).ok()?.into_inner();
            self.parsed = Some((root, LineStarts::of(self.text)));
        }
        let (root, lines) = self.parsed.as_ref()?;
        let mut keys = path.split('.');
        let mut value = root.get(keys.next()?)?;
        for key in keys {
            let next = match value.get_ref() {
                DeValue::Table(table) => table.get(key),
                DeValue::Array(array) => key.parse().ok().and_then(|at: usize| array.get(at)),
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => break,
            }
        }
        Some(lines.line(value.span().start))
    }
}

/// Where each line but the first begins.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(end, _)| end + 1).collect())
    }

    /// The line of an offset, counted from 1.
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}
