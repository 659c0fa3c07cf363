-- Loads the files that stand beside this script; :data is their folder.
\set airlines_file :data '/airlines.csv.zst'
\set airports_file :data '/airports.csv.zst'
\set planes_file :data '/planes.csv.zst'
\set weather_file :data '/weather.csv.zst'
\set flights_file :data '/flights.csv.zst'
COPY airlines FROM :'airlines_file' CSV IGNOREHEADER 1 ZSTD;
COPY airports FROM :'airports_file' CSV IGNOREHEADER 1 ZSTD NULL AS 'NA';
COPY planes FROM :'planes_file' CSV IGNOREHEADER 1 ZSTD NULL AS 'NA';
COPY weather FROM :'weather_file' CSV IGNOREHEADER 1 ZSTD NULL AS 'NA' TIMEFORMAT 'auto';
COPY flights FROM :'flights_file' CSV IGNOREHEADER 1 ZSTD NULL AS 'NA' TIMEFORMAT 'auto';
