//! Files that are as they should be, more or less.

use std::collections::HashMap;
use std::io::{self, Read};

use portal_core::import::Sheet;
use portal_core::matter::Part;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::world::{World, counts};

const CLIENTS: &[u8] = b"reference,given_names,family_name,email,phone,date_of_birth\n\
    C-1,Amina,Haddad,amina@mail.test,+61 412 345 678,1990-05-17\n\
    C-2,Omar,Haddad,omar@mail.test,,\n\
    C-3,Noor,Haddad,,,2015-01-02\n";
const MATTERS: &[u8] = b"reference,title,owner_email,parent_reference,attribute:office\n\
    HM-1,Haddad family,sam@harbour.test,,Sydney\n\
    HM-2,Noor's visa,,HM-1,\n";
const PARTICIPANTS: &[u8] = b"matter_reference,client_reference,part\n\
    HM-1,C-1,principal\n\
    HM-1,C-2,partner\n\
    HM-2,C-3,Dependant\n";

#[tokio::test]
async fn a_practice_comes_over_and_can_come_again() {
    for (store, world) in World::each().await {
        for (sheet, file, rows) in [
            (Sheet::Clients, CLIENTS, 3),
            (Sheet::Matters, MATTERS, 2),
            (Sheet::Participants, PARTICIPANTS, 3),
        ] {
            let (first, told) = world.import(sheet, file).await;
            assert_eq!(
                first,
                counts(rows, 0, 0, 0),
                "{store} {sheet}: {:?}",
                told.refused
            );
            let (again, _) = world.import(sheet, file).await;
            assert_eq!(again, counts(0, 0, rows, 0), "{store} {sheet}");
        }
        let amina = world.client("c-1").await;
        assert_eq!(amina.name(), "Amina Haddad");
        assert_eq!(amina.phone.unwrap().as_str(), "+61412345678");
        let matters = world.matters().await;
        assert_eq!(matters[1].parent_id, Some(matters[0].id));
        assert_eq!(matters[0].attributes["office"], "Sydney");
        let participants = world
            .portal
            .participants(&world.ctx(), matters[0].id)
            .await
            .unwrap();
        let parts: Vec<_> = participants
            .iter()
            .map(|(place, client)| (client.given_names.as_str(), place.part))
            .collect();
        assert_eq!(
            parts,
            [("Amina", Part::Principal), ("Omar", Part::Partner)],
            "{store} {participants:?}"
        );
    }
}

#[tokio::test]
async fn a_later_file_changes_what_it_speaks_of_and_nothing_else() {
    for (store, world) in World::each().await {
        world.import(Sheet::Clients, CLIENTS).await;
        let later = b"Given names,Reference,E\xc3\xa9mail\nx,y,z\n";
        assert!(
            world
                .try_import(Sheet::Clients, &later[..], true)
                .await
                .0
                .is_err()
        );
        let later =
            b"Given names,Reference,Email\nAmina,c-1,\nOmar Ali,C-2,omar@mail.test\nNoor,C-3,\nNew,C-4,\n";
        let (counted, _) = world.import(Sheet::Clients, later).await;
        assert_eq!(counted, counts(1, 2, 1, 0), "{store}");
        let amina = world.client("C-1").await;
        assert!(amina.email.is_none(), "an empty cell empties");
        assert!(
            amina.phone.is_some() && amina.date_of_birth.is_some(),
            "a column that is not there does not"
        );
        assert_eq!(world.client("C-2").await.given_names, "Omar Ali");
    }
}

