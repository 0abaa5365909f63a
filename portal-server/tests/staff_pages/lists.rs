//! Lists never hide, and their filters stand in the address.

use std::collections::BTreeSet;

use portal_core::checklist::RequestDraft;
use portal_core::client::ClientDraft;
use portal_core::document::{Confidentiality, DocumentStatus, Placement, Uploader};
use portal_core::matter::Part;
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{Date, Record};

use crate::on_every_store;
use crate::world::{World, look, matter_draft};

/// Names that have broken pages before.
const NAMES: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"onmouseover=\"x",
    "O\u{2019}Brien & Sons; DROP TABLE client;--",
    "\u{0623}\u{0645}\u{064a}\u{0646}\u{0629} \u{062d}\u{062f}\u{0627}\u{062f}",
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswesen",
    "{{ shell.practice_name }}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} %00 ../../etc/passwd",
    "Z\u{0351}\u{036b}a\u{0352}\u{0301}l\u{0353}g\u{0354}o",
];

on_every_store! {
    async fn a_thousand_documents_are_all_reachable_and_the_counts_agree(world: World) {
        const COUNT: usize = 1_000;
        let request = world.ask(&world.amina, "Bank statements").await;
        let samples = Samples { practice: world.practice.id, ..Samples::new(77) };
        let mut records: Vec<Record> = Vec::new();
        for n in 0..COUNT {
            let placement = Placement {
                matter: world.matter.id,
                client: Some(world.amina.id),
                request: Some(request.id),
                confidentiality: Confidentiality::Client,
            };
            let (mut document, version) = samples.document(placement, Uploader::Client(world.amina.id));
            if n % 4 == 0 {
                document.status = DocumentStatus::Accepted;
            }
            records.push(document.into());
            records.push(version.into());
        }
        save(world.portal.store(), records).await.unwrap();
        let mut desk = world.desk(Role::Owner).await;
        for (path, rows) in [
            (world.path("/documents"), "tr[data-item] .table__title"),
            (world.path(&format!("/requests/{}", request.id)), "#files .rows__title"),
        ] {
            let mut seen = BTreeSet::new();
            let mut pages = 0;
            let mut next = Some(path.clone());
            while let Some(href) = next {
                let page = desk.get(&href).await;
                seen.extend(page.attributes(rows, "href"));
                assert!(page.words(".pagination").contains("of 1,000"), "{}", page.words(".pagination"));
                next = page.attributes("a[rel=next]", "href").pop();
                pages += 1;
                assert!(pages <= COUNT, "it ends");
            }
            assert_eq!(seen.len(), COUNT, "{path}");
        }
        let page = look(&mut desk, "documents-thousand", &world.path("/documents")).await;
        assert_eq!(page.all(".chips .count")[..3], ["1,000", "750", "250"]);
        assert_eq!(page.words(".tabs [aria-current=page] .count"), "1000");
        let home = look(&mut desk, "home-thousand", "/staff").await;
        assert_eq!(home.all(".tile__number")[0], "750");
        let queue = look(&mut desk, "review-thousand", "/staff/review").await;
        assert_eq!(queue.words(".page-head .muted"), "750 files wait");
        let checklist = look(&mut desk, "checklist-thousand", &world.path("/checklist")).await;
        assert!(checklist.text().contains("1,000 files, 750 to review"));
    }

    async fn naughty_names_are_shown_as_given_and_run_nowhere(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        for (n, name) in NAMES.iter().enumerate() {
            let draft = ClientDraft { given_names: (*name).into(), reference: format!("N-{n}"), ..ClientDraft::default() };
            let client = world.portal.add_client(&world.owner, &draft).await.unwrap();
            world.put(&world.matter, &client, Part::Dependant).await;
            let draft = RequestDraft { title: (*name).into(), group: (*name).into(), help: (*name).into(), ..RequestDraft::default() };
            world.portal.add_request(&world.owner, world.matter.id, client.id, &draft).await.unwrap();
            let page = look(&mut desk, "naughty-client", &format!("/staff/clients/{}", client.id)).await;
            assert_eq!(page.words("h1"), name.split_whitespace().collect::<Vec<_>>().join(" "));
            let found = look(&mut desk, "naughty-search", &format!("/staff/clients?{}", crate::world::form(&[("q", name)]))).await;
            assert!(found.all("tr[data-item]").iter().any(|row| row.contains(&format!("N-{n}"))), "{name}");
        }
        for tab in ["", "/checklist", "/documents", "/access", "/activity"] {
            let page = look(&mut desk, "naughty-matter", &world.path(tab)).await;
            assert!(page.all("script:not([src])").is_empty());
        }
        let odd = look(&mut desk, "naughty-query", "/staff/matters?q=%00%ff&state=%3Cx%3E&owner=x&cursor=%22&from=-1&sort=%F0%9F%91%A9&stage='").await;
        assert_eq!(odd.words("#counted"), "No matters");
    }

    async fn filters_search_and_order_stand_in_the_address(world: World) {
        let member = world.staff(Role::Member);
        for n in 0..60 {
            let draft = matter_draft(&format!("B-{n:03}"), member);
            let matter = world.portal.open_matter(&world.owner, &draft).await.unwrap();
            if n % 2 == 0 {
                world.portal.close_matter(&world.owner, matter.id).await.unwrap();
            }
        }
        let mut desk = world.desk(Role::Owner).await;
        let all = look(&mut desk, "matters-all", "/staff/matters").await;
        assert_eq!(all.words("#counted"), "61 matters");
        assert_eq!(all.all(".chips .count"), ["31", "1", "0", "30", "61"]);
        for (href, count) in all.attributes(".chips a", "href").iter().zip([31, 1, 0, 30, 61]) {
            let page = look(&mut desk, "matters-chip", href).await;
            let counted = page.words("#counted");
            assert!(counted.starts_with(&count.to_string()) || count == 0 && counted == "No matters", "{href}: {counted}");
            assert_eq!(page.all(".chips [aria-current]").len(), 1);
        }
        let closed = format!("/staff/matters?state=closed&owner={}&q=b-00&sort=reference&area=Immigration&stage=Documents", member.id);
        let page = look(&mut desk, "matters-closed", &closed).await;
        assert_eq!(page.all("tbody .table__title"), ["B-000", "B-002", "B-004", "B-006", "B-008"]);
        assert_eq!(page.attribute("option[selected][value=closed]", "value"), "closed");
        assert_eq!(page.attribute("#q", "value"), "b-00");
        assert_eq!(page.attribute("th[aria-sort=ascending] a", "href"), page.attribute("th[aria-sort] a", "href"));
        let second = all.attribute("a[rel=next]", "href");
        let second = look(&mut desk, "matters-second", &second).await;
        assert_eq!((second.all("tr[data-item]").len(), second.words(".pagination > span")), (11, "51 to 61 of 61".into()));

        // A member sees their own only, and no words of other matters.
        let mut theirs = world.desk(Role::Member).await;
        let page = look(&mut theirs, "matters-member", "/staff/matters").await;
        assert_eq!(page.words("#counted"), "60 matters");
        assert!(!page.text().contains("HM-2041"));
    }

    async fn what_is_overdue_is_counted_and_found(world: World) {
        let today = world.fakes.clock.time().date();
        for (n, days) in [-3_i64, -1, 4].into_iter().enumerate() {
            let due = today.checked_add(portal_core::Duration::days(days)).unwrap_or(Date::MIN);
            let draft = RequestDraft { title: format!("Paper {n}"), due_on: Some(due), ..RequestDraft::default() };
            world.portal.add_request(&world.owner, world.matter.id, world.amina.id, &draft).await.unwrap();
        }
        let mut desk = world.desk(Role::Owner).await;
        let home = look(&mut desk, "home-overdue", "/staff").await;
        assert_eq!(home.all(".tile__number")[1], "2");
        let late = look(&mut desk, "overdue", &home.attributes(".tile", "href")[1]).await;
        assert_eq!(late.all("li[data-item] .rows__title"), ["Paper 0", "Paper 1"]);
        let overview = look(&mut desk, "overview-overdue", &world.path("")).await;
        assert_eq!(overview.all(".tile__number")[1], "2");
        let checklist = look(&mut desk, "checklist-overdue", &overview.attributes(".tile", "href")[1]).await;
        assert_eq!(checklist.all("li[data-item] .rows__title"), ["Paper 0", "Paper 1"]);
    }
}
