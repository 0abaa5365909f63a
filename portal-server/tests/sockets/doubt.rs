//! A database that goes away while it is told something: nobody says that nothing was done, and nothing is done twice.

use crate::process::Shell;
use crate::stopping::sign_in;
use crate::wire::{ORIGIN, exchange, get_as, head, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_done_is_not_done_again_under_its_key() {
    let (shell, wire) = Shell::behind_a_wire().await;
    assert_eq!(shell.create_owner(crate::process::PASSWORD).status, 0);
    let server = shell.serve();
    let token = sign_in(server.address).await;
    let body = r#"{"given_names":"Zebulon"}"#;
    let (bearer, length) = (format!("Bearer {token}"), body.len().to_string());
    let add = async || {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Content-Length", length.as_str()),
            ("Idempotency-Key", "k-1"),
        ];
        let request = head("POST /api/v1/clients", ORIGIN, &headers) + body;
        exchange(server.address, request.as_bytes())
            .await
            .expect("an answer")
    };
    // The statement is prepared without its arguments, so this is the change itself.
    wire.go_dead_after(b"Zebulon");
    let answer = add().await;
    assert!(wire.has_lost_it());
    assert_eq!(
        (answer.status, answer.member("type").as_str()),
        (503, "/problems/outcome-unknown"),
        "{answer:?}"
    );
    assert!(!answer.head.contains("retry-after"), "{}", answer.head);

    wire.revive();
    let clients = async || get_as(server.address, "/api/v1/clients?total=true", &token).await;
    until(async || clients().await.status == 200).await;
    let again = add().await;
    assert_eq!(again.status, 409, "{again:?}");
    let clients = clients().await;
    assert!(clients.body.contains(r#""total":1"#), "{clients:?}");
}
