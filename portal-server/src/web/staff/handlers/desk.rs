//! A staff member at work: who it is, what they may do, and how pages reach them.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use portal_core::identity::{Authenticated, StaffMember};
use portal_core::policy::{Capability, Reach};
use portal_core::practice::Practice;
use portal_core::{Context, Error, Portal, Rule, StoreError};

use super::words::role_word;
use crate::cookies;
use crate::error::Problem;
use crate::extract::StaffSession;
use crate::state::AppState;
use crate::web::brand;
use crate::web::staff::{Place, nav};
use crate::web::view::{Bell, Direction, Errors, Flash, Live, NavItem, Person, Search, Shell, Tone};
use crate::web::when::When;

/// How often an open page asks whether it may stay, in milliseconds.
const ASK_EVERY: u32 = 5_000;

/// How many unread conversations are counted: whoever has more wants to know that, not how many.
const MOST_UNREAD: u32 = 99;

/// What a form says whose record moved on since it was opened.
const STALE: &str = "Somebody changed this in the meantime, and nothing of yours is saved yet. Look at what is there now \
                     and save again to replace it.";

/// A signed-in staff member and the request they made.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) state: AppState,
    pub(super) staff: StaffMember,
    pub(super) when: When,
    signed: Authenticated,
    flash: Option<Flash>,
}

/// How a command went that a form asked for.
pub(super) enum Outcome<T> {
    /// It is done.
    Done(T),
    /// The form can be mended.
    Wrong(Errors),
}

impl Desk {
    pub(super) async fn signed_in(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let StaffSession { signed, staff } = StaffSession::from_request_parts(parts, state).await?;
        Ok(Self {
            when: When::new(&signed.practice, signed.context.at),
            flash: cookies::flash(&parts.headers, state.public_url()),
            state: state.clone(),
            staff,
            signed,
        })
    }

    pub(super) fn ctx(&self) -> &Context {
        &self.signed.context
    }

    pub(super) fn portal(&self) -> &Portal {
        self.state.portal()
    }

    pub(super) fn practice(&self) -> &Practice {
        &self.signed.practice
    }

    /// Whether that can be done at all. The services decide about each record.
    pub(super) fn may(&self, capability: Capability) -> bool {
        self.ctx().reach(capability) != Reach::Nothing
    }

    /// `action` for who may take it.
    pub(super) fn if_may(&self, capability: Capability, action: impl Into<String>) -> Option<String> {
        self.may(capability).then(|| action.into())
    }

    /// The frame of a page.
    pub(super) async fn shell(&self, at: Option<Place>) -> Result<Shell, Problem> {
        let unread = self.portal().unread_notifications(self.ctx()).await?;
        let mut places = nav(at, unread, self.state.captures());
        if self.may(Capability::SeeConversations) {
            let unread = self.unread_conversations().await?;
            let inbox = NavItem {
                count: Some(unread).filter(|unread| !unread.is_empty()),
                ..place(at, Place::Inbox, "/staff/inbox", "Inbox", "message")
            };
            let after = places.iter().position(|place| place.href == "/staff/clients");
            places.insert(after.map_or(0, |after| after + 1), inbox);
        }
        if self.may(Capability::SeeAudit) {
            places.push(place(
                at,
                Place::Reports,
                "/staff/reports/messages",
                "Reports",
                "activity",
            ));
            places.push(place(at, Place::Audit, "/staff/audit", "Audit trail", "list"));
        }
        if self.may(Capability::SeeStaff) {
            places.push(place(at, Place::People, "/staff/people", "Staff", "user"));
        }
        if self.may(Capability::ManagePractice) {
            places.push(place(
                at,
                Place::Settings,
                "/staff/settings",
                "Settings",
                "settings",
            ));
        }
        Ok(Shell {
            live: Some(Live {
                href: "/staff/alive".into(),
                every_ms: ASK_EVERY,
            }),
            nav: places,
            flash: self.flash.clone(),
            person: Some(Person {
                name: self.staff.name.clone(),
                detail: role_word(self.staff.role).to_owned(),
                links: Vec::new(),
                sign_out: "/staff/sign-out".into(),
                sign_out_everywhere: Some("/staff/sign-out-everywhere".into()),
            }),
            search: Some(Search {
                action: "/staff/matters".into(),
                value: String::new(),
            }),
            bell: Some(Bell {
                href: "/staff/notifications".into(),
                unread,
            }),
            ..plain_shell(self.practice())
        })
    }

