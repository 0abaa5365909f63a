//! A provider of text messages that never answers keeps nobody else waiting: through the server's own workers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use portal_core::checklist::RequestDraft;
use portal_core::client::ClientDraft;
use portal_core::conversation::Conversation;
use portal_core::notify::DeliveryState;
use portal_core::sms::{SmsError, SmsMessage, SmsSender};
use portal_core::{Context, Locator, Parts, Portal};
use portal_server::workers::{self, Wake};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::on_both_databases;
use crate::world::World;

/// Longer than any of this takes, and much shorter than a provider may take.
const SOON: Duration = Duration::from_secs(20);

/// Takes a message and never says what became of it.
#[derive(Default)]
struct Hangs(Notify);

#[async_trait]
impl SmsSender for Hangs {
    async fn send(&self, _: &SmsMessage) -> Result<String, SmsError> {
        self.0.notify_one();
        std::future::pending().await
    }

    fn name(&self) -> &'static str {
        "hangs"
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = timeout(SOON, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(
        waited.await.is_ok(),
        "{what} did not come while the provider hangs"
    );
}

on_both_databases! {
    async fn a_provider_that_hangs_delays_no_mail_and_no_link(world: World) {
        let hangs = Arc::new(Hangs::default());
        let portal = Portal::new(Parts { sms: hangs.clone(), ..world.fakes.parts(world.store.clone()) });
        let draft = ClientDraft { phone: "+61412345678".into(), ..world.client.draft() };
        portal.update_client(&world.owner, world.client.id, None, &draft).await.unwrap();
        let (tell, stop) = watch::channel(false);
        let work = tokio::spawn(workers::work(portal.clone(), Wake::default(), stop));
        let ctx = Context { at: portal.now(), ..world.owner.clone() };
        let id = Conversation::id_of(world.client.id);
        let text = portal.answer_by_text(&ctx, id, "Hello", None, None).await.unwrap();
        assert!(timeout(SOON, hangs.0.notified()).await.is_ok(), "the provider has the message");

        let address = world.client.email.as_ref().unwrap().to_string();
        let came = |mark: &'static str| {
            let (mail, address) = (world.fakes.mail.clone(), address.clone());
            async move || mail.sent_to(&address).iter().any(|mail| mail.content.text.contains(mark))
        };
        world.fakes.mail.clear();
        let request = RequestDraft { title: "Birth certificate".into(), ..RequestDraft::default() };
        portal.add_request(&world.owner, world.matter.id, world.client.id, &request).await.unwrap();
        until("a mail", came("Birth certificate")).await;
        let access = Locator::of_access(world.practice, world.access.id);
        let asked = world.post(&format!("/api/v1/portal/{access}/request-link")).send().await;
        assert!(asked.status.is_success(), "{:?}", asked.json());
        until("a sign-in link", came("/p/sign-in/")).await;

        let waits = portal.store().delivery(world.practice, text.id).await.unwrap().unwrap();
        assert_eq!(waits.state, DeliveryState::Sending, "its attempt is on record, and still under way");
        // The server that stops does not wait for it for ever either; that is tested where its process is.
        tell.send_replace(true);
        work.abort();
    }
}
