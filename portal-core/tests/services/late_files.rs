//! Files that are on their way when what they answer is withdrawn, because the matter came into another stage.

use bytes::Bytes;
use futures_util::stream;
use portal_core::checklist::{Request, RequestFilter, RequestState, RequestStep};
use portal_core::document::{Document, DocumentFilter, DocumentRule, Interrupted, UploadTarget};
use portal_core::upload::{NewUpload, UploadPart, UploadRule};
use portal_core::workflow::{Criterion, DimensionDraft, Requirement, STAGE, TaxonomyDraft, WorkflowDraft};
use portal_core::{Context, Error, PageRequest};

use crate::world::{PDF, World, matter_draft};

/// Amina, whom the stage asks for her passport.
struct Desk {
    world: World,
    amina: Context,
    request: Request,
}

impl Desk {
    async fn new() -> Self {
        let world = World::new().await;
        let (_, _, amina) = world.enter(&world.amina).await;
        let stages = DimensionDraft::new(STAGE).value("Filing").value("Decision");
        let taxonomy = TaxonomyDraft {
            dimensions: vec![stages],
        };
        let portal = &world.portal;
        portal.save_taxonomy(&world.owner, None, &taxonomy).await.unwrap();
        let draft = WorkflowDraft {
            name: "Filing".into(),
            criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
            requirements: vec![Requirement::new("Passport")],
            ..WorkflowDraft::default()
        };
        portal.add_workflow(&world.owner, &draft).await.unwrap();
        portal.drain().await.unwrap();
        set_stage(&world, "Filing").await;
        let request = asked(&world).await;
        assert_eq!(request.state, RequestState::Outstanding);
        Self {
            world,
            amina,
            request,
        }
    }

    fn target(&self) -> UploadTarget {
        UploadTarget::Request {
            request: self.request.id,
            replaces: None,
        }
    }

    /// A file; before its last chunk, `happens` is over.
    async fn upload_while(
        &self,
        happens: impl Future<Output = ()> + Send,
    ) -> Result<Document, Error<DocumentRule>> {
        let (first, last) = PDF.split_at(7);
        let chunk = |bytes: &'static [u8]| Ok::<_, Interrupted>(Bytes::from_static(bytes));
        let last = async {
            happens.await;
            chunk(last)
        };
        let chunks = futures_util::StreamExt::chain(stream::iter([chunk(first)]), stream::once(last));
        let chunks = Box::pin(chunks);
        let portal = &self.world.portal;
        portal
            .upload(&self.amina, self.target(), "passport.pdf", chunks)
            .await
    }

    /// What Amina sees.
    async fn documents(&self) -> Vec<Document> {
        let page = PageRequest::default();
        let portal = &self.world.portal;
        let filter = DocumentFilter::default();
        let documents = portal.documents(&self.amina, &filter, &page).await;
        documents.unwrap().items
    }
}

async fn set_stage(world: &World, stage: &str) {
    let mut draft = matter_draft("HM-1", world.owner_id);
    draft.stage = stage.into();
    let moved = world
        .portal
        .update_matter(&world.owner, world.matter.id, None, &draft);
    moved.await.unwrap();
}

async fn asked(world: &World) -> Request {
    let filter = RequestFilter {
        matter: Some(world.matter.id),
        ..RequestFilter::default()
    };
    let page = PageRequest::first(10);
    let requests = world.portal.requests(&world.owner, &filter, &page).await;
    let [request] = <[Request; 1]>::try_from(requests.unwrap().items).unwrap();
    request
}

#[tokio::test]
async fn a_file_on_its_way_is_kept_when_the_stage_changes_and_counts_when_it_comes_back() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let kept = desk.upload_while(set_stage(world, "Decision")).await.unwrap();
    let withdrawn = asked(world).await;
    assert_eq!(
        (withdrawn.state, withdrawn.obsolete),
        (RequestState::Withdrawn, true)
    );
    let [seen] = <[Document; 1]>::try_from(desk.documents().await).unwrap();
    assert_eq!((seen.id, seen.request_id), (kept.id, Some(desk.request.id)));
    let file = world.portal.download(&desk.amina, kept.id, None).await.unwrap();
    assert!(
        world.portal.open(&file, None).await.is_ok(),
        "its bytes are there"
    );
    // It is not asked for now, so nobody begins another.
    let next = desk.upload_while(async {}).await;
    assert!(
        matches!(next, Err(Error::Rule(DocumentRule::RequestSettled))),
        "{next:?}"
    );
    set_stage(world, "Filing").await;
    assert_eq!(asked(world).await.state, RequestState::Submitted);
    // And what was provided is not withdrawn with the stage.
    set_stage(world, "Decision").await;
    assert_eq!(asked(world).await.state, RequestState::Submitted);
}

#[tokio::test]
async fn a_file_in_several_goes_is_kept_too() {
    let desk = Desk::new().await;
    let (world, portal) = (&desk.world, &desk.world.portal);
    let new = NewUpload {
        target: desk.target(),
        file_name: "passport.pdf".into(),
        size: PDF.len().try_into().unwrap(),
        metadata: String::new(),
    };
    let upload = portal.begin_upload(&desk.amina, &new).await.unwrap();
    let part = |offset: usize| UploadPart {
        offset: offset.try_into().unwrap(),
        length: None,
        checksum: None,
    };
    let chunks = |bytes: &'static [u8]| stream::iter([Ok::<_, Interrupted>(Bytes::from_static(bytes))]);
    let (first, last) = PDF.split_at(7);
    portal
        .receive_upload(&desk.amina, upload.id, part(0), chunks(first))
        .await
        .unwrap();
    set_stage(world, "Decision").await;
    let whole = portal
        .receive_upload(&desk.amina, upload.id, part(7), chunks(last))
        .await
        .unwrap();
    assert!(whole.document().is_some());
    assert_eq!(desk.documents().await.len(), 1);
    let refused = portal.begin_upload(&desk.amina, &new).await;
    assert!(
        matches!(
            refused,
            Err(Error::Rule(UploadRule::Document(DocumentRule::RequestSettled)))
        ),
        "{refused:?}"
    );
    set_stage(world, "Filing").await;
    assert_eq!(asked(world).await.state, RequestState::Submitted);
}

#[tokio::test]
async fn what_staff_withdrew_meanwhile_takes_nothing() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let withdraw = async {
        let step = world
            .portal
            .step_request(&world.owner, desk.request.id, &RequestStep::Withdraw);
        step.await.unwrap();
    };
    let refused = desk.upload_while(withdraw).await;
    assert!(
        matches!(refused, Err(Error::Rule(DocumentRule::RequestSettled))),
        "{refused:?}"
    );
    assert!(desk.documents().await.is_empty());
}
