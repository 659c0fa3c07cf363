import Testing
import Warehouse

@testable import Shell

/// Results in every format, as psql 15 prints the same rows.
@Suite struct ResultTableTests {
    private struct Result: Sendable {
        var columns: [ResultColumn]
        var rows: [[String?]]
    }

    private static let results: [String: Result] = [
        "plain": Result(
            columns: [
                ResultColumn(name: "a", type: .integer),
                ResultColumn(name: "b", type: .varchar(10)),
                ResultColumn(name: "c", type: .varchar(10)),
                ResultColumn(name: "num", type: .integer),
            ],
            rows: [
                ["1", "x", nil, "2.5"],
                ["22", "yy", "z", "-1"],
            ]
        ),
        "wide": Result(
            columns: [
                ResultColumn(name: "wide 日本", type: .varchar(10)),
                ResultColumn(name: "m", type: .varchar(10)),
                ResultColumn(name: "n", type: .integer),
                ResultColumn(name: "t", type: .varchar(10)),
            ],
            rows: [
                ["héllo", "two\nlines", "12", "tab\there"],
                ["日本語", "a\n\nb", "-3", "\r\u{7}"],
            ]
        ),
        "head": Result(
            columns: [
                ResultColumn(name: "multi\nline head", type: .integer),
                ResultColumn(name: "b\nc\nd", type: .varchar(10)),
            ],
            rows: [
                ["1", "abc"]
            ]
        ),
        "long": Result(
            columns: [
                ResultColumn(name: "id", type: .integer),
                ResultColumn(name: "long_text", type: .varchar(10)),
                ResultColumn(name: "n", type: .integer),
            ],
            rows: [
                ["1", "word ", "1000000.25"],
                ["2", "word word ", "2000000.50"],
                ["3", "word word word ", "3000000.75"],
                ["4", "word word word word ", "4000001.00"],
            ]
        ),
        "odd": Result(
            columns: [
                ResultColumn(name: "x", type: .varchar(10)),
                ResultColumn(name: "y", type: .varchar(10)),
                ResultColumn(name: "z", type: .varchar(10)),
                ResultColumn(name: "e", type: .varchar(10)),
                ResultColumn(name: "nn", type: .varchar(10)),
                ResultColumn(name: "dot", type: .varchar(10)),
            ],
            rows: [
                ["a,b", "q\"uote", "n\nl", "", nil, "\\."]
            ]
        ),
        "none": Result(
            columns: [
                ResultColumn(name: "a", type: .integer)
            ],
            rows: []
        ),
    ]

    /// A result's name, settings of `\pset`, and psql's lines.
    struct Golden: Sendable, CustomTestStringConvertible {
        var result: String
        var settings: [String]
        var lines: [String]

        var testDescription: String { ([result] + settings).joined(separator: " ") }
    }

