\echo
\echo 'Whose planes fly from New York? flights and planes share the key, so nothing moves.'
SELECT p.manufacturer, count(*) AS flights, count(DISTINCT p.tailnum) AS planes
FROM flights f JOIN planes p ON f.tailnum = p.tailnum
GROUP BY p.manufacturer
ORDER BY flights DESC
LIMIT 5;

\echo 'Which airlines arrive late? airlines lies on every node (DISTSTYLE ALL).'
SELECT a.name, count(*) AS flights, round(avg(f.arr_delay::decimal(8,2)), 1) AS minutes_late
FROM flights f JOIN airlines a ON f.carrier = a.carrier
WHERE f.arr_delay IS NOT NULL
GROUP BY a.name
ORDER BY minutes_late DESC
LIMIT 5;

\echo 'How was Christmas week? flights is sorted by time, so most units are not even read.'
SELECT time_hour::date AS day, count(*) AS flights,
       sum(CASE WHEN dep_time IS NULL THEN 1 ELSE 0 END) AS cancelled
FROM flights
WHERE time_hour >= '2013-12-24' AND time_hour < '2013-12-28'
GROUP BY 1
ORDER BY 1;

SELECT table_name, sum(units_read) AS units_read, sum(units_skipped) AS units_skipped
FROM svl_scan_units
WHERE query = pg_last_query_id()
GROUP BY table_name;

\echo 'Does rain delay departures? weather is redistributed or broadcast to meet the flights.'
SELECT CASE WHEN w.precip > 0 THEN 'rain' ELSE 'dry' END AS weather,
       count(*) AS flights, round(avg(f.dep_delay::decimal(8,2)), 1) AS minutes_late
FROM flights f JOIN weather w ON f.origin = w.origin AND f.time_hour = w.time_hour
WHERE f.dep_delay IS NOT NULL
GROUP BY 1
ORDER BY 1;

\echo 'Where do the longest flights go that have an airport entry?'
SELECT ap.name, f.dest, max(f.distance) AS miles, count(*) AS flights
FROM flights f LEFT JOIN airports ap ON f.dest = ap.faa
GROUP BY ap.name, f.dest
ORDER BY miles DESC, f.dest
LIMIT 5;

\echo 'The plan of the second question, and where the rows lie:'
EXPLAIN
SELECT a.name, count(*) AS flights, round(avg(f.arr_delay::decimal(8,2)), 1) AS minutes_late
FROM flights f JOIN airlines a ON f.carrier = a.carrier
WHERE f.arr_delay IS NOT NULL
GROUP BY a.name
ORDER BY minutes_late DESC
LIMIT 5;

SELECT trim(name) AS "table", slice, rows
FROM stv_tbl_perm
ORDER BY 1, 2;
