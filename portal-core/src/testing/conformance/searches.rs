//! Searches: words, whatever their case and accents, and nothing that a person can type does harm.

use super::world::{World, got, put};
use crate::client::{Client, ClientFilter};
use crate::document::{DocumentFilter, FileName};
use crate::matter::{Matter, MatterFilter, MatterSort, Part};
use crate::testing::strategies::NAUGHTY;
use crate::text::fold;
use crate::{ClientId, PageRequest, Store};

async fn clients_found(store: &dyn Store, world: &World, q: &str) -> Vec<ClientId> {
    let filter = ClientFilter { q: Some(q.into()) };
    let page = PageRequest::first(200).with_total();
    let page = got(store.clients(world.id(), &filter, &page).await);
    assert_eq!(
        page.total,
        Some(page.items.len() as u64),
        "the total of a search for {q:?}"
    );
    let mut ids: Vec<ClientId> = page.items.iter().map(|client| client.id).collect();
    ids.sort_unstable();
    ids
}

pub(super) async fn searches_find_what_they_should(store: &dyn Store) {
    let world = World::in_store(store, 60).await;
    let World { samples: s, .. } = &world;
    let zoe = Client {
        reference: Some("KX-77".into()),
        email: Some(s.email("zoe.work")),
        ..s.client("Zo\u{eb} Fran\u{e7}oise", "M\u{fc}ller")
    };
    let zoe_two = s.client("Zoe", "Moeller");
    let thanh = s.client("Nguy\u{1ec5}n V\u{103}n", "Th\u{e0}nh");
    put(store, [zoe.clone(), zoe_two.clone(), thanh.clone()]).await;
    for (q, expected) in [
        ("zoe", vec![zoe.id, zoe_two.id]),
        ("ZO\u{cb} muller", vec![zoe.id]),
        ("muller zoe", vec![zoe.id]),
        ("  ller\tzo  ", vec![zoe.id, zoe_two.id]),
        ("kx-77", vec![zoe.id]),
        ("zoe.work@example", vec![zoe.id]),
        ("nguyen thanh", vec![thanh.id]),
        ("\u{ff2e}guyen", vec![thanh.id]),
        ("zoe nguyen", vec![]),
        ("xyzzy", vec![]),
    ] {
        assert_eq!(
            clients_found(store, &world, q).await,
            expected,
            "clients found by {q:?}"
        );
    }
    let everybody = clients_found(store, &world, "").await;
    assert_eq!(everybody.len(), 5, "a search without words finds everybody");
    assert_eq!(clients_found(store, &world, " \t ").await, everybody);

    let matter = Matter {
        title: "Skilled visa \u{2014} engineer".into(),
        stage: Some("Lodged".into()),
        ..s.matter(&world.owner)
    };
    let part = s.participant(&matter, &zoe, Part::Dependant);
    let mut gone = s.participant(&matter, &thanh, Part::Principal);
    gone.removed = true;
    put(store, [matter.clone()]).await;
    put(store, [part, gone]).await;
    for (q, expected) in [
        ("SKILLED", vec![matter.id]),
        ("skilled muller", vec![matter.id]),
        ("lodged kx-77", vec![matter.id]),
        ("skilled thanh", vec![]),
        ("anna", vec![world.case.id]),
        ("skilled anna", vec![]),
    ] {
        let filter = MatterFilter {
            q: Some(q.into()),
            ..MatterFilter::default()
        };
        let page = PageRequest::first(200).with_total();
        let page = got(store.matters(world.id(), &filter, MatterSort::Title, &page).await);
        let found: Vec<_> = page.items.iter().map(|row| row.matter.id).collect();
        assert_eq!(found, expected, "matters found by {q:?}");
        assert_eq!(
            page.total,
            Some(expected.len() as u64),
            "the total of matters by {q:?}"
        );
    }
}

