use super::{Case, Taxonomy, fold};
use crate::workflow::{WorkflowId, Workflows};
use crate::{FieldError, Invalid};

/// What accepting an unknown text as another word for a value does, before anybody does it.
#[derive(Debug, Clone)]
pub struct Acceptance<M> {
    /// The taxonomy with the alias.
    pub taxonomy: Taxonomy,
    /// The same workflows over it.
    pub workflows: Workflows,
    /// Every matter that carries the text, in the order given. It is to be read again.
    pub matters: Vec<Affected<M>>,
}

/// A matter whose text becomes clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected<M> {
    /// Which one.
    pub matter: M,
    /// The workflows that match it afterwards and did not before, as they stand; their automations would fire. None is
    /// ever lost: what is unknown is neither one of some values nor none of them.
    pub gained: Vec<WorkflowId>,
}

impl Taxonomy {
    /// The same taxonomy in which `raw` is another word for `value`.
    ///
    /// # Errors
    /// `unknown` when there is no such dimension or value, `ambiguous` when the text already stands for another value.
    pub fn with_alias(&self, dimension: &str, value: &str, raw: &str) -> Result<Self, Invalid> {
        let (at, known) = self.find(dimension).ok_or_else(|| {
            FieldError::new(
                "dimension",
                "unknown",
                format!("There is no dimension \u{201c}{dimension}\u{201d}."),
            )
        })?;
        let cell = known.cell(value).ok_or_else(|| {
            FieldError::new(
                "value",
                "unknown",
                format!("There is no value \u{201c}{value}\u{201d}."),
            )
        })?;
        if known.cell(raw) == Some(cell) {
            return Ok(self.clone());
        }
        let mut draft = self.draft();
        let name = known.value(cell).map(|value| &value.name);
        let values = draft
            .dimensions
            .get_mut(at)
            .map(|dimension| &mut dimension.values);
        if let Some(value) =
            values.and_then(|values| values.iter_mut().find(|value| Some(&value.name) == name))
        {
            value.aliases.push(raw.to_owned());
        }
        Self::new(&draft)
    }
}

impl Workflows {
    /// What accepting `raw` as another word for `value` would do, given what the system of record says of each matter.
    /// Pure: nothing is changed or sent.
    ///
    /// # Errors
    /// See [`Taxonomy::with_alias`].
    pub fn accept<'c, M>(
        &self,
        (dimension, value, raw): (&str, &str, &str),
        matters: impl IntoIterator<Item = (M, &'c Case)>,
    ) -> Result<Acceptance<M>, Invalid> {
        let taxonomy = self.taxonomy().with_alias(dimension, value, raw)?;
        let workflows = Self::compile(&taxonomy, self.iter().cloned());
        let (dimension, raw) = (fold(dimension), fold(raw));
        let carries = |case: &Case| {
            case.0
                .iter()
                .any(|(name, text)| fold(name) == dimension && fold(text) == raw)
        };
        let matters = matters
            .into_iter()
            .filter(|(_, case)| carries(case))
            .map(|(matter, case)| {
                let before = self.matching(&self.taxonomy().facts(case));
                let mut gained = workflows.matching(&taxonomy.facts(case));
                gained.retain(|id| !before.contains(id));
                Affected { matter, gained }
            })
            .collect();
        Ok(Acceptance {
            taxonomy,
            workflows,
            matters,
        })
    }
}
