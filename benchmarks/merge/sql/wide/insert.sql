-- Rows that depend on nothing but their number.
INSERT INTO public.customers SELECT * FROM public.new_rows(%(first)s::bigint, %(last)s::bigint)
