import Plans
import SQLTypes
import Vectors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How many values columns have once some rows are gone, and how many groups rows fall into.
extension PlanningContext {
    /// Groups that rows fall into by these expressions.
    ///
    /// Columns of one table make at most as many groups as it has rows. Groups that could be more
    /// than there are rows are filled at random.
    ///
    /// - Source: PostgreSQL 8.0 assumes 200 values where it knows nothing; Cardenas, "Analysis and
    ///   performance of inverted data base structures", for values left among some of the rows.
    func groupCount(_ groups: [Expression], rows: Double) -> Double {
        let rows = max(1, rows)
        if groups.count == 1 {
            return max(1, min(rows, remainingCount(groups[0], rows: rows)))
        }
        var perTable: [Int: (product: Double, rows: Double)] = [:]
        var count = 1.0
        for group in groups {
            let own = remainingCount(group, rows: rows)
            let figures = group.columnID.flatMap { self.figures[$0] }
            guard let table = figures?.origin?.table, let tableRows = figures?.tableRows else {
                count *= own
                continue
            }
            let known = perTable[table] ?? (1, tableRows)
            perTable[table] = (min(known.product * own, tableRows), tableRows)
        }
        for table in perTable.values { count *= table.product }
        if count > rows * 1000 { return rows }
        return max(1, min(rows, count * (1 - exp(-rows / count))))
    }

    /// Distinct values of an expression among `rows` rows.
    private func remainingCount(_ expression: Expression, rows: Double) -> Double {
        let count = distinctCount(expression) ?? 200
        guard let id = placementColumn(of: expression)?.id ?? expression.columnID,
            let tableRows = figures[id]?.tableRows, rows < tableRows, count > 1
        else { return min(count, rows) }
        let valuesLost = count * pow(1 - rows / tableRows, tableRows / count)
        return min(rows, max(1, count - valuesLost))
    }

    /// Takes from the columns' distinct values those that conditions on them alone keep out.
    func narrowDistinctCounts(by conjuncts: [Expression]) {
        for conjunct in conjuncts {
            guard conjunct.columns.count == 1, let id = conjunct.columns.first,
                let known = figures[id]?.distinctCount
            else { continue }
            switch conjunct {
            case .compare(.equal, let one, let other)
            where one.columns.isEmpty || other.columns.isEmpty:
                if one.columnID == id || other.columnID == id { figures[id]?.distinctCount = 1 }
            case .inList(let operand, let values) where operand.columnID == id:
                figures[id]?.distinctCount = min(known, Double(max(1, values.count)))
            case .compare(let op, _, _) where op != .notEqual:
                let left = max(1, known * selectivity(of: conjunct))
                figures[id]?.distinctCount = left
            default: break
            }
        }
    }

    /// Counts on sampled rows how many values the computed ones of these expressions have.
    ///
    /// Errors: XX001 for a damaged sample.
    func learnDistinctCounts(of expressions: [Expression]) throws(SQLError) {
        guard let sampler else { return }
        for expression in expressions
        where distinctCount(expression) == nil && !expression.isColumn {
            var places: [ColumnID: Expression] = [:]
            var columns: [StoredColumn] = []
            var tableRows = 0.0
            for id in expression.columns.sorted() {
                guard let figures = figures[id], let origin = figures.origin else { break }
                places[id] = .column(columns.count, .unknown)
                columns.append(origin)
                tableRows = figures.tableRows ?? 0
            }
            guard let table = columns.first?.table, columns.allSatisfy({ $0.table == table }),
                columns.count == expression.columns.count
            else { continue }
            let own = expression.rewritten { part in
                guard case .column(let id, let type) = part,
                    case .column(let place, _)? = places[id]
                else { return part }
                return .column(place, type)
            }
            let values = try sampler.distinctCounts(
                of: own,
                in: table,
                columns: columns.map(\.column)
            )
            guard let values else { continue }
            expressionCounts[expression] = values.estimate(ofRows: tableRows)
        }
    }
}

extension SampledValues {
    /// Distinct values of a table of that many rows.
    ///
    /// What the sample shows at least twice is taken as all there is of its kind; values seen
    /// once stand for others unseen.
    ///
    /// - Source: Charikar, Chaudhuri, Motwani and Narasayya, "Towards estimation error guarantees
    ///   for distinct values": the guaranteed-error estimator.
    fileprivate func estimate(ofRows rows: Double) -> Double {
        guard rowCount > 0 else { return 1 }
        let scale = max(1, rows / Double(rowCount)).squareRoot()
        return max(1, scale * Double(onceCount) + Double(distinctCount - onceCount))
    }
}
