import SQLTypes
import Synchronization
import Testing

@testable import Vectors

/// Loops over many rows ask whether their statement is to end.
@Suite struct StopCheckTests {
    @Test func `a sort asks in every pass, over texts too that begin alike`() throws {
        let texts = (0..<70_000).map { Datum.text("all begin alike \($0 * 7919 % 70_001)") }
        let column = Vector.of(texts, physical: .string)
        let order = [SortOrder(ascending: true, nullsFirst: false)]
        func sort(stoppingAt number: Int) -> (count: Int, error: SQLError?) {
            var count = 0
            var failure: SQLError?
            do throws(SQLError) {
                _ = try sortPermutation([column], order: order, count: 70_000) {
                    () throws(SQLError) in
                    count += 1
                    if count == number { throw SQLError(.queryCanceled, "stop") }
                }
            } catch { failure = error }
            return (count, failure)
        }
        let (asked, error) = sort(stoppingAt: .max)
        // Two stretches each: lengths, prefixes, packing, differences; then three times eight
        // bytes, with codes, differences, digits and places.
        #expect(error == nil && asked > 20)
        for number in stride(from: 1, through: asked, by: max(1, asked / 7)) {
            let stopped = sort(stoppingAt: number)
            #expect(stopped.count == number && stopped.error?.state == .queryCanceled)
        }
    }

    @Test func `a builder that makes room asks every 4 MiB, and is as it was when stopped`() {
        let builder = VectorBuilder(physical: .int128)
        let part = Vector.constant(.int64(9), physical: .int64, count: 1 << 20)
        builder.append(part)
        #expect(questions { () throws(SQLError) in try builder.makeRoom(for: 1 << 20) }.count == 3)
        builder.append(part)
        let byteCount = builder.byteCount
        let stopped = questions(stoppingAt: 4) { () throws(SQLError) in
            try builder.makeRoom(for: 1)
        }
        #expect(stopped == (4, "57014"))
        #expect(builder.byteCount == byteCount && builder.count == 2 << 20)
        #expect(builder.finish().int128Value((2 << 20) - 1) == 9)
    }

    @Test(arguments: [true, false])
    func `gathering many rows asks in every stretch and gives the same rows`(nulls: Bool) throws {
        var generator = SeededGenerator(seed: 7)
        let data = randomIntegers(1_000, -100...100, nulls: nulls, &generator)
        let picked = (0..<140_000).map { _ in UInt32.random(in: 0..<1_000, using: &generator) }
        let holed = picked.enumerated().map { $0 % 70_001 == 5 ? .max : $1 }
        for vector in allForms(data, physical: .int64) {
            let gathered = try vector.gatherMany(picked, count: picked.count)
            #expect(gathered.data == picked.map { data[Int($0)] })
            let orNull = try vector.gatherManyOrNull(holed, count: holed.count)
            #expect(orNull.data == holed.map { $0 == .max ? .null : data[Int($0)] })
            if vector.isConstant { continue }
            let many = questions { () throws(SQLError) in
                _ = try vector.gatherMany(picked, count: picked.count)
            }
            #expect(many == (3, nil))
            let stopped = questions(stoppingAt: 2) { () throws(SQLError) in
                _ = try vector.gatherManyOrNull(holed, count: holed.count)
            }
            #expect(stopped == (2, "57014"))
        }
    }
}

/// How often `body` asks whether to stop, where the question of that number is answered yes, and
/// the SQLSTATE of what it throws.
private func questions(
    stoppingAt number: Int = .max,
    _ body: () throws(SQLError) -> Void
) -> (count: Int, state: String?) {
    let asked = Mutex(0)
    let interruption = Interruption { () throws(SQLError) in
        let count = asked.withLock { count in
            count += 1
            return count
        }
        if count == number { throw SQLError(.queryCanceled, "stop") }
    }
    var state: String?
    do throws(SQLError) { try interruption.bind(body) } catch { state = error.state.code }
    return (asked.withLock { $0 }, state)
}
