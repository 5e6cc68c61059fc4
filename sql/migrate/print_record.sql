INSERT INTO schema_migrations (version, name, sha256, min_binary)
VALUES (:version, :'name', :'sha256', :min_binary)
