//! What the taxonomy does not know, and what happens when somebody says what it means.

use std::collections::BTreeMap;

use super::KeptTaxonomy;
use super::service::reading_again;
use crate::audit::Subject;
use crate::policy::Capability;
use crate::stage::{MatterCase, MatterScan, Rereading};
use crate::workflow::{Suggestion, Taxonomy, Workflows, fold};
use crate::{Change, Context, Cursor, Error, MatterId, NoRule, Page, PageRequest, Portal, WorkflowId};

/// A text that the taxonomy does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownValue {
    /// The dimension.
    pub dimension: String,
    /// The text, as one of the matters has it.
    pub raw: String,
    /// How many matters carry it, however they write it.
    pub matters: u64,
    /// What it may mean, the most alike first.
    pub suggestions: Vec<Suggestion>,
}

/// What accepting a text as another word for a value does, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The taxonomy with it.
    pub taxonomy: KeptTaxonomy,
    /// How many matters carry the text, and are read again.
    pub matters: u64,
    /// How many of them are open and match workflows that they did not match before.
    pub gaining: u64,
    /// How many of those are in a stage, and match by that a workflow whose automations fire.
    pub firing: u64,
    /// How many matters each such workflow gains.
    pub by_workflow: BTreeMap<WorkflowId, u64>,
    /// The first of those matters, at most [`Accepted::SHOWN`].
    pub first: Vec<Gained>,
}

/// A matter that comes to match workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gained {
    /// The matter.
    pub matter: MatterId,
    /// Its reference.
    pub reference: String,
    /// The workflows that it did not match before, as they stand.
    pub workflows: Vec<WorkflowId>,
}

impl Accepted {
    /// The most matters that are named.
    pub const SHOWN: usize = 100;
}

/// How many values are suggested for a text.
const SUGGESTIONS: usize = 5;

impl Portal {
    /// Goes through all matters of which something is not known, in constant memory.
    async fn each_unknown(
        &self,
        ctx: &Context,
        mut look: impl FnMut(&MatterCase) + Send,
    ) -> Result<(), Error<NoRule>> {
        let mut scan = MatterScan {
            unknown: true,
            limit: MatterScan::MOST,
            ..MatterScan::default()
        };
        loop {
            let cases = self.store().matter_cases(ctx.practice, &scan).await?;
            cases.iter().for_each(&mut look);
            scan.after = cases.last().map(|case| case.id);
            if cases.len() < usize::try_from(MatterScan::MOST).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }

    /// The texts that wait for a person: those on most matters first, with suggestions.
    pub async fn unknown_values(
        &self,
        ctx: &Context,
        page: &PageRequest,
    ) -> Result<Page<UnknownValue>, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let mut found: BTreeMap<(String, String), (String, u64)> = BTreeMap::new();
        self.each_unknown(ctx, |case| {
            for (dimension, raw) in &case.unknown {
                let place = (dimension.clone(), fold(raw));
                found.entry(place).or_insert_with(|| (raw.clone(), 0)).1 += 1;
            }
        })
        .await?;
        let total = page.total.then(|| u64::try_from(found.len()).unwrap_or(u64::MAX));
        // The key begins with the number turned round, so that the greatest comes first.
        let key = |dimension: &str, folded: &str, matters: u64| {
            format!("{:020}\n{dimension}\n{folded}", u64::MAX - matters)
        };
        let mut rows: Vec<(String, String, String, u64)> = found
            .into_iter()
            .map(|((dimension, folded), (raw, matters))| {
                (key(&dimension, &folded, matters), dimension, raw, matters)
            })
            .collect();
        rows.sort();
        if let Some(after) = &page.after {
            rows.retain(|(key, ..)| *key > after.key);
        }
        let rules = self.rules(ctx.practice).await?;
        let rows = Page::cut(rows, page, total, |(key, ..)| Cursor {
            key: key.clone(),
            id: uuid::Uuid::nil(),
        });
        Ok(rows.map(|(_, dimension, raw, matters)| UnknownValue {
            suggestions: rules.taxonomy().suggest(&dimension, &raw, SUGGESTIONS),
            dimension,
            raw,
            matters,
        }))
    }

