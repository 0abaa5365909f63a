//! Lists never hide, and counts agree wherever they are shown.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use crate::browser::{Answer, Browser};
use crate::on_every_store;
use crate::world::World;

/// Every file of a list, page by page.
async fn walk(browser: &mut Browser, path: &str) -> (Vec<String>, Vec<Answer>) {
    let (mut names, mut pages) = (Vec::new(), Vec::new());
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        names.extend(page.all(".file__name"));
        next = page.attributes("a[rel=next]", "href").into_iter().next();
        pages.push(page);
    }
    (names, pages)
}

/// `3 documents` and the like, from a page's head.
fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap().trim();
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

on_every_store! {
    async fn however_many_there_are_all_can_be_reached(world: World) {
        let request = world.ask(&world.amina, "Bank statements").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let ctx = world.context(&phone).await.unwrap();
        let here = format!("{base}/requests/{}", request.id);
        let mut sent = 0;
        for goal in [0_usize, 1, 3, 4, 50, 51, 1_000] {
            while sent < goal {
                world.provide(&ctx, &request, &format!("page {sent:04}.pdf")).await;
                sent += 1;
            }
            let (names, pages) = walk(&mut phone, &format!("{base}/documents")).await;
            let different: BTreeSet<_> = names.iter().collect();
            assert_eq!((names.len(), different.len()), (goal, goal), "all documents, once each");
            assert_eq!(pages.len(), goal.div_ceil(50).max(1));
            let (of_request, request_pages) = walk(&mut phone, &here).await;
            assert_eq!(of_request, names);

            for page in pages.iter().chain(&request_pages) {
                let tab = page.words(".tabbar a[href$='/documents']");
                let counted = tab.trim_start_matches("Documents").trim();
                assert_eq!(counted, if goal == 0 { String::new() } else { goal.to_string() });
            }
            assert_eq!(number_before(&pages[0].words(".page-head .muted"), "document"), goal);
            assert_eq!(request_pages[0].words("#files-title"), format!("What you sent {goal}"));
            let list = phone.get(&format!("{base}/requests")).await;
            if goal > 0 {
                let words = list.words(".rows__row .meta").replace(',', "");
                assert_eq!(number_before(&words, "file"), goal, "{words}");
            }
        }
        // Where one is in the list is said, to the last page.
        let (_, pages) = walk(&mut phone, &format!("{base}/documents")).await;
        assert!(pages[0].words(".pagination").starts_with("Showing 1\u{2013}50 of 1,000"));
        assert!(pages[19].words(".pagination").starts_with("Showing 951\u{2013}1,000 of 1,000"));
        // Cursors that are none begin anew instead of failing.
        for query in ["?cursor=nonsense", "?cursor=", "?cursor=AAAA&from=99"] {
            let page = phone.get(&format!("{base}/documents{query}")).await;
            assert_eq!((page.status, page.all(".file__name").len()), (StatusCode::OK, 50), "{query}");
            assert!(page.words(".pagination").starts_with("Showing 1\u{2013}50"), "{query}");
        }
    }

    async fn hundreds_of_requests_are_all_listed_and_counted(world: World) {
        for number in 0..205 {
            world.ask(&world.amina, &format!("Thing {number:03}")).await;
        }
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let page = phone.get(&format!("{base}/requests")).await;
        assert_eq!(page.all(".rows__row").len(), 205);
        assert_eq!(page.words("section h2"), "To provide 205");
        assert!(page.words(".tabbar a[href$='/requests']").ends_with("0/205"));
        let home = phone.get(&base).await;
        assert!(home.text().contains("See all 205"));
        assert_eq!(home.all("#to-do .rows__row").len(), 4);
        assert_eq!(home.words(".next h2"), "Thing 000");
        assert_eq!(home.words("#to-do .rows__row .rows__title"), "Thing 001");
    }
}
