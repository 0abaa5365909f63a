//! What a browser does, as far as these tests need it: it keeps cookies, says where a request comes from, and reads pages.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use scraper::{Html, Selector};
use tower::ServiceExt;

/// The address that the portal is reached under.
pub(crate) const ORIGIN: &str = "https://portal.test";

/// A browser, with its cookies.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    accept: &'static str,
}

/// What it got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One part of a form with files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) bytes: &'a [u8],
}

/// A file in the field that the pages use.
pub(crate) const fn file<'a>(name: &'a str, bytes: &'a [u8]) -> Part<'a> {
    Part {
        name: "file",
        file: Some(name),
        bytes,
    }
}

const BOUNDARY: &str = "----a-boundary-of-a-test";

/// The body of a form with files.
pub(crate) fn form_data(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"",
                part.name
            )
            .bytes(),
        );
        if let Some(name) = part.file {
            // As browsers write it (WHATWG HTML, multipart/form-data encoding).
            let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            body.extend(format!("; filename=\"{name}\"\r\nContent-Type: application/octet-stream").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(part.bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            accept: "text/html,application/xhtml+xml,*/*;q=0.8",
        }
    }

    /// The same browser, asking as our script does.
    pub(crate) fn script(&self) -> Self {
        Self {
            accept: "application/json",
            ..self.clone()
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty(), &[]).await
    }

    pub(crate) async fn head(&mut self, path: &str) -> Answer {
        self.send(Method::HEAD, path, None, Body::empty(), &[]).await
    }

    pub(crate) async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, None, Body::empty(), headers).await
    }

    /// Sends a form of plain fields.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        let kind = Some("application/x-www-form-urlencoded".to_owned());
        self.send(Method::POST, path, kind, Body::from(form.to_owned()), &[])
            .await
    }

    /// Sends a form with files.
    pub(crate) async fn upload(&mut self, path: &str, parts: &[Part<'_>]) -> Answer {
        self.upload_body(path, Body::from(form_data(parts))).await
    }

    /// Sends the body of a form with files.
    pub(crate) async fn upload_body(&mut self, path: &str, body: Body) -> Answer {
        let kind = Some(format!("multipart/form-data; boundary={BOUNDARY}"));
        self.send(Method::POST, path, kind, body, &[]).await
    }

    /// Goes where an answer leads.
    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let path = answer.location();
        self.get(&path).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        kind: Option<String>,
        body: Body,
        headers: &[(&str, &str)],
    ) -> Answer {
        assert!(path.starts_with('/'), "{path} stays on this site");
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::ACCEPT, self.accept)
            .header(header::USER_AGENT, "Test/1.0");
        if !method.is_safe() {
            request = request.header(header::ORIGIN, ORIGIN);
        }
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let request = request.body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        Answer {
            status: head.status,
            headers: head.headers,
            body: body
                .collect()
                .await
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default(),
        }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        for needed in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
            assert!(attributes.contains(needed), "{needed} in {cookie}");
        }
        assert!(
            name.starts_with("__Host-") && !attributes.contains("Domain"),
            "{cookie}"
        );
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn location(&self) -> String {
        let location = self.headers[header::LOCATION].to_str().unwrap();
        location.strip_prefix(ORIGIN).unwrap_or(location).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What matches, each as its words with single spaces.
    pub(crate) fn all(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.text());
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        html.select(&Selector::parse(selector).unwrap())
            .map(|element| words(element.text().collect()))
            .collect()
    }

    /// The words of the first that matches; empty when nothing does.
    pub(crate) fn words(&self, selector: &str) -> String {
        self.all(selector).into_iter().next().unwrap_or_default()
    }

    /// An attribute of everything that matches.
    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.text());
        html.select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// An attribute of the first that matches.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let found = self.attributes(selector, name).into_iter().next();
        found.unwrap_or_else(|| panic!("no {selector} with {name} in {}", self.text()))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }
}
