//! Importing rows: what each does, said before and after the same.

use std::sync::Arc;

use portal_core::client::Saved;
use portal_core::import::{Header, ImportOptions, RowError, RowKeys, Sheet};
use portal_core::matter::{MatterState, Part};
use portal_core::testing::MemoryStore;
use portal_core::{Context, Portal, StoreError};

use crate::world::World;

struct Importer<'a> {
    portal: &'a Portal,
    ctx: Context,
    options: ImportOptions,
    planned: RowKeys,
}

impl<'a> Importer<'a> {
    fn new(world: &'a World) -> Self {
        Self {
            portal: &world.portal,
            ctx: Context::system(world.practice.id, "import", world.portal.now()),
            options: ImportOptions {
                dry_run: false,
                owner: Some(world.owner_id),
            },
            planned: RowKeys::default(),
        }
    }

    async fn once(&mut self, dry_run: bool, cells: &[(&str, &str)], sheet: Sheet) -> Result<Saved, RowError> {
        let columns: Vec<String> = cells.iter().map(|(column, _)| (*column).to_owned()).collect();
        let values = cells.iter().map(|(_, value)| Some((*value).to_owned()));
        let row = Header::read(sheet, &columns)
            .unwrap()
            .row(values.collect())
            .unwrap();
        let options = ImportOptions {
            dry_run,
            ..self.options
        };
        let saved = self
            .portal
            .import_row(&self.ctx, &row, &options, &self.planned)
            .await;
        if dry_run && matches!(saved, Ok(Saved::Created)) {
            self.planned.note(row.key().unwrap());
        }
        saved
    }

    /// First dry, then for real: both must say the same.
    async fn row(&mut self, sheet: Sheet, cells: &[(&str, &str)]) -> Result<Saved, Vec<String>> {
        let told = |outcome: Result<Saved, RowError>| {
            outcome.map_err(|error| match error {
                RowError::Refused(refusals) => refusals
                    .into_iter()
                    .map(|refusal| format!("{}: {}", refusal.column.unwrap_or_default(), refusal.why))
                    .collect::<Vec<_>>(),
                RowError::Failed(why) => panic!("{why}"),
            })
        };
        let dry = told(self.once(true, cells, sheet).await);
        let wet = told(self.once(false, cells, sheet).await);
        assert_eq!(dry, wet, "{cells:?}");
        wet
    }
}

#[tokio::test]
async fn a_client_is_created_changed_and_left_alone() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    let first = [
        ("reference", "C-1"),
        ("given_names", "Amina"),
        ("phone", "0412 345 678"),
        ("email", "amina@mail.test"),
        ("time_zone", "Europe/London"),
    ];
    assert_eq!(importer.row(Sheet::Clients, &first).await, Ok(Saved::Created));
    assert_eq!(importer.row(Sheet::Clients, &first).await, Ok(Saved::Unchanged));
    // A file without a column leaves the field alone; an empty cell empties it.
    let second = [("reference", "c-1"), ("given_names", "Amina Noor"), ("email", "")];
    assert_eq!(importer.row(Sheet::Clients, &second).await, Ok(Saved::Updated));
    let client = world
        .portal
        .store()
        .client_by_reference(world.practice.id, "C-1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(client.given_names, "Amina Noor");
    assert_eq!(client.phone.unwrap().as_str(), "+61412345678");
    assert_eq!(client.time_zone.as_deref(), Some("Europe/London"));
    assert!(client.email.is_none());
}

#[tokio::test]
async fn everything_wrong_with_a_row_is_told_by_column() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    let wrong = [
        ("reference", "C-1"),
        ("given_names", " "),
        ("email", "nobody"),
        ("date_of_birth", "17.05.1990"),
        ("time_zone", "Mars/Olympus"),
    ];
    let told = importer.row(Sheet::Clients, &wrong).await.unwrap_err();
    for column in ["given_names: ", "email: ", "date_of_birth: ", "time_zone: "] {
        assert!(
            told.iter().any(|line| line.starts_with(column)),
            "{column} in {told:?}"
        );
    }
    for reference in ["", "C\u{0}1", "C\u{202e}1", &"C".repeat(61)] {
        let told = importer
            .row(Sheet::Clients, &[("reference", reference), ("given_names", "A")])
            .await;
        assert!(told.unwrap_err()[0].starts_with("reference: "), "{reference:?}");
    }
}

