//! The demo practice: realistic, plainly fictional records, made by the same services that people use.

mod approvals;
mod pdf;
mod records;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use portal_core::approval::ApprovalFilter;
use portal_core::checklist::{ChecklistRule, Request, RequestStep};
use portal_core::client::Client;
use portal_core::document::{Confidentiality, Interrupted, UploadTarget};
use portal_core::identity::{NewStaffMember, StaffMember};
use portal_core::matter::{Matter, MatterDraft, Part};
use portal_core::policy::Role;
use portal_core::practice::Practice;
use portal_core::{
    Actor, Clock, Context, Duration, Error, MatterId, Origin, PageRequest, Parts, Portal, PracticeId, Rule,
    Timestamp,
};

pub use records::PASSWORD;
use records::{CASES, CLIENTS, Case, Progress, STAFF};

/// How long ago the demo's history begins.
const BEGAN: Duration = Duration::days(24);

/// The demo could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the demo records could not be written: {0}")]
pub struct SeedError(String);

impl<R: Rule> From<Error<R>> for SeedError {
    fn from(error: Error<R>) -> Self {
        Self(format!("{}: {error}", error.code()))
    }
}

/// What someone needs to look around.
#[derive(Debug, Clone)]
pub struct Signs {
    /// The practice.
    pub practice: PracticeId,
    /// The owner's address; [`PASSWORD`] is everybody's password.
    pub staff_email: &'static str,
    /// A client's portal.
    pub portal_url: String,
    /// The client's name.
    pub client: String,
    /// What waits for the client's approval, until they answer.
    pub to_approve: Option<String>,
}

/// A clock that goes through the demo's history, a little further at each look.
struct HistoryClock(Mutex<Timestamp>);

impl HistoryClock {
    fn skip(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = *now + duration;
    }
}

