//! Uploads that come in several goes.

use super::world::{World, got, put};
use crate::document::Uploader;
use crate::upload::{Upload, UploadState};
use crate::{Duration, Store};

pub(super) async fn uploads_that_wait_are_counted(store: &dyn Store) {
    let world = World::in_store(store, 140).await;
    let World { samples: s, .. } = &world;
    let begun = || s.begun_upload(&world.request, 9);
    let (anna, owner) = (Uploader::Client(world.anna.id), Uploader::Staff(world.owner.id));
    let soon = s.at + Duration::hours(1);
    let uploads = [
        begun(),
        Upload {
            received: 9,
            ..begun()
        },
        Upload {
            expires_at: soon,
            ..begun()
        },
        Upload {
            state: UploadState::Ended,
            ..begun()
        },
        Upload {
            received: 9,
            state: UploadState::Finished(world.document.id),
            ..begun()
        },
        Upload { by: owner, ..begun() },
    ];
    put(store, uploads.clone()).await;
    for (by, at, told) in [
        (anna, s.at, 3),
        (anna, soon - Duration::microseconds(1), 3),
        (anna, soon, 2),
        (anna, s.at + Upload::PATIENCE, 0),
        (owner, s.at, 1),
        (Uploader::Client(world.ben.id), s.at, 0),
        (Uploader::Staff(world.member.id), s.at, 0),
    ] {
        let defined = uploads
            .iter()
            .filter(|upload| upload.by == by && upload.is_waiting(at))
            .count();
        assert_eq!(defined, told, "what waits for {by:?} at {at}");
        let counted = got(store.uploads_waiting(world.id(), by, at).await);
        assert_eq!(usize::try_from(counted), Ok(told), "uploads of {by:?} at {at}");
    }
}
