//! What is wrong is refused with its name, or stored safely; nothing else changes.

use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{BOUNDARY, PDF, World, multipart};

on_both_databases! {
    async fn wrong_fields_are_named(world: World) {
        let token = world.owner_token().await;
        let long = "x".repeat(10_000);
        let cases: Vec<(&str, Value, &str, &str)> = vec![
            ("/api/v1/clients", json!({}), "given_names", "required"),
            ("/api/v1/clients", json!({"given_names": ""}), "given_names", "required"),
            ("/api/v1/clients", json!({"given_names": 5}), "given_names", "type"),
            ("/api/v1/clients", json!({"given_names": ["a"]}), "given_names", "type"),
            ("/api/v1/clients", json!({"given_names": "a", "is_admin": true}), "is_admin", "unknown-field"),
            ("/api/v1/clients", json!({"given_names": "a", "practice_id": "x"}), "practice_id", "unknown-field"),
            ("/api/v1/clients", json!({"given_names": "a", "version": 9}), "version", "unknown-field"),
            ("/api/v1/clients", json!({"given_names": long}), "given_names", "too-long"),
            ("/api/v1/clients", json!({"given_names": "a\u{202E}b"}), "given_names", "control-characters"),
            ("/api/v1/clients", json!({"given_names": "a\u{0}b"}), "given_names", "control-characters"),
            ("/api/v1/clients", json!({"given_names": "a", "email": "not an address"}), "email", "email"),
            ("/api/v1/clients", json!({"given_names": "a", "email": "a@b"}), "email", "email"),
            ("/api/v1/clients", json!({"given_names": "a", "phone": "12"}), "phone", "phone"),
            ("/api/v1/clients", json!({"given_names": "a", "date_of_birth": "17/05/1990"}), "date_of_birth", "date"),
            ("/api/v1/matters", json!({"title": "a"}), "reference", "required"),
            ("/api/v1/matters", json!({"reference": "a", "title": "b", "owner_id": "me"}), "owner_id", "type"),
            ("/api/v1/matters", json!({"reference": "a", "title": "b", "attributes": {"x": 5}}), "attributes.x", "type"),
            ("/api/v1/matters", json!({"reference": "HM-1", "title": "b"}), "reference", "reference-taken"),
            ("/api/v1/checklist-templates", json!({"name": "a"}), "groups", "required"),
            (
                "/api/v1/checklist-templates",
                json!({"name": "a", "groups": [{"name": "g", "items": [{"title": "t", "wanted": 0}]}]}),
                "groups.0.items.0.wanted",
                "out-of-range",
            ),
            (
                "/api/v1/checklist-templates",
                json!({"name": "a", "groups": [{"name": "g", "items": [{"title": "t", "colour": "red"}]}]}),
                "groups[0].items[0].colour",
                "unknown-field",
            ),
            ("/api/v1/staff", json!({"name": "a", "email": "a@b.test", "role": "king", "password": "x"}), "role", "unknown"),
            (
                "/api/v1/staff",
                json!({"name": "a", "email": "a@b.test", "role": "member", "password": "short"}),
                "password",
                "too-short",
            ),
        ];
        for (path, body, field, code) in cases {
            let answer = world.post(path).token(&token).json(&body).send().await;
            assert!(matches!(answer.status.as_u16(), 409 | 422), "{path} {body}: {}", answer.status);
            assert_eq!(answer.header("content-type"), "application/problem+json", "{path} {body}");
            assert_eq!(answer.wrong_field(), (field.to_owned(), code.to_owned()), "{path} {body}");
        }
        let clients = world.get("/api/v1/clients?total=true").token(&token).send().await;
        assert_eq!(clients.json()["total"], 3, "nothing was added");
    }

    async fn bodies_that_are_no_json_are_refused(world: World) {
        let token = world.owner_token().await;
        let deep = "[".repeat(5_000);
        let huge = format!("{{\"given_names\": \"{}\"}}", "x".repeat(2 << 20));
        let cases: [(&str, Vec<u8>, u16); 7] = [
            ("application/json", b"".to_vec(), 400),
            ("application/json", b"{\"given_names\": \"a\"".to_vec(), 400),
            ("application/json", b"{\"given_names\": \"\xC3\x28\"}".to_vec(), 400),
            ("application/json", deep.into_bytes(), 422),
            ("application/json", huge.into_bytes(), 413),
            ("text/plain", b"{\"given_names\": \"a\"}".to_vec(), 415),
            ("application/x-www-form-urlencoded", b"given_names=a".to_vec(), 415),
        ];
        for (content_type, body, status) in cases {
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let answer = world.post("/api/v1/clients").token(&token).raw(content_type, body).send().await;
            assert_eq!(answer.status.as_u16(), status, "{content_type} {start}: {:?}", answer.json());
            assert_eq!(answer.header("content-type"), "application/problem+json", "{content_type} {start}");
        }
    }

    async fn addresses_and_questions_that_are_wrong_are_refused(world: World) {
        let token = world.owner_token().await;
        for (path, status) in [
            ("/api/v1/clients/nonsense", 404),
            ("/api/v1/clients/00000000-0000-0000-0000-000000000000", 404),
            ("/api/v1/matters/..%2F..%2Fetc%2Fpasswd", 404),
            ("/api/v1/documents/%FF/content", 404),
            ("/api/v1/clients?limit=0", 422),
            ("/api/v1/clients?limit=201", 422),
            ("/api/v1/clients?limit=1e3", 422),
            ("/api/v1/clients?cursor=!!", 422),
            ("/api/v1/clients?colour=blue", 422),
            ("/api/v1/matters?sort=colour", 422),
            ("/api/v1/matters?state=broken", 422),
            ("/api/v1/matters?owner_id=me", 422),
        ] {
            let answer = world.get(path).token(&token).send().await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {:?}", answer.json());
        }
    }

    async fn a_client_lives_in_a_zone_of_the_list(world: World) {
        let token = world.owner_token().await;
        let path = format!("/api/v1/clients/{}", world.client.id);
        let set = async |zone: Value| world.patch(&path).token(&token).json(&json!({"time_zone": zone})).send().await;
        let london = set(json!("europe/london")).await;
        assert_eq!(london.status.as_u16(), 200, "{:?}", london.json());
        assert_eq!(london.json()["time_zone"], "Europe/London");
        assert_eq!(set(json!("Mars/Olympus")).await.wrong_field(), ("time_zone".to_owned(), "time-zone".to_owned()));
        let read = world.get(&path).token(&token).send().await;
        assert_eq!(read.json()["time_zone"], "Europe/London");
        assert_eq!(set(json!(null)).await.json()["time_zone"], Value::Null);
    }

    async fn names_of_any_script_come_back_as_given(world: World) {
        let token = world.owner_token().await;
        for name in ["أمينة حداد", "Đặng Thị Ngọc Ánh", "O'Brien-Smith", "<script>alert(1)</script>", "'; DROP TABLE clients;--", "🦀", "%s%n"] {
            let answer = world.post("/api/v1/clients").token(&token).json(&json!({"given_names": name})).send().await;
            assert_eq!(answer.status, 201, "{name}: {:?}", answer.json());
            assert_eq!(answer.json()["given_names"], name);
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let read = world.get(&format!("/api/v1/clients/{id}")).token(&token).send().await;
            assert_eq!(read.json()["given_names"], name);
        }
    }

    async fn files_that_are_wrong_leave_nothing(world: World) {
        let token = world.token(crate::world::Who::Client).await.unwrap();
        let path = format!("/api/v1/requests/{}/documents", world.request);
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice();
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".as_slice();
        let before = world.fakes.blobs.keys().len();
        for (name, bytes, status) in [
            ("empty.pdf", b"".as_slice(), 422),
            ("photo.pdf", png, 415),
            ("drawing.svg", svg, 415),
            ("page.html", b"<html><script>alert(1)</script></html>".as_slice(), 415),
            ("page.txt", b"<html><script>alert(1)</script></html>".as_slice(), 415),
            ("program.exe", b"MZ\x90\0".as_slice(), 415),
            ("noextension", PDF, 415),
        ] {
            let answer = world.post(&path).token(&token).files(&[(name, bytes)]).send().await;
            assert_eq!(answer.status.as_u16(), status, "{name}: {:?}", answer.json());
            assert_eq!(answer.wrong_field().0, "file", "{name}");
        }
        let form = format!("multipart/form-data; boundary={BOUNDARY}");
        let whole = multipart(&[("cut.pdf", &PDF.repeat(50))]);
        for cut in [1, 60, 150, 400, whole.len() - 5] {
            let answer = world.post(&path).token(&token).raw(&form, whole[..cut].to_vec()).send().await;
            assert!(answer.status.is_client_error(), "cut at {cut}: {}", answer.status);
        }
        let answer = world.post(&path).token(&token).raw("application/pdf", PDF).send().await;
        assert_eq!(answer.status, 415);
        assert_eq!(world.fakes.blobs.keys().len(), before, "no bytes were kept");
        assert_eq!(world.fakes.blobs.unfinished(), 0);
        let documents = world.get(&format!("{path}?total=true")).token(&token).send().await;
        assert_eq!(documents.json()["total"], 1);
    }

    async fn file_names_are_made_safe(world: World) {
        let token = world.token(crate::world::Who::Client).await.unwrap();
        let path = format!("/api/v1/requests/{}/documents", world.request);
        for (name, safe) in [
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\\\Windows\\\\system32\\\\a.pdf", "a.pdf"),
            ("n\u{202E}fdp.pdf", "nfdp.pdf"),
            ("Ünïcode 文件.pdf", "Ünïcode 文件.pdf"),
        ] {
            let answer = world.post(&path).token(&token).files(&[(name, PDF)]).send().await;
            assert_eq!(answer.status, 201, "{name}: {:?}", answer.json());
            assert_eq!(answer.json()["items"][0]["file"]["name"], safe, "{name}");
            let id = answer.json()["items"][0]["id"].as_str().unwrap().to_owned();
            let file = world.get(&format!("/api/v1/documents/{id}/content")).token(&token).send().await;
            assert!(file.header("content-disposition").starts_with("attachment; filename=\""), "{name}");
            assert!(file.header("content-security-policy").starts_with("sandbox"), "{name}");
        }
        let long = format!("{}.pdf", "a".repeat(300));
        let answer = world.post(&path).token(&token).files(&[(&long, PDF)]).send().await;
        let name = answer.json()["items"][0]["file"]["name"].as_str().unwrap().to_owned();
        assert!(name.len() <= 200 && name.to_lowercase().ends_with(".pdf"), "{name}");
    }
}
