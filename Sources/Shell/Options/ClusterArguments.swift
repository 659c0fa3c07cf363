package import Warehouse

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The options that say how a warehouse is opened or made; the shell and `init` share them.
package enum ClusterArguments {
    /// Options for the cluster's shape and memory, as the command line gives them.
    ///
    /// Nil for an option that was not given. The sentence of what is wrong, or the options.
    package static func options(
        path: String,
        nodes: String?,
        slicesPerNode: String?,
        disksPerSlice: String?,
        memory: String?
    ) -> Result<WarehouseOptions, ClusterArgumentError> {
        var options = WarehouseOptions(path: path)
        let given = [
            ("nodes", nodes), ("slices-per-node", slicesPerNode),
            ("disks-per-slice", disksPerSlice), ("memory", memory),
        ]
        do throws(UsageError) {
            for (name, value) in given {
                if let value { try apply(name, value: value, to: &options) }
            }
        } catch {
            return .failure(ClusterArgumentError(message: error.message))
        }
        return .success(options)
    }

    static func apply(
        _ name: String,
        value: String,
        to options: inout WarehouseOptions
    ) throws(UsageError) {
        switch name {
        case "read-only": options.isReadOnly = true
        case "memory": options.memoryBytes = try memoryBytes(value)
        case "nodes": options.nodes = try count(value, of: name, upTo: 128)
        case "disks-per-slice": options.disksPerSlice = try count(value, of: name, upTo: 64)
        case "slices-per-node" where value == "auto":
            options.slicesPerNode = max(1, coreCount / max(1, options.nodes))
        case "slices-per-node": options.slicesPerNode = try count(value, of: name, upTo: 128)
        default: throw UsageError(message: "unrecognized option '--\(name)'")
        }
    }

    /// A size such as `512MB`, `2G` or `1.5GB`; a number alone counts bytes.
    static func memoryBytes(_ text: String) throws(UsageError) -> Int {
        let refusal = UsageError(
            message:
                "invalid size \"\(text)\" for --memory: a number with kB, MB, GB or TB expected"
        )
        let number = text.prefix { $0.isNumber || $0 == "." }
        var unit = text.dropFirst(number.count).uppercased()
        if unit.hasPrefix(" ") { unit.removeFirst() }
        if unit.hasSuffix("IB") {
            unit.removeLast(2)
        } else if unit.hasSuffix("B") {
            unit.removeLast()
        }
        let shifts = ["": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        guard let amount = Double(number), let shift = shifts[unit] else { throw refusal }
        let bytes = amount * Double(1 << shift)
        guard bytes >= 1, bytes < 1e18 else { throw refusal }
        return Int(bytes)
    }

    private static func count(
        _ text: String,
        of option: String,
        upTo limit: Int
    ) throws(UsageError) -> Int {
        guard let number = Int(text), (1...limit).contains(number) else {
            throw UsageError(
                message:
                    "invalid value \"\(text)\" for --\(option): a number from 1 to \(limit) expected"
            )
        }
        return number
    }

    private static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// What is wrong with an option of the cluster.
package struct ClusterArgumentError: Error {
    /// The sentence for the user.
    package let message: String
}
