//! Connections that break: what was acknowledged is done, once, and what was done is acknowledged.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use portal_core::audit::{AuditFilter, Audits};
use portal_core::client::Clients;
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{Change, Commits, PageRequest, StoreError};
use portal_store_postgres::testing::ThrowAway;
use portal_store_postgres::{PostgresOptions, PostgresStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Between the store and its server: passes everything on until it is armed; then the answer to the next message that holds
/// a certain text is swallowed, and its connection ends.
struct Wire {
    address: SocketAddr,
    armed: Armed,
}

type Armed = Arc<Mutex<Option<&'static [u8]>>>;

impl Wire {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let armed = Armed::default();
        let cuts = Arc::clone(&armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else {
                    return;
                };
                tokio::spawn(pass(client, server, Arc::clone(&cuts)));
            }
        });
        Self { address, armed }
    }

    /// An empty text is in every message.
    fn lose_the_answer_to(&self, text: &'static [u8]) {
        *self.armed.lock().unwrap() = Some(text);
    }

    fn has_lost_it(&self) -> bool {
        self.armed.lock().unwrap().is_none()
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, armed: Armed) {
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut cut = false;
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let found = |text: &mut &[u8]| text.is_empty() || asked[..count].windows(text.len()).any(|at| at == *text);
                cut |= armed.lock().unwrap().take_if(found).is_some();
                if server.write_all(&asked[..count]).await.is_err() { return }
            }
            count = server.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                if cut || client.write_all(&answered[..count]).await.is_err() { return }
            }
        }
    }
}

async fn store_behind_a_wire(database: &ThrowAway) -> (PostgresStore, Wire) {
    let url = url::Url::parse(&database.url()).unwrap();
    let server = url.socket_addrs(|| Some(5432)).unwrap()[0];
    let wire = Wire::to(server).await;
    let mut through = url.clone();
    through.set_host(Some("127.0.0.1")).unwrap();
    through.set_port(Some(wire.address.port())).unwrap();
    let options = PostgresOptions {
        max_connections: 1,
        ..PostgresOptions::default()
    };
    (
        PostgresStore::connect(through.as_str(), options).await.unwrap(),
        wire,
    )
}

/// One change, with as many more records as make it a transaction of several statements, if it shall be one.
fn change(samples: &Samples, more: usize) -> Change {
    let staff = samples.staff(Role::Owner);
    let client = samples.client("Amira", "Haddad");
    let entry = samples.audit(&samples.as_staff(&staff), &samples.matter(&staff));
    let others = (0..more).map(|_| samples.client("Somebody", "Else"));
    Change::audited(entry).save(client).save_all(others)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_whose_answer_is_lost_is_done_once_and_acknowledged() {
    // At once, the change itself is what is sent last; one by one it is what is committed last.
    for (more, text) in [(0, &b""[..]), (20, b"BEGIN"), (20, b"COMMIT")] {
        let database = ThrowAway::create().await;
        let (store, wire) = store_behind_a_wire(&database).await;
        let samples = Samples::new(1);
        save(&store, [samples.practice()]).await.unwrap();
        // The first of its shape is prepared, which is what is lost first; the answer to the change itself comes second.
        for committed in 1_u64..=4 {
            wire.lose_the_answer_to(text);
            assert_eq!(
                store.commit(change(&samples, more)).await,
                Ok(()),
                "{more} more, {committed}"
            );
            assert!(wire.has_lost_it());
            let one = PageRequest::first(1).with_total();
            let entries = store
                .audit_entries(samples.practice, &AuditFilter::default(), &one)
                .await
                .unwrap();
            assert_eq!(entries.total, Some(committed), "{more} more");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_inserts_nothing_is_not_guessed_at() {
    let database = ThrowAway::create().await;
    let (store, wire) = store_behind_a_wire(&database).await;
    let samples = Samples::new(1);
    let mut client = samples.client("Amira", "Haddad");
    save(&store, [samples.practice()]).await.unwrap();
    save(&store, [client.clone()]).await.unwrap();
    let mut lost = false;
    for _ in 0..2 {
        client.version.bump();
        wire.lose_the_answer_to(b"");
        match save(&store, [client.clone()]).await {
            Ok(()) => {}
            Err(StoreError::Unavailable(why)) => {
                assert!(why.contains("not known"), "{why}");
                lost = true;
            }
            Err(other) => unreachable!("{other}"),
        }
        client = store.client(samples.practice, client.id).await.unwrap().unwrap();
    }
    assert!(lost, "the answer to the change itself was lost once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_answer_is_lost_is_read_again() {
    let database = ThrowAway::create().await;
    let (store, wire) = store_behind_a_wire(&database).await;
    let samples = Samples::new(1);
    let client = samples.client("Amira", "Haddad");
    save(&store, [samples.practice()]).await.unwrap();
    save(&store, [client.clone()]).await.unwrap();
    for _ in 0..3 {
        wire.lose_the_answer_to(b"");
        assert_eq!(
            store.client(samples.practice, client.id).await,
            Ok(Some(client.clone()))
        );
        assert!(wire.has_lost_it());
    }
}
