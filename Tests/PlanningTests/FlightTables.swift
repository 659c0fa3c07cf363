import SQLTypes

/// The demonstration's tables with their statistics.
let flightTables: [TPCHTable] = [
    TPCHTable(
        name: "airlines",
        rows: 16,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("carrier", .char(2), 16),
            TPCHColumn("name", .varchar(40), 16, width: 19),
        ]
    ),
    TPCHTable(
        name: "airports",
        rows: 1_458,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("faa", .char(3), 1_458),
            TPCHColumn("name", .varchar(64), 1_440, width: 20),
            TPCHColumn("lat", .doublePrecision, 1_456),
            TPCHColumn("lon", .doublePrecision, 1_458),
            TPCHColumn("alt", .integer, 911, -54...9_078),
            TPCHColumn("tz", .smallint, 7, -10...8),
            TPCHColumn("dst", .char(1), 3),
            TPCHColumn("tzone", .varchar(32), 9, width: 16),
        ]
    ),
    TPCHTable(
        name: "planes",
        rows: 3_322,
        key: 0,
        primaryKey: [0],
        columns: [
            TPCHColumn("tailnum", .varchar(6), 3_322, width: 6),
            TPCHColumn("year", .smallint, 46, 1_956...2_013),
            TPCHColumn("type", .varchar(32), 3, width: 23),
            TPCHColumn("manufacturer", .varchar(32), 35, width: 9),
            TPCHColumn("model", .varchar(24), 127, width: 8),
            TPCHColumn("engines", .smallint, 4, 1...4),
            TPCHColumn("seats", .smallint, 48, 2...450),
            TPCHColumn("speed", .smallint, 13, 90...432),
            TPCHColumn("engine", .varchar(16), 6, width: 9),
        ]
    ),
    TPCHTable(
        name: "weather",
        rows: 26_115,
        key: nil,
        primaryKey: [],
        columns: [
            TPCHColumn("origin", .char(3), 3),
            TPCHColumn("year", .smallint, 1, 2_013...2_013),
            TPCHColumn("month", .smallint, 12, 1...12),
            TPCHColumn("day", .smallint, 31, 1...31),
            TPCHColumn("hour", .smallint, 24, 0...23),
            TPCHColumn("temp", .real, 173),
            TPCHColumn("dewp", .real, 153),
            TPCHColumn("humid", .real, 2_499),
            TPCHColumn("wind_dir", .smallint, 37, 0...360),
            TPCHColumn("wind_speed", .real, 36),
            TPCHColumn("wind_gust", .real, 37),
            TPCHColumn("precip", .real, 59),
            TPCHColumn("pressure", .real, 468),
            TPCHColumn("visib", .real, 20),
            TPCHColumn("time_hour", .timestamp, 8_714, 410_335_200_000_000...441_759_600_000_000),
        ]
    ),
    TPCHTable(
        name: "flights",
        rows: 336_776,
        key: 11,
        primaryKey: [],
        columns: [
            TPCHColumn("year", .smallint, 1, 2_013...2_013),
            TPCHColumn("month", .smallint, 12, 1...12),
            TPCHColumn("day", .smallint, 31, 1...31),
            TPCHColumn("dep_time", .smallint, 1_318, 1...2_400),
            TPCHColumn("sched_dep_time", .smallint, 1_021, 106...2_359),
            TPCHColumn("dep_delay", .smallint, 527, -43...1_301),
            TPCHColumn("arr_time", .smallint, 1_411, 1...2_400),
            TPCHColumn("sched_arr_time", .smallint, 1_163, 1...2_359),
            TPCHColumn("arr_delay", .smallint, 577, -86...1_272),
            TPCHColumn("carrier", .char(2), 16),
            TPCHColumn("flight", .smallint, 3_844, 1...8_500),
            TPCHColumn("tailnum", .varchar(6), 4_043, width: 6),
            TPCHColumn("origin", .char(3), 3),
            TPCHColumn("dest", .char(3), 105),
            TPCHColumn("air_time", .smallint, 509, 20...695),
            TPCHColumn("distance", .smallint, 214, 17...4_983),
            TPCHColumn("hour", .smallint, 20, 1...23),
            TPCHColumn("minute", .smallint, 60, 0...59),
            TPCHColumn("time_hour", .timestamp, 6_936, 410_349_600_000_000...441_864_000_000_000),
        ]
    ),
]
