-- Every table belongs to a practice: practice_id leads every primary key, unique rule, foreign key and index that a
-- request uses, so that the database can be sharded by practice. Names of unique rules are known to the program. Texts that are
-- sorted or compared are folded by the program and sort by their bytes, as on SQLite.

CREATE TABLE practice (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    sender_name TEXT,
    brand_colour TEXT,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    matter_word TEXT NOT NULL,
    help_text TEXT NOT NULL,
    settings JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CHECK (practice_id = id)
);

CREATE TABLE staff_member (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT staff_email UNIQUE (practice_id, email_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);
CREATE INDEX staff_member_by_name ON staff_member (practice_id, name_key, id);

CREATE TABLE client (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    reference TEXT,
    given_names TEXT NOT NULL,
    family_name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    date_of_birth DATE,
    nationality TEXT,
    passport_number TEXT,
    passport_issued_on DATE,
    passport_expires_on DATE,
    language TEXT,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    reference_key TEXT COLLATE "C",
    search_text TEXT COLLATE "C" NOT NULL,
    sort_text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT client_reference UNIQUE (practice_id, reference_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);
CREATE INDEX client_by_name ON client (practice_id, sort_text, id);

CREATE TABLE matter (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    practice_area TEXT COLLATE "C",
    stage TEXT COLLATE "C",
    attributes JSONB NOT NULL,
    owner_id UUID NOT NULL,
    parent_id UUID,
    state TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    reference_key TEXT COLLATE "C" NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    search_text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT matter_reference UNIQUE (practice_id, reference_key),
    FOREIGN KEY (practice_id, owner_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, parent_id) REFERENCES matter (practice_id, id)
);
CREATE INDEX matter_by_update ON matter (practice_id, updated_at, id);
CREATE INDEX matter_by_reference ON matter (practice_id, reference_key, id);
CREATE INDEX matter_by_title ON matter (practice_id, title_key, id);
CREATE INDEX matter_by_owner ON matter (practice_id, owner_id, id);
CREATE INDEX matter_by_parent ON matter (practice_id, parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX matter_by_area ON matter (practice_id, practice_area);
CREATE INDEX matter_by_stage ON matter (practice_id, stage);

CREATE TABLE participant (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    client_id UUID NOT NULL,
    part TEXT NOT NULL,
    removed BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT participant_once UNIQUE (practice_id, matter_id, client_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
);
CREATE INDEX participant_by_client ON participant (practice_id, client_id, matter_id);

CREATE TABLE team_member (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    removed BOOLEAN NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT team_member_once UNIQUE (practice_id, matter_id, staff_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id)
);
CREATE INDEX team_member_by_staff ON team_member (practice_id, staff_id, matter_id);

CREATE TABLE portal_access (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    client_id UUID NOT NULL,
    state TEXT NOT NULL,
    invited_at TIMESTAMPTZ,
    first_entered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT portal_access_once UNIQUE (practice_id, matter_id, client_id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
);
CREATE INDEX portal_access_by_client ON portal_access (practice_id, client_id, created_at);

CREATE TABLE sign_in_link (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    access_id UUID NOT NULL,
    client_id UUID NOT NULL,
    email TEXT NOT NULL,
    token_digest BYTEA NOT NULL,
    code_digest BYTEA NOT NULL,
    browser BYTEA,
    invitation BOOLEAN NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT link_token UNIQUE (practice_id, token_digest),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
);
CREATE INDEX sign_in_link_by_access ON sign_in_link (practice_id, access_id, issued_at, id);
CREATE INDEX sign_in_link_by_issue ON sign_in_link (practice_id, issued_at);
-- For housekeeping, which serves all practices at once.
CREATE INDEX sign_in_link_by_expiry ON sign_in_link (expires_at) WHERE used_at IS NULL;
CREATE INDEX sign_in_link_by_use ON sign_in_link (used_at) WHERE used_at IS NOT NULL;

CREATE TABLE session (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    staff_id UUID,
    client_id UUID,
    access_id UUID,
    secret_digest BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    end_reason TEXT,
    origin JSONB NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT session_secret UNIQUE (practice_id, secret_digest),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id),
    CHECK (staff_id IS NOT NULL OR client_id IS NOT NULL)
);
CREATE INDEX session_by_staff ON session (practice_id, staff_id, created_at) WHERE ended_at IS NULL AND staff_id IS NOT NULL;
CREATE INDEX session_by_client ON session (practice_id, client_id, created_at) WHERE ended_at IS NULL AND client_id IS NOT NULL;
-- For housekeeping.
CREATE INDEX session_by_expiry ON session (expires_at) WHERE ended_at IS NULL;
CREATE INDEX session_by_end ON session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE checklist_template (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    item_groups JSONB NOT NULL,
    archived BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT template_name UNIQUE (practice_id, name_key),
    FOREIGN KEY (practice_id, practice_id) REFERENCES practice (practice_id, id)
);
CREATE INDEX checklist_template_by_name ON checklist_template (practice_id, name_key, id);

CREATE TABLE request (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    client_id UUID NOT NULL,
    group_name TEXT NOT NULL,
    title TEXT NOT NULL,
    help TEXT NOT NULL,
    example TEXT NOT NULL,
    wanted BIGINT NOT NULL,
    required BOOLEAN NOT NULL,
    due_on DATE,
    position BIGINT NOT NULL,
    template_id UUID,
    template_key TEXT COLLATE "C",
    state TEXT NOT NULL,
    reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT request_source UNIQUE (practice_id, matter_id, client_id, template_id, template_key),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, template_id) REFERENCES checklist_template (practice_id, id)
);
CREATE INDEX request_by_position ON request (practice_id, position, id);
CREATE INDEX request_by_matter ON request (practice_id, matter_id, position, id);
CREATE INDEX request_by_client ON request (practice_id, client_id, position, id);
CREATE INDEX request_agenda ON request (practice_id, matter_id, state, due_on);

CREATE TABLE document (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    client_id UUID,
    request_id UUID,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    confidentiality TEXT NOT NULL,
    versions BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    blob UUID NOT NULL,
    uploaded_by_client UUID,
    uploaded_by_staff UUID,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    search_text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, request_id) REFERENCES request (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_client) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_staff) REFERENCES staff_member (practice_id, id),
    CHECK ((uploaded_by_client IS NULL) <> (uploaded_by_staff IS NULL))
);
CREATE INDEX document_by_time ON document (practice_id, created_at, id);
CREATE INDEX document_by_status ON document (practice_id, status, created_at, id);
CREATE INDEX document_by_matter ON document (practice_id, matter_id, created_at, id);
CREATE INDEX document_by_client ON document (practice_id, client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX document_by_request ON document (practice_id, request_id, status, created_at, id) WHERE request_id IS NOT NULL;
CREATE INDEX document_to_review ON document (practice_id, matter_id) WHERE status = 'pending-review';

CREATE TABLE document_version (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    document_id UUID NOT NULL,
    number BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    blob UUID NOT NULL,
    uploaded_by_client UUID,
    uploaded_by_staff UUID,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT document_version_number UNIQUE (practice_id, document_id, number),
    FOREIGN KEY (practice_id, document_id) REFERENCES document (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_client) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_staff) REFERENCES staff_member (practice_id, id),
    CHECK ((uploaded_by_client IS NULL) <> (uploaded_by_staff IS NULL))
);
CREATE INDEX document_version_by_blob ON document_version (practice_id, blob);

CREATE TABLE share (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    document_id UUID NOT NULL,
    access_id UUID NOT NULL,
    removed BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT share_once UNIQUE (practice_id, document_id, access_id),
    FOREIGN KEY (practice_id, document_id) REFERENCES document (practice_id, id),
    FOREIGN KEY (practice_id, access_id) REFERENCES portal_access (practice_id, id)
);
CREATE INDEX share_by_access ON share (practice_id, access_id, document_id);

CREATE TABLE notification (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    kind JSONB NOT NULL,
    matter_id UUID NOT NULL,
    client_id UUID,
    headline TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id)
);
CREATE INDEX notification_by_staff ON notification (practice_id, staff_id, created_at, id);
CREATE INDEX notification_unread ON notification (practice_id, staff_id, created_at, id) WHERE read_at IS NULL;

