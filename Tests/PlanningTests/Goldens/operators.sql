-- Queries over TPC-H's tables for the operators and labels that the benchmarks' queries have not.

-- one row without a table
SELECT 1;
-- a full join
SELECT count(*) FROM orders FULL JOIN lineitem ON o_orderkey = l_orderkey;
-- a left join by a key that the inner table is not distributed by
SELECT count(*) FROM lineitem LEFT JOIN orders ON l_partkey = o_custkey;
-- all rows of the small side, which is built
SELECT count(*) FROM nation LEFT JOIN orders ON n_nationkey = o_custkey;
-- a right join
SELECT count(*) FROM customer RIGHT JOIN orders ON c_custkey = o_custkey AND c_acctbal > 0;
-- rows of the outer table move to the inner one
SELECT count(*) FROM orders, lineitem WHERE o_orderkey = l_suppkey;
-- both sides move
SELECT count(*) FROM lineitem a, lineitem b WHERE a.l_suppkey = b.l_partkey;
-- a join of one slice's rows
SELECT count(*) FROM region FULL JOIN orders ON r_regionkey = o_shippriority;
-- NOT IN
SELECT count(*) FROM orders WHERE o_custkey NOT IN (SELECT c_custkey FROM customer WHERE c_acctbal > 0);
-- NOT IN over what may be NULL
SELECT count(*) FROM orders
WHERE o_custkey NOT IN (SELECT nullif(c_custkey, 7) FROM customer WHERE c_acctbal > 0);
-- IN
SELECT count(*) FROM orders WHERE o_custkey IN (SELECT c_custkey FROM customer WHERE c_acctbal > 0);
-- NOT EXISTS
SELECT count(*) FROM customer WHERE NOT EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey);
-- IN beside OR
SELECT count(*) FROM orders
WHERE o_custkey IN (SELECT c_custkey FROM customer WHERE c_acctbal > 0) OR o_shippriority = 1;
-- no equality
SELECT count(*) FROM orders, nation WHERE o_custkey < n_nationkey;
-- no equality, outer
SELECT count(*) FROM orders LEFT JOIN nation ON o_custkey < n_nationkey;
-- groups in the order of the sort key
SELECT l_orderkey, sum(l_quantity) FROM lineitem GROUP BY l_orderkey;
-- tables in the same order
SELECT o_orderdate, l_quantity FROM orders, lineitem WHERE o_orderkey = l_orderkey;
-- one group
SELECT sum(l_quantity) FROM lineitem;
-- DISTINCT
SELECT DISTINCT l_shipmode FROM lineitem;
-- LISTAGG collects the rows of a group
SELECT n_regionkey, listagg(n_name, ',') WITHIN GROUP (ORDER BY n_name) FROM nation GROUP BY 1;
-- a window
SELECT rank() OVER (PARTITION BY c_nationkey ORDER BY c_acctbal DESC) FROM customer;
-- a window over all rows
SELECT sum(c_acctbal) OVER (ORDER BY c_custkey ROWS UNBOUNDED PRECEDING) FROM customer;
-- order and limit
SELECT c_name FROM customer ORDER BY c_acctbal DESC LIMIT 10;
-- UNION ALL
SELECT s_nationkey FROM supplier UNION ALL SELECT c_nationkey FROM customer;
-- UNION
SELECT s_nationkey FROM supplier UNION SELECT c_nationkey FROM customer;
-- EXCEPT
SELECT s_nationkey FROM supplier EXCEPT SELECT c_nationkey FROM customer;
-- INTERSECT
SELECT s_nationkey FROM supplier INTERSECT SELECT c_nationkey FROM customer;
-- a subquery as a value
SELECT count(*) FROM part WHERE p_retailprice > (SELECT avg(p_retailprice) FROM part);
-- a common table expression read twice
WITH r AS (SELECT l_suppkey AS s, sum(l_tax) AS t FROM lineitem GROUP BY 1)
SELECT s FROM r WHERE t = (SELECT max(t) FROM r);
-- grouping sets
SELECT n_regionkey, n_name, count(*) FROM nation GROUP BY ROLLUP (n_regionkey, n_name);
-- constants
SELECT * FROM (VALUES (1), (2)) AS v (a);
-- the leader's own table
SELECT slice FROM stv_slices WHERE node = 0;
-- rows of no table beside those of tables
SELECT s_nationkey FROM supplier UNION ALL SELECT 25;
-- nothing
SELECT * FROM orders WHERE 1 = 2 AND o_custkey > 7;
-- EXISTS beside OR
SELECT count(*) FROM orders
WHERE EXISTS (SELECT 1 FROM customer WHERE c_custkey = o_custkey AND c_acctbal > 0) OR o_shippriority = 1;
-- between
SELECT count(*) FROM nation, region WHERE n_regionkey BETWEEN 1 AND 12 AND r_regionkey > 2;
-- IN a subquery that is larger than what it restricts
SELECT n_name FROM nation WHERE n_nationkey IN (SELECT c_nationkey FROM customer);
