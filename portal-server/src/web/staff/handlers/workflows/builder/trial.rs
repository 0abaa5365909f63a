//! What a draft would be today: which matters it matches, what is odd about it, and what its messages would say.

use std::str::FromStr;
use std::sync::Arc;

use portal_core::matter::{MatterFilter, MatterSort, Part};
use portal_core::notify::Samples;
use portal_core::rulebook::Rules;
use portal_core::sms::{Encoding, Price, SmsLength};
use portal_core::stage::{Anew, MatterCase, Trial, TrialMatters};
use portal_core::workflow::{Automation, Channel, Field, Finding, Template, WorkflowDraft, fold};
use portal_core::{Invalid, MatterId, PageRequest, WorkflowId};

use super::super::super::asked::{counted, number};
use super::super::super::desk::Desk;
use super::super::super::rows::matter_href;
use super::super::{analysed, words};
use super::form::{Filled, Sent};
use super::kinds::{Kind, channel};
use crate::error::Problem;
use crate::web::staff::workflow_form::{
    AutomationFields, CriterionFields, FieldRow, Preview, RequirementFields, TrialView,
};
use crate::web::view::Choice;

/// The most workflows among which something odd is looked for while somebody types; beyond, they ask for it.
const MOST_AT_ONCE: usize = 2_000;

/// A draft, tried out.
pub(super) struct Tried {
    pub(super) invalid: Option<Invalid>,
    matters: Option<TrialMatters>,
    findings: Option<Vec<(Finding, String)>>,
    samples: Samples,
    /// What a segment costs, where that is known.
    price: Option<Price>,
    shown_with: Vec<Choice>,
    /// What would go out to who got it already in other words.
    anew: Anew,
}

impl Tried {
    /// Tries a draft; `thorough` when somebody asked for all of it.
    pub(super) async fn out(
        desk: &Desk,
        id: Option<WorkflowId>,
        draft: &WorkflowDraft,
        (with, thorough): (&str, bool),
    ) -> Result<Self, Problem> {
        let (portal, ctx) = (desk.portal(), desk.ctx());
        let Trial {
            id,
            rules,
            invalid,
            matters,
            anew,
        } = portal.try_workflow(ctx, id, draft).await?;
        let findings = findings(rules, id, thorough).await?;
        let (matter, shown_with) = shown_with(desk, matters.as_ref(), with).await?;
        Ok(Self {
            invalid,
            matters,
            findings,
            samples: portal.samples(ctx, matter).await?,
            price: desk.state.cost_of(1),
            shown_with,
            anew,
        })
    }

    /// Puts what it found beside the fields that cause it; answers the rest.
    pub(super) fn beside(
        &self,
        filled: &Filled,
        criteria: &mut [CriterionFields],
        requirements: &mut [RequirementFields],
        automations: &mut [AutomationFields],
    ) -> TrialView {
        let mut rest = Vec::new();
        let mut count = 0_u64;
        for (finding, sentence) in self.findings.iter().flatten() {
            let slot = match finding {
                Finding::Stale { dimension, .. } => criteria
                    .iter_mut()
                    .find(|row| fold(&row.dimension) == fold(dimension))
                    .map(|row| &mut row.findings),
                Finding::Unreachable { .. } => criteria.first_mut().map(|row| &mut row.findings),
                Finding::RequirementDiffers { key, .. } => row_of(filled, key)
                    .and_then(|id| requirements.iter_mut().find(|row| row.at.id == *id))
                    .map(|row| &mut row.findings),
                Finding::SameMessage { channel, to, .. } => sent_by(filled, *channel, *to)
                    .and_then(|id| automations.iter_mut().find(|row| row.at.id == *id))
                    .map(|row| &mut row.findings),
                Finding::Shadowed { .. } | Finding::Duplicate { .. } | Finding::Uncovered { .. } => None,
            };
            match slot {
                Some(slot) => {
                    slot.push(sentence.clone());
                    count += 1;
                }
                None => rest.push(sentence.clone()),
            }
        }
        for (id, sentence) in self.anew(filled) {
            if let Some(row) = automations.iter_mut().find(|row| row.at.id == *id) {
                row.findings.push(sentence);
            }
        }
        for row in automations {
            self.fill(row);
        }
        let note = match (&self.findings, count, rest.len()) {
            (None, ..) => {
                "There are so many workflows that what is odd is only looked for when you press Check."
                    .to_owned()
            }
            (Some(_), 0, 0) if self.matters.is_some() && self.invalid.is_none() => {
                "Nothing is odd about it beside the others.".to_owned()
            }
            (Some(_), 0, _) => String::new(),
            (Some(_), count, _) => format!(
                "{} beside what causes {}.",
                counted(count, "finding stands", "findings stand"),
                if count == 1 { "it" } else { "them" }
            ),
        };
        TrialView {
            findings: rest,
            note,
            matters: self.shown_with.clone(),
            ..self.counted(&filled.draft)
        }
    }

