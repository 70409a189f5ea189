UPDATE public.customers c SET email = substr(md5(c.email || %(seed)s::text), 1, 12) || c.id || '@example.net'
FROM chosen WHERE chosen.id = c.id AND number <= %(updated)s
