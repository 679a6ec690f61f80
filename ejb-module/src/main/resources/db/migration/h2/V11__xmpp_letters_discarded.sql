-- A letter that was discarded stays as a mark, without its text: when the archive is read again it must not come back.

ALTER TABLE xmpp_letter ADD COLUMN discarded_at TIMESTAMP WITH TIME ZONE;
