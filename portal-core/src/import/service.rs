use super::{Refusal, Row, RowKey, RowKeys, Sheet};
use crate::client::{ClientDraft, Saved};
use crate::matter::{Matter, MatterDraft, MatterRule, Part, Participant};
use crate::policy::Capability;
use crate::text::Email;
use crate::{Context, Error, NoRule, Portal, Rule, StaffId, StoreError};

/// How rows are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Decide and write nothing.
    pub dry_run: bool,
    /// Who answers for new matters that name nobody.
    pub owner: Option<StaffId>,
}

/// Why a row was not imported.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The row is wrong; others may be right.
    #[error("the row was refused")]
    Refused(Vec<Refusal>),
    /// The import itself cannot go on.
    #[error("{0}")]
    Failed(String),
}

impl From<Refusal> for RowError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl Portal {
    /// Adds or changes the record that `row` names, or finds that nothing about it is new.
    ///
    /// `planned` holds the matters that the rows before it would have opened in a dry run: a row may name one of
    /// them as its parent, as it could if they had been.
    ///
    /// # Errors
    /// `Refused` tells all that is wrong with the row. `Failed` is the end of the import: the store is not
    /// available, or the caller may not import.
    pub async fn import_row(
        &self,
        ctx: &Context,
        row: &Row,
        options: &ImportOptions,
        planned: &RowKeys,
    ) -> Result<Saved, RowError> {
        ctx.require(Capability::Import)
            .map_err(|error| RowError::Failed(error.to_string()))?;
        match row.sheet() {
            Sheet::Clients => self.import_client(ctx, row, options).await,
            Sheet::Matters => self.import_matter(ctx, row, options, planned).await,
            Sheet::Participants => self.import_participant(ctx, row, options).await,
        }
    }

    async fn import_client(
        &self,
        ctx: &Context,
        row: &Row,
        options: &ImportOptions,
    ) -> Result<Saved, RowError> {
        let reference = row.reference_in("reference")?;
        let client = self.store().client_by_reference(ctx.practice, &reference).await;
        let before = client
            .map_err(failed)?
            .map_or_else(ClientDraft::default, |client| client.draft());
        self.save_client_by_reference(ctx, &row.client(before), options.dry_run)
            .await
            .map_err(refused)
    }

    async fn import_matter(
        &self,
        ctx: &Context,
        row: &Row,
        options: &ImportOptions,
        planned: &RowKeys,
    ) -> Result<Saved, RowError> {
        let reference = row.reference_in("reference")?;
        let parent = row.reference_in("parent_reference")?;
        let matter = self.store().matter_by_reference(ctx.practice, &reference).await;
        let matter = matter.map_err(failed)?;
        let owner_id = self.owner_for(ctx, row, matter.as_ref(), options).await?;
        let before = matter.as_ref().map_or_else(|| no_matter(owner_id), Matter::draft);
        let mut draft = MatterDraft {
            owner_id,
            ..row.matter(before)
        };
        let mut waits_for_parent = false;
        if parent.is_empty() {
            if row.get("parent_reference").is_some() {
                draft.parent_id = None;
            }
        } else {
            let found = self.store().matter_by_reference(ctx.practice, &parent).await;
            match found.map_err(failed)? {
                Some(parent) => draft.parent_id = Some(parent.id),
                None if planned.has(RowKey::of_reference(&parent)) => waits_for_parent = true,
                None => {
                    return Err(Refusal::of(
                        "parent_reference",
                        "There is no such matter yet. A matter must stand before its parts.",
                    )
                    .into());
                }
            }
        }
        let (saved, _) = self
            .save_matter_by_reference(ctx, &draft, options.dry_run)
            .await
            .map_err(refused)?;
        Ok(match saved {
            // A parent that does not exist yet is a new one.
            Saved::Unchanged if waits_for_parent => Saved::Updated,
            other => other,
        })
    }

