use portal_core::client::ClientFilter;
use portal_core::identity::SessionKey;
use portal_core::{LinkId, PageRequest, SessionId, StoreError};

use super::{ACCESS, CLIENT, Catalogue, DIGEST, ID, MATTER, NOW, PRACTICE, STAFF, after};
use crate::table::Selects;
use crate::{access, client, identity, practice, standing};

pub(super) fn people(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("practice", practice::PracticeRow::by_id(PRACTICE, PRACTICE));
    it.rare("practices", practice::practices(&PageRequest::first(50)));
    it.rare("practices, next page", practice::practices(&after("")));
    it.rare("practices, total", practice::count());

    it.hot("staff member", identity::StaffRow::by_id(PRACTICE, STAFF));
    it.hot(
        "staff by email",
        identity::staff_by_email(PRACTICE, "a@example.com"),
    );
    it.hot("active owners", identity::active_owners(PRACTICE));
    let count = identity::staff_count(PRACTICE);
    it.list("staff", "a", |page| identity::staff(PRACTICE, page), Some(count))?;
    it.hot("session", identity::SessionRow::by_id(PRACTICE, SessionId(ID)));
    for (name, key) in [
        ("standing by id", SessionKey::Id(SessionId(ID))),
        ("standing by secret", SessionKey::Secret(DIGEST)),
    ] {
        it.hot(name, standing::standing(PRACTICE, key));
    }
    let sessions = identity::live_sessions(PRACTICE, identity::OF_STAFF, STAFF, NOW);
    it.hot("sessions of staff", sessions);
    let sessions = identity::live_sessions(PRACTICE, identity::OF_CLIENT, CLIENT, NOW);
    it.hot("sessions of a client", sessions);

    it.hot("client", client::ClientRow::by_id(PRACTICE, CLIENT));
    it.hot(
        "client by reference",
        client::client_by_reference(PRACTICE, "C-1"),
    );
    it.hot("clients by id", client::clients_by_id(PRACTICE, &[ID; 3]));
    for (name, q) in [("clients", None), ("clients by words", Some("ann bo".to_owned()))] {
        let filter = ClientFilter { q };
        let count = client::clients_count(PRACTICE, &filter);
        it.list(
            name,
            "a",
            |page| client::clients(PRACTICE, &filter, page),
            Some(count),
        )?;
    }
    Ok(())
}

pub(super) fn entrance(it: &mut Catalogue) {
    it.hot("access", access::AccessRow::by_id(PRACTICE, ACCESS));
    it.hot(
        "access of a client on a matter",
        access::access_for(PRACTICE, MATTER, CLIENT),
    );
    it.hot(
        "accesses of a matter",
        access::accesses(PRACTICE, access::OF_MATTER, MATTER),
    );
    it.hot("accesses on matters", access::accesses_on(PRACTICE, &[ID; 3]));
    it.hot(
        "accesses of a client",
        access::accesses(PRACTICE, access::OF_CLIENT, CLIENT),
    );
    it.hot("link", access::LinkRow::by_id(PRACTICE, LinkId(ID)));
    it.hot("link standing", standing::link_standing(PRACTICE, DIGEST));
    it.hot("newest link", access::newest_link(PRACTICE, ACCESS));
    it.hot(
        "links to an access since",
        access::links_since(PRACTICE, Some(ACCESS), NOW),
    );
    it.hot(
        "links of a practice since",
        access::links_since(PRACTICE, None, NOW),
    );
}