    /// What would go out to who got it already in other words, when the workflows are applied: by the id of its row.
    fn anew<'f>(&self, filled: &'f Filled) -> Vec<(&'f String, String)> {
        let rows = filled
            .automations
            .iter()
            .zip(&filled.draft.automations)
            .enumerate();
        let at_least = if self.anew.is_cut { "at least " } else { "" };
        let when = if filled.draft.enabled {
            "When"
        } else {
            "Once it is switched on, when"
        };
        let sentence = |(at, (row, own)): (usize, (&'f Sent, &Automation))| {
            let anew = self.anew.by_automation.get(&at)?;
            let (went, one, many) = match own.channel {
                Channel::Task => ("set tasks", "task is set", "tasks are set"),
                Channel::Sms | Channel::Email => ("went out", "message goes out", "messages go out"),
            };
            let sentence = format!(
                "It {went} already in other words on {at_least}{}, in the stage that {} in now. {when} workflows are applied \
                 and send, {at_least}{} there again, as it says now. Another name or priority sends nothing again.",
                counted(anew.matters, "open matter", "open matters"),
                if anew.matters == 1 { "it is" } else { "they are" },
                counted(anew.count, one, many),
            );
            Some((&row.id, sentence))
        };
        rows.filter_map(sentence).collect()
    }

    fn counted(&self, draft: &WorkflowDraft) -> TrialView {
        let Some(matters) = &self.matters else {
            let count = "Once it says which matters it is for, the number of those stands here.";
            return TrialView {
                count: count.to_owned(),
                ..TrialView::default()
            };
        };
        let is_cut = matters.is_cut;
        let first = matters.first.iter().map(|case| {
            let known: Vec<&str> = case.normalised.values().map(String::as_str).collect();
            (matter_href(case.id), case.reference.clone(), known.join(" · "))
        });
        let named = u64::try_from(matters.first.len()).unwrap_or(u64::MAX);
        let more = matters.matching.saturating_sub(named);
        TrialView {
            sentence: words::sentence(&draft.criteria),
            count: format!(
                "{}{} {} it today",
                if is_cut { "At least " } else { "" },
                counted(matters.matching, "open matter", "open matters"),
                if matters.matching == 1 { "matches" } else { "match" },
            ),
            bound: if is_cut {
                format!(
                    "Only {} were looked at. The dry run looks at all.",
                    counted(matters.looked_at, "open matter", "open matters")
                )
            } else {
                format!(
                    "Of {}.",
                    counted(matters.looked_at, "open matter", "open matters").to_lowercase()
                )
            },
            first: first.collect(),
            more: if more > 0 {
                format!("and {} more", number(more))
            } else {
                String::new()
            },
            ..TrialView::default()
        }
    }

    /// Shows what a message says in each of its languages.
    fn fill(&self, row: &mut AutomationFields) {
        let channel = channel(&row.channel);
        let part = row.parts.iter().find(|choice| choice.selected);
        let part = part
            .and_then(|choice| Part::from_str(&choice.value).ok())
            .unwrap_or(Part::Principal);
        for text in &mut row.texts {
            if text.text.trim().is_empty() && text.subject.trim().is_empty() {
                continue;
            }
            text.preview = Some(self.preview(channel, part, &text.subject, &text.text));
        }
    }

    fn preview(&self, channel: Channel, part: Part, subject: &str, text: &str) -> Preview {
        let fields = self.samples.of(part);
        let fill = |source: &str| {
            let template = Template::parse(&source.replace("\r\n", "\n"))?;
            template.render(fields)
        };
        let (subject, text) = match (fill(subject), fill(text)) {
            (Ok(subject), Ok(text)) => (subject, text),
            (Err(fault), _) | (_, Err(fault)) => {
                return Preview {
                    fault: fault.to_string(),
                    ..Preview::default()
                };
            }
        };
        let is_sms = channel == Channel::Sms;
        let mut notes = match self.samples.reference() {
            Some(reference) if self.samples.has(part) || Kind::of(channel).to_staff => {
                vec![format!("With {reference}")]
            }
            Some(reference) => vec![format!(
                "With {reference} and an example, because nobody takes that part in it"
            )],
            None => vec!["With an example".to_owned()],
        };
        let mut warning = String::new();
        if is_sms {
            let length = SmsLength::of(&text);
            notes.extend(length_notes(length));
            notes.extend(
                self.price
                    .map(|price| price.times(length.segments.into()).to_string()),
            );
            warning = length_warning(length, &text);
        }
        Preview {
            phone: is_sms,
            subject,
            text,
            notes,
            warning,
            fault: String::new(),
        }
    }

    /// What templates can say, with the values of the principal of the matter that messages are shown with.
    pub(super) fn fields(&self) -> Vec<FieldRow> {
        let values = self.samples.of(Part::Principal);
        let row = |field: &Field| FieldRow {
            code: format!("{{{{ {} }}}}", field.path()),
            example: values.get(*field).to_owned(),
        };
        Field::ALL.iter().map(row).collect()
    }
}