#[tokio::test]
async fn a_matter_gets_its_owner_its_parent_and_its_attributes() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    let parent = [
        ("reference", "F-1"),
        ("title", "Family"),
        ("attribute:office", "Sydney"),
    ];
    assert_eq!(importer.row(Sheet::Matters, &parent).await, Ok(Saved::Created));
    let child = [
        ("reference", "F-2"),
        ("title", "Child"),
        ("parent_reference", "f-1"),
        ("owner_email", "SAM@harbour.test"),
    ];
    assert_eq!(importer.row(Sheet::Matters, &child).await, Ok(Saved::Created));
    assert_eq!(importer.row(Sheet::Matters, &child).await, Ok(Saved::Unchanged));
    let matter = |reference: &'static str| {
        let store = world.portal.store();
        async move {
            store
                .matter_by_reference(world.practice.id, reference)
                .await
                .unwrap()
                .unwrap()
        }
    };
    let (family, child) = (matter("F-1").await, matter("F-2").await);
    assert_eq!(family.attributes["office"], "Sydney");
    assert_eq!(child.parent_id, Some(family.id));
    assert_eq!(child.owner_id, world.owner_id);

    let emptied = [
        ("reference", "F-1"),
        ("title", "Family"),
        ("attribute:office", " "),
    ];
    assert_eq!(importer.row(Sheet::Matters, &emptied).await, Ok(Saved::Updated));
    assert!(matter("F-1").await.attributes.is_empty());
    let freed = [("reference", "F-2"), ("title", "Child"), ("parent_reference", "")];
    assert_eq!(importer.row(Sheet::Matters, &freed).await, Ok(Saved::Updated));
    assert_eq!(matter("F-2").await.parent_id, None);
}

#[tokio::test]
async fn a_matter_that_has_no_place_is_refused() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    let cases = [
        (("parent_reference", "none"), "parent_reference: "),
        (("owner_email", "nobody@harbour.test"), "owner_email: "),
        (("owner_email", "not an address"), "owner_email: "),
        (("attribute:office", "\u{202e}"), "attribute:office: "),
    ];
    for (cell, column) in cases {
        let told = importer
            .row(Sheet::Matters, &[("reference", "M-9"), ("title", "Nine"), cell])
            .await
            .unwrap_err();
        assert!(told[0].starts_with(column), "{told:?}");
    }
    importer.options.owner = None;
    let told = importer
        .row(Sheet::Matters, &[("reference", "M-9"), ("title", "Nine")])
        .await;
    assert!(told.unwrap_err()[0].starts_with("owner_email: "));
    let own = [
        ("reference", "HM-1"),
        ("title", "Itself"),
        ("parent_reference", "HM-1"),
    ];
    let told = importer.row(Sheet::Matters, &own).await.unwrap_err();
    assert!(told[0].starts_with("parent_reference: "), "{told:?}");
}

