use super::super::Taxonomy;
use super::super::cells::Cells;
use super::Scope;

/// How many parts of a scope are looked at, and how many covers, before it takes too long.
const MOST_PARTS: u32 = 10_000;
const MOST_COVERS: usize = 1_000;

/// Whether every case of `scope` is in one of `covers`. `None` when that takes too long to tell.
pub(super) fn covers(scope: &Scope, covers: &[&Scope], taxonomy: &Taxonomy) -> Option<bool> {
    if covers.len() > MOST_COVERS {
        return None;
    }
    let mut parts = MOST_PARTS;
    rest(scope.clone(), covers, taxonomy, &mut parts)
}

/// Takes the first cover away that meets the scope, and asks whether each part that is left is in the others.
fn rest(mut scope: Scope, covers: &[&Scope], taxonomy: &Taxonomy, parts: &mut u32) -> Option<bool> {
    *parts = parts.checked_sub(1)?;
    let mut others = covers.iter();
    let Some(cover) = others.find(|cover| cover.meets(&scope)) else {
        return Some(false);
    };
    for (at, cells) in &cover.wanted {
        let whole = || {
            let end = taxonomy
                .all()
                .get(*at)
                .map_or(0, |dimension| dimension.unknown() + 1);
            Cells::range(0, end)
        };
        let outside = scope.wants(*at).cloned().unwrap_or_else(whole).minus(cells);
        if !outside.is_empty() {
            let mut part = scope.clone();
            part.narrow(*at, outside);
            if !rest(part, others.as_slice(), taxonomy, parts)? {
                return Some(false);
            }
        }
        scope.narrow(*at, cells.clone());
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_covers_are_looked_at_as_the_limit_says() {
        let (taxonomy, all) = (Taxonomy::empty(), Scope::everything());
        let told = |number| covers(&all, &vec![&all; number], &taxonomy);
        assert_eq!(told(0), Some(false));
        assert_eq!(told(MOST_COVERS), Some(true));
        assert_eq!(told(MOST_COVERS + 1), None);
    }
}
