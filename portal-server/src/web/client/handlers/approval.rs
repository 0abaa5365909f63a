//! One thing to approve: what it shows, and the answer.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use portal_core::approval::{
    Answer, Approval, ApprovalItem, ApprovalRule, ApprovalState, Attached, Presented, SecondFactor,
};
use portal_core::{ApprovalId, Digest, Error, Portal, Rule as _};

use super::answer::see_other;
use super::approvals::{Sent, badge};
use super::frame::{self, Counts};
use super::home::matter;
use super::request::Named;
use super::visit::Visit;
use super::words;
use crate::certificate;
use crate::cookies;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::client::Place;
use crate::web::client::approval::{AnswerForm, ApprovalPage, Given, Said, ShownFile};
use crate::web::proof;
use crate::web::view::{Errors, Flash, Tone, file_size};

/// Shows what is to be approved.
pub(super) async fn show(State(state): State<AppState>, visit: Visit, Path(named): Path<Named>) -> Response {
    let page = match find(state.portal(), &visit, &named.id).await {
        Ok(item) => page(state.portal(), &visit, &item, None, AnswerForm::default()).await,
        Err(problem) => Err(problem),
    };
    visit.answer(&state, page)
}

/// The certificate of the reader's answer, as a file.
pub(super) async fn certificate(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<Named>,
) -> Response {
    let made = match find(state.portal(), &visit, &named.id).await {
        Ok(item) => certificate::awaited(state.portal(), &visit.ctx, item.approval.id, None).await,
        Err(problem) => Err(problem),
    };
    let file = match made {
        Ok(certificate) => certificate::pdf(state.certificate_fonts(), certificate).await,
        Err(problem) => Err(problem),
    };
    file.unwrap_or_else(|problem| visit.refuse(&state, &problem))
}

/// The approval with this id on this workspace's matter.
pub(super) async fn find(portal: &Portal, visit: &Visit, id: &str) -> Result<ApprovalItem, Problem> {
    let id: ApprovalId = id.parse().map_err(|_| Problem::not_found())?;
    let item = portal.approval(&visit.ctx, id).await?;
    if item.approval.matter_id == visit.workspace.matter.id {
        Ok(item)
    } else {
        Err(Problem::not_found())
    }
}

fn file(visit: &Visit, attached: &Attached) -> ShownFile {
    let href = format!(
        "{}/documents/{}/versions/{}",
        visit.door.base, attached.document, attached.number
    );
    let size = file_size(attached.size);
    ShownFile {
        name: attached.name.to_string(),
        kind: words::kind(&attached.name.extension().unwrap_or_default()),
        about: match attached.number {
            1 => size,
            number => format!("{size} \u{b7} Version {number}"),
        },
        view_href: format!("{href}?view=1"),
        download_href: href,
    }
}

/// What an answer needs beside itself.
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// A second factor, which is called so.
    Factor(String),
    /// A second factor that this portal cannot take.
    Impossible,
}

impl Needs {
    pub(super) fn of(portal: &Portal, visit: &Visit) -> Self {
        match portal.second_factor() {
            _ if !visit.door.practice.settings.approval_factor_needed => Self::Nothing,
            Some(factor) => Self::Factor(factor.label().to_owned()),
            None => Self::Impossible,
        }
    }

    /// What the field for it is called.
    pub(super) fn label(self) -> Option<String> {
        match self {
            Self::Factor(label) => Some(label),
            Self::Nothing | Self::Impossible => None,
        }
    }

    pub(super) const fn may_be_answered(&self) -> bool {
        !matches!(self, Self::Impossible)
    }
}

/// Said where nobody can answer.
fn impossible() -> Said {
    Said {
        tone: Tone::Warning,
        title: "You cannot answer here at the moment".to_owned(),
        text: "We ask for a second factor with each answer, and the portal cannot take one now. Please write to us.".to_owned(),
        ..Said::default()
    }
}

