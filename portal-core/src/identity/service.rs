use super::guesses::{self, Attempt};
use super::{IdentityRule, Password, Person, Session, SessionEnd, SessionKey, Standing, Who};
use crate::audit::Subject;
use crate::policy::Capability;
use crate::practice::Practice;
use crate::text::Email;
use crate::{
    Actor, Change, Context, Error, NoRule, Origin, Portal, PracticeId, Secret, SecretLocator, SessionId,
    StoreError,
};

/// A fresh session and the secret that proves it, shown to its owner this once.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// What the browser keeps.
    pub token: SecretLocator,
}

/// Whether a request counts as use of its session.
#[derive(Clone, Copy)]
enum Use {
    Counts,
    IsNone,
}

/// A live session with the person behind it.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// The circumstances of the request.
    pub context: Context,
    /// The session.
    pub session: Session,
    /// The practice.
    pub practice: Practice,
    /// The person.
    pub who: Who,
}

impl Portal {
    pub(crate) async fn hash<R>(&self, password: Password) -> Result<String, Error<R>> {
        self.passwords()
            .hash(password)
            .await
            .map_err(|error| StoreError::Failed(error).into())
    }

    pub(crate) fn begin_session(&self, ctx: &Context, practice: &Practice, person: Person) -> SignedIn {
        let secret = Secret::new(self.ids().random());
        let session = Session::begin(
            self.id(),
            ctx.practice,
            person,
            secret.digest(),
            &practice.settings,
            ctx.origin.clone(),
            ctx.at,
        );
        SignedIn {
            session,
            token: SecretLocator {
                practice: ctx.practice,
                secret,
            },
        }
    }

    /// Signs a staff member in with email and password.
    ///
    /// # Errors
    /// `WrongCredentials`, the same and after the same time for an unknown address; `Limited` after too many tries
    /// from one network, which never keeps the owner of the address out elsewhere. After very many tries from many
    /// networks, only who signed in from the same network within 30 days is still let in.
    pub async fn sign_in_staff(
        &self,
        practice: PracticeId,
        email: &str,
        password: Password,
        origin: Origin,
    ) -> Result<SignedIn, Error<IdentityRule>> {
        let ctx = Context::anyone(practice, origin, self.now());
        // A made-up practice would have counters of its own. Which practices there are is no secret.
        if self.store().practice(practice).await?.is_none() {
            return Err(IdentityRule::WrongCredentials.into());
        }
        let key = Email::parse("email", email)
            .map(|email| email.key())
            .unwrap_or_default();
        let attempt = Attempt::new(&key, ctx.origin.network());
        self.limit_guesses(&ctx, &attempt).await?;
        let staff = self
            .store()
            .staff_by_email(practice, &key)
            .await?
            .filter(|staff| staff.active);
        let hash = staff.as_ref().and_then(|staff| staff.password_hash.clone());
        let right = self
            .passwords()
            .verify(password, hash)
            .await
            .map_err(StoreError::Failed)?;
        let Some(staff) = staff.filter(|_| right) else {
            let entry = self.audit(&ctx, "staff.sign-in-failed", Subject::new("practice", practice));
            self.commit(Change::audited(entry)).await?;
            return Err(Error::Rule(IdentityRule::WrongCredentials));
        };
        let practice = self.practice_of(&ctx).await.map_err(Error::widen)?;
        let signed_in = self.begin_session(&ctx, &practice, Person::Staff(staff.id));
        let ctx = Context {
            actor: Actor::Staff {
                id: staff.id,
                role: staff.role,
            },
            ..ctx
        };
        let entry = self.audit(
            &ctx,
            "staff.signed-in",
            Subject::new("session", signed_in.session.id),
        );
        let known_until = ctx.at + guesses::KNOWN_FOR;
        self.store()
            .count(practice.id, &attempt.known_key(), known_until)
            .await?;
        self.commit(Change::audited(entry).save(signed_in.session.clone()))
            .await?;
        Ok(signed_in)
    }

    /// Counts a password that is about to be looked at, and refuses when there were too many.
    async fn limit_guesses(&self, ctx: &Context, attempt: &Attempt) -> Result<(), Error<IdentityRule>> {
        let entry = |limit| {
            let subject = Subject::new("practice", ctx.practice);
            self.audit(ctx, "staff.sign-in-limited", subject)
                .with("limit", limit)
        };
        for (limit, key, allowance) in attempt.limits() {
            self.limit(ctx, &key, allowance, || entry(limit)).await?;
        }
        let everywhere = self.tally(ctx, "password", guesses::PER_PRACTICE).await?;
        if everywhere.is_allowed() {
            return Ok(());
        }
        let known = attempt.known_key();
        let sign_ins = self.store().counted(ctx.practice, &known, ctx.at).await?;
        if guesses::is_known(sign_ins) {
            return Ok(());
        }
        // The first try beyond the limit may have been let in.
        let every = guesses::PER_PRACTICE.every;
        if let Some(noted) = self
            .noting_once(ctx, "password", every, || entry("practice"))
            .await?
        {
            self.leave_word(noted).await?;
        }
        Err(everywhere.refused())
    }

    /// Who holds this token. `Unauthenticated` when its session ended, expired or never was, or when the person may
    /// not come in any more: a deactivated staff member, a client without any active portal access.
    pub async fn authenticate(
        &self,
        token: &SecretLocator,
        origin: Origin,
    ) -> Result<Authenticated, Error<NoRule>> {
        let key = SessionKey::Secret(token.secret.digest());
        self.admit(token.practice, key, origin, Use::Counts).await
    }

