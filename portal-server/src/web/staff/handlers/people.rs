//! Who works for the practice.

use axum::response::Response;
use portal_core::StaffId;
use portal_core::identity::{NewStaffMember, StaffMember};
use portal_core::policy::{Capability, Role};

use super::asked::{Asked, counted};
use super::desk::{Desk, Outcome, tried};
use super::rows::PAGE;
use super::sent::{Fields, Sent};
use super::words::{active_badge, role_help, role_word};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::people::{AddPerson, People, PersonRow};
use crate::web::view::{Choice, Errors};

/// The roles that the reader can give.
fn roles(desk: &Desk, chosen: &str) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .filter(|role| {
            *role != Role::Owner || desk.staff.role == Role::Owner || chosen == Role::Owner.as_str()
        })
        .map(|role| Choice::new(role.as_str(), role_help(role), chosen))
        .collect()
}

async fn page(desk: &Desk, asked: &Asked, sent: Option<(&Fields, Errors)>) -> Result<People, Problem> {
    let page = desk.portal().staff(desk.ctx(), &asked.page(PAGE)).await?;
    let may = desk.may(Capability::ManageStaff);
    let row = |member: &StaffMember| {
        let mine_to_change = may && (member.role != Role::Owner || desk.staff.role == Role::Owner);
        PersonRow {
            name: member.name.clone(),
            email: member.email.to_string(),
            role: role_word(member.role).to_owned(),
            badge: active_badge(member.active),
            matters_href: format!("/staff/matters?owner={}", member.id),
            action: mine_to_change.then(|| format!("/staff/people/{}", member.id)),
            version: member.version.0.to_string(),
            roles: roles(desk, member.role.as_str()),
            active: member.active,
        }
    };
    let adding = may.then(|| {
        let (fields, errors) = match sent {
            Some((fields, errors)) => (fields.clone(), errors),
            None => (Fields::default(), Errors::default()),
        };
        let role = fields.text("role");
        let role = if role.is_empty() {
            Role::Member.as_str().to_owned()
        } else {
            role
        };
        AddPerson {
            action: "/staff/people".into(),
            errors,
            name: fields.text("name"),
            email: fields.text("email"),
            roles: roles(desk, &role),
        }
    });
    Ok(People {
        shell: desk.shell(Some(Place::People)).await?,
        counted: counted(page.total.unwrap_or_default(), "person", "people"),
        rows: page.items.iter().map(row).collect(),
        pager: asked.pager(&page),
        adding,
    })
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    Ok(desk.page(&page(&desk, &asked, None).await?))
}

pub(super) async fn add(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    desk.ctx().require(Capability::ManageStaff)?;
    let mut errors = Errors::default();
    match fields.value("role") {
        None => errors.add("role", "Choose a role."),
        Some(role) => {
            let new = NewStaffMember {
                name: fields.text("name"),
                email: fields.text("email"),
                role,
                password: fields.text("password"),
            };
            match tried(desk.portal().add_staff(desk.ctx(), new).await)? {
                Outcome::Done(member) => {
                    let text = format!("{} is added. Tell them their password in person.", member.name);
                    return Ok(desk.done("/staff/people", text));
                }
                Outcome::Wrong(wrong) => errors = wrong,
            }
        }
    }
    let asked = Asked::new("/staff/people", "");
    Ok(desk.mend(&page(&desk, &asked, Some((&fields, errors))).await?))
}

pub(super) async fn update(
    Path(id): Path<StaffId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let role: Role = fields
        .value("role")
        .ok_or_else(|| Problem::field("role", "unknown", "Choose a role."))?;
    let active = fields.ticked("active");
    let updated = desk
        .portal()
        .update_staff(desk.ctx(), id, fields.version(), (role, active))
        .await;
    let text = match &updated {
        Ok(member) if member.active => format!("{} is {} now.", member.name, role_word(member.role)),
        Ok(member) => format!("{} is inactive and signed out everywhere.", member.name),
        Err(_) => String::new(),
    };
    desk.after(updated, "/staff/people", text)
}
