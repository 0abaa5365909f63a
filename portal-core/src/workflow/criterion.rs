use std::fmt;

use serde::{Deserialize, Serialize};

use super::cells::Cells;
use super::{Dimension, Taxonomy};

/// What a workflow wants of one dimension. All criteria of a workflow must hold, several of one dimension too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Criterion {
    /// The dimension's name.
    pub dimension: String,
    /// What its value must be.
    pub test: Test,
}

/// What a value must be. Values are canonical names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Test {
    /// Whatever there is, nothing and unknown things too.
    Any,
    /// One of these values.
    OneOf(Vec<String>),
    /// A kind of this value, near or far; not the value itself.
    Below(String),
    /// None of these values. It holds where there is nothing; what is unknown may be one of them, so there it does not.
    NoneOf(Vec<String>),
}

impl Criterion {
    /// A criterion of a dimension.
    pub fn new(dimension: impl Into<String>, test: Test) -> Self {
        Self {
            dimension: dimension.into(),
            test,
        }
    }

    /// Any of the dimension.
    pub fn any(dimension: impl Into<String>) -> Self {
        Self::new(dimension, Test::Any)
    }

    /// One of these values of it.
    pub fn one_of<T: Into<String>>(
        dimension: impl Into<String>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::new(
            dimension,
            Test::OneOf(values.into_iter().map(Into::into).collect()),
        )
    }

    /// Any value below this one.
    pub fn below(dimension: impl Into<String>, parent: impl Into<String>) -> Self {
        Self::new(dimension, Test::Below(parent.into()))
    }

    /// None of these values of it.
    pub fn none_of<T: Into<String>>(
        dimension: impl Into<String>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::new(
            dimension,
            Test::NoneOf(values.into_iter().map(Into::into).collect()),
        )
    }

    /// The names of values that it speaks of.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match &self.test {
            Test::Any => &[],
            Test::OneOf(values) | Test::NoneOf(values) => values,
            Test::Below(parent) => std::slice::from_ref(parent),
        }
    }

    /// Whether it holds where the dimension has nothing, as it does where the dimension does not exist any more.
    pub(super) const fn holds_of_nothing(&self) -> bool {
        matches!(self.test, Test::Any | Test::NoneOf(_))
    }

    /// The cells of its dimension in which it holds. Values that are not in the taxonomy any more are no cells.
    pub(super) fn cells(&self, dimension: &Dimension) -> Cells {
        let known = |values: &[String]| Cells::of(values.iter().filter_map(|value| dimension.cell(value)));
        match &self.test {
            Test::Any => Cells::range(0, dimension.unknown() + 1),
            Test::OneOf(values) => known(values),
            Test::Below(parent) => {
                let parent = dimension
                    .cell(parent)
                    .and_then(|cell| Some((cell, dimension.value(cell)?)));
                parent.map_or_else(Cells::default, |(cell, value)| Cells::range(cell + 1, value.end))
            }
            Test::NoneOf(values) => Cells::range(0, dimension.unknown()).minus(&known(values)),
        }
    }

    /// The dimension, where the taxonomy has it.
    pub(super) fn find<'t>(&self, taxonomy: &'t Taxonomy) -> Option<(usize, &'t Dimension)> {
        taxonomy.find(&self.dimension)
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimension = &self.dimension;
        match &self.test {
            Test::Any => write!(f, "{dimension}: any"),
            Test::OneOf(values) => write!(f, "{dimension}: one of {}", values.join(", ")),
            Test::Below(parent) => write!(f, "{dimension}: any below {parent}"),
            Test::NoneOf(values) => write!(f, "{dimension}: none of {}", values.join(", ")),
        }
    }
}

/// How it is written: the dimension, and exactly one of the others.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    dimension: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    any: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    none_of: Option<Vec<String>>,
}

impl TryFrom<Written> for Criterion {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let any = written.any.then_some(Test::Any);
        let tests = [
            any,
            written.one_of.map(Test::OneOf),
            written.below.map(Test::Below),
            written.none_of.map(Test::NoneOf),
        ];
        let mut tests = tests.into_iter().flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Ok(Self::new(written.dimension, test)),
            (None, _) => Err("this criterion is empty: say any = true, one_of, below or none_of"),
            (Some(_), Some(_)) => Err(
                "a criterion says one of any, one_of, below and none_of; write a second criterion for the other",
            ),
        }
    }
}

impl From<Criterion> for Written {
    fn from(criterion: Criterion) -> Self {
        let mut written = Self {
            dimension: criterion.dimension,
            any: false,
            one_of: None,
            below: None,
            none_of: None,
        };
        match criterion.test {
            Test::Any => written.any = true,
            Test::OneOf(values) => written.one_of = Some(values),
            Test::Below(parent) => written.below = Some(parent),
            Test::NoneOf(values) => written.none_of = Some(values),
        }
        written
    }
}
