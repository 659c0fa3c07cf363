import SQLTypes

// Three-valued logic over bool vectors.

/// AND: false where either side is false, NULL where it then depends on a NULL.
package func logicalAnd(_ a: Vector, _ b: Vector, count: Int) -> Vector {
    let (left, right) = (TruthBits(a, count: count), TruthBits(b, count: count))
    var isTrue = left.isTrue
    var known = noBits(count)
    for word in isTrue.indices {
        isTrue[word] &= right.isTrue[word]
        known[word] = isTrue[word] | left.isFalse[word] | right.isFalse[word]
    }
    return .bool(bits: isTrue, validity: known, count: count)
}

/// OR: true where either side is true, NULL where it then depends on a NULL.
package func logicalOr(_ a: Vector, _ b: Vector, count: Int) -> Vector {
    let (left, right) = (TruthBits(a, count: count), TruthBits(b, count: count))
    var isTrue = left.isTrue
    var known = noBits(count)
    for word in isTrue.indices {
        isTrue[word] |= right.isTrue[word]
        known[word] = isTrue[word] | (left.isFalse[word] & right.isFalse[word])
    }
    return .bool(bits: isTrue, validity: known, count: count)
}

/// NOT; NULL stays NULL.
package func logicalNot(_ vector: Vector) -> Vector {
    let truth = TruthBits(vector, count: vector.count)
    return .bool(bits: truth.isFalse, validity: vector.rowValidity, count: vector.count)
}

/// True where the vector is NULL; never NULL itself.
package func isNullVector(_ vector: Vector, count: Int) -> Vector {
    if vector.isConstant || vector.hasNoNulls {
        let isNull = vector.isConstant && vector.isNull(0)
        return .constant(.bool(isNull), physical: .bool, count: count)
    }
    var bits = vector.rowValidity ?? Vector.allValid(count)
    invert(&bits, count: count)
    return .bool(bits: bits, validity: nil, count: count)
}

/// True where the vector is not NULL; never NULL itself.
package func isNotNullVector(_ vector: Vector, count: Int) -> Vector {
    if vector.isConstant || vector.hasNoNulls {
        let isNull = vector.isConstant && vector.isNull(0)
        return .constant(.bool(!isNull), physical: .bool, count: count)
    }
    return .bool(
        bits: vector.rowValidity ?? Vector.allValid(count),
        validity: nil,
        count: count
    )
}

private struct TruthBits {
    let isTrue: [UInt64]
    var isFalse: [UInt64]

    init(_ vector: Vector, count: Int) {
        isTrue = vector.repeated(count: count).trueBits()
        isFalse = vector.repeated(count: count).rowValidity ?? Vector.allValid(count)
        for word in isFalse.indices { isFalse[word] &= ~isTrue[word] }
    }
}
