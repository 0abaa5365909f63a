//! From signing in to an accepted passport, by forms alone.

use axum::http::StatusCode;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{PDF, PNG, World, filled, form, look, send};

on_every_store! {
    async fn from_a_new_client_to_an_accepted_passport(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let home = look(&mut desk, "home", "/staff").await;
        assert_eq!(home.words("h1"), "Hello, owner");
        assert_eq!(home.all(".tile__number"), ["0", "0", "0", "0", "0"]);

        // A client and a matter.
        let page = look(&mut desk, "client-new", "/staff/clients/new").await;
        let sent = filled(&page, "/staff/clients", &[
            ("given_names", "Mireille"), ("family_name", "d\u{2019}Arc \u{1f469}\u{200d}\u{2695}\u{fe0f}"), ("email", "mireille@mail.test"),
        ]);
        let client = send(&mut desk, "/staff/clients", &sent).await;
        assert!(client.words("[role=status]").contains("is added."));
        let new = client.attribute(".page-head__actions a[href*='matters/new']", "href");
        let page = look(&mut desk, "matter-new", &new).await;
        assert_eq!(page.attribute("#client", "value"), "mireille@mail.test");
        let sent = filled(&page, "/staff/matters", &[
            ("reference", "HM-3000"), ("title", "Partner visa"), ("stage", "Documents"), ("attributes", "visa type: 820"),
        ]);
        let matter = send(&mut desk, "/staff/matters", &sent).await;
        assert_eq!(matter.words("h1"), "Partner visa");
        assert!(matter.text().contains("visa type") && matter.text().contains("d\u{2019}Arc"));
        let base = matter.attribute(".tabs a", "href");

        // A template, and what it asks for.
        let page = look(&mut desk, "template-new", "/staff/templates/new").await;
        let sent = filled(&page, "/staff/templates", &[("name", "Partner visa"), ("title", "Passport"), ("group", "Identity"), ("wanted", "2"), ("due_after_days", "7")]);
        let template = send(&mut desk, "/staff/templates", &sent).await;
        let action = template.attribute("form[action$='/items']", "action");
        let sent = filled(&template, &action, &[("title", "Payslips"), ("group", "Employment"), ("due_after_days", "14")]);
        let template = send(&mut desk, &action, &sent).await;
        assert_eq!(template.all("section h2"), ["Identity", "Employment"]);

        let checklist = look(&mut desk, "checklist-empty", &format!("{base}/checklist")).await;
        let action = format!("{base}/templates");
        let checklist = send(&mut desk, &action, &filled(&checklist, &action, &[])).await;
        assert_eq!(checklist.words("[role=status]"), "2 requests are added. The client is told by email.");
        assert_eq!(checklist.all("li[data-item] .rows__title"), ["Passport", "Payslips"]);

        // Portal access with an invitation.
        let access = look(&mut desk, "access", &format!("{base}/access")).await;
        let enable = access.attribute("form[action$='/enable']", "action");
        let access = send(&mut desk, &enable, &form(&[("invite", "yes")])).await;
        assert!(access.text().contains("Invited") && access.text().contains("Never opened"));
        world.portal.drain().await.unwrap();
        let mails = look(&mut desk, "outbox", "/dev/outbox").await;
        assert!(mails.all("li[data-item]").iter().any(|row| row.contains("mireille@mail.test")));

        // Through the mail's link, as a client in another browser.
        let rows = mails.all("li[data-item]");
        let hrefs = mails.attributes("li[data-item] a", "href");
        let mut found = None;
        for (_, href) in rows.iter().zip(hrefs).filter(|(row, _)| row.contains("mireille@mail.test")) {
            let mail = look(&mut desk, "outbox-mail", &href).await;
            found = Some(mail).filter(|mail| mail.words("pre.mail-text").contains("/p/sign-in/")).or(found);
        }
        let mail = found.expect("one of them has a link");
        let text = mail.words("pre.mail-text");
        let after = |mark: &str| text.split(mark).nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let frame = desk.get(&mail.attribute("iframe", "src")).await;
        assert!(frame.header("content-security-policy").starts_with("sandbox;"));
        let mut phone = world.browser();
        let link = format!("/p/sign-in/{}", after("/p/sign-in/"));
        let entered = phone.post(&link, &form(&[("code", &after("Code: "))])).await;
        let portal = phone.follow(&entered).await;
        let upload = portal.attribute("form[data-upload]", "action");
        let sent = phone.upload(&upload, &[crate::browser::file("front.png", PNG), crate::browser::file("back.pdf", PDF)]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        world.portal.drain().await.unwrap();

        // Staff is told, and every number leads to what it counts.
        let home = look(&mut desk, "home-busy", "/staff").await;
        assert_eq!(home.all(".tile__number")[0], "2");
        let review = look(&mut desk, "review-queue", &home.attributes(".tile", "href")[0]).await;
        assert_eq!(review.all("li[data-item]").len(), 2);
        let told = look(&mut desk, "notifications", "/staff/notifications?show=unread").await;
        let unread: usize = home.all(".tile__number")[3].parse().unwrap();
        assert_eq!(told.all("li.is-unread").len(), unread);
        let open = told.attribute("li.is-unread form", "action");
        let document = send(&mut desk, &open, "").await;
        assert!(!document.words("h1").is_empty());
        let fewer = look(&mut desk, "notifications-fewer", "/staff/notifications?show=unread").await;
        assert_eq!(fewer.all("li.is-unread").len(), unread - 1);

        // One file is returned with a reason that comes up often, the other is accepted.
        let request = look(&mut desk, "request", &checklist.attribute("li[data-item] a", "href")).await;
        assert_eq!(request.words("#files-title .count"), "2");
        let files = request.attributes("#files .rows__title", "href");
        let front = look(&mut desk, "document", &files[0]).await;
        let action = format!("{}/return", files[0]);
        let reason = front.attributes("select[name=known_reason] option", "value")[1].clone();
        let front = send(&mut desk, &action, &filled(&front, &action, &[("known_reason", &reason)])).await;
        assert!(front.words(".notice.tone-warning").contains(&reason), "{}", front.text());
        let request_href = checklist.attribute("li[data-item] a", "href");
        let request = look(&mut desk, "request-half", &request_href).await;
        assert!(request.words("h1 + .badge").contains("Returned"));
        let accept = request.attribute("form[action$='/accept'][action*='documents']", "action");
        let request = send(&mut desk, &accept, &filled(&request, &accept, &[])).await;
        assert_eq!(request.all("#files .badge").len(), 2);
        world.portal.drain().await.unwrap();

        // The client sends another one, and then all of it is accepted.
        let portal = phone.get(&upload.rsplit_once('/').unwrap().0.replace("/upload", "")).await;
        assert!(portal.words("main").contains(&reason), "{}", portal.words("main"));
        let action = portal.attribute("form[data-upload]", "action");
        let sent = phone.upload(&action, &[crate::browser::file("front again.png", PNG)]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        let request = look(&mut desk, "request-again", &request_href).await;
        let action = format!("{request_href}/accept");
        let request = send(&mut desk, &action, &filled(&request, &action, &[])).await;
        assert!(request.words("h1 + .badge").contains("Accepted"), "{}", request.text());

        // Everything is on record, and so is every mail.
        let activity = look(&mut desk, "activity", &format!("{base}/activity")).await;
        let happened = activity.all(".timeline__item");
        for part in ["opened the matter", "accepted Passport", "returned ", "sent back.pdf", "sent front again.png", "enabled portal access"] {
            assert!(happened.iter().any(|item| item.contains(part)), "{part} in {happened:?}");
        }
        let mails = look(&mut desk, "activity-mail", &format!("{base}/activity?show=mail")).await;
        assert!(mails.all(".mail-entry").len() >= 3);
        assert!(!mails.text().contains(&after("/p/sign-in/")), "no history holds a way in");

        // Revoking shuts the client out at once.
        let access = look(&mut desk, "access-active", &format!("{base}/access")).await;
        assert!(access.text().contains("Signed in on 1 device"), "{}", access.text());
        let revoke = access.attribute("form[action$='/revoke']", "action");
        let access = send(&mut desk, &revoke, "").await;
        assert!(access.text().contains("Revoked"));
        let outside = phone.get(&portal.attribute("body", "data-live")).await;
        assert!(matches!(outside.status, StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::GONE), "{}", outside.status);
    }

    async fn staff_stay_themselves_while_they_preview(world: World) {
        world.enter(&world.amina).await;
        let mut desk = world.desk(Role::Owner).await;
        let access = look(&mut desk, "access-preview", &world.path("/access")).await;
        let preview = access.attribute("form[action$='/preview']", "action");
        let page = send(&mut desk, &preview, "").await;
        assert!(page.text().contains("Amina"), "{}", page.text());
        let still = look(&mut desk, "home-previewing", "/staff").await;
        assert_eq!(still.words("h1"), "Hello, owner");
    }
}
