//! What a workflow's form says, as the draft that it stands for.

use std::collections::BTreeMap;
use std::str::FromStr;

use portal_core::matter::Part;
use portal_core::workflow::{
    Again, Assignee, Automation, Channel, Criterion, QuietHours, Requirement, Test, WorkflowDraft,
};

use super::super::super::sent::Fields;
use super::kinds::{Unit, channel};
use crate::web::view::Errors;

/// What a form says, with the place on it of each part of the draft.
pub(super) struct Filled {
    pub(super) draft: WorkflowDraft,
    pub(super) errors: Errors,
    pub(super) criteria: Vec<String>,
    pub(super) requirements: Vec<String>,
    pub(super) automations: Vec<Sent>,
}

/// Where a message or task stands: its row, and that of each language.
pub(super) struct Sent {
    pub(super) id: String,
    languages: BTreeMap<String, String>,
}

/// The rows that have a field of this name, in the order of the form: `c0`, `c2` for `c0_dimension`, `c2_dimension`.
pub(super) fn rows(fields: &Fields, letter: &str, mark: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for (name, _) in &fields.0 {
        let row = name.strip_suffix(mark).and_then(|row| row.strip_suffix('_'));
        let number = row.and_then(|row| row.strip_prefix(letter));
        let is_row =
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
        if let (Some(row), true) = (row, is_row)
            && rows.iter().all(|known| known != row)
        {
            rows.push(row.to_owned());
        }
    }
    rows
}

/// The languages of a message: `a0_l0`, ..
pub(super) fn languages(fields: &Fields, id: &str) -> Vec<String> {
    rows(fields, &format!("{id}_l"), "language")
}

/// The number after those of all rows of that kind.
pub(super) fn next(fields: &Fields, letter: &str, mark: &str) -> u64 {
    let numbers = rows(fields, letter, mark).into_iter();
    let numbers = numbers.filter_map(|row| row.strip_prefix(letter)?.parse::<u64>().ok());
    numbers.max().map_or(0, |last| last.saturating_add(1))
}

/// All values that were sent under a name.
pub(super) fn all(fields: &Fields, name: &str) -> Vec<String> {
    let own = fields.0.iter().filter(|(known, _)| known == name);
    own.map(|(_, value)| value.clone()).collect()
}

