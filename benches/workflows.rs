//! What a match costs beside one look-up in a `HashMap<String, _>`: `cargo bench -p portal-benches --bench workflows`.
//!
//! At 100, 10,000 and 1,000,000 workflows, each of which names one value of two dimensions; then with parents, exclusions
//! and lists among them, where several match. Both sides meet the same cases in the same, scattered order. Building a
//! million, and what their index takes, is printed first.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking, and prints what criterion does not measure; criterion makes its main"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use portal_core::Version;
use portal_core::workflow::{
    Case, Criterion as Wants, DimensionDraft, Facts, PRACTICE_AREA, STAGE, Taxonomy, TaxonomyDraft, Workflow,
    WorkflowId, Workflows,
};

/// How many cases take turns: more than fit into a cache together with what they find.
const CASES: usize = 1 << 14;

/// Two dimensions of `side` values; areas lie ten below each parent.
fn taxonomy(side: usize) -> Taxonomy {
    let mut areas = DimensionDraft::new(PRACTICE_AREA);
    for group in 0..side.div_ceil(10) {
        areas = areas.value(format!("Group of areas {group}"));
    }
    for area in 0..side {
        areas = areas.value_below(
            format!("Group of areas {}", area / 10),
            format!("Practice area {area}"),
        );
    }
    let stages = (0..side).fold(DimensionDraft::new(STAGE), |stages, stage| {
        stages.value(format!("Stage {stage}"))
    });
    let draft = TaxonomyDraft {
        dimensions: vec![areas, stages],
    };
    Taxonomy::new(&draft).expect("a taxonomy")
}

fn workflow(number: usize, criteria: Vec<Wants>) -> Workflow {
    Workflow {
        id: WorkflowId::from(uuid::Uuid::from_u128(number as u128)),
        version: Version::FIRST,
        name: format!("Workflow {number}"),
        enabled: true,
        priority: 0,
        criteria,
        requirements: Vec::new(),
        automations: Vec::new(),
        editions: Vec::new(),
    }
}

/// A workflow for each pair of an area and a stage.
fn exact(side: usize) -> Vec<Workflow> {
    (0..side * side)
        .map(|number| {
            let (area, stage) = (number / side, number % side);
            let area = Wants::one_of(PRACTICE_AREA, [format!("Practice area {area}")]);
            workflow(
                number,
                vec![area, Wants::one_of(STAGE, [format!("Stage {stage}")])],
            )
        })
        .collect()
}

/// For each area: a workflow for the area in any stage, one below its parent in one stage, one for a list of stages, and one
/// for a stage outside of the area, in turn.
fn mixed(side: usize) -> Vec<Workflow> {
    (0..side * side)
        .map(|number| {
            let (area, stage) = (number / side, number % side);
            let area_name = format!("Practice area {area}");
            let criteria = match number % 4 {
                0 => vec![
                    Wants::one_of(PRACTICE_AREA, [area_name]),
                    Wants::none_of(STAGE, [format!("Stage {stage}")]),
                ],
                1 => vec![
                    Wants::below(PRACTICE_AREA, format!("Group of areas {}", area / 10)),
                    Wants::one_of(STAGE, [format!("Stage {stage}")]),
                ],
                _ => vec![
                    Wants::one_of(PRACTICE_AREA, [area_name]),
                    Wants::one_of(
                        STAGE,
                        (0..3).map(|next| format!("Stage {}", (stage + next) % side)),
                    ),
                ],
            };
            workflow(number, criteria)
        })
        .collect()
}

/// Pairs of an area and a stage, scattered (a multiplicative congruence), and their facts.
fn cases(taxonomy: &Taxonomy, side: usize) -> Vec<(String, Facts)> {
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % side
    };
    (0..CASES)
        .map(|_| {
            let (area, stage) = (format!("Practice area {}", next()), format!("Stage {}", next()));
            let case = Case::new().with(PRACTICE_AREA, &area).with(STAGE, &stage);
            (format!("{area}\u{1f}{stage}"), taxonomy.facts(&case))
        })
        .collect()
}

fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or_default();
    pages * 4_096
}

fn matching(c: &mut Criterion) {
    for side in [10, 100, 1_000] {
        let number = side * side;
        let taxonomy = taxonomy(side);
        let definitions = exact(side);
        let before = resident_bytes();
        let begun = Instant::now();
        let workflows = Workflows::compile(&taxonomy, definitions);
        println!(
            "{number} workflows: compiled in {:.3} s, index {:.1} bytes each, memory grew by {} MiB meanwhile",
            begun.elapsed().as_secs_f64(),
            index_bytes_each(&workflows),
            resident_bytes().saturating_sub(before) >> 20,
        );
        let cases = cases(&taxonomy, side);
        let map: HashMap<String, usize> = (0..number)
            .map(|number| {
                let (area, stage) = (number / side, number % side);
                (format!("Practice area {area}\u{1f}Stage {stage}"), number)
            })
            .collect();
        let mut group = c.benchmark_group("two exact dimensions");
        let mut turn = 0;
        let mut next = move || {
            turn = (turn + 1) % CASES;
            turn
        };
        group.bench_function(BenchmarkId::new("HashMap<String, _>", number), |b| {
            b.iter(|| map.get(black_box(cases[next()].0.as_str())).copied());
        });
        group.bench_function(BenchmarkId::new("matches_into", number), |b| {
            let mut found = Vec::new();
            b.iter(|| {
                workflows.matches_into(black_box(&cases[next()].1), &mut found);
                found.len()
            });
        });
        group.bench_function(BenchmarkId::new("matches", number), |b| {
            b.iter(|| workflows.matches(black_box(&cases[next()].1)).len());
        });
        group.finish();
    }
}

fn among_others(c: &mut Criterion) {
    let mut group = c.benchmark_group("parents, lists and exclusions");
    for side in [10, 100, 1_000] {
        let taxonomy = taxonomy(side);
        let workflows = Workflows::compile(&taxonomy, mixed(side));
        let cases = cases(&taxonomy, side);
        let found: usize = cases
            .iter()
            .map(|(_, facts)| workflows.matches(facts).len())
            .sum();
        println!(
            "{} mixed workflows: index {:.1} bytes each, {:.1} match a case",
            side * side,
            index_bytes_each(&workflows),
            ratio(found, cases.len())
        );
        let mut turn = 0;
        group.bench_function(BenchmarkId::new("matches_into", side * side), |b| {
            let mut found = Vec::new();
            b.iter(|| {
                turn = (turn + 1) % CASES;
                workflows.matches_into(black_box(&cases[turn].1), &mut found);
                found.len()
            });
        });
    }
    group.finish();
}

fn around(c: &mut Criterion) {
    let taxonomy = taxonomy(100);
    let workflows = exact(100);
    let case = Case::new()
        .with("practice_area", " PRACTICE  AREA 7")
        .with("case-stage", "Stage 9.");
    c.bench_function("read a case of two raw values", |b| {
        b.iter(|| taxonomy.read(black_box(&case)));
    });
    c.bench_function("compile 10,000 workflows", |b| {
        b.iter_batched(
            || workflows.clone(),
            |workflows| Workflows::compile(&taxonomy, workflows),
            BatchSize::LargeInput,
        );
    });
}

fn index_bytes_each(workflows: &Workflows) -> f64 {
    ratio(workflows.index_bytes(), workflows.len())
}

#[expect(clippy::cast_precision_loss, reason = "figures to look at")]
fn ratio(number: usize, of: usize) -> f64 {
    number as f64 / of as f64
}

criterion_group!(benches, matching, among_others, around);
criterion_main!(benches);
