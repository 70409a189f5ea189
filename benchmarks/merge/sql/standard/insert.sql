-- Rows that depend on nothing but their number: every run and every machine has the same ones. One in ten has no phone, and three in ten
-- were referred by somebody.
INSERT INTO public.customers
SELECT id,
    initcap(substr(md5('first' || id), 1, 6 + mod(id, 5)::int)),
    initcap(substr(md5('last' || id), 1, 7 + mod(id, 7)::int)),
    substr(md5('email' || id), 1, 12) || id || '@example.org',
    CASE WHEN mod(id, 10) <> 3 THEN '+1 555 ' || lpad(mod(id, 10000000)::text, 7, '0') END,
    (mod(id, 9000) + 1) || ' ' || initcap(substr(md5('street' || id), 1, 10)) || ' Street, ' || initcap(substr(md5('city' || id), 1, 8)),
    date '1940-01-01' + mod(hashint8(id) & 65535, 25000),
    CASE WHEN mod(id, 10) < 3 THEN 1 + id / 2 END
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id
