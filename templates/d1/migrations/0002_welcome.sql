-- Migration number: 0002
INSERT INTO notes (text) VALUES ('Welcome');
