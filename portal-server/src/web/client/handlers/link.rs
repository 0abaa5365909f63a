//! A sign-in link: looking at it uses nothing up, a person's press does.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::access::{LinkView, SignInRule};
use portal_core::practice::Practice;
use portal_core::{AccessId, Error, Locator, NoRule, SecretLocator};
use serde::Deserialize;

use super::answer::{page, see_other};
use super::frame;
use super::words::length;
use crate::cookies;
use crate::error::Problem;
use crate::extract::{Path, RequestOrigin};
use crate::state::AppState;
use crate::web::client::door::{ConfirmLink, LinkOver};
use crate::web::view::{Errors, Flash, Shell, Tone};

/// What a person types where the code is needed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Confirmation {
    code: Option<String>,
}

/// A link with the practice that gave it out, if there is such a one.
struct Link {
    text: String,
    token: SecretLocator,
    practice: Practice,
    root: String,
}

/// Shows a link.
pub(super) async fn look(
    State(state): State<AppState>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Response {
    let link = match Link::read(&state, text).await {
        Ok(Some(link)) => link,
        Ok(None) => return unknown(&state),
        Err(problem) => return problem.into_response(),
    };
    let browser = cookies::browser(&headers, state.public_url());
    match state.portal().view_link(&link.token, browser).await {
        Ok(LinkView::Good { needs_code }) => link.confirm_page(StatusCode::OK, needs_code, None),
        Ok(LinkView::Spent { access }) => link.over_page(StatusCode::GONE, access, None),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A person confirms a link: it is used up, and they are in.
pub(super) async fn confirm(
    State(state): State<AppState>,
    Path(text): Path<String>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    form: Result<Form<Confirmation>, FormRejection>,
) -> Response {
    let link = match Link::read(&state, text).await {
        Ok(Some(link)) => link,
        Ok(None) => return unknown(&state),
        Err(problem) => return problem.into_response(),
    };
    let (portal, url) = (state.portal(), state.public_url());
    let browser = cookies::browser(&headers, url);
    // What is no form has no code in it, and a field sent empty is no guess.
    let Form(confirmation) = form.unwrap_or_default();
    let typed = confirmation.code.as_deref();
    let code = typed.filter(|code| code.chars().any(|c| c.is_ascii_digit()));
    let redeemed = portal
        .redeem_link(&link.token, browser, code, origin.clone())
        .await;
    match redeemed {
        Ok((signed_in, access)) => {
            let locator = Locator::of_access(link.token.practice, access);
            let mut answer = see_other(&format!("{}/p/{locator}", link.root));
            cookies::set_session(answer.headers_mut(), url, &signed_in.token);
            // What this browser held before is worth nothing from now on.
            if let Some(before) = cookies::session(&headers, url)
                && let Ok(before) = portal.watch(&before, origin).await
                && let Err(error) = portal.sign_out(&before.context).await
            {
                tracing::warn!(%error, "an earlier session could not be ended");
            }
            answer
        }
        Err(Error::Rule(rule @ (SignInRule::CodeNeeded | SignInRule::WrongCode))) => {
            let silent = rule == SignInRule::CodeNeeded && typed.is_none();
            let error = (!silent).then(|| rule.to_string());
            link.confirm_page(StatusCode::UNPROCESSABLE_ENTITY, true, error)
        }
        Err(Error::Rule(rule)) => {
            let (status, said) = match rule {
                SignInRule::TooManyCodes => (StatusCode::TOO_MANY_REQUESTS, Some(rule.to_string())),
                _ => (StatusCode::GONE, None),
            };
            match link.workspace(&state).await {
                Ok(access) => link.over_page(status, access, said),
                Err(error) => Problem::from(error).into_response(),
            }
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A text that is no link of anybody here.
fn unknown(state: &AppState) -> Response {
    let over = LinkOver {
        shell: Shell {
            lang: "en".to_owned(),
            home_href: format!("{}/p", state.public_url().base()),
            ..Shell::default()
        },
        action: None,
        lifetime: String::new(),
        contact: None,
    };
    page(StatusCode::GONE, &over)
}

impl Link {
    async fn read(state: &AppState, text: String) -> Result<Option<Self>, Problem> {
        let Ok(token) = text.parse::<SecretLocator>() else {
            return Ok(None);
        };
        let practice = state.portal().store().practice(token.practice).await;
        let practice = practice.map_err(Error::<NoRule>::from)?;
        Ok(practice.map(|practice| Self {
            text,
            token,
            practice,
            root: state.public_url().base().to_owned(),
        }))
    }

    /// The workspace that a spent link once opened: what to ask a new link for.
    async fn workspace(&self, state: &AppState) -> Result<Option<AccessId>, Error<NoRule>> {
        let access = self.token.practice;
        match state.portal().view_link(&self.token, None).await? {
            LinkView::Spent { access } => Ok(access),
            // Too many wrong codes do not spend a link for the browser that asked for it.
            LinkView::Good { .. } => {
                let digest = self.token.secret.digest();
                let link = state.portal().store().link_by_digest(access, digest).await?;
                Ok(link.map(|link| link.access_id))
            }
        }
    }

    fn shell(&self) -> Shell {
        frame::outside(&self.practice, format!("{}/p", self.root))
    }

    fn confirm_page(&self, status: StatusCode, needs_code: bool, error: Option<String>) -> Response {
        let mut errors = Errors::default();
        if let Some(error) = error {
            errors.add("code", error);
        }
        let confirm = ConfirmLink {
            shell: self.shell(),
            action: format!("{}/p/sign-in/{}", self.root, self.text),
            needs_code,
            errors,
            session: length(self.practice.settings.session_minutes),
        };
        page(status, &confirm)
    }

    fn over_page(&self, status: StatusCode, access: Option<AccessId>, said: Option<String>) -> Response {
        let ask = |access| {
            let locator = Locator::of_access(self.token.practice, access);
            format!("{}/p/{locator}/request-link", self.root)
        };
        let over = LinkOver {
            shell: Shell {
                flash: said.map(|text| Flash {
                    tone: Tone::Warning,
                    text,
                }),
                ..self.shell()
            },
            action: access.map(ask),
            lifetime: length(self.practice.settings.link_minutes),
            contact: frame::contact(&self.practice),
        };
        page(status, &over)
    }
}
