import Synchronization
import Testing
import Warehouse

@testable import Shell

/// A session without a warehouse: answers a few statements, remembers all, fails the rest.
final class FakeRunner: StatementRunner {
    private struct Content {
        var statements: [String] = []
        var status = TransactionStatus.idle
    }

    private let content = Mutex(Content())

    /// What was sent so far.
    var statements: [String] { content.withLock { $0.statements } }
    var transactionStatus: TransactionStatus { content.withLock { $0.status } }
    var databaseName: String { "dev" }
    var userName: String { "awsuser" }

    func cancel() {}

    func execute(_ statement: String, into sink: any ResultSink) throws(SQLError) {
        content.withLock { $0.statements.append(statement) }
        let words = StatementScanner.firstWords(of: Array(statement.utf8), limit: 2)
        switch words.first {
        case "BEGIN", "COMMIT", "ROLLBACK":
            content.withLock { $0.status = words[0] == "BEGIN" ? .inBlock : .idle }
            try sink.finish(tag: words[0])
        case "ROWS":
            let count = words.count > 1 ? Int(words[1]) ?? 0 : 0
            try sink.begin(columns: [
                ResultColumn(name: "n", type: .integer),
                ResultColumn(name: "t", type: .varchar(10)),
            ])
            for row in 0..<count {
                try sink.rows(
                    RowBatch(rows: [[String(row), row == 1 ? nil : "é\(row)"]], columnCount: 2)
                )
            }
            try sink.finish(tag: "SELECT \(count)")
        case "HALF":
            try sink.begin(columns: [ResultColumn(name: "n", type: .integer)])
            let count = words.count > 1 ? Int(words[1]) ?? 0 : 0
            for start in stride(from: 0, to: count, by: 1000) {
                let rows = (start..<min(count, start + 1000)).map { [String($0) as String?] }
                try sink.rows(RowBatch(rows: rows, columnCount: 1))
            }
            throw SQLError(.divisionByZero, "division by zero")
        case "TAG": try sink.finish(tag: "INSERT 0 3")
        case "TELL":
            sink.notice(SQLNotice(.info, "loaded"))
            try sink.finish(tag: "COPY")
        case "GONE": throw SQLError(.connectionFailure, "the warehouse went away")
        default:
            let offset =
                statement.utf8.count - statement.drop { $0 == " " || $0 == "\n" }.utf8.count
            throw SQLError(.syntaxError, "syntax error", position: offset)
        }
    }
}

/// One run of the shell: what it printed and how it ended.
struct ShellRun {
    var output = ""
    var errors = ""
    var end = ProgramEnd.status(0)
    var statements: [String] = []

    /// Runs the shell with options; scripts come from files that the arguments name.
    init(_ arguments: String...) throws {
        let runner = FakeRunner()
        let file = try TemporaryFile()
        let output = try #require(TextOutput.open(file.path))
        // Where `-f` scripts of the test lie is nothing an expectation should know.
        let errors = Mutex("")
        let shell = Shell(runner: runner, interrupts: Interrupts(), output: output) { text in
            errors.withLock { $0 += text }
        }
        end = shell.perform(try ShellOptions(arguments: ["-X"] + arguments))
        output.close()
        self.output = file.text
        self.errors = errors.withLock { $0 }
        statements = runner.statements
    }
}

/// A file that is gone when the value is.
final class TemporaryFile {
    let path: String

    init(_ text: String = "") throws {
        path = "/tmp/slicehouse-shell-test-\(UInt64.random(in: 0...UInt64.max))"
        let output = try #require(TextOutput.open(path))
        output.write(text)
        output.close()
    }

    deinit { OperatingSystem.removeFile(path) }

    var text: String {
        let descriptor = OperatingSystem.openForReading(path)
        defer { OperatingSystem.closeDescriptor(descriptor) }
        var bytes: [UInt8] = []
        while let piece = OperatingSystem.read(descriptor, limit: 65_536), !piece.isEmpty {
            bytes += piece
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
