//! The form that asks for an approval.

use axum::response::Response;
use portal_core::access::PortalAccess;
use portal_core::approval::{Approval, ApprovalDraft, ApprovalKind, ApprovalRule, Needed};
use portal_core::client::Client;
use portal_core::document::{Confidentiality, Document};
use portal_core::matter::Matter;
use portal_core::policy::Capability;
use portal_core::{DocumentId, Error, MatterId, PageRequest};

use super::super::asked::{Asked, counted};
use super::super::desk::{Desk, Outcome, tried};
use super::super::matter::checklist::date;
use super::super::matter::documents_of;
use super::super::rows::{document_href, matter_href, matter_name};
use super::super::sent::{Fields, Sent};
use super::super::words::audience;
use super::approval_href;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::approvals::{ApprovalForm, Tick};
use crate::web::view::{Choice, Errors, file_size};

const NEEDED: [(Needed, &str); 2] = [
    (Needed::All, "Everybody has to answer"),
    (Needed::Any, "One answer is enough"),
];

fn is_sent(fields: &Fields, name: &str, value: &str) -> bool {
    let mut pairs = fields.0.iter();
    pairs.any(|(known, sent)| known == name && sent == value)
}

/// The documents of a matter, the newest first.
async fn documents(desk: &Desk, matter: &Matter) -> Result<Vec<Document>, Problem> {
    let mut documents = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = desk
            .portal()
            .documents(desk.ctx(), &documents_of(matter), &page)
            .await?;
        documents.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(documents);
        }
    }
}

async fn form(
    desk: &Desk,
    matter: &Matter,
    fields: &Fields,
    errors: Errors,
) -> Result<ApprovalForm, Problem> {
    let all = documents(desk, matter).await?;
    let (secret, open): (Vec<&Document>, Vec<&Document>) = all
        .iter()
        .partition(|document| document.confidentiality == Confidentiality::StaffOnly);
    // The page that this was opened from: its document, which is on the matter.
    let from = fields.value::<DocumentId>("from");
    let from = all.iter().find(|document| Some(document.id) == from);
    let clients = desk
        .clients_of(all.iter().filter_map(|document| document.client_id))
        .await?;
    let tick = |document: &&Document| {
        let id = document.id.to_string();
        let client = document
            .client_id
            .and_then(|id| clients.get(&id))
            .map(Client::name);
        Tick {
            checked: is_sent(fields, "document", &id),
            label: document.current.name.to_string(),
            help: format!(
                "{} \u{b7} Version {} \u{b7} Seen by {}",
                file_size(document.current.size),
                document.versions,
                audience(document.confidentiality, client.as_deref())
            ),
            value: id,
        }
    };
    let accesses = desk.portal().accesses(desk.ctx(), matter.id).await?;
    let asked: Vec<&(PortalAccess, Client)> = accesses
        .iter()
        .filter(|(access, client)| access.admits(matter, client))
        .collect();
    // Who is alone is asked.
    let is_alone = asked.len() == 1 && fields.text("sent").is_empty();
    let person = |(_, client): &&(PortalAccess, Client)| {
        let id = client.id.to_string();
        Tick {
            checked: is_alone || is_sent(fields, "person", &id),
            label: client.name(),
            help: client.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            value: id,
        }
    };
    let href = matter_href(matter.id);
    let (kind, needed) = (fields.text("kind"), fields.text("needed"));
    let mut ticks: Vec<Tick> = open.iter().map(tick).collect();
    // What is chosen is seen at once, however many there are.
    ticks.sort_by_key(|tick| !tick.checked);
    Ok(ApprovalForm {
        shell: desk.shell(Some(Place::Matters)).await?,
        action: format!("{href}/approvals"),
        from: from.map(|document| document.id.to_string()).unwrap_or_default(),
        back: match from {
            Some(document) => (document.current.name.to_string(), document_href(document.id)),
            None => (matter_name(matter), format!("{href}/approvals")),
        },
        errors,
        kinds: ApprovalKind::ALL
            .map(|known| Choice::new(known.as_str(), known.label(), &kind))
            .into(),
        title: fields.text("title"),
        description: fields.text("description"),
        documents: ticks,
        hidden: match secret.len() {
            0 => String::new(),
            many => counted(
                u64::try_from(many).unwrap_or(u64::MAX),
                "document is for staff only, and cannot be attached as long as it is.",
                "documents are for staff only, and cannot be attached as long as they are.",
            ),
        },
        people: asked.iter().map(person).collect(),
        access_href: format!("{href}/access"),
        needed: NEEDED
            .map(|(value, label)| Choice::new(value.as_str(), label, &needed))
            .into(),
        in_turn: fields.ticked("in_turn"),
        due_on: fields.text("due_on"),
        expires_on: fields.text("expires_on"),
        remind_every_days: fields.text("remind_every_days"),
    })
}