pub(super) async fn odd_searches_find_what_they_should_and_break_nothing(store: &dyn Store) {
    let world = World::in_store(store, 61).await;
    let World { samples: s, .. } = &world;
    let clients: Vec<Client> = NAUGHTY
        .iter()
        .map(|name| Client {
            reference: None,
            email: None,
            phone: None,
            ..s.client(name, "")
        })
        .collect();
    put(store, clients.clone()).await;
    let mut all = clients;
    all.extend([world.anna.clone(), world.ben.clone()]);
    let mut queries: Vec<String> = NAUGHTY.iter().map(|name| (*name).to_owned()).collect();
    for q in [
        "\0",
        "a\0b",
        "\u{1}",
        "'",
        "\"",
        "%%",
        "__",
        "\\",
        "\\\\",
        "\\%",
        "%_",
        "[a-z]",
        "(?i)a",
        "*",
        "?",
        "--",
        "/*",
        ";",
        "\u{202e}",
        "\u{200b}",
        "\u{301}",
        "\u{1f469}",
        "$1",
        "?1",
        ":q",
    ] {
        queries.push(q.into());
    }
    queries.push("a".repeat(5_000));
    queries.push("\u{1f4a9}".repeat(2_000));
    for q in &queries {
        // Eight words count, so that a longer question may find more; none of these is longer.
        let words: Vec<String> = fold(q).split_whitespace().map(str::to_owned).collect();
        assert!(words.len() <= 8);
        let mut expected: Vec<ClientId> = all
            .iter()
            .filter(|client| {
                words
                    .iter()
                    .all(|word| client.search_text().contains(word.as_str()))
            })
            .map(|client| client.id)
            .collect();
        expected.sort_unstable();
        let found = clients_found(store, &world, q).await;
        assert_eq!(found, expected, "clients found by {q:.100?}");
        let filter = MatterFilter {
            q: Some(q.clone()),
            ..MatterFilter::default()
        };
        let page = PageRequest::first(5);
        got(store
            .matters(world.id(), &filter, MatterSort::Updated, &page)
            .await);
        let filter = DocumentFilter {
            q: Some(q.clone()),
            ..DocumentFilter::default()
        };
        got(store.documents(world.id(), &filter, &page).await);
        got(store.document_counts(world.id(), &filter).await);
        got(store.client_by_reference(world.id(), q).await);
        got(store.matter_by_reference(world.id(), q).await);
    }
    let mut document = s.upload(&world.request).0;
    document.current.name = FileName::sanitise("100%_R\u{e9}sum\u{e9} (final).PDF");
    put(store, [document.clone()]).await;
    for (q, expected) in [
        ("100%", true),
        ("%_r", true),
        ("_%", false),
        ("resume portal", true),
        ("RESUME (FINAL)", true),
        ("resumes", false),
    ] {
        let filter = DocumentFilter {
            q: Some(q.into()),
            ..DocumentFilter::default()
        };
        let page = PageRequest::default();
        let found = got(store.documents(world.id(), &filter, &page).await);
        let found = found.items.iter().any(|row| row.id == document.id);
        assert_eq!(found, expected, "the document found by {q:?}");
    }
}

pub(super) async fn references_are_found_whatever_their_case_and_accents(store: &dyn Store) {
    let world = World::in_store(store, 62).await;
    let World { samples: s, .. } = &world;
    let client = Client {
        reference: Some("KL-\u{c4}/7 b%".into()),
        ..s.client("Kim", "Lee")
    };
    let matter = Matter {
        reference: "M_\u{df} 9".into(),
        ..s.matter(&world.owner)
    };
    put(store, [client.clone()]).await;
    put(store, [matter.clone()]).await;
    for (reference, expected) in [
        ("KL-\u{c4}/7 b%", true),
        ("kl-a/7  B%", true),
        ("kl-a\u{308}/7 b%", true),
        ("kl-a/7 b", false),
        ("kl-a/7 bx", false),
        ("", false),
    ] {
        let found = got(store.client_by_reference(world.id(), reference).await);
        assert!(
            found == expected.then(|| client.clone()),
            "the client by {reference:?}"
        );
    }
    for (reference, expected) in [
        ("m_\u{df} 9", true),
        ("M_\u{df} 9", true),
        ("mx\u{df} 9", false),
        ("m", false),
    ] {
        let found = got(store.matter_by_reference(world.id(), reference).await);
        assert_eq!(
            found,
            expected.then(|| matter.clone()),
            "the matter by {reference:?}"
        );
    }
}
