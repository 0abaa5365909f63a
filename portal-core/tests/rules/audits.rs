//! Who did it, as the trail shows it.

use portal_core::Actor;
use portal_core::audit::{AuditEntry, Subject};
use portal_core::testing::{Samples, strategies};
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_entry_names_everybody_who_acted(ctx in strategies::context(&Samples::new(1))) {
        let samples = Samples::new(2);
        let subject = Subject::new("document", samples.id::<uuid::Uuid>());
        let entry = AuditEntry::new(samples.id(), &ctx, "document.downloaded", subject).with("version", 3);
        prop_assert_eq!((entry.practice_id, entry.at, &entry.origin), (ctx.practice, ctx.at, &ctx.origin));
        prop_assert_eq!((entry.subject_kind.as_str(), entry.subject_id), ("document", subject.id));
        prop_assert_eq!(&entry.detail["version"], 3);
        let told = (entry.actor_kind.as_str(), entry.staff_id, entry.client_id, entry.system.as_deref());
        let expected = match ctx.actor {
            Actor::Staff { id, .. } => ("staff", Some(id), None, None),
            Actor::Client { id } => ("client", None, Some(id), None),
            // Both are shown: who looked, and as whom.
            Actor::Preview { staff, client, .. } => ("staff", Some(staff), Some(client), None),
            Actor::System(what) => ("system", None, None, Some(what)),
            Actor::Anyone => ("anyone", None, None, None),
        };
        prop_assert_eq!(told, expected);
    }
}
