//! Who stands before a workspace: somebody signed in to it, or somebody outside.

use std::collections::HashMap;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use portal_core::access::Workspace;
use portal_core::identity::Authenticated;
use portal_core::practice::Practice;
use portal_core::{AccessId, Actor, Context, Error, Locator, NoRule, Origin};

use super::answer::{page, refusal, wants_page};
use super::frame;
use crate::cookies;
use crate::error::Problem;
use crate::extract::{Path, RequestOrigin};
use crate::state::AppState;
use crate::web::client::ended::Ended;
use crate::web::view::{Flash, Shell};
use crate::web::when::When;

/// A workspace's address, seen from outside. It says which practice, and not whether the workspace exists.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) practice: Practice,
    pub(super) locator: Locator,
    /// The path that the portal is mounted below.
    pub(super) root: String,
    /// The path of the workspace.
    pub(super) base: String,
    pub(super) origin: Origin,
    pub(super) wants_page: bool,
    pub(super) flash: Option<Flash>,
}

/// Somebody signed in, in one of their workspaces.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) door: Door,
    pub(super) ctx: Context,
    pub(super) workspace: Workspace,
    pub(super) when: When,
}

/// Why somebody is not in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// They have no session.
    SignedOut,
    /// They had one, and it is over.
    SessionOver,
    /// They are signed in, and this workspace is none of theirs.
    Elsewhere,
}

/// Somebody in a workspace, or before it.
#[derive(Debug)]
pub(super) enum Entry {
    Inside(Box<Visit>),
    Outside(Box<Door>, Outside),
}

impl FromRequestParts<AppState> for Door {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let found = Self::find(parts, state).await;
        found.map_err(|problem| match problem.status {
            StatusCode::NOT_FOUND if wants_page(&parts.headers) => nowhere(&problem),
            _ => problem.into_response(),
        })
    }
}

/// An address that is no portal's: cut short on its way, as a rule.
fn nowhere(problem: &Problem) -> Response {
    let shell = Shell {
        lang: "en".to_owned(),
        ..Shell::default()
    };
    let text = "This is not the whole address of a portal. Please open it from a link in any email from us, or copy \
                all of it.";
    let problem = Problem {
        detail: text.into(),
        ..problem.clone()
    };
    refusal(shell, &problem, (String::new(), ""), None)
}

impl Door {
    async fn find(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, state).await?;
        let locator: Locator = path
            .get("locator")
            .and_then(|text| text.parse().ok())
            .ok_or_else(Problem::not_found)?;
        let practice = state
            .portal()
            .store()
            .practice(locator.practice)
            .await
            .map_err(Error::<NoRule>::from)?
            .ok_or_else(Problem::not_found)?;
        let Ok(RequestOrigin(origin)) = RequestOrigin::from_request_parts(parts, state).await;
        let root = state.public_url().base().to_owned();
        Ok(Self {
            practice,
            locator,
            base: format!("{root}/p/{locator}"),
            root,
            origin,
            wants_page: wants_page(&parts.headers),
            flash: cookies::flash(&parts.headers, state.public_url()),
        })
    }
}

impl FromRequestParts<AppState> for Entry {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let door = Door::from_request_parts(parts, state).await?;
        Self::of(door, parts, state)
            .await
            .map_err(IntoResponse::into_response)
    }
}

impl Entry {
    async fn of(door: Door, parts: &Parts, state: &AppState) -> Result<Self, Problem> {
        let portal = state.portal();
        let Some(token) = cookies::session(&parts.headers, state.public_url()) else {
            return Ok(Self::Outside(Box::new(door), Outside::SignedOut));
        };
        let Authenticated { context, .. } = match portal.authenticate(&token, door.origin.clone()).await {
            Ok(authenticated) => authenticated,
            Err(Error::Unauthenticated) => {
                return Ok(Self::Outside(Box::new(door), Outside::SessionOver));
            }
            Err(other) => return Err(other.into()),
        };
        let workspace = if context.practice == door.locator.practice {
            portal.workspace(&context, AccessId(door.locator.id)).await
        } else {
            Err(Error::NotFound("portal access"))
        };
        match workspace {
            Ok(workspace) => Ok(Self::Inside(Box::new(Visit {
                when: When::new(&door.practice, context.at),
                door,
                ctx: context,
                workspace,
            }))),
            Err(Error::NotFound(_) | Error::Denied(_)) => {
                Ok(Self::Outside(Box::new(door), Outside::Elsewhere))
            }
            Err(Error::Unauthenticated) => Ok(Self::Outside(Box::new(door), Outside::SessionOver)),
            Err(other) => Err(other.into()),
        }
    }
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match Entry::from_request_parts(parts, state).await? {
            Entry::Inside(visit) => Ok(*visit),
            Entry::Outside(door, Outside::Elsewhere) => Err(door.refuse(&Problem::not_found())),
            Entry::Outside(door, _) => Err(door.signed_out(state)),
        }
    }
}

impl Door {
    /// The frame of a page outside: without navigation, the same for everybody.
    pub(super) fn shell(&self) -> Shell {
        Shell {
            flash: self.flash.clone(),
            ..frame::outside(&self.practice, self.base.clone())
        }
    }

    /// Where asking for a sign-in link posts to.
    pub(super) fn ask_action(&self) -> String {
        format!("{}/request-link", self.base)
    }

    /// A page outside.
    pub(super) fn show(&self, status: StatusCode, state: &AppState, shown: &impl Template) -> Response {
        let mut answer = page(status, shown);
        if self.flash.is_some() {
            cookies::clear_flash(answer.headers_mut(), state.public_url());
        }
        answer
    }

    /// What becomes of a page whose session is over; it says nothing of why.
    pub(super) fn signed_out(&self, state: &AppState) -> Response {
        if !self.wants_page {
            return Problem::unauthenticated().into_response();
        }
        let ended = Ended {
            shell: self.shell(),
            action: Some(self.ask_action()),
            contact: frame::contact(&self.practice),
        };
        let mut answer = self.show(StatusCode::UNAUTHORIZED, state, &ended);
        cookies::clear_session(answer.headers_mut(), state.public_url());
        answer
    }

    /// A failure outside, with the way to the person's own portal.
    pub(super) fn refuse(&self, problem: &Problem) -> Response {
        if !self.wants_page {
            return problem.clone().into_response();
        }
        let mut shell = self.shell();
        shell.home_href = format!("{}/p", self.root);
        let way_on = (shell.home_href.clone(), "Go to your portal");
        refusal(shell, problem, way_on, self.origin.request_id.as_deref())
    }
}

impl Visit {
    /// Whether staff are looking, who can change nothing.
    pub(super) const fn is_preview(&self) -> bool {
        matches!(self.ctx.actor, Actor::Preview { .. })
    }

    /// The page, or the failure as a page with the way back to the workspace.
    pub(super) fn answer<T: Template>(&self, state: &AppState, built: Result<T, Problem>) -> Response {
        match built {
            Ok(shown) => self.door.show(StatusCode::OK, state, &shown),
            Err(problem) => self.refuse(state, &problem),
        }
    }

    /// A failure inside.
    pub(super) fn refuse(&self, state: &AppState, problem: &Problem) -> Response {
        if problem.status == StatusCode::UNAUTHORIZED {
            return self.door.signed_out(state);
        }
        if !self.door.wants_page {
            return problem.clone().into_response();
        }
        let way_on = (self.door.base.clone(), "Back to your portal");
        let shell = Shell {
            preview: frame::preview(self),
            ..self.door.shell()
        };
        refusal(shell, problem, way_on, self.ctx.origin.request_id.as_deref())
    }
}
