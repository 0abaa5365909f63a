use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{block, date, file_name, line, recent};
use crate::checklist::{
    ChecklistTemplate, Request, RequestDraft, RequestSource, RequestState, TemplateDraft, TemplateGroup,
    TemplateItem,
};
use crate::client::Client;
use crate::document::{Confidentiality, Document, DocumentCounts, DocumentStatus, Placement, Uploader};
use crate::identity::StaffMember;
use crate::matter::{Matter, MatterState, Part};
use crate::testing::Samples;
use crate::{ClientId, MatterId, RequestId, StaffId};

/// A state of a matter.
pub fn matter_state() -> impl Strategy<Value = MatterState> {
    select(vec![MatterState::Open, MatterState::Closed])
}

/// What a client can be to a matter.
pub fn part() -> impl Strategy<Value = Part> {
    select(&Part::ALL[..])
}

/// A state of a request.
pub fn request_state() -> impl Strategy<Value = RequestState> {
    select(&RequestState::ALL[..])
}

/// A status of a document.
pub fn document_status() -> impl Strategy<Value = DocumentStatus> {
    select(&DocumentStatus::ALL[..])
}

/// Who may see a document.
pub fn confidentiality() -> impl Strategy<Value = Confidentiality> {
    select(vec![
        Confidentiality::StaffOnly,
        Confidentiality::Client,
        Confidentiality::Participants,
    ])
}

/// How many documents are in each status: few, as they are, so that none at all comes up often.
pub fn document_counts() -> impl Strategy<Value = DocumentCounts> {
    (0_u64..4, 0_u64..4, 0_u64..3, 0_u64..3).prop_map(|(pending_review, accepted, returned, filed)| {
        DocumentCounts {
            pending_review,
            accepted,
            returned,
            filed,
        }
    })
}

/// A matter of `owner`'s with any title, attributes and state.
pub fn matter(samples: &Samples, owner: &StaffMember) -> impl Strategy<Value = Matter> + use<> {
    let (samples, owner) = (samples.clone(), owner.clone());
    let words = (line(200), option::of(line(120)), option::of(line(120)));
    let attributes = btree_map(line(20), line(60), 0..5);
    (words, attributes, matter_state(), recent(), recent()).prop_map(
        move |((title, practice_area, stage), attributes, state, created_at, updated_at)| Matter {
            // Whatever the taxonomy of the day made of it.
            normalised: attributes.clone(),
            unknown: attributes
                .iter()
                .take(1)
                .map(|(name, raw)| (name.clone(), raw.clone()))
                .collect(),
            title,
            practice_area,
            stage,
            attributes,
            state,
            created_at,
            updated_at,
            ..samples.matter(&owner)
        },
    )
}

/// A request to `client` in any state.
pub fn request(
    samples: &Samples,
    matter: &Matter,
    client: &Client,
) -> impl Strategy<Value = Request> + use<> {
    let (samples, matter, client) = (samples.clone(), matter.clone(), client.clone());
    let words = (option::of(line(80)), line(160), block(200), block(100));
    let wish = (1_u32..=50, any::<bool>(), option::of(date()), 0_i32..5);
    let fate = (request_state(), option::of(line(100)), recent(), recent());
    let key = option::of("[a-z]{6}[0-9]{6}");
    (words, wish, fate, key).prop_map(move |(words, wish, fate, key)| {
        let (group, title, help, example) = words;
        let (wanted, required, due_on, position) = wish;
        let (state, reason, created_at, updated_at) = fate;
        Request {
            group: group.unwrap_or_default(),
            title,
            help,
            example,
            wanted,
            required,
            due_on,
            position,
            source: key.map_or(RequestSource::Hand, |key| RequestSource::Template {
                template: samples.id(),
                key,
            }),
            state,
            reason,
            created_at,
            updated_at,
            ..samples.request(&matter, &client)
        }
    })
}

/// Where a document can be, among these records.
pub fn placement(matter: MatterId, client: ClientId, request: RequestId) -> impl Strategy<Value = Placement> {
    let client = select(vec![Some(client), None]);
    let request = select(vec![Some(request), None]);
    (client, request, confidentiality()).prop_map(move |(client, request, confidentiality)| Placement {
        matter,
        client,
        request,
        confidentiality,
    })
}

/// A document at `placement` by one of these two, in any status and under any name.
pub fn document(
    samples: &Samples,
    placement: Placement,
    staff: StaffId,
    client: ClientId,
) -> impl Strategy<Value = Document> + use<> {
    let samples = samples.clone();
    let by = select(vec![Uploader::Staff(staff), Uploader::Client(client)]);
    let fate = (document_status(), option::of(line(100)), recent(), recent());
    (by, file_name(), 1_u64..=5 << 30, line(60), fate).prop_map(move |(by, name, size, category, fate)| {
        let (document, _) = samples.document(placement, by);
        let (status, reason, created_at, updated_at) = fate;
        let mut current = samples.file(&name);
        current.size = size;
        Document {
            category,
            status,
            reason,
            current,
            created_at,
            updated_at,
            ..document
        }
    })
}

/// A template of any words.
pub fn template(samples: &Samples) -> impl Strategy<Value = ChecklistTemplate> + use<> {
    let samples = samples.clone();
    let due = option::of(0_u32..=3_650);
    let item = (line(60), block(100), 1_u32..=50, any::<bool>(), due).prop_map(
        |(title, help, wanted, required, due_in_days)| TemplateItem {
            key: String::new(),
            title,
            help,
            example: String::new(),
            wanted,
            required,
            due_in_days,
        },
    );
    let group = (line(40), proptest::collection::vec(item, 1..4))
        .prop_map(|(name, items)| TemplateGroup { name, items });
    (block(200), proptest::collection::vec(group, 1..4)).prop_filter_map(
        "no two items of one name",
        move |(description, groups)| {
            let draft = TemplateDraft {
                name: samples.template().name,
                description,
                groups,
                archived: false,
            };
            ChecklistTemplate::new(samples.id(), samples.practice, &draft, samples.at).ok()
        },
    )
}

/// A request as somebody fills it in.
pub fn request_draft() -> impl Strategy<Value = RequestDraft> {
    (line(160), 1_u32..=50, any::<bool>(), option::of(date())).prop_map(
        |(title, wanted, required, due_on)| RequestDraft {
            title,
            wanted,
            required,
            due_on,
            ..RequestDraft::default()
        },
    )
}
