//! What a template may hold, decided on its tree.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, GetAttr, Stmt, UnaryOpKind};
use minijinja::machinery::{Span, Token, Tokenizer, WhitespaceConfig, parse};

use super::filter::{self, Arguments};
use super::{Field, TemplateProblem};

/// The fields that a template uses, or the first thing that is wrong with it.
#[expect(
    clippy::default_trait_access,
    reason = "the engine does not name the type of its usual braces"
)]
pub(super) fn check(source: &str) -> Result<BTreeSet<Field>, TemplateProblem> {
    let spaces = WhitespaceConfig {
        trim_blocks: true,
        lstrip_blocks: true,
        ..WhitespaceConfig::default()
    };
    measure(source, spaces)?;
    let tree = parse(source, "template", Default::default(), spaces).map_err(|error| syntax(&error))?;
    let mut check = Check::default();
    check.statement(&tree)?;
    Ok(check.uses)
}

/// The most words and signs between one pair of braces, and the most tags. The parser and the compiler call themselves for
/// what lies within something else, some of it without a limit of their own; these keep them off the end of the stack.
const MOST_WORDS: usize = 48;
const MOST_TAGS: usize = 100;

#[expect(
    clippy::default_trait_access,
    reason = "the engine does not name the type of its usual braces"
)]
fn measure(source: &str, spaces: WhitespaceConfig) -> Checked {
    let mut tokens = Tokenizer::new(source, "template", false, Default::default(), spaces);
    let (mut words, mut tags) = (0, 0);
    while let Some((token, span)) = tokens.next_token().map_err(|error| syntax(&error))? {
        match token {
            Token::TemplateData(_) => {}
            Token::VariableStart | Token::BlockStart => {
                words = 0;
                tags += usize::from(matches!(token, Token::BlockStart));
            }
            _ => words += 1,
        }
        if words > MOST_WORDS || tags > MOST_TAGS {
            let message =
                format!("A template has at most {MOST_TAGS} conditions, and {MOST_WORDS} words in each.");
            return wrong(span, "too-long", message);
        }
    }
    Ok(())
}

/// What the parser says, in our words where it speaks of what templates may not hold.
pub(super) fn syntax(error: &minijinja::Error) -> TemplateProblem {
    let detail = error.detail().unwrap_or("it cannot be read");
    let message = if detail.starts_with("unknown statement") {
        FORBIDDEN.to_owned()
    } else {
        format!("This is not a template: {detail}.")
    };
    TemplateProblem {
        line: error.line(),
        code: "template",
        message,
    }
}

const FORBIDDEN: &str = "A template can hold fields, conditions ({% if .. %}) and filters; no loops, assignments, macros or includes.";

#[derive(Default)]
struct Check {
    uses: BTreeSet<Field>,
}

type Checked = Result<(), TemplateProblem>;

fn wrong(span: Span, code: &'static str, message: impl Into<String>) -> Checked {
    Err(TemplateProblem {
        line: Some(span.start_line.into()),
        code,
        message: message.into(),
    })
}

