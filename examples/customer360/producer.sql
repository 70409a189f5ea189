-- The producer database: customers and their addresses. May run any number of times; what exists stays as it is.

-- Two who create at once take turns: IF NOT EXISTS alone is no protection between sessions.
SELECT pg_advisory_xact_lock(hashtextextended('datasurface customer360 producer', 0));

CREATE TABLE IF NOT EXISTS public.customers (
    id                 varchar(20)  NOT NULL,
    "firstName"        varchar(100) NOT NULL,
    "lastName"         varchar(100) NOT NULL,
    dob                date         NOT NULL,
    email              varchar(100),
    phone              varchar(100),
    "primaryAddressId" varchar(20),
    "billingAddressId" varchar(20),
    CONSTRAINT customers_pkey PRIMARY KEY (id),
    CONSTRAINT customers_id_filled CHECK (id <> ''),
    CONSTRAINT customers_name_filled CHECK (btrim("firstName") <> '' AND btrim("lastName") <> ''),
    CONSTRAINT customers_dob_plausible CHECK (dob >= DATE '1900-01-01'),
    CONSTRAINT customers_email_form CHECK (email LIKE '%_@_%')
);

CREATE TABLE IF NOT EXISTS public.addresses (
    id           varchar(20)  NOT NULL,
    "customerId" varchar(20)  NOT NULL,
    "streetName" varchar(100) NOT NULL,
    city         varchar(100) NOT NULL,
    state        varchar(100) NOT NULL,
    "zipCode"    varchar(30)  NOT NULL,
    CONSTRAINT addresses_pkey PRIMARY KEY (id),
    CONSTRAINT addresses_id_filled CHECK (id <> ''),
    CONSTRAINT addresses_place_filled CHECK (btrim("streetName") <> '' AND btrim(city) <> '' AND btrim(state) <> ''),
    CONSTRAINT addresses_zip_form CHECK ("zipCode" ~ '^[0-9]{5}(-[0-9]{4})?$'),
    CONSTRAINT addresses_customer_fkey FOREIGN KEY ("customerId") REFERENCES public.customers (id)
);

-- The foreign keys form a cycle, so this half comes after both tables. It is checked at commit: a new customer names an address
-- that the next statement of the same transaction inserts.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint
                   WHERE conrelid = 'public.customers'::regclass AND conname = 'customers_primary_address_fkey') THEN
        ALTER TABLE public.customers ADD CONSTRAINT customers_primary_address_fkey
            FOREIGN KEY ("primaryAddressId") REFERENCES public.addresses (id) DEFERRABLE INITIALLY DEFERRED;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint
                   WHERE conrelid = 'public.customers'::regclass AND conname = 'customers_billing_address_fkey') THEN
        ALTER TABLE public.customers ADD CONSTRAINT customers_billing_address_fkey
            FOREIGN KEY ("billingAddressId") REFERENCES public.addresses (id) DEFERRABLE INITIALLY DEFERRED;
    END IF;
END
$$;

-- Each foreign key has an index, so that deleting a row does not read the whole other table.
CREATE INDEX IF NOT EXISTS addresses_customer_idx ON public.addresses ("customerId");
CREATE INDEX IF NOT EXISTS customers_primary_address_idx ON public.customers ("primaryAddressId");
CREATE INDEX IF NOT EXISTS customers_billing_address_idx ON public.customers ("billingAddressId");
CREATE INDEX IF NOT EXISTS customers_name_idx ON public.customers ("lastName", "firstName");
CREATE INDEX IF NOT EXISTS addresses_place_idx ON public.addresses (state, city);
