//! Changes of a draft, one at a time, as people make them. Names are found however they are written.

use super::{DimensionDraft, TaxonomyDraft, ValueDraft, fold};

impl TaxonomyDraft {
    /// The dimension of this name.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&DimensionDraft> {
        let named = |dimension: &&DimensionDraft| fold(&dimension.name) == fold(name);
        self.dimensions.iter().find(named)
    }

    /// The dimension of this name, to be changed.
    #[must_use]
    pub fn dimension_mut(&mut self, name: &str) -> Option<&mut DimensionDraft> {
        let named = |dimension: &&mut DimensionDraft| fold(&dimension.name) == fold(name);
        self.dimensions.iter_mut().find(named)
    }
}

impl DimensionDraft {
    fn place(&self, name: &str) -> Option<usize> {
        self.values
            .iter()
            .position(|value| fold(&value.name) == fold(name))
    }

    /// The value of this name; its aliases do not count.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ValueDraft> {
        self.values.get(self.place(name)?)
    }

    /// Gives the value `name` another name, parent and aliases. Under a new name it keeps the old one as another word, so that
    /// matters and workflows that say it still mean it, and what is below it stays below it. `None` when there is none.
    #[must_use]
    pub fn change(mut self, name: &str, mut to: ValueDraft) -> Option<Self> {
        let place = self.place(name)?;
        let old = self.values.get(place)?.name.clone();
        let is_same = |one: &str, other: &str| fold(one) == fold(other);
        if !is_same(&old, &to.name) && !fold(&to.name).is_empty() {
            to.aliases.retain(|alias| !is_same(alias, &to.name));
            if !to.aliases.iter().any(|alias| is_same(alias, &old)) {
                to.aliases.push(old.clone());
            }
            for value in &mut self.values {
                if value
                    .parent
                    .as_deref()
                    .is_some_and(|parent| is_same(parent, &old))
                {
                    value.parent = Some(to.name.clone());
                }
            }
        }
        *self.values.get_mut(place)? = to;
        Some(self)
    }

    /// Takes the value `name` out; what was below it comes below its parent. `None` when there is none.
    #[must_use]
    pub fn without(mut self, name: &str) -> Option<Self> {
        let removed = self.values.remove(self.place(name)?);
        for value in &mut self.values {
            let is_below = |parent: &str| fold(parent) == fold(&removed.name);
            if value.parent.as_deref().is_some_and(is_below) {
                value.parent.clone_from(&removed.parent);
            }
        }
        Some(self)
    }

    /// Puts the value `name` before the one that stands above it below the same parent. `None` when there is none.
    #[must_use]
    pub fn lift(mut self, name: &str) -> Option<Self> {
        let parent = |value: &ValueDraft| value.parent.as_deref().map(fold).filter(|name| !name.is_empty());
        let place = self.place(name)?;
        let own = parent(self.values.get(place)?);
        let above = self.values.get(..place)?;
        let above = above.iter().rposition(|value| parent(value) == own)?;
        self.values.swap(above, place);
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::{Case, Taxonomy, TaxonomyDraft};

    fn stages() -> DimensionDraft {
        DimensionDraft::new("Case stage")
            .value("Intake")
            .value("Filing")
            .alias("Filing (USCIS)")
            .value_below("Filing", "Filed online")
            .value_below("filing", "Filed by post")
            .value("Decision")
    }

    fn names(dimension: &DimensionDraft) -> Vec<&str> {
        dimension.values.iter().map(|value| value.name.as_str()).collect()
    }

    fn checked(dimension: &DimensionDraft) -> Taxonomy {
        let draft = TaxonomyDraft {
            dimensions: vec![dimension.clone()],
        };
        Taxonomy::new(&draft).unwrap()
    }

    #[test]
    fn a_renamed_value_still_means_what_it_was_called() {
        let value = stages().find("Filing").unwrap().clone();
        let to = ValueDraft {
            name: "Lodgement".into(),
            ..value
        };
        let renamed = stages().change(" FILING ", to).unwrap();
        let taxonomy = checked(&renamed);
        for raw in ["Filing", "filing (uscis)", "Lodgement"] {
            let facts = taxonomy.facts(&Case::new().with("Case stage", raw));
            assert_eq!(facts.value("Case stage").unwrap().name(), "Lodgement", "{raw}");
        }
        let below = |name: &str| renamed.find(name).unwrap().parent.clone();
        assert_eq!(below("Filed online").as_deref(), Some("Lodgement"));
        assert_eq!(below("Filed by post").as_deref(), Some("Lodgement"));
    }

    #[test]
    fn a_name_in_other_letters_brings_no_alias_and_an_alias_can_become_the_name() {
        let to = |name: &str| ValueDraft {
            name: name.into(),
            parent: None,
            aliases: vec!["Filing (USCIS)".into()],
        };
        let same = stages().change("Filing", to("FILING")).unwrap();
        assert_eq!(same.find("Filing").unwrap().aliases, ["Filing (USCIS)"]);
        let promoted = stages().change("Filing", to("Filing (USCIS)")).unwrap();
        assert_eq!(promoted.find("filing uscis").unwrap().aliases, ["Filing"]);
        checked(&promoted);
        // What the rules refuse is left to them.
        assert_eq!(stages().change("Filing", to("")).unwrap().values[1].name, "");
        assert_eq!(stages().change("Appeal", to("X")), None);
    }

    #[test]
    fn what_was_below_a_removed_value_comes_below_its_parent() {
        let deeper = stages().value_below("Filed online", "Receipt");
        let removed = deeper.without("Filed online").unwrap();
        assert_eq!(removed.find("Receipt").unwrap().parent.as_deref(), Some("Filing"));
        let removed = removed.without("Filing").unwrap();
        assert_eq!(removed.find("Receipt").unwrap().parent, None);
        assert_eq!(removed.without("Filing"), None);
    }

    #[test]
    fn a_value_is_lifted_over_its_sibling_and_not_over_others() {
        let lifted = stages().lift("Decision").unwrap();
        assert_eq!(
            names(&lifted),
            ["Intake", "Decision", "Filed online", "Filed by post", "Filing"]
        );
        let taxonomy = checked(&lifted);
        let order: Vec<String> = taxonomy
            .values("Case stage")
            .map(|value| value.name().to_owned())
            .collect();
        assert_eq!(
            order,
            ["Intake", "Decision", "Filing", "Filed online", "Filed by post"]
        );
        let lifted = stages().lift("Filed by post").unwrap();
        assert_eq!(
            names(&lifted),
            ["Intake", "Filing", "Filed by post", "Filed online", "Decision"]
        );
        assert_eq!(stages().lift("Intake"), None);
        assert_eq!(stages().lift("Filed online"), None);
    }
}
