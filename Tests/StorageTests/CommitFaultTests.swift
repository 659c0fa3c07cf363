import Catalogs
import Foundation
import SQLTypes
import Testing
import Vectors

@testable import Storage

/// Each call on a file that the commit script makes, SQLite's included, fails once in each way.
///
/// After it the session goes on, and what a reopened warehouse holds is what was acknowledged, the
/// statement in flight wholly or not at all. `SLICEHOUSE_FAULT_STRIDE=1` tries every call; without
/// it every sixth is tried, other ones in each run.
@Suite struct CommitFaultTests {
    /// What becomes of the files after the call at which everything ends.
    enum Aftermath: CaseIterable {
        /// `kill -9`: what was written stays.
        case killed
        /// A power cut: what was not synced is gone.
        case powerCut
        /// A power cut that left some sectors and names of what was not synced.
        case tornPowerCut
    }

    private static let stride =
        ProcessInfo.processInfo.environment["SLICEHOUSE_FAULT_STRIDE"].flatMap { Int($0) } ?? 6

    /// The calls of the script when nothing fails.
    private func quietCalls() throws -> [String] {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles()
        let script = CommitScript(scratch.warehouse, files)
        for index in 0..<CommitScript.stepCount { try script.run(index) }
        return files.calls
    }

    /// Numbers of the calls to fail, from 1, among those `isWanted` says.
    private func points(where isWanted: (String) -> Bool) throws -> [Int] {
        var generator = SystemRandomNumberGenerator()
        let start = Int(generator.next() % UInt64(Self.stride))
        let wanted = try quietCalls().enumerated().filter { isWanted($0.element) }
        return wanted.map { $0.offset + 1 }.enumerated()
            .filter { $0.offset % Self.stride == start }.map(\.element)
    }

    private func report(_ what: String, _ count: Int) throws {
        print("Fault points covered: \(count) of \(try quietCalls().count) calls, \(what).")
    }

