//! Documents: who sees them, and what becomes of them.

use portal_core::access::{AccessState, PortalAccess};
use portal_core::document::{Confidentiality, Document, DocumentRule, DocumentStatus, Placement, Uploader};
use portal_core::matter::Matter;
use portal_core::policy::Role;
use portal_core::testing::{Samples, strategies};
use portal_core::{ClientId, Duration, Error, StaffId};
use proptest::prelude::*;

/// A family: two people on one matter, and a third on a related one.
struct Family {
    samples: Samples,
    matter: Matter,
    anna: PortalAccess,
    ben: PortalAccess,
    cleo: PortalAccess,
}

fn family() -> Family {
    let samples = Samples::new(1);
    let owner = samples.staff(Role::Owner);
    let matter = samples.matter(&owner);
    let related = Matter {
        parent_id: Some(matter.id),
        ..samples.matter(&owner)
    };
    let person = |name| samples.client(name, "Berg");
    Family {
        anna: samples.access(&matter, &person("Anna")),
        ben: samples.access(&matter, &person("Ben")),
        cleo: samples.access(&related, &person("Cleo")),
        matter,
        samples,
    }
}

impl Family {
    fn placement(&self, client: Option<ClientId>, confidentiality: Confidentiality) -> Placement {
        Placement {
            matter: self.matter.id,
            client,
            request: None,
            confidentiality,
        }
    }
}