/// The form, empty or with the document that the address names chosen.
pub(in super::super) async fn new(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    desk.ctx().require(Capability::AskApprovals)?;
    let (mut fields, mut errors) = (Fields::default(), Errors::default());
    let named = asked.text("document");
    if !named.is_empty() {
        match nameable(&desk, &matter, asked.value("document")).await? {
            Ok(id) => {
                for name in ["document", "from"] {
                    fields.0.push((name.to_owned(), id.to_string()));
                }
            }
            Err(rule) => errors.add("documents", rule.to_string()),
        }
    }
    Ok(desk.page(&form(&desk, &matter, &fields, errors).await?))
}

/// The document that an address names, if people on the matter can be asked about it.
async fn nameable(
    desk: &Desk,
    matter: &Matter,
    id: Option<DocumentId>,
) -> Result<Result<DocumentId, ApprovalRule>, Problem> {
    let Some(id) = id else {
        return Ok(Err(ApprovalRule::NotOnMatter));
    };
    match desk.portal().document(desk.ctx(), id).await {
        Ok(document) => Ok(Approval::may_show(&document, matter).map(|()| id)),
        Err(Error::NotFound(_)) => Ok(Err(ApprovalRule::NotOnMatter)),
        Err(other) => Err(other.into()),
    }
}

fn draft(fields: &Fields, errors: &mut Errors) -> ApprovalDraft {
    let ticked = |wanted: &str| -> Vec<String> {
        let pairs = fields.0.iter().filter(|(name, _)| name == wanted);
        pairs.map(|(_, value)| value.clone()).collect()
    };
    let kind = fields.value::<ApprovalKind>("kind");
    if kind.is_none() {
        errors.add("kind", "Choose what is to be approved.");
    }
    let remind = fields.text("remind_every_days");
    let remind_every_days = match remind.trim() {
        "" => None,
        text => {
            let days = text.parse().ok();
            if days.is_none() {
                errors.add("remind_every_days", "Write a number of days, 1 to 30.");
            }
            days
        }
    };
    let documents = ticked("document");
    let people = ticked("person");
    ApprovalDraft {
        kind: kind.unwrap_or(ApprovalKind::Draft),
        title: fields.text("title"),
        description: fields.text("description"),
        subject: None,
        documents: documents.iter().filter_map(|id| id.parse().ok()).collect(),
        people: people.iter().filter_map(|id| id.parse().ok()).collect(),
        needed: if fields.text("needed") == Needed::Any.as_str() {
            Needed::Any
        } else {
            Needed::All
        },
        in_turn: fields.ticked("in_turn"),
        due_on: date("due_on", &fields.text("due_on"), errors),
        expires_on: date("expires_on", &fields.text("expires_on"), errors),
        remind_every_days,
    }
}

pub(in super::super) async fn ask(
    Path(id): Path<MatterId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let matter = desk.portal().matter(desk.ctx(), id).await?;
    desk.ctx().require(Capability::AskApprovals)?;
    let mut errors = Errors::default();
    let draft = draft(&fields, &mut errors);
    if errors.is_empty() {
        match tried(desk.portal().ask_approval(desk.ctx(), id, &draft).await)? {
            Outcome::Done(item) => {
                let who: Vec<&str> = item.people.iter().map(|person| person.name.as_str()).collect();
                let text = format!("{} is asked by email.", who.join(", "));
                return Ok(desk.done(&approval_href(item.approval.id), text));
            }
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    Ok(desk.mend(&form(&desk, &matter, &fields, errors).await?))
}