#[tokio::test]
async fn a_dry_run_knows_the_parents_that_it_would_open() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    let parent = [("reference", "F-1"), ("title", "Family")];
    let child = [
        ("reference", "F-2"),
        ("title", "Child"),
        ("parent_reference", "F-1"),
    ];
    let known = [
        ("reference", "HM-1"),
        ("title", "Partner visa"),
        ("parent_reference", "F-1"),
    ];
    assert!(importer.once(true, &child, Sheet::Matters).await.is_err());
    let saved = importer.once(true, &parent, Sheet::Matters).await.unwrap();
    assert_eq!(saved, Saved::Created);
    assert_eq!(
        importer.once(true, &child, Sheet::Matters).await.unwrap(),
        Saved::Created
    );
    assert_eq!(
        importer.once(true, &known, Sheet::Matters).await.unwrap(),
        Saved::Updated
    );
    let store = world.portal.store();
    assert!(
        store
            .matter_by_reference(world.practice.id, "F-1")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_participant_is_put_changed_and_left_alone() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    importer
        .row(Sheet::Clients, &[("reference", "C-1"), ("given_names", "Noor")])
        .await
        .unwrap();
    let row = |part| {
        [
            ("matter_reference", "hm-1"),
            ("client_reference", "C-1"),
            ("part", part),
        ]
    };
    assert_eq!(
        importer.row(Sheet::Participants, &row("Dependant")).await,
        Ok(Saved::Created)
    );
    assert_eq!(
        importer.row(Sheet::Participants, &row("dependant")).await,
        Ok(Saved::Unchanged)
    );
    assert_eq!(
        importer.row(Sheet::Participants, &row(" contact ")).await,
        Ok(Saved::Updated)
    );
    let client = world
        .portal
        .store()
        .client_by_reference(world.practice.id, "C-1")
        .await
        .unwrap()
        .unwrap();
    let participants = world
        .portal
        .participants(&world.owner, world.matter.id)
        .await
        .unwrap();
    let own = participants
        .iter()
        .find(|(place, _)| place.client_id == client.id)
        .unwrap();
    assert_eq!(own.0.part, Part::Contact);
    world
        .portal
        .remove_participant(&world.owner, world.matter.id, client.id)
        .await
        .unwrap();
    assert_eq!(
        importer.row(Sheet::Participants, &row("contact")).await,
        Ok(Saved::Created)
    );

    let nobody = [
        ("matter_reference", "none"),
        ("client_reference", "none"),
        ("part", "king"),
    ];
    let told = importer.row(Sheet::Participants, &nobody).await.unwrap_err();
    assert_eq!(told.len(), 3, "{told:?}");
}

#[tokio::test]
async fn a_closed_matter_takes_nobody_new_and_does_not_mind_who_is_there() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    importer
        .row(Sheet::Clients, &[("reference", "C-1"), ("given_names", "Noor")])
        .await
        .unwrap();
    let row = |part| {
        [
            ("matter_reference", "HM-1"),
            ("client_reference", "C-1"),
            ("part", part),
        ]
    };
    importer.row(Sheet::Participants, &row("contact")).await.unwrap();
    let closed = world
        .portal
        .close_matter(&world.owner, world.matter.id)
        .await
        .unwrap();
    assert_eq!(closed.state, MatterState::Closed);
    assert_eq!(
        importer.row(Sheet::Participants, &row("contact")).await,
        Ok(Saved::Unchanged)
    );
    let told = importer
        .row(Sheet::Participants, &row("partner"))
        .await
        .unwrap_err();
    assert!(told[0].contains("closed"), "{told:?}");
}

#[tokio::test]
async fn an_import_of_many_matters_mails_nobody() {
    let world = World::new().await;
    world.portal.drain().await.unwrap();
    let before = world.fakes.mail.sent().len();
    let mut importer = Importer::new(&world);
    for reference in ["I-1", "I-2", "I-3"] {
        let row = [("reference", reference), ("title", "Imported")];
        assert_eq!(importer.row(Sheet::Matters, &row).await, Ok(Saved::Created));
    }
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.mail.sent().len(), before);
}

#[tokio::test]
async fn who_may_not_import_does_not() {
    let world = World::new().await;
    let mut importer = Importer::new(&world);
    importer.ctx = Context::anyone(
        world.practice.id,
        portal_core::Origin::default(),
        world.portal.now(),
    );
    let cells = [("reference", "C-1"), ("given_names", "Noor")];
    let outcome = importer.once(false, &cells, Sheet::Clients).await;
    assert!(matches!(outcome, Err(RowError::Failed(_))));
}

#[tokio::test]
async fn a_store_that_is_away_ends_the_import() {
    let world = World::new().await;
    let store = Arc::new(MemoryStore::default());
    store.fail_with(Some(StoreError::Unavailable("gone for lunch".into())));
    let portal = world.fakes.portal(store);
    let mut importer = Importer {
        portal: &portal,
        ..Importer::new(&world)
    };
    let cells = [("reference", "C-1"), ("given_names", "Noor")];
    let outcome = importer.once(false, &cells, Sheet::Clients).await;
    assert!(
        matches!(&outcome, Err(RowError::Failed(why)) if why.contains("gone for lunch")),
        "{outcome:?}"
    );
}
