import Foundation
import Functions
import Testing

/// A function is not there until a script says what it does.
@Suite struct FunctionCoverageTests {
    /// The words before an opening parenthesis in all SQL logic scripts, lower case.
    private static let called: Set<String> = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "SQLLogicTests/scripts")
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL } ?? []
        var names: Set<[UInt8]> = []
        for file in files where file.pathExtension == "slt" {
            let bytes = [UInt8]((try? Data(contentsOf: file)) ?? Data())
            for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "(") {
                var start = place
                while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
                if start < place { names.insert(Array(bytes[start..<place])) }
            }
        }
        return Set(names.map { String(decoding: $0, as: UTF8.self).lowercased() })
    }()

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20) &- 97 < 26 || byte &- 48 < 10
    }

    /// Names that are no calls in SQL: LIKE is an operator, the other is chosen by a setting.
    private static let operators: Set<String> = ["like", "ilike", "json_extract_path_or_null"]

    @Test func `every scalar function is called by some script`() {
        #expect(Self.called.count > 200)
        let missing = ScalarFunctions.names.filter { name in
            name.utf8.allSatisfy(Self.isNameByte) && !Self.operators.contains(name)
                && !Self.called.contains(name)
        }
        #expect(missing.isEmpty, "no script under SQLLogicTests/scripts calls \(missing)")
    }

    @Test func `every aggregate and window function is called by some script`() {
        let windows = [
            "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
            "first_value", "last_value", "nth_value", "ratio_to_report",
        ]
        let aggregates = AggregateFunction.allCases.map(\.rawValue)
            .filter { AggregateFunction(sqlName: $0) != nil }
        let missing = (aggregates + windows).filter { !Self.called.contains($0) }
        #expect(missing.isEmpty, "no script under SQLLogicTests/scripts calls \(missing)")
    }
}
