import Foundation
import SQLSyntax
import Testing
import Warehouse

/// Every statement of the scripts and of `sql/`, parsed, written as SQL text, and parsed again.
@Suite struct ReparsingTests {
    @Test(arguments: Corpus.all)
    func `the text of a tree parses to the same tree`(corpus: Corpus) throws {
        var count = 0
        for text in corpus.statements {
            // What does not parse is a test of errors.
            guard let statement = try? parseStatement(text) else { continue }
            count += 1
            let printed = statement.deparsed
            do {
                let again = try parseStatement(printed)
                guard shape(of: again) != shape(of: statement) else { continue }
                Issue.record(
                    """
                    another tree: \(text)
                    printed: \(printed)
                    first:  \(shape(of: statement))
                    second: \(shape(of: again))
                    """
                )
            } catch {
                Issue.record("no longer parses: \(text)\nprinted: \(printed)\n\(error.message)")
            }
        }
        #expect(count > 0)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLICEHOUSE_SCRIPTS"] == nil))
    func `the corpus holds seven thousand different statements that parse`() {
        let statements = Corpus.all.flatMap(\.statements)
        #expect(statements.count { (try? parseStatement($0)) != nil } >= 7_000)
    }

    /// Statements that the corpus says too seldom or not at all.
    @Test(arguments: [
        ##"SELECT "#x", "select", "a""b" FROM "#t" AS "T" ("from")"##,
        "SELECT varchar 'a', char 'b', bpchar 'c', text 'd', name 'e', numeric '1.5', real '1'",
        "SELECT time with time zone '10:00+01', double precision '1', varbyte 'ab', bool 't'",
        "SELECT - -1, -(-1), +1, -(1)::int, -a, @ -1, ~1, |/ 4, ||/ 8, 2 ^ -1",
        "SELECT a = b = c, (a = b) = c, a < (b < c), NOT a = b, (NOT a) = b, a - (b - c)",
        #"SELECT "trim"('a'), trim('a'), left('a', 1), "left"('a', 1), "extract"('a')"#,
        "SELECT extract(year FROM d), extract('year' FROM d), position('a' || 'b' IN c)",
        "SELECT a IN ((SELECT 1)), a IN ((SELECT 1) + 1), a IN ((SELECT 1), 2), (a, b) IN (c, d)",
        "SELECT 1 GROUP BY (a, b), ((a, b), c), ROLLUP (a, (b, c)), GROUPING SETS ((a), (), (b, c))",
        "SELECT 1 GROUP BY GROUPING SETS (ROW(a), (ROW(a, b), c), CUBE (a, ROW(ROW(a, b))))",
        "(SELECT 1 LIMIT 1) UNION (SELECT 2 UNION ALL (SELECT 3 INTERSECT SELECT 4)) EXCEPT SELECT 5",
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 INTERSECT (SELECT 4 EXCEPT SELECT 5)",
        "INSERT INTO t (VALUES (1), (2))",
        "INSERT INTO t (VALUES (1) UNION SELECT 2) ",
        "INSERT INTO t (a) (SELECT 1) UNION SELECT 2",
        #"COPY t FROM 's3://a' DELIMITER '\t' NULL AS '\\N\'' QUOTE '''' GZIP MAXERROR 5"#,
        #"COPY t FROM $$a\$$ DELIMITER $$\$$ FORMAT AS CSV COMPUPDATE OFF IAM_ROLE DEFAULT"#,
        #"SET SESSION AUTHORIZATION 'Bob'"#,
        #"SET LOCAL a.b TO 'x', -1, y"#,
        #"SHOW "table""#,
        #"VACUUM DELETE ONLY "boost" TO 5 PERCENT"#,
        #"ANALYZE "verbose" (a, b) PREDICATE COLUMNS"#,
        "COMMENT ON CONSTRAINT c ON s.t IS 'it''s'",
        "EXPLAIN ANALYZE VERBOSE ANALYZE t",
        "BEGIN READ ONLY, ISOLATION LEVEL REPEATABLE READ",
        "SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 1 + 1 PRECEDING AND (a AND b) FOLLOWING)",
        "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x NATURAL LEFT JOIN (d CROSS JOIN e)",
        "CREATE TABLE t (a int DEFAULT 1 + 1 NOT NULL IDENTITY(-1, 2) ENCODE raw, LIKE u) SORTKEY AUTO",
    ])
    func `a tree that is easily printed wrong parses again`(text: String) throws {
        let statement = try parseStatement(text)
        let printed = statement.deparsed
        #expect(shape(of: try parseStatement(printed)) == shape(of: statement), "\(printed)")
    }

    @Test(arguments: [
        ("SELECT a + b", "SELECT a - b"), ("SELECT 'a'", "SELECT 'A'"),
        ("SELECT a = b = c", "SELECT (a = b) = c"), ("SELECT int '1'", "SELECT 1"),
        ("SELECT * FROM a, b, c", "SELECT * FROM a, c, b"), ("COMMIT", "ROLLBACK"),
        ("CREATE TABLE t (a int DISTKEY)", "CREATE TABLE t (a int SORTKEY)"),
        ("SELECT 1 ORDER BY 1", "SELECT 1 ORDER BY 1 NULLS LAST"),
    ])
    func `different trees are told apart`(first: String, second: String) throws {
        #expect(shape(of: try parseStatement(first)) != shape(of: try parseStatement(second)))
    }

    @Test func `chains longer than brackets may nest parse again`() throws {
        let sum = "SELECT " + Array(repeating: "a", count: 450).joined(separator: " + ")
        let union = Array(repeating: "SELECT 1", count: 450).joined(separator: " UNION ALL ")
        for text in [sum, union] {
            let statement = try parseStatement(text)
            #expect(shape(of: try parseStatement(statement.deparsed)) == shape(of: statement))
        }
    }
}

/// The statements of a folder, each once.
struct Corpus: Sendable, CustomTestStringConvertible {
    var name: String
    var statements: [String]

