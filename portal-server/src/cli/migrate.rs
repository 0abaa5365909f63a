use super::{ConfigArgs, Failure, say};
use crate::installation::Database;

/// `portal-server migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only list what would be applied
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        let database = Database::open(&config.database).await?;
        let pending = database.pending().await?;
        for migration in &pending {
            say(format_args!(
                "{} {migration}",
                if self.dry_run { "pending" } else { "applying" }
            ));
        }
        if !self.dry_run {
            database.migrate().await?;
            say("the schema is up to date");
        } else if pending.is_empty() {
            say("nothing to do");
        }
        database.close().await;
        Ok(())
    }
}
