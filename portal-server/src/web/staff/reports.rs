//! Reports in numbers.

use askama::Template;

use super::Chip;
use crate::web::view::{Badge, Errors, Shell};

/// `/staff/reports/messages`: messages by state, channel, workflow and day.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/message_report.html")]
pub struct MessageReport {
    /// The frame.
    pub shell: Shell,
    /// The period in words, and whose days they are.
    pub period: String,
    /// Usual periods.
    pub chips: Vec<Chip>,
    /// `since`, as a date.
    pub since: String,
    /// `until`, as a date.
    pub until: String,
    /// What is wrong with the period.
    pub errors: Errors,
    /// How many messages there are.
    pub total: Number,
    /// Whether there are any.
    pub is_empty: bool,
    /// A bar for each day.
    pub chart: Chart,
    /// By state, those that occur.
    pub states: Vec<(Badge, Number)>,
    /// What text messages cost, in a sentence; empty where no price is known.
    pub cost: String,
    /// By channel, those that occur.
    pub channels: Vec<SplitRow>,
    /// By workflow, the most first, and all that belong to none.
    pub workflows: Vec<SplitRow>,
    /// The heads of the columns of the table of days.
    pub columns: Vec<String>,
    /// Each day with what was written on it, the last first.
    pub days: Vec<DayRow>,
}

/// A number that leads to what it counts.
#[derive(Debug, Clone, Default)]
pub struct Number {
    /// The number, worded; a dash for none.
    pub text: String,
    /// The list of what it counts; empty where there is none.
    pub href: String,
}

/// Messages of one kind.
#[derive(Debug, Clone, Default)]
pub struct SplitRow {
    /// What they have in common.
    pub name: String,
    /// How many there are.
    pub count: Number,
    /// What their text messages cost; a dash for nothing, empty where no price is known.
    pub cost: String,
}

/// A day of the table.
#[derive(Debug, Clone, Default)]
pub struct DayRow {
    /// The day.
    pub day: String,
    /// A number for each column, with the column's head; the last is of all of them.
    pub numbers: Vec<(String, Number)>,
    /// Whether there was no message on it: a phone leaves it out.
    pub is_quiet: bool,
    /// What its text messages cost; a dash for nothing, empty where no price is known.
    pub cost: String,
}

/// A bar chart. Its shapes are in units of [`Chart::width`] by [`Chart::HEIGHT`] and stretch to the room there is.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// What it shows, for those who do not see it.
    pub title: String,
    /// How wide it is.
    pub width: u64,
    /// What stands in it.
    pub bars: Vec<Bar>,
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
    /// How high the highest bar is, in words.
    pub most: String,
}

/// A part of a day's bar.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// The class of its colour: `chart__sent`.
    pub class: &'static str,
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: String,
    /// Its height.
    pub height: String,
    /// What it stands for: `Fri 20 Nov: 12 delivered`.
    pub title: String,
}

impl Chart {
    /// How high it is.
    pub const HEIGHT: u64 = 100;
    /// How far two days are apart.
    pub const STEP: u64 = 10;
    /// How wide a bar is.
    pub const BAR: u64 = 8;
}