    /// How many conversations have something unread, as every page says it: nothing for none, and at most `99+`.
    pub(super) async fn unread_conversations(&self) -> Result<String, Problem> {
        let unread = self
            .portal()
            .unread_conversations(self.ctx(), MOST_UNREAD + 1)
            .await?;
        Ok(match unread {
            0 => String::new(),
            many if many > u64::from(MOST_UNREAD) => format!("{MOST_UNREAD}+"),
            few => few.to_string(),
        })
    }

    /// A page, with what was just said taken as read.
    pub(super) fn page(&self, template: &impl Template) -> Response {
        self.answer(StatusCode::OK, template)
    }

    /// A page whose form can be mended.
    pub(super) fn mend(&self, template: &impl Template) -> Response {
        self.answer(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    fn answer(&self, status: StatusCode, template: &impl Template) -> Response {
        let mut response = render(status, template);
        if self.flash.is_some() {
            cookies::clear_flash(response.headers_mut(), self.state.public_url());
        }
        response
    }

    /// It is done: on to `href`, where the page says so.
    pub(super) fn done(&self, href: &str, text: impl Into<String>) -> Response {
        self.on(href, Tone::Success, text.into())
    }

    /// It could not be done: back to `href`, where the page says why.
    pub(super) fn failed(&self, href: &str, text: impl Into<String>) -> Response {
        self.on(href, Tone::Danger, text.into())
    }

    fn on(&self, href: &str, tone: Tone, text: String) -> Response {
        let mut response = see_other(href);
        let flash = Flash { tone, text };
        cookies::set_flash(response.headers_mut(), self.state.public_url(), &flash);
        response
    }

    /// The answer to a button: back to `href`, where the page says what was done or why it was not.
    pub(super) fn after<T, R: Rule>(
        &self,
        result: Result<T, Error<R>>,
        href: &str,
        text: impl Into<String>,
    ) -> Result<Response, Problem> {
        match tried(result)? {
            Outcome::Done(_) => Ok(self.done(href, text)),
            Outcome::Wrong(errors) => {
                let texts: Vec<&str> = errors.0.iter().map(|error| error.text.as_str()).collect();
                Ok(self.failed(href, texts.join(" ")))
            }
        }
    }
}

/// What the person can mend, or the failure.
pub(super) fn tried<T, R: Rule>(result: Result<T, Error<R>>) -> Result<Outcome<T>, Problem> {
    let error = match result {
        Ok(value) => return Ok(Outcome::Done(value)),
        Err(error) => error,
    };
    let mut errors = Errors::default();
    match error {
        Error::Rule(rule) => errors.add(rule.field().unwrap_or_default(), rule.to_string()),
        Error::Invalid(invalid) => {
            for error in invalid.errors {
                errors.add(error.field, error.message);
            }
        }
        Error::Limited { .. } => errors.add("", error.to_string()),
        Error::Store(StoreError::Stale) => errors.add("", STALE),
        other => return Err(other.into()),
    }
    Ok(Outcome::Wrong(errors))
}

fn place(at: Option<Place>, place: Place, href: &str, label: &str, icon: &'static str) -> NavItem {
    NavItem {
        href: href.to_owned(),
        label: label.to_owned(),
        icon,
        count: None,
        current: Some(place) == at,
    }
}

/// The frame of a page for somebody who has not signed in.
pub(super) fn plain_shell(practice: &Practice) -> Shell {
    Shell {
        // The pages' own words are English, whatever the practice's locale.
        lang: "en".into(),
        dir: Direction::Ltr,
        practice_name: practice.name.clone(),
        home_href: "/staff".into(),
        brand_css: brand::href(practice),
        ..Shell::default()
    }
}

/// A page. One that cannot be rendered is a fault of ours.
pub(super) fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// On to another page, by GET.
pub(super) fn see_other(href: &str) -> Response {
    let location = HeaderValue::from_str(href).unwrap_or(HeaderValue::from_static("/staff"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