    var testDescription: String { name }

    static let all: [Corpus] = scripts + examples

    private static var scripts: [Corpus] {
        let folders = Dictionary(grouping: Script.all) { script in
            String(script.name.prefix { $0 != "/" })
        }
        return folders.sorted { $0.key < $1.key }.map { name, scripts in
            Corpus(name: name, statements: distinct(scripts.flatMap { $0.records.map(\.sql) }))
        }
    }

    // The scripts for users: statements end in semicolons, commands of the shell are lines.
    private static var examples: [Corpus] {
        let root = Script.folder.appending(path: "../../../sql").standardized
        return ["flights", "ssb", "tpch"].map { name in
            let files =
                (try? FileManager.default.contentsOfDirectory(
                    at: root.appending(path: name),
                    includingPropertiesForKeys: nil
                )) ?? []
            let texts = files.filter { $0.pathExtension == "sql" }
                .compactMap { try? String(contentsOf: $0, encoding: .utf8) }
            return Corpus(name: "sql/\(name)", statements: distinct(texts.flatMap(statements)))
        }
    }

    private static func statements(of text: String) -> [String] {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("\\") }
        let sql = lines.joined(separator: "\n")
        let bytes = Array(sql.utf8)
        let statements = (try? parseStatements(sql)) ?? []
        return statements.map { String(decoding: bytes[$0.bytes], as: UTF8.self) }
    }

    private static func distinct(_ texts: [String]) -> [String] { Array(Set(texts)).sorted() }
}

/// A tree as text, without what says only how and where it was written: positions, quotes
/// around names, the text of a view.
private func shape(of statement: Statement) -> String {
    var text = ""
    describe(statement, into: &text)
    return text
}

private func describe(_ value: Any, into text: inout String) {
    if let string = value as? String {
        text += string.debugDescription
        return
    }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .enum {
        text += mirror.children.first?.label ?? "\(value)"
    } else if mirror.children.isEmpty {
        text += "\(value)"
    }
    guard !mirror.children.isEmpty else { return }
    text += "("
    for (label, child) in mirror.children where !isSpelling(label) {
        describeOrPresence(child, label, into: &text)
        text += " "
    }
    text += ")"
}

private func isSpelling(_ label: String?) -> Bool {
    switch label {
    case "position", "qualifyPosition", "typePosition", "valuePosition", "isQuoted", "queryText":
        true
    default: false
    }
}

// DISTKEY and SORTKEY of a column are kept as where they stand, or nil.
private func describeOrPresence(_ child: Any, _ label: String?, into text: inout String) {
    switch label {
    case "distributionKeyPosition", "sortKeyPosition":
        text += Mirror(reflecting: child).children.isEmpty ? "absent" : "present"
    default: describe(child, into: &text)
    }
}
