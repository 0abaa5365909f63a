//! What follows from what is known of a matter: law 9, tried on random workflows, people and pasts.

use std::collections::{BTreeMap, HashMap, HashSet};

use portal_core::checklist::{Request, RequestSource, RequestState};
use portal_core::client::Client;
use portal_core::document::DocumentCounts;
use portal_core::matter::{Matter, MatterState, Part, Participant};
use portal_core::policy::Role;
use portal_core::rulebook::Accepting;
use portal_core::stage::{Occasion, Plan, Situation, StageEntry, StageWhy, decide};
use portal_core::testing::{Samples, strategies, workflows as random};
use portal_core::workflow::{Case, PRACTICE_AREA, STAGE, Taxonomy, Workflow, Workflows, fold};
use portal_core::{ClientId, Ids, RequestId, WorkflowId};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A matter with everything beside it, as a store would hold it.
#[derive(Debug, Clone)]
struct Held {
    samples: Samples,
    matter: Matter,
    entry: Option<StageEntry>,
    participants: Vec<Participant>,
    requests: Vec<Request>,
    documents: HashMap<RequestId, DocumentCounts>,
    accepting: Vec<Accepting>,
}

impl Held {
    /// What the rule says when the system of record says `case`.
    fn decide(&self, workflows: &Workflows, case: &Case) -> (Matter, Plan) {
        self.decide_at(workflows, case, Occasion::Change)
    }

    fn decide_at(&self, workflows: &Workflows, case: &Case, occasion: Occasion) -> (Matter, Plan) {
        let mut matter = self.matter.clone();
        write(&mut matter, case);
        let situation = Situation {
            workflows,
            matter: &matter,
            before: Some(&self.matter),
            entry: self.entry.as_ref(),
            participants: &self.participants,
            requests: &self.requests,
            documents: &self.documents,
            accepting: &self.accepting,
            occasion,
        };
        let plan = decide(&situation, || self.samples.ids.uuid(), self.samples.at).unwrap();
        (matter, plan)
    }

    /// Does what the rule says.
    fn change(&mut self, workflows: &Workflows, case: &Case) -> Plan {
        let (mut matter, plan) = self.decide(workflows, case);
        matter.normalised.clone_from(&plan.normalised);
        matter.unknown.clone_from(&plan.unknown);
        self.matter = matter;
        let last = plan.entered.as_ref().or(plan.changed_entry.as_ref());
        self.entry = last.cloned().or(self.entry.take());
        for saved in plan.added.iter().chain(&plan.revived).chain(&plan.withdrawn) {
            match self.requests.iter_mut().find(|request| request.id == saved.id) {
                Some(before) => {
                    assert_eq!(saved.version, before.version.next());
                    *before = saved.clone();
                }
                None => self.requests.push(saved.clone()),
            }
        }
        plan
    }

    /// Who is asked for what, under which key.
    fn wanted(&self, workflows: &Workflows) -> HashSet<(ClientId, String)> {
        let facts = workflows.taxonomy().facts(&Case::of(&self.matter));
        let requirements = workflows.requirements(&facts);
        let present = || self.participants.iter().filter(|place| !place.removed);
        let asked = requirements.asked();
        asked
            .iter()
            .flat_map(|own| {
                let takers = present().filter(|place| place.part == own.requirement.part);
                takers.map(|place| (place.client_id, own.requirement.key.clone()))
            })
            .collect()
    }

    fn of(&self, client: ClientId, key: &str) -> Vec<&Request> {
        let own = |request: &&Request| request.client_id == client && request.requirement() == Some(key);
        self.requests.iter().filter(own).collect()
    }
}

/// What the system of record says, on the matter.
fn write(matter: &mut Matter, case: &Case) {
    let fixed = |name: &str| {
        let found = case.0.iter().find(|(own, _)| fold(own) == fold(name));
        found.map(|(_, raw)| raw.clone())
    };
    matter.practice_area = fixed(PRACTICE_AREA);
    matter.stage = fixed(STAGE);
    matter.attributes = case.0.clone();
}

fn held(clients: &[Client], parts: Vec<(Part, bool)>, closed: bool) -> Held {
    let samples = Samples::new(9);
    let mut matter = samples.matter(&samples.staff(Role::Owner));
    write(&mut matter, &Case::new());
    matter.normalised = BTreeMap::new();
    matter.state = if closed {
        MatterState::Closed
    } else {
        MatterState::Open
    };
    let participants = clients
        .iter()
        .zip(parts)
        .map(|(client, (part, removed))| Participant {
            removed,
            ..samples.participant(&matter, client, part)
        });
    Held {
        participants: participants.collect(),
        matter,
        samples,
        entry: None,
        requests: Vec::new(),
        documents: HashMap::new(),
        accepting: Vec::new(),
    }
}

