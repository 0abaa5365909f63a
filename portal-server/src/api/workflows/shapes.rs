//! How the parts of a workflow look in JSON. The core reads and writes them itself; these describe that, and the test below
//! holds them to it.
#![expect(dead_code, reason = "they are described, and never made")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// What must hold in one dimension: exactly one of `any`, `one_of`, `below` and `none_of`.
#[derive(ToSchema)]
pub(crate) struct CriterionShape {
    #[schema(example = "Practice area")]
    dimension: String,
    /// True for whatever there is.
    #[schema(required = false)]
    any: bool,
    /// One of these values.
    #[schema(required = false)]
    one_of: Vec<String>,
    /// Any value below this one.
    #[schema(required = false)]
    below: String,
    /// None of these values. It holds where there is nothing, and not where something is unknown.
    #[schema(required = false)]
    none_of: Vec<String>,
}

/// A document that is asked for.
#[derive(ToSchema)]
pub(crate) struct RequirementShape {
    /// Its name among all workflows: those that ask for the same thing give it the same key. Made from the title when empty.
    #[schema(required = false, example = "passport-bio-page")]
    key: String,
    title: String,
    #[schema(required = false)]
    help: String,
    /// The group of the checklist that it stands in.
    #[schema(required = false)]
    group: String,
    /// Whom it is asked of: `principal` (the default), `partner`, `dependant` or `contact`.
    #[schema(required = false)]
    part: String,
    /// How many files are wanted: 1 to 50.
    #[schema(required = false)]
    wanted: u32,
    /// How many days after it is asked it is due.
    #[schema(required = false)]
    due_in_days: u32,
    #[schema(required = false)]
    required: bool,
}

/// Hours in which nobody is disturbed.
#[derive(ToSchema)]
pub(crate) struct QuietHoursShape {
    /// 0 to 23.
    from: u8,
    /// 0 to 23.
    until: u8,
}

/// A message or a task.
#[derive(ToSchema)]
pub(crate) struct AutomationShape {
    /// `sms`, `email` or `task`.
    channel: String,
    #[schema(required = false)]
    enabled: bool,
    /// Who gets a message: everybody who takes this part. `principal` is the default. A task speaks of the first of them.
    #[schema(required = false)]
    to: String,
    /// The subject of a mail or the title of a task, by language.
    #[schema(required = false)]
    subject: BTreeMap<String, String>,
    /// What it says, by language.
    #[schema(required = false)]
    text: BTreeMap<String, String>,
    /// Who does a task: `owner` (of the matter; the default), `anyone`, or a staff member's id.
    #[schema(required = false, example = "anyone")]
    assignee: String,
    /// How many days a task may take, by the practice's calendar.
    #[schema(required = false)]
    due_in_days: u32,
    #[schema(required = false)]
    delay_minutes: u32,
    #[schema(required = false)]
    quiet_hours: QuietHoursShape,
    /// `always` (the default), `once`, or `{"after-days": 30}`.
    #[schema(required = false, value_type = Object)]
    again: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use portal_core::workflow::{Again, Automation, Channel, Criterion, QuietHours, Requirement};
    use serde_json::Value;
    use utoipa::PartialSchema;

    use super::*;

    fn described<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        properties.keys().cloned().collect()
    }

    fn fields(values: &[Value]) -> BTreeSet<String> {
        let objects = values.iter().filter_map(Value::as_object);
        objects.flat_map(|object| object.keys().cloned()).collect()
    }

    #[test]
    fn what_is_described_is_what_is_read_and_written() {
        let json = |value: &Criterion| serde_json::to_value(value).unwrap();
        let criteria = [
            json(&Criterion::any("A")),
            json(&Criterion::one_of("A", ["B"])),
            json(&Criterion::below("A", "B")),
            json(&Criterion::none_of("A", ["B"])),
        ];
        assert_eq!(described::<CriterionShape>(), fields(&criteria));
        let requirement = Requirement {
            help: "Why".into(),
            group: "Identity".into(),
            due_in_days: Some(1),
            ..Requirement::new("Passport")
        };
        let requirement = serde_json::to_value(requirement).unwrap();
        assert_eq!(described::<RequirementShape>(), fields(&[requirement]));
        let mut automation = Automation::new(Channel::Task).saying("en", "Look");
        automation.subject.insert("en".into(), "Look".into());
        automation.assignee = portal_core::workflow::Assignee::Anyone;
        automation.due_in_days = Some(1);
        automation.delay_minutes = 1;
        automation.quiet_hours = Some(QuietHours { from: 20, until: 7 });
        automation.again = Again::AfterDays(30);
        let automation = serde_json::to_value(automation).unwrap();
        let quiet = automation["quiet_hours"].clone();
        assert_eq!(described::<QuietHoursShape>(), fields(&[quiet]));
        assert_eq!(described::<AutomationShape>(), fields(&[automation]));
    }
}