#[tokio::test]
async fn spreadsheets_write_files_in_their_own_ways() {
    for (store, world) in World::each().await {
        let file = "\u{feff}reference,given_names,family_name,nationality\r\n\
                    \"C,1\",\"Anna \"\"Annie\"\"\",\"O'Neil; Söhne\",\"  Australia \"\r\n\
                    \r\n\
                    ,,,\r\n\
                    C-2,محمد,الحداد,\"\"\r\n\
                    C-3,'; DROP TABLE clients;--,<script>alert(1)</script>,=1+1\r\n\
                    C-4,𝒜𝓃𝓃𝒶 👨‍👩‍👧,Ṱ̺̺̕o͞,NULL\r\n";
        // The last line may lack its end.
        let file = file.strip_suffix("\r\n").unwrap();
        let (counted, told) = world.import(Sheet::Clients, file.as_bytes()).await;
        assert_eq!(counted, counts(4, 0, 0, 0), "{store}: {:?}", told.refused);
        let anna = world.client("C,1").await;
        assert_eq!(anna.given_names, "Anna \"Annie\"");
        assert_eq!(anna.nationality.as_deref(), Some("Australia"));
        assert_eq!(world.client("C-2").await.name(), "محمد الحداد");
        let sql = world.client("C-3").await;
        assert_eq!(sql.name(), "'; DROP TABLE clients;-- <script>alert(1)</script>");
        assert_eq!(sql.nationality.as_deref(), Some("=1+1"));
        assert_eq!(world.client("C-4").await.given_names, "𝒜𝓃𝓃𝒶 👨‍👩‍👧");
    }
}

/// A file that is made while it is read: of any length, and never in memory as a whole.
struct Endless {
    row: u64,
    rows: u64,
    rest: io::Cursor<Vec<u8>>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.rest.read(buffer)?;
            if count > 0 || self.row >= self.rows {
                return Ok(count);
            }
            self.row += 1;
            let row = self.row;
            self.rest = io::Cursor::new(format!("C-{row},Given {row},Family {}\n", row % 7).into_bytes());
        }
    }
}

#[tokio::test]
async fn a_long_file_is_read_as_it_is_imported() {
    let (world, _) = World::in_memory().await;
    let file = Endless {
        row: 0,
        rows: 1_000,
        rest: io::Cursor::new(b"reference,given_names,family_name\n".to_vec()),
    };
    let (counted, told) = world.try_import(Sheet::Clients, file, false).await;
    assert_eq!(counted.unwrap(), counts(1_000, 0, 0, 0));
    assert!(told.progress.len() > 10, "progress is told along the way");
    assert!(
        told.progress
            .is_sorted_by_key(|(bytes, counts)| (*bytes, counts.rows()))
    );
    assert_eq!(told.progress.last().unwrap().1.rows(), 1_000);
    assert_eq!(world.clients().await.len(), 1_000);
}

/// Whatever names there are: written by any CSV writer, they arrive as they are.
#[test]
fn names_survive_the_file() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let names = proptest::collection::vec("[^\\p{C}\\p{Z}]{1,20}( [^\\p{C}\\p{Z}]{1,20}){0,3}", 1..20);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(32));
    runner
        .run(&names, |names| {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["reference", "given_names"]).unwrap();
            for (index, name) in names.iter().enumerate() {
                writer.write_record([&format!("C-{index}"), name]).unwrap();
            }
            let file = writer.into_inner().unwrap();
            runtime.block_on(async {
                let (world, _) = World::in_memory().await;
                let (outcome, told) = world.try_import(Sheet::Clients, file.as_slice(), false).await;
                let refused: HashMap<String, usize> = told
                    .refused
                    .iter()
                    .map(|refused| (refused.reference.clone(), refused.refusals.len()))
                    .collect();
                prop_assert_eq!(outcome.unwrap().rows(), names.len() as u64);
                for (index, name) in names.iter().enumerate() {
                    let reference = format!("C-{index}");
                    if refused.contains_key(&reference) {
                        // What hides itself or reorders others is refused, and so is what is too long.
                        continue;
                    }
                    let expected = portal_core::text::line("given_names", name, 120).unwrap();
                    prop_assert_eq!(&world.client(&reference).await.given_names, &expected);
                }
                Ok(())
            })
        })
        .unwrap();
}
