//! Consent to text messages on a client's page.

use axum::http::StatusCode;
use portal_core::client::ClientDraft;
use portal_core::policy::Role;
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::sms::InboundSms;
use portal_core::text::Phone;

use crate::on_every_store;
use crate::world::{World, filled, look, refused, send};

on_every_store! {
    async fn staff_record_what_a_client_said_and_see_what_it_means(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let path = format!("/staff/clients/{}", world.amina.id);
        let action = format!("{path}/consent");
        let page = look(&mut desk, "client-no-phone", &path).await;
        assert_eq!(page.words("[aria-labelledby=texts-title] .badge"), "No number");
        assert!(page.all(&format!("form[action='{action}']")).is_empty());
        let draft = ClientDraft { phone: "+61412345678".into(), ..world.amina.draft() };
        world.portal.update_client(&world.owner, world.amina.id, None, &draft).await.unwrap();
        let page = look(&mut desk, "client-texts-unknown", &path).await;
        assert_eq!(page.words("[aria-labelledby=texts-title] .badge"), "Nothing recorded");

        let settings = PracticeSettings { text_consent_needed: true, ..world.practice.settings.clone() };
        let practice = PracticeDraft { settings, ..world.practice.draft() };
        world.portal.update_practice(&world.owner, None, &practice).await.unwrap();
        crate::workflows::with_rules(world).await;
        crate::workflows::written(world, "T-Visa", "Filing").await;
        let page = look(&mut desk, "client-texts-held", &path).await;
        assert_eq!(page.words("[aria-labelledby=texts-title] .badge"), "Not agreed yet");
        assert!(page.words("[aria-labelledby=texts-title] .notice").contains("they did not agree to text messages"));
        let matter = look(&mut desk, "matter-texts-held", &world.path("")).await;
        assert!(matter.all("a.tile").iter().any(|tile| tile.contains("Messages held back")), "{:?}", matter.all("a.tile"));
        let activity = look(&mut desk, "activity-texts-held", &world.path("/activity?show=mail")).await;
        assert!(!activity.all(".mail-entry use[href$='#message']").is_empty());
        assert!(activity.words("main").contains("they did not agree to text messages"));

        let wrong = filled(&page, &action, &[("said_on", "2226-01-01"), ("how", "")]);
        let page = refused(&mut desk, "client-consent-wrong", &action, &wrong).await;
        assert_eq!(page.words("#how-error"), "Choose how they said so.");
        let page = refused(&mut desk, "client-consent-late", &action, &filled(&page, &action, &[("how", "form")])).await;
        assert!(page.words("#said_on-error").contains("today or before"));
        let good = filled(&page, &action, &[("said_on", "2026-01-31"), ("how", "form"), ("note", "Page <3>")]);
        let page = send(&mut desk, &action, &good).await;
        assert!(page.words("[role=status]").contains("agrees to text messages"));
        assert_eq!(page.words("[aria-labelledby=texts-title] .badge"), "Agreed");
        let said = page.words("[aria-labelledby=texts-title] .timeline");
        assert!(said.contains("manager Keller recorded that they agreed to text messages, on a form") && said.contains("Page <3>"), "{said}");

        let inbound = InboundSms {
            provider_id: "1".into(),
            from: Phone::parse("from", "+61412345678", "AU").unwrap(),
            to: "+61480000000".into(),
            text: "stop".into(),
            is_part: false,
        };
        world.portal.receive_sms(world.practice.id, "fake", inbound).await.unwrap();
        let page = look(&mut desk, "client-texts-stopped", &path).await;
        assert_eq!(page.words("[aria-labelledby=texts-title] .badge"), "Stopped by them");
        assert!(page.words("[aria-labelledby=texts-title]").contains("nobody here can change that"));
        assert!(page.all(&format!("form[action='{action}']")).is_empty());
        // A page that was open before is refused, with the reason.
        let page = refused(&mut desk, "client-consent-stopped", &action, &good).await;
        assert!(page.words("[role=alert]").contains("Only they can start them again"), "{}", page.words("main"));
        let mut auditor = world.desk(Role::Auditor).await;
        look(&mut auditor, "client-texts-auditor", &path).await;
        assert_eq!(auditor.post(&action, &good).await.status, StatusCode::FORBIDDEN);
    }
}