/// Why it cannot be answered any more.
fn over(visit: &Visit, approval: &Approval) -> Option<Said> {
    let newer = approval
        .replaced_by
        .map(|id| format!("{}/approvals/{id}", visit.door.base));
    let (title, text) = match approval.state_at(visit.ctx.at) {
        ApprovalState::Superseded => (
            "We have replaced this",
            match newer {
                Some(_) => {
                    "A document changed after we asked you. Please look at the new version and answer that."
                }
                None => {
                    "A document changed after we asked you. We write to you if we still need your answer."
                }
            }
            .to_owned(),
        ),
        ApprovalState::Withdrawn => ("We have withdrawn this", approval.reason.clone()),
        ApprovalState::Expired => (
            "The time to answer this is over",
            "Please write to us if you still want to answer.".to_owned(),
        ),
        ApprovalState::Open | ApprovalState::Approved | ApprovalState::Declined => return None,
    };
    Some(Said {
        tone: Tone::Info,
        title: title.to_owned(),
        text,
        way_on: newer.map(|href| ("Look at the new version".to_owned(), href)),
        is_answer: false,
    })
}

fn given(visit: &Visit, approval: &Approval) -> Option<Given> {
    let answer = approval.answer_of(visit.workspace.client.id)?;
    let did = proof::did(answer.decision);
    Some(Given {
        text: format!("You {did} this {}.", visit.when.moment_within(answer.at)),
        comment: answer.comment.clone(),
        evidence_href: format!("{}/approvals/{}/evidence", visit.door.base, approval.id),
        certificate_href: format!("{}/approvals/{}/certificate", visit.door.base, approval.id),
    })
}

/// The page; `said` answers what the reader just did.
async fn page(
    portal: &Portal,
    visit: &Visit,
    item: &ApprovalItem,
    said: Option<Said>,
    form: AnswerForm,
) -> Result<ApprovalPage, Problem> {
    let counts = Counts::of(portal, visit).await?;
    let approval = &item.approval;
    let terms = &approval.terms;
    let waits = approval.waits_for(visit.workspace.client.id, visit.ctx.at);
    let base = &visit.door.base;
    let subject = terms.subject.iter().flat_map(|subject| &subject.lines);
    let due = terms.due_on.or(terms.expires_on).filter(|_| waits);
    let needs = Needs::of(portal, visit);
    let is_stuck = waits && !needs.may_be_answered();
    Ok(ApprovalPage {
        shell: frame::inside(portal, visit, Place::Approvals, counts).await?,
        matter: matter(visit),
        approvals_href: format!("{base}/approvals"),
        kind: terms.kind.label().to_owned(),
        title: terms.title.clone(),
        badge: badge(visit, approval),
        due: due.map(|date| visit.when.due(date)),
        asked: format!(
            "Asked by {}, {}",
            item.asked_by,
            visit.when.day_within(approval.created_at)
        ),
        said: said
            .or_else(|| over(visit, approval))
            .or_else(|| is_stuck.then(impossible)),
        description: terms.description.clone(),
        lines: subject
            .map(|line| (line.label.clone(), line.value.clone()))
            .collect(),
        files: approval
            .documents
            .iter()
            .map(|attached| file(visit, attached))
            .collect(),
        form: (waits && !is_stuck && !visit.is_preview()).then(|| AnswerForm {
            action: format!("{base}/approvals/{}", approval.id),
            shown: approval.shown_hash().to_string(),
            factor: needs.label(),
            ..form
        }),
        given: given(visit, approval),
    })
}

/// Takes the answer.
pub(super) async fn answer(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<Named>,
    body: Bytes,
) -> Response {
    match answered(&state, &visit, &named.id, &Sent::parse(&body)).await {
        Ok(answer) => answer,
        Err(problem) => visit.refuse(&state, &problem),
    }
}

