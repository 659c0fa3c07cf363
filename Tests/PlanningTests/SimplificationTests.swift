import Plans
import SQLTypes
import Testing
import Vectors

@testable import Planning

@Suite struct SimplificationTests {
    private let a = Expression.column(1, .integer)
    private let b = Expression.column(2, .integer)

    private func number(_ value: Int64) -> Expression { .constant(.int64(value), .integer) }

    @Test func `constants are computed, failures stay for the rows that reach them`() {
        #expect(
            simplified(.arithmetic(.add, number(2), number(3), .integer)) == number(5)
        )
        let failing = Expression.arithmetic(.divide, number(1), number(0), .integer)
        #expect(simplified(failing) == failing)
    }

    @Test func `NOT moves into comparisons and connectives`() {
        let less = Expression.compare(.less, a, b)
        #expect(simplified(.not(less)) == .compare(.greaterOrEqual, a, b))
        #expect(
            simplified(.not(.and([less, .isNull(a)])))
                == .or([.compare(.greaterOrEqual, a, b), .isNotNull(a)])
        )
    }

    @Test func `equalities of one column become a list`() {
        let terms = [1, 2, 3].map { Expression.compare(.equal, a, number($0)) }
        #expect(simplified(.or(terms)) == .inList(a, [.int64(1), .int64(2), .int64(3)]))
    }

    @Test func `what all arms share is taken out`() {
        let shared = Expression.compare(.equal, a, b)
        let one = Expression.isNull(a)
        let other = Expression.isNull(b)
        #expect(
            simplified(.or([.and([shared, one]), .and([shared, other])]))
                == .and([shared, .or([one, other])])
        )
        #expect(simplified(.or([.and([shared, one]), shared])) == shared)
    }

    @Test func `a date compared with a timestamp is compared as a date`() {
        let day = Expression.column(3, .date)
        let noon = Datum.int64(10 * 86_400_000_000 + 43_200_000_000)
        let wide = Expression.cast(day, .timestamp, isExplicit: false)
        #expect(
            simplified(.compare(.less, wide, .constant(noon, .timestamp)))
                == .compare(.lessOrEqual, day, .constant(.int64(10), .date))
        )
        #expect(
            simplified(.compare(.greaterOrEqual, wide, .constant(noon, .timestamp)))
                == .compare(.greater, day, .constant(.int64(10), .date))
        )
    }

    @Test func `a negative fraction rounds down`() {
        let narrow = Expression.cast(
            a,
            .decimal(precision: 12, scale: 1),
            isExplicit: false
        )
        let value = Expression.constant(.int64(-15), .decimal(precision: 12, scale: 1))
        #expect(
            simplified(.compare(.greater, narrow, value)) == .compare(.greater, a, number(-2))
        )
    }

    @Test func `a predicate rejects the NULLs of an outer join or does not`() {
        #expect(rejectsNulls(.compare(.less, a, b), of: [1]))
        #expect(!rejectsNulls(.isNull(a), of: [1]))
        #expect(!rejectsNulls(.or([.compare(.less, a, b), .isNull(b)]), of: [1]))
        #expect(!rejectsNulls(.coalesce([a, b], .integer), of: [1]))
    }
}
