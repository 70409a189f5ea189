DELETE FROM public.customers c USING chosen WHERE chosen.id = c.id AND number > %(updated)s
