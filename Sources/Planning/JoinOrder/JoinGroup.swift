import Functions
import Plans
import Vectors
import SQLTypes

/// Relations joined by inner joins, and the semi and anti joins that apply to them: what the
/// join order is chosen for.
///
/// Members are numbered: relations first, then semi joins. A semi join is a member that can be
/// joined, from the right, to any set that holds the relations its condition reads.
struct JoinGroup {
    /// A semi or anti join that waits for the relations it needs.
    struct SemiJoin {
        var kind: JoinKind
        var right: PhysicalNode
        var conjuncts: [Expression]
        /// Relations its condition reads.
        var required: UInt64
        /// The share of left rows that pass.
        var selectivity: Double
    }
    /// A condition on several relations.
    struct Predicate {
        var expression: Expression
        var relations: UInt64
        /// The share of row combinations that pass; 1 where an equivalence class counts it.
        var selectivity: Double
        /// For an equality that can be a join key: its sides and their relations.
        var sides: (left: Expression, right: Expression, leftMask: UInt64, rightMask: UInt64)?
    }
    /// Columns of several relations that must all be equal.
    struct EqualityClass {
        var members: [(relation: Int, column: ColumnID, type: DataType)]
        var relations: UInt64
    }
    var relations: [PhysicalNode] = []
    var semiJoins: [SemiJoin] = []
    var predicates: [Predicate] = []
    var classes: [EqualityClass] = []
    /// By how much two equalities between the same two relations restrict less than their
    /// product says: composite keys.
    var pairExcess: [(mask: UInt64, factor: Double)] = []

    var memberCount: Int { relations.count + semiJoins.count }
}

extension JoinGroup {
    /// Sorts conditions into equivalence classes and others.
    mutating func addConditions(_ conjuncts: [Expression], context: PlanningContext) {
        var home: [ColumnID: Int] = [:]
        for (index, relation) in relations.enumerated() {
            for column in relation.columns { home[column.id] = index }
        }
        for conjunct in conjuncts {
            if addEquality(conjunct, home: home) { continue }
            var predicate = Predicate(
                expression: conjunct,
                relations: mask(of: conjunct, home),
                selectivity: selectivity(of: conjunct, context)
            )
            if let (left, right) = keySides(conjunct) {
                let leftMask = mask(of: left, home)
                let rightMask = mask(of: right, home)
                if leftMask != 0, rightMask != 0, leftMask & rightMask == 0 {
                    predicate.sides = (left, right, leftMask, rightMask)
                }
            }
            predicates.append(predicate)
        }
        findPairExcess(context)
    }

    /// The share of row combinations that pass a condition, of those that pass what it says of
    /// each relation alone: that was tested below already.
    private func selectivity(of condition: Expression, _ context: PlanningContext) -> Double {
        var share = context.selectivity(of: condition)
        for relation in relations {
            let columns = Set(relation.columns.map(\.id))
            guard let implied = impliedPredicate(of: condition, on: columns) else { continue }
            share /= context.selectivity(of: implied)
        }
        return min(1, share)
    }

    /// Conditions on one relation that follow where a class holds several of its columns.
    func equalitiesWithin() -> [(relation: Int, condition: Expression)] {
        var found: [(relation: Int, condition: Expression)] = []
        for equality in classes {
            for (index, member) in equality.members.enumerated() {
                let first = equality.members[..<index].first { $0.relation == member.relation }
                guard let first else { continue }
                let type = comparisonType(first.type, member.type)
                let condition = Expression.compare(
                    .equal,
                    Expression.column(first.column, first.type).widened(to: type),
                    Expression.column(member.column, member.type).widened(to: type)
                )
                found.append((member.relation, condition))
            }
        }
        return found
    }

    /// The relations an expression reads, as bits.
    func mask(of expression: Expression, _ home: [ColumnID: Int]) -> UInt64 {
        expression.columns.reduce(0) { $0 | (home[$1].map { 1 << UInt64($0) } ?? 0) }
    }

    /// Takes `a = b` between two relations into a class; false for any other condition.
    private mutating func addEquality(_ conjunct: Expression, home: [ColumnID: Int]) -> Bool {
        guard let (left, right) = keySides(conjunct), let a = placementColumn(of: left),
            let b = placementColumn(of: right), let one = home[a.id], let other = home[b.id],
            one != other
        else { return false }
        var members: [(relation: Int, column: ColumnID, type: DataType)] = [
            (one, a.id, a.type), (other, b.id, b.type),
        ]
        classes.removeAll { known in
            guard known.members.contains(where: { $0.column == a.id || $0.column == b.id }) else {
                return false
            }
            for member in known.members
            where !members.contains(where: { $0.column == member.column }) {
                members.append(member)
            }
            return true
        }
        let bits = members.reduce(0) { $0 | 1 << UInt64($1.relation) } as UInt64
        classes.append(EqualityClass(members: members, relations: bits))
        return true
    }

    private mutating func findPairExcess(_ context: PlanningContext) {
        for one in relations.indices {
            for other in relations.indices where other > one {
                let mask = UInt64(1) << UInt64(one) | UInt64(1) << UInt64(other)
                let shared = classes.filter { $0.relations & mask == mask }
                guard shared.count > 1 else { continue }
                // The values of the side with fewer are among those of the other, as with a key
                // and what refers to it.
                let factor = max(
                    excess(of: one, in: shared, context),
                    excess(of: other, in: shared, context)
                )
                if factor > 1 { pairExcess.append((mask, factor)) }
            }
        }
    }

