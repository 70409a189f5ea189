-- The producer's table whose key is three texts of some 60 characters together; the number is there to choose rows by.
CREATE TABLE public.customers (
    region varchar(40),
    branch varchar(60),
    code varchar(60),
    id bigint NOT NULL UNIQUE,
    name varchar(100) NOT NULL,
    note text,
    born date,
    referred_by bigint,
    PRIMARY KEY (region, branch, code)
)
