//! Files that mean harm, and names that do.

use axum::http::StatusCode;
use portal_core::Duration;
use portal_core::document::Document;

use crate::browser::{file, form_data};
use crate::on_every_store;
use crate::world::{PDF, PNG, World};

on_every_store! {
    async fn no_name_breaks_a_page_or_a_header(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        let long = format!("{}.pdf", "n".repeat(300));
        let names = [
            "../../etc/passwd.pdf",
            "C:\\fakepath\\scan.pdf",
            "a\"; filename=\"evil.exe.pdf",
            "line\r\nSet-Cookie: x=y.pdf",
            "<script>alert(1)</script>.pdf",
            "\u{202E}fdp.exe.pdf",
            "جواز السفر.pdf",
            "Pässe 文件 🛂.pdf",
            "{{ 7 * 7 }} %s %00.pdf",
            long.as_str(),
        ];
        for name in names {
            let sent = phone.upload(&action, &[file(name, PDF)]).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{name}: {}", sent.text());
        }
        let page = phone.get(&format!("{base}/documents")).await;
        let shown = page.all(".file__name");
        assert_eq!(shown.len(), names.len());
        assert_eq!(page.attributes("script", "src").len(), 1, "only our own script");
        for name in &shown {
            assert!(!name.contains(['/', '\\', '\u{202E}', '\n', '"']) && name.chars().count() <= 200, "{name}");
        }
        assert!(shown.contains(&"جواز السفر.pdf".to_owned()));
        for href in page.attributes(".file__name a", "href") {
            let open = phone.get(&href).await;
            let answer = phone.get(&open.location()).await;
            assert_eq!((answer.status, answer.body.as_ref()), (StatusCode::OK, PDF));
            let disposition = answer.header("content-disposition");
            assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
            assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
            assert!(answer.header("set-cookie").is_empty());
        }
    }

    async fn what_is_not_what_it_says_is_refused_by_name(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        let huge = vec![b'x'; (1 << 20) + 1];
        let mut bomb = PDF.to_vec();
        bomb.resize((1 << 20) + 1, b'\n');
        let hostile: [(&str, &[u8], StatusCode); 9] = [
            ("page.html", b"<!doctype html><script>alert(1)</script>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("note.txt", b"<html><script>alert(1)</script>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("picture.pdf", PNG, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("noextension", PDF, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("setup.exe", b"MZ\x90\0", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("empty.pdf", b"", StatusCode::UNPROCESSABLE_ENTITY),
            ("huge.txt", &huge, StatusCode::PAYLOAD_TOO_LARGE),
            ("huge.pdf", &bomb, StatusCode::PAYLOAD_TOO_LARGE),
        ];
        for (name, bytes, status) in hostile {
            let answer = phone.script().upload(&action, &[file(name, bytes)]).await;
            assert_eq!(answer.status, status, "{name}: {}", answer.text());
            assert!(answer.json()["detail"].as_str().unwrap().contains(name), "{}", answer.text());
        }
        assert!(world.fakes.blobs.keys().is_empty());
        assert_eq!(world.fakes.blobs.unfinished(), 0);

        // Bodies that are no form with files.
        for (body, what) in [
            (Vec::new(), "nothing"),
            (b"{}".to_vec(), "JSON"),
            (form_data(&[])[..].to_vec(), "no part"),
            (form_data(&[crate::browser::Part { name: "other", file: None, bytes: &[0xFF, 0xFE] }]), "no text"),
        ] {
            let answer = phone.script().upload_body(&action, axum::body::Body::from(body)).await;
            assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
        }
        let answer = phone.script().post(&action, "file=x").await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }

    async fn of_thousands_at_once_as_many_are_kept_as_a_request_takes(world: World) {
        let request = world.ask(&world.amina, "Bank statements").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        let most = usize::try_from(Document::MOST_PER_REQUEST).unwrap();
        let names: Vec<_> = (0..most + 2).map(|number| format!("page {number:04}.pdf")).collect();
        let parts: Vec<_> = names.iter().map(|name| file(name, PDF)).collect();

        let answer = phone.script().upload(&action, &parts).await;
        assert_eq!(answer.status, StatusCode::MULTI_STATUS, "{}", answer.text());
        let report = answer.json();
        let lines = report["files"].as_array().unwrap();
        let stored: Vec<_> = lines.iter().filter(|line| line["problem"].is_null()).collect();
        let refused: Vec<_> = lines.iter().filter(|line| line["id"].is_null()).collect();
        assert_eq!((stored.len(), refused.len()), (most, 2));
        for (line, name) in refused.iter().zip(&names[most..]) {
            assert_eq!(line["name"], name.as_str());
            let said = line["problem"].as_str().unwrap();
            assert!(said.contains("2,000") || said.contains("2000"), "{said}");
        }
        assert_eq!(world.fakes.blobs.keys().len(), most, "what was refused leaves no bytes");
        let page = phone.get(&format!("{base}/requests/{}", request.id)).await;
        assert_eq!(page.words("#files-title"), "What you sent 2000");
    }

    async fn files_leave_as_attachments_or_in_a_sandbox(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        phone.upload(&action, &[file("scan.png", PNG), file("list.csv", b"a,b\n1,2\n")]).await;
        let page = phone.get(&format!("{base}/documents")).await;
        let names = page.all(".file__name");
        for (name, href) in names.iter().zip(page.attributes(".file__name a", "href")) {
            let open = phone.get(&format!("{href}?view=1")).await;
            let path = open.location();
            assert!(path.ends_with("?view=1"));
            let shown = phone.get(&path).await;
            let inline = shown.header("content-disposition").starts_with("inline");
            assert_eq!(inline, name == "scan.png", "{name}");
            assert!(shown.header("content-security-policy").contains("sandbox"), "{name}");
            assert!(shown.header("content-security-policy").contains("default-src 'none'"));
            assert_eq!(shown.header("x-content-type-options"), "nosniff");
            assert_eq!(shown.header("cache-control"), "no-store");
            let plain = phone.get(path.trim_end_matches("?view=1")).await;
            assert!(plain.header("content-disposition").starts_with("attachment"));
        }
        let open = phone.get(&page.attribute(".file__name a", "href")).await;
        let ticket = open.location();
        let whole = phone.get(&ticket).await;
        let part = phone.get_with(&ticket, &[("range", "bytes=2-5")]).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.body, whole.body.slice(2..6));
        assert_eq!(part.header("content-range"), format!("bytes 2-5/{}", whole.body.len()));
        let beyond = phone.get_with(&ticket, &[("range", "bytes=9999-")]).await;
        assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        let head = phone.head(&ticket).await;
        assert_eq!((head.status, head.header("content-length")), (StatusCode::OK, whole.header("content-length")));
        assert!(head.body.is_empty());
    }

    async fn a_signed_address_is_good_for_a_while_and_not_in_any_other_form(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        phone.upload(&format!("{base}/requests/{}/documents", request.id), &[file("a.pdf", PDF)]).await;
        let page = phone.get(&format!("{base}/documents")).await;
        let ticket = phone.get(&page.attribute(".file__name a", "href")).await.location();
        // It needs no cookie: a download program of the same person can use it.
        assert_eq!(world.browser().get(&ticket).await.status, StatusCode::OK);
        let text = ticket.trim_start_matches("/d/");
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(phone.get(&format!("/d/{altered}")).await.status, StatusCode::GONE, "byte {at}");
        }
        world.fakes.clock.advance(Duration::minutes(15) - Duration::seconds(1));
        assert_eq!(phone.get(&ticket).await.status, StatusCode::OK);
        world.fakes.clock.advance(Duration::seconds(1));
        let over = phone.get(&ticket).await;
        assert_eq!(over.status, StatusCode::GONE);
        assert_eq!(over.attribute("main a.button", "href"), "/p");

        // Signing out ends those that are still young.
        let page = phone.get(&format!("{base}/documents")).await;
        let ticket = phone.get(&page.attribute(".file__name a", "href")).await.location();
        phone.post("/p/sign-out", "").await;
        assert_eq!(world.browser().get(&ticket).await.status, StatusCode::GONE);
    }

    async fn what_people_type_is_shown_as_text(world: World) {
        let evil = "<img src=x onerror=alert(1)> & \"quotes\"";
        let request = world.ask(&world.amina, evil).await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        for path in [String::new(), "/requests".into(), format!("/requests/{}", request.id)] {
            let page = phone.get(&format!("{base}{path}")).await;
            assert!(page.text().contains("&#60;img") || page.text().contains("&lt;img"), "{path}");
            assert!(page.attributes("img[src=x]", "src").is_empty(), "{path}");
        }
    }
}
