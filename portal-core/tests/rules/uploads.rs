//! Uploads in several goes: what was acknowledged stays, and they end once.

use portal_core::document::{DocumentRule, UploadTarget, Uploader};
use portal_core::testing::{Samples, strategies};
use portal_core::upload::{Checksum, NewUpload, Room, Upload, UploadPart, UploadRule, UploadState};
use portal_core::{DocumentId, Duration, RequestId, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

const ROOM: Room = Room {
    most_bytes: 1_000,
    waiting: 0,
};

fn new_upload(samples: &Samples, file_name: &str, size: u64) -> NewUpload {
    NewUpload {
        target: UploadTarget::Request {
            request: samples.id::<RequestId>(),
            replaces: None,
        },
        file_name: file_name.into(),
        size,
        metadata: String::new(),
    }
}

fn begin(samples: &Samples, new: &NewUpload, room: Room) -> Result<Upload, UploadRule> {
    let by = Uploader::Client(samples.id());
    Upload::begin(samples.id(), samples.practice, by, new, room, samples.at)
}

fn part(offset: u64, length: Option<u64>) -> UploadPart {
    UploadPart {
        offset,
        length,
        checksum: None,
    }
}

/// What may happen to an upload.
#[derive(Debug, Clone)]
enum Happening {
    Received(u64),
    Filed,
    GivenUp,
}

fn happening() -> impl Strategy<Value = (Happening, i64)> {
    let what = prop_oneof![
        6 => (0_u64..120).prop_map(Happening::Received),
        2 => Just(Happening::Filed),
        1 => Just(Happening::GivenUp),
    ];
    // Seconds until it happens: mostly soon, sometimes never again.
    (what, prop_oneof![8 => 0_i64..3_600, 1 => 80_000_i64..200_000])
}

proptest! {
    #[test]
    fn whatever_happens_the_offset_only_grows_and_the_end_comes_once(
        happenings in vec(happening(), 1..40),
        size in 1_u64..100,
    ) {
        let samples = Samples::new(1);
        let mut upload = begin(&samples, &new_upload(&samples, "a.pdf", size), ROOM).unwrap();
        let (mut now, mut ends) = (samples.at, 0);
        for (what, later) in happenings {
            now = now + Duration::seconds(later);
            let before = upload.clone();
            let after = match what {
                Happening::Received(bytes) => before.clone().receive(bytes, now),
                Happening::Filed => before.clone().finish(samples.id(), now),
                Happening::GivenUp => before.clone().end(),
            };
            let Ok(after) = after else { continue };
            prop_assert_eq!(before.state, UploadState::Receiving, "what is over stays as it is");
            prop_assert!(after.received >= before.received);
            prop_assert!(after.received <= after.size);
            prop_assert!(after.expires_at >= before.expires_at);
            prop_assert!(after.expires_at <= after.created_at + Upload::LONGEST);
            prop_assert_eq!(after.version, before.version.next());
            if after.state != UploadState::Receiving {
                ends += 1;
            }
            if let UploadState::Finished(_) = after.state {
                prop_assert!(after.is_whole() && now < before.expires_at);
            }
            if matches!(what, Happening::Received(_)) {
                prop_assert!(before.is_waiting(now));
                prop_assert!(after.is_waiting(now), "who sends bytes gets time for more");
            }
            upload = after;
        }
        prop_assert!(ends <= 1);
        prop_assert_eq!(ends == 0, upload.state == UploadState::Receiving);
    }

    #[test]
    fn only_the_next_bytes_are_expected(
        size in 1_u64..100,
        received in 0_u64..100,
        offset in 0_u64..120,
        length in proptest::option::of(0_u64..120),
    ) {
        let samples = Samples::new(2);
        let received = received.min(size);
        let upload = begin(&samples, &new_upload(&samples, "a.pdf", size), ROOM).unwrap();
        let upload = upload.receive(received, samples.at).unwrap();
        let expected = if offset != received {
            Err(UploadRule::Elsewhere { received })
        } else if length.is_some_and(|length| received + length > size) {
            Err(UploadRule::TooMuch { size })
        } else {
            Ok(())
        };
        prop_assert_eq!(upload.expect(&part(offset, length), samples.at), expected);
        prop_assert_eq!(
            upload.expect(&part(offset, length), upload.expires_at),
            Err(UploadRule::Over),
            "an expired upload"
        );
        prop_assert_eq!(
            upload.end().unwrap().expect(&part(offset, length), samples.at),
            Err(UploadRule::Over),
            "one that was given up"
        );
    }

    #[test]
    fn a_name_never_breaks_an_upload(name in strategies::file_name(), size in 1_u64..=1_000) {
        let samples = Samples::new(3);
        match begin(&samples, &new_upload(&samples, &name, size), ROOM) {
            Ok(upload) => prop_assert_eq!((upload.received, upload.version.0), (0, 1)),
            Err(rule) => prop_assert!(matches!(rule, UploadRule::Document(DocumentRule::KindNotTaken(_)))),
        }
    }
}

#[test]
fn what_cannot_become_a_document_is_not_begun() {
    let samples = Samples::new(4);
    let refused =
        |name: &str, size, room| begin(&samples, &new_upload(&samples, name, size), room).unwrap_err();
    assert!(matches!(
        refused("a.pdf", 0, ROOM),
        UploadRule::Document(DocumentRule::Empty(_))
    ));
    assert!(matches!(
        refused("a.pdf", 1_001, ROOM),
        UploadRule::Document(DocumentRule::TooLarge {
            most_bytes: 1_000,
            ..
        })
    ));
    for name in ["a.exe", "a", "a.html", ""] {
        assert!(
            matches!(
                refused(name, 1, ROOM),
                UploadRule::Document(DocumentRule::KindNotTaken(_))
            ),
            "{name}"
        );
    }
    let full = Room {
        waiting: Upload::MOST_WAITING,
        ..ROOM
    };
    assert_eq!(
        refused("a.pdf", 1, full),
        UploadRule::TooMany(Upload::MOST_WAITING)
    );
    let talkative = NewUpload {
        metadata: "x".repeat(Upload::MOST_METADATA + 1),
        ..new_upload(&samples, "a.pdf", 1)
    };
    assert_eq!(
        begin(&samples, &talkative, ROOM).unwrap_err(),
        UploadRule::TooTalkative(Upload::MOST_METADATA)
    );
    assert!(begin(&samples, &new_upload(&samples, "A.PDF", 1_000), ROOM).is_ok());
}

#[test]
fn an_upload_waits_a_day_for_each_go_and_a_week_altogether() {
    let samples = Samples::new(5);
    let mut upload = begin(&samples, &new_upload(&samples, "a.pdf", 100), ROOM).unwrap();
    let second = Duration::seconds(1);
    let begun = samples.at;
    assert!(upload.is_waiting(begun + Upload::PATIENCE - second));
    assert!(!upload.is_waiting(begun + Upload::PATIENCE));
    for bytes in 1..=7 {
        let now = upload.expires_at - second;
        upload = upload.receive(bytes, now).unwrap();
    }
    assert_eq!(upload.expires_at, begun + Upload::LONGEST);
    let late: Timestamp = begun + Upload::LONGEST - second;
    let upload = upload.receive(100, late).unwrap();
    assert_eq!(upload.expires_at, begun + Upload::LONGEST);
    assert_eq!(
        upload
            .clone()
            .finish(samples.id::<DocumentId>(), begun + Upload::LONGEST),
        Err(UploadRule::Over)
    );
    assert!(upload.finish(samples.id::<DocumentId>(), late).is_ok());
}

#[test]
fn a_finished_upload_takes_no_byte_and_says_so_again() {
    let samples = Samples::new(6);
    let upload = begin(&samples, &new_upload(&samples, "a.pdf", 10), ROOM).unwrap();
    let document = samples.id::<DocumentId>();
    let upload = upload.receive(10, samples.at).unwrap();
    let upload = upload.finish(document, samples.at).unwrap();
    assert_eq!(upload.document(), Some(document));
    let much_later = samples.at + Duration::days(20);
    assert_eq!(upload.expect(&part(10, Some(0)), much_later), Ok(()));
    assert_eq!(
        upload.expect(&part(10, Some(1)), samples.at),
        Err(UploadRule::TooMuch { size: 10 })
    );
    assert_eq!(
        upload.expect(&part(0, None), samples.at),
        Err(UploadRule::Elsewhere { received: 10 })
    );
}

#[test]
fn checksums_are_those_that_the_protocol_names() {
    assert_eq!(Checksum::ALGORITHMS, ["sha1", "sha256"]);
    for (algorithm, length) in [("sha1", 20), ("sha256", 32)] {
        assert!(Checksum::new(algorithm, &vec![7; length]).is_some());
        assert!(Checksum::new(algorithm, &vec![7; length - 1]).is_none());
        assert!(Checksum::new(algorithm, b"").is_none());
    }
    assert!(Checksum::new("md5", &[7; 16]).is_none());
}
