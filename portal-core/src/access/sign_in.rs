//! How a client signs in: ask for a link, open it, confirm it.

use std::sync::Mutex;

use super::{Ask, LinkLimit, LinkLimits, LinkStanding, Proof, SignInLink, SignInRule, Workspace};
use crate::audit::Subject;
use crate::identity::{Person, SignedIn};
use crate::{
    AccessId, Actor, Allowance, Change, Context, Digest, Duration, Error, EventKind, Locator, NoRule, Origin,
    Portal, PracticeId, SecretLocator, StoreError,
};

/// Links asked for from one network, over all workspaces.
const ASKS_PER_IP: Allowance = Allowance {
    times: 60,
    every: Duration::hours(1),
};
/// The action of the entry that a limit of sign-in links leaves.
pub(super) const LINK_LIMITED: &str = "link.limited";
/// Links asked for to one workspace: only a few are sent, more need not even be looked at.
const ASKS_PER_ACCESS: Allowance = Allowance {
    times: 20,
    every: Duration::hours(1),
};

/// What a link's page shows before anybody confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkView {
    /// It works.
    Good {
        /// Whether the code of the mail is needed too, because another browser asked for the link.
        needs_code: bool,
    },
    /// It does not work any more. The way on is a new one.
    Spent {
        /// The workspace to ask a new link for, when the token is a genuine one.
        access: Option<AccessId>,
    },
}