    @Test func `the script's calls include the catalog's`() throws {
        let calls = try quietCalls()
        for call in ["write", "sync", "open", "truncate", "unlink"] {
            #expect(
                calls.contains { $0.hasPrefix(call + " ") && $0.contains("catalog.sqlite") },
                "\(call)"
            )
        }
        #expect(calls.contains { $0.hasPrefix("sync ") && $0.hasSuffix(".blocks") })
        #expect(calls.count > 300)
    }

    // MARK: Calls that fail

    @Test(arguments: [FileFault.error, .diskFull, .shortWrite, .lostSync])
    func `after a failed call the session goes on or the reopened warehouse does`(
        fault: FileFault
    ) throws {
        let points = try points { call in
            switch fault {
            case .error, .crash: true
            case .diskFull:
                ["write", "open", "truncate", "mkdir", "rename"].contains {
                    call.hasPrefix($0 + " ")
                }
            case .shortWrite: call.hasPrefix("write ")
            case .lostSync: call.hasPrefix("sync ")
            }
        }
        for point in points { try runThrough(point, fault) }
        try report("\(fault)", points.count)
    }

    private func runThrough(_ point: Int, _ fault: FileFault) throws {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles()
        files.failCall(point, with: fault)
        let script = CommitScript(scratch.warehouse, files)
        defer { script.close() }
        var done = 0
        var failures = 0
        while done < CommitScript.stepCount {
            let label = "\(fault) at call \(point), step \(CommitScript.name(done))"
            do {
                try script.run(done)
                done += 1
            } catch let error as SQLError {
                // The creation came as far as the catalog's name before it failed.
                if done == 0, failures == 1, error.state == .duplicateObject {
                    done += 1
                    continue
                }
                failures += 1
                let failed = files.calls[point - 1]
                // Without an open store there is nothing to go on with but the same step.
                if failures == 1, script.store == nil { continue }
                if failures == 1 {
                    let found = try contents(script, files)
                    #expect(found == CommitScript.states[done], "\(label): \(error)")
                    continue
                }
                // Only a failed sync makes the store refuse what comes after.
                #expect(failed.hasPrefix("sync"), "\(label), \(failed): \(error)")
                #expect(error.message.contains("a sync of the warehouse"), "\(label): \(error)")
                try #require(failures == 2, "\(label): \(error)")
                try script.reopen()
                let found = try contents(script, files)
                if found != CommitScript.states[done] { done += 1 }
                #expect(found == CommitScript.states[done], "\(label)")
            }
            if script.store != nil {
                let found = try contents(script, files)
                #expect(found == CommitScript.states[done], "\(label)")
            }
        }
        // What was acknowledged is on the disk.
        try files.loseUnsynced()
        try check(scratch, FaultyFiles(), [CommitScript.stepCount], "\(fault) at call \(point)")
    }

    private func contents(
        _ script: CommitScript,
        _ files: FaultyFiles
    ) throws -> CommitScript.Contents {
        let store = try #require(script.store)
        return try files.uncounted { try CommitScript.contents(of: store) }
    }

    // MARK: Calls that are the last

    @Test(arguments: Aftermath.allCases)
    func `after a crash at any call acknowledged commits are there and nothing else`(
        aftermath: Aftermath
    ) throws {
        let points = try points { _ in true }
        for point in points { try crash(at: point, with: .crash, aftermath) }
        try report("crash, \(aftermath)", points.count)
    }

    @Test func `a power cut after a failed sync loses nothing that was acknowledged`() throws {
        let points = try points { $0.hasPrefix("sync ") }
        for point in points { try crash(at: point, with: .lostSync, .powerCut) }
        try report("lost sync, then a power cut", points.count)
    }

    private func crash(at point: Int, with fault: FileFault, _ aftermath: Aftermath) throws {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles()
        files.failCall(point, with: fault)
        var done = 0
        do {
            let script = CommitScript(scratch.warehouse, files)
            defer {
                files.crash()
                script.close()
            }
            do {
                while done < CommitScript.stepCount, !files.hasFailed {
                    try script.run(done)
                    done += 1
                }
            } catch is SQLError {
                // Expected; what counts is what is left.
            }
        }
        let step = done < CommitScript.stepCount ? CommitScript.name(done) : "end"
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        let label = "\(fault) at call \(point), \(aftermath), seed \(seed), step \(step)"
        switch aftermath {
        case .killed: break
        case .powerCut: try files.loseUnsynced()
        case .tornPowerCut: try files.loseUnsynced(tearing: seed)
        }
        files.heal()
        try check(scratch, files, [done, min(done + 1, CommitScript.stepCount)], label)
    }

    // MARK: What is left

    /// Opens a warehouse twice, with a power cut between, and looks for one of the states in it.
    private func check(
        _ scratch: ScratchDirectory,
        _ files: FaultyFiles,
        _ allowed: [Int],
        _ label: String
    ) throws {
        if try files.status("\(scratch.warehouse)/catalog.sqlite") == nil {
            #expect(allowed.contains(0), "\(label)")
            try Store.create(at: scratch.warehouse, shape: CommitScript.shape, files: files)
        }
        var seen: [CommitScript.Contents] = []
        for _ in 0..<2 {
            let store = try Store.open(at: scratch.warehouse, files: files)
            let found = try CommitScript.contents(of: store)
            #expect(allowed.contains { CommitScript.states[$0] == found }, "\(label)")
            #expect(StoreCheck.faults(of: store).isEmpty, "\(label)")
            #expect(try StoreCheck.orphans(of: store).isEmpty, "\(label)")
            seen.append(found)
            files.crash()
            store.close()
            try files.loseUnsynced()
            files.heal()
        }
        #expect(seen[0] == seen[1], "\(label): what was seen after reopening is durable")
    }
}

