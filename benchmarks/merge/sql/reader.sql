-- The role that the consumer's views are granted to; roles are the whole server's, so another table's run may have made it.
DO $$
BEGIN
    CREATE ROLE "READER" NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$
