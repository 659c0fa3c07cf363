-- Tables of the New York flights of 2013, with the distribution a designer would choose:
-- flights and planes meet on the tail number, small tables lie on every node, and flights are
-- sorted by time so that questions about some days skip the rest of the year.
CREATE TABLE airlines (
    carrier char(2) NOT NULL PRIMARY KEY,
    name varchar(40) NOT NULL
) DISTSTYLE ALL;

CREATE TABLE airports (
    faa char(3) NOT NULL PRIMARY KEY,
    name varchar(64) NOT NULL,
    lat double precision,
    lon double precision,
    alt integer,
    tz smallint,
    dst char(1),
    tzone varchar(32)
) DISTSTYLE ALL;

CREATE TABLE planes (
    tailnum varchar(6) NOT NULL PRIMARY KEY,
    year smallint,
    type varchar(32),
    manufacturer varchar(32),
    model varchar(24),
    engines smallint,
    seats smallint,
    speed smallint,
    engine varchar(16)
) DISTKEY (tailnum);

CREATE TABLE weather (
    origin char(3) NOT NULL,
    year smallint,
    month smallint,
    day smallint,
    hour smallint,
    temp real,
    dewp real,
    humid real,
    wind_dir smallint,
    wind_speed real,
    wind_gust real,
    precip real,
    pressure real,
    visib real,
    time_hour timestamp NOT NULL
) DISTSTYLE EVEN SORTKEY (time_hour);

CREATE TABLE flights (
    year smallint NOT NULL,
    month smallint NOT NULL,
    day smallint NOT NULL,
    dep_time smallint,
    sched_dep_time smallint NOT NULL,
    dep_delay smallint,
    arr_time smallint,
    sched_arr_time smallint NOT NULL,
    arr_delay smallint,
    carrier char(2) NOT NULL,
    flight smallint NOT NULL,
    tailnum varchar(6),
    origin char(3) NOT NULL,
    dest char(3) NOT NULL,
    air_time smallint,
    distance smallint NOT NULL,
    hour smallint NOT NULL,
    minute smallint NOT NULL,
    time_hour timestamp NOT NULL
) DISTKEY (tailnum) SORTKEY (time_hour);
