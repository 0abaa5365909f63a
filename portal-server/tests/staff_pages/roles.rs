//! Each page and each action, as each role: what one may not do has no button, and is refused all the same.

use axum::http::StatusCode;
use portal_core::audit::AuditFilter;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{PDF, World, form, look, matter_draft};

/// Pages that everybody on the staff may open.
const OPEN_TO_ALL: [&str; 11] = [
    "/staff",
    "/staff/matters",
    "/staff/clients",
    "/staff/templates",
    "/staff/notifications",
    "/staff/review",
    "/staff/overdue",
    "/staff/tasks",
    "/staff/people",
    "/staff/workflows",
    "/staff/taxonomy",
];

/// Pages that hold a form to add something, and who may open them.
const FORMS: [(&str, &[Role]); 7] = [
    (
        "/staff/matters/new",
        &[Role::Owner, Role::Admin, Role::Manager, Role::Member],
    ),
    (
        "/staff/clients/new",
        &[Role::Owner, Role::Admin, Role::Manager, Role::Member],
    ),
    ("/staff/templates/new", &[Role::Owner, Role::Admin, Role::Manager]),
    ("/staff/workflows/new", &[Role::Owner, Role::Admin, Role::Manager]),
    (
        "/staff/taxonomy/review",
        &[Role::Owner, Role::Admin, Role::Manager],
    ),
    (
        "/staff/taxonomy/import",
        &[Role::Owner, Role::Admin, Role::Manager],
    ),
    ("/staff/settings", &[Role::Owner, Role::Admin]),
];

on_every_store! {
    async fn pages_open_for_whom_they_are_meant(world: World) {
        for role in Role::ALL {
            let mut desk = world.desk(role).await;
            for path in OPEN_TO_ALL {
                look(&mut desk, "role-open", path).await;
            }
            for (path, roles) in FORMS {
                let status = desk.get(path).await.status;
                let expected = if roles.contains(&role) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(status, expected, "{role} {path}");
            }
            let mails = desk.get("/staff/mails").await.status;
            let expected = if role == Role::Member { StatusCode::FORBIDDEN } else { StatusCode::OK };
            assert_eq!(mails, expected, "{role} mails");
            // A member is not on this matter: it is as if it were not there.
            for tab in ["", "/checklist", "/documents", "/access", "/activity", "/why"] {
                let status = desk.get(&world.path(tab)).await.status;
                let expected = if role == Role::Member { StatusCode::NOT_FOUND } else { StatusCode::OK };
                assert_eq!(status, expected, "{role} {tab}");
            }
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
        let template = world.portal.add_template(&world.owner, &portal_core::checklist::TemplateDraft {
            name: "Visa".into(),
            groups: vec![portal_core::checklist::TemplateGroup {
                name: String::new(),
                items: vec![portal_core::checklist::TemplateItem {
                    key: String::new(), title: "Photo".into(), help: String::new(), example: String::new(), wanted: 1, required: true, due_in_days: None,
                }],
            }],
            ..Default::default()
        }).await.unwrap();
        let owner = world.staff(Role::Owner).id;
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
        ];
        let of_practice = [
            "/staff/matters".to_owned(), "/staff/clients".to_owned(), format!("/staff/clients/{amina}/edit"),
            format!("/staff/clients/{amina}/deactivate"), format!("/staff/clients/{amina}/activate"), "/staff/templates".to_owned(),
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
