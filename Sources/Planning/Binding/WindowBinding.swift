import Functions
import Plans
import SQLSyntax
import SQLTypes

// Window functions: `f(…) OVER (PARTITION BY … ORDER BY … ROWS …)`.
//
// Each call is bound over the columns of FROM, noted in the scope, and stands in expressions as
// the column it will put out, as aggregates do. After grouping, what the calls read is rewritten
// to the aggregate's columns, and calls of one definition become one window node.

/// A window function call of a SELECT.
struct BoundWindow {
    var definition: WindowDefinition
    var call: WindowCall
    var position: Int
}

extension Binder {
    /// Binds a call with OVER to the column it will put out.
    ///
    /// - Errors: 42P20 where a window function cannot stand, and for frames that make no sense;
    ///   42601 for an ordered aggregate without a frame; 0A000 for what Redshift lacks too.
    func bindWindow(
        _ syntax: FunctionCallSyntax,
        _ window: WindowSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        try requireWindowsAllowed(scope, at: position)
        let function = try windowFunction(syntax, scope, at: position)
        scope.isInsideWindow = true
        defer { scope.isInsideWindow = false }
        if function.orderedAggregate != nil {
            return try bindOrderedWindow(function, syntax, window, scope, at: position)
        }
        let arguments = try bindWindowArguments(of: function, syntax, scope, at: position)
        let definition = try bindDefinition(window, scope)
        guard let type = function.resultType(of: arguments.first?.type) else {
            throw undefinedFunction(
                syntax.name.name,
                arguments.map { Operand($0, position) },
                at: position
            )
        }
        let frame = try bindFrame(window, of: function, scope)
        let call = WindowCall(
            column: makeColumn(function.name, type),
            function: function,
            arguments: arguments,
            ignoresNulls: syntax.nullTreatment == .ignore,
            frame: frame
        )
        return try noted(BoundWindow(definition: definition, call: call, position: position), scope)
    }

    /// An error where a window-only function stands without OVER; nothing for any other name.
    func requireOver(_ name: String, at position: Int) throws(SQLError) {
        guard let function = WindowFunction(sqlName: name) else { return }
        if case .aggregate = function { return }
        throw SQLError(
            .wrongObjectType,
            "window function \(name) requires an OVER clause",
            position: position
        )
    }

    /// A call's column; that of an equal call where there is one already.
    ///
    /// - Errors: 42P20 where it reads the value of another window function.
    func noted(_ window: BoundWindow, _ scope: Scope) throws(SQLError) -> Expression {
        let read = window.call.arguments.reduce(into: window.definition.columns) {
            $0.formUnion($1.columns)
        }
        guard read.isDisjoint(with: scope.windowColumns) else {
            throw nested(at: window.position)
        }
        let known = scope.windows.first { other in
            var call = other.call
            call.column = window.call.column
            return call == window.call && other.definition == window.definition
        }
        if known == nil { scope.windows.append(window) }
        let column = (known ?? window).call.column
        return .column(column.id, column.type)
    }

    // MARK: Where and what

    private func requireWindowsAllowed(_ scope: Scope, at position: Int) throws(SQLError) {
        guard scope.clause.acceptsWindows else {
            throw SQLError(
                .windowingError,
                "window functions not allowed in \(scope.clause.place)",
                position: position
            )
        }
        guard !scope.isInsideAggregate else { throw windowInAggregate(at: position) }
        guard !scope.isInsideWindow else { throw nested(at: position) }
    }

    private func nested(at position: Int) -> SQLError {
        SQLError(.windowingError, "window function calls may not be nested", position: position)
    }

    /// 42803: an aggregate's argument holds a window function.
    func windowInAggregate(at position: Int) -> SQLError {
        SQLError(
            .groupingError,
            "aggregate function calls may not contain window function calls",
            position: position
        )
    }

