//! Opening a matter, changing it, closing and reopening it.

use std::collections::BTreeMap;

use axum::response::Response;
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Capability;
use portal_core::{MatterId, Version};

use super::asked::Asked;
use super::desk::{Desk, Outcome, tried};
use super::find;
use super::rows::{matter_href, matter_name, workers};
use super::sent::{Fields, Sent};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::matters::MatterForm;
use crate::web::view::Errors;

/// The form with these fields in it.
async fn form(
    desk: &Desk,
    matter: Option<&Matter>,
    fields: &Fields,
    errors: Errors,
) -> Result<MatterForm, Problem> {
    let owner = match fields.text("owner_id") {
        owner if owner.is_empty() => desk.staff.id.to_string(),
        owner => owner,
    };
    let href = matter.map(|matter| matter_href(matter.id));
    Ok(MatterForm {
        shell: desk.shell(Some(Place::Matters)).await?,
        heading: matter.map_or_else(
            || "New matter".to_owned(),
            |matter| format!("Change {}", matter.reference),
        ),
        action: href
            .as_ref()
            .map_or_else(|| "/staff/matters".to_owned(), |href| format!("{href}/edit")),
        cancel_href: href.unwrap_or_else(|| "/staff/matters".to_owned()),
        version: matter.map_or_else(String::new, |matter| matter.version.0.to_string()),
        errors,
        reference: fields.text("reference"),
        title: fields.text("title"),
        practice_area: fields.text("practice_area"),
        stage: fields.text("stage"),
        owners: workers(&desk.all_staff().await?, &owner),
        parent: fields.text("parent"),
        client: matter.is_none().then(|| fields.text("client")),
        attributes: fields.text("attributes"),
    })
}

/// Attributes as people type them: a line each, `name: value`.
fn attributes(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.trim().to_owned(), value.trim().to_owned())
        })
        .collect()
}

fn attributes_text(attributes: &BTreeMap<String, String>) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.join("\n")
}

/// What the form says; what is wrong with it as far as it can be told without the rules.
async fn draft(desk: &Desk, fields: &Fields, errors: &mut Errors) -> Result<MatterDraft, Problem> {
    let parent = fields.text("parent");
    let parent_id = if parent.trim().is_empty() {
        None
    } else {
        let found = find::matter(desk, &parent).await?;
        if found.is_none() {
            errors.add("parent", "There is no matter with this reference.");
        }
        found.map(|matter| matter.id)
    };
    let owner_id = fields.value("owner_id");
    if owner_id.is_none() {
        errors.add("owner_id", "Choose who answers for the matter.");
    }
    Ok(MatterDraft {
        reference: fields.text("reference"),
        title: fields.text("title"),
        practice_area: fields.text("practice_area"),
        stage: fields.text("stage"),
        attributes: attributes(&fields.text("attributes")),
        owner_id: owner_id.unwrap_or(desk.staff.id),
        parent_id,
    })
}

/// The fields' names in the form for those of the rules.
fn placed(errors: Errors) -> Errors {
    let mut placed = Errors::default();
    for error in errors.0 {
        let field = match error.field.as_str() {
            "parent_id" => "parent",
            "staff_id" => "owner_id",
            field if field.starts_with("attributes") => "attributes",
            field => field,
        };
        placed.add(field, error.text.clone());
    }
    placed
}

/// Refuses who may not even see the form.
fn require(desk: &Desk, capability: Capability) -> Result<(), Problem> {
    desk.ctx().require(capability)?;
    Ok(())
}

pub(super) async fn new(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    require(&desk, Capability::OpenMatters)?;
    let mut fields = Fields::default();
    if let Some(id) = asked.value("client") {
        let client = desk.portal().client(desk.ctx(), id).await?;
        fields
            .0
            .push(("client".to_owned(), find::client_text(&desk, &client).await?));
    }
    Ok(desk.page(&form(&desk, None, &fields, Errors::default()).await?))
}

