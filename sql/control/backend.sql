-- Which server process answers this statement.
SELECT pg_backend_pid()
