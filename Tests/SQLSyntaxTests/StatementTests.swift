import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct StatementTests {
    @Test func `nothing, blanks, comments and semicolons are the empty statement`() throws {
        for text in ["", "  \n", ";", "-- x", "/* x */ ; ;"] {
            #expect(try parseStatement(text) == .empty)
        }
    }

    @Test func `one statement may end in a semicolon, two are refused`() throws {
        #expect(try parseStatement("commit;") == .commit)
        let error = try #require(failure("commit; rollback"))
        #expect(error.state == .syntaxError)
        #expect(error.position == 8)
    }

    @Test func `a script's statements come with the bytes they cover`() throws {
        let statements = try parseStatements(" commit ;; select 'ü;' ; rollback")
        #expect(statements.count == 3)
        #expect(statements.map(\.bytes) == [1..<7, 11..<23, 26..<34])
    }

    @Test(arguments: [
        ("begin", Statement.begin(TransactionModesSyntax())),
        ("begin work", .begin(TransactionModesSyntax())),
        ("start transaction", .begin(TransactionModesSyntax())), ("commit work", .commit),
        ("end transaction", .commit), ("rollback", .rollback), ("abort work", .rollback),
        ("show all", .show(nil)), ("reset all", .reset(nil)), ("deallocate all", .deallocate(nil)),
    ])
    func `synonyms give one statement`(text: String, statement: Statement) throws {
        #expect(try parseStatement(text) == statement)
    }

    @Test func `transaction modes are read`() throws {
        let text = "begin isolation level repeatable read, read only"
        guard case .begin(let modes) = try parseStatement(text) else {
            Issue.record("no begin")
            return
        }
        #expect(modes.isolationLevel == "repeatable read")
        #expect(modes.isReadOnly == true)
    }

    @Test(arguments: [
        ("set search_path to a, \"$user\", public", "search_path", ["a", "$user", "public"]),
        ("set query_group = 'x y'", "query_group", ["x y"]), ("set x to -1.5", "x", ["-1.5"]),
        ("set x to on", "x", ["on"]), ("set x to default", "x", []),
        ("set local a.b to true", "a.b", ["true"]), ("set time zone 'UTC'", "timezone", ["UTC"]),
        ("set session x to 1", "x", ["1"]),
    ])
    func `settings take lists of words, numbers and strings`(
        text: String,
        name: String,
        values: [String]
    ) throws {
        guard case .set(let set) = try parseStatement(text) else {
            Issue.record("no set")
            return
        }
        #expect(set.name.text == name)
        #expect(set.values.map(\.text) == values)
        #expect(set.isLocal == text.contains("local"))
    }

    @Test func `INSERT takes values, defaults, queries and column lists`() throws {
        func insert(_ text: String) throws -> InsertSyntax {
            guard case .insert(let insert) = try parseStatement(text) else {
                throw SQLError(.syntaxError, "no insert")
            }
            return insert
        }
        let values = try insert("insert into s.t (a, b) values (1, default), (2 + 3, null)")
        #expect(values.table.qualifier == "s")
        #expect(values.columns.map(\.text) == ["a", "b"])
        guard case .values(let rows) = values.source else {
            Issue.record("no values")
            return
        }
        #expect(rows.count == 2)
        #expect(rows[0][1] == .defaultValue(position: 34))
        #expect(try insert("insert into t default values").source == .defaultValues)
        for text in [
            "insert into t select 1", "insert into t (select 1)", "insert into t (a) (select 1)",
            "insert into t with x as (select 1) select 1",
            "insert into t ((select 1) union select 2)",
        ] {
            guard case .query = try insert(text).source else {
                Issue.record("no query: \(text)")
                return
            }
        }
    }

    @Test func `UPDATE and DELETE take aliases, FROM, USING and WITH`() throws {
        let text =
            "with w as (select 1) update t as x set a = 1, b = default from u where x.a = u.a"
        guard case .update(let update) = try parseStatement(text) else {
            Issue.record("no update")
            return
        }
        #expect(update.with?.expressions.count == 1)
        #expect(update.alias?.text == "x")
        #expect(update.assignments.map(\.column.text) == ["a", "b"])
        #expect(update.from.count == 1)
        guard case .delete(let delete) = try parseStatement("delete t using u, v where true")
        else {
            Issue.record("no delete")
            return
        }
        #expect(delete.alias == nil)
        #expect(delete.using.count == 2)
        #expect(delete.whereCondition != nil)
        #expect(failure("update t set t.a = 1")?.position == 14)
    }

    @Test(arguments: [
        ("merge into t using s on t.a = s.a remove", 40),
        ("merge into t using s on t.a = s.a", 33),
        ("merge into t using s when matched then delete", 21),
        ("merge into t using s on true when matched then delete", 53),
        ("merge into t using s on true when not matched then insert values (1)", 68),
        ("merge into t using s on true when matched then delete when matched then delete", 67),
        ("merge into t using s on true when matched then insert values (1)", 47),
        ("merge into t using s on true when not matched then delete", 51),
        ("merge t using s on true remove duplicates", 6),
        ("merge into t using s on true when matched then update set t.a = 1", 59),
    ])
    func `a malformed MERGE points at the word`(text: String, position: Int) {
        let error = failure(text)
        #expect(error?.state == .syntaxError)
        #expect(error?.position == position)
    }

    @Test(arguments: [
        "merge into t using (select 1) on true remove duplicates",
        "merge into t using s on true when matched and t.a > 1 then delete "
            + "when not matched then insert values (1)",
        "with w as (select 1) merge into t using s on true remove duplicates",
    ])
    func `what Redshift refuses in MERGE is named`(text: String) {
        #expect(failure(text)?.state == .featureNotSupported)
    }

    @Test(arguments: [
        "insert into t default values",
        "insert into s.t (a, \"B c\") values (1, default), ('x' || 'y', -2)",
        "insert into t (a) with w as (select 1) select * from w union select 2 order by 1",
        "update t set a = 1",
        "with w as (select 1 as b) update s.t as x set a = w.b + 1, b = default "
            + "from w, (select 2) as q (c) join u on u.a = q.c where x.a = w.b or not x.c",
        "delete t",
        "with w (a) as (select 1) delete from t x using w, u where x.a = w.a and u.b in (1, 2)",
        "merge into t using s on t.a = s.a when matched then update set b = s.b, c = default "
            + "when not matched then insert values (s.a, default, upper(s.c))",
        "merge into s.t as x using r.s y on x.a = y.a and x.b is null "
            + "when not matched then insert (a, b) values (y.a, 1) when matched then delete",
        "merge into t using s on t.a = s.a remove duplicates",
    ])
    func `a change printed and parsed again is the same`(text: String) throws {
        let printed = try print(of: try parseStatement(text))
        #expect(try print(of: try parseStatement(printed)) == printed)
    }

    private func print(of statement: Statement) throws -> String {
        switch statement {
        case .insert(let insert): insert.deparsed
        case .update(let update): update.deparsed
        case .delete(let delete): delete.deparsed
        case .merge(let merge): merge.deparsed
        default: throw SQLError(.syntaxError, "not a change")
        }
    }

    @Test func `MERGE keeps its parts`() throws {
        let text =
            "merge into t as x using s on x.a = s.a when not matched then insert (a) values (1) "
            + "when matched then update set a = 1, b = default"
        guard case .merge(let merge) = try parseStatement(text),
            case .clauses(.update(let assignments), let insertion) = merge.action
        else {
            Issue.record("no merge")
            return
        }
        #expect(merge.alias?.text == "x" && merge.sourceAlias == nil)
        #expect(assignments.map(\.column.text) == ["a", "b"])
        #expect(insertion.columns.map(\.text) == ["a"] && insertion.values.count == 1)
    }

    @Test func `DROP, TRUNCATE, LOCK and CREATE SCHEMA take names`() throws {
        guard case .dropTable(let drop) = try parseStatement("drop table if exists a, s.b cascade")
        else {
            Issue.record("no drop")
            return
        }
        #expect(drop.names.map(\.description) == ["a", "s.b"])
        #expect(drop.ifExists && drop.cascades)
        guard case .dropSchema(let schema) = try parseStatement("drop schema s restrict") else {
            Issue.record("no drop schema")
            return
        }
        #expect(!schema.cascades)
        guard case .truncate(let table) = try parseStatement("truncate #t") else {
            Issue.record("no truncate")
            return
        }
        #expect(table.name == "#t")
        guard
            case .createSchema(let name, true) = try parseStatement(
                "create schema if not exists s authorization u quota 5 gb"
            )
        else {
            Issue.record("no schema")
            return
        }
        #expect(name.text == "s")
        guard case .lock(let tables) = try parseStatement("lock table a, b") else {
            Issue.record("no lock")
            return
        }
        #expect(tables.count == 2)
    }

    @Test func `a view keeps its query's text`() throws {
        let text = "create or replace view v (a) as select 1 -- one\n with no schema binding"
        guard case .createView(let view) = try parseStatement(text) else {
            Issue.record("no view")
            return
        }
        #expect(view.queryText == "select 1")
        #expect(view.isLateBinding && view.isReplacing)
    }

    @Test func `EXPLAIN, ANALYZE and VACUUM take their words`() throws {
        guard
            case .explain(.query, isVerbose: true, isAnalyze: false) = try parseStatement(
                "explain verbose select 1"
            )
        else {
            Issue.record("no explain")
            return
        }
        guard case .analyze(let analyze) = try parseStatement("analyze t (a, b) predicate columns")
        else {
            Issue.record("no analyze")
            return
        }
        #expect(analyze.columns.count == 2 && analyze.isPredicateColumns)
        guard
            case .analyze(let compression) = try parseStatement(
                "analyze compression t comprows 1000"
            )
        else {
            Issue.record("no analyze compression")
            return
        }
        #expect(compression.isCompression && compression.sampleRowCount == 1_000)
        guard
            case .vacuum(let vacuum) = try parseStatement("vacuum sort only t to 75 percent boost")
        else {
            Issue.record("no vacuum")
            return
        }
        #expect(vacuum.mode == .sortOnly && vacuum.thresholdPercent == 75)
        #expect(failure("vacuum t to 101 percent")?.state == .invalidParameterValue)
    }

    @Test func `COMMENT, PREPARE and EXECUTE are read`() throws {
        guard case .comment(let comment) = try parseStatement("comment on column t.c is 'x'") else {
            Issue.record("no comment")
            return
        }
        #expect(comment.kind == "column" && comment.name.name == "c" && comment.text == "x")
        guard
            case .prepare(let name, let types, .query, parameterCount: 2) = try parseStatement(
                "prepare p (int, varchar(5)) as select $1, $2"
            )
        else {
            Issue.record("no prepare")
            return
        }
        #expect(name.text == "p" && types == [.integer, .varchar(5)])
        guard case .execute(_, let arguments) = try parseStatement("execute p (1, 'x')") else {
            Issue.record("no execute")
            return
        }
        #expect(arguments.count == 2)
    }

    @Test(arguments: ["cancel 17", "CANCEL 17 'too long';"])
    func `cancel takes a number and perhaps a message`(text: String) throws {
        guard case .cancel(17) = try parseStatement(text) else {
            Issue.record("no cancel")
            return
        }
        #expect(failure("cancel")?.state == .syntaxError)
        #expect(failure("cancel 1 2")?.state == .syntaxError)
    }

    @Test(arguments: [
        ("alter schema s rename to t", "ALTER SCHEMA"), ("grant select on t to u", "GRANT"),
        ("create user u password 'x'", "CREATE USER"),
        ("create function f() returns int", "CREATE FUNCTION"),
        ("create or replace procedure p() as $$ begin end $$", "CREATE PROCEDURE"),
        ("create external schema s from data catalog", "CREATE EXTERNAL SCHEMA"),
        ("create materialized view v as select 1", "CREATE MATERIALIZED VIEW"),
        ("unload ('select 1') to 's3://x'", "UNLOAD"), ("call p()", "CALL"),
        ("declare c cursor for select 1", "DECLARE"), ("fetch next from c", "FETCH"),
        ("savepoint a", "SAVEPOINT"), ("show model m", "SHOW MODEL"),
        ("create index i on t (a)", "CREATE INDEX"), ("refresh materialized view v", "REFRESH"),
        ("alter table t append from s", "ALTER TABLE APPEND"),
    ])
    func `statements that Slicehouse lacks are 0A000 by name`(text: String, feature: String) throws
    {
        let error = try #require(failure(text))
        #expect(error.state == .featureNotSupported)
        #expect(error.message == "\(feature) is not supported")
        #expect(error.position == 0)
    }

    @Test(arguments: [
        "create nonsense x", "drop nonsense x", "frobnicate", "alter 1", "set x", "1",
    ])
    func `statements that nobody knows are 42601`(text: String) {
        #expect(failure(text)?.state == .syntaxError)
    }
}