    /// The same for a page that only asks whether it may stay open: it does not count as use, so that a tab left
    /// open cannot keep a session from its idle limit.
    pub async fn watch(&self, token: &SecretLocator, origin: Origin) -> Result<Authenticated, Error<NoRule>> {
        let key = SessionKey::Secret(token.secret.digest());
        self.admit(token.practice, key, origin, Use::IsNone).await
    }

    /// Who is behind this session: for tokens that carry its id under a signature.
    pub async fn authenticate_session(
        &self,
        practice: PracticeId,
        session: SessionId,
        origin: Origin,
    ) -> Result<Authenticated, Error<NoRule>> {
        self.admit(practice, SessionKey::Id(session), origin, Use::Counts)
            .await
    }

    async fn admit(
        &self,
        practice: PracticeId,
        key: SessionKey,
        origin: Origin,
        counts: Use,
    ) -> Result<Authenticated, Error<NoRule>> {
        let standing = self.store().standing(practice, key).await?;
        let standing = standing.ok_or(Error::Unauthenticated)?;
        let now = self.now();
        let (actor, who) = standing.admits(now).ok_or(Error::Unauthenticated)?;
        let Standing {
            session,
            practice,
            staff,
            ..
        } = standing;
        if let (Person::Preview { access, .. }, Some(staff)) = (session.person, staff) {
            // What the staff member may not preview any more is closed to the preview too.
            let as_staff = Context {
                actor: Actor::Staff {
                    id: staff.id,
                    role: staff.role,
                },
                ..Context::anyone(practice.id, origin.clone(), now)
            };
            self.access_within(&as_staff, Capability::PreviewAsClient, access)
                .await
                .map_err(|error| match error {
                    Error::NotFound(_) | Error::Denied(_) => Error::Unauthenticated,
                    other => other,
                })?;
        }
        let seen = match counts {
            Use::Counts => session.clone().seen(now),
            Use::IsNone => None,
        };
        if let Some(seen) = seen {
            let change = Change::unaudited(practice.id, "only notes that the session is in use").save(seen);
            match self.store().commit(change).await {
                // Another request of the same session was quicker; both saw it alive.
                Ok(()) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let context = Context {
            practice: practice.id,
            actor,
            session: Some(session.id),
            origin,
            at: now,
        };
        Ok(Authenticated {
            context,
            session,
            practice,
            who,
        })
    }

    /// Gives the session a new secret; the old one is worth nothing from then on.
    pub async fn refresh_session(&self, ctx: &Context) -> Result<SignedIn, Error<NoRule>> {
        let id = ctx.session.ok_or(Error::Unauthenticated)?;
        let secret = Secret::new(self.ids().random());
        let session = self
            .retrying(async || {
                let session = self
                    .store()
                    .session(ctx.practice, id)
                    .await?
                    .ok_or(Error::Unauthenticated)?;
                if session.ended.is_some() {
                    return Err(Error::Unauthenticated);
                }
                let session = session.rotate(secret.digest(), ctx.at);
                let change = Change::unaudited(ctx.practice, "the sign-in itself left its entry")
                    .save(session.clone());
                Ok((session, change))
            })
            .await?;
        Ok(SignedIn {
            session,
            token: SecretLocator {
                practice: ctx.practice,
                secret,
            },
        })
    }

    /// Ends the caller's session, and with a staff member's their previews. Ending one that has ended is no error.
    pub async fn sign_out(&self, ctx: &Context) -> Result<(), Error<NoRule>> {
        let Some(id) = ctx.session else { return Ok(()) };
        self.retrying(async || {
            let entry = self.audit(ctx, "session.ended", Subject::new("session", id));
            let session = self
                .store()
                .session(ctx.practice, id)
                .await?
                .ok_or(Error::Unauthenticated)?;
            let mut change = Change::audited(entry);
            if let Person::Staff(staff) = session.person {
                let live = self
                    .store()
                    .live_staff_sessions(ctx.practice, staff, ctx.at)
                    .await?;
                let previews = live
                    .into_iter()
                    .filter(|s| matches!(s.person, Person::Preview { .. }));
                change = change.save_all(previews.map(|s| s.end(SessionEnd::SignedOut, ctx.at)));
            }
            Ok(((), change.save(session.end(SessionEnd::SignedOut, ctx.at))))
        })
        .await
    }

    /// Ends all sessions of the caller, this one included. Answers how many there were.
    pub async fn sign_out_everywhere(&self, ctx: &Context) -> Result<usize, Error<NoRule>> {
        self.retrying(async || {
            let (sessions, subject) = match ctx.actor {
                Actor::Staff { id, .. } => (
                    self.store().live_staff_sessions(ctx.practice, id, ctx.at).await?,
                    Subject::new("staff", id),
                ),
                Actor::Client { id } => (
                    self.store()
                        .live_client_sessions(ctx.practice, id, ctx.at)
                        .await?,
                    Subject::new("client", id),
                ),
                Actor::Preview { .. } => return Err(Error::Denied("sign a client out while previewing")),
                Actor::System(_) | Actor::Anyone => return Err(Error::Unauthenticated),
            };
            let entry = self.audit(ctx, "session.ended-everywhere", subject);
            let ended: Vec<Session> = sessions
                .into_iter()
                .map(|s| s.end(SessionEnd::SignedOutEverywhere, ctx.at))
                .collect();
            Ok((ended.len(), Change::audited(entry).save_all(ended)))
        })
        .await
    }
}
