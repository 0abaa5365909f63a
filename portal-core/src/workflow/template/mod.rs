//! Templates of messages: a small part of Jinja that cannot fail, loop or reach anything but a few fields.
//!
//! They are parsed and rendered by minijinja; what they may hold is decided here, on the tree: text, fields, conditions and a
//! few filters. There are no loops, assignments, macros, includes, calls or arithmetic, so a template takes no more time and
//! room than it is long, whatever it is filled with. This lives in the core, and not behind a port, because "no workflow is
//! saved with a template that cannot be filled in" is a rule about workflows.

mod check;
mod field;
mod filter;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, Value};

pub use field::{Field, Fields};

/// A template that is known to work.
///
/// ```
/// use portal_core::workflow::{Field, Fields, Template};
///
/// let template = Template::parse("Dear {{ client.first_name|default('client') }}, {{ matter.reference }} is with us.").unwrap();
/// let fields = Fields::new().with(Field::MatterReference, "M-1");
/// assert_eq!(template.render(&fields).unwrap(), "Dear client, M-1 is with us.");
///
/// let wrong = Template::parse("Dear {{ client.frist_name }}").unwrap_err();
/// assert_eq!(wrong.to_string(), "There is no client.frist_name. Did you mean client.first_name?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    uses: BTreeSet<Field>,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// The line that it is on, from 1; `None` where it concerns all of it.
    pub line: Option<usize>,
    /// A stable name in kebab-case.
    pub code: &'static str,
    /// A sentence for whoever wrote it.
    pub message: String,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) if line > 1 => write!(f, "Line {line}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for TemplateProblem {}

/// How many steps rendering may take: many more than the longest template has.
const FUEL: u64 = 100_000;

/// The longest rendered text, in bytes: more than any template that may be saved can give.
const LONGEST: usize = 1 << 20;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_trim_blocks(true);
    engine.set_lstrip_blocks(true);
    filter::add_to(&mut engine);
    engine
});

impl Template {
    /// The longest template, in characters.
    pub const LONGEST: usize = 10_000;

    /// Reads a template.
    ///
    /// # Errors
    /// The first thing that is wrong with it: it does not parse, names a field or filter that does not exist, or holds what
    /// templates may not.
    pub fn parse(source: &str) -> Result<Self, TemplateProblem> {
        if source.chars().count() > Self::LONGEST {
            return Err(TemplateProblem {
                line: None,
                code: "too-long",
                message: format!("A template has at most {} characters.", Self::LONGEST),
            });
        }
        let uses = check::check(source)?;
        // The tree is what is compiled; this is for what only compiling finds.
        ENGINE
            .template_from_str(source)
            .map_err(|error| check::syntax(&error))?;
        Ok(Self {
            source: source.to_owned(),
            uses,
        })
    }

    /// Whether it says anything of `field`.
    #[must_use]
    pub fn uses(&self, field: Field) -> bool {
        self.uses.contains(&field)
    }

    /// The template filled in, without white space at its ends. Nothing is escaped: it is plain text, and whoever makes HTML
    /// of it escapes it there.
    ///
    /// # Errors
    /// A fault of the engine; no template that parses is known to fail.
    pub fn render(&self, fields: &Fields) -> Result<String, TemplateProblem> {
        let failed = |error: &minijinja::Error| TemplateProblem {
            line: error.line(),
            code: "template",
            message: error.to_string(),
        };
        let groups: Value = groups(fields);
        let template = ENGINE
            .template_from_str(&self.source)
            .map_err(|error| failed(&error))?;
        let mut text = Bounded(Vec::new());
        template
            .render_captured_to(groups, &mut text)
            .map_err(|error| failed(&error))?;
        Ok(String::from_utf8_lossy(&text.0).trim().to_owned())
    }
}

/// The fields as the engine knows them: a map of groups.
fn groups(fields: &Fields) -> Value {
    let mut groups = std::collections::BTreeMap::<&str, std::collections::BTreeMap<&str, &str>>::new();
    for field in Field::ALL {
        let (group, key) = field.parts();
        groups.entry(group).or_default().insert(key, fields.get(*field));
    }
    Value::from_serialize(groups)
}

/// Takes so many bytes and fails then.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(std::io::Error::other("the message is too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
