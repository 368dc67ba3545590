-- By which key agents that encrypt are known: SHA-256 of its SubjectPublicKeyInfo.

-- Up Migration

-- Null: the agent is asked plainly.
ALTER TABLE vm ADD COLUMN tls_pin bytea CHECK (octet_length(tls_pin) = 32);
ALTER TABLE host ADD COLUMN tls_pin bytea CHECK (octet_length(tls_pin) = 32);

-- Down Migration

ALTER TABLE host DROP COLUMN tls_pin;
ALTER TABLE vm DROP COLUMN tls_pin;