impl Filled {
    fn number<T: FromStr>(&mut self, fields: &Fields, name: &str) -> Option<T> {
        let text = fields.text(name);
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.errors.add(name, "Write a whole number in digits, like 14.");
        }
        number
    }

    fn criterion(&mut self, fields: &Fields, id: &str) {
        let test = match fields.text(&format!("{id}_test")).as_str() {
            "any" => Test::Any,
            "one-of" => Test::OneOf(all(fields, &format!("{id}_value"))),
            "none-of" => Test::NoneOf(all(fields, &format!("{id}_value"))),
            "below" => match fields.text(&format!("{id}_below")) {
                parent if parent.is_empty() => {
                    self.errors
                        .add(format!("{id}_below"), "Choose the value that it lies below.");
                    return;
                }
                parent => Test::Below(parent),
            },
            _ => return,
        };
        self.criteria.push(id.to_owned());
        let dimension = fields.text(&format!("{id}_dimension"));
        self.draft.criteria.push(Criterion::new(dimension, test));
    }

    fn requirement(&mut self, fields: &Fields, id: &str) {
        let text = |name: &str| fields.text(&format!("{id}_{name}"));
        // A row that nobody filled in is none.
        if ["title", "help", "group", "key", "due"]
            .iter()
            .all(|name| text(name).trim().is_empty())
        {
            return;
        }
        let wanted = self.number(fields, &format!("{id}_wanted"));
        let due_in_days = self.number(fields, &format!("{id}_due"));
        self.requirements.push(id.to_owned());
        self.draft.requirements.push(Requirement {
            key: text("key"),
            help: text("help"),
            group: text("group"),
            part: fields.value(&format!("{id}_part")).unwrap_or(Part::Principal),
            wanted: wanted.unwrap_or(1),
            due_in_days,
            required: fields.ticked(&format!("{id}_required")),
            ..Requirement::new(text("title"))
        });
    }

    /// The words of a message, by language, and where each language stands.
    fn words(&mut self, fields: &Fields, id: &str, automation: &mut Automation) -> BTreeMap<String, String> {
        let mut places = BTreeMap::new();
        let rows = languages(fields, id);
        let is_only = rows.len() == 1;
        for place in rows {
            let language = fields.text(&format!("{place}_language")).trim().to_owned();
            // Texts go through forms with the line ends of forms.
            let text = |name: &str| fields.text(&format!("{place}_{name}")).replace("\r\n", "\n");
            let (subject, text) = (text("subject"), text("text"));
            let is_blank = subject.trim().is_empty() && text.trim().is_empty();
            if is_blank && !is_only {
                continue;
            }
            if language.is_empty() && !is_blank {
                self.errors.add(
                    format!("{place}_language"),
                    "Say which language this is, such as en.",
                );
            }
            if places.insert(language.clone(), place.clone()).is_some() {
                self.errors
                    .add(format!("{place}_language"), "This language is there twice.");
                continue;
            }
            if !subject.trim().is_empty() {
                automation.subject.insert(language.clone(), subject);
            }
            if !text.trim().is_empty() {
                automation.text.insert(language, text);
            }
        }
        places
    }

    fn automation(&mut self, fields: &Fields, id: &str) {
        let name = |name: &str| format!("{id}_{name}");
        let channel = channel(&fields.text(&name("channel")));
        let mut automation = Automation {
            enabled: fields.ticked(&name("enabled")),
            to: fields.value(&name("to")).unwrap_or(Part::Principal),
            ..Automation::new(channel)
        };
        let languages = self.words(fields, id, &mut automation);
        let unit = Unit::of(&fields.text(&name("delay_unit")));
        let delay: u32 = self.number(fields, &name("delay")).unwrap_or(0);
        automation.delay_minutes = delay.saturating_mul(unit.minutes());
        let hours = (
            self.number(fields, &name("from")),
            self.number(fields, &name("until")),
        );
        automation.quiet_hours = match hours {
            (Some(from), Some(until)) => Some(QuietHours { from, until }),
            (None, None) => None,
            (from, _) => {
                let missing = if from.is_some() { "until" } else { "from" };
                self.errors.add(name(missing), "Give both hours, or none.");
                None
            }
        };
        let days = self.number(fields, &name("days"));
        automation.again = match (fields.text(&name("again")).as_str(), days) {
            ("once", _) => Again::Once,
            ("after", Some(days)) => Again::AfterDays(days),
            ("after", None) => {
                if self.errors.of(&name("days")).is_empty() {
                    self.errors.add(name("days"), "After how many days?");
                }
                Again::Once
            }
            _ => Again::Always,
        };
        if channel == Channel::Task {
            automation.assignee = fields.value::<Assignee>(&name("assignee")).unwrap_or_default();
            automation.due_in_days = self.number(fields, &name("due"));
        }
        self.automations.push(Sent {
            id: id.to_owned(),
            languages,
        });
        self.draft.automations.push(automation);
    }

    /// Reads a form. What is no number, or only half there, is noted.
    pub(super) fn read(fields: &Fields, enabled: bool) -> Self {
        let mut filled = Self {
            draft: WorkflowDraft {
                name: fields.text("name"),
                enabled,
                ..WorkflowDraft::default()
            },
            errors: Errors::default(),
            criteria: Vec::new(),
            requirements: Vec::new(),
            automations: Vec::new(),
        };
        filled.draft.priority = filled.number(fields, "priority").unwrap_or(0);
        for id in rows(fields, "c", "dimension") {
            filled.criterion(fields, &id);
        }
        for id in rows(fields, "r", "title") {
            filled.requirement(fields, &id);
        }
        for id in rows(fields, "a", "channel") {
            filled.automation(fields, &id);
        }
        filled
    }

    /// The field of the form that a place of the draft stands in: `requirements.1.due_in_days` is `r3_due`.
    fn field(&self, place: &str) -> Option<String> {
        let (kind, rest) = place.split_once('.').unwrap_or((place, ""));
        let (index, rest) = rest.split_once('.').unwrap_or((rest, ""));
        let index = index.parse().unwrap_or(usize::MAX);
        let field = match kind {
            "name" | "priority" => kind.to_owned(),
            "criteria" => {
                let row = self.criteria.get(index).map_or("c0", String::as_str);
                let test = if rest.starts_with("below") {
                    "below"
                } else {
                    "test"
                };
                format!("{row}_{test}")
            }
            "requirements" => {
                let row = self.requirements.get(index)?;
                let field = match rest {
                    "" => "title",
                    "due_in_days" => "due",
                    field => field,
                };
                format!("{row}_{field}")
            }
            "automations" => self
                .automations
                .get(index)?
                .field(rest, self.draft.automations.get(index)?),
            _ => return None,
        };
        Some(field)
    }

    /// What the rules say, at the fields of the form.
    pub(super) fn placed(&self, errors: Errors) -> Errors {
        let mut placed = Errors::default();
        for error in errors.0 {
            placed.add(self.field(&error.field).unwrap_or_default(), error.text);
        }
        placed
    }
}

