-- The queue from which a dead letter came: a replay goes the way of that queue.

ALTER TABLE dead_letter ADD COLUMN queue VARCHAR(20) DEFAULT 'COMMANDS' NOT NULL;
