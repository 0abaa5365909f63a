-- Where a client lives, as a time zone; none: in the practice's. Their quiet hours are those of their clock.
ALTER TABLE client ADD COLUMN time_zone TEXT;
