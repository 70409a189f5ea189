CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, price DECIMAL(10, 2) NOT NULL,
    listed BOOLEAN NOT NULL
);
CREATE TABLE sales (product INTEGER, day DATE, pieces INTEGER NOT NULL, counted TIMESTAMP, PRIMARY KEY (product, day));
INSERT INTO products VALUES (1, 'tea', 2.5, 1), (2, 'cup', 7, 0);
INSERT INTO sales VALUES (1, '2026-01-31', 3, '2026-02-01 00:00:00.250'), (2, '2026-02-01', 1, NULL);
