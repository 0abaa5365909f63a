//! Files that are not as they should be: each is told where and why, and nothing else changes.

use portal_core::StoreError;
use portal_core::import::Sheet;
use portal_server::import::ImportError;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::world::{World, counts};

#[tokio::test]
async fn a_row_that_is_wrong_is_refused_and_the_others_are_taken() {
    for (store, world) in World::each().await {
        let file = b"reference,given_names,email,date_of_birth,phone\n\
            C-1,Amina,amina@mail.test,1990-05-17,\n\
            ,Nobody,,,\n\
            C-3,,not an address,17/05/1990,12\n\
            C-4,\"two\nlines\",,,\n\
            C-5,Five,,\n\
            C-6,S\xef\xbf\xbdx \xff\xfe,,,\n\
            C-7,Sev\xe2\x80\xaeen,,,\n\
            c-1,Amina again,,,\n\
            C-9,Nu\0l,,,\n\
            C-10,Ten,ten@mail.test,,\n";
        let (counted, told) = world.import(Sheet::Clients, file).await;
        assert_eq!(counted, counts(2, 0, 0, 8), "{store}: {:?}", told.refused);
        let places = told.places();
        assert_eq!(
            places,
            [
                "3 reference",
                "4 given_names",
                "4 email",
                "4 phone",
                "4 date_of_birth",
                "5 given_names",
                // The one before has two lines.
                "7 -",
                "8 given_names",
                "9 given_names",
                "10 reference",
                "11 given_names",
            ],
            "{store}"
        );
        assert_eq!(told.refused[1].reference, "C-3");
        let mut references: Vec<_> = world
            .clients()
            .await
            .into_iter()
            .filter_map(|client| client.reference)
            .collect();
        references.sort();
        assert_eq!(references, ["C-1", "C-10"]);
        assert_eq!(world.client("C-1").await.given_names, "Amina");
    }
}

#[tokio::test]
async fn matters_and_participants_name_what_there_is() {
    for (store, world) in World::each().await {
        let matters = b"reference,title,parent_reference,owner_email\n\
            M-1,Part,M-2,\n\
            M-2,Whole,,\n\
            M-3,Own parent,M-3,\n\
            M-4,Stranger's,,stranger@harbour.test\n\
            M-5,\x00,\x00,\x00\n\
            M-6,Part,m-2,SAM@harbour.test\n";
        let (counted, told) = world.import(Sheet::Matters, matters).await;
        assert_eq!(counted, counts(2, 0, 0, 4), "{store}: {:?}", told.refused);
        let lines: Vec<_> = told.refused.iter().map(|refused| refused.line).collect();
        assert_eq!(lines, [2, 4, 5, 6]);
        let participants =
            b"matter_reference,client_reference,part\nM-2,none,partner\nnone,none,king\nM-\x002,\x00,\n";
        let (counted, told) = world.import(Sheet::Participants, participants).await;
        assert_eq!(counted, counts(0, 0, 0, 3), "{store}");
        assert_eq!(
            told.places()[..4],
            [
                "2 client_reference",
                "3 matter_reference",
                "3 client_reference",
                "3 part"
            ]
        );
    }
}

#[tokio::test]
async fn lines_are_counted_however_they_end() {
    let (world, _) = World::in_memory().await;
    for end in ["\n", "\r\n"] {
        let lines = [
            "\u{feff}reference,given_names",
            "C-1,\"\"",
            "",
            "C-2,\"one",
            "two\"",
            "C\u{202e}-3,\"\"",
        ];
        let (_, told) = world.import(Sheet::Clients, lines.join(end).as_bytes()).await;
        let places = ["2 given_names", "4 given_names", "6 reference"];
        assert_eq!(told.places(), places, "{end:?}");
        assert_eq!(
            told.refused[2].reference, "C-3",
            "nothing that hides itself is told"
        );
        let (counted, told) = world
            .import(
                Sheet::Clients,
                format!("reference,given_names{end}\"Q-1\",\"Amina\"{end}").as_bytes(),
            )
            .await;
        assert_eq!(counted.refused, 0, "{:?}", told.refused);
        assert_eq!(world.client("Q-1").await.given_names, "Amina");
    }
}

