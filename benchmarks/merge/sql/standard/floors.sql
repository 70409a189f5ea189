-- Where the floors are measured: the producer's columns without anything of ours.
CREATE UNLOGGED TABLE public.bare (
    id bigint, first_name varchar(50), last_name varchar(50), email varchar(100), phone varchar(30), address text, born date,
    referred_by bigint
);
CREATE TABLE public.indexed (LIKE public.bare)
