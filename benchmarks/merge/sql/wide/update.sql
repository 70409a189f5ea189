UPDATE public.customers c SET v2 = substr(md5(c.v2 || %(seed)s::text), 1, 12)
FROM chosen WHERE chosen.id = c.id AND number <= %(updated)s
