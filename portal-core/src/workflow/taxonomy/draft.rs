use serde::{Deserialize, Serialize};

/// A taxonomy as people write it down: in a form, a file, or a store's row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxonomyDraft {
    /// The dimensions, in the order in which pages show them.
    #[serde(default)]
    pub dimensions: Vec<DimensionDraft>,
}

/// One thing that is said of every matter: its practice area, its stage, its office.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionDraft {
    /// Its name. [`PRACTICE_AREA`](crate::workflow::PRACTICE_AREA) and [`STAGE`](crate::workflow::STAGE) read the fields of
    /// a matter that are called so; any other reads the attribute of this name.
    pub name: String,
    /// Its values, in the order in which pages show them.
    #[serde(default)]
    pub values: Vec<ValueDraft>,
}

/// One canonical value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueDraft {
    /// Its name.
    pub name: String,
    /// The name of the value that it is a kind of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Other words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl DimensionDraft {
    /// A dimension without values.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            values: Vec::new(),
        }
    }

    /// With one more value.
    #[must_use]
    pub fn value(mut self, name: impl Into<String>) -> Self {
        self.values.push(ValueDraft {
            name: name.into(),
            ..ValueDraft::default()
        });
        self
    }

    /// With one more value, which is a kind of `parent`.
    #[must_use]
    pub fn value_below(mut self, parent: impl Into<String>, name: impl Into<String>) -> Self {
        self.values.push(ValueDraft {
            name: name.into(),
            parent: Some(parent.into()),
            aliases: Vec::new(),
        });
        self
    }

    /// With another word for the value that was added last.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        if let Some(value) = self.values.last_mut() {
            value.aliases.push(alias.into());
        }
        self
    }
}