    /// What accepting `raw` as another word for `value` would do. Nothing is changed.
    ///
    /// # Errors
    /// `Invalid`: see [`Taxonomy::with_alias`].
    pub async fn try_accepting(
        &self,
        ctx: &Context,
        names: (&str, &str, &str),
    ) -> Result<Accepted, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let book = self.rulebook_or_blank(ctx).await?;
        let taxonomy = Taxonomy::new(&book.taxonomy)?.with_alias(names.0, names.1, names.2)?;
        let after = KeptTaxonomy {
            version: book.taxonomy_version,
            draft: taxonomy.draft(),
        };
        self.accepting(ctx, names, &taxonomy, after).await
    }

    /// Accepts `raw` as another word for `value`: the taxonomy gets an alias, and every matter that carries the text is read
    /// again soon after. With `send`, what that brings is told and sent, else not, whoever reads a matter by it first.
    ///
    /// # Errors
    /// `Invalid`: see [`Taxonomy::with_alias`].
    pub async fn accept_value(
        &self,
        ctx: &Context,
        names: (&str, &str, &str),
        send: bool,
    ) -> Result<Accepted, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        self.retrying(async || {
            let (dimension, value, raw) = names;
            let book = self.rulebook_or_blank(ctx).await?;
            let taxonomy = Taxonomy::new(&book.taxonomy)?.with_alias(dimension, value, raw)?;
            if taxonomy.draft() == book.taxonomy {
                let accepted = self.accepting(ctx, names, &taxonomy, book.into()).await?;
                let nothing = Change::unaudited(ctx.practice, "the taxonomy has this alias already");
                return Ok((accepted, nothing));
            }
            let book = book
                .with_taxonomy(&taxonomy, ctx.at)
                .accepting(Some((dimension, raw)), send);
            let carrying = Rereading::Carrying {
                dimension: dimension.to_owned(),
                raw: raw.to_owned(),
                since: book.taxonomy_version,
            };
            let accepted = self.accepting(ctx, names, &taxonomy, book.clone().into()).await?;
            let entry = self
                .audit(
                    ctx,
                    "taxonomy.alias-accepted",
                    Subject::new("taxonomy", ctx.practice),
                )
                .with("dimension", dimension)
                .with("value", value)
                .with("raw", raw)
                .with("send", send);
            let change = Change::audited(entry)
                .save(book)
                .save(self.event(ctx, reading_again(carrying, send)));
            Ok((accepted, change))
        })
        .await
    }

    async fn accepting(
        &self,
        ctx: &Context,
        (dimension, _, raw): (&str, &str, &str),
        taxonomy: &Taxonomy,
        after: KeptTaxonomy,
    ) -> Result<Accepted, Error<NoRule>> {
        let rules = self.rules(ctx.practice).await?;
        let workflows = Workflows::compile(taxonomy, rules.workflows().iter().cloned());
        let (dimension, raw) = (fold(dimension), fold(raw));
        let sends = |id: WorkflowId| {
            let automations = workflows.get(id).map(|workflow| &workflow.automations);
            automations.is_some_and(|all| all.iter().any(|own| own.enabled))
        };
        let mut accepted = Accepted {
            taxonomy: after,
            matters: 0,
            gaining: 0,
            firing: 0,
            by_workflow: BTreeMap::new(),
            first: Vec::new(),
        };
        self.each_unknown(ctx, |case| {
            let carries = |(name, text): (&String, &String)| fold(name) == dimension && fold(text) == raw;
            if !case.unknown.iter().any(carries) {
                return;
            }
            accepted.matters += 1;
            if !case.open {
                return;
            }
            let before = taxonomy.kept(&case.normalised, &case.unknown);
            let before = workflows.matching(&before);
            let mut gained = workflows.matching(&taxonomy.facts(&case.case));
            gained.retain(|id| !before.contains(id));
            if gained.is_empty() {
                return;
            }
            accepted.gaining += 1;
            accepted.firing += u64::from(case.is_in_a_stage() && gained.iter().any(|id| sends(*id)));
            for id in &gained {
                *accepted.by_workflow.entry(*id).or_default() += 1;
            }
            if accepted.first.len() < Accepted::SHOWN {
                accepted.first.push(Gained {
                    matter: case.id,
                    reference: case.reference.clone(),
                    workflows: gained,
                });
            }
        })
        .await?;
        Ok(accepted)
    }
}
