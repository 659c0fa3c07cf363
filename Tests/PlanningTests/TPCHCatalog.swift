import Catalogs
import SQLTypes

/// TPC-H's tables with the statistics of scale factor 1, or others, distributed as a test asks.
struct TPCHCatalog: CatalogSnapshot {
    /// How the tables are distributed.
    enum Distribution {
        /// Every table EVEN.
        case even
        /// As `schema.sql` declares: small ones ALL, the others by key.
        case keys
        /// Every table ALL.
        case all
    }
    private var definitions: [TableDefinition] = []
    private var figures: [TableID: TableStatistics] = [:]
    var shape = ClusterShape()

    /// The tables with ids from 100,001 on; `sorted` makes each table's distribution key its sort
    /// key as well.
    init(
        _ distribution: Distribution = .keys,
        tables: [TPCHTable] = tpchTables,
        sorted: Bool = false
    ) {
        for (index, table) in tables.enumerated() {
            add(table, id: 100_001 + index, distribution, sorted: sorted)
        }
        let slices = TableDefinition(
            id: 500,
            schema: "pg_catalog",
            name: "stv_slices",
            columns: [
                ColumnDefinition(name: "node", type: .integer),
                ColumnDefinition(name: "slice", type: .integer),
            ]
        )
        definitions.append(slices)
    }

    /// Adds a table of columns `name`, type, distinct values and range; `sorted` makes its
    /// distribution key the sort key as well, `unsorted` of the rows lie out of its order.
    mutating func add(
        _ table: TPCHTable,
        id: TableID,
        _ distribution: Distribution,
        sorted: Bool = false,
        unsorted: Double = 0
    ) {
        let columns = table.columns.map {
            ColumnDefinition(name: $0.name, type: $0.type, isNotNull: true)
        }
        let style: DistributionStyle =
            switch distribution {
            case .even: .even
            case .all: .all
            case .keys: table.key.map { .key($0) } ?? .all
            }
        definitions.append(
            TableDefinition(
                id: id,
                schema: "public",
                name: table.name,
                columns: columns,
                distribution: style,
                sortKey: SortKey(columns: sorted ? [table.key].compactMap(\.self) : []),
                constraints: table.primaryKey.isEmpty
                    ? [] : [TableConstraint(kind: .primaryKey, columns: table.primaryKey)]
            )
        )
        figures[id] = TableStatistics(
            rowCount: table.rows,
            columns: table.columns.map {
                ColumnStatistics(
                    distinctCount: $0.distinct,
                    minimum: $0.low.map { .int64($0) } ?? .null,
                    maximum: $0.high.map { .int64($0) } ?? .null,
                    averageWidth: $0.width
                )
            },
            sortedFraction: 1 - unsorted
        )
    }

    /// Forgets a table.
    mutating func remove(_ name: String) { definitions.removeAll { $0.name == name } }

    /// Forgets the statistics of a table.
    mutating func forgetStatistics(of name: String) {
        if let table = table(schema: "public", name: name) { figures[table.id] = nil }
    }

    func table(schema: String, name: String) -> TableDefinition? {
        definitions.first { $0.schema == schema && $0.name == name }
    }
    func statistics(of table: TableID) -> TableStatistics? { figures[table] }
    func hasSchema(_ name: String) -> Bool { name == "public" || name == "pg_catalog" }
    var schemaNames: [String] { ["pg_catalog", "public"] }
    func tables(inSchema schema: String) -> [TableDefinition] {
        definitions.filter { $0.schema == schema }
    }
}

/// A column with what statistics say of it.
struct TPCHColumn {
    var name: String
    var type: DataType
    var distinct: Double?
    var low: Int64?
    var high: Int64?
    var width: Double?

    init(
        _ name: String,
        _ type: DataType,
        _ distinct: Double? = nil,
        _ range: ClosedRange<Int64>? = nil,
        width: Double? = nil
    ) {
        self.name = name
        self.type = type
        self.distinct = distinct
        low = range?.lowerBound
        high = range?.upperBound
        self.width = width
    }
}

/// A table with its distribution key, nil for ALL.
struct TPCHTable {
    var name: String
    var rows: Int
    var key: Int?
    var primaryKey: [Int]
    var columns: [TPCHColumn]
}

private let money = DataType.decimal(precision: 15, scale: 2)

/// Days since 2000-01-01 of 1992-01-01 and 1998-12-31.
private let days: ClosedRange<Int64> = -2922 ... -366

