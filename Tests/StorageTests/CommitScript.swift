import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

/// A warehouse's life in steps, each at most one commit, run over a file system that may fail.
///
/// A step that failed can be run again, and after reopening the script can go on from the step
/// that the warehouse's contents tell.
final class CommitScript {
    static let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 2)

    enum Step: CaseIterable {
        case create, open, createTables, insertSmall, insertBig, update, delete, insertMore
        case vacuum, close, reopen, createSchema, insertMany, merge, insertAfter, vacuumSmall
        case drop, insertLast, closeLast
    }

    private static let all: [Step] = Array(Step.allCases)
    static let stepCount = all.count

    let path: String
    let files: any FileSystem
    private(set) var store: Store?

    init(_ path: String, _ files: any FileSystem) {
        self.path = path
        self.files = files
    }

    static func integers(_ range: Range<Int>) -> [Datum] { range.map { .int64(Int64($0)) } }

    /// Random enough that 4,000 of them do not fit into the catalog.
    static func texts(_ range: Range<Int>) -> [Datum] {
        range.map { row in
            let words = (0..<4).map { "\(hashWord(UInt64(row * 4 + $0)))" }
            return .text(words.joined())
        }
    }

    typealias Contents = [String: [Datum]]

    /// What the tables hold after each number of steps.
    static let states: [Contents] = {
        var states: [Contents] = [[:]]
        for step in all {
            var state = states.last ?? [:]
            switch step {
            case .create, .open, .close, .reopen, .createSchema, .closeLast: break
            // Rows stay where they are seen; only what holds them changes.
            case .vacuum, .vacuumSmall, .merge: break
            case .createTables: state = ["a": [], "b": []]
            case .insertSmall: state["b"] = integers(0..<3)
            case .insertBig: state["a"] = integers(0..<4000)
            case .update: state["b"] = integers(1..<3) + integers(100..<101)
            case .delete: state["a"] = integers(0..<4000).filter { ($0.exact ?? 0) % 2 == 1 }
            case .insertMore: state["a"] = (state["a"] ?? []) + integers(5000..<9000)
            case .insertMany: state["b"] = (state["b"] ?? []) + integers(120..<152)
            case .insertAfter: state["b"] = (state["b"] ?? []) + integers(200..<250)
            case .drop: state["a"] = nil
            case .insertLast: state["b"] = (state["b"] ?? []) + integers(300..<301)
            }
            states.append(state)
        }
        return states
    }()

    static func name(_ index: Int) -> String { "\(all[index])" }

    /// Runs one step.
    func run(_ index: Int) throws {
        switch Self.all[index] {
        case .create: try Store.create(at: path, shape: Self.shape, files: files)
        case .open, .reopen: store = try Store.open(at: path, files: files)
        case .close, .closeLast: close()
        case .createTables:
            try commit {
                _ = try $0.createTable(definition("a", [.integer, .varchar(80)]))
                _ = try $0.createTable(definition("b", [.integer]))
            }
        case .insertSmall:
            try commit { try $0.insert([Self.integers(0..<3)], into: try Self.table("b", $0)) }
        case .insertBig: try commit { try Self.insertBig(0..<4000, $0) }
        case .update:
            try commit {
                try self.deleteRows("b", $0) { $0 == 0 }
                try $0.insert([Self.integers(100..<101)], into: try Self.table("b", $0))
            }
        case .delete: try commit { try self.deleteRows("a", $0) { $0 % 2 == 0 } }
        case .insertMore: try commit { try Self.insertBig(5000..<9000, $0) }
        case .vacuum: try vacuumTable("a")
        case .vacuumSmall: try vacuumTable("b")
        case .createSchema: try commit { try $0.createSchema("s") }
        case .insertMany:
            try commit { transaction in
                for first in stride(from: 120, to: 152, by: 2) {
                    try transaction.insert(
                        [Self.integers(first..<first + 2)],
                        into: try Self.table("b", transaction)
                    )
                }
            }
        case .merge: try mergeTable("b")
        case .insertAfter:
            try commit { try $0.insert([Self.integers(200..<250)], into: try Self.table("b", $0)) }
        case .drop: try commit { try $0.dropTable(try Self.table("a", $0).id) }
        case .insertLast:
            try commit { try $0.insert([Self.integers(300..<301)], into: try Self.table("b", $0)) }
        }
    }

    func close() {
        store?.close()
        store = nil
    }

    func reopen() throws {
        close()
        store = try Store.open(at: path, files: files)
    }

    private func commit(_ change: (StoreTransaction) throws -> Void) throws {
        let transaction = try #require(store).begin()
        try change(transaction)
        try transaction.commit()
    }

    private func vacuumTable(_ name: String) throws {
        let store = try #require(store)
        let table = try #require(store.current.table(schema: "public", name: name))
        try vacuum(table.id, .full, in: store)
    }

    /// What merging in the background does after a commit that left many small extents.
    private func mergeTable(_ name: String) throws {
        let store = try #require(store)
        let table = try #require(store.current.table(schema: "public", name: name))
        let version = try #require(store.current.tableVersion(table.id))
        let runs = try version.mergeRuns()
        // Run again after its commit had failed on the way back, it finds nothing to do.
        guard !runs.isEmpty else { return }
        let isReplaced = try store.replace(try rewrite(runs, of: version, in: store), of: version)
        try #require(isReplaced)
    }

    private static func table(
        _ name: String,
        _ transaction: StoreTransaction
    ) throws -> TableDefinition {
        try #require(transaction.view.table(schema: "public", name: name))
    }

    private static func insertBig(
        _ range: Range<Int>,
        _ transaction: StoreTransaction
    ) throws {
        try transaction.insert([integers(range), texts(range)], into: try table("a", transaction))
    }

    private func deleteRows(
        _ name: String,
        _ transaction: StoreTransaction,
        where isDeleted: (Int128) -> Bool
    ) throws {
        let id = try Self.table(name, transaction).id
        let version = try #require(transaction.view.tableVersion(id))
        let cache = try #require(store).cache
        let found = try rows(version, columns: [0], emitsRowAddresses: true, cache: cache)
        let addresses = zip(found[0], found[1]).compactMap { pair -> RowAddress? in
            guard let value = pair.0.exact, isDeleted(Int128(value)),
                case .int64(let address) = pair.1
            else { return nil }
            return address
        }
        try transaction.delete([DeletedRows(slice: 0, addresses: addresses)], from: id)
    }

    /// What the tables of a store hold: their first columns.
    static func contents(of store: Store) throws -> Contents {
        var contents: Contents = [:]
        for table in store.current.tables(inSchema: "public") {
            let version = try #require(store.current.tableVersion(table.id))
            var all: [Datum] = []
            for slice in 0..<shape.sliceCount {
                all += try rows(version, slice: slice, columns: [0], cache: store.cache)[0]
            }
            contents[table.name] = all
        }
        return contents
    }
}
