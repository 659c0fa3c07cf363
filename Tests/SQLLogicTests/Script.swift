import Foundation
import Testing

/// A SQL logic test script: records in the order they run.
///
/// ```
/// statement ok                     a statement that must succeed
/// statement error 42P01            one that must fail with that SQLSTATE
/// statement error 42P01 text       and with that message
/// query rowsort                    a query; rows are compared sorted (or `nosort`)
/// SELECT a, b FROM t
/// ----
/// 1|NULL                           values joined by `|`; NULL and (empty) are spelled out
/// ```
/// Records are parted by blank lines; `#` begins a comment line. A line `session NAME` switches
/// to another session of the same warehouse. A line `memory 2MB` gives the cluster that much, half
/// of it for the slices; at least 256 KiB a slice. `${scripts}` stands for the folder of the scripts.
struct Script: Sendable, CustomTestStringConvertible {
    /// One record.
    struct Record: Sendable {
        /// What must happen.
        enum Expectation: Sendable {
            case success
            case failure(state: String, message: String?)
            case rows([String], isSorted: Bool)
        }
        var line: Int
        var session: String
        var sql: String
        var expectation: Expectation
    }
    /// The path below the folder of scripts.
    var name: String
    var records: [Record]
    /// The cluster's memory.
    var memoryBytes = 1 << 30

    var testDescription: String { name }

    /// The folder that holds the scripts.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "scripts")

    /// All scripts, by name; `SLICEHOUSE_SCRIPTS=joins/` runs only those whose path begins so.
    static let all: [Script] = {
        let prefix = ProcessInfo.processInfo.environment["SLICEHOUSE_SCRIPTS"] ?? ""
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL } ?? []
        return files.filter { $0.pathExtension == "slt" }
            .map { file in
                let name = file.path().replacing("\(folder.path())/", with: "")
                let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                return Script(name: name, text: text)
            }
            .filter { $0.name.hasPrefix(prefix) }
            .sorted { $0.name < $1.name }
    }()

    /// Reads a script's text.
    init(name: String, text: String) {
        self.name = name
        records = []
        var session = "main"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var index = 0
        while index < lines.count {
            let line = lines[index]
            let start = index + 1
            index += 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            let words = line.split(separator: " ").map(String.init)
            if words[0] == "session" {
                session = words[1]
                continue
            }
            if words[0] == "memory" {
                memoryBytes = (Int(words[1].dropLast(2)) ?? 0) << 20
                continue
            }
            var sql: [String] = []
            while index < lines.count, !lines[index].isEmpty, lines[index] != "----" {
                sql.append(lines[index])
                index += 1
            }
            var expectation = Record.Expectation.success
            if words[0] == "query" {
                var rows: [String] = []
                if index < lines.count, lines[index] == "----" { index += 1 }
                while index < lines.count, !lines[index].isEmpty {
                    rows.append(lines[index])
                    index += 1
                }
                expectation = .rows(rows, isSorted: words.contains("rowsort"))
            } else if words.count > 2, words[1] == "error" {
                let message = words.dropFirst(3).joined(separator: " ")
                expectation = .failure(
                    state: words[2],
                    message: message.isEmpty ? nil : message
                )
            }
            let text = sql.joined(separator: "\n")
                .replacing("${scripts}", with: Self.folder.path() + "/")
            records.append(
                Record(line: start, session: session, sql: text, expectation: expectation)
            )
        }
    }
}
