//! What workflows cost at work: a dry run over all matters, each with its client, and a change of stage end to end beside the
//! bare commit of a matter.

use std::sync::Arc;
use std::time::Instant;

use portal_core::client::Client;
use portal_core::identity::StaffMember;
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::notify::{DeliveryState, Letter};
use portal_core::policy::Role;
use portal_core::rulebook::KeptWorkflow;
use portal_core::sms::PhoneRecord;
use portal_core::stage::{SendTotals, StageEntry};
use portal_core::testing::{Fakes, Samples, save};
use portal_core::text::Phone;
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, Held, PRACTICE_AREA, Requirement, STAGE, TaxonomyDraft,
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
        "| store | filling, s | dry run, ms | a change of stage, ms | reading a matter and committing it bare, ms | times |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
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

/// Writes the practice, with the rules that the matters match; answers the workflows by number.
async fn fill_rules(
    store: &dyn Store,
    portal: &Portal,
    samples: &Samples,
    owner: &StaffMember,
) -> Result<Vec<KeptWorkflow>, Failed> {
    save(store, [Record::from(samples.practice()), owner.clone().into()]).await?;
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
    Ok(workflows)
}

/// A matter in a stage that the workflow of its number matches, with all that a dry run reads of it: a client with a number
/// of their own who takes part, and the entry into the stage. Every fourth client has a workspace, every tenth asked for no
/// more text messages, and to every fifth the workflow's message went out already. To the first it can be sent.
fn one_of_many(
    samples: &Samples,
    owner: &StaffMember,
    workflow: &KeptWorkflow,
    number: usize,
) -> Result<(Matter, Vec<Record>), Failed> {
    let (area, stage) = (area(number), stage(number));
    let phone = Phone::try_from(format!("+614{number:08}")).map_err(|_| "not a telephone number")?;
    let client = Client {
        phone: Some(phone.clone()),
        ..samples.client("Somebody", &format!("Number {number}"))
    };
    let matter = Matter {
        normalised: [(PRACTICE_AREA, &area), (STAGE, &stage)]
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into(),
        practice_area: Some(area.to_uppercase()),
        stage: Some(format!(" {stage}")),
        ..samples.matter(owner)
    };
    let entry = StageEntry {
        canonical: Some(stage),
        ..samples.stage_entry(&matter, 1)
    };
    let mut records: Vec<Record> = vec![
        client.clone().into(),
        matter.clone().into(),
        samples.participant(&matter, &client, Part::Principal).into(),
        entry.clone().into(),
    ];
    if number % 4 == 1 {
        records.push(samples.access(&matter, &client).into());
    }
    if number % 10 == 3 {
        let record = PhoneRecord {
            id: PhoneRecord::id_of(&phone),
            phone: phone.clone(),
            ..samples.phone_record()
        };
        records.push(record.into());
    }
    if number % 5 == 2 {
        let event = samples.event(&matter, owner);
        let mut delivery = samples.automated(&event, &matter, &client);
        delivery.to = phone.into();
        delivery.state = DeliveryState::Sent;
        delivery.sent_at = Some(samples.at);
        if let Letter::Automated { cause, .. } = &mut delivery.letter {
            (cause.workflow, cause.entry) = (workflow.id, entry.id);
        }
        records.push(delivery.into());
    }
    Ok((matter, records))
}

/// Writes the practice, its rules and its matters; answers the first of these.
async fn fill(store: &dyn Store, portal: &Portal, samples: &Samples) -> Result<Matter, Failed> {
    let owner = samples.staff(Role::Owner);
    let workflows = fill_rules(store, portal, samples, &owner).await?;
    let mut first = None;
    let mut records = Vec::new();
    for (number, workflow) in (0..MATTERS).zip(workflows.iter().cycle()) {
        let (matter, own) = one_of_many(samples, &owner, workflow, number)?;
        first.get_or_insert(matter);
        records.extend(own);
        if records.len() >= 1_000 {
            save(store, std::mem::take(&mut records)).await?;
        }
    }
    save(store, records).await?;
    Ok(first.ok_or("there are matters")?)
}

/// Whether each matter was looked at with its client: one number in ten stopped, and one text in five went out already.
fn check_sends(sends: &SendTotals) -> Result<(), Failed> {
    let held = |why: &Held| sends.held.get(why.as_str()).copied().unwrap_or_default();
    let all = sends.texts + held(&Held::OptedOut) + held(&Held::Written);
    // They are reckoned from a part, each rounded by itself.
    let is_all = all.abs_diff(MATTERS as u64) < 10;
    let in_part = [sends.texts, held(&Held::OptedOut), held(&Held::Written)];
    if !is_all || in_part.contains(&0) {
        return Err(format!("not every matter's client was looked at: {sends:?}").into());
    }
    Ok(())
}

async fn measure(name: &str, store: Arc<dyn Store>, plan: Plan<'_>) -> Result<(), Failed> {
    let fakes = Fakes::default();
    let portal = fakes.portal(Arc::clone(&store));
    let samples = Samples::new(11).at(SystemClock.now());
    let begun = Instant::now();
    let matter = fill(&*store, &portal, &samples).await?;
    let filling = begun.elapsed().as_secs_f64();
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
        check_sends(&run.sends.ok_or("the first part says what is sent")?)?;
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
        "| {name} | {filling:.0} | {:.0} | {staged:.2} | {bare:.2} | {:.1} |",
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
