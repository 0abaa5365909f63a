-- What the taxonomy was given lately, by which not all matters were read yet, and whether people are told of what it brings.
ALTER TABLE rulebook ADD COLUMN accepting JSONB NOT NULL DEFAULT '[]';
