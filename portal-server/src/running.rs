//! A running server: the accept loop, the workers and the metrics, from the first connection to the last.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use portal_core::notify::{DeliveryFilter, DeliveryState};
use portal_core::{PageRequest, Portal, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::installation::Installation;
use crate::state::{AppState, Presentation};
use crate::{router, serve, workers};

/// How long what is being sent may take to its end when the server closes: as long as a provider of text messages may. A mail
/// that takes longer is sent again under its `Message-ID`.
const LAST_ATTEMPT: Duration = Duration::from_secs(30);

/// Seconds: from what a person does not notice to what nobody waits for.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Serves `installation` on `listener` until `stop` says true, then lets requests and work under way end.
pub(crate) async fn run(
    config: &Config,
    installation: &Installation,
    listener: TcpListener,
    metrics: Option<(TcpListener, PrometheusHandle)>,
    stop: watch::Receiver<bool>,
) -> Result<(), crate::config::NotAPublicUrl> {
    let presentation = Presentation {
        limits: config.limits.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        captured: installation.captured.clone(),
        captured_sms: installation.captured_sms.clone(),
        sms_hooks: installation.sms_hooks.clone(),
        price_per_segment: config.sms.as_ref().and_then(|sms| sms.price_per_segment),
        certificate_fonts: installation.certificate_fonts.clone(),
    };
    let portal = &installation.portal;
    let state = AppState::new(portal.clone(), presentation)?;
    let base = state.public_url().base().to_owned();
    let app = match base.as_str() {
        "" => router(state),
        base => Router::new().nest(base, router(state)),
    };
    // The workers outlive the last request, which may have left something to tell.
    let (rest, resting) = watch::channel(false);
    let (working, wake) = (portal.clone(), installation.wake.clone());
    let checkpoints = config.audit.checkpoint_dir.clone();
    let elsewhere = config.audit.elsewhere();
    let work = tokio::spawn(async move {
        Box::pin(workers::work_and_publish(
            working,
            wake,
            resting,
            checkpoints.as_deref(),
            &elsewhere,
        ))
        .await;
    });
    let metrics = tokio::spawn(serve_metrics(
        portal.clone(),
        config.limits.clone(),
        metrics,
        stop.clone(),
    ));
    serve(listener, app, &config.limits, until(stop)).await;
    #[cfg(feature = "failpoints")]
    fail::fail_point!("closing::drained");
    rest.send_replace(true);
    let in_time = tokio::time::timeout(LAST_ATTEMPT, work).await;
    if in_time.is_err() {
        tracing::warn!("the workers did not end in time; what they left is claimed again later");
    }
    let _ = metrics.await;
    #[cfg(feature = "failpoints")]
    fail::fail_point!("closing::rested");
    installation.database.close().await;
    #[cfg(feature = "failpoints")]
    fail::fail_point!("closing::closed");
    Ok(())
}

async fn until(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Becomes true when the process is told to stop (SIGTERM, SIGINT).
pub(crate) fn told_to_stop() -> std::io::Result<watch::Receiver<bool>> {
    let (tell, told) = watch::channel(false);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping: requests under way may end");
            tell.send_replace(true);
            // Told again while draining: stop at once.
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(1);
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        tell.send_replace(true);
    });
    Ok(told)
}

/// Counts from now on, for `/metrics` on `address`.
pub(crate) async fn count(
    address: Option<SocketAddr>,
) -> std::io::Result<Option<(TcpListener, PrometheusHandle)>> {
    let Some(address) = address else { return Ok(None) };
    let listener = TcpListener::bind(address).await?;
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("portal_http_request_seconds".to_owned()), &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(std::io::Error::other)?;
    Ok(Some((listener, handle)))
}

async fn serve_metrics(
    portal: Portal,
    limits: crate::config::Limits,
    metrics: Option<(TcpListener, PrometheusHandle)>,
    stop: watch::Receiver<bool>,
) {
    let Some((listener, handle)) = metrics else { return };
    let answer = async move || {
        match backlog(&portal).await {
            Ok(waiting) => metrics::gauge!("portal_mails_waiting").set(f64::from(waiting)),
            Err(error) => tracing::warn!(%error, "the backlog could not be counted"),
        }
        handle.run_upkeep();
        handle.render()
    };
    let app = Router::new().route("/metrics", get(answer));
    serve(listener, app, &limits, until(stop)).await;
}

/// How many mails wait to be sent.
async fn backlog(portal: &Portal) -> Result<u32, StoreError> {
    let queued = DeliveryFilter {
        state: Some(DeliveryState::Queued),
        ..DeliveryFilter::default()
    };
    let mut waiting = 0_u64;
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = portal.store().practices(&page).await?;
        for practice in page.items {
            let one = PageRequest::count();
            let queued = portal.store().deliveries(practice.id, &queued, &one).await?;
            waiting = waiting.saturating_add(queued.total.unwrap_or(0));
        }
        next = page.next;
        if next.is_none() {
            return Ok(u32::try_from(waiting).unwrap_or(u32::MAX));
        }
    }
}
