use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::Dimension;
use super::{Canonical, Normalised, Taxonomy, fold};
use crate::matter::Matter;

/// The dimension that reads [`Matter::practice_area`].
pub const PRACTICE_AREA: &str = "Practice area";
/// The dimension that reads [`Matter::stage`].
pub const STAGE: &str = "Case stage";

/// What a system of record says of one matter: raw text by the name of the dimension.
///
/// No workflow reads it. [`Taxonomy::read`] makes [`Facts`] of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Case(pub BTreeMap<String, String>);

impl Case {
    /// A case of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this raw text in this dimension.
    #[must_use]
    pub fn with(mut self, dimension: impl Into<String>, raw: impl Into<String>) -> Self {
        self.0.insert(dimension.into(), raw.into());
        self
    }

    /// What is written on a matter.
    #[must_use]
    pub fn of(matter: &Matter) -> Self {
        let (area, stage) = (matter.practice_area.as_ref(), matter.stage.as_ref());
        Self::written(area, stage, &matter.attributes)
    }

    /// What is written in these fields of a matter. An attribute that is called like one of the two fixed dimensions is not
    /// read.
    #[must_use]
    pub fn written(
        practice_area: Option<&String>,
        stage: Option<&String>,
        attributes: &BTreeMap<String, String>,
    ) -> Self {
        let fixed = |name: &str| [PRACTICE_AREA, STAGE].iter().any(|own| fold(own) == fold(name));
        let attributes = attributes.iter().filter(|(name, _)| !fixed(name));
        let mut case: BTreeMap<String, String> = attributes
            .map(|(name, raw)| (name.clone(), raw.clone()))
            .collect();
        for (name, raw) in [(PRACTICE_AREA, practice_area), (STAGE, stage)] {
            if let Some(raw) = raw {
                case.insert(name.to_owned(), raw.clone());
            }
        }
        Self(case)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("a matter of which nothing is known");
        }
        for (index, (dimension, raw)) in self.0.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{dimension}: {raw}")?;
        }
        Ok(())
    }
}

/// A matter's normalised values: all that a workflow ever sees. Only [`Taxonomy::read`] makes them.
///
/// ```compile_fail,E0308
/// use portal_core::workflow::{Case, Workflows};
/// fn raw_values_do_not_match(workflows: &Workflows) {
///     workflows.matches(&Case::new().with("Case stage", "FILING (USCIS)"));
/// }
/// ```
#[derive(Clone)]
pub struct Facts {
    taxonomy: Taxonomy,
    /// For each dimension its cell: a value, nothing, or something unknown.
    cells: Box<[u32]>,
}

/// A case, read: what is clean, and what waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What workflows match on.
    pub facts: Facts,
    /// Raw texts that the taxonomy does not know, by the name of the dimension. Text in no dimension of the taxonomy
    /// is not among them.
    pub unknown: BTreeMap<String, String>,
}

impl Taxonomy {
    /// What a raw text stands for. `None` when there is no such dimension.
    #[must_use]
    pub fn normalise(&self, dimension: &str, raw: &str) -> Option<Normalised> {
        let (at, dimension) = self.find(dimension)?;
        Some(match read(dimension, raw) {
            cell if cell == dimension.unset() => Normalised::Absent,
            cell if cell == dimension.unknown() => Normalised::Unknown,
            cell => Normalised::Known(Canonical::new(self.clone(), at, cell)),
        })
    }

    /// Normalises all that is said of a matter. What is in no dimension is not read; of two names that fold alike the
    /// one that says something counts, and of several the last in the order of the alphabet.
    #[must_use]
    pub fn read(&self, case: &Case) -> Reading {
        let mut cells: Box<[u32]> = self.all().iter().map(Dimension::unset).collect();
        let mut unknown = BTreeMap::new();
        for (name, raw) in &case.0 {
            let Some((at, dimension)) = self.find(name) else {
                continue;
            };
            let cell = read(dimension, raw);
            if cell == dimension.unset() {
                continue;
            }
            if let Some(place) = cells.get_mut(at) {
                *place = cell;
            }
            if cell == dimension.unknown() {
                unknown.insert(dimension.name.clone(), raw.clone());
            } else {
                unknown.remove(&dimension.name);
            }
        }
        Reading {
            facts: Facts {
                taxonomy: self.clone(),
                cells,
            },
            unknown,
        }
    }

    /// The canonical name of what a text means in a dimension; `None` when the taxonomy does not know.
    #[must_use]
    pub fn canonical(&self, dimension: &str, raw: &str) -> Option<String> {
        let value = self.normalise(dimension, raw)?.known()?;
        Some(value.name().to_owned())
    }

    /// The facts of a case: see [`Taxonomy::read`].
    #[must_use]
    pub fn facts(&self, case: &Case) -> Facts {
        self.read(case).facts
    }