@Suite struct FailedSyncTests {
    @Test func `commits are refused after a failed sync until the warehouse is reopened`() throws {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles()
        try Store.create(at: scratch.warehouse, shape: CommitScript.shape, files: files)
        let store = try Store.open(at: scratch.warehouse, files: files)
        func insert(_ store: Store) throws {
            let transaction = store.begin()
            let table = try #require(transaction.view.table(schema: "public", name: "t"))
            try transaction.insert([CommitScript.integers(0..<1)], into: table)
            try transaction.commit()
        }
        let transaction = store.begin()
        _ = try transaction.createTable(definition("t", [.integer]))
        try transaction.commit()
        files.heal()
        try insert(store)
        let sync = try #require(files.calls.firstIndex { $0.hasPrefix("sync ") })
        // The calls of one small commit: one sync among them, and it is the log's.
        #expect(files.calls.filter { $0.hasPrefix("sync") }.count == 1)
        #expect(files.calls[sync].hasSuffix("catalog.sqlite-wal"))
        files.failCall(sync + 1, with: .lostSync)
        var error = #expect(throws: SQLError.self) { try insert(store) }
        #expect(error?.state == .ioError)
        error = #expect(throws: SQLError.self) { try insert(store) }
        #expect(error?.state == .ioError)
        #expect(error?.message.contains("cannot commit changes: a sync") ?? false)
        #expect(error?.hint?.contains("open the warehouse again") ?? false)
        #expect(try CommitScript.contents(of: store) == ["t": CommitScript.integers(0..<1)])
        store.close()
        let reopened = try Store.open(at: scratch.warehouse, files: files)
        defer { reopened.close() }
        let count = try CommitScript.contents(of: reopened)["t"]?.count ?? 0
        #expect(count == 1 || count == 2)
        try insert(reopened)
        #expect(try CommitScript.contents(of: reopened)["t"]?.count == count + 1)
    }
}

@Suite struct LeftOverLogTests {
    /// A warehouse whose writer was killed after three commits; its log is left.
    private func makeLeftOver(_ scratch: ScratchDirectory) throws -> (log: String, bytes: [UInt8]) {
        let files = FaultyFiles()
        let script = CommitScript(scratch.warehouse, files)
        for index in 0..<5 { try script.run(index) }
        files.crash()
        script.close()
        let log = "\(scratch.warehouse)/catalog.sqlite-wal"
        return (log, try scratch.files.contents(of: log))
    }

    @Test func `a flipped bit in a left-over log never loses a commit unnoticed`() throws {
        let scratch = try ScratchDirectory()
        let (log, bytes) = try makeLeftOver(scratch)
        try #require(!bytes.isEmpty)
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        var noticed = 0
        for round in 0..<200 {
            var flipped = bytes
            let bit = Int(hashWord(seed &+ UInt64(round)) % UInt64(bytes.count * 8))
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            try scratch.files.write(flipped, to: log)
            do {
                let store = try Store.open(
                    at: scratch.warehouse,
                    files: scratch.files,
                    isReadOnly: true
                )
                defer { store.close() }
                let found = try CommitScript.contents(of: store)
                #expect(found == CommitScript.states[5], "seed \(seed), bit \(bit)")
            } catch let error as SQLError {
                noticed += 1
                #expect(error.state == .dataCorrupted, "seed \(seed), bit \(bit): \(error)")
                guard noticed % 20 == 1 else { continue }
                // Opening for writing refuses too, and leaves the log for whoever can mend it.
                #expect(throws: SQLError.self, "seed \(seed), bit \(bit)") {
                    try Store.open(at: scratch.warehouse, files: scratch.files).close()
                }
                #expect(try scratch.files.contents(of: log) == flipped)
            }
        }
        #expect(noticed > 100)
        try scratch.files.write(bytes, to: log)
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        #expect(try CommitScript.contents(of: store) == CommitScript.states[5])
    }

    @Test func `an opening that folds a log can be cut off at any call`() throws {
        var point = 1
        while true {
            let scratch = try ScratchDirectory()
            let files = FaultyFiles()
            let script = CommitScript(scratch.warehouse, files)
            for index in 0..<5 { try script.run(index) }
            files.crash()
            script.close()
            files.failCall(point, with: .crash)
            let store = try? Store.open(at: scratch.warehouse, files: files)
            let isDone = !files.hasFailed
            files.crash()
            store?.close()
            // Half of the time the machine stays on.
            if point % 2 == 0 { try files.loseUnsynced(tearing: UInt64(point)) }
            files.heal()
            let reopened = try Store.open(at: scratch.warehouse, files: files)
            defer { reopened.close() }
            #expect(
                try CommitScript.contents(of: reopened) == CommitScript.states[5],
                "call \(point)"
            )
            #expect(try StoreCheck.orphans(of: reopened).isEmpty, "call \(point)")
            if isDone { break }
            point += 1
        }
        print("Fault points covered: \(point) calls of an opening that folds a log, crash.")
        #expect(point > 30)
    }

    @Test func `readers see a left-over log and leave every file as it is`() throws {
        let scratch = try ScratchDirectory()
        let (log, bytes) = try makeLeftOver(scratch)
        let before = try scratch.files.list(scratch.warehouse)
        let catalog = try scratch.files.contents(of: "\(scratch.warehouse)/catalog.sqlite")
        do {
            let stores = try (0..<2).map { _ in
                try Store.open(at: scratch.warehouse, files: scratch.files, isReadOnly: true)
            }
            for store in stores {
                #expect(try CommitScript.contents(of: store) == CommitScript.states[5])
            }
            for store in stores { store.close() }
        }
        #expect(try scratch.files.list(scratch.warehouse) == before)
        #expect(try scratch.files.contents(of: log) == bytes)
        #expect(
            try scratch.files.contents(of: "\(scratch.warehouse)/catalog.sqlite") == catalog
        )
    }

    @Test func `removing the lock file accepts a catalog that lost commits`() throws {
        let scratch = try ScratchDirectory()
        let (log, _) = try makeLeftOver(scratch)
        try scratch.files.remove(log)
        let error = #expect(throws: SQLError.self) {
            try Store.open(at: scratch.warehouse, files: scratch.files).close()
        }
        #expect(error?.state == .dataCorrupted)
        #expect(error?.message.contains("has lost commits") ?? false)
        try scratch.files.remove("\(scratch.warehouse)/lock")
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        #expect(try CommitScript.contents(of: store) == [:])
        #expect(try StoreCheck.orphans(of: store).isEmpty)
    }
}

