UPDATE public.customers c SET note = substr(md5(coalesce(c.note, '') || %(seed)s::text), 1, 24)
FROM chosen WHERE chosen.id = c.id AND number <= %(updated)s
