//! Messages in numbers: each number against the list that it leads to.

use axum::http::StatusCode;
use portal_core::Duration;
use portal_core::client::ClientDraft;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::workflows::{with_rules, written};
use crate::world::{World, look};

const REPORT: &str = "/staff/reports/messages";

on_every_store! {
    async fn every_number_leads_to_as_many_messages(world: World) {
        let id = with_rules(world).await;
        // Eleven in the evening of 2 March in Sydney; the same day of UTC is not over when 3 March begins there.
        world.enter(&world.amina).await;
        written(world, "t visa", "Filing").await;
        world.fakes.clock.advance(Duration::hours(2));
        world.enter(&world.omar).await;
        written(world, "t visa", "Intake").await;
        written(world, "t visa", "Filing").await;

        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "report", REPORT).await;
        assert_eq!(page.attribute(".staff-nav__link[aria-current=page]", "href"), REPORT);
        let links = "main a[href^='/staff/mails?']";
        let (numbers, lists) = (page.all(links), page.attributes(links, "href"));
        assert!(numbers.len() >= 12, "{numbers:?}");
        for (number, list) in numbers.iter().zip(&lists) {
            let answer = desk.get(list).await;
            assert_eq!(answer.status, StatusCode::OK, "{list}");
            let listed = answer.all("li[data-item]").len();
            assert_eq!(*number, listed.to_string(), "{list}");
            assert!(answer.words(".page-head .muted").starts_with(&format!("{number} message")), "{list}");
        }
        let rows = page.all("table[aria-labelledby=days-title] tbody tr");
        assert_eq!(rows.len(), 30);
        assert!(rows[0].starts_with("Today") && rows[1].starts_with("Yesterday"), "{rows:?}");
        assert!(rows[2..].iter().all(|row| row.ends_with('\u{2013}')), "nothing before: {rows:?}");
        let all: Vec<u64> = (1..=2)
            .map(|row| page.words(&format!("table[aria-labelledby=days-title] tbody tr:nth-child({row}) td:last-child")).parse().unwrap())
            .collect();
        assert!(all.iter().all(|count| *count > 0), "clocks of the practice decide the day: {all:?}");
        assert_eq!(page.words(".chart__key li:last-child a"), all.iter().sum::<u64>().to_string());
        assert_eq!(page.words("table[aria-labelledby=workflows-title] tbody th"), "T-Visa, filing");
        assert!(lists.iter().any(|list| list.contains(&format!("workflow={id}"))), "{lists:?}");
        assert!(page.all("table[aria-labelledby=channels-title] tbody th").contains(&"Text messages".to_owned()));
        // The bars say in words what they stand for, and stand for all of it.
        let bars = page.all(".chart rect title");
        assert!(bars.iter().any(|bar| bar.starts_with("Today: ")) && bars.iter().any(|bar| bar.starts_with("Yesterday: ")), "{bars:?}");
        assert!(bars.iter().any(|bar| bar.contains("held back")), "{bars:?}");

        let page = look(&mut desk, "report-day", &format!("{REPORT}?since=2026-03-03&until=2026-03-03")).await;
        assert_eq!(page.all("table[aria-labelledby=days-title] tbody tr").len(), 1);
        let page = look(&mut desk, "report-none", &format!("{REPORT}?since=2020-01-01&until=2020-01-31")).await;
        assert!(page.text().contains("No messages in this time"));
    }

    async fn what_text_messages_cost_stands_beside_their_numbers(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let id = with_rules(world).await;
        written(world, "t visa", "Filing").await;
        let page = look(&mut desk, "report", REPORT).await;
        assert!(page.all("#cost").is_empty() && !page.text().contains("AUD"), "nothing was sent");
        let client = world.portal.client(&world.owner, world.amina.id).await.unwrap();
        let draft = ClientDraft { phone: "0412 345 678".into(), ..client.draft() };
        world.portal.update_client(&world.owner, client.id, None, &draft).await.unwrap();
        written(world, "t visa", "Intake").await;
        written(world, "t visa", "Filing").await;
        let page = look(&mut desk, "report", REPORT).await;
        assert_eq!(page.words("#cost"), "Estimated cost of text messages: 0.08 AUD for 1 segment.");
        assert_eq!(page.words("table[aria-labelledby=workflows-title] tbody td[data-label=Cost]"), "0.08 AUD");
        let channels = page.all("table[aria-labelledby=channels-title] tbody tr");
        assert!(channels.iter().any(|row| row.starts_with("Text messages") && row.ends_with("0.08 AUD")), "{channels:?}");
        assert!(channels.iter().all(|row| !row.starts_with("Mails") || row.ends_with('\u{2013}')), "{channels:?}");
        let days = page.all("table[aria-labelledby=days-title] tbody td[data-label=Cost]");
        assert_eq!((days.len(), days[0].as_str(), days[1].as_str()), (30, "0.08 AUD", "\u{2013}"));
        // The list that the same filter makes says the same of itself.
        let lists = page.attributes("main a[href^='/staff/mails?']", "href");
        let of_workflow = lists.iter().find(|list| list.contains(&format!("workflow={id}"))).unwrap();
        let list = look(&mut desk, "messages", of_workflow).await;
        assert!(list.words(".page-head .muted").ends_with("1 segment, about 0.08 AUD"), "{}", list.words(".page-head .muted"));
        assert!(list.all(".rows__title").contains(&"We need a document.".to_owned()), "a text message by what it says");
        let held = lists.iter().find(|list| list.contains("state=held")).unwrap();
        let list = look(&mut desk, "messages", held).await;
        assert!(!list.words(".page-head .muted").contains("AUD"), "what was held back costs nothing");
    }

    async fn a_period_that_is_none_says_so(world: World) {
        let mut desk = world.desk(Role::Auditor).await;
        for (query, field, words) in [
            ("since=2026-03-05&until=2026-03-01", "until", "ends before it begins"),
            ("since=2026-02-30", "since", "Write a date"),
            ("since=2025-01-01&until=2026-01-01", "since", "at most 92 days"),
        ] {
            let page = desk.get(&format!("{REPORT}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            crate::rendered::page("staff-live-report-wrong", &page.text());
            assert!(page.words(&format!("#{field}-error")).contains(words), "{query}: {}", page.text());
        }
        let mut member = world.desk(Role::Member).await;
        assert_eq!(member.get(REPORT).await.status, StatusCode::FORBIDDEN);
        let page = look(&mut member, "report-not-mine", "/staff").await;
        assert!(page.attributes("nav a", "href").iter().all(|href| href != REPORT));
    }
}
