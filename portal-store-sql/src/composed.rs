//! Several statements in one text.

use std::borrow::Cow;

use crate::statement::Statement;
use crate::value::Value;

/// A text that grows by statements, whose placeholders count on.
#[derive(Debug, Default)]
pub struct Composed {
    sql: String,
    args: Vec<Value>,
}

impl Composed {
    /// Adds words of a driver's own, without placeholders.
    pub fn words(&mut self, words: &str) {
        self.sql.push_str(words);
    }

    /// Adds a number.
    pub fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.sql
            .push(char::from(b'0' + u8::try_from(number % 10).unwrap_or_default()));
    }

    /// Adds a statement: its `$n` becomes `$(n + arguments before it)`. The texts are the portal's own, so that a `$` in them is a
    /// placeholder.
    pub fn statement(&mut self, statement: &Statement) {
        let before = self.args.len();
        let mut parts = statement.sql.split('$');
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part
                .bytes()
                .position(|b| !b.is_ascii_digit())
                .unwrap_or(part.len());
            let (digits, rest) = part.split_at(end);
            self.sql.push('$');
            if let Ok(number) = digits.parse::<usize>() {
                self.number(number + before);
            }
            self.sql.push_str(rest);
        }
        self.args.extend(statement.args.iter().cloned());
    }

    /// All of it.
    #[must_use]
    pub fn finish(self) -> Statement {
        Statement {
            sql: Cow::Owned(self.sql),
            args: self.args,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Argument;

    #[test]
    fn placeholders_count_on() {
        let one = Statement::fixed(
            "UPDATE a SET b = $2 WHERE c = $1",
            vec![1_i64.value(), 2_i64.value()],
        );
        let two = Statement::fixed("DELETE FROM d WHERE e = $1 AND f = $10", vec![3_i64.value()]);
        let mut composed = Composed::default();
        composed.statement(&one);
        composed.words("; ");
        composed.statement(&two);
        let whole = composed.finish();
        assert_eq!(
            whole.sql,
            "UPDATE a SET b = $2 WHERE c = $1; DELETE FROM d WHERE e = $3 AND f = $12"
        );
        assert_eq!(whole.args, [1_i64, 2, 3].map(Argument::value));
    }
}