async fn refused_file(file: &[u8]) -> String {
    let (world, _) = World::in_memory().await;
    let (outcome, told) = world.try_import(Sheet::Clients, file, false).await;
    let error = outcome.expect_err("the file is refused");
    assert!(
        matches!(error, ImportError::File(_) | ImportError::Header(_)),
        "{error}"
    );
    assert!(told.refused.is_empty());
    assert!(world.clients().await.is_empty());
    error.to_string()
}

#[tokio::test]
async fn what_is_no_such_file_is_told_what_to_do() {
    let utf16: Vec<u8> = "\u{feff}reference,given_names\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&[u8], &str); 13] = [
        (b"reference,given_names\rC-1,Amina\r", "old Macintosh"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\n\n", "empty"),
        (&utf16, "UTF-16"),
        (b"PK\x03\x04rest of a spreadsheet", "spreadsheet"),
        (b"reference;given_names\nC-1;Amina\n", "--delimiter ';'"),
        (b"reference\tgiven_names\nC-1\tAmina\n", "--delimiter tab"),
        (
            b"reference,first_name\nC-1,Amina\n",
            "did you mean \"given_names\"",
        ),
        (b"reference,given_names,email,Email\n", "\"email\" is there twice"),
        (b"reference,email\nC-1,\n", "\"given_names\" is missing"),
        (b"reference,given_names,\nC-1,Amina,\n", "column 3 has no name"),
        (
            b"\xff\xff\xff,given_names\nC-1,Amina\n",
            "\"reference\" is missing",
        ),
    ];
    for (file, part) in cases {
        let told = refused_file(file).await;
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[tokio::test]
async fn a_quote_that_never_ends_does_not_swallow_the_memory() {
    let (world, _) = World::in_memory().await;
    let mut file = b"reference,given_names\nC-1,Amina\nC-2,\"Omar\n".to_vec();
    file.extend(b"C-3,Noor\n".repeat(400_000));
    let (outcome, told) = world.try_import(Sheet::Clients, file.as_slice(), false).await;
    let why = outcome.unwrap_err().to_string();
    assert!(why.contains("begins at line 3") && why.contains("quote"), "{why}");
    assert!(told.refused.is_empty());
    assert_eq!(
        world.clients().await.len(),
        1,
        "what stands before it is there, as it says"
    );
}

#[tokio::test]
async fn a_store_that_goes_away_can_be_come_back_to() {
    let (world, store) = World::in_memory().await;
    let mut file = String::from("reference,given_names\n");
    for n in 1..=200 {
        let row = format!("C-{n},Given {n}\n");
        file.push_str(&row);
    }
    let half = file.lines().take(101).collect::<Vec<_>>().join("\n");
    world
        .try_import(Sheet::Clients, half.as_bytes(), false)
        .await
        .0
        .unwrap();
    store.fail_with(Some(StoreError::Unavailable("the disk is full".into())));
    let (outcome, _) = world.try_import(Sheet::Clients, file.as_bytes(), false).await;
    let error = outcome.unwrap_err();
    assert!(
        matches!(&error, ImportError::Stopped { line: 2, why } if why.contains("the disk is full")),
        "{error}"
    );
    store.fail_with(None);
    let (outcome, _) = world.try_import(Sheet::Clients, file.as_bytes(), false).await;
    assert_eq!(outcome.unwrap(), counts(100, 0, 100, 0));
}

/// Whatever the file is: it is answered, and each of its rows is counted once.
#[test]
fn any_bytes_are_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let cell = prop_oneof![
        Just(b"C-1".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\"a\nb\"".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b",".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let rows = proptest::collection::vec(cell, 0..60);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    runner
        .run(&(rows, any::<bool>()), |(cells, with_header)| {
            let mut file = if with_header {
                b"reference,given_names\n".to_vec()
            } else {
                Vec::new()
            };
            file.extend(cells.concat());
            runtime.block_on(async {
                let (world, _) = World::in_memory().await;
                for sheet in Sheet::ALL {
                    let (outcome, told) = world.try_import(sheet, file.as_slice(), false).await;
                    if let Ok(counted) = outcome {
                        prop_assert_eq!(counted.refused, told.refused.len() as u64);
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}
