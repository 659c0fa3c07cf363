import Foundation
import SQLTypes
import Testing

@testable import Storage

/// Disks as a power cut may leave them, at any call of the commit script.
///
/// At each crash many disks are made from what was synced and what was not: writes lost, torn at
/// 512 bytes and at 4 KiB, names kept in the order of all changes or of each directory's. Every
/// one must open to what was acknowledged, with the statement in flight wholly or not at all.
///
/// `SLICEHOUSE_POWER_CUT_STATES` is how many different disks to look at; without it a few hundred.
@Suite struct PowerCutTests {
    private static let stateCount =
        ProcessInfo.processInfo.environment["SLICEHOUSE_POWER_CUT_STATES"].flatMap { Int($0) }
        ?? 300

    @Test func `every disk a power cut may leave holds what was acknowledged`() throws {
        var generator = SystemRandomNumberGenerator()
        let seed = generator.next()
        var run = PowerCutRun(seed: seed)
        try run.look(at: Self.stateCount)
        print(
            """
            Power cuts: \(run.stateCount) different disks of \(run.drawnCount) drawn at \
            \(run.pointCount) of \(run.callCount) calls, seed \(seed), \
            \(run.violations.count) violations.
            """
        )
        #expect(run.violations.isEmpty, "seed \(seed): \(run.violations.prefix(5))")
        #expect(run.stateCount >= Self.stateCount)
    }

    @Test func `a disk that ignores syncs is found out`() throws {
        var run = PowerCutRun(seed: 1, ignoresSyncs: true)
        try run.look(at: 60)
        #expect(run.violations.count > 10)
    }
}

/// Crashes of the commit script, and disks made of them.
private struct PowerCutRun {
    let seed: UInt64
    let ignoresSyncs: Bool
    private(set) var callCount = 0
    private(set) var pointCount = 0
    private(set) var drawnCount = 0
    private(set) var stateCount = 0
    private(set) var violations: [String] = []
    private var seen: Set<Int> = []

    init(seed: UInt64, ignoresSyncs: Bool = false) {
        self.seed = seed
        self.ignoresSyncs = ignoresSyncs
    }

    /// Looks at so many different disks, the same number at each of the points that are tried.
    mutating func look(at wanted: Int) throws {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles()
        let script = CommitScript(scratch.warehouse, files)
        for index in 0..<CommitScript.stepCount { try script.run(index) }
        callCount = files.callCount
        // Points in an order of their own; further rounds draw other disks of the same points.
        let points = (1...callCount).sorted { hash($0) < hash($1) }
        let perPoint = max(3, 2 * wanted / callCount)
        var round = 0
        while stateCount < wanted && round < 20 {
            for point in points where stateCount < wanted {
                try look(at: point, round * perPoint..<(round + 1) * perPoint)
                if round == 0 { pointCount += 1 }
            }
            round += 1
        }
    }

    private func hash(_ number: Int) -> UInt64 {
        var word = seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        return word ^ word >> 31
    }

    private mutating func look(at point: Int, _ cuts: Range<Int>) throws {
        let scratch = try ScratchDirectory()
        let files = FaultyFiles(ignoresSyncs: ignoresSyncs)
        files.failCall(point, with: .crash)
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
        let kept = "\(scratch.path)/kept"
        let exists = FileManager.default.fileExists(atPath: scratch.warehouse)
        if exists { try FileManager.default.copyItem(atPath: scratch.warehouse, toPath: kept) }
        for number in cuts {
            try? FileManager.default.removeItem(atPath: scratch.warehouse)
            if exists {
                try FileManager.default.copyItem(atPath: kept, toPath: scratch.warehouse)
            }
            let cut = PowerCut(
                seed: number == 0 ? nil : hash(point << 16 | number),
                sectorByteCount: number % 2 == 0 ? 512 : 4096,
                isPerDirectory: number % 3 == 0
            )
            try files.makeDisk(after: cut)
            drawnCount += 1
            guard seen.insert(try fingerprint(scratch.warehouse, done)).inserted else { continue }
            stateCount += 1
            let step = done < CommitScript.stepCount ? CommitScript.name(done) : "end"
            violations += found(
                in: scratch,
                allowed: [done, min(done + 1, CommitScript.stepCount)]
            ).map { "\($0); call \(point), \(files.calls[point - 1]), step \(step), \(cut)" }
        }
    }

    /// What tells a disk from others, with what it must hold.
    private func fingerprint(_ directory: String, _ done: Int) throws -> Int {
        var hasher = Hasher()
        hasher.combine(done)
        guard let paths = FileManager.default.enumerator(atPath: directory) else { return 0 }
        for path in paths.compactMap({ $0 as? String }).sorted() {
            hasher.combine(path)
            let contents = FileManager.default.contents(atPath: "\(directory)/\(path)")
            if let contents { hasher.combine(contents.count) }
            contents?.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }

    /// What is wrong with a disk: it is opened twice, with a power cut between.
    private func found(in scratch: ScratchDirectory, allowed: [Int]) -> [String] {
        let files = FaultyFiles()
        var found: [String] = []
        do {
            if try files.status("\(scratch.warehouse)/catalog.sqlite") == nil {
                if !allowed.contains(0) { found.append("the catalog is missing") }
                try Store.create(at: scratch.warehouse, shape: CommitScript.shape, files: files)
            }
            var contents: [CommitScript.Contents] = []
            for _ in 0..<2 {
                let store = try Store.open(at: scratch.warehouse, files: files)
                contents.append(try CommitScript.contents(of: store))
                found += StoreCheck.faults(of: store).map { "\($0)" }
                found += try StoreCheck.orphans(of: store).map { "orphan \($0)" }
                files.crash()
                store.close()
                try files.loseUnsynced()
                files.heal()
            }
            if !allowed.contains(where: { CommitScript.states[$0] == contents[0] }) {
                found.append("neither the state before nor the one after")
            }
            if contents[0] != contents[1] { found.append("what was seen is not durable") }
        } catch {
            found.append("\(error)")
        }
        return found
    }
}
