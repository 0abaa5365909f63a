-- What staff have to do. What an automation set has the workflow that it comes from and a key that no other has; neither
-- database has a foreign key to the workflow, as for requests.
CREATE TABLE task (
    practice_id BLOB NOT NULL,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    matter_id BLOB NOT NULL,
    title TEXT NOT NULL,
    note TEXT NOT NULL,
    assignee_id BLOB,
    due_on TEXT,
    starts_at TEXT NOT NULL,
    workflow_id BLOB,
    workflow_version INTEGER,
    stage_entry_id BLOB,
    assigned_as TEXT,
    done_at TEXT,
    done_by BLOB,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    due_key TEXT NOT NULL,
    once_key TEXT,
    PRIMARY KEY (practice_id, id),
    CONSTRAINT task_once UNIQUE (practice_id, once_key),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, assignee_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, done_by) REFERENCES staff_member (practice_id, id),
    CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CHECK ((workflow_id IS NULL) = (once_key IS NULL))
) STRICT;
CREATE INDEX task_open ON task (practice_id, due_key, id) WHERE done_at IS NULL;
CREATE INDEX task_done ON task (practice_id, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX task_by_matter ON task (practice_id, matter_id, due_key, id);
CREATE INDEX task_by_assignee ON task (practice_id, assignee_id, due_key, id) WHERE assignee_id IS NOT NULL;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('task', 'sqlite_autoindex_task_1', '1000000 100000 1'),
    ('task', 'sqlite_autoindex_task_2', '1000000 100000 1'),
    ('task', 'task_open', '100000 10000 50 1'),
    ('task', 'task_done', '900000 90000 1 1'),
    ('task', 'task_by_matter', '1000000 100000 10 2 1'),
    ('task', 'task_by_assignee', '1000000 100000 5000 10 1');
