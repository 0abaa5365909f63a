-- Parts of the words of approvals, so that a search among many does not read them all. Only the places of the parts are kept, not the text.
CREATE VIRTUAL TABLE approval_parts USING fts5(
    practice_id UNINDEXED,
    approval_id UNINDEXED,
    search_text,
    tokenize = 'trigram case_sensitive 1',
    content = '',
    contentless_delete = 1,
    contentless_unindexed = 1
);
INSERT INTO approval_parts (practice_id, approval_id, search_text)
SELECT practice_id, id, search_text FROM approval;
CREATE TRIGGER approval_parts_new AFTER INSERT ON approval BEGIN
    INSERT INTO approval_parts (practice_id, approval_id, search_text) VALUES (new.practice_id, new.id, new.search_text);
END;
-- What is asked never changes, so this costs nothing that anybody could feel.
CREATE TRIGGER approval_parts_changed AFTER UPDATE OF search_text ON approval WHEN old.search_text <> new.search_text BEGIN
    DELETE FROM approval_parts WHERE rowid IN (
        SELECT rowid FROM approval_parts AS found WHERE found.approval_id = old.id AND found.practice_id = old.practice_id
    );
    INSERT INTO approval_parts (practice_id, approval_id, search_text) VALUES (new.practice_id, new.id, new.search_text);
END;
