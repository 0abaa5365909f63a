use crate::matter::Matter;
use crate::workflow::{Canonical, Case, STAGE, Taxonomy};
use crate::{Context, Error, NoRule, Portal};

/// The way that matters of a practice go, and where on it one is: the stages of the taxonomy that are below no other, in its
/// order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageSteps {
    /// The stages.
    pub steps: Vec<String>,
    /// Which of them the matter is in, or in a kind of.
    pub at: usize,
    /// The stage that it is in.
    pub now: String,
}

impl StageSteps {
    /// Where the matter is; `None` when the taxonomy does not know its stage.
    ///
    /// ```
    /// use portal_core::stage::StageSteps;
    /// use portal_core::workflow::{Case, DimensionDraft, STAGE, Taxonomy, TaxonomyDraft};
    ///
    /// let stages = DimensionDraft::new(STAGE)
    ///     .value("Intake")
    ///     .value("Filing")
    ///     .value_below("Filing", "Filed online")
    ///     .value("Decision");
    /// let taxonomy = Taxonomy::new(&TaxonomyDraft { dimensions: vec![stages] }).unwrap();
    /// let steps = StageSteps::of(&taxonomy, &Case::new().with(STAGE, "filed ONLINE")).unwrap();
    /// assert_eq!(steps.steps, ["Intake", "Filing", "Decision"]);
    /// assert_eq!((steps.at, steps.now.as_str()), (1, "Filed online"));
    /// assert_eq!(StageSteps::of(&taxonomy, &Case::new().with(STAGE, "Limbo")), None);
    /// ```
    #[must_use]
    pub fn of(taxonomy: &Taxonomy, case: &Case) -> Option<Self> {
        let now = taxonomy.facts(case).value(STAGE)?;
        let above = std::iter::successors(Some(now.clone()), Canonical::parent);
        let own = above.last()?;
        let top = taxonomy.values(STAGE).filter(|value| value.parent().is_none());
        let steps: Vec<String> = top.map(|value| value.name().to_owned()).collect();
        let at = steps.iter().position(|step| step == own.name())?;
        Some(Self {
            steps,
            at,
            now: now.name().to_owned(),
        })
    }
}

impl Portal {
    /// Where a matter is on its way, for whoever may see it already.
    pub async fn stage_steps(
        &self,
        ctx: &Context,
        matter: &Matter,
    ) -> Result<Option<StageSteps>, Error<NoRule>> {
        let rules = self.rules(ctx.practice).await?;
        Ok(StageSteps::of(rules.taxonomy(), &Case::of(matter)))
    }
}
