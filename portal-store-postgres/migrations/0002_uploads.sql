-- Files that come in several goes. They become documents; until then nothing refers to them.

CREATE TABLE upload (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    request_id UUID,
    replaces_id UUID,
    matter_id UUID,
    client_id UUID,
    confidentiality TEXT,
    uploaded_by_client UUID,
    uploaded_by_staff UUID,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    state TEXT NOT NULL,
    document_id UUID,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
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
);
CREATE INDEX upload_waiting_of_client ON upload (practice_id, uploaded_by_client, expires_at) WHERE state = 'receiving';
CREATE INDEX upload_waiting_of_staff ON upload (practice_id, uploaded_by_staff, expires_at) WHERE state = 'receiving';
