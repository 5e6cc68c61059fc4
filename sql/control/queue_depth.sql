-- Parameter: codebase_id. Ages and delays in milliseconds by the server's clock; the last one is that until a failed row is due again.
SELECT
    count(*) FILTER (WHERE status = 'pending'),
    count(*) FILTER (WHERE status = 'running'),
    count(*) FILTER (WHERE status = 'dead'),
    coalesce(greatest(0, extract(epoch FROM clock_timestamp()
        - min(scheduled_at) FILTER (WHERE status = 'pending')) * 1000), 0)::bigint,
    CASE WHEN bool_or(status = 'pending' AND retry_from > clock_timestamp()) THEN
        greatest(0, extract(epoch FROM min(retry_from) FILTER (WHERE status = 'pending'
            AND retry_from > clock_timestamp()) - clock_timestamp()) * 1000)::bigint
    END
FROM ingestion_queue
WHERE codebase_id = $1
