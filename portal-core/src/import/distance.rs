/// How many letters have to be put in, left out or changed to make one text the other (Levenshtein).
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, its) in row.iter_mut().skip(1).zip(&other) {
            let above = *cell;
            let changed = diagonal + usize::from(letter != *its);
            *cell = changed.min(above + 1).min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("referense", "reference"), 1);
    }

    proptest! {
        #[test]
        fn it_is_a_distance(one in "[ab]{0,6}", two in "[ab]{0,6}", three in "[ab]{0,6}") {
            prop_assert_eq!(distance(&one, &two) == 0, one == two);
            prop_assert_eq!(distance(&one, &two), distance(&two, &one));
            prop_assert!(distance(&one, &three) <= distance(&one, &two) + distance(&two, &three));
        }
    }
}
