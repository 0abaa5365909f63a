//! The index: which workflows a case can match, found without looking at the others.
//!
//! A workflow is filed under the values that it names: one entry for each combination of them ("one of" is written out),
//! with a parent as the entry of "any below". Workflows that name values of the same dimensions share a table; a case asks
//! each table once, and once more for each parent of its values where the table has parents. What the entries do not say
//! (exclusions, and dimensions that would take too many entries) is checked on what was found.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::cells::Cells;
use super::scope::Scope;
use super::{Facts, Taxonomy, Test, Workflow, count};

/// A workflow's place in the order of standing; so the smaller stands first.
pub(super) type Rank = u32;

/// Set on entries whose workflow has something to check.
const CHECKED: Rank = 1 << 31;

#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    tables: Box<[Table]>,
    checks: HashMap<Rank, Checks, FxBuildHasher>,
}

/// What is checked on a workflow that was found: dimensions, each with the cells in which it matches.
type Checks = Box<[(usize, Cells)]>;

/// The workflows that name values of the same dimensions in the same way.
#[derive(Debug, Clone)]
struct Table {
    anchors: Box<[Anchor]>,
    entries: HashMap<u64, Entry, FxBuildHasher>,
    /// The workflows of entries that have several.
    lists: Box<[Rank]>,
}

/// A dimension whose values stand in the entries' keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Anchor {
    dimension: usize,
    /// Whether the keys hold parents.
    below: bool,
    /// Where its value begins in the key.
    shift: u32,
}

/// `number` workflows from `at` in the lists; a single one is at hand.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: u32,
    number: u32,
}

impl Index {
    /// Files each workflow with its rank and scope. The scopes are not empty.
    pub(super) fn build<'w>(
        taxonomy: &Taxonomy,
        workflows: impl Iterator<Item = (Rank, &'w Workflow, Scope)>,
    ) -> Self {
        let mut index = Self::default();
        let mut filed: HashMap<Vec<Anchor>, Vec<(u64, Rank)>, FxBuildHasher> = HashMap::default();
        let mut plan = Plan::default();
        for (rank, workflow, scope) in workflows {
            plan.make(taxonomy, workflow, &scope);
            let checked: Checks = scope
                .wanted
                .into_iter()
                .filter(|(dimension, cells)| !plan.says(*dimension, cells, taxonomy))
                .map(|(dimension, cells)| (dimension, cells.fitted()))
                .collect();
            let entry = if checked.is_empty() { rank } else { rank | CHECKED };
            if !checked.is_empty() {
                index.checks.insert(rank, checked);
            }
            let entries = match filed.get_mut(plan.anchors.as_slice()) {
                Some(entries) => entries,
                None => filed.entry(plan.anchors.clone()).or_default(),
            };
            entries.extend(plan.keys().map(|key| (key, entry)));
        }
        index.tables = filed
            .into_iter()
            .map(|(anchors, entries)| Table::new(anchors, entries))
            .collect();
        index
    }

    /// Calls `found` with each workflow that matches, in no order.
    pub(super) fn find(&self, taxonomy: &Taxonomy, facts: &Facts, mut found: impl FnMut(Rank)) {
        for table in &self.tables {
            table.find(taxonomy, facts, &table.anchors, 0, &mut |entry| {
                let rank = entry & !CHECKED;
                if entry == rank || self.holds(rank, facts) {
                    found(rank);
                }
            });
        }
    }

    fn holds(&self, rank: Rank, facts: &Facts) -> bool {
        self.checks.get(&rank).is_none_or(|checks| {
            checks
                .iter()
                .all(|(dimension, cells)| cells.contains(facts.cell(*dimension)))
        })
    }

    /// How many bytes it takes, without what allocators add.
    pub(super) fn bytes(&self) -> usize {
        let tables = self.tables.iter().map(|table| {
            size_of_val(table)
                + size_of_val(&*table.anchors)
                + hashed::<(u64, Entry)>(table.entries.capacity())
                + size_of_val(&*table.lists)
        });
        let checks = self.checks.values().map(|checks| {
            size_of_val(&**checks) + checks.iter().map(|(_, cells)| cells.bytes()).sum::<usize>()
        });
        let places = hashed::<(Rank, Checks)>(self.checks.capacity());
        tables.sum::<usize>() + checks.sum::<usize>() + places
    }
}

/// What a hash table with room for so many takes: it keeps a byte beside each of its places, and of eight one stays free.
const fn hashed<T>(capacity: usize) -> usize {
    (capacity + capacity.div_ceil(7)) * (size_of::<T>() + 1)
}

impl Table {
    fn new(anchors: Vec<Anchor>, mut filed: Vec<(u64, Rank)>) -> Self {
        filed.sort_unstable();
        let keys = filed.chunk_by(|a, b| a.0 == b.0);
        let mut entries = HashMap::with_capacity_and_hasher(keys.clone().count(), FxBuildHasher);
        let mut lists = Vec::new();
        for same in keys {
            let Some((key, first)) = same.first() else {
                continue;
            };
            let at = if same.len() == 1 {
                *first
            } else {
                count(lists.len())
            };
            if same.len() > 1 {
                lists.extend(same.iter().map(|(_, entry)| *entry));
            }
            let number = count(same.len());
            entries.insert(*key, Entry { at, number });
        }
        Self {
            anchors: anchors.into(),
            entries,
            lists: lists.into(),
        }
    }

