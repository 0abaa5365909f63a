//! Finding a record by what a person types: a reference, an address, a name.

use portal_core::client::{Client, ClientFilter};
use portal_core::matter::Matter;
use portal_core::{Error, NoRule, PageRequest, text};

use super::desk::Desk;
use crate::error::Problem;

/// The client with this reference, email address or full name. The inner error says what to do.
pub(super) async fn client(desk: &Desk, typed: &str) -> Result<Result<Client, String>, Problem> {
    let wanted = text::fold(typed);
    if wanted.is_empty() {
        return Ok(Err(
            "Enter the client's email address, reference or full name.".into()
        ));
    }
    let store = desk.portal().store();
    let by_reference = store.client_by_reference(desk.ctx().practice, typed.trim()).await;
    if let Some(client) = by_reference.map_err(Error::<NoRule>::from)? {
        return Ok(Ok(client));
    }
    let filter = ClientFilter {
        q: Some(typed.chars().filter(|c| !c.is_control()).take(200).collect()),
    };
    let page = PageRequest::first(PageRequest::MOST);
    let found = desk.portal().clients(desk.ctx(), &filter, &page).await?.items;
    let is_meant = |client: &Client| {
        let email = client.email.as_ref().map(portal_core::text::Email::key);
        email.as_deref() == Some(wanted.as_str()) || text::fold(&client.name()) == wanted
    };
    let mut meant: Vec<Client> = found.into_iter().filter(is_meant).collect();
    Ok(match (meant.pop(), meant.is_empty()) {
        (Some(client), true) => Ok(client),
        (Some(_), false) => {
            Err("Several clients have this name or address. Enter the reference of the one you mean.".into())
        }
        (None, _) => Err("There is no such client. Check the spelling, or add them first.".into()),
    })
}

/// What finds this client again.
pub(super) async fn client_text(desk: &Desk, client: &Client) -> Result<String, Problem> {
    if let Some(reference) = &client.reference {
        return Ok(reference.clone());
    }
    for typed in [
        client.email.as_ref().map(ToString::to_string),
        Some(client.name()),
    ] {
        let Some(typed) = typed else { continue };
        if self::client(desk, &typed)
            .await?
            .is_ok_and(|found| found.id == client.id)
        {
            return Ok(typed);
        }
    }
    Ok(String::new())
}

/// The matter with this reference, if the person may see it.
pub(super) async fn matter(desk: &Desk, reference: &str) -> Result<Option<Matter>, Problem> {
    let found = desk
        .portal()
        .store()
        .matter_by_reference(desk.ctx().practice, reference.trim())
        .await;
    let Some(matter) = found.map_err(Error::<NoRule>::from)? else {
        return Ok(None);
    };
    match desk.portal().matter(desk.ctx(), matter.id).await {
        Ok(matter) => Ok(Some(matter)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}
