-- The worker goes from practice to practice by the indexes that begin with the practice.
DROP INDEX event_due;
DROP INDEX delivery_due;
