-- Where the floors are measured: the producer's columns without anything of ours.
DO $$
BEGIN
    EXECUTE (
        SELECT format('CREATE UNLOGGED TABLE public.bare (id bigint, %%s)', string_agg(
            format('v%%s %%s', n, (ARRAY['date', 'integer', 'varchar(20)', 'bigint'])[1 + n %% 4]), ', ' ORDER BY n
        ))
        FROM generate_series(2, 200) AS n
    );
END
$$;
CREATE TABLE public.indexed (LIKE public.bare)
