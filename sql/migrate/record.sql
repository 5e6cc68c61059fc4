INSERT INTO schema_migrations (version, name, sha256, min_binary) VALUES ($1, $2, $3, $4)
