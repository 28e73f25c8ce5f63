import KubernetesObjects
import PolicyModel
import Testing

@Suite struct AnswerTests {
    @Test("A full object means the same whether all of it is read or what is needed", arguments: FullObject.all)
    func projections(kind: ObjectReference.Kind, text: String) throws {
        let whole = try decodeWhole(kind, text)
        let object = try #require(whole.object)
        let isDecision = kind == .namespace || object.reference.kind.rawValue.hasSuffix("Policy")
        let (objects, page) = try readList(kind, list(kind, items: "[\(text), \(text)]"))
        #expect(page == ListPage(resourceVersion: "7", continueToken: "t"))
        let expected = APIObject(
            reference: object.reference, resourceVersion: isDecision ? "7" : "", object: object,
            diagnostics: whole.diagnostics,
            provenance: isDecision ? Provenance(resourceVersion: "7") : nil)
        #expect(objects == [expected, expected])
        var watched = expected
        watched.resourceVersion = "7"
        #expect(try readLine(kind, "{\"type\":\"MODIFIED\",\"object\":\(text)}") == .changed(watched))
        #expect(
            try readLine(kind, "{\"type\":\"DELETED\",\"object\":\(text)}")
                == .deleted(object.reference, resourceVersion: "7"))
    }

    @Test("Who wrote a policy last is told, who wrote its status is not")
    func provenance() throws {
        let text = """
            {"metadata":{"name":"p","namespace":"x","resourceVersion":"12","managedFields":[
            {"manager":"argocd","operation":"Apply","time":"2026-11-20T10:00:00Z","fieldsV1":{"f:spec":{}}},
            {"manager":"kubectl-edit","operation":"Update","time":"2026-11-21T10:00:00Z"},
            {"manager":"controller","operation":"Update","time":"2026-11-22T10:00:00Z","subresource":"status"}]},
            "spec":{"podSelector":{}}}
            """
        let expected = Provenance(
            resourceVersion: "12", manager: "kubectl-edit", operation: "Update", time: "2026-11-21T10:00:00Z")
        let (objects, _) = try readList(.networkPolicy, list(.networkPolicy, items: "[\(text)]"))
        #expect(objects.map(\.provenance) == [expected])
        let line = text.split(separator: "\n").joined()
        guard case .changed(let object) = try readLine(.networkPolicy, "{\"type\":\"ADDED\",\"object\":\(line)}")
        else { return #expect(Bool(false), "no change") }
        #expect(object.provenance == expected)
    }

    @Test("Each field of a full object counts: the decoders do read what is there")
    func fullObjects() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        #expect(
            try decodeWhole(.pod, FullObject.pod).object
                == .pod(
                    Pod(
                        key: NamespacedName("x", "p"), uid: "u", labels: ["a": "b", "e": ""], nodeName: "n",
                        serviceAccount: "sa", hostNetwork: true, ready: false,
                        addresses: [try address("10.0.0.1"), try address("fd00::1")],
                        namedPorts: [
                            NamedPort(name: "side", protocol: .tcp, number: 15001),
                            NamedPort(name: "web", protocol: .udp, number: 8080),
                        ], mirror: Pod.Mirror(hash: hash, created: "2024-01-01T00:00:00Z"), keepsNetRaw: true)))
        #expect(
            try decodeWhole(.node, FullObject.node).object
                == .node(
                    Node(
                        name: "n", labels: ["zone": "z"],
                        addresses: [try address("192.0.2.1"), try address("2001:db8::1"), try address("192.0.2.9")])))
        for (kind, text) in FullObject.all { #expect(try decodeWhole(kind, text).diagnostics == [], "\(kind)") }
    }

    @Test(
        "What is read past must be JSON too",
        arguments: [
            "{\"z\":[1,}]}", "{\"z\":{\"a\" 1}}", "{\"z\":\"\\x\"}", "{\"z\":\"\\ud800\"}", "{\"z\":01}", "{\"z\":tru}",
            "{\"z\":\"\u{1}\"}", "{\"z\":{\"a\":1,}}", "{\"z\":[}", "{\"z\"}", "{z:1}",
        ])
    func brokenParts(item: String) {
        #expect(throws: TextError.self) { try readList(.pod, list(.pod, items: "[\(item)]")) }
    }

    @Test("What is read past may nest only as deep as what is kept")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            "[{\"z\":\(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))}]"
        }
        #expect(try readList(.pod, list(.pod, items: nested(90))).objects.count == 1)
        #expect(throws: TextError.self) { try readList(.pod, list(.pod, items: nested(200))) }
    }

    @Test("A text that ends early is never taken for a whole one")
    func truncation() throws {
        let text = list(.pod, items: "[\(FullObject.pod)]")
        let line = "{\"type\":\"ADDED\",\"object\":\(FullObject.pod)}"
        for length in 0..<text.utf8.count {
            #expect(throws: TextError.self) { try ListReader(.pod).read(Array(text.utf8.prefix(length))) { _ in } }
        }
        for length in 0..<line.utf8.count {
            #expect(throws: TextError.self) { try WatchReader(.pod).read(Array(line.utf8.prefix(length))) }
        }
    }

    @Test("Keys with escapes are the same keys; strings of any length are read past in whole")
    func escapes() throws {
        for length in 0..<40 {
            let text = String(repeating: "é", count: length) + "\\\"}" + String(repeating: "x", count: length)
            let item = "{\"z\\\"\":\"\(text)\",\"meta\\u0064ata\":{\"n\\u0061me\":\"a\\u0062\",\"q\":\"\(text)\"}}"
            let objects = try readList(.pod, list(.pod, items: "[\(item)]")).objects
            #expect(objects.map(\.reference) == [ObjectReference(.pod, "default", "ab")])
        }
    }

    @Test("Keys given twice are told of, where they are read")
    func duplicates() throws {
        let objects = try readList(
            .pod, list(.pod, items: #"[{"metadata":{"name":"a","uid":"x","uid":"y","z":1,"z":2}}]"#)
        ).objects
        #expect(objects.first?.diagnostics.map(\.field) == ["metadata.uid"])
    }

    @Test(
        "An answer that is not such a list is not an empty one",
        arguments: [
            "{}", "[]", "", "null", "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"}}",
            "{\"kind\":\"PodList\",\"items\":[]}",
            "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"\"},\"items\":[]}",
            "{\"kind\":\"Status\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}", "<html>",
            "{\"kind\":\"NodeList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}",
            "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":{}}",
            "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[],\"items\":[]}",
            "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]} {}",
        ])
    func notLists(text: String) {
        #expect(throws: TextError.self) { try readList(.pod, text) }
    }

    @Test("A list may be empty, and its parts may come in any order")
    func emptyLists() throws {
        #expect(try readList(.pod, list(.pod, items: "null")).objects == [])
        #expect(try readList(.pod, list(.pod, items: "[]")).objects == [])
        let turned = #"{"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"1"},"kind":"PodList"}"#
        #expect(try readList(.pod, turned).objects.count == 1)
    }

    @Test("A limit of values is one for each item")
    func values() throws {
        let items = "[" + Array(repeating: "{\"metadata\":{\"name\":\"a\"}}", count: 50).joined(separator: ",") + "]"
        let bytes = Array(list(.pod, items: items).utf8)
        _ = try ListReader(.pod, limits: TextLimits(values: 10)).read(bytes) { _ in }
        #expect(throws: TextError.self) {
            try ListReader(.pod, limits: TextLimits(values: 2)).read(bytes) { _ in }
        }
        #expect(throws: TextError.self) {
            try ListReader(.pod, limits: TextLimits(bytes: 100)).read(bytes) { _ in }
        }
    }

    @Test("An object without a name, or of no text at all, is told of beside the others")
    func unnamed() throws {
        let objects = try readList(.pod, list(.pod, items: #"[{}, 1, {"metadata":{"name":"a"}}]"#)).objects
        #expect(objects.map(\.isUnreadable) == [true, true, false])
        #expect(objects.map(\.diagnostics.isEmpty) == [false, false, true])
    }

    @Test("Bookmarks and errors of a watch")
    func otherLines() throws {
        let bookmark =
            #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9","creationTimestamp":null}}}"#
        #expect(try readLine(.pod, bookmark) == .bookmark(resourceVersion: "9"))
        let status = """
            {"type":"ERROR","object":{"kind":"Status","metadata":{},"status":"Failure","code":429,"reason":"TooManyRequests",
            "message":"slow","details":{"retryAfterSeconds":3}}}
            """
        #expect(
            try readLine(.pod, status)
                == .error(WatchEvent.Status(code: 429, reason: "TooManyRequests", message: "slow", retryAfter: 3)))
        #expect(try readLine(.pod, #"{"type":"ERROR","object":{}}"#) == .error(WatchEvent.Status(code: 500)))
    }

    @Test(
        "Lines that are no events",
        arguments: [
            "{}", "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":1}",
            "{\"type\":\"NEW\",\"object\":{\"metadata\":{\"resourceVersion\":\"1\"}}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}", "{\"type\":\"BOOKMARK\",\"object\":{}}",
            "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"resourceVersion\":\"1\"}}}", "null",
        ])
    func notEvents(line: String) {
        #expect(throws: TextError.self) { try readLine(.pod, line) }
    }

    @Test(
        "A field from the future narrows a policy of the API, and warns in a file",
        arguments: [
            ("{\"podSelector\":{},\"egress\":[{},{\"FIELD\":1}]}", 1),
            ("{\"podSelector\":{},\"egress\":[{\"to\":[{\"podSelector\":{},\"FIELD\":1}]}]}", 0),
            ("{\"podSelector\":{},\"egress\":[{\"ports\":[{\"port\":1,\"FIELD\":1}]}]}", 0),
            ("{\"podSelector\":{},\"egress\":[{\"to\":[{\"ipBlock\":{\"cidr\":\"10.0.0.0/8\",\"FIELD\":1}}]}]}", 0),
            ("{\"podSelector\":{},\"egress\":[{\"to\":[{\"podSelector\":{\"FIELD\":1}}]}]}", 0),
            ("{\"podSelector\":{\"FIELD\":1},\"egress\":[{}]}", 0),
            ("{\"podSelector\":{},\"FIELD\":1,\"egress\":[{}]}", 1),
        ])
    func futureFields(spec: String, rules: Int) throws {
        let item = "{\"metadata\":{\"name\":\"p\"},\"spec\":\(spec)}"
        let object = try #require(try readList(.networkPolicy, list(.networkPolicy, items: "[\(item)]")).objects.first)
        guard case .networkPolicy(let policy) = object.object else {
            Issue.record("no policy")
            return
        }
        #expect(policy.isolates.contains(.egress) && policy.rules.count == rules)
        let (fromFile, errors) = try readPolicy(spec: spec)
        #expect(errors == [] && fromFile.rules.count >= 1)
    }

    @Test(
        "Only kubelet's own image of a static pod is a mirror",
        arguments: [
            ("", "", true), ("\"kind\":\"Node\"", "\"kind\":\"ReplicaSet\"", false),
            ("\"name\":\"n\"", "\"name\":\"m\"", false),
            ("\"controller\":true", "\"controller\":false", false),
            ("{\"apiVersion\":\"v1\"", "{\"apiVersion\":\"apps/v1\"", false),
            ("config.mirror\":\"0", "config.mirror\":\"1", false), ("config.mirror", "config.seen", false),
            ("0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789abcdef", false),
            ("0123456789abcdef0123456789abcdef", "mirror", false), ("\"nodeName\":\"n\",", "", false),
        ])
    func mirrors(part: String, other: String, isMirror: Bool) throws {
        let text =
            part.isEmpty
            ? FullObject.pod
            : FullObject.pod.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
        guard case .pod(let pod) = try decodeWhole(.pod, text).object else {
            Issue.record("no pod")
            return
        }
        #expect((pod.mirror != nil) == isMirror)
    }

    @Test("Nodes are read from files too")
    func nodesInFiles() throws {
        let object = try readOne(
            "{apiVersion: v1, kind: Node, metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}"
        )
        #expect(object == .node(Node(name: "n", addresses: [try address("192.0.2.1")])))
    }
}