impl Check {
    fn statements(&mut self, all: &[Stmt<'_>]) -> Checked {
        all.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'_>) -> Checked {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr)?;
                self.statements(&condition.true_body)?;
                self.statements(&condition.false_body)
            }
            Stmt::ForLoop(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::WithBlock(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::Set(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::SetBlock(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::AutoEscape(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::FilterBlock(it) => wrong(it.span(), "template", FORBIDDEN),
            Stmt::Do(it) => wrong(it.span(), "template", FORBIDDEN),
            // Another crate may switch on features of the engine that have further statements.
            #[allow(unreachable_patterns, reason = "depends on the engine's features")]
            _ => Err(TemplateProblem {
                line: None,
                code: "template",
                message: FORBIDDEN.to_owned(),
            }),
        }
    }

    fn expression(&mut self, expression: &Expr<'_>) -> Checked {
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::GetAttr(it) => self.field(it, it.span()),
            Expr::Filter(it) => self.filter(it, it.span()),
            Expr::IfExpr(it) => {
                let Some(otherwise) = &it.false_expr else {
                    return wrong(
                        it.span(),
                        "template",
                        "Say what stands there otherwise: {{ a if b else c }}.",
                    );
                };
                self.expression(&it.test_expr)?;
                self.expression(&it.true_expr)?;
                self.expression(otherwise)
            }
            Expr::UnaryOp(it) if matches!(it.op, UnaryOpKind::Not) => self.expression(&it.expr),
            Expr::BinOp(it)
                if matches!(
                    it.op,
                    BinOpKind::Eq | BinOpKind::Ne | BinOpKind::ScAnd | BinOpKind::ScOr
                ) =>
            {
                self.expression(&it.left)?;
                self.expression(&it.right)
            }
            Expr::Var(it) if Field::is_group(it.id) => {
                let keys: Vec<&str> = (Field::ALL.iter())
                    .filter(|field| field.parts().0 == it.id)
                    .map(|field| field.path())
                    .collect();
                let which = format!("Say what of {}: {}.", it.id, keys.join(", "));
                wrong(it.span(), "unknown", which)
            }
            Expr::Var(it) => wrong(it.span(), "unknown", unknown(it.id)),
            Expr::UnaryOp(it) => wrong(it.span(), "template", NO_ARITHMETIC),
            Expr::BinOp(it) => wrong(it.span(), "template", NO_ARITHMETIC),
            Expr::Compare(it) => wrong(it.span(), "template", NO_ARITHMETIC),
            Expr::Test(it) => wrong(it.span(), "template", NO_ARITHMETIC),
            Expr::GetItem(it) => wrong(it.span(), "template", "Write fields as client.name."),
            Expr::Slice(it) => wrong(it.span(), "template", "Use |truncate(20) to shorten a text."),
            Expr::Call(it) => wrong(it.span(), "template", "A template cannot call anything."),
            Expr::List(it) => wrong(it.span(), "template", FORBIDDEN),
            Expr::Map(it) => wrong(it.span(), "template", FORBIDDEN),
        }
    }

    fn field(&mut self, field: &GetAttr<'_>, span: Span) -> Checked {
        let Expr::Var(group) = &field.expr else {
            return wrong(span, "unknown", "Write fields as client.name.");
        };
        match Field::find(group.id, field.name) {
            Some(found) => {
                self.uses.insert(found);
                Ok(())
            }
            None => wrong(span, "unknown", unknown(&format!("{}.{}", group.id, field.name))),
        }
    }

    fn filter(&mut self, filter: &Filter<'_>, span: Span) -> Checked {
        let Some((_, takes)) = filter::ALL.iter().find(|(name, _)| *name == filter.name) else {
            let all: Vec<&str> = filter::ALL.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "There is no filter {}. There are: {}.",
                filter.name,
                all.join(", ")
            );
            return wrong(span, "unknown", message);
        };
        match &filter.expr {
            Some(filtered) => self.expression(filtered)?,
            None => return wrong(span, "template", FORBIDDEN),
        }
        match (takes, filter.args.as_slice()) {
            (Arguments::Nothing, []) => Ok(()),
            (Arguments::Instead, [CallArg::Pos(instead)]) => self.expression(instead),
            (Arguments::Length, [CallArg::Pos(Expr::Const(length))])
                if length
                    .value
                    .as_i64()
                    .is_some_and(|length| (1..=i64::from(filter::MOST)).contains(&length)) =>
            {
                Ok(())
            }
            (Arguments::Nothing, _) => wrong(
                span,
                "template",
                format!("The filter {} takes nothing in brackets.", filter.name),
            ),
            (Arguments::Instead, _) => wrong(
                span,
                "template",
                "Say what stands there instead: |default('client').",
            ),
            (Arguments::Length, _) => {
                let most = format!(
                    "Give a number of characters up to {}: |truncate(30).",
                    filter::MOST
                );
                wrong(span, "template", most)
            }
        }
    }
}

const NO_ARITHMETIC: &str =
    "A template can compare with ==, != and combine with and, or, not; it cannot reckon.";

/// There is no such field; the one that looks most like it is named.
fn unknown(path: &str) -> String {
    let near = Field::ALL
        .iter()
        .map(|field| (strsim::normalized_damerau_levenshtein(path, field.path()), field))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .map_or_else(String::new, |(_, field)| {
            format!(" Did you mean {}?", field.path())
        });
    format!("There is no {path}.{near}")
}