async fn answered(state: &AppState, visit: &Visit, id: &str, sent: &Sent) -> Result<Response, Problem> {
    let portal = state.portal();
    let item = find(portal, visit, id).await?;
    let comment = sent.text("comment");
    let mut form = AnswerForm {
        comment: comment.chars().take(Answer::LONGEST_COMMENT).collect(),
        ..AnswerForm::default()
    };
    let Some(decision) = sent.decision() else {
        form.errors.add("", "Press Approve or Decline.");
        let page = page(portal, visit, &item, None, form).await?;
        return Ok(visit.door.show(StatusCode::UNPROCESSABLE_ENTITY, state, &page));
    };
    let answer = Answer {
        decision,
        comment: comment.to_owned(),
        // A form without a hash is no page of ours, and as good as an old one.
        shown: sent.text("shown").parse().unwrap_or(Digest([0; 32])),
    };
    let presented = match Presented::given(sent.text("factor")) {
        Ok(presented) => presented,
        Err(wrong) => {
            form.errors.add(wrong.field, wrong.message);
            let page = page(portal, visit, &item, None, form).await?;
            return Ok(visit.door.show(StatusCode::UNPROCESSABLE_ENTITY, state, &page));
        }
    };
    let error = match portal
        .answer_approval(&visit.ctx, item.approval.id, &answer, presented.as_ref())
        .await
    {
        Ok(item) => {
            let did = proof::did(decision);
            let flash = Flash {
                tone: Tone::Success,
                text: format!(
                    "You {did} \u{201c}{}\u{201d}. Thank you.",
                    item.approval.terms.title
                ),
            };
            let mut answer = see_other(&format!("{}/approvals/{id}", visit.door.base));
            cookies::set_flash(answer.headers_mut(), state.public_url(), &flash);
            return Ok(answer);
        }
        Err(error) => error,
    };
    // As it is now: it may have moved on since the page was opened.
    let item = find(portal, visit, id).await?;
    match error {
        Error::Rule(rule) if is_of_factor(&rule) => {
            form.errors.add("factor", refused_factor(portal, &rule));
            let page = page(portal, visit, &item, None, form).await?;
            Ok(visit.door.show(StatusCode::FORBIDDEN, state, &page))
        }
        Error::Rule(rule) => {
            let said = refused(visit, &item.approval, &rule);
            let page = page(portal, visit, &item, Some(said), form).await?;
            let status = Problem::from(Error::Rule(rule)).status;
            Ok(visit.door.show(status, state, &page))
        }
        Error::Invalid(invalid) => {
            let mut errors = Errors::default();
            for error in invalid.errors {
                errors.add(error.field, error.message);
            }
            form.errors = errors;
            let page = page(portal, visit, &item, None, form).await?;
            Ok(visit.door.show(StatusCode::UNPROCESSABLE_ENTITY, state, &page))
        }
        other => Err(other.into()),
    }
}

/// Whether a refusal is about the second factor that came with an answer, or did not, and another one may be right.
pub(super) fn is_of_factor(rule: &ApprovalRule) -> bool {
    rule.field() == Some("factor") && *rule != ApprovalRule::FactorNotOffered
}

/// The same in the words of the page, which calls the factor by its name.
pub(super) fn refused_factor(portal: &Portal, rule: &ApprovalRule) -> String {
    let name = portal.second_factor().map_or("", SecondFactor::label);
    match rule {
        ApprovalRule::FactorNeeded => {
            format!("Please fill in \u{201c}{name}\u{201d} too, and answer again. Nothing was answered yet.")
        }
        ApprovalRule::WrongFactor => format!(
            "What you filled in as \u{201c}{name}\u{201d} is not right, or it was used before, so nothing was answered. \
             Please take a new one and answer again."
        ),
        ApprovalRule::NoFactorSetUp => format!(
            "We ask for \u{201c}{name}\u{201d}, and you have none set up yet, so nothing was answered. Please write to us, \
             and we help you."
        ),
        other => other.to_string(),
    }
}

/// Why the answer was not taken, and the way on.
fn refused(visit: &Visit, approval: &Approval, rule: &ApprovalRule) -> Said {
    let newer = approval
        .replaced_by
        .map(|id| format!("{}/approvals/{id}", visit.door.base));
    Said {
        tone: Tone::Warning,
        title: match rule {
            ApprovalRule::AnsweredAlready | ApprovalRule::Settled => "This was answered before",
            _ => "Your answer was not taken",
        }
        .to_owned(),
        text: rule.to_string(),
        way_on: newer.map(|href| ("Look at the new version".to_owned(), href)),
        is_answer: true,
    }
}
