/// Count, sum and sum of squares of 64-bit integers, exact for any number of them.
///
/// So the variance of a set of numbers depends neither on their order nor on how they were
/// spread over slices.
struct ExactMoments: BitwiseCopyable {
    private(set) var sum: Int128 = 0
    /// The lower 128 bits of the sum of squares; the rest is `excess`.
    private(set) var squares: UInt128 = 0
    private(set) var excess: Int64 = 0
    private(set) var count: Int64 = 0

    /// Those of no numbers.
    init() {}

    /// Those of one number.
    @inline(__always)
    init(_ value: Int64) {
        sum = Int128(value)
        squares = Self.square(value)
        count = 1
    }

    /// What the state columns hold.
    init(count: Int64, sum: Int128, squares: UInt128, excess: Int64) {
        (self.count, self.sum, self.squares, self.excess) = (count, sum, squares, excess)
    }

    /// Adds a number.
    @inline(__always)
    mutating func add(_ value: Int64) {
        count &+= 1
        sum &+= Int128(value)
        let (total, carries) = squares.addingReportingOverflow(Self.square(value))
        squares = total
        excess &+= carries ? 1 : 0
    }

    /// Adds the numbers that another state is of.
    @inline(__always)
    mutating func add(_ other: ExactMoments) {
        count &+= other.count
        sum &+= other.sum
        let (total, carries) = squares.addingReportingOverflow(other.squares)
        squares = total
        excess &+= other.excess &+ (carries ? 1 : 0)
    }

    /// The variance of numbers in units of which `unit` make 1; nil where there are too few.
    ///
    /// (n · Σx² − (Σx)²) / (n · (n − 1)), or n² below, with an exact numerator: n and x have 63
    /// bits, so each product has fewer than 256.
    func variance(isSample: Bool, unit: Int128) -> Double? {
        let degrees = count - (isSample ? 1 : 0)
        guard degrees > 0 else { return nil }
        let rows = UInt128(count)
        var (high, low) = squares.multipliedFullWidth(by: rows)
        high &+= UInt128(truncatingIfNeeded: excess) &* rows
        let magnitude = sum.magnitude
        let square = magnitude.multipliedFullWidth(by: magnitude)
        let (difference, borrows) = low.subtractingReportingOverflow(square.low)
        low = difference
        high = high &- square.high &- (borrows ? 1 : 0)
        let numerator = high == 0 ? Double(low) : Double(high) * 0x1p128 + Double(low)
        let divisor = rows * UInt128(degrees)
        let units = unit.magnitude * unit.magnitude
        let (whole, isTooGreat) = divisor.multipliedReportingOverflow(by: units)
        return isTooGreat ? numerator / Double(divisor) / Double(units) : numerator / Double(whole)
    }

    @inline(__always)
    private static func square(_ value: Int64) -> UInt128 {
        let (high, low) = value.magnitude.multipliedFullWidth(by: value.magnitude)
        return UInt128(high) << 64 | UInt128(low)
    }
}
