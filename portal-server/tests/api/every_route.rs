//! What holds for every route: headers, the refusal of forged requests, what a stranger's words can change.

use axum::http::Method;
use serde_json::json;

use crate::on_both_databases;
use crate::world::World;

/// Every operation of the API, with something in the place of each part of its path.
fn operations() -> Vec<(Method, String)> {
    let openapi = serde_json::to_value(portal_server::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        let filled: String = path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    "01a1fb52-040e-77b2-86cb-73b75961d8b8"
                } else {
                    part
                }
            })
            .collect::<Vec<_>>()
            .join("/");
        for method in methods.as_object().unwrap().keys() {
            if let Ok(method @ (Method::GET | Method::PUT | Method::POST | Method::PATCH | Method::DELETE)) =
                method.to_uppercase().parse::<Method>()
            {
                operations.push((method, filled.clone()));
            }
        }
    }
    operations
}

/// Addresses beside the API: pages, their files, what does not exist.
const PAGES: [&str; 12] = [
    "/",
    "/healthz",
    "/readyz",
    "/api/openapi.json",
    "/api/docs/",
    "/p/AaH7UWdHd5KCTxFDcW133QGh-1FrbnWlnwnDw4qYUGI",
    "/p/sign-in/x",
    "/staff/sign-in",
    "/staff",
    "/assets/portal.css",
    "/d/nothing",
    "/does/not/exist",
];

on_both_databases! {
    async fn secure_headers_are_on_every_answer(world: World) {
        let pages = PAGES.map(|path| (Method::GET, path.to_owned()));
        for (method, path) in operations().into_iter().chain(pages) {
            let answer = world.ask(method.clone(), &path).send().await;
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{method} {path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{method} {path}: {policy}");
            assert!(!policy.contains("script-src 'self' 'unsafe"), "{method} {path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(answer.header("strict-transport-security"), "max-age=63072000", "{method} {path}");
            assert!(!answer.header("referrer-policy").is_empty(), "{method} {path}");
            assert!(!answer.header("permissions-policy").is_empty(), "{method} {path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), "", "{method} {path}");
            assert!(!answer.header("x-request-id").is_empty(), "{method} {path}");
            let is_asset = path.starts_with("/assets/");
            assert_eq!(answer.header("cache-control") == "no-store", !is_asset, "{method} {path}");
            assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.status);
        }
    }

    async fn what_another_site_sends_is_refused(world: World) {
        let cookie = world.owner_cookie().await;
        let forgeries: [&[(&str, &str)]; 4] = [
            &[("origin", "https://evil.test")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[],
        ];
        let mut tried = 0;
        // Providers call back from elsewhere, and prove themselves by a signature.
        let changing = |(method, path): &(Method, String)| !method.is_safe() && !path.starts_with("/hooks/");
        for (method, path) in operations().into_iter().filter(changing) {
            for forgery in forgeries {
                let mut ask = world.ask(method.clone(), &path).header("cookie", &cookie);
                for (name, value) in forgery {
                    ask = ask.header(name, value);
                }
                let answer = ask.json(&json!({})).send().await;
                assert_eq!(answer.status, 403, "{method} {path} {forgery:?}");
                assert_eq!(answer.json()["type"], "/problems/cross-site", "{method} {path} {forgery:?}");
                tried += 1;
            }
        }
        assert!(tried > 150, "{tried}");
    }

    async fn the_same_request_from_the_portal_itself_passes(world: World) {
        let cookie = world.owner_cookie().await;
        let body = json!({"given_names": "Noor"});
        for (name, value) in [("origin", "https://portal.test"), ("sec-fetch-site", "same-origin")] {
            let ask = world.post("/api/v1/clients").header("cookie", &cookie).header(name, value);
            let answer = ask.json(&body).send().await;
            assert_eq!(answer.status, 201, "{name}: {:?}", answer.json());
        }
    }

    async fn no_header_changes_where_links_lead(world: World) {
        let token = world.owner_token().await;
        for (name, value) in [
            ("host", "evil.test"),
            ("x-forwarded-host", "evil.test"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-server", "evil.test"),
            ("x-forwarded-prefix", "/evil.test"),
            ("x-host", "evil.test"),
            ("x-original-url", "https://evil.test/"),
            ("x-rewrite-url", "https://evil.test/"),
            ("forwarded", "host=evil.test;proto=http"),
            ("origin", "https://evil.test"),
            ("referer", "https://evil.test/"),
        ] {
            world.fakes.mail.clear();
            world.fakes.clock.advance(portal_core::Duration::hours(2));
            let token = if world.get("/api/v1/practice").token(&token).send().await.status == 200 {
                token.clone()
            } else {
                world.owner_token().await
            };
            let path = format!("/api/v1/portal-accesses/{}/invite", world.access.id);
            let answer = world.post(&path).token(&token).header(name, value).send().await;
            assert_eq!(answer.status, 200, "{name}: {:?}", answer.json());
            assert!(answer.json()["url"].as_str().unwrap().starts_with("https://portal.test/p/"), "{name}");
            world.portal.drain().await.unwrap();
            let mails = world.fakes.mail.sent();
            assert!(!mails.is_empty(), "{name}");
            for mail in mails {
                let text = format!("{}{}", mail.content.text, mail.content.html);
                assert!(!text.contains("evil"), "{name}: {text}");
                assert!(text.contains("https://portal.test/p/sign-in/"), "{name}");
            }
        }
    }
}
