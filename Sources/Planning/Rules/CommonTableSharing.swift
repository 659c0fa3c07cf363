import Catalogs
import Plans
import SQLTypes

/// Decides which common table expressions are computed once and kept on the slices.
///
/// Kept is one that is referenced more than once and is more than a scan. The others stand where
/// they are referenced, so that predicates and pruning reach into them:
///
/// ```
/// WITH a AS (SELECT k, sum(x) s … GROUP BY k), b AS (SELECT * FROM a WHERE s > 1), …
///     SELECT … FROM b p, b q      b is kept, with a in it
///     SELECT … FROM a, b          a is kept; b is a filter over its rows
/// ```
/// Work grows with the references written, not with the paths through them. System tables are
/// provided by the leader to the plan that reads them, so what reads them is never kept.
struct CommonTableSharing {
    private enum Fate {
        /// Nobody reads it.
        case dropped
        /// It stands where it is referenced.
        case inlined
        /// It is stored under this number.
        case kept(Int)
    }

    private let stored: [StoredPlan]
    /// The references in each stored plan, by number.
    private let reads: [[Int]]
    /// How often each is referenced; by number.
    private var counts: [Int]
    private var fates: [Fate]
    /// Whether a copy of the plan stands somewhere already, so that another needs column numbers
    /// of its own; by number.
    private var isPlaced: [Bool]
    private let columnIDs: FreeColumnIDs

    /// Common table expressions that are put where they are referenced, at most.
    private static let copyCountMax = Binder.expansionCountMax

    /// Takes the stored plans of a statement, of which each reads earlier ones only, and the other
    /// plans.
    init(
        _ stored: [StoredPlan],
        readBy others: [LogicalPlan],
        firstFreeColumnID: ColumnID
    ) {
        self.stored = stored
        reads = stored.map { $0.plans.flatMap(\.storedReferences).map(\.number) }
        counts = stored.map { _ in 0 }
        fates = stored.map { _ in .dropped }
        isPlaced = stored.map { _ in false }
        columnIDs = FreeColumnIDs(firstFreeColumnID)
        for number in others.flatMap(\.storedReferences).map(\.number)
        where counts.indices.contains(number) {
            counts[number] += 1
        }
    }

    /// Settles what becomes of each.
    ///
    /// - Errors: 54001 for too many copies; 57014.
    mutating func decide() throws(SQLError) {
        let isWorthKeeping = worthKeeping()
        var copies = 0
        // Whoever reads one comes after it.
        for number in stored.indices.reversed() {
            try Interruption.check()
            let count = counts[number]
            var readings = 1
            if case .once = stored[number] {
                if count == 0 { continue }
                if count == 1 || !isWorthKeeping[number] {
                    fates[number] = .inlined
                    readings = count
                    copies += count
                    guard copies <= Self.copyCountMax else { throw Self.tooManyCopies }
                } else {
                    fates[number] = .kept(0)
                }
            } else {
                fates[number] = .kept(0)
            }
            for read in reads[number] { counts[read] += readings }
        }
        var keptCount = 0
        for number in stored.indices {
            guard case .kept = fates[number] else { continue }
            fates[number] = .kept(keptCount)
            keptCount += 1
        }
    }

    /// A plan with each reference that is not kept replaced by what it refers to.
    mutating func resolved(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .stored(var reference) = plan, fates.indices.contains(reference.number) else {
            return plan.mappingInputs { resolved($0) }
        }
        switch fates[reference.number] {
        case .kept(let number):
            reference.number = number
            return .stored(reference)
        case .inlined, .dropped:
            guard case .once(var query, _) = stored[reference.number] else { return plan }
            if isPlaced[reference.number] {
                let columnIDs = columnIDs
                var renumbering = PlanRenumbering { columnIDs.next() }
                query = renumbering.renumbered(query)
            }
            isPlaced[reference.number] = true
            return .subquery(
                resolved(query),
                name: reference.alias,
                columns: reference.columns
            )
        }
    }

    /// The stored plans that are kept, under the numbers that ``resolved(_:)`` refers to.
    mutating func kept() -> [StoredPlan] {
        var result: [StoredPlan] = []
        for (number, part) in stored.enumerated() {
            guard case .kept = fates[number] else { continue }
            var copy = part.mapped { resolved($0) }
            if case .recursion(let seed, let step, let working, let name) = copy,
                case .kept(let moved) = fates[working]
            {
                copy = .recursion(seed: seed, step: step, working: moved, name: name)
            }
            result.append(copy)
        }
        return result
    }

    private static let tooManyCopies = SQLError(
        .statementTooComplex,
        "common table expressions of system tables are referenced too often",
        detail: "A statement expands at most \(copyCountMax) references."
    )

    /// For each stored plan whether it does more than reading rows that are there already, or
    /// gives others each time, and reads no system table.
    private func worthKeeping() -> [Bool] {
        var isMoreThanScan: [Bool] = []
        var readsSystemTables: [Bool] = []
        for part in stored {
            guard case .once(let plan, _) = part else {
                isMoreThanScan.append(false)
                readsSystemTables.append(false)
                continue
            }
            isMoreThanScan.append(plan.isMoreThanScan { isMoreThanScan[$0] })
            readsSystemTables.append(plan.readsSystemTables { readsSystemTables[$0] })
        }
        return zip(isMoreThanScan, readsSystemTables).map { $0 && !$1 }
    }
}

/// Gives out column numbers that no plan of the statement has.
private final class FreeColumnIDs {
    private var upcoming: ColumnID

    init(_ first: ColumnID) { upcoming = first }

    func next() -> ColumnID {
        defer { upcoming += 1 }
        return upcoming
    }
}

extension LogicalPlan {
    /// Whether it computes more than conditions and columns; `stored` answers for stored plans.
    fileprivate func isMoreThanScan(_ stored: (Int) -> Bool) -> Bool {
        switch self {
        case .scan, .values: false
        case .stored(let reference): stored(reference.number)
        case .filter(let input, let condition):
            condition.isVolatile || input.isMoreThanScan(stored)
        case .project(let input, let items):
            items.contains { $0.expression.isVolatile } || input.isMoreThanScan(stored)
        case .subquery(let input, _, _): input.isMoreThanScan(stored)
        default: true
        }
    }

    fileprivate func readsSystemTables(_ stored: (Int) -> Bool) -> Bool {
        switch self {
        case .scan(let scan): scan.isOfSystemTable
        case .stored(let reference): stored(reference.number)
        default: inputs.contains { $0.readsSystemTables(stored) }
        }
    }
}

extension LogicalScan {
    /// Whether the leader provides the rows.
    var isOfSystemTable: Bool { table.id < 100_000 }
}
