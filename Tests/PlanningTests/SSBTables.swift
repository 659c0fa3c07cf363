import SQLTypes

/// The Star Schema Benchmark's tables with their statistics at scale factor 1.
let ssbTables: [TPCHTable] = [
    TPCHTable(
        name: "customer",
        rows: 150_000,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("c_custkey", .integer, 150_000, 1...150_000),
            TPCHColumn("c_name", .varchar(25), 150_000, width: 18),
            TPCHColumn("c_address", .varchar(40), 150_000, width: 25),
            TPCHColumn("c_city", .char(10), 250),
            TPCHColumn("c_nation", .char(15), 25),
            TPCHColumn("c_region", .char(12), 5),
            TPCHColumn("c_phone", .char(15), 150_000),
            TPCHColumn("c_mktsegment", .char(10), 5),
        ]
    ),
    TPCHTable(
        name: "supplier",
        rows: 10_000,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("s_suppkey", .integer, 10_000, 1...10_000),
            TPCHColumn("s_name", .char(25), 10_000),
            TPCHColumn("s_address", .varchar(40), 10_000, width: 25),
            TPCHColumn("s_city", .char(10), 250),
            TPCHColumn("s_nation", .char(15), 25),
            TPCHColumn("s_region", .char(12), 5),
            TPCHColumn("s_phone", .char(15), 10_000),
        ]
    ),
    TPCHTable(
        name: "part",
        rows: 200_000,
        key: 0,
        primaryKey: [0],
        columns: [
            TPCHColumn("p_partkey", .integer, 200_000, 1...200_000),
            TPCHColumn("p_name", .varchar(55), 199_997, width: 33),
            TPCHColumn("p_mfgr", .char(6), 5),
            TPCHColumn("p_category", .char(7), 25),
            TPCHColumn("p_brand1", .char(9), 1_000),
            TPCHColumn("p_color", .varchar(11), 92, width: 6),
            TPCHColumn("p_type", .varchar(25), 150, width: 21),
            TPCHColumn("p_size", .integer, 50, 1...50),
            TPCHColumn("p_container", .char(10), 40),
        ]
    ),
    TPCHTable(
        name: "date",
        rows: 2_496,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("d_datekey", .integer, 2_496, 19_920_101...19_981_031),
            TPCHColumn("d_date", .date, 2_496, -2_922 ... -427),
            TPCHColumn("d_dayofweek", .integer, 7, 0...6),
            TPCHColumn("d_month", .integer, 12, 1...12),
            TPCHColumn("d_year", .integer, 7, 1_992...1_998),
            TPCHColumn("d_yearmonthnum", .integer, 82, 199_201...199_810),
            TPCHColumn("d_yearmonth", .char(7), 82),
            TPCHColumn("d_daynuminmonth", .integer, 31, 1...31),
            TPCHColumn("d_daynuminyear", .integer, 366, 1...366),
            TPCHColumn("d_weeknuminyear", .integer, 53, 1...53),
        ]
    ),
    TPCHTable(
        name: "lineorder",
        rows: 6_001_215,
        key: 3,
        primaryKey: [],
        columns: [
            TPCHColumn("lo_orderkey", .bigint, 1_500_000, 1...6_000_000),
            TPCHColumn("lo_linenumber", .integer, 7, 1...7),
            TPCHColumn("lo_custkey", .integer, 99_996, 1...149_999),
            TPCHColumn("lo_partkey", .integer, 200_000, 1...200_000),
            TPCHColumn("lo_suppkey", .integer, 10_000, 1...10_000),
            TPCHColumn("lo_orderdate", .integer, 2_406, 19_920_101...19_980_802),
            TPCHColumn("lo_orderpriority", .char(15), 5),
            TPCHColumn("lo_shippriority", .integer, 1, 0...0),
            TPCHColumn("lo_quantity", .integer, 50, 1...50),
            TPCHColumn("lo_extendedprice", .bigint, 933_900, 90_100...10_494_950),
            TPCHColumn("lo_ordtotalprice", .bigint, 1_464_556, 85_771...55_528_516),
            TPCHColumn("lo_discount", .integer, 11, 0...10),
            TPCHColumn("lo_revenue", .bigint, 3_352_598, 81_360...10_464_950),
            TPCHColumn("lo_supplycost", .bigint, 99_865, 100...100_000),
            TPCHColumn("lo_tax", .integer, 9, 0...8),
            TPCHColumn("lo_commitdate", .integer, 2_466, 19_920_131...19_981_031),
            TPCHColumn("lo_shipmode", .char(10), 7),
        ]
    ),
]
