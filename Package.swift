// swift-tools-version: 6.2
import PackageDescription

// Modules in the order of their layers; each imports only what stands above it here.
// `Sources/Warehouse/Documentation.docc/Architecture.md` says what each must not know.

let package = Package(
    name: "slicehouse",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "slicehouse", targets: ["slicehouse"]),
        .library(name: "Warehouse", targets: ["Warehouse"]),
    ],
    dependencies: [
        // SQLite with checked statements: the catalog's transactions are the commit.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Subcommands, help and completions of the executable.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256 of manifest entries.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(name: "CKernels"),
        // zstd, lz4 and zlib behind one header: block encodings and compressed input files.
        .target(
            name: "CCodecs",
            linkerSettings: [
                .linkedLibrary("zstd"), .linkedLibrary("lz4"), .linkedLibrary("z"),
            ]
        ),
        // PCRE2: regular expressions with machine code, limits and a search that finds the longest
        // match, which POSIX wants; RE2 would need C++ and has no look-around for the PCRE dialect.
        .target(name: "CRegularExpressions", linkerSettings: [.linkedLibrary("pcre2-8")]),
        // SQLite's calls on files, answered by Swift: tests fail each call of a commit with it, and
        // readers open a catalog that they cannot write.
        .target(name: "CSQLiteFiles", linkerSettings: [.linkedLibrary("sqlite3")]),
        // GNU readline; `SLICEHOUSE_LINE_EDITOR=edit` builds against libedit instead.
        .target(
            name: "CLineEditor",
            cSettings: lineEditor == "edit" ? [.define("SLICEHOUSE_LIBEDIT")] : [],
            linkerSettings: [.linkedLibrary(lineEditor == "edit" ? "edit" : "readline")]
        ),
        .target(name: "SQLTypes"),
        .target(name: "Vectors", dependencies: ["SQLTypes", "CKernels"]),
        .target(name: "SQLSyntax", dependencies: ["SQLTypes"]),
        .target(name: "Catalogs", dependencies: ["SQLTypes"]),
        .target(
            name: "Functions",
            dependencies: ["SQLTypes", "Vectors", "CRegularExpressions"]
        ),
        .target(name: "Plans", dependencies: ["SQLTypes", "Catalogs", "Functions", "Vectors"]),
        .target(
            name: "Planning",
            dependencies: ["SQLTypes", "SQLSyntax", "Catalogs", "Functions", "Plans", "Vectors"]
        ),
        .target(
            name: "Storage",
            dependencies: [
                "SQLTypes", "Vectors", "Catalogs", "CKernels", "CCodecs", "CSQLiteFiles",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(
            name: "Loading",
            dependencies: [
                "SQLTypes", "Vectors", "CCodecs", "CKernels",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "Execution",
            dependencies: [
                "SQLTypes", "Vectors", "Catalogs", "Functions", "Plans", "Storage", "Loading",
                "CKernels",
            ]
        ),
        .target(
            name: "Warehouse",
            dependencies: [
                "SQLTypes", "SQLSyntax", "Vectors", "Catalogs", "Functions", "Plans", "Planning",
                "Storage", "Loading", "Execution",
            ]
        ),
        .target(name: "Shell", dependencies: ["Warehouse", "CLineEditor"]),
        .executableTarget(
            name: "slicehouse",
            dependencies: [
                "Shell", "Warehouse",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ] + testTargets
)

/// One test target per module, plus the SQL logic tests that run whole scripts.
var testTargets: [Target] {
    [
        .testTarget(name: "SQLTypesTests", dependencies: ["SQLTypes"]),
        .testTarget(name: "VectorsTests", dependencies: ["Vectors", "SQLTypes"]),
        .testTarget(name: "SQLSyntaxTests", dependencies: ["SQLSyntax", "SQLTypes"]),
        .testTarget(name: "FunctionsTests", dependencies: ["Functions", "Vectors", "SQLTypes"]),
        .testTarget(
            name: "PlanningTests",
            dependencies: [
                "Planning", "Plans", "SQLSyntax", "Catalogs", "Functions", "SQLTypes", "Vectors",
            ],
            exclude: ["Goldens"]
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "Vectors", "Catalogs", "SQLTypes"]
        ),
        .testTarget(name: "LoadingTests", dependencies: ["Loading", "Vectors", "SQLTypes"]),
        .testTarget(
            name: "ExecutionTests",
            dependencies: [
                "Execution", "Plans", "Functions", "Storage", "Vectors", "Catalogs", "SQLTypes",
            ]
        ),
        .testTarget(name: "WarehouseTests", dependencies: ["Warehouse"]),
        .testTarget(name: "ShellTests", dependencies: ["Shell", "Warehouse"]),
        .testTarget(
            name: "SQLLogicTests",
            dependencies: ["Warehouse", "SQLSyntax"],
            exclude: ["scripts", "generators"]
        ),
    ]
}

// `scripts/docs` builds the documentation; nothing else needs its plugin.
if Context.environment["SLICEHOUSE_DOCS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.0.0")
    )
}

/// The line editor the shell links: GNU readline unless `SLICEHOUSE_LINE_EDITOR=edit`.
var lineEditor: String {
    Context.environment["SLICEHOUSE_LINE_EDITOR"] == "edit" ? "edit" : "readline"
}

for target in package.targets where target.type != .system {
    guard !target.name.hasPrefix("C") || target.name == "Catalogs" else { continue }
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
