-- Every table belongs to a practice: practice_id leads every primary key, unique rule, foreign key and index that a
-- request uses. Ids are sixteen bytes; times are RFC 3339 text of fixed width, which sorts as time does.

CREATE TABLE practice (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    sender_name TEXT,
    brand_colour TEXT,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    matter_word TEXT NOT NULL,
    help_text TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK (practice_id = id)
) STRICT;

CREATE TABLE staff_member (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT staff_email UNIQUE (practice_id, email_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;
CREATE INDEX staff_member_by_name ON staff_member (practice_id, name_key, id);

CREATE TABLE client (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    reference TEXT,
    given_names TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    date_of_birth TEXT,
    nationality TEXT,
    passport_number TEXT,
    passport_issued_on TEXT,
    passport_expires_on TEXT,
    language TEXT,
    active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    reference_key TEXT,
    search_text TEXT NOT NULL,
    sort_text TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT client_reference UNIQUE (practice_id, reference_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;
CREATE INDEX client_by_name ON client (practice_id, sort_text, id);

CREATE TABLE matter (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    practice_area TEXT,
    stage TEXT,
    attributes TEXT NOT NULL,
    owner_id BLOB NOT NULL,
    parent_id BLOB,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    reference_key TEXT NOT NULL,
    title_key TEXT NOT NULL,
    search_text TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT matter_reference UNIQUE (practice_id, reference_key),
    FOREIGN KEY (practice_id, owner_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, parent_id) REFERENCES matter (practice_id, id)
) STRICT;
CREATE INDEX matter_by_update ON matter (practice_id, updated_at, id);
CREATE INDEX matter_by_reference ON matter (practice_id, reference_key, id);
CREATE INDEX matter_by_title ON matter (practice_id, title_key, id);
CREATE INDEX matter_by_owner ON matter (practice_id, owner_id, id);
CREATE INDEX matter_by_parent ON matter (practice_id, parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX matter_by_area ON matter (practice_id, practice_area);
CREATE INDEX matter_by_stage ON matter (practice_id, stage);

CREATE TABLE participant (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    part TEXT NOT NULL,
    removed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT participant_once UNIQUE (practice_id, matter_id, client_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
) STRICT;
CREATE INDEX participant_by_client ON participant (practice_id, client_id, matter_id);

CREATE TABLE team_member (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT team_member_once UNIQUE (practice_id, matter_id, staff_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id)
) STRICT;
CREATE INDEX team_member_by_staff ON team_member (practice_id, staff_id, matter_id);

CREATE TABLE portal_access (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    state TEXT NOT NULL,
    invited_at TEXT,
    first_entered_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT portal_access_once UNIQUE (practice_id, matter_id, client_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
) STRICT;
CREATE INDEX portal_access_by_client ON portal_access (practice_id, client_id, created_at);

CREATE TABLE sign_in_link (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    access_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    email TEXT NOT NULL,
    token_digest BLOB NOT NULL,
    code_digest BLOB NOT NULL,
    browser BLOB,
    invitation INTEGER NOT NULL,
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT link_token UNIQUE (practice_id, token_digest),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
) STRICT;
CREATE INDEX sign_in_link_by_access ON sign_in_link (practice_id, access_id, issued_at, id);
CREATE INDEX sign_in_link_by_issue ON sign_in_link (practice_id, issued_at);
-- For housekeeping, which serves all practices at once.
CREATE INDEX sign_in_link_by_expiry ON sign_in_link (expires_at) WHERE used_at IS NULL;
CREATE INDEX sign_in_link_by_use ON sign_in_link (used_at) WHERE used_at IS NOT NULL;

CREATE TABLE session (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    staff_id BLOB,
    client_id BLOB,
    access_id BLOB,
    secret_digest BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    ended_at TEXT,
    end_reason TEXT,
    origin TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT session_secret UNIQUE (practice_id, secret_digest),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id),
    CHECK (staff_id IS NOT NULL OR client_id IS NOT NULL)
) STRICT;
CREATE INDEX session_by_staff ON session (practice_id, staff_id, created_at) WHERE ended_at IS NULL AND staff_id IS NOT NULL;
CREATE INDEX session_by_client ON session (practice_id, client_id, created_at) WHERE ended_at IS NULL AND client_id IS NOT NULL;
-- For housekeeping.
CREATE INDEX session_by_expiry ON session (expires_at) WHERE ended_at IS NULL;
CREATE INDEX session_by_end ON session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE checklist_template (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    item_groups TEXT NOT NULL,
    archived INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    name_key TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT template_name UNIQUE (practice_id, name_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
) STRICT;
CREATE INDEX checklist_template_by_name ON checklist_template (practice_id, name_key, id);

CREATE TABLE request (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    group_name TEXT NOT NULL,
    title TEXT NOT NULL,
    help TEXT NOT NULL,
    example TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    required INTEGER NOT NULL,
    due_on TEXT,
    position INTEGER NOT NULL,
    template_id BLOB,
    template_key TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT request_source UNIQUE (practice_id, matter_id, client_id, template_id, template_key),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, template_id) REFERENCES checklist_template (practice_id, id)
) STRICT;
CREATE INDEX request_by_position ON request (practice_id, position, id);
CREATE INDEX request_by_matter ON request (practice_id, matter_id, position, id);
CREATE INDEX request_by_client ON request (practice_id, client_id, position, id);
CREATE INDEX request_agenda ON request (practice_id, matter_id, state, due_on);

CREATE TABLE document (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB,
    request_id BLOB,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    confidentiality TEXT NOT NULL,
    versions INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    blob BLOB NOT NULL,
    uploaded_by_client BLOB,
    uploaded_by_staff BLOB,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    search_text TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, request_id) REFERENCES request (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_client) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_staff) REFERENCES staff_member (practice_id, id),
    CHECK ((uploaded_by_client IS NULL) <> (uploaded_by_staff IS NULL))
) STRICT;
CREATE INDEX document_by_time ON document (practice_id, created_at, id);
CREATE INDEX document_by_status ON document (practice_id, status, created_at, id);
CREATE INDEX document_by_matter ON document (practice_id, matter_id, created_at, id);
CREATE INDEX document_by_client ON document (practice_id, client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX document_by_request ON document (practice_id, request_id, status, created_at, id) WHERE request_id IS NOT NULL;
CREATE INDEX document_to_review ON document (practice_id, matter_id) WHERE status = 'pending-review';

CREATE TABLE document_version (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    document_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    blob BLOB NOT NULL,
    uploaded_by_client BLOB,
    uploaded_by_staff BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT document_version_number UNIQUE (practice_id, document_id, number),
    FOREIGN KEY (practice_id, document_id) REFERENCES document (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_client) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_staff) REFERENCES staff_member (practice_id, id),
    CHECK ((uploaded_by_client IS NULL) <> (uploaded_by_staff IS NULL))
) STRICT;
CREATE INDEX document_version_by_blob ON document_version (practice_id, blob);

CREATE TABLE share (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    document_id BLOB NOT NULL,
    access_id BLOB NOT NULL,
    removed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT share_once UNIQUE (practice_id, document_id, access_id),
    FOREIGN KEY (practice_id, document_id) REFERENCES document (practice_id, id),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id)
) STRICT;
CREATE INDEX share_by_access ON share (practice_id, access_id, document_id);

CREATE TABLE notification (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    staff_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    matter_id BLOB NOT NULL,
    client_id BLOB,
    headline TEXT NOT NULL,
    created_at TEXT NOT NULL,
    read_at TEXT,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
) STRICT;
CREATE INDEX notification_by_staff ON notification (practice_id, staff_id, created_at, id);
CREATE INDEX notification_unread ON notification (practice_id, staff_id, created_at, id) WHERE read_at IS NULL;

-- An event may name a practice that does not exist (somebody asked for a link with a made-up address): no foreign key.
CREATE TABLE event (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    last_error TEXT,
    PRIMARY KEY (practice_id, id)
) STRICT;
CREATE INDEX event_pending ON event (practice_id, due_at, id) WHERE state = 'pending';
-- For the worker, which looks for practices with work to do, and for housekeeping.
CREATE INDEX event_due ON event (due_at, practice_id) WHERE state = 'pending';
CREATE INDEX event_done ON event (state) WHERE state = 'done';

-- A delivery outlives its event: no foreign key to it.
CREATE TABLE delivery (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    matter_id BLOB,
    client_id BLOB,
    staff_id BLOB,
    to_name TEXT NOT NULL,
    to_email TEXT NOT NULL,
    letter TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    last_error TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    CHECK ((client_id IS NULL) <> (staff_id IS NULL))
) STRICT;
CREATE INDEX delivery_by_time ON delivery (practice_id, created_at, id);
CREATE INDEX delivery_by_matter ON delivery (practice_id, matter_id, created_at, id) WHERE matter_id IS NOT NULL;
CREATE INDEX delivery_by_client ON delivery (practice_id, client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX delivery_by_state ON delivery (practice_id, state, created_at, id);
CREATE INDEX delivery_open ON delivery (practice_id, due_at, id) WHERE state IN ('queued', 'sending');
-- For the worker.
CREATE INDEX delivery_due ON delivery (due_at, practice_id) WHERE state IN ('queued', 'sending');

-- What was done stays on record whatever becomes of the records that it was done to: no foreign keys.
CREATE TABLE audit_entry (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    happened_at TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    staff_id BLOB,
    client_id BLOB,
    system TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    matter_id BLOB,
    detail TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (practice_id, id)
) STRICT;
CREATE INDEX audit_entry_by_time ON audit_entry (practice_id, happened_at, id);
CREATE INDEX audit_entry_by_matter ON audit_entry (practice_id, matter_id, happened_at, id) WHERE matter_id IS NOT NULL;
CREATE INDEX audit_entry_by_subject ON audit_entry (practice_id, subject_id, happened_at, id);
CREATE INDEX audit_entry_by_action ON audit_entry (practice_id, action, happened_at, id);

-- Counters and keys may belong to a practice that does not exist, like events.
CREATE TABLE counter (
    practice_id BLOB NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    until_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, name)
) STRICT;
-- For housekeeping.
CREATE INDEX counter_by_end ON counter (until_at);

CREATE TABLE idempotency_key (
    practice_id BLOB NOT NULL,
    name TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    until_at TEXT NOT NULL,
    status INTEGER,
    content_type TEXT,
    etag TEXT,
    location TEXT,
    body BLOB,
    PRIMARY KEY (practice_id, name)
) STRICT;
-- For housekeeping.
CREATE INDEX idempotency_key_by_end ON idempotency_key (until_at);

-- What the planner is to assume: of a million rows, one practice has a tenth, one matter twenty. Without it SQLite takes
-- a practice's rows for ten and would rather look through them all than use a better index. Fixed numbers keep the plans
-- as they were tested.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('practice', 'sqlite_autoindex_practice_1', '10 1 1'),
    ('staff_member', 'sqlite_autoindex_staff_member_1', '1000 100 1'),
    ('staff_member', 'sqlite_autoindex_staff_member_2', '1000 100 1'),
    ('staff_member', 'staff_member_by_name', '1000 100 1 1'),
    ('client', 'sqlite_autoindex_client_1', '1000000 100000 1'),
    ('client', 'sqlite_autoindex_client_2', '1000000 100000 1'),
    ('client', 'client_by_name', '1000000 100000 1 1'),
    ('matter', 'sqlite_autoindex_matter_1', '1000000 100000 1'),
    ('matter', 'sqlite_autoindex_matter_2', '1000000 100000 1'),
    ('matter', 'matter_by_update', '1000000 100000 1 1'),
    ('matter', 'matter_by_reference', '1000000 100000 1 1'),
    ('matter', 'matter_by_title', '1000000 100000 1 1'),
    ('matter', 'matter_by_owner', '1000000 100000 2000 1'),
    ('matter', 'matter_by_parent', '1000000 100000 5 1'),
    ('matter', 'matter_by_area', '1000000 100000 5000'),
    ('matter', 'matter_by_stage', '1000000 100000 5000'),
    ('participant', 'sqlite_autoindex_participant_1', '1000000 100000 1'),
    ('participant', 'sqlite_autoindex_participant_2', '1000000 100000 20 1'),
    ('participant', 'participant_by_client', '1000000 100000 20 20'),
    ('team_member', 'sqlite_autoindex_team_member_1', '1000000 100000 1'),
    ('team_member', 'sqlite_autoindex_team_member_2', '1000000 100000 20 1'),
    ('team_member', 'team_member_by_staff', '1000000 100000 2000 20'),
    ('portal_access', 'sqlite_autoindex_portal_access_1', '1000000 100000 1'),
    ('portal_access', 'sqlite_autoindex_portal_access_2', '1000000 100000 20 1'),
    ('portal_access', 'portal_access_by_client', '1000000 100000 20 1'),
    ('sign_in_link', 'sqlite_autoindex_sign_in_link_1', '1000000 100000 1'),
    ('sign_in_link', 'sqlite_autoindex_sign_in_link_2', '1000000 100000 1'),
    ('sign_in_link', 'sign_in_link_by_access', '1000000 100000 5 1 1'),
    ('sign_in_link', 'sign_in_link_by_issue', '1000000 100000 1'),
    ('sign_in_link', 'sign_in_link_by_expiry', '1000000 1'),
    ('sign_in_link', 'sign_in_link_by_use', '1000000 1'),
    ('session', 'sqlite_autoindex_session_1', '1000000 100000 1'),
    ('session', 'sqlite_autoindex_session_2', '1000000 100000 1'),
    ('session', 'session_by_staff', '1000000 100000 2000 1'),
    ('session', 'session_by_client', '1000000 100000 20 1'),
    ('session', 'session_by_expiry', '1000000 1'),
    ('session', 'session_by_end', '1000000 1'),
    ('checklist_template', 'sqlite_autoindex_checklist_template_1', '1000000 100000 1'),
    ('checklist_template', 'sqlite_autoindex_checklist_template_2', '1000000 100000 1'),
    ('checklist_template', 'checklist_template_by_name', '1000000 100000 1 1'),
    ('request', 'sqlite_autoindex_request_1', '1000000 100000 1'),
    ('request', 'sqlite_autoindex_request_2', '1000000 100000 20 20 20 1'),
    ('request', 'request_by_position', '1000000 100000 5000 1'),
    ('request', 'request_by_matter', '1000000 100000 20 20 1'),
    ('request', 'request_by_client', '1000000 100000 20 20 1'),
    ('request', 'request_agenda', '1000000 100000 20 20 1'),
    ('document', 'sqlite_autoindex_document_1', '1000000 100000 1'),
    ('document', 'document_by_time', '1000000 100000 1 1'),
    ('document', 'document_by_status', '1000000 100000 20000 1 1'),
    ('document', 'document_by_matter', '1000000 100000 20 1 1'),
    ('document', 'document_by_client', '1000000 100000 20 1 1'),
    ('document', 'document_by_request', '1000000 100000 3 3 1 1'),
    ('document', 'document_to_review', '1000000 100000 20'),
    ('document_version', 'sqlite_autoindex_document_version_1', '1000000 100000 1'),
    ('document_version', 'sqlite_autoindex_document_version_2', '1000000 100000 2 1'),
    ('document_version', 'document_version_by_blob', '1000000 100000 1'),
    ('share', 'sqlite_autoindex_share_1', '1000000 100000 1'),
    ('share', 'sqlite_autoindex_share_2', '1000000 100000 2 1'),
    ('share', 'share_by_access', '1000000 100000 5 2'),
    ('notification', 'sqlite_autoindex_notification_1', '1000000 100000 1'),
    ('notification', 'notification_by_staff', '1000000 100000 2000 1 1'),
    ('notification', 'notification_unread', '1000000 100000 2000 1 1'),
    ('event', 'sqlite_autoindex_event_1', '1000000 100000 1'),
    ('event', 'event_pending', '10000 1000 1 1'),
    ('event', 'event_due', '10000 1 1'),
    ('event', 'event_done', '10000 10000'),
    ('delivery', 'sqlite_autoindex_delivery_1', '1000000 100000 1'),
    ('delivery', 'delivery_by_time', '1000000 100000 1 1'),
    ('delivery', 'delivery_by_matter', '1000000 100000 20 1 1'),
    ('delivery', 'delivery_by_client', '1000000 100000 20 1 1'),
    ('delivery', 'delivery_by_state', '1000000 100000 20000 1 1'),
    ('delivery', 'delivery_open', '10000 1000 1 1'),
    ('delivery', 'delivery_due', '10000 1 1'),
    ('audit_entry', 'sqlite_autoindex_audit_entry_1', '1000000 100000 1'),
    ('audit_entry', 'audit_entry_by_time', '1000000 100000 1 1'),
    ('audit_entry', 'audit_entry_by_matter', '1000000 100000 20 1 1'),
    ('audit_entry', 'audit_entry_by_subject', '1000000 100000 10 1 1'),
    ('audit_entry', 'audit_entry_by_action', '1000000 100000 5000 1 1'),
    ('counter', 'sqlite_autoindex_counter_1', '1000000 100000 1'),
    ('counter', 'counter_by_end', '1000000 1'),
    ('idempotency_key', 'sqlite_autoindex_idempotency_key_1', '1000000 100000 1'),
    ('idempotency_key', 'idempotency_key_by_end', '1000000 1');