/// What somebody does about a request between two changes.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Nothing,
    Provide,
    Accept,
    Waive,
    Withdraw,
}

fn deed() -> impl Strategy<Value = Deed> {
    select(vec![
        Deed::Nothing,
        Deed::Nothing,
        Deed::Provide,
        Deed::Accept,
        Deed::Waive,
        Deed::Withdraw,
    ])
}

/// Workflows whose taxonomy has a stage, cases of it, people, and what they do between the changes.
#[derive(Debug, Clone)]
struct Story {
    taxonomy: Taxonomy,
    workflows: Vec<Workflow>,
    cases: Vec<Case>,
    parts: Vec<(Part, bool)>,
    deeds: Vec<(Index, Deed)>,
}

fn story() -> impl Strategy<Value = Story> {
    let named = random::taxonomy().prop_filter_map("a first dimension, which is the stage", |taxonomy| {
        let mut draft = taxonomy.draft();
        draft.dimensions.first_mut()?.name = STAGE.into();
        Taxonomy::new(&draft).ok()
    });
    named.prop_flat_map(|taxonomy| {
        let workflows = random::workflows(&taxonomy, 6);
        let cases = proptest::collection::vec(random::case(&taxonomy), 2..6);
        let parts = proptest::collection::vec((strategies::part(), prop::bool::weighted(0.2)), 4);
        let deeds = proptest::collection::vec((any::<Index>(), deed()), 6);
        (Just(taxonomy), workflows, cases, parts, deeds).prop_map(
            |(taxonomy, workflows, cases, parts, deeds)| Story {
                taxonomy,
                workflows,
                cases,
                parts,
                deeds,
            },
        )
    })
}

fn act(held: &mut Held, (which, deed): (Index, Deed)) {
    if held.requests.is_empty() {
        return;
    }
    let at = held.samples.at;
    let place = which.index(held.requests.len());
    let request = held.requests[place].clone();
    let counts = held.documents.entry(request.id).or_default();
    let next = match deed {
        Deed::Nothing => None,
        Deed::Provide if request.state.takes_documents() => {
            counts.pending_review += 1;
            Some(request.with_documents(*counts, at))
        }
        Deed::Provide => None,
        Deed::Accept => request.accept(*counts, at).ok(),
        Deed::Waive => request.waive("", at).ok(),
        Deed::Withdraw => request.withdraw(at).ok(),
    };
    if let Some(next) = next {
        held.requests[place] = next;
    }
}

fn clients() -> Vec<Client> {
    let samples = Samples::new(10);
    ["Anna", "Ben", "Cara", "Dan"]
        .map(|name| samples.client(name, "Berg"))
        .to_vec()
}

