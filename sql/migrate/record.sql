-- Parameters: version, name, sha256, min_binary. Version 0 stands for what is made anew after every migration.
INSERT INTO schema_migrations (version, name, sha256, min_binary) VALUES ($1, $2, $3, $4)
ON CONFLICT (version) DO UPDATE SET
    sha256 = excluded.sha256, min_binary = excluded.min_binary, applied_at = excluded.applied_at
