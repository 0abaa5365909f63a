//! Everything that the client is or was asked to approve, and answers to several at once.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use portal_core::approval::{Answer, Approval, ApprovalFilter, ApprovalState, Decision, Presented};
use portal_core::{ApprovalId, Digest, Error, PageRequest, Portal};
use serde::Deserialize;
use url::form_urlencoded;

use super::answer::see_other;
use super::approval::{Needs, is_of_factor, refused_factor};
use super::frame::{self, Counts};
use super::home::matter;
use super::visit::Visit;
use super::words;
use crate::cookies;
use crate::error::Problem;
use crate::state::AppState;
use crate::web::client::approvals::Approvals;
use crate::web::client::{ApprovalRow, Place};
use crate::web::proof;
use crate::web::view::{Badge, Errors, Flash, Pager, Tone};

/// How many of the history a page shows.
const AT_ONCE: u32 = 50;

/// Which part of the history is wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    cursor: Option<String>,
    #[serde(default)]
    q: String,
}

/// Where an approval stands, for whoever is asked.
pub(super) fn badge(visit: &Visit, approval: &Approval) -> Badge {
    let mine = approval
        .answer_of(visit.workspace.client.id)
        .map(|answer| answer.decision);
    match (approval.state_at(visit.ctx.at), mine) {
        (ApprovalState::Open, None) => Badge::new(Tone::Accent, "Please answer").with_icon("approval"),
        (_, Some(Decision::Approved)) => Badge::new(Tone::Success, "You approved"),
        (_, Some(Decision::Declined)) => Badge::new(Tone::Warning, "You declined").with_icon("x"),
        (ApprovalState::Approved | ApprovalState::Declined, None) => {
            Badge::new(Tone::Neutral, "Answered").with_icon("check")
        }
        (ApprovalState::Expired, None) => Badge::new(Tone::Neutral, "Too late").with_icon("clock"),
        (ApprovalState::Withdrawn, None) => Badge::new(Tone::Neutral, "Withdrawn").with_icon("minus-circle"),
        (ApprovalState::Superseded, None) => Badge::new(Tone::Neutral, "Replaced").with_icon("refresh"),
    }
}

pub(super) fn row(visit: &Visit, approval: &Approval) -> ApprovalRow {
    let waits = approval.waits_for(visit.workspace.client.id, visit.ctx.at);
    let terms = &approval.terms;
    let documents = match approval.documents.len() {
        0 => String::new(),
        1 => "1 document".to_owned(),
        many => format!("{many} documents"),
    };
    let asked = format!("Asked {}", visit.when.day_within(approval.created_at));
    let about = [terms.kind.label().to_owned(), documents, asked];
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    let due = terms.due_on.or(terms.expires_on).filter(|_| waits);
    ApprovalRow {
        href: format!("{}/approvals/{}", visit.door.base, approval.id),
        title: terms.title.clone(),
        about: about.join(" \u{b7} "),
        badge: badge(visit, approval),
        due: due.map(|date| visit.when.due(date)),
        choice: if waits {
            format!("{} {}", approval.id, approval.shown_hash())
        } else {
            String::new()
        },
        is_chosen: false,
    }
}

/// What waits for an answer, the most urgent first.
pub(super) async fn waiting(portal: &Portal, visit: &Visit) -> Result<Vec<ApprovalRow>, Problem> {
    let matter = visit.workspace.matter.id;
    let waiting = portal.approvals_to_answer(&visit.ctx, matter).await?;
    Ok(waiting.iter().map(|approval| row(visit, approval)).collect())
}

/// Shows what waits, and what was asked before.
pub(super) async fn list(
    State(state): State<AppState>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Response {
    let page = page(state.portal(), &visit, &wanted, Filled::default()).await;
    visit.answer(&state, page)
}

async fn page(portal: &Portal, visit: &Visit, wanted: &Wanted, filled: Filled) -> Result<Approvals, Problem> {
    let counts = Counts::of(portal, visit).await?;
    let here = format!("{}/approvals", visit.door.base);
    let mut waiting = waiting(portal, visit).await?;
    for row in &mut waiting {
        row.is_chosen = filled.chosen.contains(&row.choice);
    }
    let q: String = wanted.q.chars().filter(|c| !c.is_control()).take(200).collect();
    let q = q.trim().to_owned();
    let filter = ApprovalFilter {
        matter: Some(visit.workspace.matter.id),
        q: Some(q.clone()).filter(|q| !q.is_empty()),
        ..ApprovalFilter::default()
    };
    // A cursor that is none begins the list anew.
    let cursor = wanted.cursor.as_deref().and_then(|text| text.parse().ok());
    let continued = cursor.is_some();
    let asked = PageRequest::first(AT_ONCE).after(cursor);
    let found = portal.approvals(&visit.ctx, &filter, &asked).await?;
    let client = visit.workspace.client.id;
    let over = found
        .items
        .iter()
        .map(|item| &item.approval)
        .filter(|approval| !approval.waits_for(client, visit.ctx.at));
    let address = |cursor: Option<String>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !q.is_empty() {
            query.append_pair("q", &q);
        }
        if let Some(cursor) = cursor {
            query.append_pair("cursor", &cursor);
        }
        match query.finish() {
            query if query.is_empty() => here.clone(),
            query => format!("{here}?{query}"),
        }
    };
    let needs = Needs::of(portal, visit);
    let may_answer = !visit.is_preview() && needs.may_be_answered() && waiting.len() > 1;
    Ok(Approvals {
        shell: frame::inside(portal, visit, Place::Approvals, counts).await?,
        matter: matter(visit),
        answer_action: may_answer.then(|| here.clone()),
        waiting,
        factor: needs.label(),
        comment: filled.comment,
        errors: filled.errors,
        history: over.map(|approval| row(visit, approval)).collect(),
        pager: Pager {
            first_href: continued.then(|| address(None)),
            next_href: found.next.map(|next| address(Some(next.to_string()))),
            ..Pager::default()
        },
        q,
        here,
    })
}

