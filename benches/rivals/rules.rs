//! The same rules for every engine: one for each pair of a practice area and a stage, numbered.

use portal_core::Version;
use portal_core::workflow::{
    Case, Criterion, DimensionDraft, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft, Workflow, WorkflowId,
};

/// `side` areas and as many stages.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How many of each.
    pub side: usize,
}

impl Rules {
    /// The area and the stage of every rule, in the order of their numbers.
    pub fn pairs(self) -> impl Iterator<Item = (String, String)> {
        (0..self.side * self.side).map(move |number| self.pair(number))
    }

    /// The area and the stage of one rule.
    #[must_use]
    pub fn pair(self, number: usize) -> (String, String) {
        (
            format!("Practice area {}", number / self.side),
            format!("Stage {}", number % self.side),
        )
    }

    /// Numbers of rules, scattered (a linear congruence).
    #[must_use]
    pub fn scattered(self, many: usize) -> Vec<usize> {
        let mut seed = 1_u64;
        let next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or_default() % (self.side * self.side)
        };
        std::iter::repeat_with(next).take(many).collect()
    }

    /// The taxonomy that the portal reads them through.
    ///
    /// # Panics
    /// When the names were not distinct.
    #[must_use]
    pub fn taxonomy(self) -> Taxonomy {
        let dimension = |name: &str, what: &str| {
            (0..self.side).fold(DimensionDraft::new(name), |all, number| {
                all.value(format!("{what} {number}"))
            })
        };
        let dimensions = vec![
            dimension(PRACTICE_AREA, "Practice area"),
            dimension(STAGE, "Stage"),
        ];
        Taxonomy::new(&TaxonomyDraft { dimensions }).expect("names are distinct")
    }

    /// The portal's workflows.
    #[must_use]
    pub fn workflows(self) -> Vec<Workflow> {
        let workflow = |(number, (area, stage))| Workflow {
            id: WorkflowId::from(uuid::Uuid::from_u128(number as u128)),
            version: Version::FIRST,
            name: format!("Workflow {number}"),
            enabled: true,
            priority: 0,
            criteria: vec![
                Criterion::one_of(PRACTICE_AREA, [area]),
                Criterion::one_of(STAGE, [stage]),
            ],
            requirements: Vec::new(),
            automations: Vec::new(),
            editions: Vec::new(),
        };
        self.pairs().enumerate().map(workflow).collect()
    }

    /// The case that a rule is for.
    #[must_use]
    pub fn case(self, number: usize) -> Case {
        let (area, stage) = self.pair(number);
        Case::new().with(PRACTICE_AREA, area).with(STAGE, stage)
    }
}
