import Plans

/// A cost with two decimals.
func figure(_ value: Double) -> String {
    let hundredths = hundredths(max(0, value))
    let rest = Int(hundredths % 100)
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

/// The nearest number of hundredths to a value as it is, which mostly is no decimal: 2.525 is a
/// little less and becomes 252, as C's printf has it.
func hundredths(_ value: Double) -> Int128 {
    let product = value * 100
    let below = product.rounded(.down)
    // What the product lost in rounding decides a tie.
    let lost = (-product).addingProduct(value, 100)
    guard product - below == 0.5, lost != 0 else {
        return Int128(product.rounded(.toNearestOrEven))
    }
    return Int128(below) + (lost > 0 ? 1 : 0)
}

/// A count without decimals.
func whole(_ value: Double) -> String { "\(Int128(max(0, value).rounded()))" }