    private func windowFunction(
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> WindowFunction {
        let name = syntax.name.name
        if syntax.isStar {
            guard name == "count" else {
                throw SQLError(
                    .wrongObjectType,
                    "\(name)(*) specified, but \(name) takes an argument",
                    position: position
                )
            }
            return .aggregate(.countAll)
        }
        guard let function = WindowFunction(sqlName: name) else {
            if Self.laterAggregates.contains(name) || AggregateFunction(sqlName: name) != nil {
                throw SQLError.unsupported("\(name) as a window function", position: position)
            }
            guard ScalarFunctions.exists(name: name) else {
                let operands = try bindOperands(syntax.arguments, scope)
                throw undefinedFunction(name, operands, at: position)
            }
            throw SQLError(
                .wrongObjectType,
                "OVER specified, but \(name) is not a window function nor an aggregate function",
                position: position
            )
        }
        let isOrdered = function.orderedAggregate != nil
        if syntax.isApproximate || (syntax.isDistinct && !isOrdered) {
            let word = syntax.isApproximate ? "APPROXIMATE" : "DISTINCT"
            throw SQLError.unsupported("\(word) in a window function", position: position)
        }
        if !syntax.orderBy.isEmpty || (!syntax.withinGroup.isEmpty && !isOrdered) {
            throw SQLError.unsupported(
                "ORDER BY among the arguments of \(name)",
                position: position
            )
        }
        if let treatment = syntax.nullTreatment, !function.takesNullTreatment {
            throw SQLError(
                .syntaxError,
                "\(treatment.rawValue) NULLS is not allowed for window function \(name)",
                position: position
            )
        }
        return function
    }

    // MARK: Arguments

    private func bindWindowArguments(
        of function: WindowFunction,
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> [Expression] {
        let name = syntax.name.name
        let operands = try bindOperands(syntax.arguments, scope)
        if operands.count == 3, function == .lag || function == .lead {
            throw SQLError(
                .featureNotSupported,
                "Default parameter not be supported for window function \(name)",
                position: operands[2].position
            )
        }
        guard function.argumentCounts.contains(operands.count) else {
            throw undefinedFunction(name, operands, at: position)
        }
        var arguments: [Expression] = []
        for (index, operand) in operands.enumerated() {
            let isCount = index == 1 || function == .ntile
            arguments.append(
                isCount
                    ? try coerce(operand.expression, to: .bigint, at: operand.position)
                    : settled(operand.expression)
            )
        }
        guard function == .ratioToReport, let value = arguments.first, value.type.isNumeric else {
            return arguments
        }
        return [try coerce(value, to: .doublePrecision, at: position)]
    }

    // MARK: The window

    private func bindDefinition(
        _ window: WindowSyntax,
        _ scope: Scope
    ) throws(SQLError) -> WindowDefinition {
        var definition = WindowDefinition(
            partition: try bindPartition(window, scope),
            order: []
        )
        for item in window.orderBy {
            let value = settled(try bindExpression(item.expression, scope))
            guard !value.isConstant else {
                throw SQLError.unsupported(
                    "a constant in the ORDER BY of a window",
                    position: item.expression.position
                )
            }
            definition.appendOrder(
                SortItem(
                    expression: value,
                    isAscending: item.isAscending,
                    nullsFirst: item.nullsFirst
                )
            )
        }
        return definition
    }

    /// The expressions of PARTITION BY, each once.
    func bindPartition(_ window: WindowSyntax, _ scope: Scope) throws(SQLError) -> [Expression] {
        var partition: [Expression] = []
        for syntax in window.partitionBy {
            let value = settled(try bindExpression(syntax, scope))
            // All rows agree in a constant.
            if !value.isConstant, !partition.contains(value) { partition.append(value) }
        }
        return partition
    }

    /// The frame; the whole partition where the function sees that.
    private func bindFrame(
        _ window: WindowSyntax,
        of function: WindowFunction,
        _ scope: Scope
    ) throws(SQLError) -> WindowFrame {
        let isOrdered = !window.orderBy.isEmpty
        if function == .ratioToReport, isOrdered || window.frame != nil {
            throw SQLError(
                .windowingError,
                "window function ratio_to_report takes no ORDER BY and no frame clause",
                position: window.position
            )
        }
        if function == .lag || function == .lead, !isOrdered {
            throw SQLError(
                .windowingError,
                "window function \(function.name) requires an ORDER BY clause",
                position: window.position
            )
        }
        guard let frame = window.frame else {
            guard isOrdered, function.takesFrame else { return .partition }
            throw SQLError(
                .syntaxError,
                "Aggregate window functions with an ORDER BY clause require a frame clause",
                position: window.position
            )
        }
        guard function.takesFrame else {
            throw SQLError(
                .windowingError,
                "window function \(function.name) takes no frame clause",
                position: frame.position
            )
        }
        return try bindBounds(frame, scope)
    }

    private func bindBounds(
        _ frame: WindowFrameSyntax,
        _ scope: Scope
    ) throws(SQLError) -> WindowFrame {
        func refuse(_ message: String) -> SQLError {
            SQLError(.windowingError, message, position: frame.position)
        }
        switch (frame.start, frame.end) {
        case (.unboundedFollowing, _):
            throw refuse("frame start cannot be UNBOUNDED FOLLOWING")
        case (_, .unboundedPreceding):
            throw refuse("frame end cannot be UNBOUNDED PRECEDING")
        case (.currentRow, .preceding):
            throw refuse("frame starting from current row cannot have preceding rows")
        case (.following, .preceding), (.following, .currentRow):
            throw refuse("frame starting from following row cannot have preceding rows")
        default: break
        }
        return WindowFrame(
            start: try bindBound(frame.start, "starting", scope),
            end: try bindBound(frame.end, "ending", scope)
        )
    }

    /// A bound as a distance from the current row; nil if unbounded.
    private func bindBound(
        _ bound: WindowFrameSyntax.Bound,
        _ name: String,
        _ scope: Scope
    ) throws(SQLError) -> Int? {
        switch bound {
        case .unboundedPreceding, .unboundedFollowing: return nil
        case .currentRow: return 0
        case .preceding(let count): return -(try distance(count, name, scope))
        case .following(let count): return try distance(count, name, scope)
        }
    }

    private func distance(
        _ syntax: ExpressionSyntax,
        _ name: String,
        _ scope: Scope
    ) throws(SQLError) -> Int {
        let bound = try bindExpression(syntax, scope)
        switch try coerce(bound, to: .bigint, at: syntax.position) {
        case .constant(.int64(let count), _) where count >= 0:
            // No partition is longer, and sums with row numbers cannot overflow.
            return Int(min(count, 1 << 40))
        case .constant(.int64, _):
            throw SQLError(
                .invalidPrecedingOrFollowingSize,
                "frame \(name) offset must not be negative",
                position: syntax.position
            )
        case .constant:
            throw SQLError(
                .invalidPrecedingOrFollowingSize,
                "frame \(name) offset must not be null",
                position: syntax.position
            )
        default:
            throw SQLError.unsupported(
                "a frame offset that is not a constant",
                position: syntax.position
            )
        }
    }
}

extension WindowDefinition {
    /// Adds a key to the order unless it orders nothing: a constant, what partitions are made by,
    /// a key that is there already.
    mutating func appendOrder(_ item: SortItem) {
        let value = item.expression
        if value.isConstant || partition.contains(value) { return }
        if order.contains(where: { $0.expression == value }) { return }
        order.append(item)
    }
}
