use std::fmt;

use super::Taxonomy;

/// A canonical value of a dimension. Only a [`Taxonomy`] makes one, so whoever holds one knows that it is clean:
///
/// ```compile_fail,E0277
/// use portal_core::workflow::Canonical;
/// fn raw_text_is_not_canonical(text: String) -> Canonical {
///     Canonical::from(text)
/// }
/// ```
#[derive(Clone)]
pub struct Canonical {
    taxonomy: Taxonomy,
    dimension: usize,
    cell: u32,
}

impl Canonical {
    pub(in crate::workflow) const fn new(taxonomy: Taxonomy, dimension: usize, cell: u32) -> Self {
        Self {
            taxonomy,
            dimension,
            cell,
        }
    }

    /// The name of its dimension.
    #[must_use]
    pub fn dimension(&self) -> &str {
        self.taxonomy
            .all()
            .get(self.dimension)
            .map_or("", |dimension| &dimension.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        let value = self
            .taxonomy
            .all()
            .get(self.dimension)
            .and_then(|dimension| dimension.value(self.cell));
        value.map_or("", |value| &value.name)
    }

    /// Its name and aliases, as the taxonomy spells them.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let dimension = self.taxonomy.all().get(self.dimension);
        dimension
            .into_iter()
            .flat_map(|dimension| dimension.spellings(self.cell))
    }

    /// The value that it is a kind of.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let cell = self
            .taxonomy
            .all()
            .get(self.dimension)?
            .ancestors(self.cell)
            .next()?;
        Some(Self::new(self.taxonomy.clone(), self.dimension, cell))
    }
}

impl PartialEq for Canonical {
    fn eq(&self, other: &Self) -> bool {
        self.dimension() == other.dimension() && self.name() == other.name()
    }
}

impl Eq for Canonical {}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canonical({}: {})", self.dimension(), self.name())
    }
}

/// What a raw text became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Normalised {
    /// A value that the taxonomy knows.
    Known(Canonical),
    /// Text that it does not know; it waits for a person and is never guessed.
    Unknown,
    /// Nothing: the text is empty, or spaces and punctuation only.
    Absent,
}

impl Normalised {
    /// The value, when the taxonomy knows it.
    #[must_use]
    pub fn known(self) -> Option<Canonical> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown | Self::Absent => None,
        }
    }
}
