use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use portal_core::{Ids, RandomIds};

use super::serve::bind;
use super::{Failure, log, say};
use crate::config::{Config, MasterKey, Sources};
use crate::demo::{self, PASSWORD};
use crate::installation::Installation;
use crate::running;

/// `portal-server demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))]
    listen: SocketAddr,
    /// The folder for the demo's database, files and key
    #[arg(long, value_name = "DIR", default_value = "portal-data")]
    data_dir: PathBuf,
}

impl Demo {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let listener = bind(self.listen).await?;
        let address = listener.local_addr()?;
        let config = self.config()?;
        log(&config.log)?;
        let stop = running::told_to_stop()?;
        let public_url = config.public_url(address);
        let installation = Installation::open(&config, public_url.as_str()).await?;
        installation.database.migrate().await?;
        let signs = if let Some(signs) = demo::signs(&installation.portal).await? {
            signs
        } else {
            say("writing the demo's records ..");
            demo::seed(&installation.parts.0).await?;
            let signs = demo::signs(&installation.portal).await?;
            signs.ok_or_else(|| format!("{} holds other records", self.data_dir.display()))?
        };
        let waits = signs.to_approve.map_or_else(String::new, |title| {
            format!("\n                \"{title}\" waits for an answer")
        });
        say(format_args!(
            "\nEverything here is fictional. It is kept in {}.\n\n  \
             Staff         {public_url}/staff\n                {} with password {PASSWORD}\n  \
             A client      {}\n                {}: ask there for a link, and open it from the outbox{waits}\n  \
             Outbox        {public_url}/dev/outbox\n  \
             API           {public_url}/api/docs\n",
            self.data_dir.display(),
            signs.staff_email,
            signs.portal_url,
            signs.client,
        ));
        say(format_args!("ready http://{address}"));
        running::run(&config, &installation, listener, None, stop).await?;
        Ok(())
    }

    fn config(&self) -> Result<Config, Failure> {
        let key = demo_key(&self.data_dir)?;
        let config = Sources::text("")
            .flag("server.production", Some(false))
            .flag("server.data_dir", Some(self.data_dir.display()))
            .flag("secrets.master_key", Some(key))
            .flag("log.level", Some("warn"))
            .read()?;
        Ok(config)
    }
}

/// The demo's own key, made at the first start and readable by this user only.
fn demo_key(folder: &Path) -> Result<String, Failure> {
    let path = folder.join("demo.key");
    if let Ok(key) = std::fs::read_to_string(&path)
        && key.trim().parse::<MasterKey>().is_ok()
    {
        return Ok(key.trim().to_owned());
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("the folder {} cannot be made: {error}", folder.display()))?;
    let key = format!("demo-{}", hex::encode(RandomIds.random()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(key.as_bytes())?;
    Ok(key)
}
