//! Records with sensible values.

mod people;
mod telling;
mod work;

use uuid::Uuid;

use crate::practice::{Practice, PracticeSettings};
use crate::testing::{CountingIds, FixedClock};
use crate::{
    Actor, Change, Context, Digest, Ids, Origin, PracticeId, Record, Store, StoreError, Timestamp, Version,
};

/// Makes records of one practice: valid, related as asked, and different from each other where a unique rule wants it.
///
/// Change the fields that a test is about; the rest is sensible. Nothing is saved by making it: see [`save`].
///
/// ```
/// use portal_core::policy::Role;
/// use portal_core::testing::Samples;
///
/// let samples = Samples::new(1);
/// let owner = samples.staff(Role::Owner);
/// let client = samples.client("Amira", "Haddad");
/// let matter = samples.matter(&owner);
/// let request = samples.request(&matter, &client);
/// assert_eq!(request.practice_id, matter.practice_id);
/// ```
#[derive(Debug, Clone)]
pub struct Samples {
    /// The practice that all records belong to.
    pub practice: PracticeId,
    /// When all records were made.
    pub at: Timestamp,
    /// Where their ids come from.
    pub ids: CountingIds,
}

impl Samples {
    /// Samples of a practice of their own; another `seed`, another practice.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let ids = CountingIds::new(seed);
        Self {
            practice: ids.id(),
            at: FixedClock::default().time(),
            ids,
        }
    }

    /// The same samples at another time.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Self {
        Self { at, ..self.clone() }
    }

    /// The next id, as the type that is wanted.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.ids.id()
    }

    /// A hash that is of nothing else.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(self.ids.random())
    }

    /// The practice.
    #[must_use]
    pub fn practice(&self) -> Practice {
        Practice {
            id: self.practice,
            practice_id: self.practice,
            version: Version::FIRST,
            name: "Harbour Migration".into(),
            sender_name: Some("Harbour Client Portal".into()),
            brand_colour: "#1f5fbf".parse().ok(),
            locale: "en-AU".into(),
            time_zone: "Australia/Sydney".into(),
            country: "AU".into(),
            matter_word: "Application".into(),
            help_text: "Call us on +61 2 5550 1234.".into(),
            settings: PracticeSettings::default(),
            created_at: self.at,
        }
    }

    /// The circumstances of something that `actor` does at [`Samples::at`], from an address kept for
    /// documentation (RFC 5737).
    #[must_use]
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            practice: self.practice,
            actor,
            session: None,
            origin: self.origin(),
            at: self.at,
        }
    }

    /// Where a request came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            ip: "203.0.113.7".parse().ok(),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64) Sample/1.0".into()),
            request_id: Some(self.id::<Uuid>().to_string()),
        }
    }

    /// A name with a number that no other sample of this source has.
    fn numbered(&self, what: &str) -> String {
        format!("{what}-{:05}", self.ids.count())
    }
}

/// Saves `records`, in order, in one commit without an audit entry: how a test sets up what it starts from.
pub async fn save<T: Into<Record>>(
    store: &dyn Store,
    records: impl IntoIterator<Item = T> + Send,
) -> Result<(), StoreError> {
    let records: Vec<Record> = records.into_iter().map(Into::into).collect();
    let Some(practice) = records.first().map(Record::practice) else {
        return Ok(());
    };
    store
        .commit(Change::unaudited(practice, "a test sets up what it starts from").save_all(records))
        .await
}
