//! A workflow as a form: clean values only, every step works without scripts, and nothing is kept before it is saved.

mod conflict;
mod form;
mod kinds;
mod parts;
mod trial;
mod written;

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::rulebook::KeptWorkflow;
use portal_core::workflow::{Automation, Requirement, Test, WorkflowDraft};
use portal_core::{Error, StoreError, WorkflowId};

use self::form::{Filled, languages};
use self::kinds::{KINDS, LANGUAGES, channel};
use self::trial::Tried;
use super::super::asked::Asked;
use super::super::desk::{Desk, Outcome, tried};
use super::super::rows::workers;
use super::super::sent::{Fields, Sent};
use super::href;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::workflow_form::{Changed, WorkflowForm};
use crate::web::view::{Choice, Errors};

const NEW: &str = "/staff/workflows/new";

/// What a form shows beside its fields.
#[derive(Default)]
struct Shown {
    errors: Errors,
    changed: Vec<Changed>,
    /// The field or button that the page begins at.
    begin_at: String,
    /// The workflow that a new one is a copy of.
    copied: Option<WorkflowId>,
    /// Whether all of it was asked for, and not only what can be had while somebody types.
    thorough: bool,
}

impl Shown {
    fn thorough(errors: Errors) -> Self {
        Self {
            errors,
            thorough: true,
            ..Self::default()
        }
    }
}

fn lead(kept: Option<&KeptWorkflow>) -> &'static str {
    match kept {
        Some(kept) if kept.draft.enabled => {
            "It is on. What you save counts from then on; what it asked for and sent stays."
        }
        _ => {
            "It is saved as a draft, which matches nothing. Its dry run comes next, and there you switch it on."
        }
    }
}

/// Choices of its state, for one that is on. A draft is switched on where its dry run is seen.
fn states(kept: Option<&KeptWorkflow>, fields: &Fields) -> Vec<Choice> {
    if !kept.is_some_and(|kept| kept.draft.enabled) {
        return Vec::new();
    }
    let chosen = fields.text("state");
    vec![
        Choice::new("", "On", &chosen),
        Choice::new("draft", "Draft, which matches nothing", &chosen),
    ]
}

/// Whether it is on once it is saved.
fn is_on(kept: Option<&KeptWorkflow>, fields: &Fields) -> bool {
    kept.is_some_and(|kept| kept.draft.enabled) && fields.text("state") != "draft"
}

async fn page(
    desk: &Desk,
    kept: Option<&KeptWorkflow>,
    fields: &Fields,
    shown: Shown,
) -> Result<WorkflowForm, Problem> {
    let filled = Filled::read(fields, is_on(kept, fields));
    let with = fields.text("with");
    let tried = Tried::out(
        desk,
        kept.map(|kept| kept.id),
        &filled.draft,
        (&with, shown.thorough),
    )
    .await?;
    view(desk, kept, fields, shown, (&filled, &tried)).await
}

async fn view(
    desk: &Desk,
    kept: Option<&KeptWorkflow>,
    fields: &Fields,
    shown: Shown,
    (filled, tried): (&Filled, &Tried),
) -> Result<WorkflowForm, Problem> {
    let rules = desk.portal().compiled_rules(desk.ctx()).await?;
    let staff = workers(&desk.all_staff().await?, "");
    let errors = shown.errors;
    let mut criteria = parts::criteria(fields, rules.taxonomy(), &errors);
    let mut requirements = parts::requirements(fields, &errors);
    let mut automations = parts::automations(fields, &staff, &errors);
    let trial = tried.beside(filled, &mut criteria, &mut requirements, &mut automations);
    let kinds = KINDS.iter().map(|kind| {
        let value = format!("add-{}", kind.channel);
        (value, kind.add.to_owned(), kind.icon)
    });
    let (version, base) = match kept {
        // What somebody else did meanwhile is found out by saving, by the version that the form was opened with.
        Some(_) if fields.0.iter().any(|(name, _)| name == "version") => {
            (fields.text("version"), fields.text("base"))
        }
        Some(kept) => opened_with(kept),
        None => <(String, String)>::default(),
    };
    Ok(WorkflowForm {
        shell: desk.shell(Some(Place::Workflows)).await?,
        heading: kept.map_or_else(|| "New workflow".to_owned(), |kept| kept.draft.name.clone()),
        lead: lead(kept).to_owned(),
        action: kept.map_or_else(|| NEW.to_owned(), |kept| format!("{}/edit", href(kept.id))),
        cancel_href: kept.map_or_else(|| "/staff/workflows".to_owned(), |kept| href(kept.id)),
        keep: shown
            .copied
            .map_or_else(|| "workflow".to_owned(), |id| format!("copy of {id}")),
        version,
        base,
        changed: shown.changed,
        name: fields.text("name"),
        priority: fields.text("priority"),
        states: states(kept, fields),
        criteria,
        requirements,
        automations,
        kinds: kinds.collect(),
        fields: tried.fields(),
        languages: LANGUAGES,
        trial,
        save: if is_on(kept, fields) {
            "Save".to_owned()
        } else {
            "Save the draft and see its dry run".to_owned()
        },
        begin_at: shown.begin_at,
        errors,
    })
}

