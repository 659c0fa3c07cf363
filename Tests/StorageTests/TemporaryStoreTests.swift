import Catalogs
import SQLTypes
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@testable import Storage

@Suite struct TemporaryStoreTests {
    private let shape = ClusterShape(nodeCount: 1, slicesPerNode: 2, disksPerSlice: 1)
    /// No process has this number: it is beyond the greatest one.
    private let endedProcess = 999_999_999

    @Test func `what a killed process left is removed by the next temporary warehouse`() throws {
        let scratch = try ScratchDirectory()
        let left = "\(scratch.path)/slicehouse-\(endedProcess)-x"
        try makeTemporary(left, scratch)
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

    private func makeTemporary(_ path: String, _ scratch: ScratchDirectory) throws {
        try Store.create(at: path, shape: shape, files: scratch.files)
        try scratch.files.write([], to: "\(path)/temporary")
    }

    @Test func `a warehouse that was made to stay, and what a link leads to, stay`() throws {
        let scratch = try ScratchDirectory()
        let names = ["slicehouse-\(endedProcess)-kept", "slicehouse-\(endedProcess)-link", "other"]
        try Store.create(
            at: "\(scratch.path)/\(names[0])",
            shape: shape,
            files: scratch.files
        )
        try makeTemporary("\(scratch.path)/other", scratch)
        let linked = symlink("\(scratch.path)/other", "\(scratch.path)/\(names[1])")
        #expect(linked == 0)
        let store = try Store.openTemporary(
            shape: shape,
            files: scratch.files,
            parent: scratch.path
        )
        store.close()
        #expect(try Set(scratch.files.list(scratch.path)) == Set(names))
        #expect(try scratch.files.status("\(scratch.path)/other/catalog.sqlite") != nil)

        try scratch.files.removeTree("\(scratch.path)/\(names[1])")
        #expect(try scratch.files.status("\(scratch.path)/other/catalog.sqlite") != nil)
    }

    @Test func `what is locked, belongs to a process, or is no warehouse of ours stays`() throws {
        let scratch = try ScratchDirectory()
        let names = [
            "slicehouse-\(endedProcess)-x", "slicehouse-\(currentProcessID())-x",
            "slicehouse-pg-1", "slicehouse-1",
        ]
        for name in names {
            try makeTemporary("\(scratch.path)/\(name)", scratch)
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
