-- The five tables of the Star Schema Benchmark (O'Neil, O'Neil, Chen: "Star Schema Benchmark",
-- revision 3, 2009) in a schema of their own, derived from the TPC-H tables of the same warehouse.
-- The queries beside this file run after SET search_path TO ssb.
--
-- What the paper's generator makes and TPC-H has not is derived so that the queries select what
-- the paper says they do: cities are the first nine letters of the nation and a digit, categories
-- and brands refine TPC-H's manufacturers, quantities and discounts are lineitem's.
-- The attributes in comments behind each table are its keys: scripts/check-ssb passes them on or
-- leaves them out.
CREATE SCHEMA ssb;

CREATE TABLE ssb.customer (
    c_custkey integer PRIMARY KEY,
    c_name varchar(25) NOT NULL,
    c_address varchar(40) NOT NULL,
    c_city char(10) NOT NULL,
    c_nation char(15) NOT NULL,
    c_region char(12) NOT NULL,
    c_phone char(15) NOT NULL,
    c_mktsegment char(10) NOT NULL
) /*+ DISTSTYLE ALL SORTKEY (c_custkey) */;
CREATE TABLE ssb.supplier (
    s_suppkey integer PRIMARY KEY,
    s_name char(25) NOT NULL,
    s_address varchar(40) NOT NULL,
    s_city char(10) NOT NULL,
    s_nation char(15) NOT NULL,
    s_region char(12) NOT NULL,
    s_phone char(15) NOT NULL
) /*+ DISTSTYLE ALL SORTKEY (s_suppkey) */;
CREATE TABLE ssb.part (
    p_partkey integer PRIMARY KEY,
    p_name varchar(55) NOT NULL,
    p_mfgr char(6) NOT NULL,
    p_category char(7) NOT NULL,
    p_brand1 char(9) NOT NULL,
    p_color varchar(11) NOT NULL,
    p_type varchar(25) NOT NULL,
    p_size integer NOT NULL,
    p_container char(10) NOT NULL
) /*+ DISTKEY (p_partkey) SORTKEY (p_partkey) */;
CREATE TABLE ssb.date (
    d_datekey integer PRIMARY KEY,
    d_date date NOT NULL,
    d_dayofweek integer NOT NULL,
    d_month integer NOT NULL,
    d_year integer NOT NULL,
    d_yearmonthnum integer NOT NULL,
    d_yearmonth char(7) NOT NULL,
    d_daynuminmonth integer NOT NULL,
    d_daynuminyear integer NOT NULL,
    d_weeknuminyear integer NOT NULL
) /*+ DISTSTYLE ALL SORTKEY (d_datekey) */;
CREATE TABLE ssb.lineorder (
    lo_orderkey bigint NOT NULL,
    lo_linenumber integer NOT NULL,
    lo_custkey integer NOT NULL,
    lo_partkey integer NOT NULL,
    lo_suppkey integer NOT NULL,
    lo_orderdate integer NOT NULL,
    lo_orderpriority char(15) NOT NULL,
    lo_shippriority integer NOT NULL,
    lo_quantity integer NOT NULL,
    lo_extendedprice bigint NOT NULL,
    lo_ordtotalprice bigint NOT NULL,
    lo_discount integer NOT NULL,
    lo_revenue bigint NOT NULL,
    lo_supplycost bigint NOT NULL,
    lo_tax integer NOT NULL,
    lo_commitdate integer NOT NULL,
    lo_shipmode char(10) NOT NULL
) /*+ DISTKEY (lo_partkey) SORTKEY (lo_orderdate) */;

INSERT INTO ssb.customer
SELECT
    c_custkey,
    c_name,
    c_address,
    rpad(substring(n_name, 1, 9), 9, ' ') || CAST(c_custkey % 10 AS varchar(1)),
    n_name,
    r_name,
    c_phone,
    c_mktsegment
FROM customer, nation, region
WHERE c_nationkey = n_nationkey AND n_regionkey = r_regionkey;

INSERT INTO ssb.supplier
SELECT
    s_suppkey,
    s_name,
    s_address,
    rpad(substring(n_name, 1, 9), 9, ' ') || CAST(s_suppkey % 10 AS varchar(1)),
    n_name,
    r_name,
    s_phone
FROM supplier, nation, region
WHERE s_nationkey = n_nationkey AND n_regionkey = r_regionkey;

-- Five manufacturers of five categories of forty brands.
INSERT INTO ssb.part
SELECT
    p_partkey,
    p_name,
    'MFGR#' || manufacturer,
    'MFGR#' || manufacturer || category,
    'MFGR#' || manufacturer || category || brand,
    color,
    p_type,
    p_size,
    p_container
FROM (
    SELECT
        p_partkey,
        p_name,
        CAST(p_partkey % 5 + 1 AS varchar(1)) AS manufacturer,
        CAST((p_partkey / 5) % 5 + 1 AS varchar(1)) AS category,
        CAST((p_partkey / 25) % 40 + 1 AS varchar(2)) AS brand,
        split_part(p_name, ' ', 1) AS color,
        p_type,
        p_size,
        p_container
    FROM part
) AS parts;

-- Every day of the orders' seven years: their dates, and those of commitment.
INSERT INTO ssb.date
SELECT
    CAST(date_part('year', day) * 10000 + date_part('month', day) * 100 + date_part('day', day)
        AS integer),
    day,
    CAST(date_part('dow', day) AS integer),
    CAST(date_part('month', day) AS integer),
    CAST(date_part('year', day) AS integer),
    CAST(date_part('year', day) * 100 + date_part('month', day) AS integer),
    substring('JanFebMarAprMayJunJulAugSepOctNovDec',
        CAST(date_part('month', day) AS integer) * 3 - 2, 3)
        || CAST(CAST(date_part('year', day) AS integer) AS varchar(4)),
    CAST(date_part('day', day) AS integer),
    CAST(date_part('doy', day) AS integer),
    (CAST(date_part('doy', day) AS integer) - 1) / 7 + 1
FROM (
    SELECT o_orderdate AS day FROM orders
    UNION
    SELECT l_commitdate AS day FROM lineitem
) AS days;

-- Money is in cents, as the paper has it.
INSERT INTO ssb.lineorder
SELECT
    l_orderkey,
    l_linenumber,
    o_custkey,
    l_partkey,
    l_suppkey,
    CAST(date_part('year', o_orderdate) * 10000 + date_part('month', o_orderdate) * 100
        + date_part('day', o_orderdate) AS integer),
    o_orderpriority,
    o_shippriority,
    CAST(l_quantity AS integer),
    CAST(l_extendedprice * 100 AS bigint),
    CAST(o_totalprice * 100 AS bigint),
    CAST(l_discount * 100 AS integer),
    CAST(l_extendedprice * (100 - l_discount * 100) AS bigint),
    CAST(ps_supplycost * 100 AS bigint),
    CAST(l_tax * 100 AS integer),
    CAST(date_part('year', l_commitdate) * 10000 + date_part('month', l_commitdate) * 100
        + date_part('day', l_commitdate) AS integer),
    l_shipmode
FROM lineitem, orders, partsupp
WHERE l_orderkey = o_orderkey AND l_partkey = ps_partkey AND l_suppkey = ps_suppkey;
