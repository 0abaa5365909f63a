/// A set of the cells of one dimension: its values, "nothing" and "something unknown". Sorted ranges (the end excluded)
/// that neither overlap nor touch, so that two equal sets look alike, and all that lies below a value is one range.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Cells(Vec<(u32, u32)>);

impl Cells {
    pub(super) fn range(from: u32, end: u32) -> Self {
        Self(if from < end { vec![(from, end)] } else { Vec::new() })
    }

    pub(super) fn of(cells: impl IntoIterator<Item = u32>) -> Self {
        Self::from_ranges(cells.into_iter().map(|cell| (cell, cell + 1)).collect())
    }

    fn from_ranges(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, end) in ranges {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((from, end)),
            }
        }
        Self(joined)
    }

    pub(super) fn contains(&self, cell: u32) -> bool {
        let after = self.0.partition_point(|(from, _)| *from <= cell);
        let range = after.checked_sub(1).and_then(|at| self.0.get(at));
        range.is_some_and(|(_, end)| cell < *end)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first(&self) -> Option<u32> {
        self.0.first().map(|(from, _)| *from)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(from, end)| *from..*end)
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|(from, end)| (end - from) as usize).sum()
    }

    /// The same set without room for more.
    pub(super) fn fitted(mut self) -> Self {
        self.0.shrink_to_fit();
        self
    }

    /// How many bytes its ranges take.
    pub(super) const fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<(u32, u32)>()
    }

    /// Where each range begins, and the cell after it: between two such places all cells are in the same sets.
    pub(super) fn edges(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(from, end)| [*from, *end])
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter(), other.0.iter());
        let (mut a, mut b) = (left.next(), right.next());
        let mut both = Vec::new();
        while let (Some(one), Some(two)) = (a, b) {
            let (from, end) = (one.0.max(two.0), one.1.min(two.1));
            if from < end {
                both.push((from, end));
            }
            if one.1 < two.1 {
                a = left.next();
            } else {
                b = right.next();
            }
        }
        Self(both)
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        let mut holes = other.0.iter().peekable();
        for &(mut from, end) in &self.0 {
            while let Some(&&(hole, hole_end)) = holes.peek() {
                if hole >= end {
                    break;
                }
                if from < hole {
                    rest.push((from, hole));
                }
                from = from.max(hole_end);
                if hole_end > end {
                    break;
                }
                holes.next();
            }
            if from < end {
                rest.push((from, end));
            }
        }
        Self(rest)
    }

    pub(super) fn or<'s>(sets: impl IntoIterator<Item = &'s Self>) -> Self {
        Self::from_ranges(sets.into_iter().flat_map(|set| set.0.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Cells;

    fn plain(set: &Cells) -> BTreeSet<u32> {
        set.iter().collect()
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            a in proptest::collection::btree_set(0_u32..12, 0..12),
            b in proptest::collection::btree_set(0_u32..12, 0..12),
        ) {
            let (x, y) = (Cells::of(a.iter().copied()), Cells::of(b.iter().rev().copied()));
            prop_assert_eq!(plain(&x), a.clone());
            prop_assert_eq!(x.and(&y), Cells::of(a.intersection(&b).copied()));
            prop_assert_eq!(x.minus(&y), Cells::of(a.difference(&b).copied()));
            prop_assert_eq!(Cells::or([&x, &y]), Cells::of(a.union(&b).copied()));
            prop_assert_eq!((x.len(), x.is_empty(), x.first()), (a.len(), a.is_empty(), a.first().copied()));
            for cell in 0..14 {
                prop_assert_eq!(x.contains(cell), a.contains(&cell));
            }
            let ends: Vec<u32> = (0..13).filter(|c| a.contains(c) != (*c > 0 && a.contains(&(c - 1)))).collect();
            prop_assert_eq!(x.edges().collect::<Vec<_>>(), ends);
        }
    }

    #[test]
    fn a_range_that_ends_before_it_begins_is_empty() {
        assert_eq!(Cells::range(3, 3), Cells::default());
        assert!(Cells::range(3, 3).is_empty() && !Cells::range(3, 4).is_empty());
        assert_eq!(Cells::range(4, 3), Cells::default());
        assert_eq!(Cells::range(3, 5), Cells::of([3, 4]));
    }
}