proptest! {
    /// Law 9: the requests are exactly those that the matched workflows ask for, with what staff and templates added, less
    /// what staff took back; what was provided is never lost or hidden; and nothing is ever asked twice.
    #[test]
    fn requests_are_exactly_those_that_workflows_ask_for(story in story()) {
        let workflows = Workflows::compile(&story.taxonomy, story.workflows.clone());
        let mut held = held(&clients(), story.parts.clone(), false);
        let by_hand = held.samples.request(&held.matter, &clients()[0]);
        let mut from_template = held.samples.request(&held.matter, &clients()[1]);
        from_template.source = RequestSource::Template { template: held.samples.id(), key: "passport".into() };
        held.requests = vec![by_hand, from_template];
        for (number, case) in story.cases.iter().enumerate() {
            let before = held.clone();
            held.change(&workflows, case);
            let wanted = held.wanted(&workflows);
            for (client, key) in &wanted {
                let found = held.of(*client, key);
                prop_assert_eq!(found.len(), 1, "asked once for each thing");
                let was = before.of(*client, key).first().map(|request| request.state);
                let taken_back = [RequestState::Waived, RequestState::Withdrawn];
                prop_assert!(
                    !taken_back.contains(&found[0].state)
                        || (was == Some(found[0].state) && !found[0].obsolete),
                    "only what staff took back is not asked"
                );
            }
            for request in &held.requests {
                let provided = held.documents.get(&request.id).is_some_and(|counts| *counts != DocumentCounts::default());
                let was = before.requests.iter().find(|old| old.id == request.id);
                if let Some(key) = request.requirement() {
                    let is_wanted = wanted.contains(&(request.client_id, key.to_owned()));
                    prop_assert!(
                        is_wanted || request.state != RequestState::Outstanding || provided,
                        "what nothing asks for and nobody touched is withdrawn"
                    );
                    prop_assert!(was.is_some() || is_wanted, "nothing is asked that nobody asks for");
                } else {
                    prop_assert_eq!(Some(request), was, "what others asked stays as it is");
                }
                if provided {
                    prop_assert_eq!(Some(request), was, "what was provided stays as it is");
                }
            }
            prop_assert!(before.requests.iter().all(|old| held.requests.iter().any(|new| new.id == old.id)));
            act(&mut held, story.deeds[number]);
        }
    }

    #[test]
    fn deciding_again_does_nothing(story in story()) {
        let workflows = Workflows::compile(&story.taxonomy, story.workflows.clone());
        let mut held = held(&clients(), story.parts.clone(), false);
        for case in &story.cases {
            held.change(&workflows, case);
            let (_, again) = held.decide(&workflows, case);
            prop_assert!(again.is_nothing(), "{again:#?}");
            prop_assert!(again.fires.is_empty());
        }
    }

    /// A way of writing is not a stage: entries follow what is meant, are numbered, and only the last is not over.
    #[test]
    fn a_stage_is_entered_when_it_is_another(story in story()) {
        let workflows = Workflows::compile(&story.taxonomy, story.workflows.clone());
        let mut held = held(&clients(), story.parts.clone(), false);
        let mut number = 0;
        for case in &story.cases {
            let stage = |held: &Held| {
                let known = held.matter.normalised.get(STAGE).cloned();
                let raw = held.matter.stage.as_deref().map(fold).filter(|raw| !raw.is_empty());
                (known.clone(), raw.filter(|_| known.is_none()))
            };
            let before = stage(&held);
            let plan = held.change(&workflows, case);
            let after = stage(&held);
            let is_in_one = after != (None, None);
            prop_assert_eq!(plan.entered.is_some(), is_in_one && before != after);
            prop_assert_eq!(plan.current(held.entry.as_ref()).is_some(), is_in_one);
            if let Some(entry) = &plan.entered {
                number += 1;
                prop_assert_eq!(entry.number, number);
                prop_assert_eq!(&entry.canonical, &after.0);
                prop_assert!(entry.left_at.is_none());
                prop_assert_eq!(&plan.fires, &plan.matched, "all that matches fires on an entry");
            }
        }
    }

    /// Law 15: two matters that mean the same are treated the same, however they are written.
    #[test]
    fn only_what_is_meant_matters(story in story()) {
        let workflows = Workflows::compile(&story.taxonomy, story.workflows.clone());
        let case = &story.cases[0];
        let clean = story.taxonomy.facts(case).case();
        let (mut one, mut two) =
            (held(&clients(), story.parts.clone(), false), held(&clients(), story.parts.clone(), false));
        let (one, two) = (one.change(&workflows, case), two.change(&workflows, &clean));
        prop_assert_eq!(&one.normalised, &two.normalised);
        prop_assert_eq!(&one.matched, &two.matched);
        let told = |plan: &Plan| -> Vec<(ClientId, String)> {
            plan.added.iter().map(|request| (request.client_id, request.title.clone())).collect()
        };
        prop_assert_eq!(told(&one), told(&two));
    }

    #[test]
    fn nothing_happens_on_a_closed_matter_but_its_history(story in story()) {
        let workflows = Workflows::compile(&story.taxonomy, story.workflows.clone());
        let mut held = held(&clients(), story.parts.clone(), true);
        for case in &story.cases {
            let plan = held.change(&workflows, case);
            prop_assert!(plan.added.is_empty() && plan.revived.is_empty() && plan.withdrawn.is_empty());
            prop_assert!(plan.fires.is_empty());
        }
    }
}

fn filing() -> (Workflows, Held) {
    let samples = Samples::new(9);
    let book = samples.rulebook();
    let taxonomy = Taxonomy::new(&book.taxonomy).unwrap();
    let workflow = samples.workflow().workflow();
    let parts = vec![(Part::Principal, false), (Part::Partner, false)];
    (
        Workflows::compile(&taxonomy, [workflow]),
        held(&clients(), parts, false),
    )
}

fn in_stage(stage: &str) -> Case {
    Case::new().with(STAGE, stage)
}

#[test]
fn what_was_withdrawn_for_want_of_a_workflow_is_asked_again() {
    let (workflows, mut held) = filing();
    let plan = held.change(&workflows, &in_stage("GATHERING documents"));
    assert_eq!(plan.added.len(), 1, "the principal alone");
    assert_eq!(plan.added[0].title, "Passport bio page");
    assert_eq!(
        plan.added[0].due_on,
        Some((held.samples.at + portal_core::Duration::days(14)).date())
    );
    let plan = held.change(&workflows, &in_stage("Decision"));
    assert_eq!(plan.withdrawn.len(), 1);
    let plan = held.change(&workflows, &in_stage("documents"));
    assert_eq!((plan.added.len(), plan.revived.len()), (0, 1));
    assert_eq!(plan.revived[0].state, RequestState::Outstanding);
    assert_eq!(plan.entered.unwrap().number, 3);
    // What staff took back stays taken back.
    held.requests[0] = held.requests[0].clone().withdraw(held.samples.at).unwrap();
    held.change(&workflows, &in_stage("Decision"));
    let plan = held.change(&workflows, &in_stage("documents"));
    assert!(plan.added.is_empty() && plan.revived.is_empty());
}