proptest! {
    #[test]
    fn nothing_crosses_within_a_family_unless_staff_shares(
        confidentiality in strategies::confidentiality(),
        status in strategies::document_status(),
        by_staff: bool,
        shared: bool,
    ) {
        let family = family();
        let by = if by_staff { Uploader::Staff(family.samples.id()) } else { Uploader::Client(family.anna.client_id) };
        let placement = family.placement(Some(family.anna.client_id), confidentiality);
        let (mut document, _) = family.samples.document(placement, by);
        document.status = status;
        let staff_only = confidentiality == Confidentiality::StaffOnly;
        let for_all = confidentiality == Confidentiality::Participants;
        prop_assert_eq!(document.is_visible_to(&family.anna, shared), !staff_only);
        prop_assert_eq!(document.is_visible_to(&family.ben, shared), !staff_only && (for_all || shared));
        prop_assert_eq!(document.is_visible_to(&family.cleo, shared), !staff_only && shared);
        // The same person's workspace on another matter is another room.
        let elsewhere = PortalAccess { client_id: family.anna.client_id, ..family.cleo.clone() };
        prop_assert_eq!(document.is_visible_to(&elsewhere, shared), !staff_only && shared);
    }

    #[test]
    fn staff_share_only_what_they_may_and_with_whom_it_helps(
        confidentiality in strategies::confidentiality(),
        state in strategies::access_state(),
        to_owner: bool,
        foreign: bool,
    ) {
        let family = family();
        let placement = family.placement(Some(family.anna.client_id), confidentiality);
        let (document, _) = family.samples.document(placement, Uploader::Staff(family.samples.id()));
        let mut access = if to_owner { family.anna.clone() } else { family.cleo.clone() };
        access.state = state;
        if foreign {
            access.practice_id = family.samples.id();
        }
        match document.share_with(family.samples.id(), &access, family.samples.at) {
            Ok(share) => {
                prop_assert!(!to_owner && !foreign && state == AccessState::Active);
                prop_assert_eq!((share.document_id, share.access_id, share.removed), (document.id, access.id, false));
                prop_assert!(document.is_visible_to(&access, true));
            }
            Err(DocumentRule::StaffOnly) => prop_assert_eq!(confidentiality, Confidentiality::StaffOnly),
            Err(rule) => {
                prop_assert_eq!(rule, DocumentRule::NotShareable);
                prop_assert!(to_owner || foreign || state != AccessState::Active);
            }
        }
    }

    #[test]
    fn what_a_client_uploads_is_theirs_to_see_and_waits_for_review(has_request: bool) {
        let family = family();
        let placement = Placement {
            request: has_request.then(|| family.samples.id()),
            ..family.placement(Some(family.anna.client_id), Confidentiality::Client)
        };
        let (document, version) = family.samples.document(placement, Uploader::Client(family.anna.client_id));
        prop_assert_eq!(document.category.as_str(), "Portal Upload");
        prop_assert_eq!(document.status, DocumentStatus::PendingReview);
        prop_assert_eq!(document.request_id, placement.request);
        prop_assert!(document.is_visible_to(&family.anna, false));
        prop_assert_eq!((version.number, version.document_id, &version.file), (1, document.id, &document.current));
    }

    #[test]
    fn nothing_is_overwritten(statuses in proptest::collection::vec((strategies::document_status(), any::<bool>()), 1..8)) {
        let family = family();
        let client = family.anna.client_id;
        let placement = family.placement(Some(client), Confidentiality::Client);
        let (mut document, first) = family.samples.document(placement, Uploader::Client(client));
        let mut versions = vec![first];
        for ((status, by_staff), number) in statuses.into_iter().zip(0..) {
            let before = Document { status, ..document.clone() };
            let by = if by_staff { Uploader::Staff(family.samples.id::<StaffId>()) } else { Uploader::Client(client) };
            let file = family.samples.file(&format!("version {number}.pdf"));
            let at = family.samples.at + Duration::seconds(number);
            match before.clone().replace(family.samples.id(), file.clone(), by, at) {
                Ok((after, version)) => {
                    prop_assert_eq!((version.number, &version.file), (after.versions, &file));
                    prop_assert_eq!((after.versions, after.version), (before.versions + 1, before.version.next()));
                    prop_assert_eq!((&after.current, after.uploaded_by), (&file, by));
                    prop_assert_eq!(after.created_at, before.created_at);
                    if !by_staff {
                        prop_assert_eq!(after.status, DocumentStatus::PendingReview, "it waits for review again");
                    }
                    versions.push(version);
                    document = after;
                }
                Err(rule) => {
                    prop_assert_eq!(rule, DocumentRule::NotReplaceable);
                    prop_assert!(!by_staff && matches!(status, DocumentStatus::Accepted | DocumentStatus::Filed));
                }
            }
        }
        let numbers: Vec<u32> = versions.iter().map(|version| version.number).collect();
        prop_assert_eq!(numbers, (1..=document.versions).collect::<Vec<_>>(), "every version stays, numbered from 1");
    }

    #[test]
    fn a_review_decides_what_waits_and_says_why(status in strategies::document_status(), reason in strategies::any_text(30)) {
        let family = family();
        let placement = family.placement(Some(family.anna.client_id), Confidentiality::Client);
        let (document, _) = family.samples.document(placement, Uploader::Client(family.anna.client_id));
        let document = Document { status, ..document };
        let accepted = document.clone().accept(family.samples.at);
        prop_assert_eq!(accepted.is_ok(), status == DocumentStatus::PendingReview);
        if let Ok(accepted) = accepted {
            prop_assert_eq!((accepted.status, accepted.reason), (DocumentStatus::Accepted, None));
        }
        let decided = matches!(status, DocumentStatus::PendingReview | DocumentStatus::Accepted);
        match document.clone().return_with(&reason, family.samples.at) {
            Ok(returned) => {
                prop_assert!(decided);
                prop_assert_eq!(returned.status, DocumentStatus::Returned);
                prop_assert!(returned.reason.is_some_and(|reason| !reason.trim().is_empty()));
            }
            Err(Error::Rule(DocumentRule::ReasonNeeded)) => prop_assert!(reason.trim().is_empty()),
            Err(Error::Rule(rule)) => prop_assert!(rule == DocumentRule::NotPending && !decided),
            Err(Error::Invalid(invalid)) => prop_assert_eq!(&invalid.errors[0].field, "reason"),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
