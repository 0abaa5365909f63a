//! The rule: what follows from what is known of a matter.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::telling::{Told, tell};
use super::{MatchedWorkflow, Occasion, StageEntry, StageWhy};
use crate::checklist::{Request, RequestDraft, RequestSource};
use crate::document::DocumentCounts;
use crate::matter::{Matter, MatterState, Participant};
use crate::rulebook::Accepting;
use crate::workflow::{Asked, Case, Requirement, STAGE, Taxonomy, Workflows, fold};
use crate::{ClientId, Duration, Invalid, RequestId, StageEntryId, Timestamp, Version};

/// A matter and all that stands beside it.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The practice's workflows.
    pub workflows: &'a Workflows,
    /// The matter as it is to be, with the normalised values that it had.
    pub matter: &'a Matter,
    /// The matter as it was; `None` when it is opened just now.
    pub before: Option<&'a Matter>,
    /// Its last entry into a stage, over or not.
    pub entry: Option<&'a StageEntry>,
    /// Who takes part, or did.
    pub participants: &'a [Participant],
    /// All that is or was asked on it.
    pub requests: &'a [Request],
    /// What was provided, by request; what is missing has nothing.
    pub documents: &'a HashMap<RequestId, DocumentCounts>,
    /// Texts that were accepted lately, by which not all matters were read yet, the last at the end.
    pub accepting: &'a [Accepting],
    /// What sets the decision off.
    pub occasion: Occasion,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The matter's normalised values.
    pub normalised: BTreeMap<String, String>,
    /// What waits for a person.
    pub unknown: BTreeMap<String, String>,
    /// The workflows that match, as they stand.
    pub matched: Vec<MatchedWorkflow>,
    /// Those of them whose automations fire: all when the matter entered a stage, else those that did not match before or are
    /// being applied; less what nobody is to be told of.
    pub fires: Vec<MatchedWorkflow>,
    /// Those whose automations fire for the client who joined, and for nobody else.
    pub fires_for_joiner: Vec<MatchedWorkflow>,
    /// The entry that is over now, or reads otherwise.
    pub changed_entry: Option<StageEntry>,
    /// The stage that was entered.
    pub entered: Option<StageEntry>,
    /// New requests.
    pub added: Vec<Request>,
    /// Requests that are asked again.
    pub revived: Vec<Request>,
    /// Those of both of which nobody is told.
    pub silent: HashSet<RequestId>,
    /// Requests that nothing asks for any more and nobody touched.
    pub withdrawn: Vec<Request>,
}

impl Plan {
    /// The entry that the matter is in afterwards.
    #[must_use]
    pub fn current<'p>(&'p self, before: Option<&'p StageEntry>) -> Option<&'p StageEntry> {
        let last = self.entered.as_ref().or(self.changed_entry.as_ref()).or(before);
        last.filter(|entry| entry.left_at.is_none())
    }

    /// What clients are told of that is asked of them now, each with their own.
    #[must_use]
    pub fn told(&self) -> BTreeMap<ClientId, Vec<RequestId>> {
        let mut told: BTreeMap<ClientId, Vec<RequestId>> = BTreeMap::new();
        let asked = self.added.iter().chain(&self.revived);
        // What was provided while nothing asked for it waits for staff, and for no client.
        let is_told =
            |request: &&Request| !self.silent.contains(&request.id) && request.state.waits_for_client();
        for request in asked.filter(is_told) {
            told.entry(request.client_id).or_default().push(request.id);
        }
        told
    }

    /// Whether anything but the matter itself is to be saved.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.changed_entry.is_none()
            && self.entered.is_none()
            && self.added.is_empty()
            && self.revived.is_empty()
            && self.withdrawn.is_empty()
    }
}

/// What follows from what is known of a matter. `ids` gives each new record its id.
///
/// * Its values are normalised by the taxonomy.
/// * It enters a stage when its stage is another one, not when it is only written otherwise or read better.
/// * What its workflows ask of the people on it is asked, each thing once a person; what was withdrawn for want of a
///   workflow is asked again. What staff waived or withdrew is left alone.
/// * What no workflow asks for any more is withdrawn, unless somebody did something about it. What staff or a template asked
///   for is never touched.
/// * Nothing is asked, withdrawn or fired on a closed matter.
///
/// # Errors
/// `Invalid` when a requirement makes no request, which no checked workflow brings about.
pub fn decide(it: &Situation<'_>, mut ids: impl FnMut() -> Uuid, at: Timestamp) -> Result<Plan, Invalid> {
    let taxonomy = it.workflows.taxonomy();
    let reading = taxonomy.read(&Case::of(it.matter));
    let matches = it.workflows.matches(&reading.facts);
    let matched: Vec<MatchedWorkflow> = matches
        .iter()
        .map(|found| MatchedWorkflow {
            workflow: found.id,
            version: found.version,
        })
        .collect();
    let mut plan = Plan {
        normalised: reading.facts.names(),
        unknown: reading.unknown,
        matched,
        ..Plan::default()
    };
    enter(it, taxonomy, &mut plan, &mut ids, at);
    if it.matter.state == MatterState::Closed {
        return Ok(plan);
    }
    let arrived = plan
        .entered
        .as_ref()
        .is_some_and(|entry| entry.why != StageWhy::Found);
    let told = tell(it, &plan, arrived);
    let requirements = it.workflows.requirements(&reading.facts);
    ask(it, &requirements.asked(), &told, &mut plan, &mut ids, at)?;
    plan.fires = told.fires;
    plan.fires_for_joiner = told.fires_for_joiner;
    Ok(plan)
}

