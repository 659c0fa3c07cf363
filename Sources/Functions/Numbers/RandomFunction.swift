import SQLTypes
import Synchronization
import Vectors

/// RANDOM(): DOUBLE PRECISION from 0 to 1, never 1 itself.
package enum RandomFunction {
    /// Numbers that nobody can foresee.
    static let all: [ScalarFunction] = [
        ScalarFunction(
            "random",
            parameters: [],
            resultType: { _ in .doublePrecision },
            volatility: .volatile,
            kernel: { (_, _, count) -> Vector in
                var source = SystemRandomNumberGenerator()
                return Call([], [], count).makeFloats { _ in fraction(source.next()) }
            }
        )
    ]

    /// Numbers that follow from a seed, others on each slice: what SET SEED asks for.
    ///
    /// The same query over the same rows of a cluster of the same shape sees the same numbers
    /// wherever each slice reads its rows in one order.
    package static func seeded(_ seed: UInt64) -> ScalarFunction { seeded(seed, slice: 0) }

    private static func seeded(_ seed: UInt64, slice: Int) -> ScalarFunction {
        let sequence = RandomSequence(
            state: scrambled(seed &+ UInt64(truncatingIfNeeded: slice) &* RandomSequence.step)
        )
        return ScalarFunction(
            "random",
            parameters: [],
            resultType: { _ in .doublePrecision },
            volatility: .volatile,
            onSlice: { seeded(seed, slice: $0) },
            kernel: { (_, _, count) -> Vector in
                var state = sequence.take(count)
                return Call([], [], count).makeFloats { _ in
                    state &+= RandomSequence.step
                    return fraction(scrambled(state))
                }
            }
        )
    }

    /// The highest 53 bits as a number from 0 to 1.
    private static func fraction(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }
}

/// A sequence of random numbers with a known start, which several users take from.
///
/// - Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014:
///   SplitMix64.
package final class RandomSequence: Sendable {
    /// What the state grows by with each number.
    static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private let state: Mutex<UInt64>

    /// Begins a sequence.
    package init(state: UInt64) { self.state = Mutex(state) }

    /// The next number.
    package func next() -> UInt64 { scrambled(take(1) &+ Self.step) }

    /// The state before the next `count` numbers, which are passed over.
    func take(_ count: Int) -> UInt64 {
        state.withLock { state in
            defer { state &+= UInt64(truncatingIfNeeded: count) &* Self.step }
            return state
        }
    }
}

/// A number all of whose bits depend on all bits of the state.
private func scrambled(_ state: UInt64) -> UInt64 {
    var bits = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
}
