//! Consent to text messages through the API.

use portal_core::sms::InboundSms;
use portal_core::text::Phone;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, World};

fn path(world: &World) -> String {
    format!("/api/v1/clients/{}/text-consent", world.client.id)
}

async fn say(world: &World, token: &str, body: &Value) -> Answer {
    world.post(&path(world)).token(token).json(body).send().await
}

on_both_databases! {
    async fn consent_is_recorded_with_its_history_and_stop_is_theirs_alone(world: World) {
        let token = world.owner_token().await;
        let agreed = json!({"agreement": "agreed", "how": "form", "said_on": "2026-01-31", "note": "Page 3"});
        let refused = say(world, &token, &agreed).await;
        assert_eq!((refused.status.as_u16(), refused.json()["type"].as_str()), (409, Some("/problems/no-phone")), "{}", refused.json());
        let client = format!("/api/v1/clients/{}", world.client.id);
        let phone = json!({"phone": "+61412345678"});
        assert_eq!(world.patch(&client).token(&token).json(&phone).send().await.status, 200);
        let settings = json!({"settings": {"text_consent_needed": true}});
        let set = world.patch("/api/v1/practice").token(&token).json(&settings).send().await;
        assert_eq!(set.status, 200, "{}", set.json());
        let before = world.get(&path(world)).token(&token).send().await.json();
        assert_eq!((&before["agreement"], &before["held"], &before["consent_needed"]), (&json!("unknown"), &json!("no-consent"), &json!(true)));

        let said = say(world, &token, &agreed).await;
        assert_eq!(said.status, 200, "{}", said.json());
        let said = said.json();
        assert_eq!((&said["agreement"], &said["held"], &said["stopped_by_them"]), (&json!("agreed"), &Value::Null, &json!(false)));
        let entry = &said["history"][0];
        assert_eq!((&entry["how"], &entry["said_on"], &entry["note"], &entry["heard"]),
            (&json!("form"), &json!("2026-01-31"), &json!("Page 3"), &json!("by-staff")));
        assert!(entry["staff_id"].is_string());
        let declined = json!({"agreement": "declined", "how": "spoken", "said_on": "2026-02-01"});
        assert_eq!(say(world, &token, &declined).await.json()["held"], "opted-out");
        assert_eq!(say(world, &token, &agreed).await.json()["agreement"], "agreed");

        let inbound = InboundSms {
            provider_id: "1".into(),
            from: Phone::parse("from", "+61412345678", "AU").unwrap(),
            to: "+61480000000".into(),
            text: "STOP".into(),
            is_part: false,
        };
        world.portal.receive_sms(world.practice, "fake", inbound).await.unwrap();
        let refused = say(world, &token, &agreed).await;
        assert_eq!((refused.status.as_u16(), refused.wrong_field().1.as_str()), (409, "stopped-by-them"), "{}", refused.json());
        let after = world.get(&path(world)).token(&token).send().await.json();
        assert_eq!((&after["agreement"], &after["stopped_by_them"]), (&json!("declined"), &json!(true)));
        assert_eq!(after["history"].as_array().unwrap().len(), 4);
        for body in [
            json!({"agreement": "perhaps", "how": "spoken", "said_on": "2026-02-01"}),
            json!({"agreement": "agreed", "how": "shouted", "said_on": "2026-02-01"}),
            json!({"agreement": "agreed", "how": "spoken", "said_on": "2226-02-01"}),
            json!({"agreement": "agreed", "how": "spoken"}),
        ] {
            assert_eq!(say(world, &token, &body).await.status, 422, "{body}");
        }
    }
}