    /// Goes through the keys that the case has here: `key` is what the anchors before these made of it.
    fn find(
        &self,
        taxonomy: &Taxonomy,
        facts: &Facts,
        anchors: &[Anchor],
        key: u64,
        found: &mut impl FnMut(Rank),
    ) {
        let Some((anchor, rest)) = anchors.split_first() else {
            return self.get(key, found);
        };
        let Some(dimension) = taxonomy.all().get(anchor.dimension) else {
            return;
        };
        let cell = facts.cell(anchor.dimension);
        if cell >= dimension.unset() {
            return;
        }
        if anchor.below {
            for parent in dimension.ancestors(cell) {
                self.find(taxonomy, facts, rest, key | anchor.part(parent), found);
            }
        } else {
            self.find(taxonomy, facts, rest, key | anchor.part(cell), found);
        }
    }

    fn get(&self, key: u64, found: &mut impl FnMut(Rank)) {
        let Some(entry) = self.entries.get(&key) else {
            return;
        };
        if entry.number == 1 {
            return found(entry.at);
        }
        let list = self.lists.get(entry.at as usize..).unwrap_or_default();
        list.iter()
            .take(entry.number as usize)
            .for_each(|rank| found(*rank));
    }
}

impl Anchor {
    fn part(self, cell: u32) -> u64 {
        u64::from(cell) << self.shift
    }
}

/// How one workflow is filed.
#[derive(Default)]
struct Plan {
    anchors: Vec<Anchor>,
    /// For each anchor the values, or the one parent, that stand in its keys.
    values: Vec<Cells>,
}

impl Plan {
    /// A workflow takes at most as many entries as it names values, or this many.
    const ENTRIES: usize = 64;

    fn make(&mut self, taxonomy: &Taxonomy, workflow: &Workflow, scope: &Scope) {
        self.anchors.clear();
        self.values.clear();
        let named = workflow.criteria.iter().map(|criterion| criterion.values().len());
        let most = named.sum::<usize>().max(Self::ENTRIES);
        let mut choices: Vec<(bool, usize, Cells)> = scope
            .wanted
            .iter()
            .filter_map(|(dimension, cells)| choice(taxonomy, workflow, *dimension, cells))
            .collect();
        // Few values and no parent first: these find the fewest. Dimensions stay in order, so that tables are shared.
        choices.sort_by_key(|(below, _, cells)| (*below, cells.len()));
        let (mut entries, mut bits) = (1, 0);
        let mut taken = Vec::with_capacity(choices.len());
        for (below, dimension, cells) in choices {
            let more = entries * cells.len();
            let width = taxonomy
                .all()
                .get(dimension)
                .map_or(64, |known| width(known.unset()));
            if more <= most && bits + width <= u64::BITS {
                (entries, bits) = (more, bits + width);
                taken.push((dimension, below, cells));
            }
        }
        taken.sort_unstable_by_key(|(dimension, ..)| *dimension);
        let mut shift = 0;
        for (dimension, below, cells) in taken {
            self.anchors.push(Anchor {
                dimension,
                below,
                shift,
            });
            self.values.push(cells);
            shift += taxonomy
                .all()
                .get(dimension)
                .map_or(64, |known| width(known.unset()));
        }
    }

    /// Whether the entries say all that the workflow wants of this dimension.
    fn says(&self, dimension: usize, wanted: &Cells, taxonomy: &Taxonomy) -> bool {
        let anchored = self.anchors.iter().zip(&self.values);
        anchored.into_iter().any(|(anchor, cells)| {
            anchor.dimension == dimension
                && if anchor.below {
                    let known = taxonomy.all().get(dimension);
                    let below = cells
                        .first()
                        .and_then(|parent| Some(Cells::range(parent + 1, known?.value(parent)?.end)));
                    below.as_ref() == Some(wanted)
                } else {
                    true
                }
        })
    }

    /// Every combination of the anchors' values.
    fn keys(&self) -> impl Iterator<Item = u64> {
        let mut keys = vec![0];
        for (anchor, cells) in self.anchors.iter().zip(&self.values) {
            keys = keys
                .iter()
                .flat_map(|key| cells.iter().map(move |cell| key | anchor.part(cell)))
                .collect();
        }
        keys.into_iter()
    }
}

/// By what a workflow can be filed in a dimension: the values that are left of those it names, or the deepest of the
/// parents. By nothing when it only excludes.
fn choice(
    taxonomy: &Taxonomy,
    workflow: &Workflow,
    dimension: usize,
    wanted: &Cells,
) -> Option<(bool, usize, Cells)> {
    let mut deepest = None;
    for criterion in &workflow.criteria {
        let Some((at, known)) = criterion.find(taxonomy).filter(|(at, _)| *at == dimension) else {
            continue;
        };
        match &criterion.test {
            Test::OneOf(_) => return Some((false, at, wanted.clone())),
            // What lies deeper comes later.
            Test::Below(parent) => deepest = deepest.max(known.cell(parent)),
            Test::Any | Test::NoneOf(_) => {}
        }
    }
    deepest.map(|parent| (true, dimension, Cells::of([parent])))
}

/// How many bits tell so many values apart.
const fn width(values: u32) -> u32 {
    u32::BITS - values.leading_zeros()
}