/// Keeps the stage's history.
fn enter(
    it: &Situation<'_>,
    taxonomy: &Taxonomy,
    plan: &mut Plan,
    ids: &mut impl FnMut() -> Uuid,
    at: Timestamp,
) {
    let current = it.entry.filter(|entry| entry.left_at.is_none());
    let raw = it.matter.stage.as_deref().filter(|_| it.matter.is_in_a_stage());
    // A practice may spell the dimension's name in its own way.
    let stage = |name: &&String| fold(name) == fold(STAGE);
    let canonical = plan.normalised.iter().find(|(name, _)| stage(name));
    let canonical = canonical.map(|(_, value)| value.clone());
    let stays = match (current, raw) {
        (None, None) => return,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(entry), Some(raw)) => {
            // The old name, or a text that nobody knew then, may be another word for the new one by now.
            let old = entry.canonical.as_ref().unwrap_or(&entry.raw);
            let read_anew = taxonomy.canonical(STAGE, old);
            fold(&entry.raw) == fold(raw) || (canonical.is_some() && canonical == read_anew)
        }
    };
    if stays {
        plan.changed_entry = current
            .filter(|entry| entry.canonical != canonical)
            .map(|entry| entry.clone().read_as(canonical));
        return;
    }
    // One that is over already moves too: whoever plans what follows from it learns that there is another.
    plan.changed_entry = it.entry.cloned().map(|entry| match entry.left_at {
        None => entry.leave(at),
        Some(_) => entry.touched(),
    });
    plan.entered = raw.map(|raw| StageEntry {
        id: StageEntryId(ids()),
        practice_id: it.matter.practice_id,
        version: Version::FIRST,
        matter_id: it.matter.id,
        number: it.entry.map_or(0, |entry| entry.number).saturating_add(1),
        raw: raw.to_owned(),
        canonical,
        why: match (it.before, it.entry) {
            (None, _) => StageWhy::Opened,
            (Some(before), None) if before.stage == it.matter.stage => StageWhy::Found,
            _ => StageWhy::Changed,
        },
        entered_at: at,
        left_at: None,
    });
}

/// Asks what is asked for and withdraws what is not.
fn ask(
    it: &Situation<'_>,
    asked: &[Asked<'_>],
    told: &Told,
    plan: &mut Plan,
    ids: &mut impl FnMut() -> Uuid,
    at: Timestamp,
) -> Result<(), Invalid> {
    let provided = |request: &Request| it.documents.get(&request.id).copied().unwrap_or_default();
    let existing: HashMap<(ClientId, &str), &Request> = it
        .requests
        .iter()
        .filter_map(|request| Some(((request.client_id, request.requirement()?), request)))
        .collect();
    let present = || it.participants.iter().filter(|participant| !participant.removed);
    let mut wanted: HashSet<(ClientId, &str)> = HashSet::new();
    let mut position = it
        .requests
        .iter()
        .map(|request| request.position)
        .max()
        .unwrap_or(0);
    for own in asked {
        let requirement = own.requirement;
        for participant in present().filter(|participant| participant.part == requirement.part) {
            let place = (participant.client_id, requirement.key.as_str());
            wanted.insert(place);
            let draft = draft(requirement, at);
            let joins = it.occasion == Occasion::Join(participant.client_id);
            let is_silent = told.quiet.contains(&own.by) && !joins;
            if let Some(request) = existing.get(&place) {
                plan.silent.extend(is_silent.then_some(request.id));
                plan.revived
                    .extend((*request).clone().revive(&draft, provided(request), at)?);
                continue;
            }
            position = position.saturating_add(1);
            let id = RequestId(ids());
            plan.silent.extend(is_silent.then_some(id));
            plan.added.push(Request::new(
                id,
                (it.matter.practice_id, it.matter.id, participant.client_id),
                &draft,
                RequestSource::Workflow {
                    workflow: own.by,
                    key: requirement.key.clone(),
                },
                position,
                at,
            )?);
        }
    }
    plan.withdrawn = existing
        .into_iter()
        .filter(|(place, _)| !wanted.contains(place))
        .filter_map(|(_, request)| request.clone().retire(provided(request), at))
        .collect();
    plan.withdrawn
        .sort_by_key(|request| (request.position, request.id));
    Ok(())
}

fn draft(requirement: &Requirement, at: Timestamp) -> RequestDraft {
    RequestDraft {
        group: requirement.group.clone(),
        title: requirement.title.clone(),
        help: requirement.help.clone(),
        example: String::new(),
        wanted: requirement.wanted,
        required: requirement.required,
        due_on: requirement
            .due_in_days
            .map(|days| (at + Duration::days(days.into())).date()),
    }
}