impl Sent {
    /// The field that stands for the whole of it.
    pub(super) fn main(&self, automation: &Automation) -> String {
        let field = if automation.channel == Channel::Task {
            "assignee"
        } else {
            "to"
        };
        format!("{}_{field}", self.id)
    }

    fn field(&self, rest: &str, automation: &Automation) -> String {
        let id = &self.id;
        let (field, language) = rest.split_once('.').unwrap_or((rest, ""));
        match field {
            "subject" | "text" => {
                let place = self
                    .languages
                    .get(language)
                    .or_else(|| self.languages.values().next());
                place.map_or_else(|| self.main(automation), |place| format!("{place}_{field}"))
            }
            "due_in_days" => format!("{id}_due"),
            "delay_minutes" => format!("{id}_delay"),
            "again" => format!("{id}_days"),
            "quiet_hours" => format!("{id}_from"),
            _ => self.main(automation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Fields(pairs.collect())
    }

    #[test]
    fn rows_come_in_the_order_of_the_form_whatever_their_numbers() {
        let sent = fields(&[
            ("r7_title", "b"),
            ("r0_title", "a"),
            ("r7_title", "again"),
            ("r_title", "x"),
            ("rx_title", "x"),
            ("r1_help", "no title, no row"),
        ]);
        assert_eq!(rows(&sent, "r", "title"), ["r7", "r0"]);
        assert_eq!(next(&sent, "r", "title"), 8);
        assert_eq!(next(&sent, "a", "channel"), 0);
    }

    #[test]
    fn what_the_rules_refuse_is_told_where_it_was_typed() {
        let sent = fields(&[
            ("c0_dimension", "Office"),
            ("c0_test", ""),
            ("c1_dimension", "Case stage"),
            ("c1_test", "one-of"),
            ("c1_value", "Filing"),
            ("r0_title", " "),
            ("r4_title", "Passport"),
            ("r4_wanted", "900"),
            ("r4_due", "soon"),
            ("a2_channel", "email"),
            ("a2_l0_language", "de"),
            ("a2_l3_language", "en"),
            ("a2_l3_text", "{{ nobody }}"),
            ("a2_from", "21"),
        ]);
        let filled = Filled::read(&sent, false);
        assert_eq!(
            filled.draft.criteria,
            [Criterion::one_of("Case stage", ["Filing"])]
        );
        assert_eq!(
            filled.errors.of("r4_due"),
            "Write a whole number in digits, like 14."
        );
        assert_eq!(filled.errors.of("a2_until"), "Give both hours, or none.");
        for (place, field) in [
            ("name", "name"),
            ("criteria", "c0_test"),
            ("criteria.0.one_of.0", "c1_test"),
            ("requirements.0.wanted", "r4_wanted"),
            ("requirements.0.due_in_days", "r4_due"),
            ("automations.0", "a2_to"),
            ("automations.0.text.en", "a2_l3_text"),
            ("automations.0.subject", "a2_l3_subject"),
            ("automations.0.delay_minutes", "a2_delay"),
            ("nowhere.3", ""),
        ] {
            let mut errors = Errors::default();
            errors.add(place, "wrong");
            let placed = filled.placed(errors);
            assert_eq!(
                placed.0.first().map(|error| error.field.as_str()),
                Some(field),
                "{place}"
            );
        }
    }

    #[test]
    fn a_message_that_says_nothing_in_its_only_language_is_still_one() {
        let sent = fields(&[
            ("a0_channel", "sms"),
            ("a0_l0_language", "en"),
            ("a0_l0_text", " "),
        ]);
        let filled = Filled::read(&sent, false);
        assert_eq!(filled.draft.automations.len(), 1);
        assert_eq!(filled.field("automations.0.text").as_deref(), Some("a0_l0_text"));
    }
}
