#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The operating system, as far as the shell calls it, in terms of Swift values.
///
/// Failures come back as `errno`; nothing here throws or prints.
enum OperatingSystem {
    /// The descriptors every process starts with.
    static let standardInput: Int32 = STDIN_FILENO
    static let standardOutput: Int32 = STDOUT_FILENO
    static let standardError: Int32 = STDERR_FILENO

    /// The signals the shell ends by.
    static let interruptSignal: Int32 = SIGINT
    static let brokenPipeSignal: Int32 = SIGPIPE
    /// The error of writing into a pipe that nobody reads.
    static let brokenPipe: Int32 = EPIPE
    /// The error of reading a directory.
    static let isADirectory: Int32 = EISDIR

    /// The text of an `errno`, such as `No such file or directory`.
    static func message(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// The `errno` of the last call that failed.
    static var lastError: Int32 { errno }

    /// Writes all of `bytes`; 0, or the `errno` of the call that failed.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = systemWrite(descriptor, part.baseAddress, part.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&ready, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Writes text to standard error.
    static func writeError(_ text: String) {
        let bytes = Array(text.utf8)
        // Nowhere is left to say that this could not be said.
        _ = bytes.withUnsafeBytes { write($0, to: standardError) }
    }

    /// Reads up to `limit` bytes; empty at the end, nil with ``lastError`` on failure.
    static func read(_ descriptor: Int32, limit: Int) -> [UInt8]? {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
                count = systemRead(descriptor, buffer.baseAddress, limit)
                filled = max(0, count)
            }
            if count >= 0 { return bytes }
            if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&ready, 1, -1)
            } else if errno != EINTR {
                return nil
            }
        }
    }

    /// Opens a file for reading; negative with ``lastError`` on failure.
    static func openForReading(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

    /// Opens a file for writing, emptied or appended to; `mode` is for a new file.
    static func openForWriting(
        _ path: String,
        appending: Bool = false,
        mode: UInt32 = 0o666
    )
        -> Int32
    {
        open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC), mode_t(mode))
    }

    /// Removes a file; 0 or the `errno`.
    @discardableResult
    static func removeFile(_ path: String) -> Int32 { unlink(path) == 0 ? 0 : errno }

    /// Closes a descriptor; 0 or the `errno`.
    @discardableResult
    static func closeDescriptor(_ descriptor: Int32) -> Int32 {
        close(descriptor) == 0 ? 0 : errno
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The value of an environment variable.
    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Sets an environment variable, or removes it when `value` is nil.
    static func setEnvironment(_ name: String, _ value: String?) {
        if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }

    /// Changes the working directory; 0 or the `errno`.
    static func changeDirectory(_ path: String) -> Int32 { chdir(path) == 0 ? 0 : errno }

    /// The user's home directory, from `HOME`.
    static var homeDirectory: String? { environment("HOME") }
}

// Named so that they can be called from inside functions of the same names.

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, bytes, count)
}

private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, bytes, count)
}
