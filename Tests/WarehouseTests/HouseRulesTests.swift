import Foundation
import Testing

/// Rules that a formatter cannot see, checked over the source files.
@Suite struct HouseRulesTests {
    /// What each module may import of ours.
    static let allowed: [String: Set<String>] = [
        "SQLTypes": [],
        "Vectors": ["SQLTypes", "CKernels"],
        "SQLSyntax": ["SQLTypes"],
        "Catalogs": ["SQLTypes"],
        "Functions": ["SQLTypes", "Vectors", "CRegularExpressions"],
        "Plans": ["SQLTypes", "Catalogs", "Functions", "Vectors"],
        "Planning": ["SQLTypes", "SQLSyntax", "Catalogs", "Functions", "Plans", "Vectors"],
        "Storage": [
            "SQLTypes", "Vectors", "Catalogs", "CKernels", "CCodecs", "CSQLiteFiles", "GRDB",
        ],
        "Loading": ["SQLTypes", "Vectors", "CCodecs", "CKernels", "Crypto"],
        "Execution": [
            "SQLTypes", "Vectors", "Catalogs", "Functions", "Plans", "Storage", "Loading",
            "CKernels",
        ],
        "Warehouse": [
            "SQLTypes", "SQLSyntax", "Vectors", "Catalogs", "Functions", "Plans", "Planning",
            "Storage", "Loading", "Execution",
        ],
        "Shell": ["Warehouse", "CLineEditor"],
        "slicehouse": ["Shell", "Warehouse", "ArgumentParser"],
    ]
    /// What any module may import.
    static let everywhere: Set<String> = [
        "Foundation", "Glibc", "Darwin", "Musl", "Synchronization",
    ]

    /// Swift files of a module with their text.
    private func sources(of module: String) -> [(path: String, text: String)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/\(module)")
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL } ?? []
        return files.filter { $0.pathExtension == "swift" }.map {
            ($0.path(), (try? String(contentsOf: $0, encoding: .utf8)) ?? "")
        }
    }

    @Test(arguments: allowed.keys.sorted())
    func `a module imports only what stands below it`(module: String) {
        let files = sources(of: module)
        #expect(!files.isEmpty)
        let permitted = (Self.allowed[module] ?? []).union(Self.everywhere)
        for file in files {
            for line in file.text.split(separator: "\n") {
                let words = line.split(separator: " ").filter {
                    !["package", "public", "internal", "private", "@_exported"].contains($0)
                }
                guard words.first == "import", words.count > 1, !line.hasPrefix(" ") else {
                    continue
                }
                let name = String(words[1].prefix { $0 != "." })
                #expect(permitted.contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test(arguments: allowed.keys.sorted())
    func `no source holds a leftover marker`(module: String) {
        let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for file in sources(of: module) {
            for marker in markers where file.text.contains(marker) {
                Issue.record("\(file.path) holds \(marker)")
            }
        }
    }

    @Test(arguments: allowed.keys.sorted().filter { !["Shell", "slicehouse"].contains($0) })
    func `nothing under the shell prints`(module: String) {
        for file in sources(of: module) {
            for line in file.text.split(separator: "\n") {
                let code = line.drop { $0 == " " }
                #expect(!code.hasPrefix("print("), "\(file.path): \(line)")
            }
        }
    }
}
