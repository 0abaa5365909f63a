-- Whose claim it is: a claim whose answer was lost is made again, and must be known as one's own.
ALTER TABLE idempotency_key ADD COLUMN claimed_by BLOB;
