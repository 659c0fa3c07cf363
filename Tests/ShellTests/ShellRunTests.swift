import Testing
import Warehouse

@testable import Shell

@Suite struct ShellRunTests {
    @Test func `commands and files run in their order`() throws {
        let script = try TemporaryFile("tag one;\ntag two")
        let run = try ShellRun("-c", "tag zero", "-f", script.path, "-c", "tag three")
        #expect(run.statements == ["tag zero", "tag one;", "tag two", "tag three"])
        #expect(run.end == .status(0))
        #expect(run.output == "INSERT 0 3\nINSERT 0 3\nINSERT 0 3\nINSERT 0 3\n")
    }

    @Test func `a failing command ends with 1 and the next ones still run`() throws {
        let run = try ShellRun("-c", "bad", "-c", "tag x")
        #expect(run.end == .status(1))
        #expect(run.output == "INSERT 0 3\n")
        #expect(run.errors == "ERROR:  syntax error\nLINE 1: bad\n        ^\n")
    }

    @Test func `a statement that fails before its rows fill a megabyte prints nothing`() throws {
        for format in ["-q", "-Aq", "-Aqx", "--csv"] {
            let run = try ShellRun("-q", format, "-c", "half 2")
            #expect(run.output == "")
            #expect(run.errors == "ERROR:  division by zero\n")
        }
        #expect(
            try ShellRun("-Aq", "-c", "half 2", "-c", "rows 1").output == "n|t\n0|é0\n(1 row)\n"
        )
    }

    @Test func `a statement that fails after more rows ends its last line`() throws {
        let count = 300_000
        let rows = (0..<count).map { "\($0)" }
        let plain = try ShellRun("-Aq", "-c", "half \(count)", "-c", "rows 1").output
        let lines = plain.split(separator: "\n")
        #expect(lines.count > 10_000)
        #expect(
            lines.dropFirst().dropLast(3).elementsEqual(rows.prefix(lines.count - 4)) { $0 == $1 }
        )
        #expect(plain.hasSuffix("\nn|t\n0|é0\n(1 row)\n"))
        #expect(try ShellRun("-q", "--csv", "-c", "half \(count)").output.hasSuffix("\n"))
    }

    @Test func `with ON_ERROR_STOP a failing command ends the run`() throws {
        let run = try ShellRun("-v", "ON_ERROR_STOP=1", "-c", "bad", "-c", "tag x")
        #expect(run.end == .status(1))
        #expect(run.statements == ["bad"])
    }

    @Test func `a script goes on after an error and ends with 0`() throws {
        let script = try TemporaryFile("tag one;\n\nbad;\ntag two;\n")
        let run = try ShellRun("-q", "-f", script.path)
        #expect(run.end == .status(0))
        #expect(run.statements == ["tag one;", "bad;", "tag two;"])
        #expect(
            run.errors
                == "slicehouse:\(script.path):3: ERROR:  syntax error\nLINE 1: bad;\n        ^\n"
                + "slicehouse: 1 statement failed\n"
        )
        #expect(run.output.isEmpty)
    }

    @Test func `with ON_ERROR_STOP a failing script ends with 3`() throws {
        let script = try TemporaryFile("tag one;\nbad;\ntag two;\n")
        let run = try ShellRun("-v", "ON_ERROR_STOP=on", "-f", script.path)
        #expect(run.end == .status(3))
        #expect(run.statements == ["tag one;", "bad;"])
    }

    @Test(arguments: ["/* forgot\ntag x;\n", "'open\n", "\"open\n", "$$open\n", "(open\n"])
    func `what is left open at a script's end is sent, so that it is reported`(
        rest: String
    ) throws {
        let script = try TemporaryFile("tag one;\n" + rest)
        let run = try ShellRun("-v", "ON_ERROR_STOP=1", "-f", script.path)
        #expect(run.end == .status(3))
        #expect(run.statements.count == 2)
        let command = try ShellRun("-c", "tag one; " + rest)
        #expect(command.end == .status(1))
        #expect(command.statements.contains { $0.contains(rest.prefix(2)) })
    }

    @Test func `a comment at a script's end is no statement`() throws {
        let script = try TemporaryFile("tag one;\n/* done */\n-- really\n")
        let run = try ShellRun("-f", script.path)
        #expect(run.statements == ["tag one;"])
        #expect(run.end == .status(0))
    }

    @Test func `what stands before a quit is sent`() throws {
        let script = try TemporaryFile("tag one;\ntag two \\q\ntag three;\n")
        let run = try ShellRun("-f", script.path)
        #expect(run.statements == ["tag one;", "tag two "])
    }

    @Test func `results that cannot be written end with 1`() throws {
        let run = try ShellRun("-o", "/dev/full", "-c", "rows 2")
        #expect(run.end == .status(1))
        #expect(run.errors.contains("No space left on device"))
    }

    @Test func `an included script's failure stops the outer one`() throws {
        let inner = try TemporaryFile("bad;\n")
        let outer = try TemporaryFile("\\set ON_ERROR_STOP on\n\\i \(inner.path)\ntag x;\n")
        let run = try ShellRun("-f", outer.path)
        #expect(run.end == .status(3))
        #expect(run.statements == ["bad;"])
    }

    @Test func `a missing file ends with 1`() throws {
        let run = try ShellRun("-f", "/nowhere/at/all.sql")
        #expect(run.end == .status(1))
        #expect(
            run.errors == "slicehouse: error: /nowhere/at/all.sql: No such file or directory\n"
        )
    }

    @Test func `a lost connection ends with 2`() throws {
        let script = try TemporaryFile("gone;\ntag x;\n")
        #expect(try ShellRun("-f", script.path).end == .status(2))
        #expect(try ShellRun("-c", "gone").end == .status(2))
    }

    @Test func `several statements of one command commit together`() throws {
        let run = try ShellRun("-c", "tag a; tag b")
        #expect(run.statements == ["BEGIN", "tag a;", " tag b", "COMMIT"])
        #expect(run.output == "INSERT 0 3\nINSERT 0 3\n")
    }

    @Test func `an error among several statements rolls all back`() throws {
        let run = try ShellRun("-c", "tag a;\n bad; tag b")
        #expect(run.statements == ["BEGIN", "tag a;", "\n bad;", "ROLLBACK"])
        #expect(run.end == .status(1))
        #expect(run.errors == "ERROR:  syntax error\nLINE 2:  bad; tag b\n         ^\n")
    }

    @Test func `a command with a transaction of its own is left alone`() throws {
        let run = try ShellRun("-c", "begin; tag a; commit")
        #expect(run.statements == ["begin;", " tag a;", " commit"])
    }

    @Test func `single transaction commits once or rolls back`() throws {
        let run = try ShellRun("-1", "-c", "tag a", "-c", "tag b")
        #expect(run.statements == ["BEGIN", "tag a", "tag b", "COMMIT"])
        let failed = try ShellRun("-1", "-c", "bad", "-c", "tag b")
        #expect(failed.statements.last == "ROLLBACK")
        #expect(failed.end == .status(1))
    }

    @Test func `variables reach statements and commands`() throws {
        let script = try TemporaryFile(
            """
            \\set x tag
            :x 'a' :'x';
            \\echo :x :'x' :"x" ':x' :{?x} :{?y}
            \\unset x
            \\echo :x
            """
        )
        let run = try ShellRun("-q", "-v", "z=1", "-f", script.path, "-c", "tag :z")
        #expect(run.statements == ["tag 'a' 'tag';", "tag 1"])
        #expect(run.output == "tag 'tag' \"tag\" :x TRUE FALSE\n:x\n")
    }

    @Test func `notices stand on standard error under the script's name`() throws {
        let script = try TemporaryFile("\ntell;\n")
        let run = try ShellRun("-f", script.path)
        #expect(run.errors == "slicehouse:\(script.path):2: INFO:  loaded\n")
        #expect(run.output == "COPY\n")
    }

    @Test func `result variables follow each statement`() throws {
        let script = try TemporaryFile(
            """
            rows 2;
            \\echo :ERROR :SQLSTATE :ROW_COUNT
            bad;
            \\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_MESSAGE
            tag x;
            \\echo :ERROR :ROW_COUNT :LAST_ERROR_SQLSTATE
            """
        )
        let run = try ShellRun("-qAt", "-f", script.path)
        #expect(
            run.output == "0|é0\n1|\nfalse 00000 2\ntrue 42601 0 syntax error\nfalse 3 42601\n"
        )
    }

    @Test func `echo modes print lines or statements`() throws {
        let script = try TemporaryFile("tag 1;\n\n-- c\ntag\n 2;\n")
        #expect(try ShellRun("-aq", "-f", script.path).output == "tag 1;\n-- c\ntag\n 2;\n")
        #expect(try ShellRun("-eq", "-f", script.path).output == "tag 1;\ntag\n 2;\n")
    }

    @Test func `results go to a file and back`() throws {
        let target = try TemporaryFile()
        let script = try TemporaryFile(
            "\\o \(target.path)\nrows 1;\n\\echo out\n\\qecho in\n\\o\nrows 1 \\g \(target.path)2\nrows 1;\n"
        )
        let run = try ShellRun("-Atq", "-f", script.path)
        #expect(target.text == "0|é0\nin\n")
        #expect(run.output == "out\n0|é0\n")
        OperatingSystem.removeFile(target.path + "2")
    }

    @Test func `an unknown command is an error and the rest of its line is dropped`() throws {
        let script = try TemporaryFile("\\nope a b\ntag x;\n")
        let run = try ShellRun("-q", "-f", script.path)
        #expect(
            run.errors
                == "slicehouse:\(script.path):1: error: invalid command \\nope\n"
                + "slicehouse: 1 statement failed\n"
        )
        #expect(run.statements == ["tag x;"])
    }

    @Test func `scripts that include themselves end`() throws {
        let script = try TemporaryFile()
        let output = try #require(TextOutput.open(script.path))
        output.write("\\i \(script.path)\n")
        output.close()
        let run = try ShellRun("-q", "-f", script.path)
        #expect(run.errors.contains("include each other"))
    }

    @Test func `text that is no UTF-8 is refused`() throws {
        let script = try TemporaryFile()
        let output = try #require(TextOutput.open(script.path))
        output.write([UInt8](" tag '".utf8) + [0xFF] + [UInt8]("';\n".utf8))
        output.close()
        let run = try ShellRun("-v", "ON_ERROR_STOP=1", "-f", script.path)
        #expect(run.end == .status(3))
        #expect(run.errors.contains("invalid byte sequence for encoding \"UTF8\""))
        #expect(run.statements.isEmpty)
    }
}