/// The version of a workflow and what it says, as a form carries them.
fn opened_with(kept: &KeptWorkflow) -> (String, String) {
    let base = serde_json::to_string(&kept.draft).unwrap_or_default();
    (kept.version.0.to_string(), base)
}

pub(in super::super) async fn new(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let rules = desk.portal().compiled_rules(desk.ctx()).await?;
    let copied = asked.value::<WorkflowId>("from");
    let draft = match copied {
        Some(id) => {
            let original = desk.portal().workflow(desk.ctx(), id).await?.draft;
            WorkflowDraft {
                name: format!("{} (copy)", original.name),
                ..original
            }
        }
        None => WorkflowDraft {
            requirements: vec![Requirement::new("")],
            ..WorkflowDraft::default()
        },
    };
    let fields = written::written(&draft, rules.taxonomy());
    let shown = Shown {
        copied,
        ..Shown::default()
    };
    Ok(desk.page(&page(&desk, None, &fields, shown).await?))
}

pub(in super::super) async fn edit(desk: Desk, Path(id): Path<WorkflowId>) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let kept = desk.portal().workflow(desk.ctx(), id).await?;
    let rules = desk.portal().compiled_rules(desk.ctx()).await?;
    let fields = written::written(&kept.draft, rules.taxonomy());
    Ok(desk.page(&page(&desk, Some(&kept), &fields, Shown::default()).await?))
}

/// The language that a new message is written in first: that of the practice.
fn first_language(desk: &Desk) -> String {
    let locale = &desk.practice().locale;
    locale.split(['-', '_']).next().unwrap_or("en").to_owned()
}

/// What a button that adds a part or takes one out makes of the form, and where the page begins then; `None` for others.
fn stepped(desk: &Desk, fields: &Fields, wish: &str) -> Option<(Fields, String)> {
    let mut fields = fields.clone();
    if let Some(row) = wish.strip_prefix("remove-") {
        let own = format!("{row}_");
        fields.0.retain(|(name, _)| !name.starts_with(&own));
        let begin_at = match row.as_bytes().first() {
            Some(b'r') => "add-requirement".to_owned(),
            Some(b'a') => format!("add-{}", KINDS.first()?.channel),
            _ => String::new(),
        };
        return Some((fields, begin_at));
    }
    let begin_at = match wish.strip_prefix("add-")? {
        "requirement" => written::add_requirement(&mut fields, &Requirement::new("")),
        "criterion" => {
            let dimension = fields.text("more_of");
            written::add_criterion(&mut fields, &dimension, Some(&Test::NoneOf(Vec::new())))
        }
        part => {
            let (id, is_first) = if let Some(id) = part.strip_prefix("language-") {
                (id.to_owned(), languages(&fields, id).is_empty())
            } else {
                let automation = Automation::new(channel(part));
                (written::add_automation(&mut fields, &automation), true)
            };
            let language = if is_first {
                first_language(desk)
            } else {
                String::new()
            };
            written::add_language(&mut fields, &id, &language, <(String, String)>::default())
        }
    };
    Some((fields, begin_at))
}

/// The answer to a button that keeps nothing; `None` for the one that saves.
async fn looked(
    desk: &Desk,
    kept: Option<&KeptWorkflow>,
    fields: &Fields,
) -> Result<Option<Response>, Problem> {
    let wish = fields.text("do");
    if let Some((fields, begin_at)) = stepped(desk, fields, &wish) {
        let shown = Shown {
            begin_at,
            ..Shown::default()
        };
        return Ok(Some(desk.page(&page(desk, kept, &fields, shown).await?)));
    }
    match wish.as_str() {
        "save" => Ok(None),
        "preview" => Ok(Some(
            desk.page(&page(desk, kept, fields, Shown::default()).await?),
        )),
        _ => {
            let filled = Filled::read(fields, is_on(kept, fields));
            let with = fields.text("with");
            let tried = Tried::out(desk, kept.map(|kept| kept.id), &filled.draft, (&with, true)).await?;
            let errors = wrong(&filled, &tried);
            let is_fine = errors.is_empty();
            let page = view(desk, kept, fields, Shown::thorough(errors), (&filled, &tried)).await?;
            Ok(Some(if is_fine {
                desk.page(&page)
            } else {
                desk.mend(&page)
            }))
        }
    }
}

