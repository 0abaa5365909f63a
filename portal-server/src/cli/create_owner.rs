use std::io::Read;

use portal_core::PageRequest;
use portal_core::identity::NewStaffMember;
use portal_core::policy::Role;
use portal_core::practice::PracticeDraft;

use super::{ConfigArgs, Failure, say};
use crate::installation::Installation;

/// `portal-server create-owner`.
#[derive(Debug, clap::Args)]
pub(super) struct CreateOwner {
    #[command(flatten)]
    config: ConfigArgs,
    /// The practice's name, on every page and mail
    #[arg(long, value_name = "NAME")]
    practice: String,
    /// The owner's name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The owner's address, to sign in with
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The practice's country (ISO 3166-1), for telephone numbers
    #[arg(long, value_name = "CC", default_value = "AU")]
    country: String,
    /// The practice's time zone (IANA)
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// The word that clients read for a matter
    #[arg(long, value_name = "WORD", default_value = "Matter")]
    matter_word: String,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// Set up one more practice where there is one already
    #[arg(long)]
    another: bool,
}

impl CreateOwner {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.config.read()?;
        let public_url = config.public_url(config.server.listen);
        let installation = Installation::open(&config, public_url.as_str()).await?;
        installation.database.migrate().await?;
        let portal = &installation.portal;
        let practices = portal.store().practices(&PageRequest::first(1)).await?;
        if let Some(practice) = practices.items.first().filter(|_| !self.another) {
            let text = "is set up here already. Add --another to set up one more beside it.";
            return Err(format!("the practice \u{201c}{}\u{201d} {text}", practice.name).into());
        }
        let draft = PracticeDraft {
            name: self.practice.clone(),
            country: self.country.clone(),
            time_zone: self.time_zone.clone(),
            matter_word: self.matter_word.clone(),
            ..PracticeDraft::default()
        };
        let owner = NewStaffMember {
            name: self.name.clone(),
            email: self.email.clone(),
            role: Role::Owner,
            password: self.password()?,
        };
        let (practice, owner) = portal.create_practice(&draft, owner).await?;
        say(format_args!("practice {} {}", practice.id, practice.name));
        say(format_args!("owner    {} {}", owner.id, owner.email));
        say(format_args!("sign in  {public_url}/staff/sign-in"));
        installation.database.close().await;
        Ok(())
    }

    fn password(&self) -> Result<String, Failure> {
        if self.password_stdin {
            let mut text = String::new();
            std::io::stdin().take(4_096).read_to_string(&mut text)?;
            return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
        }
        let asked = |words: &str| {
            rpassword::prompt_password(words).map_err(|error| {
                let way = "Give it with --password-stdin where there is no terminal.";
                Failure(format!("the password cannot be asked for: {error}. {way}"))
            })
        };
        let first = asked("Password for the owner (at least 12 characters): ")?;
        let second = asked("The same again: ")?;
        if first == second {
            Ok(first)
        } else {
            Err("the two passwords differ; nothing was set up".into())
        }
    }
}