    /// Who answers for the matter: who the row says, who does already, or who does for the whole file.
    async fn owner_for(
        &self,
        ctx: &Context,
        row: &Row,
        matter: Option<&Matter>,
        options: &ImportOptions,
    ) -> Result<StaffId, RowError> {
        let named = row.get("owner_email").map_or("", str::trim);
        if named.is_empty() {
            return matter
                .map(|matter| matter.owner_id)
                .or(options.owner)
                .ok_or_else(|| {
                    Refusal::of(
                        "owner_email",
                        "Say who answers for this matter, here or for the whole file.",
                    )
                    .into()
                });
        }
        let email = Email::parse("owner_email", named)
            .map_err(|error| RowError::from(Refusal::of("owner_email", error.message)))?;
        let staff = self.store().staff_by_email(ctx.practice, &email.key()).await;
        staff.map_err(failed)?.map(|staff| staff.id).ok_or_else(|| {
            Refusal::of("owner_email", "No staff member of the practice has this address.").into()
        })
    }

    async fn import_participant(
        &self,
        ctx: &Context,
        row: &Row,
        options: &ImportOptions,
    ) -> Result<Saved, RowError> {
        let matter_reference = row.reference_in("matter_reference")?;
        let client_reference = row.reference_in("client_reference")?;
        let matter = self
            .store()
            .matter_by_reference(ctx.practice, &matter_reference)
            .await
            .map_err(failed)?;
        let client = self
            .store()
            .client_by_reference(ctx.practice, &client_reference)
            .await
            .map_err(failed)?;
        let part: Result<Part, _> = row
            .get("part")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
            .parse();
        let (matter, client, part) = match (matter, client, part) {
            (Some(matter), Some(client), Ok(part)) => (matter, client, part),
            (matter, client, part) => {
                let mut refusals = Vec::new();
                if matter.is_none() {
                    refusals.push(Refusal::of(
                        "matter_reference",
                        "There is no matter with this reference.",
                    ));
                }
                if client.is_none() {
                    refusals.push(Refusal::of(
                        "client_reference",
                        "There is no client with this reference.",
                    ));
                }
                if let Err(error) = part {
                    refusals.push(Refusal::of("part", error.message));
                }
                return Err(RowError::Refused(refusals));
            }
        };
        let places = self.store().participants(ctx.practice, matter.id).await;
        let places = places.map_err(failed)?;
        let place = places.iter().find(|place| place.client_id == client.id);
        let saved = Participant::what_putting_does(place, part);
        if saved == Saved::Unchanged {
            return Ok(saved);
        }
        matter
            .require_open()
            .map_err(|rule| refused(Error::<MatterRule>::Rule(rule)))?;
        if options.dry_run {
            return Ok(saved);
        }
        self.put_participant(ctx, matter.id, client.id, part)
            .await
            .map(|(saved, _)| saved)
            .map_err(refused)
    }
}

const fn no_matter(owner_id: StaffId) -> MatterDraft {
    MatterDraft {
        reference: String::new(),
        title: String::new(),
        practice_area: String::new(),
        stage: String::new(),
        attributes: std::collections::BTreeMap::new(),
        owner_id,
        parent_id: None,
    }
}

fn failed(error: StoreError) -> RowError {
    refused(Error::<NoRule>::Store(error))
}

/// What an error of a service means for the row.
fn refused<R: Rule>(error: Error<R>) -> RowError {
    let refusals = match error {
        Error::Invalid(invalid) => invalid
            .errors
            .into_iter()
            .map(|error| Refusal::of(column_of(&error.field), error.message))
            .collect(),
        Error::Rule(rule) => vec![Refusal {
            column: rule.field().map(column_of),
            why: rule.to_string(),
        }],
        Error::Store(StoreError::Stale | StoreError::Conflict(_)) => vec![Refusal {
            column: None,
            why: "Somebody else changed this record at the same time. Import the row again.".into(),
        }],
        error @ Error::NotFound(_) => vec![Refusal {
            column: None,
            why: error.to_string(),
        }],
        error => return RowError::Failed(error.to_string()),
    };
    RowError::Refused(refusals)
}

/// The column that fills a field of a command.
fn column_of(field: &str) -> String {
    match field {
        "parent_id" => "parent_reference".into(),
        "owner_id" | "staff_id" => "owner_email".into(),
        "client_id" => "client_reference".into(),
        _ => match field.strip_prefix("attributes.") {
            Some(name) => format!("{}{name}", Sheet::ATTRIBUTE),
            None => field.to_owned(),
        },
    }
}
