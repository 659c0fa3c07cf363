import Synchronization
import Testing
import Warehouse

@testable import Shell

/// `\d` and `\dv` over a real warehouse: views, with their columns and what they mean.
@Suite struct DescribeViewTests {
    /// What the shell prints for statements and meta commands over a warehouse of its own.
    private func output(of commands: String...) throws -> String {
        var options = WarehouseOptions()
        options.memoryBytes = 1 << 28
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close() }
        let file = try TemporaryFile()
        let output = try #require(TextOutput.open(file.path))
        let errors = Mutex("")
        let session = warehouse.makeSession()
        let shell = Shell(runner: session, interrupts: Interrupts(), output: output) { text in
            errors.withLock { $0 += text }
        }
        let arguments = commands.flatMap { ["-c", $0] }
        _ = shell.perform(try ShellOptions(arguments: ["-X", "-q"] + arguments))
        output.close()
        #expect(errors.withLock { $0 } == "")
        return file.text
    }

    private let table = "create table t (a int not null, b varchar(10))"

    @Test func `a view shows its columns and its query`() throws {
        let text = try output(
            of: table,
            "create view v (one, two) as select a + 1, b from t where a > 0",
            "\\d v"
        )
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false) == [
                "              View \"public.v\"",
                " Column |         Type          | Nullable ",
                "--------+-----------------------+----------",
                " one    | integer               | ",
                " two    | character varying(10) | ",
                "View definition:",
                " SELECT t.a + 1, t.b FROM public.t AS t WHERE t.a > 0;",
                "", "",
            ]
        )
    }

    @Test func `a late-binding view shows the columns it would have now`() throws {
        let text = try output(
            of: table,
            "create view v as select b from public.t with no schema binding",
            "\\d v"
        )
        #expect(text.contains(" b      | character varying(10) | "))
        #expect(text.contains("WITH NO SCHEMA BINDING;"))
    }

    @Test func `views and tables are listed apart`() throws {
        let views = try output(of: table, "create view v as select a from t", "\\dv")
        #expect(views.contains(" public | v    | view | awsuser"))
        #expect(!views.contains("| t    |"))
        let tables = try output(of: table, "create view v as select a from t", "\\dt")
        #expect(!tables.contains("| v    |"))
    }

    @Test func `a dropped view is not found`() throws {
        let text = try output(
            of: table,
            "create view v as select a from t",
            "drop view v",
            "\\dv v*"
        )
        #expect(text == "")
    }
}
