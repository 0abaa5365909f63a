//! The ids of a text message that its provider sends in parts, each with an id and receipts of its own.
//!
//! They are kept as [`Delivery::provider_id`](crate::notify::Delivery::provider_id), one a line; behind those whose part is known to
//! have been delivered stands ` delivered`. A message of one part is kept as its bare id.

const DELIVERED: &str = " delivered";

/// The ids of several parts as [`SmsSender::send`](super::SmsSender::send) answers them.
#[must_use]
pub fn joined_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().collect::<Vec<_>>().join("\n")
}

fn id_of(line: &str) -> &str {
    line.strip_suffix(DELIVERED).unwrap_or(line)
}

/// Whether `id` is that of one of the parts.
pub(crate) fn names(kept: &str, id: &str) -> bool {
    kept == id || kept.lines().any(|line| id_of(line) == id)
}

/// The same ids, once this part is delivered, and whether all are.
pub(crate) fn delivered(kept: &str, id: &str) -> (String, bool) {
    if kept == id {
        return (kept.to_owned(), true);
    }
    let lines = kept.lines().map(|line| match id_of(line) {
        own if own == id => format!("{own}{DELIVERED}"),
        _ => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    let all = lines.iter().all(|line| line.ends_with(DELIVERED));
    (lines.join("\n"), all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_have_to_be_delivered() {
        let ids = joined_ids(["1", "2"]);
        assert!(names(&ids, "1") && names(&ids, "2") && !names(&ids, "12"));
        let (ids, all) = delivered(&ids, "2");
        assert!(!all && names(&ids, "2"));
        assert_eq!(delivered(&ids, "2"), (ids.clone(), false), "again");
        assert!(delivered(&ids, "1").1);
        assert_eq!(delivered("one id", "one id"), ("one id".to_owned(), true));
    }
}
