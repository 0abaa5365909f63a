//! Passwords, hashed with Argon2id (RFC 9106).

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use async_trait::async_trait;
use portal_core::Ids;
use portal_core::identity::{Password, Passwords};
use tokio::sync::{OnceCell, Semaphore, oneshot};

/// OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How much nicer than the rest of the server: a page in the making gets about ten times as much of a processor.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// [`Passwords`] with Argon2id. It runs on threads of its own, fewer at once than there are cores, which let others
/// go first: a flood of sign-ins neither keeps pages waiting nor fills the memory.
#[derive(Clone)]
pub struct Argon2Passwords {
    ids: Arc<dyn Ids>,
    turns: Arc<Semaphore>,
    nobody: Arc<OnceCell<String>>,
}

impl fmt::Debug for Argon2Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Passwords").finish_non_exhaustive()
    }
}

impl Argon2Passwords {
    /// Takes salts from `ids`.
    #[must_use]
    pub fn new(ids: Arc<dyn Ids>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            ids,
            turns: Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            nobody: Arc::new(OnceCell::new()),
        }
    }

    async fn off_the_async_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|error| error.to_string())?;
        let (tell, told) = oneshot::channel();
        let work = move || {
            // Held by the thread and not by the request, which may go away before the work is done.
            let _turn = turn;
            let_others_go_first();
            // Whoever asked may be gone.
            let _ = tell.send(work());
        };
        std::thread::Builder::new()
            .name("password".into())
            .spawn(work)
            .map_err(|error| error.to_string())?;
        told.await.map_err(|error| error.to_string())?
    }

    /// A hash of nobody's password, to be as slow for an unknown address as for a known one.
    async fn nobody(&self) -> Result<String, String> {
        let hash = || self.hash(Password::typed(hex::encode(self.ids.random())));
        self.nobody.get_or_try_init(hash).await.cloned()
    }
}

/// For the rest of this thread, which therefore is nobody else's: a priority once lowered cannot be raised again.
fn let_others_go_first() {
    // Elsewhere it would be the priority of the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(BEHIND);
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: Password) -> Result<String, String> {
        let random = self.ids.random();
        self.off_the_async_threads(move || {
            let (salt, _) = random.split_at(16);
            let hash: PasswordHash = argon2()?
                .hash_password_with_salt(password.expose().as_bytes(), salt)
                .map_err(|error| error.to_string())?;
            Ok(hash.to_string())
        })
        .await
    }

    async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, String> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.nobody().await?,
        };
        self.off_the_async_threads(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
            let fits = argon2()?
                .verify_password(password.expose().as_bytes(), &hash)
                .is_ok();
            Ok(fits && known)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use portal_core::RandomIds;

    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text.into())
    }

    #[tokio::test]
    async fn only_the_right_password_fits_and_nobodys_never_does() {
        let passwords = Argon2Passwords::new(Arc::new(RandomIds));
        let hash = passwords.hash(typed("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .verify(typed("correct horse battery"), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(typed("Correct horse battery"), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify(typed(""), Some(hash)).await.unwrap());
        assert!(
            !passwords
                .verify(typed("correct horse battery"), None)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let passwords = Argon2Passwords::new(Arc::new(RandomIds));
        let first = passwords.hash(typed("correct horse battery")).await.unwrap();
        assert_ne!(
            first,
            passwords.hash(typed("correct horse battery")).await.unwrap()
        );
    }

    #[tokio::test]
    async fn a_broken_stored_hash_is_an_error_and_lets_nobody_in() {
        let passwords = Argon2Passwords::new(Arc::new(RandomIds));
        assert!(
            passwords
                .verify(typed("x"), Some("not a hash".into()))
                .await
                .is_err()
        );
    }
}
