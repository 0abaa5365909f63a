//! The staff's pages as routes. A handler takes what was asked or sent, calls one service, and presents the answer; every
//! change is a POST that ends on a page by GET, and works without scripts.

mod approvals;
mod asked;
mod audit;
mod clients;
mod consent;
mod conversation;
mod desk;
mod document;
mod door;
mod erasing;
mod files;
mod find;
mod home;
mod inbox;
mod matter;
mod matter_form;
mod matters;
mod notifications;
mod outbox;
mod people;
mod phones;
mod reports;
mod rows;
mod sent;
mod settings;
mod tasks;
mod taxonomy;
mod templates;
mod words;
mod workflows;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

/// What answers at once.
pub(crate) fn quick() -> Router<AppState> {
    Router::new()
        .merge(door_routes())
        .merge(matter_routes())
        .merge(request_routes())
        .merge(document_routes())
        .merge(approval_routes())
        .merge(task_routes())
        .merge(client_routes())
        .merge(inbox_routes())
        .merge(template_routes())
        .merge(workflow_routes())
        .merge(taxonomy_routes())
        .merge(practice_routes())
        .merge(outbox_routes())
}

/// What takes as long as it takes.
pub(crate) fn transfers() -> Router<AppState> {
    Router::new()
        .route(
            "/staff/matters/{id}/documents.zip",
            get(matter::documents::archive),
        )
        .route("/staff/matters/{id}/files", post(matter::documents::upload))
        .route(
            "/staff/matters/{id}/requests/{request}/files",
            post(matter::request::upload),
        )
        .route("/staff/inbox.csv", get(inbox::export))
        .route("/staff/audit.jsonl", get(audit::lines))
        .route("/staff/audit.csv", get(audit::spreadsheet))
        .route("/staff/documents/{id}/file", get(files::download))
        .route("/staff/documents/{id}/picture", get(files::picture))
}

fn door_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/sign-in", get(door::show).post(door::enter))
        .route(
            "/staff/sign-in/{practice}",
            get(door::show_for).post(door::enter_for),
        )
        .route("/staff/sign-out", post(door::leave))
        .route("/staff/sign-out-everywhere", post(door::leave_everywhere))
        .route("/staff/alive", get(door::alive))
        .route("/staff", get(home::show))
        .route("/staff/review", get(home::review))
        .route("/staff/overdue", get(home::late))
        .route("/staff/mails", get(home::mails))
}

fn matter_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/matters", get(matters::list).post(matter_form::create))
        .route("/staff/matters/new", get(matter_form::new))
        .route("/staff/matters/{id}", get(matter::overview::show))
        .route(
            "/staff/matters/{id}/edit",
            get(matter_form::edit).post(matter_form::update),
        )
        .route("/staff/matters/{id}/close", post(matter_form::close))
        .route("/staff/matters/{id}/reopen", post(matter_form::reopen))
        .route(
            "/staff/matters/{id}/participants",
            post(matter::overview::add_person),
        )
        .route(
            "/staff/matters/{id}/participants/{client}",
            post(matter::overview::change_part),
        )
        .route(
            "/staff/matters/{id}/participants/{client}/remove",
            post(matter::overview::remove_person),
        )
        .route("/staff/matters/{id}/team", post(matter::overview::join_team))
        .route(
            "/staff/matters/{id}/team/{staff}/remove",
            post(matter::overview::leave_team),
        )
        .route("/staff/matters/{id}/checklist", get(matter::checklist::show))
        .route(
            "/staff/matters/{id}/templates",
            post(matter::checklist::apply_template),
        )
        .route("/staff/matters/{id}/documents", get(matter::documents::show))
        .route("/staff/matters/{id}/access", get(matter::access::show))
        .route(
            "/staff/matters/{id}/access/{client}/enable",
            post(matter::access::enable),
        )
        .route("/staff/matters/{id}/activity", get(matter::activity::show))
        .route("/staff/matters/{id}/why", get(matter::stage::why))
        .route("/staff/accesses/{id}/invite", post(matter::access::invite))
        .route("/staff/accesses/{id}/revoke", post(matter::access::revoke))
        .route("/staff/accesses/{id}/restore", post(matter::access::restore))
        .route("/staff/accesses/{id}/preview", post(matter::access::preview))
}

fn request_routes() -> Router<AppState> {
    let of = |path: &str| format!("/staff/matters/{{id}}/requests/{{request}}{path}");
    Router::new()
        .route(
            "/staff/matters/{id}/requests",
            get(matter::request::all).post(matter::checklist::add_request),
        )
        .route(&of(""), get(matter::request::show))
        .route(
            &of("/edit"),
            get(matter::request::edit).post(matter::request::update),
        )
        .route(&of("/accept"), post(matter::request::accept))
        .route(&of("/return"), post(matter::request::give_back))
        .route(&of("/waive"), post(matter::request::waive))
        .route(&of("/withdraw"), post(matter::request::withdraw))
        .route(&of("/reopen"), post(matter::request::reopen))
}

fn document_routes() -> Router<AppState> {
    Router::new()
        .route(
            "/staff/documents/{id}",
            get(document::show).post(document::update),
        )
        .route("/staff/documents/{id}/accept", post(document::accept))
        .route("/staff/documents/{id}/return", post(document::give_back))
        .route("/staff/documents/{id}/share", post(document::share))
        .route("/staff/documents/{id}/unshare", post(document::unshare))
}

