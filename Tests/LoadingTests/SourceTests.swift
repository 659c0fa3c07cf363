import Loading
import SQLTypes
import Testing

@Suite struct SourceTests {
    private func state(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? SQLError)?.state.code }
    }

    @Test func `a source is a prefix of paths, in order of names`() throws {
        let files = try TemporaryFiles()
        for name in ["part-2", "part-10", "part-1.bak", "other"] { files.write(name, "1\n") }
        let found = try resolveSource(files.directory + "/part", options: CopyOptions())
        #expect(
            found.map { $0.path.dropFirst(files.directory.count + 1) }
                == ["part-1.bak", "part-10", "part-2"]
        )
        let all = try resolveSource("file://" + files.directory + "/", options: CopyOptions())
        #expect(all.count == 4)
        #expect(
            state { _ = try resolveSource(files.directory + "/no", options: CopyOptions()) }
                == "58P01"
        )
        #expect(state { _ = try resolveSource("s3://bucket/x", options: CopyOptions()) } == "0A000")
    }

    @Test func `a manifest names files and what must be in them`() throws {
        let files = try TemporaryFiles()
        let a = files.write("a", "1|x\n")
        let manifest = files.write("m", try createManifest(files: [a]))
        #expect(try verifyManifest(path: manifest).count == 1)
        let found = try resolveSource(manifest, options: try options(("MANIFEST", [])))
        for file in found { try file.verify() }
        let hash = try #require(found.first?.expectedSHA256)
        #expect(hash.utf8.count == 64)
        files.write("a", "1|y\n")
        do {
            _ = try verifyManifest(path: manifest)
            Issue.record("a wrong byte was not noticed")
        } catch {
            #expect(error.state == .dataCorrupted)
            #expect(error.message.contains(a))
            #expect(error.detail?.contains(hash) == true)
        }
        files.write("a", "1|longer\n")
        #expect(state { _ = try verifyManifest(path: manifest) } == "XX001")
    }

    @Test func `missing files of a manifest matter where they are mandatory`() throws {
        let files = try TemporaryFiles()
        files.write("a", "1\n")
        let withManifest = try options(("MANIFEST", []))
        let optional = files.write(
            "o",
            #"{"entries": [{"url": "a"}, {"url": "b", "mandatory": false, "x": [1.5e3, null]}]}"#
        )
        #expect(try resolveSource(optional, options: withManifest).count == 1)
        let mandatory = files.write(
            "m",
            #"{"entries": [{"url": "a"}, {"url": "b", "mandatory": true}]}"#
        )
        #expect(state { _ = try resolveSource(mandatory, options: withManifest) } == "58P01")
        let none = files.write("n", #"{"entries": [{"url": "b"}]}"#)
        #expect(state { _ = try resolveSource(none, options: withManifest) } == "58P01")
    }

    @Test func `what is no manifest is refused`() throws {
        let files = try TemporaryFiles()
        let texts = [
            "", "{", "[]", #"{"entries": 1}"#, #"{"entries": [{}]}"#, #"{"entries": []} x"#,
            #"{"entries": [{"url": "a", "mandatory": 1}]}"#,
            #"{"entries": [{"url": "a", "meta": {"content_length": -1}}]}"#,
            #"{"entries": [{"url": "a", "meta": {"sha256": "12"}}]}"#,
            #"{"entries": [{"url": "a",}]}"#, String(repeating: "[", count: 5000),
        ]
        for (index, text) in texts.enumerated() {
            let path = files.write("m\(index)", text)
            #expect(state { _ = try verifyManifest(path: path) } == "22P04", "\(text)")
        }
    }

    @Test func `options and their conflicts`() throws {
        let parsed = try options(
            ("csv", []),
            ("quote", ["'"]),
            ("ignoreheader", ["2"]),
            ("null", ["\\0"]),
            ("iam_role", ["default"]),
            ("region", ["x"]),
            ("compupdate", ["off"])
        )
        #expect(parsed.delimiter == UInt8(ascii: ",") && parsed.quote == UInt8(ascii: "'"))
        #expect(parsed.nullText == [0] && parsed.compressionUpdate == .off)
        #expect(try options(("DELIMITER", ["\\t"])).delimiter == 9)
        #expect(try options(("DELIMITER", ["\\001"])).delimiter == 1)
        #expect(state { _ = try options(("CSV", []), ("ESCAPE", [])) } == "42601")
        #expect(state { _ = try options(("GZIP", []), ("ZSTD", [])) } == "42601")
        #expect(state { _ = try options(("DELIMITER", ["ab"])) } == "42601")
        #expect(state { _ = try options(("MAXERROR", ["100001"])) } == "42601")
        #expect(state { _ = try options(("QUOTE", ["x"])) } == "42601")
        #expect(state { _ = try options(("PARQUET", [])) } == "0A000")
        #expect(state { _ = try options(("BOGUS", [])) } == "42601")
        #expect(try options().errorLimit == 1)
        #expect(try options(("IGNOREALLERRORS", [])).errorLimit == nil)
    }
}
