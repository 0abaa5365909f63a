//! One request, and the review of what was provided for it.

use axum::extract::Multipart;
use axum::http::HeaderMap;
use axum::response::Response;
use portal_core::checklist::{Request, RequestState, RequestStep};
use portal_core::document::{DocumentFilter, FileType, UploadTarget};
use portal_core::matter::{Matter, MatterState};
use portal_core::policy::Capability;
use portal_core::{MatterId, RequestId};
use serde::Deserialize;

use super::super::asked::Asked;
use super::super::desk::{Desk, Outcome, tried};
use super::super::files;
use super::super::rows::{PAGE, document_href, matter_href, request_href};
use super::super::sent::{Fields, Sent};
use super::super::words::{REASONS, request_badge};
use super::{checklist, head};
use crate::error::Problem;
use crate::extract::Path;
use crate::transfer::receive;
use crate::web::staff::Place;
use crate::web::staff::review::{RequestForm, Review};
use crate::web::view::{Choice, Errors};

/// A request by its address, which names its matter too.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(in super::super) struct RequestPath {
    id: MatterId,
    request: RequestId,
}

impl RequestPath {
    fn href(self) -> String {
        request_href(self.id, self.request)
    }

    /// The matter and the request, which must belong together.
    async fn read(self, desk: &Desk) -> Result<(Matter, Request), Problem> {
        let matter = desk.portal().matter(desk.ctx(), self.id).await?;
        let request = desk.portal().request(desk.ctx(), self.request).await?;
        if request.matter_id == matter.id {
            Ok((matter, request))
        } else {
            Err(Problem::not_found())
        }
    }
}

async fn page(
    desk: &Desk,
    (matter, request): (&Matter, &Request),
    asked: &Asked,
    (fields, errors): (&Fields, Errors),
) -> Result<Review, Problem> {
    let filter = DocumentFilter {
        request: Some(request.id),
        matter: Some(matter.id),
        ..DocumentFilter::default()
    };
    let page = desk
        .portal()
        .documents(desk.ctx(), &filter, &asked.page(PAGE))
        .await?;
    let counts = desk.portal().document_counts(desk.ctx(), &filter).await?;
    let clients = desk.clients_of([request.client_id]).await?;
    let person = clients
        .get(&request.client_id)
        .map(portal_core::client::Client::name);
    let href = request_href(matter.id, request.id);
    let is_open = request.state.takes_documents();
    let may_review = desk.may(Capability::ReviewDocuments);
    let may_edit = desk.may(Capability::EditChecklists);
    let action = |may: bool, path: &str| may.then(|| format!("{href}/{path}"));
    let all = checklist::all_requests(desk, matter).await?;
    let next = all
        .iter()
        .find(|other| other.id != request.id && other.state == RequestState::Submitted)
        .map(|other| (other.title.clone(), request_href(matter.id, other.id)));
    let is_picture = |media_type: &str| {
        media_type.starts_with("image/")
            && FileType::by_media_type(media_type).is_some_and(|kind| kind.previewable)
    };
    let pictures = page
        .items
        .iter()
        .filter(|document| is_picture(&document.current.media_type))
        .take(6)
        .map(|document| {
            let href = format!("{}/picture", document_href(document.id));
            (document.current.name.to_string(), href)
        })
        .collect();
    let mut files = desk.document_rows(&page.items).await?;
    for row in &mut files {
        // All of them are for this request.
        row.request = None;
    }
    let chosen = fields.text("known_reason");
    Ok(Review {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(desk, matter).await?,
        here: href.clone(),
        title: request.title.clone(),
        person: person.unwrap_or_default(),
        badge: request_badge(request.state, request.is_overdue(desk.when.today())),
        due: request.due_on.map(|due| desk.when.due(due)),
        reason: request.reason.clone().unwrap_or_default(),
        help: request.help.clone(),
        example: request.example.clone(),
        wanted: request.wanted,
        version: request.version.0.to_string(),
        files,
        total: page.total.unwrap_or_default(),
        pager: (page.next.is_some() || !asked.text("cursor").is_empty()).then(|| asked.pager(&page)),
        pictures,
        accept_action: action(
            may_review && is_open && counts.pending_review + counts.accepted > 0,
            "accept",
        ),
        return_action: action(
            may_review && is_open && counts.pending_review + counts.returned > 0,
            "return",
        ),
        reasons: REASONS
            .iter()
            .map(|text| Choice::new(*text, *text, &chosen))
            .collect(),
        errors,
        sent_reason: fields.text("reason"),
        waive_action: action(may_edit && is_open, "waive"),
        withdraw_action: action(may_edit && request.state != RequestState::Withdrawn, "withdraw"),
        reopen_action: action(may_edit && !is_open, "reopen"),
        edit_href: action(may_edit, "edit"),
        upload_action: action(
            desk.may(Capability::EditDocuments) && is_open && matter.state == MatterState::Open,
            "files",
        ),
        next,
    })
}

