//! The portal inside somebody else's axum application, with their own ways to send mail and text messages.
//!
//! Run it with `cargo run -p portal-examples --example embedded` and open `http://127.0.0.1:8090/`.
#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use portal_core::identity::NewStaffMember;
use portal_core::notify::{EmailMessage, Mailer, SendError};
use portal_core::policy::Role;
use portal_core::practice::PracticeDraft;
use portal_core::sms::{SmsError, SmsMessage, SmsSender};
use portal_core::{Ids, Keys, Parts, Portal, RandomIds, Settings, SystemClock};
use portal_notify::Letters;
use portal_server::workers::{Wake, work};
use portal_server::{AppState, Presentation, blobs::FileBlobs, passwords::Argon2Passwords};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use tokio::net::TcpListener;
use tokio::sync::watch;

const ADDRESS: &str = "127.0.0.1:8090";

/// The application's own way to tell people things: a queue, a provider, a log.
struct OurMessages;

#[async_trait]
impl Mailer for OurMessages {
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError> {
        println!("mail to {}: {}", message.to, message.content.subject);
        Ok(())
    }

    async fn check(&self) -> Result<(), SendError> {
        Ok(())
    }
}

#[async_trait]
impl SmsSender for OurMessages {
    fn name(&self) -> &'static str {
        "ours"
    }

    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        println!("text to {}: {}", message.to, message.text);
        Ok("our-id".into())
    }
}

/// A portal whose data lies in `folder`, and what wakes its workers.
async fn portal(folder: &Path) -> Result<(Portal, Wake), Box<dyn Error>> {
    let store = SqliteStore::open(folder.join("portal.sqlite"), SqliteOptions::default()).await?;
    store.migrate().await?;
    let (ids, wake, messages) = (Arc::new(RandomIds), Wake::default(), Arc::new(OurMessages));
    let portal = Portal::new(Parts {
        store: Arc::new(store),
        blobs: Arc::new(FileBlobs::open(folder.join("files")).await?),
        mailer: messages.clone(),
        sms: messages,
        composer: Arc::new(Letters),
        passwords: Arc::new(Argon2Passwords::new(ids.clone())),
        second_factor: None,
        clock: Arc::new(SystemClock),
        hints: Arc::new(wake.clone()),
        // A real application keeps its key: links and downloads die with it.
        settings: Settings {
            public_url: format!("http://{ADDRESS}"),
            keys: Keys::new(ids.random()),
        },
        ids,
    });
    let practice = PracticeDraft {
        name: "Harbour Migration".into(),
        ..PracticeDraft::default()
    };
    let owner = NewStaffMember {
        name: "Sam Keller".into(),
        email: "sam@example.com".into(),
        role: Role::Owner,
        password: "correct horse battery staple".into(),
    };
    portal.create_practice(&practice, owner).await?;
    Ok((portal, wake))
}

/// The application: its own pages, and the portal's beside them (`/p`, `/staff`, `/api`, ..).
fn application(portal: Portal) -> Result<Router, Box<dyn Error>> {
    let state = AppState::new(portal, Presentation::default())?;
    let ours = Router::new().route("/", get(async || "Our own front page. The portal is at /staff."));
    Ok(ours.merge(portal_server::router(state)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (portal, wake) = portal(folder.path()).await?;
    let (stop, stopped) = watch::channel(false);
    let workers = tokio::spawn(work(portal.clone(), wake, stopped));
    let listener = TcpListener::bind(ADDRESS).await?;
    println!("open http://{ADDRESS}/ (sam@example.com, correct horse battery staple)");
    // With the address of each connection: limits count by it, and the audit trail names it.
    let app = application(portal)?.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(interrupted())
        .await?;
    stop.send(true)?;
    Ok(workers.await?)
}

async fn interrupted() {
    // Without a signal handler the process is ended from outside, which is as well.
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn get(app: axum::Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn both_the_application_and_the_portal_answer() {
        let folder = tempfile::tempdir().unwrap();
        let (portal, _) = super::portal(folder.path()).await.unwrap();
        let app = super::application(portal).unwrap();
        assert_eq!(
            get(app.clone(), "/").await,
            (
                StatusCode::OK,
                "Our own front page. The portal is at /staff.".into()
            )
        );
        assert_eq!(get(app.clone(), "/healthz").await.0, StatusCode::OK);
        let (status, page) = get(app, "/staff/sign-in").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("Harbour Migration"), "{page}");
    }
}