fn approval_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/approvals", get(approvals::list::queue))
        .route("/staff/approvals/{id}", get(approvals::show::show))
        .route("/staff/approvals/{id}/withdraw", post(approvals::show::withdraw))
        .route("/staff/approvals/{id}/evidence", get(approvals::evidence::show))
        .route(
            "/staff/approvals/{id}/evidence/{answer}/certificate",
            get(approvals::evidence::certificate),
        )
        .route(
            "/staff/matters/{id}/approvals",
            get(approvals::list::of_matter).post(approvals::asking::ask),
        )
        .route("/staff/matters/{id}/approvals/new", get(approvals::asking::new))
}

fn task_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/tasks", get(tasks::list))
        .route("/staff/tasks/{id}", get(tasks::show).post(tasks::update))
        .route("/staff/tasks/{id}/done", post(tasks::done))
        .route("/staff/tasks/{id}/reopen", post(tasks::reopen))
        .route("/staff/matters/{id}/tasks", post(tasks::add))
}

fn client_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/clients", get(clients::list).post(clients::create))
        .route("/staff/clients/new", get(clients::new))
        .route("/staff/clients/{id}", get(clients::show))
        .route(
            "/staff/clients/{id}/edit",
            get(clients::edit).post(clients::update),
        )
        .route("/staff/clients/{id}/consent", post(consent::record))
        .route("/staff/clients/{id}/deactivate", post(clients::deactivate))
        .route("/staff/clients/{id}/activate", post(clients::activate))
        .route(
            "/staff/clients/{id}/erase",
            get(erasing::show).post(erasing::erase),
        )
}

fn inbox_routes() -> Router<AppState> {
    let of = |path: &str| format!("/staff/inbox/{{id}}{path}");
    Router::new()
        .route("/staff/inbox", get(inbox::list))
        .route(&of(""), get(inbox::show))
        .route(&of("/reply"), post(inbox::reply))
        .route(&of("/read"), post(inbox::read))
        .route(&of("/assign"), post(inbox::assign))
        .route(&of("/link"), post(inbox::link))
        .route(&of("/unlink"), post(inbox::unlink))
}

fn template_routes() -> Router<AppState> {
    let of = |path: &str| format!("/staff/templates/{{id}}{path}");
    Router::new()
        .route("/staff/templates", get(templates::list).post(templates::create))
        .route("/staff/templates/new", get(templates::new))
        .route(&of(""), get(templates::show).post(templates::rename))
        .route(&of("/archive"), post(templates::archive))
        .route(&of("/unarchive"), post(templates::unarchive))
        .route(&of("/items"), post(templates::add_item))
        .route(
            &of("/items/{group}/{item}"),
            get(templates::edit_item).post(templates::update_item),
        )
        .route(&of("/items/{group}/{item}/remove"), post(templates::remove_item))
        .route(&of("/items/{group}/{item}/up"), post(templates::lift_item))
}

fn workflow_routes() -> Router<AppState> {
    let of = |path: &str| format!("/staff/workflows/{{id}}{path}");
    Router::new()
        .route("/staff/workflows", get(workflows::list))
        .route(
            "/staff/workflows/new",
            get(workflows::builder::new).post(workflows::builder::create),
        )
        .route(
            &of("/edit"),
            get(workflows::builder::edit).post(workflows::builder::update),
        )
        .route(&of(""), get(workflows::show::page))
        .route(&of("/remove"), post(workflows::show::remove))
        .route(&of("/on"), post(workflows::on))
        .route(&of("/off"), post(workflows::off))
        .route(&of("/dry-run"), get(workflows::dry_run::show))
}

fn taxonomy_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/taxonomy", get(taxonomy::show))
        .route("/staff/taxonomy/dimensions", post(taxonomy::add_dimension))
        .route(
            "/staff/taxonomy/dimensions/remove",
            post(taxonomy::remove_dimension),
        )
        .route("/staff/taxonomy/values", post(taxonomy::add_value))
        .route(
            "/staff/taxonomy/value",
            get(taxonomy::value::edit).post(taxonomy::value::update),
        )
        .route("/staff/taxonomy/value/remove", post(taxonomy::value::remove))
        .route("/staff/taxonomy/value/up", post(taxonomy::value::lift))
        .route("/staff/taxonomy/review", get(taxonomy::review::list))
        .route(
            "/staff/taxonomy/accept",
            get(taxonomy::review::preview).post(taxonomy::review::accept),
        )
        .route(
            "/staff/taxonomy/import",
            get(taxonomy::import::show).post(taxonomy::import::replace),
        )
}

fn practice_routes() -> Router<AppState> {
    Router::new()
        .route("/staff/notifications", get(notifications::list))
        .route("/staff/notifications/read", post(notifications::read_all))
        .route("/staff/notifications/{id}", post(notifications::open))
        .route("/staff/people", get(people::list).post(people::add))
        .route("/staff/people/{id}", post(people::update))
        .route("/staff/reports/messages", get(reports::messages))
        .route("/staff/audit", get(audit::list))
        .route("/staff/audit/checkpoint", get(audit::checkpoint))
        .route("/staff/settings", get(settings::show).post(settings::update))
}

fn outbox_routes() -> Router<AppState> {
    Router::new()
        .route("/dev/outbox", get(outbox::list))
        .route("/dev/outbox/{number}", get(outbox::show))
        .route("/dev/outbox/{number}/html", get(outbox::html))
        .route("/dev/outbox/texts", post(phones::write))
        .route("/dev/outbox/texts/{number}/report", post(phones::report))
}
