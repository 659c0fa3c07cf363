import SQLTypes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Input files, read with the system's own calls; every failure names the file.
enum FileSystem {
    /// Whether a path names a regular file, and its size; nil for nothing.
    static func status(of path: String) -> (isRegular: Bool, byteCount: Int)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (status.st_mode & S_IFMT == S_IFREG, Int(status.st_size))
    }

    /// The names in a directory, in any order; nil where it cannot be read.
    static func names(in directory: String) -> [String]? {
        guard let handle = opendir(directory) else { return nil }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The path from the root; relative ones count from the working directory.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// All bytes of a file.
    static func contents(of path: String) throws(SQLError) -> [UInt8] {
        let file = try InputFileHandle(path: path)
        var bytes = [UInt8](repeating: 0, count: max(4096, file.byteCount + 1))
        var length = 0
        while true {
            if length == bytes.count { bytes.append(contentsOf: repeatElement(0, count: length)) }
            let got = try file.read(into: &bytes, at: length)
            if got == 0 { break }
            length += got
        }
        return Array(bytes[0..<length])
    }

    /// The error of a failed call on a path, in the system's words: 58P01 or 58030.
    static func error(_ action: String, _ path: String) -> SQLError {
        let code = errno
        return SQLError(
            code == ENOENT ? .undefinedFile : .ioError,
            "could not \(action) file \"\(path)\"",
            detail: String(cString: strerror(code))
        )
    }
}

/// An open input file; closed when it goes.
final class InputFileHandle {
    private let descriptor: Int32
    private let path: String
    /// The size when it was opened.
    let byteCount: Int

    /// Opens a file for reading.
    ///
    /// - Throws: 58P01 where it does not exist, 58030 where it cannot be opened.
    init(path: String) throws(SQLError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw FileSystem.error("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = FileSystem.error("read", path)
            close(descriptor)
            throw error
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw SQLError(.ioError, "could not read file \"\(path)\"", detail: "Is a directory")
        }
        self.descriptor = descriptor
        self.path = path
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Moves to an offset from the start.
    func seek(to offset: Int) throws(SQLError) {
        if lseek(descriptor, off_t(offset), SEEK_SET) < 0 { throw FileSystem.error("read", path) }
    }

    /// Reads up to `count` bytes; 0 at the end.
    func read(into target: UnsafeMutableRawPointer, count: Int) throws(SQLError) -> Int {
        while true {
            #if canImport(Glibc)
            let got = Glibc.read(descriptor, target, count)
            #else
            let got = Darwin.read(descriptor, target, count)
            #endif
            if got >= 0 { return got }
            if errno != EINTR { throw FileSystem.error("read", path) }
        }
    }

    /// Reads at most `count` bytes to an array's start; 0 at the end.
    func read(into bytes: inout [UInt8], atMost count: Int) throws(SQLError) -> Int {
        let result = bytes.withUnsafeMutableBytes { raw -> Result<Int, SQLError> in
            guard let base = raw.baseAddress else { return .success(0) }
            return Result { () throws(SQLError) in
                try read(into: base, count: min(count, raw.count))
            }
        }
        return try result.get()
    }

    /// Reads into an array from index `start` on; 0 at the end.
    func read(into bytes: inout [UInt8], at start: Int) throws(SQLError) -> Int {
        let result = bytes.withUnsafeMutableBytes { raw -> Result<Int, SQLError> in
            guard let base = raw.baseAddress else { return .success(0) }
            return Result { () throws(SQLError) in
                try read(into: base + start, count: raw.count - start)
            }
        }
        return try result.get()
    }
}