/// The row of the requirement with this key.
fn row_of<'f>(filled: &'f Filled, key: &str) -> Option<&'f String> {
    let keyed = |requirement: &portal_core::workflow::Requirement| {
        let wish = if requirement.key.trim().is_empty() {
            &requirement.title
        } else {
            &requirement.key
        };
        fold(wish).replace(' ', "-") == key
    };
    let place = filled.draft.requirements.iter().position(keyed)?;
    filled.requirements.get(place)
}

/// The row of the message to these people over this channel.
fn sent_by(filled: &Filled, channel: Channel, to: Part) -> Option<&String> {
    let mut automations = filled.draft.automations.iter();
    let place = automations.position(|own| own.channel == channel && own.to == to)?;
    filled.automations.get(place).map(|sent| &sent.id)
}

/// What the analysis finds that names the workflow; `None` when there are too many to look now.
async fn findings(
    rules: Rules,
    id: WorkflowId,
    thorough: bool,
) -> Result<Option<Vec<(Finding, String)>>, Problem> {
    if !thorough && rules.workflows().iter().len() > MOST_AT_ONCE {
        return Ok(None);
    }
    let rules = Arc::new(rules);
    let analysis = analysed(&rules).await?;
    let own = analysis.findings.into_iter().filter(|finding| finding.names(id));
    Ok(Some(
        own.map(|finding| {
            let sentence = finding.sentence(rules.workflows());
            (finding, sentence)
        })
        .collect(),
    ))
}

