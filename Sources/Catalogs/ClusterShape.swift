/// The number of a slice in the cluster, from 0; node n of s slices owns `n * s ..< (n + 1) * s`.
package typealias SliceID = Int

/// How many nodes, slices and disks a cluster has.
package struct ClusterShape: Hashable, Sendable {
    /// Compute nodes.
    package var nodeCount: Int
    /// Slices of each node.
    package var slicesPerNode: Int
    /// Disks of each slice.
    package var disksPerSlice: Int

    /// Makes a shape; the default cluster is 2 × 2.
    package init(nodeCount: Int = 2, slicesPerNode: Int = 2, disksPerSlice: Int = 1) {
        self.nodeCount = nodeCount
        self.slicesPerNode = slicesPerNode
        self.disksPerSlice = disksPerSlice
    }

    /// Slices of the whole cluster.
    package var sliceCount: Int { nodeCount * slicesPerNode }

    /// The node that owns a slice.
    package func node(of slice: SliceID) -> Int { slice / slicesPerNode }

    /// The first slice of each node: where a DISTSTYLE ALL table's copies lie.
    package var firstSlices: [SliceID] { (0..<nodeCount).map { $0 * slicesPerNode } }
}
