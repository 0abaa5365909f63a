-- What staff have to do. What an automation set has the workflow that it comes from and a key that no other has; neither
-- database has a foreign key to the workflow, as for requests.
CREATE TABLE task (
    practice_id UUID NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    matter_id UUID NOT NULL,
    title TEXT NOT NULL,
    note TEXT NOT NULL,
    assignee_id UUID,
    due_on DATE,
    starts_at TIMESTAMPTZ NOT NULL,
    workflow_id UUID,
    workflow_version BIGINT,
    stage_entry_id UUID,
    assigned_as TEXT,
    done_at TIMESTAMPTZ,
    done_by UUID,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    due_key TEXT COLLATE "C" NOT NULL,
    once_key TEXT COLLATE "C",
    PRIMARY KEY (practice_id, id),
    CONSTRAINT task_once UNIQUE (practice_id, once_key),
    FOREIGN KEY (practice_id, matter_id) REFERENCES matter (practice_id, id),
    FOREIGN KEY (practice_id, assignee_id) REFERENCES staff_member (practice_id, id),
    FOREIGN KEY (practice_id, done_by) REFERENCES staff_member (practice_id, id),
    CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CHECK ((workflow_id IS NULL) = (once_key IS NULL))
);
CREATE INDEX task_open ON task (practice_id, due_key, id) WHERE done_at IS NULL;
CREATE INDEX task_done ON task (practice_id, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX task_by_matter ON task (practice_id, matter_id, due_key, id);
CREATE INDEX task_by_assignee ON task (practice_id, assignee_id, due_key, id) WHERE assignee_id IS NOT NULL;
