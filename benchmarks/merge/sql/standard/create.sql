-- The producer's table: eight columns, five of them text.
CREATE TABLE public.customers (
    id bigint PRIMARY KEY,
    first_name varchar(50) NOT NULL,
    last_name varchar(50) NOT NULL,
    email varchar(100) NOT NULL,
    phone varchar(30),
    address text,
    born date,
    referred_by bigint
)
