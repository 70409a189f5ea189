-- The modes in which an apply holds the merge table or one of its partitions.
SELECT DISTINCT l.mode FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND a.application_name = %(application)s AND c.relname = ANY(%(tables)s)
