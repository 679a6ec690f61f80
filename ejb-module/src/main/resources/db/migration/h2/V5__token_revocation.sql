-- Tokens of sign-ins before this instant are refused; null: none were ever revoked.

ALTER TABLE account ADD COLUMN tokens_valid_from TIMESTAMP WITH TIME ZONE;