pub(super) async fn create(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    require(&desk, Capability::OpenMatters)?;
    let mut errors = Errors::default();
    let client = match find::client(&desk, &fields.text("client")).await? {
        Ok(client) => Some(client),
        Err(text) => {
            errors.add("client", text);
            None
        }
    };
    let draft = draft(&desk, &fields, &mut errors).await?;
    if let Some(client) = client.filter(|_| errors.is_empty()) {
        match tried(desk.portal().open_matter(desk.ctx(), &draft).await)? {
            Outcome::Done(matter) => {
                let href = matter_href(matter.id);
                let text = format!("{} is open.", matter_name(&matter));
                let put = desk
                    .portal()
                    .put_participant(desk.ctx(), matter.id, client.id, Part::Principal)
                    .await;
                // A member who opens a matter for a colleague cannot see it afterwards, which is no failure.
                return match put {
                    Err(portal_core::Error::NotFound(_)) => Ok(desk.done("/staff/matters", text)),
                    put => desk.after(put, &href, text),
                };
            }
            Outcome::Wrong(wrong) => errors = placed(wrong),
        }
    } else if let Err(wrong) = checked(&draft, &desk) {
        // Everything at once: what the rules would have said too.
        errors.0.extend(placed(wrong).0);
    }
    Ok(desk.mend(&form(&desk, None, &fields, errors).await?))
}

/// What the rules say about the draft alone.
fn checked(draft: &MatterDraft, desk: &Desk) -> Result<(), Errors> {
    let ctx = desk.ctx();
    let tried = Matter::new(MatterId(uuid::Uuid::nil()), ctx.practice, draft, ctx.at);
    tried.map(drop).map_err(|invalid| {
        let mut errors = Errors::default();
        for error in invalid.errors {
            errors.add(error.field, error.message);
        }
        errors
    })
}

pub(super) async fn edit(desk: Desk, Path(id): Path<MatterId>) -> Result<Response, Problem> {
    require(&desk, Capability::EditMatters)?;
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let parent = match matter.parent_id {
        Some(parent) => desk
            .matters_of([parent])
            .await?
            .remove(&parent)
            .map(|parent| parent.reference),
        None => None,
    };
    let read = matter.draft();
    let fields = Fields(
        [
            ("reference", read.reference),
            ("title", read.title),
            ("practice_area", read.practice_area),
            ("stage", read.stage),
            ("owner_id", read.owner_id.to_string()),
            ("parent", parent.unwrap_or_default()),
            ("attributes", attributes_text(&read.attributes)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    );
    Ok(desk.page(&form(&desk, Some(&matter), &fields, Errors::default()).await?))
}

pub(super) async fn update(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    let mut errors = Errors::default();
    let mut draft = draft(&desk, &fields, &mut errors).await?;
    let typed = fields.text("parent");
    if let Some(parent) = matter.parent_id
        && desk
            .matters_of([parent])
            .await?
            .get(&parent)
            .is_some_and(|parent| parent.reference == typed)
    {
        // A parent that was there before stays, also for who may not see it.
        draft.parent_id = Some(parent);
        errors.0.retain(|error| error.field != "parent");
    }
    if errors.is_empty() {
        let version: Option<Version> = fields.version();
        match tried(desk.portal().update_matter(desk.ctx(), id, version, &draft).await)? {
            Outcome::Done(matter) => {
                return Ok(desk.done(&matter_href(id), format!("{} is changed.", matter.reference)));
            }
            Outcome::Wrong(wrong) => errors = placed(wrong),
        }
    }
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    Ok(desk.mend(&form(&desk, Some(&matter), &fields, errors).await?))
}

pub(super) async fn close(Path(id): Path<MatterId>, Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    let closed = desk.portal().close_matter(desk.ctx(), id).await;
    desk.after(
        closed,
        &matter_href(id),
        "The matter is closed, and so is everybody's portal access to it.",
    )
}

pub(super) async fn reopen(Path(id): Path<MatterId>, Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    let reopened = desk.portal().reopen_matter(desk.ctx(), id).await;
    let text = "The matter is open again. Restore portal access for each person who should have it.";
    desk.after(reopened, &matter_href(id), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_lines() {
        let read = attributes("visa type: 820/801\r\n\n office : Sydney: CBD \nurgent");
        assert_eq!(
            attributes_text(&read),
            "office: Sydney: CBD\nurgent: \nvisa type: 820/801"
        );
        assert_eq!(attributes(&attributes_text(&read)), read);
    }
}
