-- Where the floors are measured: the producer's columns without anything of ours.
CREATE UNLOGGED TABLE public.bare (
    region varchar(40), branch varchar(60), code varchar(60), id bigint, name varchar(100), note text, born date,
    referred_by bigint
);
CREATE TABLE public.indexed (LIKE public.bare)
