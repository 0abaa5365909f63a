//! Messages in numbers: a full period, one without messages, and one that is none.

use askama::Template;
use portal_server::web::{
    staff::{
        Place,
        reports::{Bar, Chart, DayRow, MessageReport, Number, SplitRow},
    },
    view::{Badge, Errors, Tone},
};

use crate::rendered::{self, all, words};
use crate::staff::{ARABIC, GERMAN, chip, shell};

fn number(text: &str) -> Number {
    Number {
        text: text.to_owned(),
        href: format!("/staff/mails?since=2026-11-01&until=2026-11-20&state={text}"),
    }
}

fn none() -> Number {
    Number {
        text: "\u{2013}".to_owned(),
        href: String::new(),
    }
}

fn report() -> MessageReport {
    let columns = ["Delivered", "Sent", "Waiting", "Held back", "Failed", "All"].map(str::to_owned);
    let day = |day: &str, quiet: bool| DayRow {
        day: day.to_owned(),
        numbers: columns
            .iter()
            .map(|column| (column.clone(), if quiet { none() } else { number("1,204") }))
            .collect(),
        is_quiet: quiet,
        cost: if quiet { "\u{2013}" } else { "96.32 AUD" }.to_owned(),
    };
    let split = |name: &str, count: Number, cost: &str| SplitRow {
        name: name.to_owned(),
        count,
        cost: cost.to_owned(),
    };
    let classes = [
        "chart__sent",
        "chart__waiting",
        "chart__doubtful",
        "chart__failed",
    ];
    let bars = (0..30_u64).flat_map(|at| {
        let heights = [20 + at % 7 * 6, at % 5 * 3, at % 3 * 4, at % 4];
        let mut below = 0;
        classes.into_iter().zip(heights).map(move |(class, height)| {
            below += height;
            Bar {
                class,
                x: at * Chart::STEP + 1,
                y: (Chart::HEIGHT - below).to_string(),
                height: height.to_string(),
                title: format!("Day {at}: {height} delivered"),
            }
        })
    });
    MessageReport {
        shell: shell(Place::Reports),
        period: "Written from 1 Nov to 30 Nov. Days are those of Australia/Sydney.".to_owned(),
        chips: vec![chip("Last 7 days", "", false), chip("Last 30 days", "", true)],
        since: "2026-11-01".to_owned(),
        until: "2026-11-30".to_owned(),
        errors: Errors::default(),
        total: number("12,345"),
        is_empty: false,
        chart: Chart {
            title: "Messages by day from 1 Nov to 30 Nov, as the table below has them".to_owned(),
            width: 30 * Chart::STEP,
            bars: bars.collect(),
            first: "Sun 1 Nov".to_owned(),
            last: "Mon 30 Nov".to_owned(),
            most: "1,204 messages on the busiest day, Fri 20 Nov".to_owned(),
        },
        states: vec![
            (Badge::new(Tone::Success, "Delivered"), number("10,200")),
            (Badge::new(Tone::Info, "Waiting").with_icon("clock"), number("45")),
            (Badge::new(Tone::Warning, "Held back"), number("1,900")),
            (Badge::new(Tone::Danger, "Failed"), number("200")),
        ],
        cost: "Estimated cost of text messages: 1,040.08 AUD for 13,001 segments.".to_owned(),
        channels: vec![
            split("Mails", number("8,000"), "\u{2013}"),
            split("Text messages", number("4,345"), "1,040.08 AUD"),
        ],
        workflows: vec![
            split(GERMAN, number("4,000"), "1,038.16 AUD"),
            split(ARABIC, number("12"), "1.92 AUD"),
            split("None: the portal's own and those of staff", none(), "\u{2013}"),
        ],
        columns: columns.to_vec(),
        days: vec![
            day("Today", false),
            day("Sun 29 Nov", true),
            day("Sat 28 Nov", false),
        ],
    }
}

#[test]
fn numbers_stand_in_a_chart_and_in_tables() {
    let html = rendered::page("staff-report", &report().render().unwrap());
    assert_eq!(all(&html, "svg[role=img][aria-label] rect > title").len(), 120);
    assert_eq!(all(&html, "table").len(), 3);
    assert_eq!(
        all(&html, ".chart__key a").len(),
        5,
        "each number leads to what it counts"
    );
    assert_eq!(all(&html, "td a[href='']").len(), 0);
    assert_eq!(
        all(&html, "td[data-label=Cost]").len(),
        8,
        "of each channel, workflow and day"
    );

    let unpriced = MessageReport {
        cost: String::new(),
        ..report()
    };
    let html = unpriced.render().unwrap();
    rendered::page("staff-report-unpriced", &html);
    assert!(!html.contains("Cost") && !html.contains("#cost"));

    let empty = MessageReport {
        is_empty: true,
        ..report()
    };
    let html = rendered::page("staff-report-none", &empty.render().unwrap());
    assert_eq!(words(&html, ".empty h2"), "No messages in this time");

    let mut wrong = report();
    wrong.errors.add("until", "The period ends before it begins.");
    let html = rendered::page("staff-report-error", &wrong.render().unwrap());
    assert_eq!(all(&html, "#until[aria-invalid=true]").len(), 1);
    assert!(all(&html, "svg.chart__bars").is_empty());
}
