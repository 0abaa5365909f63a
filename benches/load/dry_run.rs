//! What workflows cost at work: a dry run over all matters, and a change of stage beside the bare commit of a matter.

use std::sync::Arc;
use std::time::Instant;

use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::rulebook::KeptWorkflow;
use portal_core::testing::{Fakes, Samples, save};
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, PRACTICE_AREA, Requirement, STAGE, TaxonomyDraft,
    WorkflowDraft,
};
use portal_core::{Change, Clock, Context, PageRequest, Portal, Record, Store, SystemClock};
use portal_store_postgres::{PostgresOptions, PostgresStore};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use tokio::runtime::Runtime;

use crate::compare::empty_postgres;
use crate::{Failed, Plan, median};

const MATTERS: usize = 100_000;
const AREAS: usize = 50;
/// One workflow for each area and stage: a thousand.
const STAGES: usize = 20;
/// How many changes one measurement makes, one after the other.
const CHANGES: usize = 300;

pub(crate) fn run(runtime: &Runtime, plan: Plan<'_>) -> Result<(), Failed> {
    println!(
        "## Workflows at work: {MATTERS} matters, {} workflows\n",
        AREAS * STAGES
    );
    println!(
        "| store | dry run, ms | a change of stage, ms | reading a matter and committing it bare, ms | times |"
    );
    println!("| --- | --- | --- | --- | --- |");
    let folder = tempfile::tempdir()?;
    runtime.block_on(async {
        let store = SqliteStore::open(folder.path().join("portal.db"), SqliteOptions::default()).await?;
        store.migrate().await?;
        measure("SQLite", Arc::new(store), plan).await?;
        let url = empty_postgres("dry_run").await?.url;
        let store = PostgresStore::connect(&url, PostgresOptions::default()).await?;
        store.migrate().await?;
        measure("PostgreSQL", Arc::new(store), plan).await
    })?;
    println!();
    Ok(())
}

fn area(number: usize) -> String {
    format!("Area {:02}", number % AREAS)
}

fn stage(number: usize) -> String {
    format!("Stage {:02}", number / AREAS % STAGES)
}

/// Writes the practice, its rules and its matters; answers one of these.
async fn fill(store: &dyn Store, portal: &Portal, samples: &Samples) -> Result<Matter, Failed> {
    let owner = samples.staff(Role::Owner);
    let client = samples.client("Amira", "Haddad");
    let first: Vec<Record> = vec![
        samples.practice().into(),
        owner.clone().into(),
        client.clone().into(),
    ];
    save(store, first).await?;
    let dimension = |name: &str, names: Vec<String>| {
        names
            .into_iter()
            .fold(DimensionDraft::new(name), DimensionDraft::value)
    };
    let taxonomy = TaxonomyDraft {
        dimensions: vec![
            dimension(PRACTICE_AREA, (0..AREAS).map(area).collect()),
            dimension(STAGE, (0..STAGES).map(|n| stage(n * AREAS)).collect()),
        ],
    };
    let ctx = Context::system(samples.practice, "bench", samples.at);
    portal.save_taxonomy(&ctx, None, &taxonomy).await?;
    let workflow = |number: usize| KeptWorkflow {
        draft: WorkflowDraft {
            name: format!("Workflow {number:04}"),
            criteria: vec![
                Criterion::one_of(PRACTICE_AREA, [area(number)]),
                Criterion::one_of(STAGE, [stage(number)]),
            ],
            requirements: vec![Requirement {
                key: format!("document-{number}"),
                ..Requirement::new(format!("Document {number}"))
            }],
            automations: vec![Automation::new(Channel::Sms).saying("en", "We need a document.")],
            ..WorkflowDraft::default()
        },
        ..samples.workflow()
    };
    let workflows: Vec<KeptWorkflow> = (0..AREAS * STAGES).map(workflow).collect();
    for some in workflows.chunks(200) {
        save(store, some.to_vec()).await?;
    }
    let matter = |number: usize| {
        let (area, stage) = (area(number), stage(number));
        let mut matter = samples.matter(&owner);
        matter.normalised = [(PRACTICE_AREA, &area), (STAGE, &stage)]
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into();
        matter.practice_area = Some(area.to_uppercase());
        matter.stage = Some(format!(" {stage}"));
        matter
    };
    let mut one = None;
    for begin in (0..MATTERS).step_by(500) {
        let some: Vec<Matter> = (begin..begin + 500).map(matter).collect();
        one = one.or_else(|| some.first().cloned());
        save(store, some).await?;
    }
    let one = one.ok_or("there are matters")?;
    save(store, [samples.participant(&one, &client, Part::Principal)]).await?;
    Ok(one)
}

async fn measure(name: &str, store: Arc<dyn Store>, plan: Plan<'_>) -> Result<(), Failed> {
    let fakes = Fakes::default();
    let portal = fakes.portal(Arc::clone(&store));
    let samples = Samples::new(11).at(SystemClock.now());
    let matter = fill(&*store, &portal, &samples).await?;
    let ctx = Context::system(samples.practice, "bench", samples.at);
    let (mut dry, mut staged, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=plan.rounds {
        let begun = Instant::now();
        let run = portal.dry_run(&ctx, None, None, &PageRequest::first(1)).await?;
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        let totals = run.totals.ok_or("the first part has totals")?;
        if totals.matters != MATTERS as u64 || totals.matching != MATTERS as u64 {
            return Err(format!("not all matters match: {totals:?}").into());
        }
        let changes = stage_changes(&portal, &ctx, &matter).await?;
        let commits = bare_commits(&*store, &matter).await?;
        // The first time, everything is read and prepared.
        if round > 0 {
            dry.push(took);
            staged.push(changes);
            bare.push(commits);
        }
    }
    let (staged, bare) = (median(staged), median(bare));
    println!(
        "| {name} | {:.0} | {staged:.2} | {bare:.2} | {:.1} |",
        median(dry),
        staged / bare
    );
    Ok(())
}

/// Milliseconds a change of stage, to and fro, end to end: read, normalise, match, ask and withdraw, enqueue, commit.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
async fn stage_changes(portal: &Portal, ctx: &Context, matter: &Matter) -> Result<f64, Failed> {
    let begun = Instant::now();
    for number in 0..CHANGES {
        let draft = MatterDraft {
            stage: stage((number + 1) * AREAS),
            ..matter.draft()
        };
        let change = portal
            .update_matter_with_effects(ctx, matter.id, None, &draft)
            .await?;
        if change.effects.asked.len() != 1 || change.effects.sends.len() != 1 {
            return Err(format!("a change of stage asks and sends: {:?}", change.effects).into());
        }
    }
    Ok(begun.elapsed().as_secs_f64() * 1_000.0 / CHANGES as f64)
}

/// Milliseconds a read and a commit of the matter alone.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
async fn bare_commits(store: &dyn Store, matter: &Matter) -> Result<f64, Failed> {
    let begun = Instant::now();
    for _ in 0..CHANGES {
        let found = store.matter(matter.practice_id, matter.id).await?;
        let mut found = found.ok_or("the matter is there")?;
        found.version.bump();
        let change = Change::unaudited(matter.practice_id, "a bare commit has no audit entry").save(found);
        store.commit(change).await?;
    }
    Ok(begun.elapsed().as_secs_f64() * 1_000.0 / CHANGES as f64)
}
