package import SQLTypes

/// The number a table keeps for life, as system tables show it; user tables begin at 100,000.
package typealias TableID = Int

/// A column's place in its table, from 0.
package typealias ColumnIndex = Int

/// How a column's blocks are encoded, by Redshift's names.
package enum ColumnEncoding: String, Hashable, Sendable, Codable, CaseIterable {
    case raw
    case az64
    case bytedict
    case delta
    case delta32k
    case lzo
    case mostly8
    case mostly16
    case mostly32
    case runlength
    case text255
    case text32k
    case zstd
    /// Chosen by the storage from the data of each extent.
    case automatic = "auto"

    /// The name as PG_TABLE_DEF shows it: `none` for RAW.
    package var displayName: String { self == .raw ? "none" : rawValue }
}

/// What fills a column that an INSERT leaves out.
package enum ColumnDefault: Hashable, Sendable, Codable {
    /// The text of a SQL expression, bound anew for each statement.
    case expression(String)
    /// IDENTITY(seed, step); values by the user only where `acceptsValues`.
    case identity(seed: Int64, step: Int64, acceptsValues: Bool)
}

/// A column of a table.
package struct ColumnDefinition: Hashable, Sendable {
    package var name: String
    package var type: DataType
    package var isNotNull: Bool
    package var defaultValue: ColumnDefault?
    /// As declared, or chosen at creation; `.automatic` under ENCODE AUTO.
    package var encoding: ColumnEncoding
    /// What COMMENT ON COLUMN said.
    package var comment: String?

    /// Makes a column.
    package init(
        name: String,
        type: DataType,
        isNotNull: Bool = false,
        defaultValue: ColumnDefault? = nil,
        encoding: ColumnEncoding = .automatic,
        comment: String? = nil
    ) {
        self.name = name
        self.type = type
        self.isNotNull = isNotNull
        self.defaultValue = defaultValue
        self.encoding = encoding
        self.comment = comment
    }
}

/// Where the rows of a table go, as it works now.
package enum DistributionStyle: Hashable, Sendable, Codable {
    /// Round robin by row over all slices.
    case even
    /// By the hash of one column.
    case key(ColumnIndex)
    /// A whole copy on the first slice of each node.
    case all
}

/// How rows are ordered within each slice.
package struct SortKey: Hashable, Sendable, Codable {
    /// Columns, most significant first; empty for none.
    package var columns: [ColumnIndex]
    /// Whether all columns weigh the same: rows then lie along a z-curve and ascend by none.
    package var isInterleaved: Bool

    /// Makes a key.
    package init(columns: [ColumnIndex] = [], isInterleaved: Bool = false) {
        self.columns = columns
        self.isInterleaved = isInterleaved
    }

    /// The place of a column as PG_TABLE_DEF shows it: from 1, 0 outside the key.
    ///
    /// Places of an interleaved key have signs in turn, the first of them negative.
    package func displayPosition(of column: ColumnIndex) -> Int {
        guard let place = columns.firstIndex(of: column) else { return 0 }
        return isInterleaved && place.isMultiple(of: 2) ? -(place + 1) : place + 1
    }
}

/// A key the user promises; nothing enforces it, but the planner trusts it.
package struct TableConstraint: Hashable, Sendable, Codable {
    /// What it promises.
    package enum Kind: String, Hashable, Sendable, Codable {
        case primaryKey
        case unique
        case foreignKey
    }
    package var kind: Kind
    package var name: String?
    package var columns: [ColumnIndex]
    /// The table a foreign key points to, `schema.table`, and its columns.
    package var referencedTable: String?
    package var referencedColumns: [String]

    /// Makes a constraint.
    package init(
        kind: Kind,
        name: String? = nil,
        columns: [ColumnIndex],
        referencedTable: String? = nil,
        referencedColumns: [String] = []
    ) {
        self.kind = kind
        self.name = name
        self.columns = columns
        self.referencedTable = referencedTable
        self.referencedColumns = referencedColumns
    }
}

/// Everything about a table but its rows.
package struct TableDefinition: Hashable, Sendable {
    package var id: TableID
    package var schema: String
    package var name: String
    package var columns: [ColumnDefinition]
    /// How rows are placed now; under AUTO the choice of the last load.
    package var distribution: DistributionStyle
    /// Whether the style is DISTSTYLE AUTO, so that loads may change ``distribution``.
    package var isAutoDistribution: Bool
    package var sortKey: SortKey
    /// Whether no SORTKEY was declared.
    package var isAutoSortKey: Bool
    /// Whether ENCODE AUTO holds for the table.
    package var isAutoEncoding: Bool
    package var constraints: [TableConstraint]
    /// Temporary tables belong to one session and leave nothing in the catalog.
    package var isTemporary: Bool
    /// Microseconds since 2000-01-01 when it was created.
    package var createdAt: Int64
    /// The query of a view; nil for a table.
    package var view: ViewDefinition?
    /// What COMMENT ON TABLE or VIEW said.
    package var comment: String?

    /// Makes a definition.
    package init(
        id: TableID,
        schema: String,
        name: String,
        columns: [ColumnDefinition],
        distribution: DistributionStyle = .even,
        isAutoDistribution: Bool = false,
        sortKey: SortKey = SortKey(),
        isAutoSortKey: Bool = true,
        isAutoEncoding: Bool = true,
        constraints: [TableConstraint] = [],
        isTemporary: Bool = false,
        createdAt: Int64 = 0,
        view: ViewDefinition? = nil,
        comment: String? = nil
    ) {
        self.id = id
        self.schema = schema
        self.name = name
        self.columns = columns
        self.distribution = distribution
        self.isAutoDistribution = isAutoDistribution
        self.sortKey = sortKey
        self.isAutoSortKey = isAutoSortKey
        self.isAutoEncoding = isAutoEncoding
        self.constraints = constraints
        self.isTemporary = isTemporary
        self.createdAt = createdAt
        self.view = view
        self.comment = comment
    }

    /// The place of the column of that name; nil if there is none.
    package func columnIndex(named name: String) -> ColumnIndex? {
        columns.firstIndex { $0.name == name }
    }

    /// `EVEN`, `KEY(c)`, `ALL`, `AUTO(EVEN)`, … as SVV_TABLE_INFO shows it.
    package var distributionDisplayName: String {
        let style =
            switch distribution {
            case .even: "EVEN"
            case .all: "ALL"
            case .key(let column): "KEY(\(columns[column].name))"
            }
        return isAutoDistribution ? "AUTO(\(style))" : style
    }
}