let tpchTables: [TPCHTable] = [
    TPCHTable(
        name: "region",
        rows: 5,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("r_regionkey", .integer, 5, 0...4), TPCHColumn("r_name", .char(25), 5),
            TPCHColumn("r_comment", .varchar(152), 5),
        ]
    ),
    TPCHTable(
        name: "nation",
        rows: 25,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("n_nationkey", .integer, 25, 0...24), TPCHColumn("n_name", .char(25), 25),
            TPCHColumn("n_regionkey", .integer, 5, 0...4), TPCHColumn("n_comment", .varchar(152)),
        ]
    ),
    TPCHTable(
        name: "supplier",
        rows: 10_000,
        key: nil,
        primaryKey: [0],
        columns: [
            TPCHColumn("s_suppkey", .integer, 10_000, 1...10_000),
            TPCHColumn("s_name", .char(25), 10_000), TPCHColumn("s_address", .varchar(40)),
            TPCHColumn("s_nationkey", .integer, 25, 0...24), TPCHColumn("s_phone", .char(15)),
            TPCHColumn("s_acctbal", money), TPCHColumn("s_comment", .varchar(101)),
        ]
    ),
    TPCHTable(
        name: "customer",
        rows: 150_000,
        key: 0,
        primaryKey: [0],
        columns: [
            TPCHColumn("c_custkey", .integer, 150_000, 1...150_000),
            TPCHColumn("c_name", .varchar(25), 150_000), TPCHColumn("c_address", .varchar(40)),
            TPCHColumn("c_nationkey", .integer, 25, 0...24), TPCHColumn("c_phone", .char(15)),
            TPCHColumn("c_acctbal", money), TPCHColumn("c_mktsegment", .char(10), 5),
            TPCHColumn("c_comment", .varchar(117)),
        ]
    ),
    TPCHTable(
        name: "part",
        rows: 200_000,
        key: 0,
        primaryKey: [0],
        columns: [
            TPCHColumn("p_partkey", .integer, 200_000, 1...200_000),
            TPCHColumn("p_name", .varchar(55), 200_000), TPCHColumn("p_mfgr", .char(25), 5),
            TPCHColumn("p_brand", .char(10), 25), TPCHColumn("p_type", .varchar(25), 150),
            TPCHColumn("p_size", .integer, 50, 1...50), TPCHColumn("p_container", .char(10), 40),
            TPCHColumn("p_retailprice", money), TPCHColumn("p_comment", .varchar(23)),
        ]
    ),
    TPCHTable(
        name: "partsupp",
        rows: 800_000,
        key: 0,
        primaryKey: [0, 1],
        columns: [
            TPCHColumn("ps_partkey", .integer, 200_000, 1...200_000),
            TPCHColumn("ps_suppkey", .integer, 10_000, 1...10_000),
            TPCHColumn("ps_availqty", .integer, 9_999, 1...9_999),
            TPCHColumn("ps_supplycost", money, 100_000),
            TPCHColumn("ps_comment", .varchar(199)),
        ]
    ),
    TPCHTable(
        name: "orders",
        rows: 1_500_000,
        key: 0,
        primaryKey: [0],
        columns: [
            TPCHColumn("o_orderkey", .bigint, 1_500_000, 1...6_000_000),
            TPCHColumn("o_custkey", .integer, 100_000, 1...149_999),
            TPCHColumn("o_orderstatus", .char(1), 3), TPCHColumn("o_totalprice", money),
            TPCHColumn("o_orderdate", .date, 2_406, days),
            TPCHColumn("o_orderpriority", .char(15), 5), TPCHColumn("o_clerk", .char(15), 1_000),
            TPCHColumn("o_shippriority", .integer, 1, 0...0),
            TPCHColumn("o_comment", .varchar(79)),
        ]
    ),
    TPCHTable(
        name: "lineitem",
        rows: 6_001_215,
        key: 0,
        primaryKey: [0, 3],
        columns: [
            TPCHColumn("l_orderkey", .bigint, 1_500_000, 1...6_000_000),
            TPCHColumn("l_partkey", .integer, 200_000, 1...200_000),
            TPCHColumn("l_suppkey", .integer, 10_000, 1...10_000),
            TPCHColumn("l_linenumber", .integer, 7, 1...7),
            TPCHColumn("l_quantity", money, 50, 100...5_000),
            TPCHColumn("l_extendedprice", money, 900_000, 90_000...10_495_000),
            TPCHColumn("l_discount", money, 11, 0...10), TPCHColumn("l_tax", money, 9, 0...8),
            TPCHColumn("l_returnflag", .char(1), 3), TPCHColumn("l_linestatus", .char(1), 2),
            TPCHColumn("l_shipdate", .date, 2_526, days),
            TPCHColumn("l_commitdate", .date, 2_466, days),
            TPCHColumn("l_receiptdate", .date, 2_554, days),
            TPCHColumn("l_shipinstruct", .char(25), 4), TPCHColumn("l_shipmode", .char(10), 7),
            TPCHColumn("l_comment", .varchar(44)),
        ]
    ),
]
