package import Catalogs
package import Functions
package import Plans
package import SQLTypes
package import Vectors

/// In which order a statement gives out the values of an IDENTITY column.
package enum IdentityOrder: Hashable, Sendable {
    /// One after the other: INSERT … VALUES.
    case sequential
    /// Each slice every n-th value, n being the number of slices: COPY, INSERT … SELECT, MERGE.
    case bySlice
}

/// What the reading of a literal depends on besides its text.
package struct LiteralReading: Sendable {
    package var style: ValueStyle
    /// Microseconds since 2000-01-01 UTC: what `'now'` means.
    package var transactionTime: Int64
}

/// What a statement's words mean besides the text itself: names, clock, session.
///
/// Fixed before binding begins, so that one statement sees one time and one catalog.
package struct BindingContext: Sendable {
    /// Where table names are looked up.
    package var catalog: any CatalogSnapshot
    /// Schemas for names without one, first match wins; `pg_catalog` comes first unless named.
    package var searchPath: [String]
    /// Microseconds since 2000-01-01 UTC: what GETDATE() says.
    package var statementTime: Int64
    /// Microseconds since 2000-01-01 UTC: what SYSDATE says.
    package var transactionTime: Int64
    package var userName: String
    package var databaseName: String
    /// What VERSION() says.
    package var versionText: String
    /// What PG_BACKEND_PID() says.
    package var processID: Int
    /// The schema of the session's temporary tables, searched before all others; nil for none.
    package var temporarySchema: String?
    /// The value of a session setting; nil if there is no such setting.
    package var setting: @Sendable (String) -> String?
    /// How the session reads and writes dates and numbers.
    package var style: ValueStyle
    /// A volatile function without arguments that yields the next value of an IDENTITY column;
    /// nil where the store fills such columns by itself, which then receive NULL.
    package var identityValues:
        @Sendable (TableDefinition, ColumnIndex, IdentityOrder) -> Result<ScalarFunction?, SQLError>
    /// The seed of the next call of RANDOM; nil where the session has set none.
    package var nextRandomSeed: @Sendable () -> UInt64?
    /// Cancels or terminates the session of a number, and tells whether there is one.
    package var cancelSession: @Sendable (_ id: Int64, _ terminates: Bool) -> Bool
    /// Constants for `$1`, `$2`, … of a prepared statement.
    package var parameters: [Expression]
    /// How the literals of a prepared statement were read when it was prepared; nil for others.
    package var preparedReading: LiteralReading?

    /// How literals are read now.
    package var literalReading: LiteralReading {
        LiteralReading(style: style, transactionTime: transactionTime)
    }

    /// Makes a context; all but catalog and path have defaults fit for tests.
    package init(
        catalog: any CatalogSnapshot,
        searchPath: [String] = ["public"],
        statementTime: Int64 = 0,
        transactionTime: Int64 = 0,
        userName: String = "slicehouse",
        databaseName: String = "dev",
        versionText: String = "",
        processID: Int = 1,
        temporarySchema: String? = nil,
        setting: @escaping @Sendable (String) -> String? = { _ in nil },
        style: ValueStyle = .standard,
        identityValues:
            @escaping @Sendable (
                TableDefinition, ColumnIndex, IdentityOrder
            ) -> Result<ScalarFunction?, SQLError> = { _, _, _ in .success(nil) },
        nextRandomSeed: @escaping @Sendable () -> UInt64? = { nil },
        cancelSession: @escaping @Sendable (_ id: Int64, _ terminates: Bool) -> Bool = { _, _ in
            false
        },
        parameters: [Expression] = []
    ) {
        self.catalog = catalog
        self.searchPath = searchPath
        self.statementTime = statementTime
        self.transactionTime = transactionTime
        self.userName = userName
        self.databaseName = databaseName
        self.versionText = versionText
        self.processID = processID
        self.temporarySchema = temporarySchema
        self.setting = setting
        self.style = style
        self.identityValues = identityValues
        self.nextRandomSeed = nextRandomSeed
        self.cancelSession = cancelSession
        self.parameters = parameters
    }
}