    /// The facts that were kept of a matter: canonical names by dimension, and the dimensions in which something unknown
    /// stood. A name that the taxonomy does not know any more is unknown.
    #[must_use]
    pub fn kept(&self, known: &BTreeMap<String, String>, unknown: &BTreeMap<String, String>) -> Facts {
        let mut cells: Box<[u32]> = self.all().iter().map(Dimension::unset).collect();
        let known = known.iter().map(|(name, value)| (name, Some(value)));
        for (name, value) in known.chain(unknown.keys().map(|name| (name, None))) {
            let Some((at, dimension)) = self.find(name) else {
                continue;
            };
            if let Some(place) = cells.get_mut(at) {
                *place = value.map_or_else(|| dimension.unknown(), |value| read(dimension, value));
            }
        }
        self.facts_at(cells)
    }

    pub(in crate::workflow) fn facts_at(&self, cells: Box<[u32]>) -> Facts {
        Facts {
            taxonomy: self.clone(),
            cells,
        }
    }
}

fn read(dimension: &Dimension, raw: &str) -> u32 {
    dimension.cell(raw).unwrap_or_else(|| {
        if fold(raw).is_empty() {
            dimension.unset()
        } else {
            dimension.unknown()
        }
    })
}

impl Facts {
    /// The value in a dimension, when there is one that the taxonomy knows.
    #[must_use]
    pub fn value(&self, dimension: &str) -> Option<Canonical> {
        let (at, known) = self.taxonomy.find(dimension)?;
        let cell = self.cell(at);
        (cell < known.unset()).then(|| Canonical::new(self.taxonomy.clone(), at, cell))
    }

    /// The canonical names by dimension, as they are kept beside a matter.
    #[must_use]
    pub fn names(&self) -> BTreeMap<String, String> {
        let known = self.taxonomy.all().iter().zip(&self.cells);
        known
            .filter_map(|(dimension, cell)| {
                let value = dimension.value(*cell)?;
                Some((dimension.name.clone(), value.name.clone()))
            })
            .collect()
    }

    /// All values that the taxonomy knows, in the order of its dimensions.
    pub fn values(&self) -> impl Iterator<Item = Canonical> {
        let known = self.taxonomy.all().iter().zip(&self.cells).enumerate();
        known
            .filter(|(_, (dimension, cell))| **cell < dimension.unset())
            .map(|(at, (_, cell))| Canonical::new(self.taxonomy.clone(), at, *cell))
    }

    /// Whether something is said in this dimension that the taxonomy does not know.
    #[must_use]
    pub fn is_unknown(&self, dimension: &str) -> bool {
        self.taxonomy
            .find(dimension)
            .is_some_and(|(at, dimension)| self.cell(at) == dimension.unknown())
    }

    /// A case that their own taxonomy reads as these facts: canonical names, and a text that names no value for what is
    /// unknown. Another taxonomy may know that text.
    #[must_use]
    pub fn case(&self) -> Case {
        let mut case = Case::new();
        for (dimension, cell) in self.taxonomy.all().iter().zip(&self.cells) {
            if let Some(value) = dimension.value(*cell) {
                case.0.insert(dimension.name.clone(), value.name.clone());
            } else if *cell == dimension.unknown() {
                case.0.insert(dimension.name.clone(), dimension.stranger());
            }
        }
        case
    }

    /// The same facts in the cells of another taxonomy: values by their names. What is unknown, or was known under a name that
    /// the other does not have, is unknown there, and nothing stays nothing.
    pub(in crate::workflow) fn read_by(&self, taxonomy: &Taxonomy) -> Self {
        let mut cells: Box<[u32]> = taxonomy.all().iter().map(Dimension::unset).collect();
        for (name, said) in self.said() {
            let Some((at, dimension)) = taxonomy.find(name) else {
                continue;
            };
            if let Some(cell) = cells.get_mut(at) {
                *cell = said
                    .and_then(|value| dimension.cell(value))
                    .unwrap_or_else(|| dimension.unknown());
            }
        }
        taxonomy.facts_at(cells)
    }

    /// The dimensions in which something is said, each with the name of its value, or none for what is unknown.
    fn said(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self.taxonomy.all().iter().zip(&self.cells);
        all.filter(|(dimension, cell)| **cell != dimension.unset())
            .map(|(dimension, cell)| {
                let value = dimension.value(*cell);
                (dimension.name.as_str(), value.map(|value| value.name.as_str()))
            })
    }

    pub(in crate::workflow) const fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    pub(in crate::workflow) fn cell(&self, dimension: usize) -> u32 {
        self.cells.get(dimension).copied().unwrap_or(u32::MAX)
    }

    pub(in crate::workflow) const fn cells(&self) -> &[u32] {
        &self.cells
    }
}

impl Dimension {
    /// A text that names none of its values.
    pub(in crate::workflow) fn stranger(&self) -> String {
        let mut text = String::from("something else");
        while self.cell(&text).is_some() {
            text.push_str(" again");
        }
        text
    }
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        if self.taxonomy.is_same(&other.taxonomy) {
            self.cells == other.cells
        } else {
            self.said().collect::<BTreeMap<_, _>>() == other.said().collect()
        }
    }
}

impl Eq for Facts {}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Facts").field(&self.case().0).finish()
    }
}
