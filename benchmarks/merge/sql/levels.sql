-- How the newest batch of each dataset found what had changed, by its log.
SELECT datasets -> 'customers' ->> 'level' FROM METRICS ORDER BY batch DESC LIMIT 1
