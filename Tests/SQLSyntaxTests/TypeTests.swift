import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct TypeTests {
    @Test(arguments: [
        ("smallint", DataType.smallint), ("int2", .smallint), ("INT", .integer), ("int4", .integer),
        ("bigint", .bigint), ("int8", .bigint), ("decimal", .decimal(precision: 18, scale: 0)),
        ("numeric(10)", .decimal(precision: 10, scale: 0)),
        ("decimal(38, 37)", .decimal(precision: 38, scale: 37)), ("real", .real), ("float4", .real),
        ("float", .doublePrecision), ("float8", .doublePrecision), ("float(24)", .real),
        ("double precision", .doublePrecision), ("bool", .boolean), ("char", .char(1)),
        ("char(10)", .char(10)), ("char(max)", .char(4_096)), ("bpchar", .char(256)),
        ("nchar(3)", .char(3)), ("character varying(20)", .varchar(20)), ("varchar", .varchar(256)),
        ("varchar(max)", .varchar(65_535)), ("text", .varchar(256)), ("nvarchar(5)", .varchar(5)),
        ("date", .date), ("time", .time), ("time without time zone", .time),
        ("timestamp", .timestamp), ("timestamp without time zone", .timestamp),
        ("timestamp with time zone", .timestampTZ), ("timestamptz", .timestampTZ),
        ("interval year to month", .interval),
    ])
    func `types have all of Redshift's names`(text: String, type: DataType) throws {
        guard case .cast(let cast) = try kind("cast(x as \(text))") else {
            Issue.record("no cast")
            return
        }
        #expect(cast.type == type)
        #expect(cast.typePosition == 10)
    }

    @Test(arguments: [
        ("char(4097)", SQLState.invalidParameterValue, "length for type char cannot exceed 4096"),
        ("varchar(65536)", .invalidParameterValue, "length for type varchar cannot exceed 65535"),
        ("varchar(0)", .invalidParameterValue, "length for type varchar must be at least 1"),
        ("decimal(39)", .invalidParameterValue, "DECIMAL precision 39 must be between 1 and 38"),
        ("decimal(5,6)", .invalidParameterValue, "DECIMAL scale 6 must be between 0 and 5"),
        ("nosuch", .undefinedObject, "type \"nosuch\" does not exist"),
        ("geometry", .featureNotSupported, "type geometry is not supported"),
        ("int[]", .featureNotSupported, "an array type is not supported"),
    ])
    func `bad types say what is wrong with them`(
        text: String,
        state: SQLState,
        message: String
    ) throws {
        let error = try #require(failure("select cast(x as \(text))"))
        #expect(error.state == state)
        #expect(error.message == message)
        #expect((error.position ?? 0) >= 17)
    }
}
