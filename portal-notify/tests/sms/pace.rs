//! No more messages a second than a provider takes.

use std::num::NonZeroU32;
use std::time::Duration;

use portal_core::sms::SmsSender;
use portal_notify::CapturedSms;
use portal_notify::sms::Paced;
use tokio::time::Instant;

use super::message;

#[tokio::test(start_paused = true)]
async fn messages_wait_for_their_turn() {
    let captured = CapturedSms::default();
    let paced = Paced::new(captured.clone(), NonZeroU32::new(4).unwrap());
    let begin = Instant::now();
    let hello = message("Hello");
    let sends: Vec<_> = (0..9).map(|_| paced.send(&hello)).collect();
    for sent in futures_util::future::join_all(sends).await {
        sent.unwrap();
    }
    assert_eq!(captured.list().len(), 9);
    assert_eq!(
        begin.elapsed().as_millis() / 10,
        Duration::from_secs(2).as_millis() / 10,
        "eight gaps of 250 ms"
    );
    // Time that was not used is not saved up.
    tokio::time::advance(Duration::from_secs(10)).await;
    let begin = Instant::now();
    for _ in 0..3 {
        paced.send(&message("Hello")).await.unwrap();
    }
    assert_eq!(begin.elapsed().as_millis() / 10, 50);
}
