/// The program's version, as `--version` and the variable VERSION show it.
package enum ShellVersion {
    /// The number alone.
    package static let number = "0.1.0"
    /// The program's name and number.
    package static let banner = "slicehouse \(number)"
}
