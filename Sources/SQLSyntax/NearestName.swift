/// The name that needs the fewest edits to become `name`; nil if none is near.
///
/// Near means one edit per three letters, at most three; the first of equals wins.
package func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    var distanceMax = min(3, max(1, wanted.count / 3))
    guard wanted.count <= 127, !wanted.isEmpty else { return nil }
    var best: String?
    for candidate in candidates {
        let letters = Array(candidate.utf8)
        guard abs(letters.count - wanted.count) <= distanceMax else { continue }
        let distance = editDistance(wanted, letters)
        guard distance <= distanceMax, best == nil || distance < distanceMax else { continue }
        guard distance < letters.count else { continue }
        best = candidate
        distanceMax = distance
    }
    return best
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in 0..<left.count {
        var current = [i + 1]
        current.reserveCapacity(right.count + 1)
        for j in 0..<right.count {
            var cost = min(last[j + 1] + 1, current[j] + 1)
            cost = min(cost, last[j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
