-- Rows that depend on nothing but their number. Regions and branches repeat, so that keys differ late.
INSERT INTO public.customers
SELECT 'Region of ' || mod(id, 20), 'Branch number ' || mod(id, 5000), 'Contract ' || substr(md5(id::text), 1, 20) || id, id,
    initcap(substr(md5('name' || id), 1, 9 + mod(id, 7)::int)),
    CASE WHEN mod(id, 10) <> 3 THEN substr(md5('note' || id), 1, 24) END,
    date '1940-01-01' + mod(hashint8(id) & 65535, 25000),
    CASE WHEN mod(id, 10) < 3 THEN 1 + id / 2 END
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id
