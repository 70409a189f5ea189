-- Five customers and eight addresses, put into a producer that is still empty. One statement, so that it fills both tables or none,
-- and a row that was deleted later does not come back when this runs again.
WITH still_empty AS (
    SELECT WHERE NOT EXISTS (SELECT FROM public.customers) AND NOT EXISTS (SELECT FROM public.addresses)
),
new_customers AS (
    INSERT INTO public.customers (id, "firstName", "lastName", dob, email, phone, "primaryAddressId", "billingAddressId")
    SELECT seed.*
    FROM still_empty, (VALUES
        ('C1001', 'Grace',  'Holloway', DATE '1984-03-12', 'grace.holloway@example.com', '+1-512-555-0101', 'A2001', 'A2002'),
        ('C1002', 'Miguel', 'Santoro',  DATE '1991-11-30', 'miguel.santoro@example.org', '+1-303-555-0117', 'A2003', NULL),
        ('C1003', 'Siobhán','O''Brien', DATE '1976-07-04', 'siobhan.obrien@example.net', NULL,              'A2004', 'A2005'),
        ('C1004', 'Mei',    'Tanaka',   DATE '2000-02-29', NULL,                         '+1-206-555-0144', 'A2006', NULL),
        ('C1005', 'Darius', 'Coleman',  DATE '1959-12-31', 'darius.coleman@example.com', '+1-404-555-0168', 'A2007', 'A2008')
    ) AS seed (id, "firstName", "lastName", dob, email, phone, "primaryAddressId", "billingAddressId")
)
INSERT INTO public.addresses (id, "customerId", "streetName", city, state, "zipCode")
SELECT seed.*
FROM still_empty, (VALUES
    ('A2001', 'C1001', '1214 Barton Hills Drive', 'Austin',    'Texas',         '78704'),
    ('A2002', 'C1001', '300 West Sixth Street',   'Austin',    'Texas',         '78701'),
    ('A2003', 'C1002', '87 Larimer Street',       'Denver',    'Colorado',      '80202'),
    ('A2004', 'C1003', '45 Beacon Street',        'Boston',    'Massachusetts', '02108-3402'),
    ('A2005', 'C1003', '9 Harbor Way',            'Portland',  'Maine',         '04101'),
    ('A2006', 'C1004', '502 Pike Street',         'Seattle',   'Washington',    '98101'),
    ('A2007', 'C1005', '77 Peachtree Place',      'Atlanta',   'Georgia',       '30309'),
    ('A2008', 'C1005', '1600 Canal Street',       'New Orleans', 'Louisiana',   '70112')
) AS seed (id, "customerId", "streetName", city, state, "zipCode");