    private func excess(
        of relation: Int,
        in classes: [EqualityClass],
        _ context: PlanningContext
    ) -> Double {
        var product = 1.0
        var tableRows = relations[relation].rows
        var values = 0.0
        for equality in classes {
            guard let member = equality.members.first(where: { $0.relation == relation }) else {
                continue
            }
            let figures = context.figures(of: member.column)
            product *= figures.distinctCount ?? 200
            values = max(values, figures.distinctCount ?? 200)
            tableRows = max(tableRows, figures.tableRows ?? 0)
        }
        return product / max(1, tableRows, values)
    }

    /// Estimated rows of a set of members joined in any order.
    func rows(of members: UInt64, context: PlanningContext) -> Double {
        var rows = 1.0
        for index in relations.indices where members >> UInt64(index) & 1 == 1 {
            rows *= relations[index].rows
        }
        for equality in classes where equality.relations & members != 0 {
            var least = Double.infinity
            var product = 1.0
            var count = 0
            for member in equality.members where members >> UInt64(member.relation) & 1 == 1 {
                let distinct = context.figures[member.column]?.distinctCount ?? 200
                product *= distinct
                least = min(least, distinct)
                count += 1
            }
            if count > 1 { rows /= product / least }
        }
        for (mask, factor) in pairExcess where members & mask == mask { rows *= factor }
        for predicate in predicates where predicate.relations & ~members == 0 {
            rows *= predicate.selectivity
        }
        for index in semiJoins.indices where members >> UInt64(relations.count + index) & 1 == 1 {
            rows *= semiJoins[index].selectivity
        }
        return max(1, rows)
    }

    /// Whether some condition links two disjoint sets of members.
    func areLinked(_ one: UInt64, _ other: UInt64) -> Bool {
        if classes.contains(where: { $0.relations & one != 0 && $0.relations & other != 0 }) {
            return true
        }
        let both = one | other
        return predicates.contains {
            $0.relations & ~both == 0 && $0.relations & one != 0 && $0.relations & other != 0
        }
    }

    /// Join keys and remaining conditions between two disjoint sets of members.
    func conditions(
        _ one: UInt64,
        _ other: UInt64
    ) -> (keys: [(left: Expression, right: Expression)], residual: [Expression]) {
        var keys: [(left: Expression, right: Expression)] = []
        var residual: [Expression] = []
        for equality in classes {
            let left = equality.members.first { one >> UInt64($0.relation) & 1 == 1 }
            let right = equality.members.first { other >> UInt64($0.relation) & 1 == 1 }
            guard let left, let right else { continue }
            keys.append((.column(left.column, left.type), .column(right.column, right.type)))
        }
        let both = one | other
        for predicate in predicates
        where predicate.relations & ~both == 0 && predicate.relations & one != 0
            && predicate.relations & other != 0
        {
            if let sides = predicate.sides, sides.leftMask & ~one == 0,
                sides.rightMask & ~other == 0
            {
                keys.append((sides.left, sides.right))
            } else if let sides = predicate.sides, sides.leftMask & ~other == 0,
                sides.rightMask & ~one == 0
            {
                keys.append((sides.right, sides.left))
            } else {
                residual.append(predicate.expression)
            }
        }
        return (keys, residual)
    }
}

/// The type two columns of one placement family are compared in: the wider one.
func comparisonType(_ one: DataType, _ other: DataType) -> DataType {
    switch (one, other) {
    case (.bigint, .smallint), (.bigint, .integer), (.integer, .smallint): one
    case (.varchar(let a), .varchar(let b)): .varchar(max(a, b))
    case (.varchar(let a), .char(let b)), (.char(let b), .varchar(let a)): .varchar(max(a, b))
    case (.char(let a), .char(let b)): .char(max(a, b))
    default: other
    }
}

/// The sides of an equality that can be a join key; nil for other conditions.
///
/// Keys are computed for all rows of a side, those without a partner too. So casts from text and
/// divisions by columns are none: they fail for values that the other conditions may keep out.
/// Calls and overflowing arithmetic may be keys although they can fail.
func keySides(_ condition: Expression) -> (left: Expression, right: Expression)? {
    guard case .compare(.equal, let left, let right) = condition, left.canBeKey, right.canBeKey
    else { return nil }
    return (left, right)
}

extension Expression {
    fileprivate func widened(to type: DataType) -> Expression {
        self.type == type ? self : .cast(self, type, isExplicit: false)
    }

    fileprivate var canBeKey: Bool {
        switch self {
        case .arithmetic(let op, let left, let right, _):
            ((op != .divide && op != .modulo) || right.isNonzeroConstant) && left.canBeKey
                && right.canBeKey
        case .negate(let operand, _): operand.canBeKey
        case .cast(let operand, let type, _):
            operand.canBeKey
                && (!canFail || (operand.type.isNumeric && type.isNumeric)
                    || !operand.type.isString)
        // A call that may fail would fail on the pairs of a nested loop as well.
        case .call(let function, let arguments, _):
            function.volatility != .volatile && arguments.allSatisfy(\.canBeKey)
        default: !canFail
        }
    }
}

/// The column whose placement an expression's value has: itself, or below casts between
/// integers or between strings that keep the value; nil for a computed value.
///
/// - Source: Redshift hashes SMALLINT, INTEGER and BIGINT alike, and CHAR and VARCHAR.
func placementColumn(of expression: Expression) -> (id: ColumnID, type: DataType)? {
    switch expression {
    case .column(let id, let type): (id, type)
    case .cast(let operand, let type, _):
        operand.type == type || (operand.type.isInteger && type.isInteger)
            || isWideningString(from: operand.type, to: type)
            ? placementColumn(of: operand) : nil
    default: nil
    }
}