pub(in super::super) async fn show(
    desk: Desk,
    Path(path): Path<RequestPath>,
    asked: Asked,
) -> Result<Response, Problem> {
    let (matter, request) = path.read(&desk).await?;
    let nothing = (&Fields::default(), Errors::default());
    Ok(desk.page(&page(&desk, (&matter, &request), &asked, nothing).await?))
}

/// Takes the step that a form asks for, or shows the form again.
async fn step(
    desk: Desk,
    path: RequestPath,
    fields: Fields,
    step: RequestStep,
    text: &str,
) -> Result<Response, Problem> {
    path.read(&desk).await?;
    let stepped = desk
        .portal()
        .step_request_at(desk.ctx(), path.request, fields.version(), &step)
        .await;
    match tried(stepped)? {
        Outcome::Done(request) => Ok(desk.done(&path.href(), format!("{} {text}", request.title))),
        Outcome::Wrong(errors) => {
            let (matter, request) = path.read(&desk).await?;
            let asked = Asked::new(&path.href(), "");
            Ok(desk.mend(&page(&desk, (&matter, &request), &asked, (&fields, errors)).await?))
        }
    }
}

pub(in super::super) async fn accept(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    step(desk, path, fields, RequestStep::Accept, "is accepted.").await
}

/// The reason that was typed, or else the one that was chosen.
pub(in super::super) fn reason(fields: &Fields) -> String {
    match fields.text("reason") {
        typed if typed.trim().is_empty() => fields.text("known_reason"),
        typed => typed,
    }
}

pub(in super::super) async fn give_back(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let returned = RequestStep::Return(reason(&fields));
    step(
        desk,
        path,
        fields,
        returned,
        "is returned. The client is told by email.",
    )
    .await
}

pub(in super::super) async fn waive(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let waived = RequestStep::Waive(fields.text("reason"));
    step(desk, path, fields, waived, "is waived.").await
}

pub(in super::super) async fn withdraw(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    step(desk, path, fields, RequestStep::Withdraw, "is withdrawn.").await
}

pub(in super::super) async fn reopen(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    step(desk, path, fields, RequestStep::Reopen, "is asked for again.").await
}

async fn form(
    desk: &Desk,
    (matter, request): (&Matter, &Request),
    fields: &Fields,
    errors: Errors,
) -> Result<RequestForm, Problem> {
    let href = request_href(matter.id, request.id);
    Ok(RequestForm {
        shell: desk.shell(Some(Place::Matters)).await?,
        heading: format!("Change {}", request.title),
        action: format!("{href}/edit"),
        cancel_href: href,
        version: request.version.0.to_string(),
        errors,
        title: fields.text("title"),
        group: fields.text("group"),
        help: fields.text("help"),
        example: fields.text("example"),
        wanted: fields.text("wanted"),
        due_on: fields.text("due_on"),
        required: fields.ticked("required"),
    })
}

pub(in super::super) async fn edit(desk: Desk, Path(path): Path<RequestPath>) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditChecklists)?;
    let (matter, request) = path.read(&desk).await?;
    let fields = Fields(
        [
            ("title", request.title.clone()),
            ("group", request.group.clone()),
            ("help", request.help.clone()),
            ("example", request.example.clone()),
            ("wanted", request.wanted.to_string()),
            (
                "due_on",
                request.due_on.map(|due| due.to_string()).unwrap_or_default(),
            ),
            ("required", if request.required { "true" } else { "" }.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    );
    Ok(desk.page(&form(&desk, (&matter, &request), &fields, Errors::default()).await?))
}

pub(in super::super) async fn update(
    Path(path): Path<RequestPath>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    path.read(&desk).await?;
    let mut errors = Errors::default();
    let draft = checklist::draft(&fields, &mut errors);
    if errors.is_empty() {
        let updated = desk
            .portal()
            .update_request(desk.ctx(), path.request, fields.version(), &draft)
            .await;
        match tried(updated)? {
            Outcome::Done(request) => {
                return Ok(desk.done(&path.href(), format!("{} is changed.", request.title)));
            }
            Outcome::Wrong(wrong) => errors = wrong,
        }
    }
    let (matter, request) = path.read(&desk).await?;
    Ok(desk.mend(&form(&desk, (&matter, &request), &fields, errors).await?))
}

/// Files that staff got by other ways.
pub(in super::super) async fn upload(
    desk: Desk,
    Path(path): Path<RequestPath>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    path.read(&desk).await?;
    let multipart = multipart.map_err(|rejection| Problem::of(rejection.status()))?;
    let target = UploadTarget::Request {
        request: path.request,
        replaces: None,
    };
    let received = receive(desk.portal(), desk.ctx(), target, multipart).await;
    files::received(&desk, &headers, received, &path.href())
}

/// The checklist is where requests of a matter are looked for.
pub(in super::super) async fn all(Path(id): Path<MatterId>) -> Response {
    super::super::desk::see_other(&format!("{}/checklist", matter_href(id)))
}
