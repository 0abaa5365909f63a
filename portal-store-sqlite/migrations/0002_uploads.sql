-- Files that come in several goes. They become documents; until then nothing refers to them.

CREATE TABLE upload (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    request_id BLOB,
    replaces_id BLOB,
    matter_id BLOB,
    client_id BLOB,
    confidentiality TEXT,
    uploaded_by_client BLOB,
    uploaded_by_staff BLOB,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    state TEXT NOT NULL,
    document_id BLOB,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (practice_id, id),
    FOREIGN KEY (practice_id, request_id) REFERENCES request (practice_id, id),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, client_id) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_client) REFERENCES client (practice_id, id),
    FOREIGN KEY (practice_id, uploaded_by_staff) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, document_id) REFERENCES document (practice_id, id),
    CHECK ((request_id IS NULL) <> (matter_id IS NULL)),
    CHECK ((uploaded_by_client IS NULL) <> (uploaded_by_staff IS NULL)),
    CHECK ((document_id IS NOT NULL) = (state = 'finished')),
    CHECK (received BETWEEN 0 AND size)
) STRICT;
CREATE INDEX upload_waiting_of_client ON upload (practice_id, uploaded_by_client, expires_at) WHERE state = 'receiving';
CREATE INDEX upload_waiting_of_staff ON upload (practice_id, uploaded_by_staff, expires_at) WHERE state = 'receiving';
