//! A change as one statement.
//!
//! A transaction of n statements is n + 2 conversations with the server; most changes fit into one. Each step becomes a
//! member of a `WITH`, and the statement's own answer is a division that fails when a step did not do what it must, which
//! undoes all of it. So nothing is written by half, and no transaction is ever open between two messages.

use std::collections::HashSet;

use portal_store_sql::{Composed, Must, Statement, Step, Value};
use sqlx::types::Uuid;

/// The most steps of one statement. Longer ones are rare, and preparing each of their many forms costs more than it
/// saves.
const MOST_STEPS: usize = 17;

/// What the server answers when a step did not do what it must (`division_by_zero`). No other statement divides.
pub(crate) const UNDONE: &str = "22012";

/// The one statement that does all `steps`, or none when they must be done one after the other: the members of a `WITH`
/// do not see what the others wrote, so no row may be concerned twice.
pub(crate) fn compose(steps: &[Step]) -> Option<Statement> {
    if steps.len() > MOST_STEPS {
        return None;
    }
    let mut rows = HashSet::with_capacity(steps.len());
    if !steps.iter().all(|step| rows.insert(row(step))) {
        return None;
    }
    let mut composed = Composed::default();
    for (number, step) in steps.iter().enumerate() {
        composed.words(if number == 0 { "WITH s" } else { ", s" });
        composed.number(number);
        composed.words(" AS (");
        composed.statement(&step.statement);
        if step.must != Must::FindOne {
            composed.words(" RETURNING 1");
        }
        composed.words(")");
    }
    // The server looks at the conditions in order, so the members are carried out in order too; nothing depends on it.
    composed.words(" SELECT 1 / CASE WHEN ");
    for (number, step) in steps.iter().enumerate() {
        if number > 0 {
            composed.words(" AND ");
        }
        composed.words("(SELECT COUNT(*) FROM s");
        composed.number(number);
        composed.words(") = ");
        composed.number(usize::try_from(step.must.rows()).unwrap_or(usize::MAX));
    }
    composed.words(" THEN 1 ELSE 0 END");
    Some(composed.finish())
}

fn row(step: &Step) -> Option<Uuid> {
    match step.statement.args.get(1) {
        Some(Value::Id(id)) => *id,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use portal_store_sql::Argument;
    use sqlx::types::Uuid;

    use super::*;

    fn step(sql: &'static str, must: Must, row: u128) -> Step {
        let args = vec![Uuid::nil().value(), Uuid::from_u128(row).value(), 7_i64.value()];
        Step {
            statement: Statement::fixed(sql, args),
            must,
            inserts: None,
        }
    }

    #[test]
    fn steps_become_members_with_placeholders_of_their_own() {
        let steps = [
            step(
                "SELECT id FROM a WHERE p = $1 AND id = $2 AND v = $3",
                Must::FindOne,
                1,
            ),
            step(
                "UPDATE b SET v = $3 WHERE p = $1 AND id = $2 AND v = $3 - 1",
                Must::WriteOne,
                2,
            ),
        ];
        let statement = compose(&steps).unwrap();
        assert_eq!(
            statement.sql,
            "WITH s0 AS (SELECT id FROM a WHERE p = $1 AND id = $2 AND v = $3), \
             s1 AS (UPDATE b SET v = $6 WHERE p = $4 AND id = $5 AND v = $6 - 1 RETURNING 1) \
             SELECT 1 / CASE WHEN (SELECT COUNT(*) FROM s0) = 1 AND (SELECT COUNT(*) FROM s1) = 1 THEN 1 ELSE 0 END"
        );
        assert_eq!(statement.args.len(), 6);
    }

    #[test]
    fn a_row_concerned_twice_needs_one_step_after_the_other() {
        let twice = [
            step("UPDATE a", Must::WriteOne, 1),
            step("UPDATE a", Must::WriteOne, 1),
        ];
        assert_eq!(compose(&twice), None);
    }

    #[test]
    fn a_long_change_needs_one_step_after_the_other() {
        let steps = |count: u128| {
            (0..count)
                .map(|row| step("UPDATE a", Must::WriteOne, row))
                .collect::<Vec<_>>()
        };
        assert!(compose(&steps(17)).is_some());
        assert_eq!(compose(&steps(18)), None);
    }
}
