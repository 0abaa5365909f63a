//! Lists that people page through from the start; used by the tests of both stores.

/// The lists whose first page must not sort them as a whole, by their names in the catalogue.
pub(crate) const WHOLE: [&str; 24] = [
    "clients",
    "staff",
    "matters all, Updated",
    "matters all, Reference",
    "matters all, Title",
    "requests all",
    "requests of a matter",
    "documents all",
    "documents of a matter",
    "documents of a client",
    "deliveries all",
    "deliveries on a matter",
    "deliveries of a workflow",
    "received messages",
    "received messages of a number",
    "received messages of a conversation",
    "conversations all",
    "audit entries all",
    "audit entries on a matter",
    "notifications, unread: false",
    "notifications, unread: true",
    "templates, archived too: true",
    "workflows",
    "stage entries",
];