impl Clock for HistoryClock {
    fn now(&self) -> Timestamp {
        self.skip(Duration::seconds(7));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where to look around in a store that holds the demo; `None` when it does not.
pub async fn signs(portal: &Portal) -> Result<Option<Signs>, SeedError> {
    let practices = portal
        .store()
        .practices(&PageRequest::first(1))
        .await
        .map_err(|e| SeedError(e.to_string()))?;
    let Some(practice) = practices.items.into_iter().next() else {
        return Ok(None);
    };
    let ctx = Context::system(practice.id, "demo", portal.now());
    let [first, ..] = CASES;
    let matter = portal
        .store()
        .matter_by_reference(practice.id, first.reference)
        .await;
    let Some(matter) = matter.map_err(|e| SeedError(e.to_string()))? else {
        return Ok(None);
    };
    let accesses = portal.accesses(&ctx, matter.id).await?;
    let Some((access, client)) = accesses.first() else {
        return Ok(None);
    };
    let asked = ApprovalFilter {
        matter: Some(matter.id),
        client: Some(client.id),
        ..ApprovalFilter::default()
    };
    let asked = portal.approvals(&ctx, &asked, &PageRequest::first(50)).await?;
    let waiting = asked
        .items
        .into_iter()
        .find(|asked| asked.approval.waits_for(client.id, ctx.at));
    let [(_, staff_email, _), ..] = STAFF;
    Ok(Some(Signs {
        practice: practice.id,
        staff_email,
        portal_url: portal.portal_url(access),
        client: client.name(),
        to_approve: waiting.map(|asked| asked.approval.terms.title),
    }))
}

/// Fills an empty store with the demo practice. Its history ends now.
pub async fn seed(parts: &Parts) -> Result<(), SeedError> {
    let end = parts.clock.now();
    let clock = Arc::new(HistoryClock(Mutex::new(end - BEGAN)));
    let portal = Portal::new(Parts {
        clock: clock.clone(),
        ..parts.clone()
    });
    let seeder = Seeder::begin(portal, clock).await?;
    let mut matters = BTreeMap::new();
    for case in &CASES {
        let parent = case.parent.and_then(|reference| matters.get(reference).copied());
        let matter = seeder.case(case, parent).await?;
        matters.insert(case.reference, matter);
        seeder.clock.skip(Duration::hours(31));
        seeder.drain().await?;
    }
    seeder.approvals(&matters).await
}

struct Seeder {
    portal: Portal,
    clock: Arc<HistoryClock>,
    practice: Practice,
    staff: Vec<StaffMember>,
    clients: Vec<Client>,
    templates: Vec<portal_core::TemplateId>,
}

impl Seeder {
    async fn begin(portal: Portal, clock: Arc<HistoryClock>) -> Result<Self, SeedError> {
        let [owner, others @ ..] = STAFF;
        let (practice, owner) = portal
            .create_practice(&records::practice(), new_staff(owner))
            .await?;
        let mut seeder = Self {
            portal,
            clock,
            practice,
            staff: vec![owner],
            clients: Vec::new(),
            templates: Vec::new(),
        };
        let ctx = seeder.system();
        for member in others {
            seeder
                .staff
                .push(seeder.portal.add_staff(&ctx, new_staff(member)).await?);
        }
        for person in CLIENTS {
            seeder
                .clients
                .push(seeder.portal.add_client(&ctx, &records::client(person)).await?);
        }
        for template in records::templates() {
            seeder
                .templates
                .push(seeder.portal.add_template(&ctx, &template).await?.id);
        }
        Ok(seeder)
    }

    fn system(&self) -> Context {
        Context::system(self.practice.id, "demo", self.portal.now())
    }

    fn as_staff(&self, index: usize) -> Result<Context, SeedError> {
        let member = self
            .staff
            .get(index)
            .ok_or_else(|| SeedError("no such staff member".into()))?;
        let actor = Actor::Staff {
            id: member.id,
            role: member.role,
        };
        Ok(Context {
            practice: self.practice.id,
            actor,
            session: None,
            origin: Origin::default(),
            at: self.portal.now(),
        })
    }

    fn as_client(&self, client: &Client) -> Context {
        let actor = Actor::Client { id: client.id };
        Context {
            practice: self.practice.id,
            actor,
            session: None,
            origin: Origin::default(),
            at: self.portal.now(),
        }
    }

    fn client(&self, index: usize) -> Result<&Client, SeedError> {
        self.clients
            .get(index)
            .ok_or_else(|| SeedError("no such client".into()))
    }

    async fn drain(&self) -> Result<(), SeedError> {
        self.portal
            .drain()
            .await
            .map(drop)
            .map_err(|error| SeedError(error.to_string()))
    }

    async fn case(&self, case: &Case, parent: Option<MatterId>) -> Result<MatterId, SeedError> {
        let ctx = self.as_staff(0)?;
        let owner = self
            .staff
            .get(case.owner)
            .ok_or_else(|| SeedError("no such staff member".into()))?;
        let draft = MatterDraft {
            reference: case.reference.into(),
            title: case.title.into(),
            practice_area: case.area.into(),
            stage: case.stage.into(),
            attributes: BTreeMap::from([("Office".to_owned(), "Sydney".to_owned())]),
            owner_id: owner.id,
            parent_id: parent,
        };
        let matter = self.portal.open_matter(&ctx, &draft).await?;
        for (index, part) in case.people {
            let client = self.client(*index)?;
            self.portal
                .put_participant(&ctx, matter.id, client.id, *part)
                .await?;
            if *part == Part::Contact {
                continue;
            }
            self.checklist(case, &matter, client, *part).await?;
        }
        if case.closed {
            self.portal.close_matter(&ctx, matter.id).await?;
        }
        Ok(matter.id)
    }

    async fn checklist(
        &self,
        case: &Case,
        matter: &Matter,
        client: &Client,
        part: Part,
    ) -> Result<(), SeedError> {
        let ctx = self.as_staff(case.owner)?;
        // Partners have little to do beside what the principal provides.
        let template = if part == Part::Partner { 1 } else { case.template };
        let template = self
            .templates
            .get(template)
            .ok_or_else(|| SeedError("no such template".into()))?;
        self.portal
            .enable_access(&ctx, matter.id, client.id, client.email.is_some())
            .await?;
        self.drain().await?;
        if case.progress == Progress::NotAsked {
            return Ok(());
        }
        let requests = match self
            .portal
            .apply_template(&ctx, matter.id, client.id, *template)
            .await
        {
            Err(Error::Rule(ChecklistRule::NothingNew)) => Vec::new(),
            other => other?,
        };
        self.drain().await?;
        self.clock.skip(Duration::hours(5));
        let provided = match (case.progress, part) {
            (Progress::Complete, _) => requests.len(),
            (Progress::Halfway, Part::Principal) => 3,
            (Progress::Halfway, _) => 1,
            (Progress::Asked | Progress::NotAsked, _) => 0,
        };
        for (number, request) in requests.iter().take(provided).enumerate() {
            self.provide(case, client, request, number).await?;
        }
        if case.progress == Progress::Halfway && part == Part::Principal {
            self.letter(matter, client).await?;
        }
        Ok(())
    }

    /// The client provides what is asked; staff accepts the first, leaves the second waiting and returns the third.
    async fn provide(
        &self,
        case: &Case,
        client: &Client,
        request: &Request,
        number: usize,
    ) -> Result<(), SeedError> {
        let name = format!("{}.pdf", request.title);
        for file in 0..request.wanted {
            let name = if file == 0 {
                name.clone()
            } else {
                format!("{} {}.pdf", request.title, file + 1)
            };
            let target = UploadTarget::Request {
                request: request.id,
                replaces: None,
            };
            let page = pdf::page(&[
                &request.title,
                &client.name(),
                "A sample page without any meaning.",
            ]);
            let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from(page))]);
            self.portal
                .upload(&self.as_client(client), target, &name, bytes)
                .await?;
        }
        self.drain().await?;
        self.clock.skip(Duration::hours(2));
        let ctx = self.as_staff(case.owner)?;
        let step = match (case.progress, number) {
            (Progress::Halfway, 1) => return Ok(()),
            (Progress::Halfway, 2) => RequestStep::Return(
                "The bottom of the page is cut off. Please send it again with all four corners showing."
                    .into(),
            ),
            _ => RequestStep::Accept,
        };
        self.portal.step_request(&ctx, request.id, &step).await?;
        self.drain().await
    }

    /// A letter from the practice, for everybody on the matter.
    async fn letter(&self, matter: &Matter, client: &Client) -> Result<(), SeedError> {
        let target = UploadTarget::Matter {
            matter: matter.id,
            client: Some(client.id),
            confidentiality: Confidentiality::Participants,
            replaces: None,
        };
        let page = pdf::page(&[
            "Harbour Migration",
            "What happens next with your application",
            &matter.reference,
        ]);
        let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from(page))]);
        self.portal
            .upload(&self.as_staff(0)?, target, "What happens next.pdf", bytes)
            .await?;
        Ok(())
    }
}

fn new_staff((name, email, role): (&str, &str, Role)) -> NewStaffMember {
    NewStaffMember {
        name: name.into(),
        email: email.into(),
        role,
        password: PASSWORD.into(),
    }
}
