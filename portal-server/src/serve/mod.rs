//! Accepts connections. `axum::serve` has no time-out for headers and no bound on connections; this has both.

mod answer;
mod room;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::config::Limits;
use answer::Answer;
use room::{Room, Seat};

/// The most bytes that a request's header may have.
const MOST_HEADER_BYTES: usize = 32 * 1024;
/// The most headers that a request may have.
const MOST_HEADERS: usize = 64;
/// How much of an answer waits in the system's buffer; so much has to be read for it to take more.
#[cfg(target_os = "linux")]
const MOST_UNSENT_BYTES: u32 = 256 * 1024;

/// Serves `router` on `listener` until `stop` is done; then lets requests under way end, for at most
/// [`Limits::drain_time`].
pub async fn serve(listener: TcpListener, router: Router, limits: &Limits, stop: impl Future<Output = ()>) {
    let room = Room::new(limits.connections);
    let protocol = protocol(limits.header_time);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let accepted = listener.accept().await?;
            Ok((accepted, seat(&room).await))
        };
        let accepted: std::io::Result<_> = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok(((stream, peer), seat)) => {
                let patience = Patience {
                    first_header: limits.header_time + Duration::from_secs(1),
                    answer: limits.idle_answer_time,
                };
                tokio::spawn(converse(
                    protocol.clone(),
                    (stream, peer),
                    seat,
                    router.clone(),
                    patience,
                    graceful.watcher(),
                ));
            }
            Err(error) => {
                // Out of file handles, usually: trying again at once would only burn the processor.
                tracing::warn!(%error, "a connection could not be accepted");
                room.send_one_away(tokio::time::Instant::now());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// A seat for one more connection, as soon as there is one.
async fn seat(room: &Arc<Room>) -> Arc<Seat> {
    loop {
        if let Some(seat) = room.seat(tokio::time::Instant::now()) {
            return seat;
        }
        // Requests under way end, or are cut off by their own limits.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn protocol(header_time: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_time)
        .max_buf_size(MOST_HEADER_BYTES)
        .max_headers(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(MOST_HEADER_BYTES).unwrap_or(u32::MAX))
        .max_concurrent_streams(100)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// How long to wait for whoever connected.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// To send the first request's header.
    first_header: Duration,
    /// To read something of an answer.
    answer: Duration,
}

async fn converse(
    protocol: auto::Builder<TokioExecutor>,
    (stream, peer): (TcpStream, SocketAddr),
    seat: Arc<Seat>,
    router: Router,
    patience: Patience,
    watcher: Watcher,
) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    // With little that waits to be sent it shows whether a slow reader reads.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(MOST_UNSENT_BYTES);
    let spoke = Arc::new(AtomicBool::new(false));
    let (heard, busy) = (Arc::clone(&spoke), Arc::clone(&seat));
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        let busy = busy.busy();
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            // It is under way until the last byte of its answer is sent.
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| Answer::new(body, busy)))
        }
    });
    let connection = protocol
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let mut connection = std::pin::pin!(watcher.watch(connection));
    // Before it is known which protocol is spoken, hyper waits without end.
    let silence = async {
        tokio::time::sleep(patience.first_header).await;
        if spoke.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = silence => return,
        () = seat.told_to_leave() => return,
        () = seat.stalled(patience.answer) => {
            tracing::debug!("nobody read an answer");
            return;
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