/// The form as it is shown again, with what is wrong.
#[derive(Default)]
struct Filled {
    chosen: Vec<String>,
    comment: String,
    errors: Errors,
}

/// What a form sent.
pub(super) struct Sent(Vec<(String, String)>);

impl Sent {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(super) fn decision(&self) -> Option<Decision> {
        match self.text("decision") {
            "approved" => Some(Decision::Approved),
            "declined" => Some(Decision::Declined),
            _ => None,
        }
    }

    /// The approvals that were ticked, each with the hash of what its row showed.
    fn items(&self) -> Vec<(ApprovalId, Digest)> {
        let read = |text: &str| {
            let (id, shown) = text.split_once(' ')?;
            Some((id.parse().ok()?, shown.parse().ok()?))
        };
        self.chosen().filter_map(read).collect()
    }

    /// The boxes that were ticked.
    fn chosen(&self) -> impl Iterator<Item = &str> {
        let items = self.0.iter().filter(|(name, _)| name == "item");
        items.map(|(_, value)| value.as_str())
    }
}

/// Answers several alike.
pub(super) async fn answer(State(state): State<AppState>, visit: Visit, body: Bytes) -> Response {
    match answer_all(&state, &visit, &Sent::parse(&body)).await {
        Ok(answer) => answer,
        Err(problem) => visit.refuse(&state, &problem),
    }
}

async fn answer_all(state: &AppState, visit: &Visit, sent: &Sent) -> Result<Response, Problem> {
    let mut errors = Errors::default();
    let items = sent.items();
    if items.is_empty() {
        errors.add("items", "Choose which ones you answer.");
    }
    let decision = sent.decision();
    if decision.is_none() {
        errors.add("", "Press Approve or Decline.");
    }
    let comment = sent.text("comment").to_owned();
    let length = comment.chars().count();
    if length > Answer::LONGEST_COMMENT {
        let most = Answer::LONGEST_COMMENT;
        errors.add(
            "comment",
            format!("This has {length} characters; at most {most} are possible."),
        );
    }
    let presented = Presented::given(sent.text("factor")).unwrap_or_else(|wrong| {
        errors.add(wrong.field, wrong.message);
        None
    });
    let again = async |status: StatusCode, errors: Errors| -> Result<Response, Problem> {
        let filled = Filled {
            chosen: sent.chosen().map(str::to_owned).collect(),
            comment: comment.chars().take(Answer::LONGEST_COMMENT).collect(),
            errors,
        };
        let page = page(state.portal(), visit, &Wanted::default(), filled).await?;
        Ok(visit.door.show(status, state, &page))
    };
    let Some(decision) = decision.filter(|_| errors.is_empty()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    };
    let answers: Vec<(ApprovalId, Answer)> = items
        .into_iter()
        .map(|(id, shown)| {
            let answer = Answer {
                decision,
                comment: comment.clone(),
                shown,
            };
            (id, answer)
        })
        .collect();
    let done = state
        .portal()
        .answer_approvals(&visit.ctx, &answers, presented.as_ref());
    let done = match done.await {
        Err(Error::Rule(rule)) if is_of_factor(&rule) => {
            errors.add("factor", refused_factor(state.portal(), &rule));
            return again(StatusCode::FORBIDDEN, errors).await;
        }
        done => done?,
    };
    let answered = done.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    let refused = done.len() - answered;
    let word = proof::did(decision);
    let count = words::grouped(u64::try_from(answered).unwrap_or(u64::MAX));
    let flash = match refused {
        0 => Flash {
            tone: Tone::Success,
            text: format!("You {word} {count} of them. Thank you."),
        },
        refused => Flash {
            tone: Tone::Warning,
            text: format!(
                "You {word} {count} of them. {refused} could not be answered, because we changed or withdrew what you \
                 were looking at. Please look at what still waits for you."
            ),
        },
    };
    let mut answer = see_other(&format!("{}/approvals", visit.door.base));
    cookies::set_flash(answer.headers_mut(), state.public_url(), &flash);
    Ok(answer)
}
