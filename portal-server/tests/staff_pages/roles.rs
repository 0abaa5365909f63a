//! Each page and each action, as each role: what one may not do has no button, and is refused all the same.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use portal_core::audit::AuditFilter;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{PDF, World, form, look, matter_draft};

/// Pages that everybody on the staff may open.
const OPEN_TO_ALL: [&str; 13] = [
    "/staff",
    "/staff/matters",
    "/staff/clients",
    "/staff/templates",
    "/staff/notifications",
    "/staff/review",
    "/staff/overdue",
    "/staff/tasks",
    "/staff/approvals",
    "/staff/people",
    "/staff/workflows",
    "/staff/taxonomy",
    "/staff/inbox",
];

/// Who may open a page.
#[derive(Debug, Clone, Copy)]
enum Meant {
    /// Everybody on the staff.
    All,
    /// These; others are refused.
    For(&'static [Role]),
    /// Who may see the matter or what is on it; to others it is as if it were not there.
    OfMatter,
    /// Who may see the matter and is one of these.
    OnMatter(&'static [Role]),
}

const WORKERS: &[Role] = &[Role::Owner, Role::Admin, Role::Manager, Role::Member];
const MANAGERS: &[Role] = &[Role::Owner, Role::Admin, Role::Manager];
const READERS: &[Role] = &[Role::Owner, Role::Admin, Role::Manager, Role::Auditor];

/// What answers to a GET and is no page, or is one before anybody signed in.
const NO_PAGES: [&str; 11] = [
    "/staff/approvals/{id}/evidence/{answer}/certificate",
    "/staff/alive",
    "/staff/sign-in",
    "/staff/sign-in/{practice}",
    "/staff/inbox.csv",
    "/staff/audit.jsonl",
    "/staff/audit.csv",
    // It leads to the checklist.
    "/staff/matters/{id}/requests",
    "/staff/matters/{id}/documents.zip",
    "/staff/documents/{id}/file",
    "/staff/documents/{id}/picture",
];

/// The addresses below `/staff` that the server knows, as its router prints them.
fn known_paths(router: &axum::Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    let quoted = printed.split('"').filter(|text| text.starts_with("/staff"));
    quoted.map(str::to_owned).collect()
}

/// A page of each kind, with who may open it.
async fn every_page(world: &World) -> Vec<(&'static str, String, Meant)> {
    let request = world.ask(&world.amina, "Passport").await;
    let (_, amina) = world.enter(&world.amina).await;
    let document = world.provide(&amina, &request, "passport.pdf", PDF).await;
    let template = world
        .portal
        .add_template(&world.owner, &template())
        .await
        .unwrap()
        .id;
    let draft = portal_core::task::TaskDraft {
        title: "Call".into(),
        ..Default::default()
    };
    let task = world
        .portal
        .add_task(&world.owner, world.matter.id, &draft)
        .await
        .unwrap()
        .task
        .id;
    let draft = portal_core::approval::ApprovalDraft {
        title: "Your statement".into(),
        people: vec![world.amina.id],
        ..Default::default()
    };
    let asked = world
        .portal
        .ask_approval(&world.owner, world.matter.id, &draft)
        .await;
    let approval = asked.unwrap().approval.id;
    let workflow = crate::workflows::with_rules(world).await;
    let from = portal_core::text::Phone::parse("from", "0491 570 157", "AU").unwrap();
    let conversation = portal_core::conversation::Conversation::id_of_number(&from);
    let inbound = portal_core::sms::InboundSms {
        provider_id: "1".into(),
        from,
        to: "+61480000000".into(),
        text: "Hello?".into(),
        is_part: false,
    };
    world
        .portal
        .receive_sms(world.practice.id, "fake", inbound)
        .await
        .unwrap();
    let (matter, client) = (world.path(""), world.amina.id);
    let value = "dimension=Case%20stage&value=Filing";
    let mut pages: Vec<(&str, String, Meant)> = OPEN_TO_ALL
        .into_iter()
        .map(|path| (path, path.to_owned(), Meant::All))
        .collect();
    for (path, meant) in [
        ("/staff/matters/new", WORKERS),
        ("/staff/clients/new", WORKERS),
        ("/staff/templates/new", MANAGERS),
        ("/staff/workflows/new", MANAGERS),
        ("/staff/taxonomy/review", MANAGERS),
        ("/staff/taxonomy/import", MANAGERS),
        ("/staff/settings", &[Role::Owner, Role::Admin]),
        ("/staff/mails", READERS),
        ("/staff/reports/messages", READERS),
        ("/staff/audit", READERS),
        ("/staff/audit/checkpoint", READERS),
    ] {
        pages.push((path, path.to_owned(), Meant::For(meant)));
    }
    for (path, own, meant) in [
        ("/staff/matters/{id}", String::new(), Meant::OfMatter),
        (
            "/staff/matters/{id}/checklist",
            "/checklist".into(),
            Meant::OfMatter,
        ),
        (
            "/staff/matters/{id}/documents",
            "/documents".into(),
            Meant::OfMatter,
        ),
        ("/staff/matters/{id}/access", "/access".into(), Meant::OfMatter),
        (
            "/staff/matters/{id}/approvals",
            "/approvals".into(),
            Meant::OfMatter,
        ),
        (
            "/staff/matters/{id}/approvals/new",
            "/approvals/new".into(),
            Meant::OnMatter(WORKERS),
        ),
        (
            "/staff/matters/{id}/activity",
            "/activity".into(),
            Meant::OfMatter,
        ),
        ("/staff/matters/{id}/why", "/why".into(), Meant::OfMatter),
        (
            "/staff/matters/{id}/requests/{request}",
            format!("/requests/{}", request.id),
            Meant::OfMatter,
        ),
        (
            "/staff/matters/{id}/edit",
            "/edit".into(),
            Meant::OnMatter(WORKERS),
        ),
        (
            "/staff/matters/{id}/requests/{request}/edit",
            format!("/requests/{}/edit", request.id),
            Meant::OnMatter(WORKERS),
        ),
    ] {
        pages.push((path, format!("{matter}{own}"), meant));
    }
    pages.extend([
        (
            "/staff/documents/{id}",
            format!("/staff/documents/{}", document.id),
            Meant::OfMatter,
        ),
        (
            "/staff/approvals/{id}",
            format!("/staff/approvals/{approval}"),
            Meant::OfMatter,
        ),
        (
            "/staff/approvals/{id}/evidence",
            format!("/staff/approvals/{approval}/evidence"),
            Meant::OfMatter,
        ),
        (
            "/staff/tasks/{id}",
            format!("/staff/tasks/{task}"),
            Meant::OfMatter,
        ),
        // A number that nobody knows is for those who see all of the practice.
        (
            "/staff/inbox/{id}",
            format!("/staff/inbox/{conversation}"),
            Meant::OfMatter,
        ),
        (
            "/staff/clients/{id}",
            format!("/staff/clients/{client}"),
            Meant::All,
        ),
        (
            "/staff/clients/{id}/edit",
            format!("/staff/clients/{client}/edit"),
            Meant::For(WORKERS),
        ),
        (
            "/staff/clients/{id}/erase",
            format!("/staff/clients/{client}/erase"),
            Meant::For(&[Role::Owner, Role::Admin]),
        ),
        (
            "/staff/templates/{id}",
            format!("/staff/templates/{template}"),
            Meant::All,
        ),
        (
            "/staff/templates/{id}/items/{group}/{item}",
            format!("/staff/templates/{template}/items/0/0"),
            Meant::For(MANAGERS),
        ),
        (
            "/staff/workflows/{id}",
            format!("/staff/workflows/{workflow}"),
            Meant::All,
        ),
        (
            "/staff/workflows/{id}/edit",
            format!("/staff/workflows/{workflow}/edit"),
            Meant::For(MANAGERS),
        ),
        (
            "/staff/workflows/{id}/dry-run",
            format!("/staff/workflows/{workflow}/dry-run"),
            Meant::For(MANAGERS),
        ),
        (
            "/staff/taxonomy/value",
            format!("/staff/taxonomy/value?{value}"),
            Meant::For(MANAGERS),
        ),
        (
            "/staff/taxonomy/accept",
            "/staff/taxonomy/accept?dimension=Case%20stage&raw=fileing&value=Filing".into(),
            Meant::For(MANAGERS),
        ),
    ]);
    pages
}

fn template() -> portal_core::checklist::TemplateDraft {
    portal_core::checklist::TemplateDraft {
        name: "Visa".into(),
        groups: vec![portal_core::checklist::TemplateGroup {
            name: String::new(),
            items: vec![portal_core::checklist::TemplateItem {
                key: String::new(),
                title: "Photo".into(),
                help: String::new(),
                example: String::new(),
                wanted: 1,
                required: true,
                due_in_days: None,
            }],
        }],
        ..Default::default()
    }
}

on_every_store! {
    async fn every_page_opens_for_whom_it_is_meant(world: World) {
        let pages = every_page(world).await;
        let mut wrong = Vec::new();
        for role in Role::ALL {
            let mut desk = world.desk(role).await;
            for (_, path, meant) in &pages {
                let expected = match meant {
                    Meant::All => StatusCode::OK,
                    Meant::For(roles) if roles.contains(&role) => StatusCode::OK,
                    Meant::For(_) => StatusCode::FORBIDDEN,
                    // A member is not on this matter.
                    Meant::OfMatter | Meant::OnMatter(_) if role == Role::Member => StatusCode::NOT_FOUND,
                    Meant::OnMatter(roles) if !roles.contains(&role) => StatusCode::FORBIDDEN,
                    Meant::OfMatter | Meant::OnMatter(_) => StatusCode::OK,
                };
                let status = desk.get(path).await.status;
                if status != expected {
                    wrong.push(format!("{role} {path}: {status}, not {expected}"));
                } else if status == StatusCode::OK {
                    look(&mut desk, "role-open", path).await;
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        let mut stranger = world.browser();
        for (_, path, _) in &pages {
            let status = stranger.get(path).await.status;
            assert!(status != StatusCode::OK, "nobody opens {path}");
        }
    }

    async fn every_page_has_a_row_above(world: World) {
        let known = known_paths(&world.router);
        assert!(known.len() > 60, "the router prints its paths: {known:?}");
        let rows: BTreeSet<&str> = every_page(world).await.iter().map(|(path, ..)| *path).chain(NO_PAGES).collect();
        let missing: Vec<&&str> = rows.iter().filter(|path| !known.contains(**path)).collect();
        assert!(missing.is_empty(), "there is no such page: {missing:?}");
        let mut desk = world.desk(Role::Owner).await;
        let id = world.matter.id.to_string();
        for path in &known {
            if rows.contains(path.as_str()) {
                continue;
            }
            let filled: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part }).collect();
            let status = desk.get(&filled.join("/")).await.status;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path} can be opened and has no row: say who may");
        }
    }

    async fn an_auditor_sees_everything_and_no_button(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, amina) = world.enter(&world.amina).await;
        let document = world.provide(&amina, &request, "passport.pdf", PDF).await;
        let request = world.path(&format!("/requests/{}", request.id));
        let document = format!("/staff/documents/{}", document.id);
        let client = format!("/staff/clients/{}", world.amina.id);
        let mut desk = world.desk(Role::Auditor).await;
        let tabs = ["", "/checklist", "/documents", "/access", "/activity", "/why"].map(|tab| world.path(tab));
        for path in tabs.iter().chain([&request, &document, &client]).map(String::as_str).chain(OPEN_TO_ALL) {
            let page = look(&mut desk, "auditor", path).await;
            let actions = page.attributes("main form[method=post]", "action");
            let allowed = |action: &String| action.contains("/preview") || action.starts_with("/staff/notifications");
            assert!(actions.iter().all(allowed), "{path}: {actions:?}");
        }
    }

    async fn what_has_no_button_is_refused_too(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (access, amina) = world.enter(&world.amina).await;
        let document = world.provide(&amina, &request, "passport.pdf", PDF).await;
        let (matter, amina, omar) = (world.path(""), world.amina.id, world.omar.id);
        let template = world.portal.add_template(&world.owner, &template()).await.unwrap();
        let owner = world.staff(Role::Owner).id;
        let draft = portal_core::approval::ApprovalDraft {
            title: "Your statement".into(),
            people: vec![amina],
            ..Default::default()
        };
        let asked = world.portal.ask_approval(&world.owner, world.matter.id, &draft).await;
        let approval = asked.unwrap().approval.id;
        let draft = portal_core::task::TaskDraft { title: "Call".into(), ..Default::default() };
        let task = world.portal.add_task(&world.owner, world.matter.id, &draft).await.unwrap().task.id;
        let workflow = crate::workflows::with_rules(world).await;
        let on_matter = [
            format!("{matter}/edit"), format!("{matter}/close"), format!("{matter}/reopen"), format!("{matter}/participants"),
            format!("{matter}/participants/{omar}"), format!("{matter}/participants/{omar}/remove"), format!("{matter}/team"),
            format!("{matter}/team/{owner}/remove"), format!("{matter}/templates"), format!("{matter}/requests"),
            format!("{matter}/access/{omar}/enable"), format!("{matter}/requests/{}/edit", request.id),
            format!("{matter}/requests/{}/accept", request.id), format!("{matter}/requests/{}/return", request.id),
            format!("{matter}/requests/{}/waive", request.id), format!("{matter}/requests/{}/withdraw", request.id),
            format!("{matter}/requests/{}/reopen", request.id), format!("/staff/documents/{}", document.id),
            format!("/staff/documents/{}/accept", document.id), format!("/staff/documents/{}/return", document.id),
            format!("/staff/documents/{}/share", document.id), format!("/staff/documents/{}/unshare", document.id),
            format!("/staff/accesses/{}/invite", access.id), format!("/staff/accesses/{}/revoke", access.id),
            format!("/staff/accesses/{}/restore", access.id), format!("{matter}/tasks"), format!("/staff/tasks/{task}"),
            format!("/staff/tasks/{task}/done"), format!("/staff/tasks/{task}/reopen"),
            format!("{matter}/approvals"), format!("/staff/approvals/{approval}/withdraw"),
        ];
        let of_practice = [
            "/staff/matters".to_owned(), "/staff/clients".to_owned(), format!("/staff/clients/{amina}/edit"),
            format!("/staff/clients/{amina}/deactivate"), format!("/staff/clients/{amina}/activate"), "/staff/templates".to_owned(),
            format!("/staff/clients/{amina}/erase"),
            format!("/staff/templates/{}", template.id), format!("/staff/templates/{}/items", template.id),
            format!("/staff/templates/{}/items/0/0", template.id), format!("/staff/templates/{}/archive", template.id),
            "/staff/settings".to_owned(), "/staff/people".to_owned(), format!("/staff/people/{owner}"),
            "/staff/taxonomy/dimensions".to_owned(), "/staff/taxonomy/dimensions/remove".to_owned(), "/staff/taxonomy/values".to_owned(),
            "/staff/taxonomy/value".to_owned(), "/staff/taxonomy/value/remove".to_owned(), "/staff/taxonomy/value/up".to_owned(),
            "/staff/taxonomy/accept".to_owned(), "/staff/taxonomy/import".to_owned(), format!("/staff/workflows/{workflow}/on"),
            "/staff/workflows/new".to_owned(), format!("/staff/workflows/{workflow}/edit"), format!("/staff/workflows/{workflow}/off"), format!("/staff/workflows/{workflow}/remove"),
        ];
        let sent = form(&[
            ("client", "omar@mail.test"), ("client_id", &amina.to_string()), ("part", "contact"), ("staff_id", &owner.to_string()),
            ("template_id", &template.id.to_string()), ("access_id", &access.id.to_string()), ("title", "T"), ("name", "N"),
            ("reference", "R-1"), ("given_names", "G"), ("owner_id", &owner.to_string()), ("reason", "R"), ("category", "C"),
            ("role", "member"), ("email", "x@harbour.test"), ("password", "long enough for anybody"), ("version", "1"),
        ]);
        let before = world.portal.audit_entries(&world.owner, &AuditFilter::default(), &portal_core::PageRequest::first(1).with_total()).await.unwrap().total;
        let mut auditor = world.desk(Role::Auditor).await;
        let mut member = world.desk(Role::Member).await;
        for path in on_matter.iter().chain(&of_practice) {
            let status = auditor.post(path, &sent).await.status;
            assert_eq!(status, StatusCode::FORBIDDEN, "auditor {path}");
        }
        for path in &on_matter {
            let status = member.post(path, &sent).await.status;
            assert_eq!(status, StatusCode::NOT_FOUND, "member {path}");
        }
        for path in of_practice.iter().filter(|path| path.contains("/workflows/") || path.contains("/taxonomy/")) {
            let status = member.post(path, &sent).await.status;
            assert_eq!(status, StatusCode::FORBIDDEN, "member {path}");
        }
        let audited = world.portal.audit_entries(&world.owner, &AuditFilter::default(), &portal_core::PageRequest::first(1).with_total()).await.unwrap().total;
        assert_eq!(audited.unwrap() - before.unwrap(), 2, "nothing but two people who signed in");
        let mut stranger = world.browser();
        for path in on_matter.iter().chain(&of_practice) {
            let status = stranger.post(path, &sent).await.status;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "nobody {path}");
        }
    }

    async fn a_member_works_on_their_own_matters(world: World) {
        let member = world.staff(Role::Member);
        let matter = world.portal.open_matter(&world.owner, &matter_draft("HM-7", member)).await.unwrap();
        let mut desk = world.desk(Role::Member).await;
        for tab in ["", "/checklist", "/documents", "/access", "/activity", "/edit"] {
            look(&mut desk, "member-own", &format!("/staff/matters/{}{tab}", matter.id)).await;
        }
        // On a team one sees the matter; off it, no longer.
        let mut owner = world.desk(Role::Owner).await;
        let sent = form(&[("staff_id", &member.id.to_string())]);
        crate::world::send(&mut owner, &world.path("/team"), &sent).await;
        look(&mut desk, "member-team", &world.path("")).await;
        let leave = world.path(&format!("/team/{}/remove", member.id));
        crate::world::send(&mut desk, &leave, "").await;
        assert_eq!(desk.get(&world.path("")).await.status, StatusCode::NOT_FOUND);
    }
}