#[test]
fn what_a_client_provided_stays_when_the_stage_goes_on() {
    let (workflows, mut held) = filing();
    held.change(&workflows, &in_stage("Documents"));
    let request = held.requests[0].clone();
    let counts = DocumentCounts {
        pending_review: 1,
        ..DocumentCounts::default()
    };
    held.documents.insert(request.id, counts);
    held.requests[0] = request.with_documents(counts, held.samples.at);
    let plan = held.change(&workflows, &in_stage("Decision"));
    assert!(plan.withdrawn.is_empty());
    assert_eq!(held.requests[0].state, RequestState::Submitted);
}

#[test]
fn a_stage_that_is_only_written_otherwise_is_not_entered() {
    let (workflows, mut held) = filing();
    let first = held.change(&workflows, &in_stage("Gathering documents"));
    assert_eq!(
        first.entered.as_ref().map(|entry| entry.why),
        Some(StageWhy::Changed)
    );
    assert_eq!(first.fires.len(), 1);
    let second = held.change(&workflows, &in_stage("  DOCUMENTS "));
    assert!(second.entered.is_none() && second.fires.is_empty());
}

#[test]
fn an_alias_makes_a_stage_clear_without_entering_it_again() {
    let (workflows, mut held) = filing();
    let plan = held.change(&workflows, &in_stage("Documentes"));
    assert_eq!(
        plan.unknown,
        BTreeMap::from([(STAGE.to_owned(), "Documentes".to_owned())])
    );
    assert!(
        plan.fires.is_empty() && plan.added.is_empty(),
        "it is not guessed"
    );
    let entered = plan.entered.unwrap();
    let taxonomy = workflows
        .taxonomy()
        .with_alias(STAGE, "Documents", "documentes")
        .unwrap();
    let after = Workflows::compile(&taxonomy, workflows.iter().cloned());
    let plan = held.change(&after, &in_stage("Documentes"));
    assert!(plan.entered.is_none());
    let changed = plan.changed_entry.unwrap();
    assert_eq!(
        (changed.id, changed.canonical.as_deref()),
        (entered.id, Some("Documents"))
    );
    assert_eq!(plan.fires.len(), 1, "it matches now and did not before");
    assert_eq!(plan.added.len(), 1);
}

#[test]
fn a_stage_that_is_renamed_is_the_same_stage() {
    let (workflows, mut held) = filing();
    held.change(&workflows, &in_stage("Gathering documents"));
    let mut draft = workflows.taxonomy().draft();
    let value = &mut draft.dimensions[1].values[0];
    value.name = "Collecting".into();
    value.aliases.push("Documents".into());
    let renamed = Workflows::compile(&Taxonomy::new(&draft).unwrap(), workflows.iter().cloned());
    let plan = held.change(&renamed, &in_stage("Collecting"));
    assert!(plan.entered.is_none() && plan.fires.is_empty());
    assert_eq!(
        plan.changed_entry.unwrap().canonical.as_deref(),
        Some("Collecting")
    );
}

#[test]
fn a_matter_without_history_is_found_in_its_stage_and_does_not_fire() {
    let (workflows, mut held) = filing();
    write(&mut held.matter, &in_stage("Documents"));
    held.matter.normalised = BTreeMap::from([(STAGE.to_owned(), "Documents".to_owned())]);
    let plan = held.change(&workflows, &in_stage("Documents"));
    assert_eq!(plan.entered.map(|entry| entry.why), Some(StageWhy::Found));
    assert!(plan.fires.is_empty());
}

#[test]
fn a_workflow_that_lost_still_asks_when_the_winner_goes() {
    let (workflows, mut held) = filing();
    let mut other = workflows.iter().next().unwrap().clone();
    other.id = WorkflowId(uuid::Uuid::from_u128(7));
    other.criteria.remove(1);
    let both = Workflows::compile(
        workflows.taxonomy(),
        workflows.iter().cloned().chain([other.clone()]),
    );
    held.change(&both, &in_stage("Documents"));
    assert_eq!(held.requests.len(), 1, "one key, one request");
    let plan = held.change(&both, &in_stage("Decision"));
    assert!(plan.withdrawn.is_empty(), "the other still asks for it");
}