/// All that is wrong: with the form itself, and with what it says.
fn wrong(filled: &Filled, tried: &Tried) -> Errors {
    let mut errors = filled.errors.clone();
    let mut told = Errors::default();
    for error in tried.invalid.iter().flat_map(|invalid| &invalid.errors) {
        told.add(&error.field, &error.message);
    }
    for error in filled.placed(told).0 {
        if errors.of(&error.field).is_empty() {
            errors.0.push(error);
        }
    }
    errors
}

pub(in super::super) async fn create(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    if let Some(looked) = looked(&desk, None, &fields).await? {
        return Ok(looked);
    }
    let filled = Filled::read(&fields, false);
    let mut errors = filled.errors.clone();
    if errors.is_empty() {
        match tried(desk.portal().add_workflow(desk.ctx(), &filled.draft).await)? {
            Outcome::Done(kept) => return Ok(saved(&desk, &kept)),
            Outcome::Wrong(wrong) => errors = filled.placed(wrong),
        }
    }
    Ok(desk.mend(&page(&desk, None, &fields, Shown::thorough(errors)).await?))
}

/// On to what it would do, or to the workflow when that is done already.
fn saved(desk: &Desk, kept: &KeptWorkflow) -> Response {
    let name = &kept.draft.name;
    if kept.draft.enabled {
        return desk.done(&href(kept.id), format!("{name} is changed."));
    }
    let text = format!("{name} is saved as a draft. This is what it would do.");
    desk.done(&format!("{}/dry-run", href(kept.id)), text)
}

pub(in super::super) async fn update(
    Path(id): Path<WorkflowId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let kept = match desk.portal().workflow(desk.ctx(), id).await {
        Err(Error::NotFound(_)) => return removed(&desk, fields).await,
        found => found?,
    };
    if let Some(looked) = looked(&desk, Some(&kept), &fields).await? {
        return Ok(looked);
    }
    let filled = Filled::read(&fields, is_on(Some(&kept), &fields));
    let mut errors = filled.errors.clone();
    if errors.is_empty() {
        let version = fields.version();
        let updated = desk
            .portal()
            .update_workflow(desk.ctx(), id, version, &filled.draft);
        match updated.await {
            Err(Error::Store(StoreError::Stale)) => return conflict(&desk, id, fields, &filled).await,
            updated => match tried(updated)? {
                Outcome::Done(kept) => return Ok(saved(&desk, &kept)),
                Outcome::Wrong(wrong) => errors = filled.placed(wrong),
            },
        }
    }
    Ok(desk.mend(&page(&desk, Some(&kept), &fields, Shown::thorough(errors)).await?))
}

/// Somebody else saved it since the form was opened: the form as it was typed, and what they did.
async fn conflict(
    desk: &Desk,
    id: WorkflowId,
    mut fields: Fields,
    filled: &Filled,
) -> Result<Response, Problem> {
    let kept = desk.portal().workflow(desk.ctx(), id).await?;
    let before = serde_json::from_str::<WorkflowDraft>(&fields.text("base")).ok();
    let changed = conflict::changes(desk, before.as_ref(), &kept.draft, &filled.draft).await?;
    // From here on the form is one of what is there now.
    fields.0.retain(|(name, _)| name != "version" && name != "base");
    let mut errors = Errors::default();
    errors.add(
        "",
        "Somebody changed this workflow since you opened it, and nothing of yours is saved yet. What they did stands above. \
         Saving again makes it what your form says.",
    );
    let shown = Shown {
        changed,
        ..Shown::thorough(errors)
    };
    Ok(desk.mend(&page(desk, Some(&kept), &fields, shown).await?))
}

/// Somebody removed it since the form was opened: what was typed can still become a workflow of its own.
async fn removed(desk: &Desk, mut fields: Fields) -> Result<Response, Problem> {
    fields.0.retain(|(name, _)| name != "version" && name != "base");
    let mut errors = Errors::default();
    errors.add(
        "",
        "Somebody removed this workflow since you opened it. Saving makes a new one of what you typed.",
    );
    Ok(desk.mend(&page(desk, None, &fields, Shown::thorough(errors)).await?))
}

#[cfg(test)]
mod tests {
    use portal_core::workflow::Channel;

    use super::*;

    #[test]
    fn every_channel_can_be_added() {
        for of in [Channel::Sms, Channel::Email, Channel::Task] {
            assert_eq!(channel(of.as_str()), of);
        }
    }
}
