use tokio::net::TcpListener;

use super::{ConfigArgs, Failure, log, say};
use crate::installation::Installation;
use crate::running;

/// `portal-server serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only tell whether the configuration is right, with everything that is wrong
    #[arg(long)]
    check_config: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        if self.check_config {
            say("the configuration is right");
            return Ok(());
        }
        log(&config.log)?;
        let stop = running::told_to_stop()?;
        let metrics = running::count(config.server.metrics_listen).await?;
        let listener = bind(config.server.listen).await?;
        let address = listener.local_addr()?;
        let public_url = config.public_url(address);
        let installation = Installation::open(&config, public_url.as_str()).await?;
        installation.database.migrate().await?;
        if installation.captured.is_some() {
            say(format_args!(
                "no mail server is set: mail is captured, see {public_url}/dev/outbox"
            ));
        }
        if installation.captured_sms.is_some() {
            say(format_args!(
                "no SMS provider is set: text messages are captured, see {public_url}/dev/outbox"
            ));
        }
        tracing::info!(%address, %public_url, "starting");
        say(format_args!("ready http://{address}"));
        running::run(&config, &installation, listener, metrics, stop).await?;
        Ok(())
    }
}

pub(super) async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}. Choose another with --listen.").into())
}
