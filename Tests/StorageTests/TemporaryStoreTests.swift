import Catalogs
import SQLTypes
import Testing

@testable import Storage

@Suite struct TemporaryStoreTests {
    private let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 1)
    /// No process has this number: it is beyond the greatest one.
    private let endedProcess = 999_999_999

    @Test func `what a killed process left is removed by the next temporary warehouse`() throws {
        let scratch = try ScratchDirectory()
        let left = "\(scratch.path)/slicehouse-\(endedProcess)-x"
        try Store.create(at: left, shape: shape, files: scratch.files)
        let store = try Store.openTemporary(
            shape: shape,
            files: scratch.files,
            parent: scratch.path
        )
        #expect(try scratch.files.status(left) == nil)
        #expect(try scratch.files.list(scratch.path).count == 1)
        store.close()
        #expect(try scratch.files.list(scratch.path).isEmpty)
    }

    @Test func `what is locked, belongs to a process, or is no warehouse of ours stays`() throws {
        let scratch = try ScratchDirectory()
        let names = [
            "slicehouse-\(endedProcess)-x", "slicehouse-\(currentProcessID())-x",
            "slicehouse-pg-1", "slicehouse-1",
        ]
        for name in names {
            let path = "\(scratch.path)/\(name)"
            try Store.create(at: path, shape: shape, files: scratch.files)
        }
        let held = "\(scratch.path)/slicehouse-\(endedProcess)-x/lock"
        let lock = try #require(try scratch.files.lock(held, isExclusive: true))
        let store = try Store.openTemporary(
            shape: shape,
            files: scratch.files,
            parent: scratch.path
        )
        store.close()
        lock.release()
        #expect(try Set(scratch.files.list(scratch.path)) == Set(names))
    }

    @Test func `paths are from the root, without links`() throws {
        let scratch = try ScratchDirectory()
        let here = try PosixFiles.absolute(".")
        #expect(here.hasPrefix("/"))
        #expect(try PosixFiles.absolute("no/such//place/") == "\(here)/no/such/place")
        #expect(try PosixFiles.absolute("/no-such") == "/no-such")
        #expect(try PosixFiles.absolute("\(scratch.path)/../none") == "/tmp/none")
        let error = #expect(throws: SQLError.self) { try PosixFiles.absolute("") }
        #expect(error?.state == .undefinedFile)
    }
}