-- An event may name a practice that does not exist (somebody asked for a link with a made-up address): no foreign key.
CREATE TABLE event (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    kind JSONB NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    last_error TEXT,
    PRIMARY KEY (practice_id, id)
);
CREATE INDEX event_pending ON event (practice_id, due_at, id) WHERE state = 'pending';
-- For the worker, which looks for practices with work to do, and for housekeeping.
CREATE INDEX event_due ON event (due_at, practice_id) WHERE state = 'pending';
CREATE INDEX event_done ON event (state) WHERE state = 'done';

-- A delivery outlives its event: no foreign key to it.
CREATE TABLE delivery (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    event_id UUID NOT NULL,
    matter_id UUID,
    client_id UUID,
    staff_id UUID,
    to_name TEXT NOT NULL,
    to_email TEXT NOT NULL,
    letter JSONB NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, staff_id) REFERENCES staff_member (practice_id, id),
    CHECK ((client_id IS NULL) <> (staff_id IS NULL))
);
CREATE INDEX delivery_by_time ON delivery (practice_id, created_at, id);
CREATE INDEX delivery_by_matter ON delivery (practice_id, matter_id, created_at, id) WHERE matter_id IS NOT NULL;
CREATE INDEX delivery_by_client ON delivery (practice_id, client_id, created_at, id) WHERE client_id IS NOT NULL;
CREATE INDEX delivery_by_state ON delivery (practice_id, state, created_at, id);
CREATE INDEX delivery_open ON delivery (practice_id, due_at, id) WHERE state IN ('queued', 'sending');
-- For the worker.
CREATE INDEX delivery_due ON delivery (due_at, practice_id) WHERE state IN ('queued', 'sending');

-- What was done stays on record whatever becomes of the records that it was done to: no foreign keys.
CREATE TABLE audit_entry (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    actor_kind TEXT NOT NULL,
    staff_id UUID,
    client_id UUID,
    system TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    matter_id UUID,
    detail JSONB NOT NULL,
    origin JSONB NOT NULL,
    PRIMARY KEY (practice_id, id)
);
CREATE INDEX audit_entry_by_time ON audit_entry (practice_id, happened_at, id);
CREATE INDEX audit_entry_by_matter ON audit_entry (practice_id, matter_id, happened_at, id) WHERE matter_id IS NOT NULL;
CREATE INDEX audit_entry_by_subject ON audit_entry (practice_id, subject_id, happened_at, id);
CREATE INDEX audit_entry_by_action ON audit_entry (practice_id, action, happened_at, id);

-- Counters and keys may belong to a practice that does not exist, like events.
CREATE TABLE counter (
    practice_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    until_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (practice_id, name)
);
-- For housekeeping.
CREATE INDEX counter_by_end ON counter (until_at);

CREATE TABLE idempotency_key (
    practice_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    until_at TIMESTAMPTZ NOT NULL,
    status BIGINT,
    content_type TEXT,
    etag TEXT,
    location TEXT,
    body BYTEA,
    PRIMARY KEY (practice_id, name)
);
-- For housekeeping.
CREATE INDEX idempotency_key_by_end ON idempotency_key (until_at);
