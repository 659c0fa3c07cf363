package import Catalogs

/// The directories in which the slices of a cluster keep rows that do not fit in their memory.
///
/// A file made there ends with `.spill` and has no name any more once it is open, so that nothing
/// is left when a process is killed; one that was killed between the two leaves an empty file,
/// which is swept when the warehouse is opened.
package struct SpillPlace: Sendable {
    /// Through which files are made, so that a test twin can fail each call.
    package let files: any FileSystem
    /// The directories of each slice's disks.
    package let disks: [[String]]

    /// Makes a place in which all slices share one directory.
    package init(directory: String, shape: ClusterShape, files: any FileSystem) {
        self.files = files
        disks = Array(repeating: [directory], count: shape.sliceCount)
    }

    init(place: ExtentPlace) {
        files = place.files
        disks = (0..<place.shape.sliceCount).map { slice in
            (0..<place.shape.disksPerSlice).map { place.diskDirectory(slice: slice, disk: $0) }
        }
    }
}

extension Store {
    /// Where slices spill: on their own disks.
    package var spillPlace: SpillPlace { SpillPlace(place: place) }
}