@Suite struct StoreCheckTests {
    @Test func `rows on another slice than their key's are a fault`() throws {
        let scratch = try ScratchDirectory()
        try Store.create(
            at: scratch.warehouse,
            shape: CommitScript.shape,
            files: scratch.files
        )
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        let transaction = store.begin()
        var keyed = definition("k", [.integer])
        keyed.distribution = .key(0)
        let table = try transaction.createTable(keyed)
        try transaction.insert([CommitScript.integers(0..<3000)], into: table)
        try transaction.commit()
        let faults = StoreCheck.faults(of: store)
        try #require(!faults.isEmpty)
        #expect(faults[0].error.state == .dataCorrupted)
        #expect(faults[0].error.detail?.contains("belong on other slices") ?? false)
        #expect(faults[0].block?.columnName == "c0")
    }

    @Test func `a fault names table, column, slice, block and bytes, an orphan its file`() throws {
        let scratch = try ScratchDirectory()
        let script = CommitScript(scratch.warehouse, scratch.files)
        for index in 0..<5 { try script.run(index) }
        let store = try #require(script.store)
        defer { script.close() }
        #expect(StoreCheck.faults(of: store).isEmpty)
        let table = try #require(store.current.table(schema: "public", name: "a"))
        let places = try #require(store.current.tableVersion(table.id)).blockList()
        let place = try #require(places.first { $0.column == 1 })
        let path = try #require(
            try scratch.blockFiles(CommitScript.shape).first { $0.contains("disk-\(place.disk)") }
        )
        var bytes = try scratch.files.contents(of: path)
        bytes[place.offset + place.byteCount - 1] ^= 4
        try scratch.files.write(bytes, to: path)
        let faults = StoreCheck.faults(of: store)
        try #require(faults.count == 1)
        let damaged = try #require(faults[0].block)
        #expect(faults[0].table == table.id)
        #expect(faults[0].error.state == .dataCorrupted)
        #expect(damaged.columnName == "c1")
        #expect(damaged.column == 1)
        #expect(damaged.slice == 0)
        #expect(damaged.number == place.blockNumber)
        #expect(damaged.file == path)
        #expect(damaged.bytes == place.offset..<(place.offset + place.byteCount))
        let stray = "\(scratch.warehouse)/slice-1/disk-0/999.blocks"
        try scratch.files.write([1, 2, 3], to: stray)
        #expect(try StoreCheck.orphans(of: store) == [stray])
    }
}
