-- With which version each automation of a workflow came to say what it says; where none is kept, with the workflow's own.
ALTER TABLE workflow ADD COLUMN editions TEXT NOT NULL DEFAULT '[]';
