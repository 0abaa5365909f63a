//! The portal's matcher beside a `HashMap`, zen-engine and cedar-policy, in one run: `cargo bench`.
//!
//! Each engine answers which rules match a case, on rules of two exact dimensions, which all of them can express. zen-engine
//! has them as a compiled decision table that collects every hit, cedar-policy as permits of which the answer names those
//! that hold. `RIVALS_MILLION=1` adds a million rules for all but cedar-policy (which reads them for minutes).

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use cedar_policy::{Authorizer, Context, Entities, EntityUid, PolicySet, Request};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portal_core::workflow::Workflows;
use portal_rivals::Rules;
use serde_json::{Value, json};
use zen_engine::Decision;

/// How many cases take turns.
const CASES: usize = 1 << 12;

fn rivals(c: &mut Criterion) {
    let million = std::env::var_os("RIVALS_MILLION").is_some();
    for side in [10, 100].into_iter().chain(million.then_some(1_000)) {
        let rules = Rules { side };
        let number = side * side;
        let scattered = rules.scattered(CASES);
        let mut turn = 0;
        let mut next = move || {
            turn = (turn + 1) % CASES;
            turn
        };
        let mut group = c.benchmark_group("two exact dimensions");
        group.sample_size(20);

        let key = |(area, stage): (String, String)| format!("{area}\u{1f}{stage}");
        let map: HashMap<String, usize> = rules
            .pairs()
            .enumerate()
            .map(|(number, pair)| (key(pair), number))
            .collect();
        let keys: Vec<String> = scattered.iter().map(|number| key(rules.pair(*number))).collect();
        group.bench_function(BenchmarkId::new("HashMap", number), |b| {
            b.iter(|| map.get(black_box(keys[next()].as_str())).copied());
        });

        let taxonomy = rules.taxonomy();
        let workflows = built("portal", number, || {
            Workflows::compile(&taxonomy, rules.workflows())
        });
        let facts: Vec<_> = scattered
            .iter()
            .map(|number| taxonomy.facts(&rules.case(*number)))
            .collect();
        assert!(facts.iter().all(|facts| workflows.matches(facts).len() == 1));
        group.bench_function(BenchmarkId::new("portal", number), |b| {
            b.iter(|| workflows.matches(black_box(&facts[next()])).len());
        });

        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let decision = built("zen-engine", number, || zen(rules));
        let inputs: Vec<Value> = scattered
            .iter()
            .map(|number| {
                let (area, stage) = rules.pair(*number);
                json!({ "area": area, "stage": stage })
            })
            .collect();
        let ask = |input: &Value| {
            runtime
                .block_on(decision.evaluate(input.clone().into()))
                .expect("an answer")
                .result
        };
        let seen: Value = ask(&inputs[0]).to_value();
        assert_eq!(
            seen,
            json!([{ "number": scattered[0] }]),
            "zen-engine finds the rule"
        );
        group.bench_function(BenchmarkId::new("zen-engine", number), |b| {
            b.iter(|| black_box(ask(&inputs[next()])));
        });

        if side <= 100 {
            let policies = built("cedar-policy", number, || cedar(rules));
            let (authorizer, entities) = (Authorizer::new(), Entities::empty());
            let requests: Vec<Request> = scattered.iter().map(|number| request(rules, *number)).collect();
            let answer = authorizer.is_authorized(&requests[0], &policies, &entities);
            assert_eq!(
                answer.diagnostics().reason().count(),
                1,
                "cedar-policy finds the rule"
            );
            group.sample_size(10);
            group.bench_function(BenchmarkId::new("cedar-policy", number), |b| {
                b.iter(|| authorizer.is_authorized(&requests[next()], &policies, &entities));
            });
        }
        group.finish();
    }
}

fn built<T>(name: &str, number: usize, build: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let built = build();
    println!(
        "{name}: {number} rules built in {:.3} s, written down included",
        begun.elapsed().as_secs_f64()
    );
    built
}

fn zen(rules: Rules) -> Decision {
    let lines: Vec<Value> = rules
        .pairs()
        .enumerate()
        .map(|(number, (area, stage))| {
            json!({
                "_id": number.to_string(),
                "area": format!("\"{area}\""),
                "stage": format!("\"{stage}\""),
                "number": number.to_string(),
            })
        })
        .collect();
    let content = json!({
        "nodes": [
            { "id": "in", "name": "in", "type": "inputNode", "content": {} },
            { "id": "table", "name": "table", "type": "decisionTableNode", "content": {
                "hitPolicy": "collect",
                "inputs": [
                    { "id": "area", "name": "Area", "field": "area" },
                    { "id": "stage", "name": "Stage", "field": "stage" },
                ],
                "outputs": [{ "id": "number", "name": "Number", "field": "number" }],
                "rules": lines,
            } },
            { "id": "out", "name": "out", "type": "outputNode", "content": {} },
        ],
        "edges": [
            { "id": "1", "sourceId": "in", "targetId": "table" },
            { "id": "2", "sourceId": "table", "targetId": "out" },
        ],
    });
    let mut decision = Decision::from(Arc::new(serde_json::from_value(content).expect("a decision")));
    decision.compile();
    decision
}

fn cedar(rules: Rules) -> PolicySet {
    let permit = |(area, stage)| {
        format!(
            "permit(principal, action, resource) when {{ context.area == \"{area}\" && context.stage == \"{stage}\" }};\n"
        )
    };
    rules
        .pairs()
        .map(permit)
        .collect::<String>()
        .parse()
        .expect("policies")
}

fn request(rules: Rules, number: usize) -> Request {
    let (area, stage) = rules.pair(number);
    let context = Context::from_json_value(json!({ "area": area, "stage": stage }), None).expect("a context");
    let uid = |text: &str| -> EntityUid { text.parse().expect("an id") };
    Request::new(
        uid("Staff::\"s\""),
        uid("Action::\"match\""),
        uid("Matter::\"m\""),
        context,
        None,
    )
    .expect("a request")
}

criterion_group!(benches, rivals);
criterion_main!(benches);
