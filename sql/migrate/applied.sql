SELECT version, name, sha256, min_binary FROM schema_migrations ORDER BY version