    @Test(arguments: goldens)
    func `a result looks as in psql`(golden: Golden) throws {
        let result = try #require(Self.results[golden.result])
        var options = PrintOptions()
        for setting in golden.settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map { String($0) }
            #expect(PrintSetting.set(parts[0], to: parts[1], in: &options) == nil)
        }
        let file = try TemporaryFile()
        let output = try #require(TextOutput.open(file.path))
        let printer = ResultPrinter(output: output, options: options, printsTag: true) { _ in }
        try printer.begin(columns: result.columns)
        // Batch by batch, since a format may not depend on how rows are cut.
        for row in result.rows {
            try printer.rows(RowBatch(rows: [row], columnCount: result.columns.count))
        }
        try printer.finish(tag: "SELECT \(result.rows.count)")
        output.close()
        #expect(file.text == golden.lines.joined(separator: "\n"))
    }

    static let goldens: [Golden] = [
        Golden(
            result: "plain",
            settings: [],
            lines: [
                " a  | b  | c | num ",
                "----+----+---+-----",
                "  1 | x  |   | 2.5",
                " 22 | yy | z |  -1",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["border=0"],
            lines: [
                "a  b  c num ",
                "-- -- - ---",
                " 1 x    2.5",
                "22 yy z  -1",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["border=2"],
            lines: [
                "+----+----+---+-----+",
                "| a  | b  | c | num |",
                "+----+----+---+-----+",
                "|  1 | x  |   | 2.5 |",
                "| 22 | yy | z |  -1 |",
                "+----+----+---+-----+",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["tuples_only=on"],
            lines: [
                "  1 | x  |   | 2.5",
                " 22 | yy | z |  -1",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["tuples_only=on", "border=2"],
            lines: [
                "|  1 | x  |   | 2.5 |",
                "| 22 | yy | z |  -1 |",
                "+----+----+---+-----+",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["expanded=on"],
            lines: [
                "-[ RECORD 1 ]",
                "a   | 1",
                "b   | x",
                "c   | ",
                "num | 2.5",
                "-[ RECORD 2 ]",
                "a   | 22",
                "b   | yy",
                "c   | z",
                "num | -1",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["expanded=on", "border=0"],
            lines: [
                "* Record 1",
                "a   1",
                "b   x",
                "c   ",
                "num 2.5",
                "* Record 2",
                "a   22",
                "b   yy",
                "c   z",
                "num -1",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["expanded=on", "border=2"],
            lines: [
                "+-[ RECORD 1 ]-+",
                "| a   | 1   |",
                "| b   | x   |",
                "| c   |     |",
                "| num | 2.5 |",
                "+-[ RECORD 2 ]-+",
                "| a   | 22  |",
                "| b   | yy  |",
                "| c   | z   |",
                "| num | -1  |",
                "+-----+-----+",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["expanded=on", "tuples_only=on"],
            lines: [
                "a   | 1",
                "b   | x",
                "c   | ",
                "num | 2.5",
                "----+----",
                "a   | 22",
                "b   | yy",
                "c   | z",
                "num | -1",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["null=NULL"],
            lines: [
                " a  | b  |  c   | num ",
                "----+----+------+-----",
                "  1 | x  | NULL | 2.5",
                " 22 | yy | z    |  -1",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["title=A title"],
            lines: [
                "      A title",
                " a  | b  | c | num ",
                "----+----+---+-----",
                "  1 | x  |   | 2.5",
                " 22 | yy | z |  -1",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["footer=off"],
            lines: [
                " a  | b  | c | num ",
                "----+----+---+-----",
                "  1 | x  |   | 2.5",
                " 22 | yy | z |  -1",
                "",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["format=unaligned"],
            lines: [
                "a|b|c|num",
                "1|x||2.5",
                "22|yy|z|-1",
                "(2 rows)",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["format=unaligned", "expanded=on"],
            lines: [
                "a|1",
                "b|x",
                "c|",
                "num|2.5",
                "",
                "a|22",
                "b|yy",
                "c|z",
                "num|-1",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["format=csv"],
            lines: [
                "a,b,c,num",
                "1,x,,2.5",
                "22,yy,z,-1",
                "",
            ]
        ),
        Golden(
            result: "plain",
            settings: ["format=unaligned", "fieldsep=;", "recordsep=!"],
            lines: [
                "a;b;c;num!1;x;;2.5!22;yy;z;-1!(2 rows)",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: [],
            lines: [
                " wide 日本 |   m   | n  |      t       ",
                "-----------+-------+----+--------------",
                " héllo     | two  +| 12 | tab     here",
                "           | lines |    | ",
                " 日本語    | a    +| -3 | \\r\\x07",
                "           |      +|    | ",
                "           | b     |    | ",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: ["border=0"],
            lines: [
                "wide 日本   m   n       t       ",
                "--------- ----- -- ------------",
                "héllo     two  +12 tab     here",
                "          lines    ",
                "日本語    a    +-3 \\r\\x07",
                "               +   ",
                "          b        ",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: ["border=2"],
            lines: [
                "+-----------+-------+----+--------------+",
                "| wide 日本 |   m   | n  |      t       |",
                "+-----------+-------+----+--------------+",
                "| héllo     | two  +| 12 | tab     here |",
                "|           | lines |    |              |",
                "| 日本語    | a    +| -3 | \\r\\x07       |",
                "|           |      +|    |              |",
                "|           | b     |    |              |",
                "+-----------+-------+----+--------------+",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: ["expanded=on"],
            lines: [
                "-[ RECORD 1 ]-----------",
                "wide 日本 | héllo",
                "m         | two         +",
                "          | lines",
                "n         | 12",
                "t         | tab     here",
                "-[ RECORD 2 ]-----------",
                "wide 日本 | 日本語",
                "m         | a           +",
                "          |             +",
                "          | b",
                "n         | -3",
                "t         | \\r\\x07",
                "",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: ["expanded=on", "border=2"],
            lines: [
                "+-[ RECORD 1 ]-------------+",
                "| wide 日本 | héllo        |",
                "| m         | two         +|",
                "|           | lines        |",
                "| n         | 12           |",
                "| t         | tab     here |",
                "+-[ RECORD 2 ]-------------+",
                "| wide 日本 | 日本語       |",
                "| m         | a           +|",
                "|           |             +|",
                "|           | b            |",
                "| n         | -3           |",
                "| t         | \\r\\x07       |",
                "+-----------+--------------+",
                "",
                "",
            ]
        ),
        Golden(
            result: "wide",
            settings: ["linestyle=unicode", "border=2"],
            lines: [
                "┌───────────┬───────┬────┬──────────────┐",
                "│ wide 日本 │   m   │ n  │      t       │",
                "├───────────┼───────┼────┼──────────────┤",
                "│ héllo     │ two  ↵│ 12 │ tab     here │",
                "│           │ lines │    │              │",
                "│ 日本語    │ a    ↵│ -3 │ \\r\\x07       │",
                "│           │      ↵│    │              │",
                "│           │ b     │    │              │",
                "└───────────┴───────┴────┴──────────────┘",
                "(2 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "head",
            settings: [],
            lines: [
                "   multi  +|  b +",
                " line head |  c +",
                "           |  d  ",
                "-----------+-----",
                "         1 | abc",
                "(1 row)",
                "",
                "",
            ]
        ),
        Golden(
            result: "head",
            settings: ["border=2"],
            lines: [
                "+-----------+-----+",
                "|   multi  +|  b +|",
                "| line head |  c +|",
                "|           |  d  |",
                "+-----------+-----+",
                "|         1 | abc |",
                "+-----------+-----+",
                "(1 row)",
                "",
                "",
            ]
        ),
        Golden(
            result: "head",
            settings: ["expanded=on"],
            lines: [
                "-[ RECORD 1 ]--",
                "multi    +| 1",
                "line head |",
                "b        +| abc",
                "c        +|",
                "d         |",
                "",
                "",
            ]
        ),
        Golden(
            result: "head",
            settings: ["expanded=on", "border=0"],
            lines: [
                "* Record 1  ",
                "multi    + 1",
                "line head ",
                "b        + abc",
                "c        +",
                "d         ",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["format=wrapped", "columns=30"],
            lines: [
                " id | long_text  |     n      ",
                "----+------------+------------",
                "  1 | word       | 1000000.25",
                "  2 | word word  | 2000000.50",
                "  3 | word word .| 3000000.75",
                "    |.word       | ",
                "  4 | word word .| 4000001.00",
                "    |.word word  | ",
                "(4 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["format=wrapped", "columns=30", "border=2"],
            lines: [
                "+----+-----------+-----------+",
                "| id | long_text |     n     |",
                "+----+-----------+-----------+",
                "|  1 | word      | 1000000.2.|",
                "|    |           |.        5 |",
                "|  2 | word word.| 2000000.5.|",
                "|    |.          |.        0 |",
                "|  3 | word word.| 3000000.7.|",
                "|    |. word     |.        5 |",
                "|  4 | word word.| 4000001.0.|",
                "|    |. word wor.|.        0 |",
                "|    |.d         |           |",
                "+----+-----------+-----------+",
                "(4 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["format=wrapped", "columns=25", "expanded=on"],
            lines: [
                "-[ RECORD 1 ]-----------",
                "id        | 1",
                "long_text | word ",
                "n         | 1000000.25",
                "-[ RECORD 2 ]-----------",
                "id        | 2",
                "long_text | word word ",
                "n         | 2000000.50",
                "-[ RECORD 3 ]-----------",
                "id        | 3",
                "long_text | word word wo.",
                "          |.rd ",
                "n         | 3000000.75",
                "-[ RECORD 4 ]-----------",
                "id        | 4",
                "long_text | word word wo.",
                "          |.rd word ",
                "n         | 4000001.00",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["expanded=auto", "columns=30"],
            lines: [
                "-[ RECORD 1 ]-------------------",
                "id        | 1",
                "long_text | word ",
                "n         | 1000000.25",
                "-[ RECORD 2 ]-------------------",
                "id        | 2",
                "long_text | word word ",
                "n         | 2000000.50",
                "-[ RECORD 3 ]-------------------",
                "id        | 3",
                "long_text | word word word ",
                "n         | 3000000.75",
                "-[ RECORD 4 ]-------------------",
                "id        | 4",
                "long_text | word word word word ",
                "n         | 4000001.00",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["expanded=auto", "columns=80"],
            lines: [
                " id |      long_text       |     n      ",
                "----+----------------------+------------",
                "  1 | word                 | 1000000.25",
                "  2 | word word            | 2000000.50",
                "  3 | word word word       | 3000000.75",
                "  4 | word word word word  | 4000001.00",
                "(4 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "long",
            settings: ["numericlocale=on"],
            lines: [
                " id |      long_text       |      n       ",
                "----+----------------------+--------------",
                "  1 | word                 | 1,000,000.25",
                "  2 | word word            | 2,000,000.50",
                "  3 | word word word       | 3,000,000.75",
                "  4 | word word word word  | 4,000,001.00",
                "(4 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "odd",
            settings: ["format=csv"],
            lines: [
                "x,y,z,e,nn,dot",
                "\"a,b\",\"q\"\"uote\",\"n",
                "l\",,,\"\\.\"",
                "",
            ]
        ),
        Golden(
            result: "odd",
            settings: ["format=csv", "csv_fieldsep=;"],
            lines: [
                "x;y;z;e;nn;dot",
                "a,b;\"q\"\"uote\";\"n",
                "l\";;;\"\\.\"",
                "",
            ]
        ),
        Golden(
            result: "odd",
            settings: ["format=csv", "expanded=on"],
            lines: [
                "x,\"a,b\"",
                "y,\"q\"\"uote\"",
                "z,\"n",
                "l\"",
                "e,",
                "nn,",
                "dot,\"\\.\"",
                "",
            ]
        ),
        Golden(
            result: "odd",
            settings: ["format=csv", "tuples_only=on"],
            lines: [
                "\"a,b\",\"q\"\"uote\",\"n",
                "l\",,,\"\\.\"",
                "",
            ]
        ),
        Golden(
            result: "none",
            settings: [],
            lines: [
                " a ",
                "---",
                "(0 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "none",
            settings: ["expanded=on"],
            lines: [
                "(0 rows)",
                "",
                "",
            ]
        ),
        Golden(
            result: "none",
            settings: ["format=csv"],
            lines: [
                "a",
                "",
            ]
        ),
        Golden(
            result: "none",
            settings: ["format=unaligned"],
            lines: [
                "a",
                "(0 rows)",
                "",
            ]
        ),
    ]
}
