CREATE UNIQUE INDEX indexed_key ON public.indexed (region, branch, code)
