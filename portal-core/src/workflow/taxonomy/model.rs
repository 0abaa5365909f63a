use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use super::{Canonical, DimensionDraft, TaxonomyDraft, ValueDraft, check, fold};
use crate::Invalid;
use crate::workflow::problem::Told;

/// A practice's clean vocabulary, checked: dimensions, their canonical values with parents, and other words for these.
///
/// It cannot change: a change is a new taxonomy of a changed [`draft`](Taxonomy::draft). Copies are cheap and share what
/// they hold. Serialised it is its draft, and read back it is checked again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "TaxonomyDraft", into = "TaxonomyDraft")]
pub struct Taxonomy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dimensions: Vec<Dimension>,
    names: Names,
}

/// From a name as spelled, and from its folded form, to a place. As folding is idempotent and no two things of one list
/// fold alike, neither can stand for another.
type Names = HashMap<Box<str>, u32, FxBuildHasher>;

#[derive(Debug)]
pub(in crate::workflow) struct Dimension {
    pub(in crate::workflow) name: String,
    /// Parents before their children, and all that is below a value right after it.
    pub(in crate::workflow) values: Vec<Value>,
    names: Names,
}

#[derive(Debug)]
pub(in crate::workflow) struct Value {
    pub(in crate::workflow) name: String,
    pub(in crate::workflow) parent: Option<u32>,
    /// The cell after the last one that is below this value.
    pub(in crate::workflow) end: u32,
    aliases: Vec<String>,
    /// Its place in the draft.
    written: usize,
}

impl Taxonomy {
    /// The most dimensions.
    pub const MOST_DIMENSIONS: usize = 32;
    /// The most values in all dimensions together.
    pub const MOST_VALUES: usize = 100_000;
    /// The most aliases in all dimensions together.
    pub const MOST_ALIASES: usize = 1_000_000;
    /// The most characters of a name or alias.
    pub const MOST_CHARACTERS: usize = 200;
    /// How deep values can lie below each other.
    pub const MOST_DEPTH: usize = 16;

    /// Checks a draft and tells all that is wrong with it, each with its place (`dimensions.0.values.3.parent`); after a
    /// hundred problems, how many more there are.
    ///
    /// # Errors
    /// Names that are missing, too long or there twice, a parent that does not exist, values that are each other's
    /// parents, an alias that names two values, and limits that are passed. What folds alike is the same name.
    pub fn new(draft: &TaxonomyDraft) -> Result<Self, Invalid> {
        Ok(Self::checked(draft)?)
    }

    pub(in crate::workflow) fn checked(draft: &TaxonomyDraft) -> Result<Self, Told> {
        let draft = check::check(draft)?;
        let mut names = Names::default();
        let mut dimensions = Vec::with_capacity(draft.dimensions.len());
        for dimension in draft.dimensions {
            learn(&mut names, &dimension.name, count(dimensions.len()));
            dimensions.push(Dimension::new(dimension));
        }
        Ok(Self(Arc::new(Inner { dimensions, names })))
    }

    /// A taxonomy without dimensions, as a practice begins.
    #[must_use]
    pub fn empty() -> Self {
        Self(Arc::new(Inner {
            dimensions: Vec::new(),
            names: Names::default(),
        }))
    }

    /// The taxonomy as a form or file shows it.
    #[must_use]
    pub fn draft(&self) -> TaxonomyDraft {
        TaxonomyDraft {
            dimensions: self.0.dimensions.iter().map(Dimension::draft).collect(),
        }
    }

    /// The names of the dimensions, in order.
    pub fn dimensions(&self) -> impl Iterator<Item = &str> {
        self.0.dimensions.iter().map(|dimension| dimension.name.as_str())
    }

    /// The canonical values of a dimension, parents before what is below them.
    pub fn values(&self, dimension: &str) -> impl Iterator<Item = Canonical> {
        self.find(dimension).into_iter().flat_map(move |(at, dimension)| {
            (0..dimension.unset()).map(move |cell| Canonical::new(self.clone(), at, cell))
        })
    }

    /// The dimension of this name, however it is written, with its place.
    pub(in crate::workflow) fn find(&self, name: &str) -> Option<(usize, &Dimension)> {
        let at = look(&self.0.names, name)? as usize;
        Some((at, self.0.dimensions.get(at)?))
    }

    pub(in crate::workflow) fn all(&self) -> &[Dimension] {
        &self.0.dimensions
    }