/// The matter that messages are shown with, and the choices: those that match, or else some open one, or an example.
async fn shown_with(
    desk: &Desk,
    matters: Option<&TrialMatters>,
    with: &str,
) -> Result<(Option<MatterId>, Vec<Choice>), Problem> {
    let first: &[MatterCase] = matters.map_or(&[], |matters| &matters.first);
    let mut known: Vec<(MatterId, String)> = first
        .iter()
        .map(|case| (case.id, case.reference.clone()))
        .collect();
    if known.is_empty() {
        let filter = MatterFilter::default();
        let page = desk
            .portal()
            .matters(desk.ctx(), &filter, MatterSort::default(), &PageRequest::first(3))
            .await?;
        let found = page
            .items
            .into_iter()
            .map(|summary| (summary.matter.id, summary.matter.reference));
        known.extend(found);
    }
    let wished = with.parse::<MatterId>().ok();
    let chosen = match with {
        "example" => None,
        _ => known
            .iter()
            .find(|(id, _)| Some(*id) == wished)
            .or(known.first())
            .map(|(id, _)| *id),
    };
    let value = chosen.map_or_else(|| "example".to_owned(), |id| id.to_string());
    let mut choices: Vec<Choice> = known
        .iter()
        .map(|(id, reference)| Choice::new(id.to_string(), reference, &value))
        .collect();
    choices.push(Choice::new("example", "An example", &value));
    Ok((chosen, choices))
}

/// How long a text message is: its segments, its characters, and how it is written.
fn length_notes(length: SmsLength) -> [String; 3] {
    let room = if length.segments > 1 {
        length.segments.saturating_mul(length.encoding.joined())
    } else {
        length.encoding.alone()
    };
    [
        counted(length.segments.into(), "segment", "segments"),
        format!(
            "{} of {} characters",
            number(length.units.into()),
            number(room.into())
        ),
        match length.encoding {
            Encoding::Gsm7 => "GSM-7".to_owned(),
            Encoding::Ucs2 => "UCS-2".to_owned(),
        },
    ]
}

/// What is to be known about its length: too many segments, or a character that makes all of it take twice the room.
fn length_warning(length: SmsLength, text: &str) -> String {
    if length.segments > SmsLength::MOST_SEGMENTS {
        return format!("At most {} segments are sent.", SmsLength::MOST_SEGMENTS);
    }
    if length.segments == 0 {
        return "It says nothing, so nothing is sent.".to_owned();
    }
    if length.encoding == Encoding::Gsm7 {
        return String::new();
    }
    let mut odd: Vec<char> = text
        .chars()
        .filter(|c| Encoding::of(c.encode_utf8(&mut [0; 4])) == Encoding::Ucs2)
        .collect();
    odd.sort_unstable();
    odd.dedup();
    // A whole script is no slip of the keyboard.
    if odd.len() > 3 {
        return String::new();
    }
    let odd: Vec<String> = odd.into_iter().map(String::from).collect();
    format!(
        "One segment holds 70 characters, not 160, because of: {}",
        odd.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_doubles_the_price_is_named() {
        let warning = |text: &str| length_warning(SmsLength::of(text), text);
        assert_eq!(warning("Plain words"), "");
        assert_eq!(
            warning("We need \u{201c}it\u{201d}"),
            "One segment holds 70 characters, not 160, because of: \u{201c} \u{201d}"
        );
        assert_eq!(warning("نحتاج إلى مستند"), "", "an alphabet is no slip");
        assert_eq!(warning(""), "It says nothing, so nothing is sent.");
        assert_eq!(warning(&"x".repeat(2_000)), "At most 10 segments are sent.");
    }

    #[test]
    fn the_length_counts_what_fits_into_its_segments() {
        let notes = |text: &str| length_notes(SmsLength::of(text)).join(", ");
        assert_eq!(notes("Hello"), "1 segment, 5 of 160 characters, GSM-7");
        assert_eq!(
            notes(&"x".repeat(161)),
            "2 segments, 161 of 306 characters, GSM-7"
        );
        assert_eq!(
            notes(&"é\u{4f60}".repeat(36)),
            "2 segments, 72 of 134 characters, UCS-2"
        );
    }
}
