-- Rows to change, spread over the whole table: the first of an order that no index and no page has.
CREATE TEMPORARY TABLE chosen ON COMMIT DROP AS
SELECT id, row_number() OVER (ORDER BY hashint8extended(id, %(seed)s), id) AS number
FROM public.customers ORDER BY number LIMIT %(limit)s
