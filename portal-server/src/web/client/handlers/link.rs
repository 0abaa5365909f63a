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

/// A text that has the form of a sign-in link.
struct Link {
    text: String,
    token: SecretLocator,
    root: String,
}

/// A sign-in link with the practice that gave it out, which its pages look like.
struct Shown<'a> {
    link: &'a Link,
    practice: Practice,
}

/// Shows a link.
pub(super) async fn look(
    State(state): State<AppState>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(link) = Link::read(&state, text) else {
        return unknown(&state);
    };
    let browser = cookies::browser(&headers, state.public_url());
    let view = state.portal().view_link(&link.token, browser).await;
    let shown = match link.shown(&state).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return unknown(&state),
        Err(error) => return Problem::from(error).into_response(),
    };
    match view {
        Ok(LinkView::Good { needs_code }) => shown.confirm_page(StatusCode::OK, needs_code, None),
        Ok(LinkView::Spent { access }) => shown.over_page(StatusCode::GONE, access, None),
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
    let Some(link) = Link::read(&state, text) else {
        return unknown(&state);
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
            crate::counts::client_signed_in();
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
        Err(Error::Rule(rule)) => {
            let shown = match link.shown(&state).await {
                Ok(Some(shown)) => shown,
                Ok(None) => return unknown(&state),
                Err(error) => return Problem::from(error).into_response(),
            };
            shown.refused(&state, rule, typed.is_some()).await
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
    fn read(state: &AppState, text: String) -> Option<Self> {
        let token = text.parse().ok()?;
        let root = state.public_url().base().to_owned();
        Some(Self { text, token, root })
    }

    /// `None` when there is no such practice.
    async fn shown(&self, state: &AppState) -> Result<Option<Shown<'_>>, Error<NoRule>> {
        let practice = state.portal().store().practice(self.token.practice).await?;
        Ok(practice.map(|practice| Shown { link: self, practice }))
    }
}

impl Shown<'_> {
    /// The answer to a press that did not let anybody in.
    async fn refused(&self, state: &AppState, rule: SignInRule, typed: bool) -> Response {
        if matches!(rule, SignInRule::CodeNeeded | SignInRule::WrongCode) {
            let silent = rule == SignInRule::CodeNeeded && !typed;
            let error = (!silent).then(|| rule.to_string());
            return self.confirm_page(StatusCode::UNPROCESSABLE_ENTITY, true, error);
        }
        let (status, said) = match rule {
            SignInRule::TooManyCodes => (StatusCode::TOO_MANY_REQUESTS, Some(rule.to_string())),
            _ => (StatusCode::GONE, None),
        };
        match state.portal().workspace_of_link(&self.link.token).await {
            Ok(access) => self.over_page(status, access, said),
            Err(error) => Problem::from(error).into_response(),
        }
    }

    fn shell(&self) -> Shell {
        frame::outside(&self.practice, format!("{}/p", self.link.root))
    }

    fn confirm_page(&self, status: StatusCode, needs_code: bool, error: Option<String>) -> Response {
        let mut errors = Errors::default();
        if let Some(error) = error {
            errors.add("code", error);
        }
        let confirm = ConfirmLink {
            shell: self.shell(),
            action: format!("{}/p/sign-in/{}", self.link.root, self.link.text),
            needs_code,
            errors,
            session: length(self.practice.settings.session_minutes),
        };
        page(status, &confirm)
    }

    fn over_page(&self, status: StatusCode, access: Option<AccessId>, said: Option<String>) -> Response {
        let ask = |access| {
            let locator = Locator::of_access(self.link.token.practice, access);
            format!("{}/p/{locator}/request-link", self.link.root)
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
