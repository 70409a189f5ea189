-- How many rows, and the sum of a digest over all their cells' texts, by which two tables are compared.
SELECT count(*), sum(('x' || substr(md5(ROW(CELLS)::text), 1, 15))::bit(60)::bigint) FROM RELATION WHERE CONDITION