impl Portal {
    /// Someone asks for a sign-in link to a workspace. The answer is the same, and takes the same time, whether the
    /// workspace exists, is active, or may get a link: all of that is decided later by a worker. Only a practice that
    /// does not exist, or a network that asks too often, is answered without that event.
    ///
    /// `browser` is the hash of a secret that the asking browser keeps: in it, a press is enough to confirm.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn ask_for_link(
        &self,
        workspace: Locator,
        browser: Option<Digest>,
        origin: Origin,
    ) -> Result<(), Error<NoRule>> {
        // A made-up practice would have counters of its own. Which practices there are is no secret.
        if self.store().practice(workspace.practice).await?.is_none() {
            return Ok(());
        }
        let now = self.now();
        let ctx = Context::anyone(workspace.practice, origin, now);
        let ip = ctx.origin.network();
        let limited = |limit, subject| self.audit(&ctx, LINK_LIMITED, subject).with("limit", limit);
        let by_ip: Result<(), Error<NoRule>> = self
            .limit(&ctx, &format!("ask/{ip}"), ASKS_PER_IP, || {
                limited("network", Subject::new("practice", ctx.practice))
            })
            .await;
        // Whether there is such a workspace is not looked at: its entry names what was asked for.
        let by_access: Result<(), Error<NoRule>> = self
            .limit(&ctx, &format!("ask/{}", workspace.id), ASKS_PER_ACCESS, || {
                limited("workspace", Subject::new("portal-access", workspace.id))
            })
            .await;
        for limited in [by_ip, by_access] {
            match limited {
                Err(Error::Limited { .. }) => return Ok(()),
                other => other?,
            }
        }
        let ask = Ask {
            access: AccessId(workspace.id),
            browser,
            origin: ctx.origin.clone(),
        };
        let change = Change::unaudited(ctx.practice, "the worker that answers leaves the entry")
            .save(self.event(&ctx, EventKind::SignInLinkAsked(ask)));
        Ok(self.commit(change).await?)
    }

    /// What a worker does about an ask: the link and its mail, or nothing at all.
    pub(crate) async fn answer_ask(
        &self,
        practice: PracticeId,
        ask: &Ask,
    ) -> Result<Option<Change>, Error<NoRule>> {
        let ctx = Context::anyone(practice, ask.origin.clone(), self.now());
        let Some(found) = self.anyones_workspace(practice, ask.access).await? else {
            return Ok(None);
        };
        let since = ctx.at - LinkLimits::WITHIN;
        let (recent, in_practice) = self.store().links_since(practice, ask.access, since).await?;
        match SignInLink::answer(&found.access, &found.matter, &found.client, recent, in_practice) {
            Some(email) => Ok(Some(
                self.issue_link(&ctx, &found.access, email, ask.browser, false)
                    .await?,
            )),
            None if found.access.admits(&found.matter, &found.client) => {
                self.noting_links(&ctx, &found, (recent, in_practice)).await
            }
            None => Ok(None),
        }
    }

    /// Leaves word that no more links go out for now, once an hour for each workspace and for the practice; `recent` are the links
    /// of the last hour, to the workspace and in all.
    pub(super) async fn noting_links(
        &self,
        ctx: &Context,
        found: &Workspace,
        recent: (u64, u64),
    ) -> Result<Option<Change>, Error<NoRule>> {
        let access = found.access.id;
        let entry = |subject, limit| self.audit(ctx, LINK_LIMITED, subject).with("limit", limit);
        let (key, entry) = match LinkLimits::met(recent.0, recent.1) {
            Some(LinkLimit::Workspace) => {
                let subject = Subject::new("portal-access", access);
                let entry = entry(subject, "links").on(found.matter.id);
                (format!("links/{access}"), entry)
            }
            Some(LinkLimit::Practice) => {
                let subject = Subject::new("practice", ctx.practice);
                ("links".to_owned(), entry(subject, "practice"))
            }
            None => return Ok(None),
        };
        Ok(self.noting_once(ctx, &key, LinkLimits::WITHIN, || entry).await?)
    }

    async fn anyones_workspace(
        &self,
        practice: PracticeId,
        access: AccessId,
    ) -> Result<Option<Workspace>, StoreError> {
        let Some(access) = self.store().access(practice, access).await? else {
            return Ok(None);
        };
        let matter = self.store().matter(practice, access.matter_id).await?;
        let client = self.store().client(practice, access.client_id).await?;
        Ok(matter.zip(client).map(|(matter, client)| Workspace {
            access,
            matter,
            client,
        }))
    }

    /// What the page of a link shows. Looking never uses it up, however often and whoever looks.
    pub async fn view_link(
        &self,
        token: &SecretLocator,
        browser: Option<Digest>,
    ) -> Result<LinkView, Error<NoRule>> {
        let Some(standing) = self.link_standing(token).await? else {
            return Ok(LinkView::Spent { access: None });
        };
        let LinkStanding {
            link,
            newest,
            workspace,
            ..
        } = standing;
        let admits =
            workspace.access.admits(&workspace.matter, &workspace.client) && link.went_to(&workspace.client);
        if admits && link.is_good(newest, &workspace.access, self.now()) {
            Ok(LinkView::Good {
                needs_code: !link.was_asked_by(browser),
            })
        } else {
            Ok(LinkView::Spent {
                access: Some(link.access_id),
            })
        }
    }

    async fn link_standing(&self, token: &SecretLocator) -> Result<Option<LinkStanding>, StoreError> {
        self.store()
            .link_standing(token.practice, token.secret.digest())
            .await
    }

    /// The workspace that a link leads to, whether it still works or not: what to ask a new link for.
    pub async fn workspace_of_link(&self, token: &SecretLocator) -> Result<Option<AccessId>, Error<NoRule>> {
        let standing = self.link_standing(token).await?;
        Ok(standing.map(|standing| standing.link.access_id))
    }

    /// A person confirms a link: it is used up and a session begins. Of parallel confirmations exactly one wins.
    ///
    /// # Errors
    /// `LinkSpent` when the link works no more, `CodeNeeded`/`WrongCode` when another browser asked for it and the
    /// mail's code is missing or wrong, `TooManyCodes` after five tries; a try counts before it is looked at.
    pub async fn redeem_link(
        &self,
        token: &SecretLocator,
        browser: Option<Digest>,
        code: Option<&str>,
        origin: Origin,
    ) -> Result<(SignedIn, AccessId), Error<SignInRule>> {
        let practice = token.practice;
        let spent = || Error::Rule(SignInRule::LinkSpent);
        let first = self.link_standing(token).await?.ok_or_else(spent)?;
        let link = &first.link;
        let digits: Option<String> = code.map(|code| code.chars().filter(char::is_ascii_digit).collect());
        if digits.is_some() && !link.was_asked_by(browser) {
            let tries = self
                .store()
                .count(practice, &format!("code/{}", link.id), link.expires_at)
                .await?;
            if tries > LinkLimits::CODES_PER_LINK {
                if tries == LinkLimits::CODES_PER_LINK + 1 {
                    self.note_failure("client.sign-in-limited", &first, &origin)
                        .await?;
                }
                return Err(Error::Rule(SignInRule::TooManyCodes));
            }
        }
        let proof = Proof {
            browser,
            code: digits.map(|code| self.keys().link_code_digest(practice, link.id, &code)),
        };
        // What was read for the proof serves the first try too: if it moved meanwhile, the commit says so.
        let tried = first.clone();
        let first = Mutex::new(Some(first));
        let result = self
            .retrying(async || {
                let read = first.lock().map_or(None, |mut first| first.take());
                let standing = match read {
                    Some(standing) => standing,
                    None => self.link_standing(token).await?.ok_or_else(spent)?,
                };
                let LinkStanding {
                    link,
                    newest,
                    workspace: found,
                    practice: settings,
                } = standing;
                let now = self.now();
                let used = link.redeem(newest, (&found.access, &found.matter, &found.client), &proof, now)?;
                let actor = Actor::Client { id: found.client.id };
                let ctx = Context {
                    practice,
                    actor,
                    session: None,
                    origin: origin.clone(),
                    at: now,
                };
                let signed_in = self.begin_session(&ctx, &settings, Person::Client(found.client.id));
                let access = found.access.id;
                let entry = self
                    .audit(&ctx, "client.signed-in", Subject::new("portal-access", access))
                    .on(found.matter.id)
                    .with("same_browser", used.was_asked_by(proof.browser));
                let mut change = Change::audited(entry).save(used).save(signed_in.session.clone());
                change = match found.access.clone().entered(now) {
                    Some(entered) => change.save(entered).save(self.event(
                        &ctx,
                        EventKind::ClientSignedIn {
                            access,
                            client: found.client.id,
                        },
                    )),
                    None => {
                        change.while_unchanged(crate::RecordKind::PortalAccess, access, found.access.version)
                    }
                };
                Ok(((signed_in, access), change))
            })
            .await;
        if let Err(Error::Rule(SignInRule::WrongCode)) = result {
            self.note_failure("client.sign-in-failed", &tried, &origin)
                .await?;
        }
        result
    }

    /// Leaves word that somebody held a link and could not come in with it.
    async fn note_failure(
        &self,
        action: &str,
        standing: &LinkStanding,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let ctx = Context::anyone(standing.link.practice_id, origin.clone(), self.now());
        let entry = self
            .audit(
                &ctx,
                action,
                Subject::new("portal-access", standing.link.access_id),
            )
            .on(standing.workspace.matter.id);
        self.commit(Change::audited(entry)).await
    }
}
