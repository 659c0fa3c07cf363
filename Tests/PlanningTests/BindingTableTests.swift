import Catalogs
import Plans
import SQLSyntax
import SQLTypes
import Testing

@testable import Planning

@Suite struct BindingTableTests {
    private func define(_ text: String) throws(SQLError) -> TableDefinition {
        guard case .createTable(let syntax) = try parseStatement(text) else {
            throw SQLError.invariant("the test statement creates no table")
        }
        return try bindTableDefinition(syntax, context: bindingTestContext)
    }

    @Test func `a plain table is automatic in everything and begins as ALL`() throws {
        let table = try define("create table x (a int, b varchar(5) not null default 'q')")
        #expect(table.id == 0 && table.schema == "public" && table.name == "x")
        #expect(table.distributionDisplayName == "AUTO(ALL)")
        #expect(table.isAutoSortKey && table.isAutoEncoding && table.sortKey.columns.isEmpty)
        #expect(table.columns.map(\.type) == [.integer, .varchar(5)])
        #expect(table.columns.map(\.isNotNull) == [false, true])
        #expect(table.columns.map(\.encoding) == [.automatic, .automatic])
        guard case .expression(let text)? = table.columns[1].defaultValue else {
            return #expect(Bool(false))
        }
        #expect(
            try bindDefault(text, type: .varchar(5), context: bindingTestContext)
                == .constant(.text("q"), .varchar(5))
        )
    }

    @Test func `keys and encodings follow the rules`() throws {
        let table = try define(
            "create table x (a int encode az64 primary key, b varchar(5), c boolean, d date) "
                + "distkey(a) sortkey(d)"
        )
        #expect(table.distribution == .key(0) && !table.isAutoDistribution)
        #expect(table.sortKey.columns == [3] && !table.isAutoSortKey)
        #expect(table.columns.map(\.encoding) == [.az64, .lzo, .raw, .raw])
        #expect(!table.isAutoEncoding && table.columns[0].isNotNull)
        #expect(table.constraints.map(\.kind) == [.primaryKey])
        let even = try define("create table x (a int sortkey) diststyle even")
        #expect(even.distributionDisplayName == "EVEN" && even.sortKey.columns == [0])
        #expect(even.columns[0].encoding == .raw)
        let key = try define("create table x (a int distkey) diststyle key")
        #expect(key.distributionDisplayName == "KEY(a)")
    }

    @Test func `temporary tables live in their own schema without compression`() throws {
        let table = try define("create temp table x (a int)")
        #expect(table.schema == "pg_temp_1" && table.isTemporary)
        #expect(table.columns[0].encoding == .raw)
    }

    @Test func `LIKE copies columns without identity`() throws {
        let table = try define("create table x (like w)")
        #expect(table.columns.map(\.name) == ["id", "n", "m"])
        #expect(table.columns.allSatisfy { $0.defaultValue == nil })
        #expect(table.columns[0].isNotNull)
        let defaults = try define("create table x (like w including defaults)")
        #expect(defaults.columns[1].defaultValue == .expression("1 + 1"))
    }

    @Test func `foreign keys name the parent's key`() throws {
        let table = try define(
            "create table x (a int primary key, b int references x, c int references u (a))"
        )
        #expect(table.constraints[1].referencedTable == "public.x")
        #expect(table.constraints[1].referencedColumns == ["a"])
        #expect(table.constraints[2].referencedTable == "public.u")
    }

    @Test func `the columns of a query become those of a table`() throws {
        guard
            case .createTableAs(let syntax) = try parseStatement(
                "create table x (p) distkey(p) sortkey(q) as select a, 'abc' as q, 1.50 as r from t"
            )
        else { return #expect(Bool(false)) }
        let (_, table) = try bindCreateTableAs(syntax, context: bindingTestContext)
        #expect(table.columns.map(\.name) == ["p", "q", "r"])
        #expect(
            table.columns.map(\.type) == [
                .integer, .varchar(3), .decimal(precision: 3, scale: 2),
            ]
        )
        #expect(table.distribution == .key(0) && table.sortKey.columns == [1])
        guard case .query(let query) = try parseStatement("select a into temp y from t") else {
            return #expect(Bool(false))
        }
        let into = try bindSelectInto(query, context: bindingTestContext)
        #expect(into?.table.name == "y" && into?.table.isTemporary == true)
    }

    @Test(arguments: [
        ("create table x (a int, a int)", "42701", 23),
        ("create table x (a int distkey, b int distkey)", "42P16", 37),
        ("create table x (a int distkey) diststyle even", "42P16", 22),
        ("create table x (a int) diststyle key", "42P16", 33),
        ("create table x (a int) distkey(b)", "42703", 31),
        ("create table x (a int) sortkey(a, a)", "42701", 34),
        ("create table x (a int sortkey) sortkey(a)", "42P16", 22),
        ("create table x (a int) interleaved sortkey(a, a)", "42701", 46),
        ("create table x (a int encode nosuch)", "42601", 29),
        ("create table x (a int encode text255)", "0A000", 29),
        ("create table x (a varchar(3) identity(1,1))", "42P16", 29),
        ("create table x (a int default b)", "42703", 30),
        ("create table x (a int default (select 1))", "0A000", 30),
        ("create table x (a int default true)", "42804", 30),
        ("create table x (xmin int)", "42701", 16),
        ("create table missing.x (a int)", "3F000", 13),
        ("create table x (a int primary key, primary key (a))", "42P16", 35),
        ("create table x (a int references nowhere)", "42P01", 33),
        ("create temp table public.x (a int)", "42P16", 18),
        ("create table x (like nowhere)", "42P01", 21),
    ])
    func `a mistake has its state and its place`(text: String, state: String, position: Int) {
        var error: SQLError?
        do { _ = try define(text) } catch let caught { error = caught }
        #expect(error?.state.code == state)
        #expect(error?.position == position)
    }
}
