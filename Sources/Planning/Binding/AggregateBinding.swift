import Functions
import Plans
import SQLSyntax
import SQLTypes
import Vectors

extension Binder {
    /// An aggregate call as the column it will put out.
    ///
    /// - Errors: 42803 where aggregates may not stand, 42883 for arguments it does not take,
    ///   42809 for a call of the wrong form, 0A000 for orders that disagree.
    func bindAggregate(
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> Expression {
        try requirePlace(scope, at: position)
        guard syntax.orderBy.isEmpty else {
            throw SQLError.unsupported("ORDER BY in an aggregate", position: position)
        }
        scope.isInsideAggregate = true
        defer { scope.isInsideAggregate = false }
        var call = try bindAggregateCall(syntax, scope, at: position)
        if call.function == .percentileDiscrete, !syntax.isApproximate {
            throw SQLError.unsupported(
                "percentile_disc without APPROXIMATE or OVER",
                position: position
            )
        }
        for value in [call.argument].compactMap(\.self) + call.order.map(\.expression) {
            guard firstWindow(in: value, scope) == nil else {
                throw windowInAggregate(at: position)
            }
        }
        if call.function.ignoresRepetition { call.isDistinct = false }
        if let key = call.order.first,
            let other = scope.aggregates.first(where: { !$0.order.isEmpty }),
            other.order != call.order
        {
            throw SQLError(
                .featureNotSupported,
                "within group ORDER BY clauses for aggregate functions must be the same",
                position: scope.positions[key.expression.columnID ?? -1] ?? position
            )
        }
        let known = scope.aggregates.first {
            var same = $0
            same.column = call.column
            return same == call
        }
        if let known { return .column(known.column.id, known.column.type) }
        scope.aggregates.append(call)
        return .column(call.column.id, call.column.type)
    }

    private func requirePlace(_ scope: Scope, at position: Int) throws(SQLError) {
        guard scope.clause.acceptsAggregates else {
            throw SQLError(
                .groupingError,
                "aggregates not allowed in \(scope.clause.place)",
                position: position
            )
        }
        guard !scope.isInsideAggregate else {
            throw SQLError(
                .groupingError,
                "aggregate function calls may not be nested",
                position: position
            )
        }
    }

    /// The call by the form its name asks for, whether over groups or over a window.
    ///
    /// - Errors: 42883, 42809; 22003 for a share that is none; 0A000.
    func bindAggregateCall(
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> AggregateCall {
        let name = syntax.name.name
        if syntax.isStar {
            guard name == "count", !syntax.isApproximate else {
                throw SQLError(
                    .wrongObjectType,
                    "\(name)(*) specified, but \(name) takes an argument",
                    position: position
                )
            }
            return AggregateCall(
                column: makeColumn("count", .bigint),
                function: .countAll,
                argument: nil
            )
        }
        let arguments = try bindOperands(syntax.arguments, scope)
        guard var function = AggregateFunction(sqlName: name) else {
            throw undefinedFunction(name, arguments, at: position)
        }
        if syntax.isApproximate {
            switch function {
            case .count where syntax.isDistinct: function = .approximateCount
            case .percentileDiscrete: break
            default: throw SQLError.unsupported("APPROXIMATE \(name)", position: position)
            }
        }
        switch function {
        case .median:
            guard arguments.count == 1 else {
                throw undefinedFunction(name, arguments, at: position)
            }
            try refuseDistinct(syntax, at: position)
            try refuseOrder(syntax, at: position)
            return try percentile(function, arguments[0], Self.half, syntax, at: position)
        case .percentileContinuous, .percentileDiscrete:
            return try bindPercentile(function, arguments, syntax, scope, at: position)
        case .listAggregate: return try bindList(arguments, syntax, scope, at: position)
        default: break
        }
        try refuseOrder(syntax, at: position)
        guard arguments.count == 1, let argument = arguments.first else {
            throw undefinedFunction(name, arguments, at: position)
        }
        let value = settled(argument.expression)
        guard let type = function.resultType(of: value.type) else {
            throw undefinedFunction(name, arguments, at: position)
        }
        return AggregateCall(
            column: makeColumn(name, type),
            function: function,
            argument: value,
            isDistinct: syntax.isDistinct
        )
    }

    private func refuseDistinct(
        _ syntax: FunctionCallSyntax,
        at position: Int
    ) throws(SQLError) {
        guard syntax.isDistinct else { return }
        throw SQLError.unsupported("DISTINCT in \(syntax.name.name)", position: position)
    }

    private func refuseOrder(_ syntax: FunctionCallSyntax, at position: Int) throws(SQLError) {
        guard !syntax.withinGroup.isEmpty else { return }
        throw SQLError(
            .wrongObjectType,
            "\(syntax.name.name) is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
            position: position
        )
    }

    // MARK: Percentiles

    private static let half = (AggregateOption.share(5, digits: 1), 1)

    private func bindPercentile(
        _ function: AggregateFunction,
        _ arguments: [Operand],
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> AggregateCall {
        let name = syntax.name.name
        guard arguments.count == 1, let share = arguments.first else {
            throw undefinedFunction(name, arguments, at: position)
        }
        try refuseDistinct(syntax, at: position)
        guard syntax.withinGroup.count == 1, let item = syntax.withinGroup.first else {
            throw SQLError(
                .wrongObjectType,
                "\(name) needs WITHIN GROUP with one ORDER BY expression",
                position: position
            )
        }
        let option = try self.share(share)
        let key = Operand(try bindExpression(item.expression, scope), item.expression.position)
        var call = try percentile(function, key, option, syntax, at: position)
        call.order[0] = sortItem(item, call.order[0].expression)
        return call
    }

    private func percentile(
        _ function: AggregateFunction,
        _ argument: Operand,
        _ share: (option: AggregateOption, digits: Int),
        _ syntax: FunctionCallSyntax,
        at position: Int
    ) throws(SQLError) -> AggregateCall {
        let value = settled(argument.expression)
        let type =
            function == .percentileDiscrete
            ? value.type : function.interpolatedType(of: value.type, shareDigits: share.digits)
        guard let type else {
            throw undefinedFunction(syntax.name.name, [argument], at: position)
        }
        return AggregateCall(
            column: makeColumn(syntax.name.name, type),
            function: function,
            argument: value,
            order: [SortItem(expression: value)],
            option: share.option
        )
    }

    /// A constant from 0 to 1, and its digits after the point.
    ///
    /// - Errors: 22003 for any other number; 0A000 for what is no constant.
    private func share(
        _ operand: Operand
    ) throws(SQLError) -> (option: AggregateOption, digits: Int) {
        let number = try coerce(
            operand.expression,
            to: operand.type.isNumeric ? operand.type : .doublePrecision,
            at: operand.position
        )
        guard case .constant(let value, let type) = number, !value.isNull else {
            throw SQLError.unsupported(
                "a percentile that is not a constant",
                position: operand.position
            )
        }
        if case .int64(let share) = value, type.scale <= 15, share >= 0,
            share <= DataType.powerOfTen64(type.scale)
        {
            return (.share(share, digits: type.scale), type.scale)
        }
        let real: Double? =
            switch value {
            case .int64(let digits): Double(digits) / Double(DataType.powerOfTen128(type.scale))
            case .int128(let digits): Double(digits) / Double(DataType.powerOfTen128(type.scale))
            case .float64(let real): real
            default: nil
            }
        guard let real, real >= 0, real <= 1 else {
            throw SQLError(
                .numericValueOutOfRange,
                "percentile value is not between 0 and 1",
                position: operand.position
            )
        }
        var (share, digits) = (Int64((real * 1e15).rounded()), 15)
        while digits > 0 && share % 10 == 0 { (share, digits) = (share / 10, digits - 1) }
        return (.share(share, digits: digits), digits)
    }

    // MARK: LISTAGG

    private func bindList(
        _ arguments: [Operand],
        _ syntax: FunctionCallSyntax,
        _ scope: Scope,
        at position: Int
    ) throws(SQLError) -> AggregateCall {
        guard arguments.count == 1 || arguments.count == 2 else {
            throw undefinedFunction("listagg", arguments, at: position)
        }
        let text = DataType.varchar(DataType.varcharMaxLength)
        var value = settled(arguments[0].expression)
        if case .varchar = value.type {
        } else {
            value = try coerce(value, to: text, at: arguments[0].position)
        }
        var delimiter: [UInt8] = []
        if arguments.count == 2 {
            let constant = try coerce(arguments[1].expression, to: text, at: arguments[1].position)
            switch constant {
            case .constant(.string(let bytes), _): delimiter = bytes
            case .constant(.null, _): break
            default:
                throw SQLError.unsupported(
                    "a delimiter of LISTAGG that is not a constant",
                    position: arguments[1].position
                )
            }
        }
        var order: [SortItem] = []
        for item in syntax.withinGroup {
            order.append(sortItem(item, settled(try bindExpression(item.expression, scope))))
        }
        return AggregateCall(
            column: makeColumn("listagg", text),
            function: .listAggregate,
            argument: value,
            isDistinct: syntax.isDistinct,
            order: order,
            option: .delimiter(delimiter)
        )
    }

    private func sortItem(_ item: OrderItemSyntax, _ expression: Expression) -> SortItem {
        SortItem(
            expression: expression,
            isAscending: item.isAscending,
            nullsFirst: item.nullsFirst
        )
    }
}
