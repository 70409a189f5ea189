-- (The driver halves each doubled per cent sign.)
-- The producer's table of 200 columns: a key, then whole numbers, short texts, dates and numbers that are often missing, in turn.
DO $$
DECLARE
    columns text;
    cells text;
BEGIN
    SELECT string_agg(format('v%%s %%s', n, (ARRAY['date', 'integer', 'varchar(20)', 'bigint'])[1 + n %% 4]), ', ' ORDER BY n),
        string_agg(
            format(
                (ARRAY[
                    'date ''2000-01-01'' + mod(id + %%s, 9000)::int',
                    'mod(id * %%s, 100003)::integer',
                    'substr(md5(id || ''/%%s''), 1, 12)',
                    'CASE WHEN mod(id + %%s, 3) = 0 THEN id END'
                ])[1 + n %% 4],
                n
            ),
            ', ' ORDER BY n
        )
    INTO columns, cells
    FROM generate_series(2, 200) AS n;
    EXECUTE format('CREATE TABLE public.customers (id bigint PRIMARY KEY, %%s)', columns);
    EXECUTE format(
        'CREATE FUNCTION public.new_rows(first bigint, last bigint) RETURNS SETOF public.customers LANGUAGE sql AS '
            '%%L',
        format('SELECT id, %%s FROM generate_series(first, last) AS id', cells)
    );
END
$$