    pub(in crate::workflow) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Dimension {
    fn new(draft: DimensionDraft) -> Self {
        let by_name: HashMap<String, usize> = (draft.values.iter().enumerate())
            .map(|(written, value)| (fold(&value.name), written))
            .collect();
        let mut roots = Vec::new();
        let mut below: Vec<Vec<usize>> = vec![Vec::new(); draft.values.len()];
        for (written, value) in draft.values.iter().enumerate() {
            let parent = value.parent.as_ref().and_then(|name| by_name.get(&fold(name)));
            match parent.and_then(|parent| below.get_mut(*parent)) {
                Some(children) => children.push(written),
                None => roots.push(written),
            }
        }
        let mut dimension = Self {
            name: draft.name,
            values: Vec::with_capacity(draft.values.len()),
            names: Names::default(),
        };
        let mut drafts: Vec<Option<ValueDraft>> = draft.values.into_iter().map(Some).collect();
        for root in roots {
            dimension.plant(root, None, &mut drafts, &below);
        }
        dimension
    }

    /// Adds a value and all that is below it.
    fn plant(
        &mut self,
        written: usize,
        parent: Option<u32>,
        drafts: &mut [Option<ValueDraft>],
        below: &[Vec<usize>],
    ) {
        let Some(draft) = drafts.get_mut(written).and_then(Option::take) else {
            return;
        };
        let cell = self.unset();
        for name in std::iter::once(&draft.name).chain(&draft.aliases) {
            learn(&mut self.names, name, cell);
        }
        self.values.push(Value {
            name: draft.name,
            parent,
            end: cell + 1,
            aliases: draft.aliases,
            written,
        });
        for child in below.get(written).into_iter().flatten() {
            self.plant(*child, Some(cell), drafts, below);
        }
        let end = self.unset();
        if let Some(value) = self.values.get_mut(cell as usize) {
            value.end = end;
        }
    }

    fn draft(&self) -> DimensionDraft {
        let mut values: Vec<&Value> = self.values.iter().collect();
        values.sort_unstable_by_key(|value| value.written);
        let parent = |value: &Value| value.parent.and_then(|cell| self.value(cell));
        DimensionDraft {
            name: self.name.clone(),
            values: values
                .into_iter()
                .map(|value| ValueDraft {
                    name: value.name.clone(),
                    parent: parent(value).map(|parent| parent.name.clone()),
                    aliases: value.aliases.clone(),
                })
                .collect(),
        }
    }

    /// The cell of the value that this text names.
    pub(in crate::workflow) fn cell(&self, text: &str) -> Option<u32> {
        look(&self.names, text)
    }

    pub(in crate::workflow) fn value(&self, cell: u32) -> Option<&Value> {
        self.values.get(cell as usize)
    }

    /// The values that `cell` is a kind of, the nearest first.
    pub(in crate::workflow) fn ancestors(&self, cell: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(self.parent(cell), |cell| self.parent(*cell))
    }

    fn parent(&self, cell: u32) -> Option<u32> {
        self.value(cell)?.parent
    }

    /// The cell of matters that have nothing here. Cells below it are values.
    pub(in crate::workflow) fn unset(&self) -> u32 {
        count(self.values.len())
    }

    /// The cell of matters that have something here which the taxonomy does not know.
    pub(in crate::workflow) fn unknown(&self) -> u32 {
        self.unset() + 1
    }

    /// How many spellings it has of all its values.
    pub(in crate::workflow) fn spelled(&self) -> usize {
        self.values.iter().map(|value| 1 + value.aliases.len()).sum()
    }

    /// Every spelling that the taxonomy knows of this cell.
    pub(in crate::workflow) fn spellings(&self, cell: u32) -> impl Iterator<Item = &str> {
        let value = self.value(cell);
        value
            .into_iter()
            .flat_map(|value| std::iter::once(&value.name).chain(&value.aliases))
            .map(String::as_str)
    }
}

fn learn(names: &mut Names, name: &str, place: u32) {
    names.insert(fold(name).into(), place);
    names.insert(name.into(), place);
}

fn look(names: &Names, text: &str) -> Option<u32> {
    names
        .get(text)
        .or_else(|| names.get(fold(text).as_str()))
        .copied()
}

/// Numbers of values and workflows are far below what 32 bits hold.
pub(in crate::workflow) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl TryFrom<TaxonomyDraft> for Taxonomy {
    type Error = Invalid;
    fn try_from(draft: TaxonomyDraft) -> Result<Self, Invalid> {
        Self::new(&draft)
    }
}

impl From<Taxonomy> for TaxonomyDraft {
    fn from(taxonomy: Taxonomy) -> Self {
        taxonomy.draft()
    }
}

impl PartialEq for Taxonomy {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.draft() == other.draft()
    }
}

impl Eq for Taxonomy {}

impl fmt::Debug for Taxonomy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Taxonomy").field(&self.draft()).finish()
    }
}
