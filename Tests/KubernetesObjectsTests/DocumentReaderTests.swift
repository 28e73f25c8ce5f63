import KubernetesObjects
import Testing

@Suite struct DocumentReaderTests {
    private func values(_ text: String) throws -> [JSONValue] {
        try DocumentReader().read(Array(text.utf8)).map { strip($0.value) }
    }

    /// Without lines, to compare with literals.
    private func strip(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(strip))
        case .object(let object):
            .object(JSONObject(object.fields.mapValues(strip), duplicates: object.duplicates))
        default: value
        }
    }

    @Test(
        "reads one value",
        arguments: [
            ("a: 80", ["a": 80]), ("a: \"80\"", ["a": "80"]), ("a: '80'", ["a": "80"]),
            ("a: !!str 80", ["a": "80"]), ("a: 0x50", ["a": 80]), ("a: 0o17", ["a": 15]), ("a: 017", ["a": 15]),
            ("a: 0080", ["a": .double(80)]), ("a: +8", ["a": 8]), ("a: -8", ["a": -8]), ("a: 1_0", ["a": "1_0"]),
            ("a: 1.5", ["a": .double(1.5)]), ("a: 1e3", ["a": .double(1000)]), ("a: .5", ["a": .double(0.5)]),
            ("a: 10.0.0.0", ["a": "10.0.0.0"]), ("a: 1-2", ["a": "1-2"]),
            ("a: fd00::1", ["a": "fd00::1"]), ("a: 99999999999999999999", ["a": .double(1e20)]),
            ("a: true", ["a": true]), ("a: on", ["a": true]), ("a: No", ["a": false]), ("a: y", ["a": "y"]),
            ("a: ~", ["a": .null]), ("a:", ["a": .null]), ("a: null", ["a": .null]), ("a: ''", ["a": ""]),
            ("a: 2020-01-01", ["a": "2020-01-01"]), ("on: 1", ["on": 1]), ("80: 1", ["80": 1]),
            ("a: {}\nb: []", ["a": [:], "b": []]), ("a: |\n  x\n  y\n", ["a": "x\ny\n"]),
            ("{a: b, c: [1, x]}", ["a": "b", "c": [1, "x"]]),
            ("a: &x {b: 1}\nc: *x", ["a": ["b": 1], "c": ["b": 1]]),
            ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", ["a": ["b": 1, "c": 2], "d": ["b": 1, "c": 3]]),
            ("a: {\"<<\": 1}", ["a": ["<<": 1]]),
            ("{\"a\": \"\\u00e9\\ud83d\\ude00\\n\"}", ["a": "é😀\n"]),
            ("{\"a\": -1.5e2, \"b\": [true, false, null]}", ["a": .double(-150), "b": [true, false, .null]]),
            ("\u{feff}{\"a\": 1}", ["a": 1]), ("\u{feff}a: 1", ["a": 1]),
        ] as [(String, JSONValue)])
    func readsOneValue(text: String, expected: JSONValue) throws {
        #expect(try values(text) == [expected])
    }

    @Test(
        "finds objects",
        arguments: [
            ("", []), ("# nothing\n", []), ("---\n---\n", []), ("null", []),
            ("---\na: 1\n---\n---\nb: 2\n", [["a": 1], ["b": 2]]),
            ("{\"a\":1}\n{\"b\":2}", [["a": 1], ["b": 2]]),
            ("{\"a\":1}\n---\n{\"b\":2}", [["a": 1], ["b": 2]]),
            ("[{\"a\":1},{\"b\":2}]", [["a": 1], ["b": 2]]),
            ("{\"objects\":[{\"a\":1}],\"id\":\"x\"}", [["a": 1]]), ("objects:\n- a: 1\n", [["a": 1]]),
            (
                "{\"kind\":\"List\",\"items\":[{\"a\":1},{\"kind\":\"List\",\"items\":[{\"b\":1}]}]}",
                [["a": 1], ["b": 1]]
            ),
            ("kind: List\nitems:\n", []), ("kind: PodList\n", []),
            (
                "kind: PodList\napiVersion: v1\nitems:\n- a: 1\n- kind: Other\n",
                [["a": 1, "kind": "Pod", "apiVersion": "v1"], ["kind": "Other", "apiVersion": "v1"]]
            ),
        ] as [(String, [JSONValue])])
    func findsObjects(text: String, expected: [JSONValue]) throws {
        #expect(try values(text) == expected)
    }

    @Test("every field has its line") func tellsPlaces() throws {
        let yaml = try DocumentReader().read(Array("# x\na: 1\n---\nkind: List\nitems:\n- b: 1\n- c: 1\n".utf8))
        #expect(yaml.map(\.document) == [1, 2, 2])
        #expect(yaml.map(\.line) == [2, 6, 7])
        let json = try DocumentReader().read(Array("{\"objects\": [\n {\"a\": 1},\n {\"b\": 1}]}".utf8))
        #expect(json.map(\.line) == [2, 3])
    }

    @Test(
        "text that is no YAML is refused",
        arguments: [
            ("a: [1, 2\nb: 1", 2), ("a: 1\n---\nb: \"x\n", 0), ("a: 1\n b: 2", 2), ("a: *none", 1), ("a: !x 1", 1),
            ("? [a]\n: 1", 1), ("\t- a", 1), ("{\"a\": }", 1), ("{\"a\": 1,\n \"b\" 2}", 2), ("{\"a\": 1", 1),
            ("{\"a\": \"x", 1), ("{\"a\": 01}", 1), ("{\"a\": 1} x: y: z", 1), ("[1, 2", 0),
            ("{\"a\": \"\\ud800\"}", 1),
            ("a: !!int x", 1), ("<<: 1", 0), ("{", 1), ("{\"a\": tru}}", 1),
        ])
    func refuses(text: String, line: Int) {
        let error = #expect(throws: TextError.self) { try DocumentReader().read(Array(text.utf8)) }
        if line > 0 { #expect(error?.line == line, "\(error?.description ?? "")") }
        #expect(error?.message.isEmpty == false)
    }

    @Test(
        "refuses binaries",
        arguments: [
            ([0x61, 0x3a, 0x00], "NUL"), ([0x61, 0x3a, 0x20, 0xff], "UTF-8"), ([0x7f, 0x45, 0x4c, 0x46, 0], "NUL"),
            ([0xfe, 0xff, 0x61], "UTF-8"), ([0x7b, 0x22, 0xc3, 0x28, 0x22], "UTF-8"),
        ] as [([UInt8], String)])
    func refusesBinaries(bytes: [UInt8], word: String) {
        let error = #expect(throws: TextError.self) { try DocumentReader().read(bytes) }
        #expect(error?.message.contains(word) == true)
    }

    @Test(
        "nesting beyond the limit is refused",
        arguments: [
            String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
            String(repeating: "- ", count: 5_000), String(repeating: "{a: ", count: 5_000),
            String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
            String(repeating: "[a, ", count: 200),
        ])
    func refusesDepth(text: String) {
        let error = #expect(throws: TextError.self) { try DocumentReader().read(Array(text.utf8)) }
        #expect(error?.message.contains("deeper") == true || error?.message.contains("level") == true)
    }

    @Test("takes depth up to the limit") func takesDepthUpToTheLimit() throws {
        let text = String(repeating: "{\"a\":", count: 99) + "{}" + String(repeating: "}", count: 99)
        #expect(try DocumentReader().read(Array(text.utf8)).count == 1)
    }

    @Test("refuses alias bombs") func refusesAliasBombs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: TextError.self) { try DocumentReader().read(Array(text.utf8)) }
        #expect(error?.message.contains("aliases") == true)
    }

    @Test("refuses alias bombs as keys") func refusesAliasBombsAsKeys() {
        var text = "a0: &a0 {k: x}\n"
        for level in 1...40 { text += "a\(level): &a\(level) {x: *a\(level - 1), y: *a\(level - 1)}\n" }
        text += "? *a40\n: x\n"
        #expect(throws: TextError.self) { try DocumentReader().read(Array(text.utf8)) }
    }

    @Test("refuses more values than the limit") func refusesMoreValuesThanTheLimit() {
        let reader = DocumentReader(limits: TextLimits(values: 10))
        #expect(throws: TextError.self) { try reader.read(Array("[1,2,3,4,5,6,7,8,9,10]".utf8)) }
        #expect(throws: TextError.self) { try reader.read(Array("- 1\n- 2\n- [3,4,5,6,7,8,9]\n".utf8)) }
    }

    @Test("refuses long files") func refusesLongFiles() {
        let error = #expect(throws: TextError.self) {
            try DocumentReader(limits: TextLimits(bytes: 10)).read(Array("aaaaaaaaaaa".utf8))
        }
        #expect(error?.message.contains("11 bytes") == true)
    }

    @Test("marks keys given twice", arguments: ["a: 1\nb: 2\na: 3\na: 4\n", "{\"a\": 1, \"b\": 2, \"a\": 3}"])
    func marksKeysGivenTwice(text: String) throws {
        let raw = try DocumentReader().read(Array(text.utf8))
        guard case .object(let object) = try #require(raw.first).value else { return }
        #expect(object.duplicates == ["a"])
        #expect(object["a"] == 1)
    }
}
