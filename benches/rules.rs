//! What pure rules cost: `cargo bench -p portal-benches --bench rules`.
#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark fails by panicking; criterion makes its main"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portal_core::document::{DownloadTicket, FileName, FileType};
use portal_core::testing::Samples;
use portal_core::{Keys, RequestId, text};

fn rules(c: &mut Criterion) {
    let samples = Samples::new(1);
    let (practice, template) = (samples.practice(), samples.template());
    let keys = Keys::new([7; 32]);
    let (link, at) = (samples.id(), practice.created_at);

    c.bench_function("derive a sign-in token", |b| {
        b.iter(|| keys.link_token(practice.id, black_box(link)));
    });
    let ticket = DownloadTicket {
        practice: practice.id,
        document: samples.id(),
        session: samples.id(),
        expires_at: at + DownloadTicket::LIFE,
    };
    let signed = ticket.sign(&keys);
    c.bench_function("check a signed download address", |b| {
        b.iter(|| DownloadTicket::verify(black_box(&signed), &keys, at).expect("it is good"));
    });
    let (name, mut head) = (FileName::sanitise("passport.pdf"), b"%PDF-1.7\n".to_vec());
    head.resize(FileType::HEAD, b'x');
    c.bench_function("type a file by name and content", |b| {
        b.iter(|| FileType::decide(&name, black_box(&head)).expect("a PDF"));
    });
    let place = (practice.id, samples.id(), samples.id());
    c.bench_function("apply a template to an empty checklist", |b| {
        b.iter(|| {
            template
                .apply(place, &[], || samples.id::<RequestId>(), at)
                .expect("something new")
        });
    });
    c.bench_function("fold a name for search", |b| {
        b.iter(|| {
            text::fold(black_box(
                "Siobh\u{e1}n O\u{2019}Reilly von und zu Hohenstein-Waldburg",
            ))
        });
    });
}

criterion_group!(benches, rules);
criterion_main!(benches);
