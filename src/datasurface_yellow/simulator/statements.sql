-- The statements of the simulator, each under its name. An update or a delete names the whole row as it was: when another program has
-- changed it since, nothing matches, and the simulator reads the rows again and plans anew.

-- name: insert customers
INSERT INTO public.customers (id, "firstName", "lastName", dob, email, phone, "primaryAddressId", "billingAddressId")
VALUES (%(id)s, %(firstName)s, %(lastName)s, %(dob)s, %(email)s, %(phone)s, %(primaryAddressId)s, %(billingAddressId)s);

-- name: update customers
UPDATE public.customers
SET "firstName" = %(firstName)s, "lastName" = %(lastName)s, dob = %(dob)s, email = %(email)s, phone = %(phone)s,
    "primaryAddressId" = %(primaryAddressId)s, "billingAddressId" = %(billingAddressId)s
WHERE id = %(before.id)s
  AND (("firstName", "lastName", dob, email, phone, "primaryAddressId", "billingAddressId")
       IS NOT DISTINCT FROM
       (%(before.firstName)s, %(before.lastName)s, %(before.dob)s, %(before.email)s, %(before.phone)s,
        %(before.primaryAddressId)s, %(before.billingAddressId)s));

-- name: insert addresses
INSERT INTO public.addresses (id, "customerId", "streetName", city, state, "zipCode")
VALUES (%(id)s, %(customerId)s, %(streetName)s, %(city)s, %(state)s, %(zipCode)s);

-- name: update addresses
UPDATE public.addresses
SET "customerId" = %(customerId)s, "streetName" = %(streetName)s, city = %(city)s, state = %(state)s, "zipCode" = %(zipCode)s
WHERE id = %(before.id)s
  AND (("customerId", "streetName", city, state, "zipCode")
       IS NOT DISTINCT FROM
       (%(before.customerId)s, %(before.streetName)s, %(before.city)s, %(before.state)s, %(before.zipCode)s));

-- name: delete addresses
DELETE FROM public.addresses
WHERE id = %(before.id)s
  AND (("customerId", "streetName", city, state, "zipCode")
       IS NOT DISTINCT FROM
       (%(before.customerId)s, %(before.streetName)s, %(before.city)s, %(before.state)s, %(before.zipCode)s));

-- name: snapshot
-- One statement, so both tables are of one moment; in one fixed order, so that a seed means the same changes wherever it runs.
SELECT rows.dataset, rows.document
FROM (
    SELECT 'customers' AS dataset, c.id, to_jsonb(c) AS document
    FROM (SELECT id, "firstName", "lastName", dob, email, phone, "primaryAddressId", "billingAddressId" FROM public.customers) AS c
    UNION ALL
    SELECT 'addresses', a.id, to_jsonb(a)
    FROM (SELECT id, "customerId", "streetName", city, state, "zipCode" FROM public.addresses) AS a
) AS rows
ORDER BY rows.dataset, rows.id COLLATE "C";

-- name: before commit
-- Foreign keys that wait for the commit are checked now: after this only a crash can stop the commit.
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_current_xact_id()::text, clock_timestamp();

-- name: transaction status
SELECT pg_xact_status(%(xid)s::text::xid8);

-- name: take turn
-- One simulator a database: two would make the same ids, and neither log would tell the whole story.
SELECT set_config('lock_timeout', %(patience)s, true);
SELECT pg_advisory_lock(hashtextextended('datasurface simulator', 0));
